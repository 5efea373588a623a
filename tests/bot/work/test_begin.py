from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.opened import opened
from bot.errors import ProtocolFaults
from bot.silence.status import status_json
from bot.work import jobs
from state import outbox, people, versions
from state.codec import Json
from tests.bot.builders import ADA, DORA, StoppedClock, add_team, an_app, sign
from tests.bot.protocols import AMENDED, IN_FORCE, MMN, amended

Start = Callable[[str], Json]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review folder whose data folder was begun."""
    review = Path(shutil.copytree(MMN, tmp_path / "review"))
    monkeypatch.setenv("LIVINGREVIEW_REVIEW", str(review))
    with opened(tmp_path / "data") as app:
        add_team(app)
    return review


@pytest.fixture
def start(tmp_path: Path, folder: Path) -> Start:
    """Start the program with this protocol.toml; return the status that it says."""

    def started(text: str) -> Json:
        (folder / "protocol.toml").write_text(text, encoding="utf-8")
        with opened(tmp_path / "data") as app:
            assert app.protocol.version == app.review.protocol.version
            return status_json(app)

    return started


def notices(data: Path, kind: str) -> list[outbox.Delivery]:
    with opened(data, reading=True) as app, app.database.reading() as connection:
        return [each for each in outbox.deliveries(connection) if each.notice.kind == kind]


def about_the_file(status: Json) -> str:
    (said,) = [each for each in status["needs"] if each.startswith("protocol.toml")]
    return str(said)


# Until 0.2.0 these stopped the program (`ProtocolChanged`), or ended its start with a list of
# faults: a file that somebody edits must not stop a review that has a protocol in force.
@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        (f"{IN_FORCE}\n# a remark\n", "changed without a new version", "its version is still '1'"),
        ("[review\n", "cannot be read", "line 1"),
        (IN_FORCE.replace("seats = 2", "seats = 0", 1), "cannot be read", "found 0"),
        (
            AMENDED[: AMENDED.rindex("[[amendments]]")],
            "a new version without a reason",
            "no [[amendments]] entry",
        ),
        (amended("1"), "changed without a new version", "its version is still '1'"),
    ],
    ids=["a remark", "no TOML", "a fault", "no reason", "an entry of the old version"],
)
def test_a_file_that_cannot_be_proposed_is_said_once_and_the_program_goes_on(
    start: Start, tmp_path: Path, text: str, state: str, said: str
) -> None:
    for _ in range(3):
        status = start(text)

    assert (status["protocol_version"], status["protocol"]["folder"]) == ("1", state)
    assert said in about_the_file(status)
    assert "protocol version 1 stays in force" in about_the_file(status)
    told = notices(tmp_path / "data", "protocol_not_taken")
    assert [(each.recipient, said in each.notice.body) for each in told] == [(DORA, True)]


def test_bytes_that_are_no_text_are_said(start: Start, folder: Path, tmp_path: Path) -> None:
    (folder / "protocol.toml").write_bytes(b"\xff\xfe")

    with opened(tmp_path / "data") as app:
        status = status_json(app)

    assert status["protocol"]["folder"] == "cannot be read"
    assert "bytes that are not UTF-8" in about_the_file(status)


def test_the_hash_of_a_file_that_is_not_taken_is_claimed_nowhere(
    start: Start, tmp_path: Path
) -> None:
    with opened(tmp_path / "data") as app:
        before = app.review.file_hashes
    start(f"{IN_FORCE}\n# a remark\n")

    with opened(tmp_path / "data") as app:
        assert app.review.file_hashes == before


def test_a_new_version_in_the_folder_is_proposed_once_and_the_old_one_stays(
    start: Start, tmp_path: Path
) -> None:
    for _ in range(3):
        status = start(AMENDED)

    assert status["protocol_version"] == "1"
    assert status["protocol"]["folder"] == "proposed"
    missing = "the lead's signature and one more signature"
    wanted = f"amendment protocol-2: to accept or reject; it waits for {missing}"
    assert wanted in status["needs"]
    assert len({each.notice.key for each in notices(tmp_path / "data", "amendment_proposed")}) == 1


def test_what_is_edited_while_the_program_runs_is_proposed_by_its_next_look(
    folder: Path, tmp_path: Path
) -> None:
    with opened(tmp_path / "data") as app:
        (folder / "protocol.toml").write_text(AMENDED, encoding="utf-8")

        jobs.make_due(app)

        assert status_json(app)["protocol"]["folder"] == "proposed"
        with app.database.reading() as connection:
            assert len(versions.amendments(connection)) == 1


def test_what_cannot_be_read_while_the_program_runs_is_said_until_it_is_mended(
    folder: Path, tmp_path: Path
) -> None:
    strategy = next((folder / "strategies").iterdir())
    text = strategy.read_bytes()
    with opened(tmp_path / "data") as app:
        strategy.write_bytes(b"\xff\xfe")
        jobs.make_due(app)
        broken = status_json(app)["needs"]
        strategy.write_bytes(text + b"\n")
        app = replace(app, clock=StoppedClock(app.clock.now() + timedelta(hours=1)))
        jobs.make_due(app)
        mended = status_json(app)["needs"]

    assert any("look at the folder fails" in each and strategy.name in each for each in broken)
    assert not any("look at the folder" in each for each in mended)


def test_what_only_reads_proposes_nothing_and_says_so(folder: Path, tmp_path: Path) -> None:
    (folder / "protocol.toml").write_text(AMENDED, encoding="utf-8")

    with opened(tmp_path / "data", reading=True) as app:
        status = status_json(app)
        with app.database.reading() as connection:
            assert versions.amendments(connection) == ()

    assert "not proposed yet" in about_the_file(status)


def test_signed_by_two_the_folders_version_is_in_force_and_folder_and_log_are_one(
    start: Start, tmp_path: Path
) -> None:
    start(AMENDED)
    with opened(tmp_path / "data") as app:
        for person in (ADA, DORA):
            sign(app, person, "protocol-2")
        assert app.protocol.version == "2"

    status = start(AMENDED)
    assert (status["protocol_version"], status["protocol"]["folder"]) == ("2", "in force")
    assert not [each for each in status["needs"] if "protocol" in each]


def test_a_folder_that_is_behind_is_told_which_file_to_copy(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    start(AMENDED)
    with opened(data) as app:
        for person in (DORA, ADA):
            sign(app, person, "protocol-2")
    status = start(IN_FORCE)

    assert (status["protocol_version"], status["protocol"]["folder"]) == ("2", "behind")
    assert f"copy {data / 'amendments' / 'protocol-2' / 'protocol.toml'}" in about_the_file(status)
    assert notices(data, "protocol_not_taken") == []


def test_a_folders_version_that_was_rejected_is_not_proposed_again(
    start: Start, tmp_path: Path
) -> None:
    start(AMENDED)
    with opened(tmp_path / "data") as app:
        sign(app, ADA, "protocol-2", reject="no coffee")

    status = start(AMENDED)

    assert status["protocol"]["folder"] == "rejected"
    with opened(tmp_path / "data") as app, app.database.reading() as connection:
        assert [each.id for each in versions.amendments(connection)] == ["protocol-2"]


def test_a_first_start_with_a_folder_at_fault_leaves_nothing_behind(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "protocol.toml").write_text("[review\n", encoding="utf-8")

    with pytest.raises(ProtocolFaults), opened(tmp_path / "other"):
        pass
    assert not (tmp_path / "other").exists()


def test_a_seat_that_nobody_fills_is_named(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    add_team(app)
    assert not [each for each in status_json(app)["needs"] if each.startswith("role")]

    with app.ledger() as ledger:
        people.retire_person(ledger, ADA)

    needs = status_json(app)["needs"]
    app.close()
    assert "role screener: 1 of 2 seats filled" in needs
