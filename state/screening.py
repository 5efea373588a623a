"""The rules of dual screening: pure functions from what people said to where a candidate stands.

DESIGN.md 8 has the table. Two different people decide each stage, blind to each other until both
have; a conflict is ended by both signing the same answer, else by a third person's ruling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from state.errors import BadInput, NotAllowed

# Whoever reads alone misses what two would see: screening and extraction are done by two people.
SEATS = 2


class Stage(StrEnum):
    TITLE_ABSTRACT = "title_abstract"
    FULL_TEXT = "full_text"


class Verdict(StrEnum):
    INCLUDE = "include"
    EXCLUDE = "exclude"
    UNSURE = "unsure"


class StudyStatus(StrEnum):
    """Where a study stands."""

    INCLUDED = "included"
    ONGOING = "ongoing"
    AWAITING = "awaiting"
    EXCLUDED = "excluded"  # found eligible once, and taken out since by two people


# Where what is found eligible can stand at first.
EligiblePlace = Literal[StudyStatus.INCLUDED, StudyStatus.ONGOING, StudyStatus.AWAITING]


class ScreeningStatus(StrEnum):
    WAITING = "waiting"
    HALF_SCREENED = "half_screened"
    CONFLICT = "conflict"
    TO_FULL_TEXT = "to_full_text"
    INCLUDED = "included"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verdict says: include (and as what), exclude (and why) or unsure."""

    verdict: Verdict
    criterion: str | None = None
    place: EligiblePlace | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's verdict on one candidate at one stage.

    next_look_on: when to look again at a study that is ongoing or awaits classification.
    """

    person: str
    answer: Answer
    note: str | None = None
    next_look_on: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer given to end a conflict: by a reviewer who agrees, or by the adjudicator."""

    person: str
    answer: Answer
    adjudication: bool
    note: str | None = None
    next_look_on: str | None = None


@dataclass(frozen=True, slots=True)
class StageResult:
    """How a stage stands, derived from its decisions and rulings.

    answer: what counts once the stage is over (None before); criteria: all that were named;
    criterion_open: excluded, but the criterion to report is still to be settled.
    """

    status: ScreeningStatus
    answer: Answer | None = None
    criteria: tuple[str, ...] = ()
    criterion_open: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more is to be decided at this stage."""
        ended = self.status in (
            ScreeningStatus.TO_FULL_TEXT,
            ScreeningStatus.INCLUDED,
            ScreeningStatus.EXCLUDED,
        )
        return ended and not self.criterion_open


def checked_answer(stage: Stage, answer: Answer, criteria: Sequence[str]) -> Answer:
    """Return the answer as it will be stored, or say what is wrong with it."""
    if answer.verdict is Verdict.EXCLUDE:
        _check_criterion(stage, answer.criterion, criteria)
    elif answer.criterion is not None:
        raise BadInput(f"a criterion belongs to an exclusion, not to '{answer.verdict}'")
    if answer.place is not None and (
        stage is not Stage.FULL_TEXT or answer.verdict is not Verdict.INCLUDE
    ):
        raise BadInput("a place (included, ongoing, awaiting) belongs to an inclusion at full text")
    if stage is Stage.FULL_TEXT and answer.verdict is Verdict.INCLUDE and answer.place is None:
        return Answer(answer.verdict, place=StudyStatus.INCLUDED)
    return answer


def _check_criterion(stage: Stage, criterion: str | None, criteria: Sequence[str]) -> None:
    if criterion is None and stage is Stage.FULL_TEXT:
        raise BadInput(
            "an exclusion at full text names the criterion that failed: one of "
            + ", ".join(criteria)
        )
    if criterion is not None and criterion not in criteria:
        raise BadInput(f"criterion '{criterion}' is not one of {', '.join(criteria)}")


def current(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return each person's newest decision, in the order in which they first decided."""
    newest: dict[str, Decision] = {}
    for decision in decisions:
        newest[decision.person] = decision
    return tuple(newest.values())


