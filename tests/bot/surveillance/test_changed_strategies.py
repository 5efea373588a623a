"""A strategy that was edited: compared, proposed, and in force when people agree."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.cli import searching
from bot.demo.sources import StandIns, stand_ins
from bot.review.protocol import SourcePlan
from bot.silence.status import status_json
from bot.sources.answer import SourceAnswer
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.adopted_strategies import amendment_id, query_in_force
from bot.surveillance.ask import ask_for
from bot.surveillance.changed_strategies import (
    comparison_lines,
)
from bot.surveillance.slots import find_source
from bot.work import handlers, jobs
from bot.work.begin import begin
from state import versions
from tests.bot.builders import ADA, DORA, SERVICES, StoppedClock, add_team, an_app, sign

REVIEW = Path(__file__).parents[3] / "reviews" / "mmn"
LOSES = 'NOT "anti-GM1"'


@pytest.fixture
def sources() -> Iterator[StandIns]:
    with stand_ins() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REVIEW, tmp_path / "review"))


@contextmanager
def program(tmp_path: Path, folder: Path, sources: StandIns, clock: StoppedClock) -> Iterator[App]:
    """Start the program anew, as after an edit of the folder."""
    settings = sources.settings | {"LIVINGREVIEW_REVIEW": str(folder)}
    settings |= {f"LIVINGREVIEW_{service}_ATTEMPTS": "1" for service in SERVICES}
    app = an_app(tmp_path / "data", settings, clock=clock)
    begin(app)
    try:
        yield app
    finally:
        app.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def edited(tmp_path: Path, folder: Path, sources: StandIns, clock: StoppedClock) -> Iterator[App]:
    with program(tmp_path, folder, sources, clock) as app:
        add_team(app)
    file = folder / "strategies" / "pubmed.txt"
    file.write_text(file.read_text() + f"#13 #12 {LOSES}\n")
    with program(tmp_path, folder, sources, clock) as app:
        yield app


def losing(app: App, plan: SourcePlan, query: str) -> SourceAnswer:
    """Ask the stand-in, which knows no query; the changed one loses Azulay 1994."""
    answer = ask_for(app, plan, query)
    if LOSES not in query:
        return answer
    kept = tuple(record for record in answer.records if record.source_id != "8145910")
    return replace(answer, records=kept, warnings=('PubMed did not find "anti-GM1"',))


def in_force(app: App) -> str:
    with app.database.reading() as connection:
        return query_in_force(app, connection, "pubmed")


def proposed(app: App) -> list[str]:
    with app.database.reading() as connection:
        return [each.id for each in versions.amendments(connection)]


def test_an_edited_strategy_is_not_searched_until_it_is_accepted(edited: App) -> None:
    run = jobs.search_at_once(edited, "pubmed")

    assert LOSES not in run.query
    assert LOSES not in in_force(edited)
    assert LOSES in edited.review.queries["pubmed"]


def test_what_it_loses_is_proposed_once_the_known_items_first(edited: App) -> None:
    for _ in range(3):
        handlers.compare_due(edited, losing)

    (name,) = proposed(edited)
    with edited.database.reading() as connection:
        text = versions.amendments(connection)[0].text
    assert "KNOWN ITEM LOST: pmid:8145910" in text
    assert text.index("KNOWN ITEM LOST") < text.index("lost: pubmed:8145910")
    assert "NOT: a wanted record" in text
    assert 'PubMed did not find "anti-GM1"' in text
    assert name == amendment_id("pubmed", edited.review.queries["pubmed"])


def test_accepted_it_takes_effect_at_the_next_search(edited: App) -> None:
    handlers.compare_due(edited, losing)
    (name,) = proposed(edited)

    for person in (ADA, DORA):
        assert LOSES not in in_force(edited)
        sign(edited, person, name)

    assert LOSES in jobs.search_at_once(edited, "pubmed").query
    assert not any("strategy of" in each for each in status_json(edited)["needs"])


def test_rejected_the_old_one_stays_and_the_status_says_that_the_file_differs(
    edited: App,
) -> None:
    handlers.compare_due(edited, losing)
    (name,) = proposed(edited)

    sign(edited, DORA, name, reject="it loses Azulay")
    handlers.compare_due(edited, losing)

    assert LOSES not in in_force(edited)
    assert proposed(edited) == [name]
    assert any("the file differs" in each for each in status_json(edited)["needs"])


def test_a_source_that_does_not_answer_holds_the_proposal_up_and_is_asked_again(
    edited: App, sources: StandIns, clock: StoppedClock
) -> None:
    sources.pubmed.faults.add(PlayedFault(FaultKind.UNAVAILABLE, times=99))
    handlers.compare_due(edited, losing)
    assert proposed(edited) == []
    assert any("not compared yet" in each for each in status_json(edited)["needs"])

    sources.pubmed.faults.forget()
    handlers.compare_due(edited, losing)
    assert proposed(edited) == []
    clock.at += handlers.AGAIN
    handlers.compare_due(edited, losing)
    assert len(proposed(edited)) == 1


def test_edited_back_there_is_nothing_to_propose(
    tmp_path: Path, folder: Path, sources: StandIns, clock: StoppedClock, edited: App
) -> None:
    shutil.copy(REVIEW / "strategies" / "pubmed.txt", folder / "strategies" / "pubmed.txt")
    with program(tmp_path, folder, sources, clock) as app:
        handlers.compare_due(app, losing)
        assert proposed(app) == []


def test_the_command_tries_it_without_proposing(edited: App) -> None:
    found = searching.compared(edited, "pubmed")

    assert (found["old_found"], found["new_found"]) == (10, 10)
    assert proposed(edited) == []
    lines = comparison_lines(find_source(edited, "pubmed"), found)
    assert any("NOT" in line for line in lines)
    assert "was changed; searches run the old one until two have accepted" in lines[0]


def test_the_command_says_changed_only_of_what_was_changed(edited: App) -> None:
    for source, changed in (("pubmed", True), ("embase", False)):
        found = searching.compared(edited, source)
        first, *_ = comparison_lines(find_source(edited, source), found, changed=found["changed"])

        assert found["changed"] is changed
        assert ("was changed" in first, "is the one in force" in first) == (changed, not changed)


def test_the_text_of_a_hand_run_source_is_an_amendment_too(
    tmp_path: Path, folder: Path, sources: StandIns, clock: StoppedClock, edited: App
) -> None:
    shutil.copy(REVIEW / "strategies" / "pubmed.txt", folder / "strategies" / "pubmed.txt")
    file = folder / "strategies" / "embase.txt"
    file.write_text(file.read_text() + "another line\n")
    with program(tmp_path, folder, sources, clock) as app:
        handlers.compare_due(app, losing)
        (name,) = proposed(app)
        assert name.startswith("strategy-embase-")
