"""What a version knows is told by the order of the log, whatever a clock that was set back says."""

from __future__ import annotations

from state import versions
from state.as_of import last_event_by, last_event_of
from state.database import Database
from state.events import head
from tests.state.builders import draft, publish

PUBLISHED_AT = "2026-11-26T06:00:00.000000Z"  # as `publish` has it; what happens here is earlier


def publication(db: Database) -> int:
    with db.reading() as connection:
        return versions.publication(connection, "3.1")


def known(db: Database) -> tuple[int, int]:
    """Return the newest event that the version knows, as it is drawn and as it is counted from."""
    with db.reading() as connection:
        version = versions.find_version(connection, "3.1")
        return last_event_by(connection, "3.1", PUBLISHED_AT), last_event_of(connection, version)


def test_what_the_log_has_after_a_publication_was_not_known_to_it(team: Database) -> None:
    draft(team, "3.1", 1)
    publish(team, "3.1")
    before = publication(team) - 1

    draft(team, "3.2", 2)  # under an earlier instant than that of the publication

    assert known(team) == (before, before)


def test_a_draft_knows_all_that_happened(team: Database) -> None:
    draft(team, "3.1", 1)
    draft(team, "3.2", 2)

    with team.reading() as connection:
        newest = last_event_of(connection, versions.find_version(connection, "3.2"))
        assert newest == head(connection)[0]
