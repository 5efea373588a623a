"""The fact that an act becomes carries the act's values unchanged, under the same names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.acts.act import Act
from bot.acts.handed import checked, read_hand_in
from bot.acts.perform import perform
from bot.acts.rights import RIGHTS
from bot.acts.said import (
    AddPerson,
    ChangePerson,
    ChoosePlace,
    GiveExport,
    GiveSisterList,
    GiveVerdict,
    HandIn,
    MakeSignInLink,
    PlaceStudy,
    ProposeAmendment,
    RejectProposal,
    Reopen,
    ReopenTask,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayDifferent,
    SayFileFoundAgain,
    SayNothingFound,
    SaySame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
    WithdrawProposal,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from extraction.model import Design, Record
from state import likeness, versions
from state.events import events
from state.facts import Fact
from state.facts.words import LinkVerdict, SignatureVerdict
from state.screening import Stage, StudyStatus, Verdict
from state.tasks import TaskKind, raise_task, settle_task
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    move,
    say,
)
from tests.bot.protocols import AMENDED

STUDY = "doe2026"
CELL = f"{STUDY}|strength_improved|after induction|ivig|events"
LOOK = "2027-01-31"
KNOWN = "azulay1994"

# What is stored of these is a search's run, a publication that follows, a hash of a secret, or
# more than was said (a place is chosen for all that two read alike).
WITHOUT_VALUES = {
    GiveExport,
    GiveSisterList,
    SayNothingFound,
    SayFileFoundAgain,
    RequestPublication,
    MakeSignInLink,
    ChoosePlace,
}
ACTS: tuple[tuple[str, Act[Any]], ...] = (
    (
        BEN,
        GiveVerdict(
            candidate="pubmed:99000002",
            verdict=Verdict.EXCLUDE,
            stage=Stage.TITLE_ABSTRACT,
            criterion="E2",
            note="  as it was typed ",
        ),
    ),
    (
        BEN,
        GiveVerdict(
            candidate="pubmed:99000004",
            verdict=Verdict.INCLUDE,
            stage=Stage.FULL_TEXT,
            place=StudyStatus.AWAITING,
            next_look_on=LOOK,
        ),
    ),
    (
        CY,
        SettleConflict(
            subject="pubmed:99000003", verdict=Verdict.EXCLUDE, criterion="E1", note="why"
        ),
    ),
    (ADA, SettleLink(candidate="central:second", verdict=LinkVerdict.REFUSE, note="another one")),
    (
        ADA,
        SaySame(record="pubmed:99000002", other="pubmed:99000003", note="one trial"),
    ),
    (
        ADA,
        SayDifferent(record="pubmed:99000005", other="pubmed:99000006", note="two trials"),
    ),
    (BEN, WithdrawVerdict(candidate="pubmed:99000005", note="misread")),
    (ADA, Reopen(candidate="pubmed:99000006", note="look again")),
    (DORA, SettleTask(task="task", note="nothing to it")),
    (ADA, ReopenTask(task="settled", note="more to it")),
    (CY, RuleValue(subject=STUDY, cell=CELL, number=9, note="9 of 12, abstract")),
    (ADA, ProposeAmendment(body=AMENDED)),
    (DORA, PlaceStudy(study=KNOWN, place=StudyStatus.ONGOING, next_look_on=LOOK, note="why")),
    (ADA, RejectProposal(proposal="move-1", note="it has results")),
    (BEN, WithdrawProposal(proposal="move-2", note="it has results")),
    (DORA, Sign(subject="amendment", verdict=SignatureVerdict.REJECT, reason="not ours")),
    (
        DORA,
        AddPerson(
            person="eve", name="Eve", address="eve@example.org", roles=("screener",), deputy=BEN
        ),
    ),
    (DORA, ChangePerson(person=BEN, name="Ben", roles=("extractor", "screener"), deputy=ADA)),
    (DORA, RetirePerson(person=BEN)),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = an_app(tmp_path_factory.mktemp("facts") / "data")
    add_team(running)
    found(running, *(a_trial(number) for number in (1, 2, 3, 4, 5, 6)))
    found(running, Record("central", "second", "A second report"), study=KNOWN)
    include(running, "pubmed:99000001")
    hand_in(running, ADA, STUDY, an_extraction(9))
    hand_in(running, BEN, STUDY, an_extraction(8))
    say(running, ADA, "pubmed:99000003", Verdict.INCLUDE)
    say(running, BEN, "pubmed:99000003", Verdict.EXCLUDE)
    for person in (ADA, BEN):
        say(running, person, "pubmed:99000004", Verdict.INCLUDE)
    say(running, BEN, "pubmed:99000005", Verdict.INCLUDE)
    for person in (ADA, BEN):
        say(running, person, "pubmed:99000006", Verdict.EXCLUDE)
    for study in ("leger2001", "harbo2009"):
        move(running, study, StudyStatus.AWAITING, BEN)
    with running.ledger() as ledger:
        likeness.find_likeness(
            ledger,
            "pubmed:99000005",
            "pubmed:99000006",
            likeness.MAYBE,
            rule="M4",
            reasons=["alike"],
        )
        likeness.find_likeness(
            ledger,
            "pubmed:99000002",
            "pubmed:99000003",
            likeness.MAYBE,
            rule="M4",
            reasons=["alike"],
        )
        for task in ("task", "settled"):
            raise_task(ledger, task, TaskKind.CORRECTION, subject="x", text="odd", study=None)
        settle_task(ledger, "settled", ADA, "nothing to it")
        versions.propose_amendment(ledger, "amendment", text="Add it?", cause="a trial")
    yield running
    running.close()


def fact_of(app: App, person: str, act: Act[Any]) -> Fact:
    """Perform an act; return the first fact that it wrote."""
    with app.database.reading() as connection:
        last = max(each.seq for each in events(connection))
    perform(app, act, actor(person))
    with app.database.reading() as connection:
        return next(iter(events(connection, after=last))).fact


@pytest.mark.parametrize(("person", "act"), ACTS, ids=lambda each: type(each).__name__)
def test_act_and_fact_are_equal_field_for_field(app: App, person: str, act: Act[Any]) -> None:
    fact = fact_of(app, person, act)

    said = dict(act)
    if isinstance(act, RetirePerson):
        assert said.pop("deputy") is None
    if isinstance(act, RuleValue):
        assert said.pop("also") == {}  # each of them becomes a fact of its own
    assert {name: getattr(fact, name) for name in said} == said
    assert getattr(fact, "person", person) in (person, said.get("person"))


def test_an_extraction_becomes_one_value_a_number(app: App) -> None:
    act = read_hand_in(
        an_extraction(7) | {"participants": 24, "labels": {"x": "X"}}, app.protocol, STUDY
    )
    handed = checked(act, app.protocol)

    fact: Any = fact_of(app, ADA, act)

    assert (fact.study, fact.person) == (STUDY, ADA)
    assert (fact.design, fact.participants, fact.labels) == (Design.PARALLEL, 24, {"x": "X"})
    assert set(fact.arms) == set(act.arms)
    assert {each.cell: each for each in fact.values} == {each.cell: each for each in handed.values}
    assert len(handed.values) == sum(len(entry.numbers) for entry in act.values)


def test_a_search_that_is_taken_back_is_named_with_the_reason(app: App) -> None:
    run = perform(app, SayNothingFound(source="embase"), actor(DORA))
    act = WithdrawSearch(run=run.id, note="it was another source")

    fact: Any = fact_of(app, DORA, act)

    assert (fact.run, fact.note, fact.person) == (act.run, act.note, DORA)


def test_every_act_with_values_is_held_against_its_fact() -> None:
    held = {type(act) for _, act in ACTS} | {HandIn, WithdrawSearch}

    assert held | WITHOUT_VALUES == set(RIGHTS)
