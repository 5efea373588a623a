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
from bot.app import AT_THE_MACHINE, App
from bot.surveillance.searched import last_whole_search
from extraction.model import Record
from state import decisions, extractions, likeness, people, records, runs, versions
from state.database import open_database
from state.errors import BadInput, NotAllowed, NotFound
from state.events import Actor, head
from state.facts.words import LinkVerdict, RoleId
from state.people import Person
from state.screening import Stage, StudyStatus, Verdict
from state.tasks import TaskKind, raise_task, settle_task
from state.values import WorkKind
from tests.bot.builders import (
    ADA,
    BEN,
    DORA,
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
from tests.bot.protocols import AMENDED
from tests.bot.web.browser import visitor

COMMANDS = Path(__file__).parent.parent.parent.parent / "docs" / "commands.md"
BASELINE_STUDY = "azulay1994"
MOVED_STUDY = "leger2001"
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
                several = (RoleId.SCREENER, RoleId.EXTRACTOR, RoleId.INFORMATION_SPECIALIST)
                people.add_person(ledger, Person(person, f"Person {person}", None, several))
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
        acts |= done_alone(app, number, role, study)
        acts[ChoosePlace, role] = ChoosePlace(
            subject=study, cell=f"{study}|{READ_ALIKE}", place_of=BEN
        )
    return acts


def done_alone(app: App, number: int, role: RoleId, study: str) -> dict[Any, Act[Any]]:
    """Have one person do what can be taken back; return how each is."""
    person, seen = worker(role), Record("ctgov", f"NCT7700000{number}", f"Seen by one, {number}")
    found(app, seen)
    say(app, person, seen.key, Verdict.INCLUDE)
    search = perform(app, SayNothingFound(source="ictrp"), actor(person))
    move = proposed_move(app, person, study)
    return {
        (WithdrawVerdict, role): WithdrawVerdict(candidate=seen.key, note="misread"),
        (WithdrawSearch, role): WithdrawSearch(run=search.id, note="another source"),
        (WithdrawProposal, role): WithdrawProposal(proposal=move, note="it has results"),
        (RejectProposal, role): RejectProposal(proposal=move, note="it has results"),
    }


def proposed_move(app: App, person: str, study: str) -> str:
    """Have somebody propose that a study await classification; return the proposal's id."""
    act = PlaceStudy(study=study, place=StudyStatus.AWAITING, note="no results")
    proposal = perform(app, act, actor(person)).proposal
    assert proposal is not None
    return proposal.id


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
    closed, half = (Record("central", name, f"A {name} record") for name in ("closed", "half"))
    found(app, fresh, eligible, closed, half)
    for each in (ADA, BEN):
        say(app, each, closed.key, Verdict.EXCLUDE)
    say(app, ADA, half.key, Verdict.INCLUDE)
    found(app, second, study=BASELINE_STUDY)
    for stage in Stage:
        for each in (ADA, BEN):
            say(app, each, eligible.key, Verdict.INCLUDE, stage=stage)
    export = GiveExport(source="central", name="central.ris", body=TWO_RECORDS)
    earlier = perform(app, export, AT_THE_MACHINE).run
    nothing = perform(app, SayNothingFound(source="embase"), actor(DORA))
    move = proposed_move(app, ADA, MOVED_STUDY)
    with app.ledger() as ledger:
        likeness.find_likeness(
            ledger, fresh.key, eligible.key, likeness.MAYBE, rule="M4", reasons=["alike"]
        )
        for task in ("task", "settled"):
            raise_task(ledger, task, TaskKind.CORRECTION, subject="x", text="odd", study=None)
        settle_task(ledger, "settled", ADA, "nothing to it")
        versions.propose_amendment(ledger, "amendment", text="Add it?", cause="a trial")
    said: list[Act[Any]] = [
        GiveVerdict(candidate=fresh.key, verdict=Verdict.INCLUDE),
        SettleConflict(subject=conflict, verdict=Verdict.INCLUDE),
        SettleLink(candidate=second.key, verdict=LinkVerdict.REFUSE),
        WithdrawVerdict(candidate=half.key, note="misread"),
        SaySame(record=fresh.key, other=eligible.key),
        SayDifferent(record=fresh.key, other=eligible.key),
        Reopen(candidate=closed.key, note="look again"),
        SettleTask(task="task", note="nothing to it"),
        ReopenTask(task="settled", note="more to it"),
        read_hand_in(an_extraction(9), app.protocol, "doej2026"),
        RuleValue(subject=study, cell=f"{study}|{CELL}", number=9, note="seen"),
        PlaceStudy(study=BASELINE_STUDY, place=StudyStatus.AWAITING, note="no results"),
        RejectProposal(proposal=move, note="it has results"),
        WithdrawProposal(proposal=move, note="it has results"),
        WithdrawSearch(run=nothing.id, note="it was another source"),
        ChoosePlace(subject=study, cell=f"{study}|{READ_ALIKE}", place_of=BEN),
        GiveExport(source="embase", name="embase.ris", body=TWO_RECORDS),
        GiveSisterList(sister="A sister review", name="included.ris", body=TWO_RECORDS),
        SayNothingFound(source="embase"),
        SayFileFoundAgain(source="central", run=earlier.id),
        ProposeAmendment(body=AMENDED),
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


OF_ONES_OWN = [kind for kind, right in RIGHTS.items() if right.own != right.roles]


def test_a_retired_person_may_not_even_take_back_what_is_their_own(
    office: Office, tmp_path: Path
) -> None:
    app = office.copy(tmp_path / "copy")
    with app.ledger() as ledger:
        for role in RoleId:
            people.retire_person(ledger, worker(role))
    before = log_of(app)

    for kind in OF_ONES_OWN:
        for role in RoleId:
            with pytest.raises(NotAllowed, match="has retired"):
                perform(app, office.own[kind, role], actor(worker(role)))

    assert log_of(app) == before
    app.database.close()


@pytest.mark.parametrize("kind", OF_ONES_OWN, ids=lambda kind: kind.__name__)
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


def test_rulings_and_what_is_taken_back_differ_for_own_work_and_that_of_others() -> None:
    assert set(OF_ONES_OWN) == {
        SettleConflict,
        RuleValue,
        ChoosePlace,
        RejectProposal,
        WithdrawProposal,
        WithdrawSearch,
        WithdrawVerdict,
    }


# ---- no single hand ------------------------------------------------------------------------------

# What these are about in the office has two earlier hands, which differ: they are the third.
WITH_EARLIER_HANDS = {SettleConflict, RuleValue, ChoosePlace}
SEARCHERS = {RoleId.INFORMATION_SPECIALIST, RoleId.LEAD}


@dataclass(frozen=True)
class Guarded:
    """What no single person changes: what is pooled, queued, searched and published."""

    pooled: object
    queued: frozenset[str]
    searched: object
    published: object

    @classmethod
    def of(cls, app: App) -> Guarded:
        with app.database.reading() as connection:
            places = {each.study.id: each.place for each in extractions.studies(connection)}
            pooled = (places, extractions.accepted_values(connection))
            open_now = {each.candidate.id for each in decisions.queue(connection)}
            known = records.all_records(connection)
            queued = frozenset(each.record.key for each in known if each.candidate in open_now)
            searched = {
                plan.id: last_whole_search(app, connection, plan) for plan in app.protocol.sources
            }
            versions_now = [(each.number, each.state) for each in versions.versions(connection)]
            publishing = [each.key for each in runs.waiting(connection, WorkKind.PUBLISH)]
        return cls(pooled, queued, searched, (versions_now, publishing))


def check_guarded(before: Guarded, app: App, role: RoleId) -> None:
    after = Guarded.of(app)
    assert after.pooled == before.pooled
    assert before.queued <= after.queued
    assert after.published == before.published
    if role not in SEARCHERS:
        assert after.searched == before.searched


def single_hands(office: Office, kind: type[Act[Any]], role: RoleId) -> list[Act[Any]]:
    """Return what a person of a role could try with an act: on others' work, on their own."""
    tried = [office.acts[kind]]
    if (kind, role) in office.own:
        tried.append(office.own[kind, role])
    if kind is SettleLink:
        (refusal,) = tried
        tried.append(refusal.model_copy(update={"verdict": LinkVerdict.CONFIRM}))
    if kind is PlaceStudy:
        tried += [
            PlaceStudy(study=study, place=place, note="why")
            for study in (BASELINE_STUDY, "doej2026")
            for place in StudyStatus
        ]
    return tried


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "by command"])
@pytest.mark.parametrize("role", RoleId)
def test_no_single_person_changes_what_is_pooled_queued_searched_or_published(
    office: Office, tmp_path: Path, role: RoleId, *, signed_in: bool
) -> None:
    app = office.copy(tmp_path / "copy")
    before, done = Guarded.of(app), 0
    for kind in (each for each in RIGHTS if each not in WITH_EARLIER_HANDS):
        for act in single_hands(office, kind, role):
            for _ in range(2):  # to say it twice is no second hand
                try:
                    perform(app, act, Actor(worker(role), authenticated=signed_in))
                except (NotAllowed, BadInput, NotFound):
                    continue
                done += 1
                check_guarded(before, app, role)
    app.database.close()
    assert done


