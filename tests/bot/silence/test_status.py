from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.silence.status import status_json
from bot.work import jobs
from state.facts.words import TaskKind
from state.screening import EligiblePlace, StudyStatus
from state.tasks import raise_task
from tests.bot.builders import add_team, an_app, an_entry, found, include
from tests.bot.world import a_world


def test_a_notice_that_could_not_be_delivered_is_said_with_the_reason(tmp_path: Path) -> None:
    with a_world(tmp_path / "data", LIVINGREVIEW_SMTP_URL="smtp://127.0.0.1:9") as world:
        world.search()
        jobs.work_off(world.app)

        needs = status_json(world.app)["needs"]

    assert any("not delivered: ConnectionRefusedError" in each for each in needs)


@pytest.mark.parametrize("place", [StudyStatus.ONGOING, StudyStatus.AWAITING])
@pytest.mark.parametrize("posted", [True, False])
def test_a_study_whose_results_are_posted_is_not_forgotten(
    tmp_path: Path, place: EligiblePlace, posted: bool
) -> None:
    app = an_app(tmp_path / "data")
    add_team(app)
    entry = an_entry(1)
    assert entry.entry is not None
    (candidate,) = found(app, replace(entry, entry=replace(entry.entry, has_results=posted)))
    include(app, candidate, place=place)

    needs = status_json(app)["needs"]
    app.close()

    assert any(f"results are posted and it stands as {place}" in each for each in needs) is posted


def test_what_is_to_judge_is_said_with_what_its_first_line_leads_up_to(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    with app.ledger() as ledger:
        for name, text in (("one", "Look at this:\n\n  the thing\nmore"), ("two", "Whole.\nmore")):
            raise_task(ledger, name, TaskKind.CORRECTION, subject="x", text=text, study=None)

    needs = status_json(app)["needs"]
    app.close()

    assert "to judge: Look at this: the thing" in needs
    assert "to judge: Whole." in needs