def status(
    stage: Stage, decisions: Sequence[Decision], rulings: Sequence[Ruling] = ()
) -> StageResult:
    """Derive how a stage stands from all that was said, oldest first."""
    seated = current(decisions)
    if len(seated) < SEATS:
        waiting = ScreeningStatus.HALF_SCREENED if seated else ScreeningStatus.WAITING
        return StageResult(waiting)
    criteria = tuple(dict.fromkeys(d.answer.criterion for d in seated if d.answer.criterion))
    ruled = _ruled(seated, rulings)
    if ruled is not None:
        return StageResult(_ended(stage, ruled), ruled, criteria)
    return _unruled(stage, seated, criteria)


def _unruled(stage: Stage, seated: tuple[Decision, ...], criteria: tuple[str, ...]) -> StageResult:
    first, second = (decision.answer for decision in seated)
    both_exclude = first.verdict is second.verdict is Verdict.EXCLUDE
    if stage is Stage.TITLE_ABSTRACT:
        return _title_abstract(first, second, criteria)
    if both_exclude:
        return StageResult(ScreeningStatus.EXCLUDED, first, criteria, first != second)
    if first == second and first.verdict is Verdict.INCLUDE:
        return StageResult(ScreeningStatus.INCLUDED, first)
    return StageResult(ScreeningStatus.CONFLICT, None, criteria)


def _title_abstract(first: Answer, second: Answer, criteria: tuple[str, ...]) -> StageResult:
    excluded = [answer.verdict is Verdict.EXCLUDE for answer in (first, second)]
    if all(excluded):
        return StageResult(ScreeningStatus.EXCLUDED, first, criteria)
    if any(excluded):
        return StageResult(ScreeningStatus.CONFLICT, None, criteria)
    return StageResult(ScreeningStatus.TO_FULL_TEXT, first)


def _ruled(seated: tuple[Decision, ...], rulings: Sequence[Ruling]) -> Answer | None:
    """Return the answer that ended the conflict: an adjudication, or both reviewers' agreement."""
    adjudications = [ruling.answer for ruling in rulings if ruling.adjudication]
    if adjudications:
        return adjudications[-1]
    agreed = {ruling.person: ruling.answer for ruling in rulings if not ruling.adjudication}
    answers = [agreed.get(decision.person) for decision in seated]
    if answers[0] is not None and answers[0] == answers[1]:
        return answers[0]
    return None


def _ended(stage: Stage, answer: Answer) -> ScreeningStatus:
    if answer.verdict is Verdict.EXCLUDE:
        return ScreeningStatus.EXCLUDED
    if stage is Stage.TITLE_ABSTRACT:
        return ScreeningStatus.TO_FULL_TEXT
    return ScreeningStatus.INCLUDED


def may_decide(person: str, decisions: Sequence[Decision]) -> None:
    """Raise NotAllowed unless this person may (still) give a verdict at this stage.

    A verdict can be changed until the second person has decided; afterwards both have seen it.
    """
    seated = [decision.person for decision in current(decisions)]
    if len(seated) >= SEATS:
        raise NotAllowed(f"both seats are taken by {' and '.join(sorted(seated))}; it is decided")


def may_agree(person: str, decisions: Sequence[Decision], result: StageResult) -> None:
    """Raise NotAllowed unless there is a conflict and this person is one of the two."""
    _needs_settling(result)
    if person not in {decision.person for decision in current(decisions)}:
        raise NotAllowed(f"{person} did not screen this candidate; only the two who did may agree")


def may_adjudicate(person: str, decisions: Sequence[Decision], result: StageResult) -> None:
    """Raise NotAllowed unless there is a conflict and this person is neither of the two."""
    _needs_settling(result)
    if person in {decision.person for decision in current(decisions)}:
        raise NotAllowed(f"{person} screened this candidate; the adjudicator is a third person")


def _needs_settling(result: StageResult) -> None:
    if result.status is not ScreeningStatus.CONFLICT and not result.criterion_open:
        raise NotAllowed(f"there is no conflict to settle: the status is '{result.status}'")
