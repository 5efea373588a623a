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
    PlaceStudy,
    ProposeAmendment,
    RejectProposal,
    Reopen,
    RuleValue,
    SayNothingFound,
    SettleConflict,
    SettleLink,
    SettleTask,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from bot.demo.fiction import NEW_PMID
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.work.handlers import publish_due, recompute_due
from state import likeness, versions
from state.events import Actor
from state.facts.words import LinkVerdict
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
    say_whether_same,
    sign,
    sign_off,
    take_import,
)
from tests.bot.exports import TWO_RECORDS, ris
from tests.bot.notices import AZULAY, in_crossref, with_notice
from tests.bot.protocols import AMENDED
from tests.bot.world import World, a_world

NEW, STUDY = f"pubmed:{NEW_PMID}", "fictional2026"
INCLUDE, EXCLUDE = Verdict.INCLUDE, Verdict.EXCLUDE
FOUND = tuple(map(a_trial, range(40, 49)))


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
    ongoing, out, later, half, taken, one, other, alike, again = found(app, *FOUND)
    include(app, ongoing, place=StudyStatus.ONGOING)
    for person in (ADA, BEN):
        say(app, person, out, EXCLUDE, criterion="E2")
        say(app, person, again, EXCLUDE, criterion="E5")
        say(app, person, later, INCLUDE)
        say(app, person, alike, Verdict.UNSURE)
    for person in (ADA, BEN):
        say(app, person, alike, EXCLUDE, stage=Stage.FULL_TEXT, criterion="E2")
    excluded_at_full_text(app, later)
    say(app, ADA, "pubmed:99000002", EXCLUDE)
    say(app, ADA, half, INCLUDE)
    say(app, ADA, taken, INCLUDE)
    perform(app, WithdrawVerdict(candidate=taken, note="misread"), actor(ADA))
    say(app, BEN, taken, EXCLUDE, criterion="E1")
    two_become_one(app, one, other)
    report_of_a_known_study(app)
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


def two_become_one(app: App, one: str, other: str) -> None:
    """Each is judged by another reader before two people say that they are the same."""
    with app.ledger() as ledger:
        likeness.find_likeness(ledger, other, one, "maybe", rule="a rule", reasons=["alike"])
    say(app, ADA, one, EXCLUDE, criterion="E1")
    say(app, BEN, other, EXCLUDE, criterion="E1")
    for person in (ADA, BEN):
        say_whether_same(app, person, other, one, same=True)


def report_of_a_known_study(app: App) -> None:
    (report,) = found(app, a_trial(50, "A second report of Hahn"), study="hahn2013")
    for person in (ADA, BEN):
        act = SettleLink(candidate=report, verdict=LinkVerdict.CONFIRM)
        perform(app, act, actor(person))


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
    wrong = ris("M1", "Umbrellas in the rain: a search of something else")
    given = take_import(app, DORA, wrong, "wrong.ris", "ictrp")
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
    say(app, ADA, FOUND[4].key, EXCLUDE, criterion="E1")
    perform(app, Reopen(candidate=FOUND[1].key, note="look again"), actor(DORA))
    for person in (ADA, BEN):
        say(app, person, FOUND[1].key, EXCLUDE, criterion="E1")
    perform(app, Reopen(candidate=FOUND[8].key, note="and this one"), actor(DORA))
    propose = perform(app, ProposeAmendment(body=AMENDED), actor(BEN))
    for person in (ADA, DORA):
        sign(app, person, propose)
    recompute_due(app)
    sign(app, DORA, draft_of(app), reject="the retraction is to be judged first")
    judge_and_move(app)
    publish(app)


def judge_and_move(app: App) -> None:
    waiting = PlaceStudy(study="hahn2013", place=StudyStatus.AWAITING, note="not sure")
    proposal = perform(app, waiting, actor(DORA)).proposal
    assert proposal is not None
    perform(app, RejectProposal(proposal=proposal.id, note="it is clear"), actor(BEN))
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