def page_of(act: Act[Any]) -> tuple[str, dict[str, object]]:
    """Return where the page takes an act, and its fields."""
    said = {name: value for name, value in dict(act).items() if value is not None}
    match act:
        case GiveVerdict() | WithdrawVerdict() | Reopen() | SettleLink() | SettleConflict():
            name = said.pop("candidate", None) or said.pop("subject")
            return f"/candidates/{name}/{WAYS[type(act)]}", said | _link(act)
        case SaySame() | SayDifferent():
            verdict = "same" if isinstance(act, SaySame) else "different"
            return "/duplicates", said | {"verdict": verdict}
        case PlaceStudy():
            return f"/extract/{said.pop('study')}/place", said
        case RejectProposal() | WithdrawProposal():
            return f"/proposals/{said.pop('proposal')}/{WAYS[type(act)]}", said
        case SayNothingFound():
            return f"/imports/{act.source}/nothing", {"stated": "yes"}
        case SayFileFoundAgain():
            return f"/imports/{act.source}/{act.run}/again", {}
        case WithdrawSearch():
            return f"/imports/embase/{act.run}/withdraw", said
        case Sign():
            return f"/sign/{act.subject}", {"verdict": act.verdict}
        case SettleTask():
            return f"/tasks/{said.pop('task')}/settle", said
        case ReopenTask():
            return f"/tasks/{said.pop('task')}/reopen", said
    raise AssertionError(act)


