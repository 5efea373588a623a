"""The past of an entry, asked of stand-ins of the registers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import AT_THE_MACHINE
from bot.demo.fiction import entry
from bot.sources.ctis.stand_in import CtisStandIn, a_trial
from bot.surveillance.entry_past import EntryPast, entry_past, past_json, past_lines
from state.errors import BadInput
from state.verify import verify
from tests.bot.world import World, a_world

HAHN = "NCT00666263"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def past(world: World, number: str = HAHN) -> EntryPast:
    return entry_past(world.app, number, AT_THE_MACHINE)


def version(on: str, outcome: str, **status: Any) -> dict[str, Any]:
    study = entry(HAHN, "A made-up entry", "Neuropathy")
    study["protocolSection"]["statusModule"] |= {
        "startDateStruct": {"date": "2008-06"},
        **status,
    }
    study["protocolSection"]["outcomesModule"] = {"primaryOutcomes": [{"measure": outcome}]}
    return {"date": on, "study": study, "labels": ["Study Status", "Outcome Measures"]}


def test_versions_are_told_with_what_each_changed_and_kept(world: World) -> None:
    world.ctgov.remember(
        HAHN,
        version("2008-04-22", "Strength", overallStatus="RECRUITING"),
        version("2011-01-03", "Grip", overallStatus="COMPLETED"),
    )
    world.ctgov.add(version("2026-01-01", "Grip")["study"])
    world.search("ctgov")
    lines = past_lines(past(world))

    assert lines[0].startswith(f"{HAHN} in ClinicalTrials.gov: 2 versions, as read at 2026-11-25")
    assert "    overall status: RECRUITING → COMPLETED" in lines
    assert "    primary outcomes: Strength → Grip, after the start (2008-06)" in lines
    assert lines[-1].startswith("watched here since 2026-11-25")


def test_what_was_read_stays_where_the_interface_is_gone(world: World) -> None:
    gone = past(world)
    world.ctgov.remember(HAHN, version("2008-04-22", "Strength"))
    read = past(world)
    world.ctgov.forget(HAHN)
    again = past(world)

    assert gone.kept is None
    assert "gives no history of NCT00666263" in past_lines(gone)[0]
    assert read.failed is None
    assert again.failed is not None
    assert again.kept == read.kept
    assert past_json(again)["steps"] == past_json(read)["steps"]


def test_the_same_history_is_stored_once_and_the_log_verifies(world: World) -> None:
    world.ctgov.remember(HAHN, version("2008-04-22", "Strength"))
    first = past(world)
    world.clock.advance(days=1)

    assert past(world).kept == first.kept
    assert verify(world.app.database).faults == ()


def test_ctis_tells_when_and_not_what(world: World) -> None:
    first = {"type": "INITIAL", "businessKey": "IN", "submissionDate": "2025-01-02"}
    applications = [{**first, "status": "Authorised"}]
    number = "2025-599009-11-00"
    world.sources.of(CtisStandIn).add(
        a_trial(number, "A made-up trial", entry={"applications": applications})
    )
    lines = past_lines(past(world, number))

    assert lines[1] == "  the register says when, and not what was changed"
    assert lines[2] == "  2025-01-02  IN: initial, Authorised"
    assert lines[-1] == "not watched here: no search found it"


def test_a_number_of_no_such_register_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="ISRCTN12345678"):
        past(world, "ISRCTN12345678")
