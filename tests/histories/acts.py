"""The product's acts, each built in one place: what an interface gains is added here alone.

What takes two is the same act said by two people. A field that an act of this product does not have
is left out, and an act that it does not have at all is None: nobody can say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, get_args

from bot.acts import said
from bot.acts.act import Act, Saying
from bot.acts.handed import read_hand_in
from bot.acts.perform import DOINGS
from bot.acts.rights import check_right
from bot.acts.said import (
    AddPerson,
    ChangePerson,
    GiveExport,
    GiveVerdict,
    HandIn,
    PlaceStudy,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayFileFoundAgain,
    SayNothingFound,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
)
from bot.app import App
from state.events import Actor
from state.facts.words import LinkVerdict, PairVerdict, SignatureVerdict
from state.late import late
from state.screening import Answer, EligiblePlace, Stage, StudyStatus

AnAct = Act[Any]
Said = TypeVar("Said", bound=AnAct)
NOTE = "as the protocol has it"
EXCLUDED = "excluded"
# Acts that not every version of the product has: the first name that it has is taken.
SAME, DIFFERENT = ("SaySame", "SayWhetherSame"), ("SayDifferent", "SayWhetherSame")
REOPEN, REOPEN_TASK = ("Reopen",), ("ReopenTask",)
WITHDRAW_VERDICT, WITHDRAW_SEARCH = ("WithdrawVerdict",), ("WithdrawSearch",)
WITHDRAW_PROPOSAL, REJECT_PROPOSAL = ("WithdrawProposal",), ("RejectProposal",)
AMEND = ("ProposeAmendment",)
ELIGIBLE = ("included", "ongoing", "awaiting")  # where a study can stand that screening found


def verdict(candidate: str, stage: Stage, answer: Answer) -> GiveVerdict:
    """Give a verdict."""
    return GiveVerdict(candidate=candidate, stage=stage, **_answered(answer))


def settle(candidate: str, answer: Answer) -> SettleConflict:
    """Answer a conflict of screening."""
    return SettleConflict(subject=candidate, note=NOTE, **_answered(answer))


def link(candidate: str, *, confirm: bool) -> SettleLink:
    """Say whether a candidate is a report of the study that it was proposed for."""
    said_of_it = LinkVerdict.CONFIRM if confirm else LinkVerdict.REFUSE
    return _built(SettleLink, candidate=candidate, verdict=said_of_it, note=NOTE)


def pair(record: str, other: str, *, same: bool) -> AnAct:
    """Say whether two records are one."""
    found = PairVerdict.SAME if same else PairVerdict.DIFFERENT
    act = _new(SAME if same else DIFFERENT, record=record, other=other, verdict=found, note=NOTE)
    assert act is not None
    return act


def eligible_places() -> tuple[EligiblePlace, ...]:
    """Where a verdict at full text can put a study."""
    return get_args(EligiblePlace)


def places() -> tuple[StudyStatus, ...]:
    """Return where a study can stand."""
    return tuple(StudyStatus)


def place(study: str, where: StudyStatus, next_look_on: str | None) -> PlaceStudy:
    """Move a study, as it is said by each of the two who move it."""
    return _built(PlaceStudy, study=study, place=where, next_look_on=next_look_on, note=NOTE)


def hand_in(app: App, study: str, data: Mapping[str, object]) -> HandIn:
    """Hand an extraction in."""
    return read_hand_in(data, app.protocol, study)


def rule_value(study: str, cell: str, **answer: object) -> RuleValue:
    """Rule on a value: a number, a text or drop."""
    return RuleValue.model_validate({"subject": study, "cell": cell, "note": NOTE, **answer})


def settle_task(task: str) -> SettleTask:
    """Say what was concluded of a task."""
    return SettleTask(task=task, note=NOTE)


def export(source: str, body: bytes, name: str) -> GiveExport:
    """Give the file of a search by hand."""
    return GiveExport(source=source, name=name, body=body)


def nothing_found(source: str) -> SayNothingFound:
    """Say that a search by hand found nothing."""
    return SayNothingFound(source=source)


def found_again(source: str, run: str) -> SayFileFoundAgain:
    """Say that a search by hand gave the file of an earlier one."""
    return SayFileFoundAgain(source=source, run=run)


def sign(subject: str, *, accept: bool) -> Sign:
    """Sign a signal, a version or an amendment, as it is said by each of those who sign."""
    found = SignatureVerdict.ACCEPT if accept else SignatureVerdict.REJECT
    return Sign(subject=subject, verdict=found, reason=None if accept else "not as it stands")


def put_up_again(number: str) -> Sign:
    """Put a rejected version up again: a lead accepts it, and says why."""
    return Sign(subject=number, verdict=SignatureVerdict.ACCEPT, reason=NOTE)


def publish(number: str | None) -> RequestPublication:
    """Ask for a publication."""
    return RequestPublication(number=number)


def add(person: str, roles: Iterable[str], deputy: str | None = None) -> AddPerson:
    """Add a person."""
    return AddPerson(**_described(person, roles, deputy))


def change(person: str, roles: Iterable[str], deputy: str | None) -> ChangePerson:
    """Change a person's roles, deputy and address."""
    return ChangePerson(**_described(person, roles, deputy))