def _link(act: Act[Any]) -> dict[str, object]:
    if isinstance(act, SettleLink):
        return {"link": act.verdict.removesuffix("-link")}
    return {}


WAYS: dict[type[Act[Any]], str] = {
    GiveVerdict: "verdict",
    WithdrawVerdict: "withdraw",
    Reopen: "reopen",
    SettleLink: "link",
    RejectProposal: "reject",
    WithdrawProposal: "withdraw",
}
# Forms with a file, with many fields, or of people: they end in `perform` as all do.
NOT_POSTED = {
    *WITH_EARLIER_HANDS,
    *(
        HandIn,
        GiveExport,
        GiveSisterList,
        RequestPublication,
        AddPerson,
        ChangePerson,
        RetirePerson,
    ),
    *(ProposeAmendment, MakeSignInLink),
}


@pytest.mark.parametrize("role", RoleId)
def test_no_single_visitor_of_the_page_changes_it_either(
    office: Office, tmp_path: Path, role: RoleId
) -> None:
    app = office.copy(tmp_path / "copy")
    before, them = Guarded.of(app), visitor(app, worker(role))
    for kind in (each for each in RIGHTS if each not in NOT_POSTED):
        for act in single_hands(office, kind, role):
            path, fields = page_of(act)
            for _ in range(2):
                status, said = them.refused(path, **fields)
                assert status in (303, 403, 404, 409, 422), (path, status, said[:300])
                check_guarded(before, app, role)
    app.database.close()


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
