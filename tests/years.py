"""A year of a review, played by people and sources: what a second reader reads afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.acts.perform import perform
from bot.acts.said import (
    ProposeAmendment,
    Reopen,
    RuleValue,
    SayNothingFound,
    SettleConflict,
    SettleTask,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from bot.demo.fiction import NEW_PMID
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.work.handlers import publish_due, recompute_due
from extraction.model import Record
from state import versions
from state.events import Actor
from state.log import log_lines
from state.screening import Stage, StudyStatus, Verdict
from state.tasks import open_tasks
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    START,
    StoppedClock,
    a_trial,
    actor,
    an_extraction,
    found,
    hand_in,
    include,
    move,
    say,
    sign,
    sign_off,
    take_import,
)
from tests.bot.exports import TWO_RECORDS
from tests.bot.notices import AZULAY, HARBO, in_crossref, with_notice
from tests.bot.protocols import AMENDED
from tests.bot.world import World, a_world

NEW, STUDY = f"pubmed:{NEW_PMID}", "fictional2026"
INCLUDE, EXCLUDE = Verdict.INCLUDE, Verdict.EXCLUDE
FOUND = tuple(map(a_trial, range(40, 45)))


class TickingClock(StoppedClock):
    """A clock that is never asked twice at one instant."""

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@contextmanager
def a_year(folder: Path) -> Iterator[World]:
    """Play two versions after the published one, and leave the program running."""
    with a_world(folder) as world:
        world.app = replace(world.app, clock=TickingClock(START))
        the_first_update(world)
        the_second_update(world)
        yield world


def log_of(app: App) -> list[dict[str, Any]]:
    """Return the log as anybody may read it."""
    with app.database.reading() as connection:
        return [json.loads(json.dumps(each.as_json())) for each in log_lines(connection)]


def version_of(app: App, number: str) -> dict[str, Any]:
    """Return the results.json of a published version."""
    read: dict[str, Any] = json.loads((app.files / number / "results.json").read_text("utf-8"))
    return read


def by_command(person: str) -> Actor:
    return Actor(person, authenticated=False)


def the_first_update(world: World) -> None:
    """A trial is found, screened with a conflict and extracted; others wait or are left out."""
    app = world.app
    world.search_all()
    world.a_trial_appears()
    world.clock.advance(days=7)
    world.search_all()
    a_trial_comes_in(app)
    ongoing, out, later, half, taken = found(app, *FOUND)
    include(app, ongoing, place=StudyStatus.ONGOING)
    for person in (ADA, BEN):
        say(app, person, out, EXCLUDE, criterion="E2")
        say(app, person, later, INCLUDE)
    excluded_at_full_text(app, later)
    say(app, ADA, half, INCLUDE)
    say(app, ADA, taken, INCLUDE)
    perform(app, WithdrawVerdict(candidate=taken, note="misread"), actor(ADA))
    say(app, BEN, taken, EXCLUDE, criterion="E1")
    world.pubmed.faults.add(PlayedFault(FaultKind.HTML))
    world.search("pubmed")
    searches_by_hand(app)
    publish(app, "3.1")


def a_trial_comes_in(app: App) -> None:
    say(app, ADA, NEW, INCLUDE)
    say(app, BEN, NEW, EXCLUDE, criterion="E2")
    perform(app, SettleConflict(subject=NEW, verdict=INCLUDE, note="random"), by_command(CY))
    for person in (ADA, BEN):
        say(app, person, NEW, INCLUDE, stage=Stage.FULL_TEXT)
    hand_in(app, ADA, STUDY, an_extraction(9))
    hand_in(app, BEN, STUDY, an_extraction(8))
    cell = f"{STUDY}|strength_improved|after induction|ivig|events"
    perform(app, RuleValue(subject=STUDY, cell=cell, number=9, note="abstract"), actor(CY))


def excluded_at_full_text(app: App, candidate: str) -> None:
    """Two exclude for different reasons, and agree on one."""
    for person, criterion in ((ADA, "E1"), (BEN, "E3")):
        say(app, person, candidate, EXCLUDE, stage=Stage.FULL_TEXT, criterion=criterion)
    for person in (ADA, BEN):
        act = SettleConflict(subject=candidate, verdict=EXCLUDE, criterion="E3")
        perform(app, act, actor(person))


def searches_by_hand(app: App) -> None:
    take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase")
    perform(app, SayNothingFound(source="central"), by_command(DORA))
    given = take_import(app, DORA, TWO_RECORDS.replace(b"L", b"M"), "wrong.ris", "ictrp")
    perform(app, WithdrawSearch(run=given.run.id, note="the wrong file"), actor(DORA))


def the_second_update(world: World) -> None:
    """A retraction, a moved study, an amendment, a reopened record, a rejected draft."""
    app = world.app
    world.clock.advance(days=30)
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    in_crossref(world, "correction")
    world.search_all()
    say(app, BEN, FOUND[3].key, INCLUDE)
    for person in (ADA, BEN):
        say(app, person, FOUND[3].key, INCLUDE, stage=Stage.FULL_TEXT)
    perform(app, Reopen(candidate=FOUND[1].key, note="look again"), actor(DORA))
    for person in (ADA, BEN):
        say(app, person, FOUND[1].key, EXCLUDE, criterion="E1")
    propose = perform(app, ProposeAmendment(body=AMENDED), actor(BEN))
    for person in (ADA, DORA):
        sign(app, person, propose)
    recompute_due(app)
    sign(app, DORA, draft_of(app), reject="the retraction is to be judged first")
    judge_and_move(app)
    publish(app)


def judge_and_move(app: App) -> None:
    with app.database.reading() as connection:
        named = [each.id for each in open_tasks(connection) if each.id.startswith("notice:")]
    for task in named:
        perform(app, SettleTask(task=task, note="read by two"), actor(DORA))
    move(app, "azulay1994", StudyStatus.EXCLUDED, ADA, DORA)


def draft_of(app: App) -> str:
    with app.database.reading() as connection:
        draft = versions.open_draft(connection)
    assert draft is not None
    return draft.number


def publish(app: App, number: str | None = None) -> str:
    """Compute, draft, sign and publish what is new; return its number."""
    recompute_due(app)
    drafted = draft_of(app)
    assert number in (None, drafted)
    sign_off(app, drafted)
    publish_due(app)
    assert (app.files / drafted).is_dir()
    return drafted