def retire(person: str, deputy: str | None) -> RetirePerson:
    """Retire a person."""
    return RetirePerson(person=person, deputy=deputy)


def reopen(candidate: str) -> AnAct | None:
    """Open a closed candidate anew."""
    return _new(REOPEN, candidate=candidate, note=NOTE)


def reopen_task(task: str) -> AnAct | None:
    """Have a settled task judged again."""
    return _new(REOPEN_TASK, task=task, note=NOTE)


def withdraw_verdict(candidate: str) -> AnAct | None:
    """Take one's own verdict back."""
    return _new(WITHDRAW_VERDICT, candidate=candidate, note=NOTE)


def withdraw_search(run: str) -> AnAct | None:
    """Take back that one searched by hand."""
    return _new(WITHDRAW_SEARCH, run=run, note=NOTE)


def end_proposal(proposal: str, *, own: bool) -> AnAct | None:
    """Take back what one proposed, or refuse what another did."""
    return _new(WITHDRAW_PROPOSAL if own else REJECT_PROPOSAL, proposal=proposal, note=NOTE)


def amend(text: str) -> AnAct | None:
    """Propose a whole protocol."""
    return _new(AMEND, body=text)


def rehearse(app: App, act: AnAct, person: str) -> None:
    """Do what somebody would say and undo it; raise what it would be refused with."""
    doing = DOINGS[type(act)]
    read = (late(doing.read)(app, act),) if doing.read is not None else ()
    actor = Actor(person, authenticated=True)
    with suppress(_Rehearsed), app.ledger(actor) as ledger:
        check_right(ledger.connection, act, actor)
        late(doing.store)(Saying(app, ledger, actor), act, *read)
        raise _Rehearsed


class _Rehearsed(Exception):
    """It was taken, and is undone."""


def _described(person: str, roles: Iterable[str], deputy: str | None) -> dict[str, Any]:
    address = f"{person}@example.org"
    name = f"{person.title()} Reader"
    return {
        "person": person,
        "name": name,
        "address": address,
        "roles": tuple(roles),
        "deputy": deputy,
    }


def _answered(answer: Answer) -> dict[str, Any]:
    return {"verdict": answer.verdict, "criterion": answer.criterion, "place": answer.place}


def _built(of: type[Said], **fields: object) -> Said:
    """Build an act with those of the fields that it has in this product."""
    return of(**{name: value for name, value in fields.items() if name in of.model_fields})


def _new(names: Iterable[str], **fields: object) -> AnAct | None:
    of = next((getattr(said, name) for name in names if hasattr(said, name)), None)
    return _built(of, **fields) if of is not None else None
