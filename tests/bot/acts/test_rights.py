"""Every act by every role, on others' work and on one's own, active and retired: as the table says.

The acts are performed, on a real database: each that is allowed on a copy of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.acts.act import Act
from bot.acts.handed import read_hand_in
from bot.acts.perform import DOINGS, perform
from bot.acts.printed import with_table
from bot.acts.rights import RIGHTS
from bot.acts.said import (
    AddPerson,
    ChangePerson,
    ChoosePlace,
    GiveExport,
    GiveVerdict,
    MakeSignInLink,
    PlaceStudy,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayFileFoundAgain,
    SayNothingFound,
    SayWhetherSame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
)
from bot.app import AT_THE_MACHINE, App
from bot.review.protocol import RoleId
from extraction.model import Record
from state import likeness, people, versions
from state.database import open_database
from state.errors import NotAllowed
from state.events import head
from state.facts.words import LinkVerdict, PairVerdict
from state.people import Person
from state.screening import Stage, StudyStatus, Verdict
from state.tasks import TaskKind, raise_task
from tests.bot.builders import (
    ADA,
    BEN,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    say,
)
from tests.bot.exports import TWO_RECORDS

COMMANDS = Path(__file__).parent.parent.parent.parent / "docs" / "commands.md"
BASELINE_STUDY = "azulay1994"
CELL = "strength_improved|after induction|ivig|events"
READ_ALIKE = "strength_improved|after induction|ivig|total"


def trial(number: int) -> Record:
    """A trial of its own author, so that the studies have different ids."""
    return replace(a_trial(number), authors=(f"Doe{'abcdefghij'[number]} J",))


@dataclass
class Office:
    """A review in which each act has something to be done to, and for each role a person."""

    app: App
    acts: dict[type[Act[Any]], Act[Any]]
    own: dict[tuple[type[Act[Any]], RoleId], Act[Any]]

    def copy(self, folder: Path) -> App:
        """Return the same program on a copy of the database."""
        folder.mkdir()
        self.app.database.copy_to(folder / "review.sqlite")
        shutil.copytree(self.app.files, folder / "versions")
        config = self.app.config.model_copy(update={"data": folder})
        return replace(
            self.app,
            config=config,
            database=open_database(f"sqlite:///{folder / 'review.sqlite'}"),
        )


def worker(role: RoleId) -> str:
    return f"the-{role.replace('_', '-')}"


def retired(role: RoleId) -> str:
    return f"the-retired-{role.replace('_', '-')}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    app = an_app(tmp_path_factory.mktemp("rights") / "data")
    add_team(app)
    with app.ledger() as ledger:
        for role in RoleId:
            for person in (worker(role), retired(role)):
                both = ("screener", "extractor")
                people.add_person(ledger, Person(person, f"Person {person}", None, both))
    own = own_work(app)
    acts = work_of_others(app)
    with app.ledger() as ledger:
        for role in RoleId:
            for person in (worker(role), retired(role)):
                people.change_person(ledger, Person(person, f"Person {person}", None, (role,)))
            people.retire_person(ledger, retired(role))
    yield Office(app, acts, own)
    app.close()


def own_work(app: App) -> dict[tuple[type[Act[Any]], RoleId], Act[Any]]:
    """Have somebody for each role be one of the two who screened a candidate and read a study."""
    acts: dict[tuple[type[Act[Any]], RoleId], Act[Any]] = {}
    for number, role in enumerate(RoleId):
        conflict, study = read_by_two(app, number, worker(role))
        acts[SettleConflict, role] = SettleConflict(subject=conflict, verdict=Verdict.INCLUDE)
        acts[RuleValue, role] = RuleValue(
            subject=study, cell=f"{study}|{CELL}", number=9, note="seen"
        )
        acts[ChoosePlace, role] = ChoosePlace(
            subject=study, cell=f"{study}|{READ_ALIKE}", place_of=BEN
        )
    return acts


def read_by_two(app: App, number: int, person: str) -> tuple[str, str]:
    """Make a candidate and a study on which this person and Ben differ."""
    disputed = Record("ctgov", f"NCT8800000{number}", f"A disputed trial, number {number}")
    eligible = trial(number)
    found(app, disputed, eligible)
    say(app, person, disputed.key, Verdict.INCLUDE)
    say(app, BEN, disputed.key, Verdict.EXCLUDE)
    for stage in Stage:
        for each in (ADA, BEN):
            say(app, each, eligible.key, Verdict.INCLUDE, stage=stage)
    study = f"doe{'abcdefghij'[number]}2026"
    hand_in(app, person, study, an_extraction(9))
    hand_in(app, BEN, study, an_extraction(8, locator="table 3"))
    return disputed.key, study


def work_of_others(app: App) -> dict[type[Act[Any]], Act[Any]]:
    """Return one act of each kind, on what Ada and Ben have read or nobody has."""
    conflict, study = read_by_two(app, 7, ADA)
    fresh, eligible, second = a_trial(8), trial(9), Record("central", "second", "A second report")
    found(app, fresh, eligible)
    found(app, second, study=BASELINE_STUDY)
    for stage in Stage:
        for each in (ADA, BEN):
            say(app, each, eligible.key, Verdict.INCLUDE, stage=stage)
    export = GiveExport(source="central", name="central.ris", body=TWO_RECORDS)
    earlier = perform(app, export, AT_THE_MACHINE).run
    with app.ledger() as ledger:
        likeness.find_likeness(
            ledger, fresh.key, eligible.key, likeness.MAYBE, rule="M4", reasons=["alike"]
        )
        raise_task(ledger, "task", TaskKind.CORRECTION, subject="x", text="odd", study=None)
        versions.propose_amendment(ledger, "amendment", text="Add it?", cause="a trial")
    said: list[Act[Any]] = [
        GiveVerdict(candidate=fresh.key, verdict=Verdict.INCLUDE),
        SettleConflict(subject=conflict, verdict=Verdict.INCLUDE),
        SettleLink(candidate=second.key, verdict=LinkVerdict.REFUSE),
        SayWhetherSame(record=fresh.key, other=eligible.key, verdict=PairVerdict.DIFFERENT),
        SettleTask(task="task", note="nothing to it"),
        read_hand_in(an_extraction(9), app.protocol, "doej2026"),
        RuleValue(subject=study, cell=f"{study}|{CELL}", number=9, note="seen"),
        ChoosePlace(subject=study, cell=f"{study}|{READ_ALIKE}", place_of=BEN),
        PlaceStudy(study=BASELINE_STUDY, place=StudyStatus.AWAITING),
        GiveExport(source="embase", name="embase.ris", body=TWO_RECORDS),
        SayNothingFound(source="embase"),
        SayFileFoundAgain(source="central", run=earlier.id),
        Sign(subject="amendment"),
        RequestPublication(number="3.0"),
        AddPerson(person="eve", name="Eve", roles=("screener",)),
        ChangePerson(person=BEN, name="Ben Okri", roles=("screener",)),
        RetirePerson(person=BEN),
        MakeSignInLink(person=BEN),
    ]
    return {type(act): act for act in said}


def log_of(app: App) -> tuple[int, str]:
    with app.database.reading() as connection:
        return head(connection)


def performed(office: Office, folder: Path, act: Act[Any], by: Any, *, allowed: bool) -> bool:
    """Perform an act on a copy where it is to be allowed; say whether it was."""
    app = office.copy(folder) if allowed else office.app
    before = log_of(app)
    try:
        perform(app, act, by)
    except NotAllowed:
        assert log_of(app) == before
        return False
    finally:
        if allowed:
            app.database.close()
    return True


KINDS = pytest.mark.parametrize("kind", RIGHTS, ids=lambda kind: kind.__name__)


@KINDS
def test_each_role_may_do_to_the_work_of_others_what_the_table_says(
    office: Office, tmp_path: Path, kind: type[Act[Any]]
) -> None:
    right, act = RIGHTS[kind], office.acts[kind]

    may = {
        role: performed(
            office, tmp_path / role, act, actor(worker(role)), allowed=role in right.roles
        )
        for role in RoleId
    }

    assert {role for role, allowed in may.items() if allowed} == right.roles


@KINDS
def test_a_retired_person_may_do_nothing(office: Office, kind: type[Act[Any]]) -> None:
    for role in RoleId:
        with pytest.raises(NotAllowed, match="has retired|at the machine"):
            perform(office.app, office.acts[kind], actor(retired(role)))


@KINDS
def test_without_a_name_the_command_line_may_do_what_the_table_says(
    office: Office, tmp_path: Path, kind: type[Act[Any]]
) -> None:
    may = performed(
        office,
        tmp_path / "copy",
        office.acts[kind],
        AT_THE_MACHINE,
        allowed=RIGHTS[kind].machine,
    )

    assert may == RIGHTS[kind].machine


@pytest.mark.parametrize("kind", [SettleConflict, RuleValue, ChoosePlace])
def test_each_role_may_do_to_its_own_work_what_the_table_says(
    office: Office, tmp_path: Path, kind: type[Act[Any]]
) -> None:
    right = RIGHTS[kind]

    may = {
        role: performed(
            office,
            tmp_path / role,
            office.own[kind, role],
            actor(worker(role)),
            allowed=role in right.own,
        )
        for role in RoleId
    }

    assert {role for role, allowed in may.items() if allowed} == right.own


def test_only_rulings_make_a_difference_between_own_work_and_that_of_others() -> None:
    different = {kind for kind, right in RIGHTS.items() if right.own != right.roles}

    assert different == {SettleConflict, RuleValue, ChoosePlace}


def test_every_act_has_a_right_and_is_stored_by_somebody() -> None:
    kinds = set(_leaves(Act))

    assert kinds == set(RIGHTS) == set(DOINGS)


def _leaves(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield the acts themselves, without their roots and what pydantic makes of `Act[…]`."""
    below = kind.__subclasses__()
    for each in below:
        yield from _leaves(each)
    if not below and "[" not in kind.__name__:
        yield kind


def test_the_documents_show_the_table_of_now() -> None:
    text = COMMANDS.read_text(encoding="utf-8")

    assert with_table(text) == text
