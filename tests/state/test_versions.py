"""Versions are drafted, signed, published or rejected; what an older draft left is begun afresh."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from state import versions
from state.database import Database
from state.errors import BadInput, NotAllowed, NotFound
from state.events import events, head
from state.facts.words import SignatureVerdict, SignedKind, VersionKind, VersionState
from state.verify import verify
from state.versions import Signature, Version
from tests.state.builders import draft, publish, raise_signal, sign
from tests.state.helpers import ledger

DRAFT, SUPERSEDED, REJECTED, PUBLISHED = (
    VersionState.DRAFT,
    VersionState.SUPERSEDED,
    VersionState.REJECTED,
    VersionState.PUBLISHED,
)


def states(db: Database) -> dict[str, VersionState]:
    with db.reading() as connection:
        return {each.number: each.state for each in versions.versions(connection)}


def last_event(db: Database) -> int:
    with db.reading() as connection:
        return head(connection)[0]


def signed(db: Database, kind: SignedKind, subject: str | None = None) -> list[tuple[str, str]]:
    with db.reading() as connection:
        found = versions.signatures(connection, kind, subject)
    return [(each.person, each.verdict) for each in found]


def propose(db: Database, amendment: str = "arm-coffee", text: str = "Add coffee") -> None:
    with ledger(db) as book:
        versions.propose_amendment(book, amendment, text=text, cause="doe2026")


# ---- drafts --------------------------------------------------------------------------------------


def test_a_draft_waits_for_signatures(team: Database) -> None:
    draft(team, "3.1", 1)

    with team.reading() as connection:
        waiting = versions.open_draft(connection)
        assert versions.last_published(connection) is None
    assert waiting == Version(
        number="3.1",
        state=DRAFT,
        kind=VersionKind.UPDATE,
        cause="a trial added",
        result="r" * 64,
        drafted_at="2026-11-25T06:00:00.000000Z",
        published_at=None,
        manifest_sha256=None,
        ordinal=1,
    )


def test_a_draft_gives_way_to_the_next(team: Database) -> None:
    draft(team, "3.1", 1)
    draft(team, "3.2", 2)

    assert states(team) == {"3.1": SUPERSEDED, "3.2": DRAFT}


def test_what_was_published_does_not_give_way(team: Database) -> None:
    draft(team, "3.0", 0)
    publish(team, "3.0")
    draft(team, "3.1", 1)

    assert states(team) == {"3.0": PUBLISHED, "3.1": DRAFT}


def test_what_was_rejected_stays_rejected(team: Database) -> None:
    draft(team, "3.1", 1)
    sign(team, "3.1", verdict="reject", reason="one arm twice")
    draft(team, "3.2", 2)

    assert states(team) == {"3.1": REJECTED, "3.2": DRAFT}


def test_a_published_version_is_in_force_with_its_manifest(team: Database) -> None:
    for ordinal, number in enumerate(("3.0", "3.1")):
        draft(team, number, ordinal)
        publish(team, number)

    with team.reading() as connection:
        in_force = versions.last_published(connection)
        assert versions.open_draft(connection) is None
    assert in_force is not None
    assert (in_force.number, in_force.manifest_sha256) == ("3.1", "d" * 64)
    assert in_force.published_at == "2026-11-26T06:00:00.000000Z"


def test_versions_stand_by_their_ordinal_not_by_their_number(team: Database) -> None:
    for ordinal, number in enumerate(("3.9", "3.10", "3.11")):
        draft(team, number, ordinal)

    assert list(states(team)) == ["3.9", "3.10", "3.11"]


def test_the_next_ordinal_follows_the_highest(team: Database) -> None:
    with team.reading() as connection:
        assert versions.next_ordinal(connection) == 0

    draft(team, "3.0", 0)
    draft(team, "3.1", 4)

    with team.reading() as connection:
        assert versions.next_ordinal(connection) == 5


def test_an_ordinal_is_given_to_one_version(team: Database) -> None:
    draft(team, "3.0", 0)

    with pytest.raises(IntegrityError, match="ordinal"):
        draft(team, "3.1", 0)


def test_an_unknown_version_is_named(team: Database) -> None:
    with pytest.raises(NotFound, match="no version '9.9'"), team.reading() as connection:
        versions.find_version(connection, "9.9")


def test_a_version_has_one_of_the_known_kinds(team: Database) -> None:
    with pytest.raises(ValueError, match="whim"), ledger(team) as book:
        versions.draft_version(book, number="3.1", kind="whim", cause="", result_id="r", ordinal=1)


# ---- begun afresh --------------------------------------------------------------------------------


@pytest.fixture
def drafted_twice(team: Database) -> Database:
    """Version 3.1 with a signal and signatures, then drafted again with other results."""
    draft(team, "3.0", 0)
    publish(team, "3.0")
    raise_signal(team, "3.0:moved", "3.0")
    sign(team, "3.0:moved")
    draft(team, "3.1", 1)
    raise_signal(team, "3.1:moved", "3.1")
    sign(team, "3.1:moved", "ada")
    sign(team, "3.1", "ben")
    draft(team, "3.1", 2, cause="another trial")
    return team


def test_a_draft_of_the_same_number_begins_afresh(drafted_twice: Database) -> None:
    with drafted_twice.reading() as connection:
        again = versions.find_version(connection, "3.1")
        assert versions.signals(connection, "3.1") == ()

    assert (again.cause, again.ordinal, again.state) == ("another trial", 2, DRAFT)
    assert signed(drafted_twice, SignedKind.VERSION, "3.1") == []
    assert signed(drafted_twice, SignedKind.SIGNAL, "3.1:moved") == []


def test_what_belongs_to_other_versions_stays(drafted_twice: Database) -> None:
    with drafted_twice.reading() as connection:
        assert [each.id for each in versions.signals(connection)] == ["3.0:moved"]

    assert signed(drafted_twice, SignedKind.SIGNAL) == [("cy", "accept")]


def test_the_log_keeps_what_was_signed_of_the_earlier_draft(drafted_twice: Database) -> None:
    with drafted_twice.reading() as connection:
        kinds = [each.kind for each in events(connection)]

    assert kinds.count("signed") == 3
    assert verify(drafted_twice).faults == ()


def test_the_same_people_may_sign_the_new_draft(drafted_twice: Database) -> None:
    assert sign(drafted_twice, "3.1", "ben") is SignedKind.VERSION

    assert signed(drafted_twice, SignedKind.VERSION, "3.1") == [("ben", "accept")]


# ---- signatures ----------------------------------------------------------------------------------


@pytest.fixture
def to_sign(team: Database) -> Database:
    """A draft with one signal, and a proposed amendment."""
    draft(team, "3.1", 1)
    raise_signal(team, "3.1:moved", "3.1")
    propose(team)
    return team


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("3.1", SignedKind.VERSION),
        ("3.1:moved", SignedKind.SIGNAL),
        ("arm-coffee", SignedKind.AMENDMENT),
    ],
)
@pytest.mark.parametrize(("verdict", "reason"), [("accept", None), ("reject", "no")])
def test_a_signature_says_what_it_is_under(
    to_sign: Database, subject: str, kind: SignedKind, verdict: str, reason: str | None
) -> None:
    assert sign(to_sign, subject, verdict=verdict, reason=reason) is kind

    with to_sign.reading() as connection:
        (only,) = versions.signatures(connection, kind, subject)
    at = "2026-11-25T06:00:00.000000Z"
    assert only == Signature(kind, subject, "cy", SignatureVerdict(verdict), reason, at)


@pytest.mark.parametrize("subject", ["3.1", "3.1:moved", "arm-coffee"])
def test_signing_the_same_again_changes_nothing(to_sign: Database, subject: str) -> None:
    sign(to_sign, subject)
    before = last_event(to_sign)

    sign(to_sign, subject)

    assert last_event(to_sign) == before


@pytest.mark.parametrize("subject", ["3.1", "3.1:moved", "arm-coffee"])
def test_a_signature_is_never_taken_back(to_sign: Database, subject: str) -> None:
    sign(to_sign, subject)

    with pytest.raises(NotAllowed, match=f"cy has signed '{subject}' already: accept"):
        sign(to_sign, subject, verdict="reject", reason="on second thoughts")


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("maybe", None, "'maybe' is neither"),
        ("", None, "'' is neither"),
        ("reject", None, "a rejection gives its reason"),
        ("reject", "", "a rejection gives its reason"),
    ],
)
def test_a_signature_accepts_or_rejects_with_a_reason(
    to_sign: Database, verdict: str, reason: str | None, words: str
) -> None:
    before = last_event(to_sign)

    with pytest.raises(BadInput, match=words):
        sign(to_sign, "3.1", verdict=verdict, reason=reason)

    assert last_event(to_sign) == before


def test_a_rejection_of_a_draft_ends_it(to_sign: Database) -> None:
    sign(to_sign, "3.1", verdict="reject", reason="one arm twice")

    assert states(to_sign) == {"3.1": REJECTED}
    with pytest.raises(NotAllowed, match=r"version 3\.1 is rejected: it cannot be signed"):
        sign(to_sign, "3.1", "ada")


def test_what_is_published_is_not_rejected_any_more(to_sign: Database) -> None:
    sign(to_sign, "3.1")
    publish(to_sign, "3.1")
    before = last_event(to_sign)

    with pytest.raises(NotAllowed, match=r"version 3\.1 is published: it stays"):
        sign(to_sign, "3.1", "ben", "reject", "one arm twice")

    assert states(to_sign) == {"3.1": PUBLISHED}
    assert last_event(to_sign) == before


def test_a_rejection_of_a_signal_leaves_the_draft(to_sign: Database) -> None:
    sign(to_sign, "3.1:moved", verdict="reject", reason="chance")

    assert states(to_sign) == {"3.1": DRAFT}


def test_a_superseded_draft_is_not_signed(to_sign: Database) -> None:
    draft(to_sign, "3.2", 2)

    with pytest.raises(NotAllowed, match=r"version 3\.1 is superseded"):
        sign(to_sign, "3.1")


def test_a_published_version_may_still_be_signed(to_sign: Database) -> None:
    publish(to_sign, "3.1")

    assert sign(to_sign, "3.1") is SignedKind.VERSION
    assert states(to_sign) == {"3.1": PUBLISHED}


def test_what_is_to_be_signed_must_be_there(to_sign: Database) -> None:
    with pytest.raises(NotFound, match="no signal, draft version or amendment '9.9'"):
        sign(to_sign, "9.9")


def test_signatures_are_given_in_the_order_of_signing(to_sign: Database) -> None:
    sign(to_sign, "3.1", "cy")
    sign(to_sign, "3.1", "ada")
    sign(to_sign, "3.1:moved", "ben", "reject", "chance")

    assert signed(to_sign, SignedKind.VERSION, "3.1") == [("cy", "accept"), ("ada", "accept")]
    assert signed(to_sign, SignedKind.SIGNAL) == [("ben", "reject")]


def test_only_those_who_accepted_count_as_such() -> None:
    given = [
        Signature(SignedKind.SIGNAL, "s", person, verdict, "why", "at")
        for person, verdict in (
            ("ada", SignatureVerdict.ACCEPT),
            ("ben", SignatureVerdict.REJECT),
            ("cy", SignatureVerdict.ACCEPT),
        )
    ]

    assert versions.accepted_by(given) == ("ada", "cy")


# ---- what versions rest on -----------------------------------------------------------------------


def test_a_recompute_is_stored_once_under_its_inputs(team: Database) -> None:
    for effect in (1.5, 9.9):
        with ledger(team) as book:
            versions.record_result(
                book, result_id="r", engine="bot", inputs={"a": 1}, results={"effect": effect}
            )

    with team.reading() as connection:
        found = versions.find_result(connection, "r")
        assert versions.find_result(connection, "other") is None
    assert found is not None
    assert (found.inputs, found.results, found.engine) == ({"a": 1}, {"effect": 1.5}, "bot")


def test_a_signal_is_raised_once(to_sign: Database) -> None:
    raise_signal(to_sign, "3.1:moved", "3.1", text="Another text")

    with to_sign.reading() as connection:
        (only,) = versions.signals(connection, "3.1")
    assert (only.text, only.changes_conclusions) == ("It moved.", True)


def test_an_amendment_is_proposed_once(to_sign: Database) -> None:
    propose(to_sign, text="Add tea")

    with to_sign.reading() as connection:
        (only,) = versions.amendments(connection)
    assert (only.id, only.text, only.cause) == ("arm-coffee", "Add coffee", "doe2026")


def test_protocols_are_given_in_the_order_of_coming_into_force(team: Database) -> None:
    for after_s, version in enumerate(("2", "10", "1")):
        with ledger(team, after_s=after_s) as book:
            versions.adopt_protocol(
                book, version=version, sha256="b" * 64, body="[review]", reason="why"
            )

    with team.reading() as connection:
        found = versions.protocols(connection)
    assert [each.version for each in found] == ["2", "10", "1"]
    assert (found[0].body, found[0].reason) == ("[review]", "why")
