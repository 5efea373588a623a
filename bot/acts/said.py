"""Everything that people can say, one value each: the vocabulary of the page and the commands.

An act names its subject and nothing of who says it: that is the actor of `perform`. What it gives
back when it is performed stands in brackets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from bot.acts.act import Act, Count, Day, Name, Number, Text
from bot.review.faults import shown, wrong
from bot.review.wanted import Wants
from extraction import model
from extraction.model import Design, Reporting
from state.agreement import Agreement
from state.facts import ElsewhereItem, SearchRun
from state.facts.words import LinkVerdict, SignatureVerdict, SignedKind
from state.people import Person
from state.proposals import Proposal
from state.screening import EligiblePlace, Stage, StageResult, StudyStatus, Verdict


@dataclass(frozen=True, slots=True)
class HandGiven:
    """What an act came to that may take two people.

    proposal: what waits, or what this act has put in force; None where one hand is enough, or all
    was so already. waits_for: who can be the second. told: who is told of it.
    """

    proposal: Proposal | None = None
    waits_for: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a second person is still to say it."""
        return self.proposal is not None and self.proposal.ended is None


class GiveVerdict(Act[StageResult]):
    """Give a verdict on a candidate, unseen by the other reader until both have given one."""

    candidate: Name
    verdict: Verdict
    stage: Stage | None = None  # None: the stage at which the candidate is
    criterion: str | None = None
    place: EligiblePlace | None = None
    next_look_on: Day | None = None
    note: str | None = None


class SettleConflict(Act[StageResult]):
    """Answer a conflict of screening: one of its two readers agrees, or a third person rules."""

    subject: Name
    verdict: Verdict
    criterion: str | None = None
    place: EligiblePlace | None = None
    next_look_on: Day | None = None
    note: str | None = None


class SettleLink(Act[HandGiven]):
    """Say whether a candidate is another report of the known study it was found for."""

    candidate: Name
    verdict: LinkVerdict
    note: str | None = None


class SaySame(Act[HandGiven]):
    """Say that two records are one."""

    record: Name
    other: Name
    note: str | None = None


class SayDifferent(Act[None]):
    """Say that two records are two, after all or from the first."""

    record: Name
    other: Name
    note: str | None = None


class Reopen(Act[HandGiven]):
    """Have a closed candidate judged again; what was said of it stays in the log."""

    candidate: Name
    note: Text


class WithdrawVerdict(Act[None]):
    """Take one's own verdict back, while the other reader has not decided."""

    candidate: Name
    note: Text


class WithdrawProposal(Act[None]):
    """Take back what one has proposed, while nobody has confirmed it."""

    proposal: Name
    note: Text


class RejectProposal(Act[None]):
    """Refuse what another has proposed; all stays as it is."""

    proposal: Name
    note: Text


class SettleTask(Act[None]):
    """Say what was concluded of a task that the program raised."""

    task: Name
    note: Text


class ReopenTask(Act[None]):
    """Have a settled task judged again; what was concluded of it stays in the log."""

    task: Name
    note: Text


class PlaceStudy(Act[HandGiven]):
    """Say where a study is to stand."""

    study: Name
    place: StudyStatus
    next_look_on: Day | None = None
    note: Text | None = None  # needed to move it; not for another day to look at it again


# A number, or the text that stands in the paper: "12/45 (26.7%)", "3.1 (SE 0.4)".
Typed = Annotated[Number | Text, Wants("a number, or the text that the paper prints for it")]


class ReadValue(BaseModel):
    """The numbers of one outcome at one time, of one arm or of a pair, and where they were read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Name
    time_point: str | None = None
    arm: str | None = None
    arms: tuple[str, ...] | None = None
    not_reported: StrictBool = False  # what counts now is to count no more
    stratum: str = ""  # the part of the study that is reported apart
    time: Typed | None = None
    estimate: Typed | None = None
    se: Typed | None = None
    ci_lower: Typed | None = None
    ci_upper: Typed | None = None
    p: Typed | None = None
    o_minus_e: Typed | None = None
    variance: Typed | None = None
    unit: str | None = None
    source: str = ""
    locator: str | None = None
    quote: str | None = None
    events: Typed | None = None
    total: Typed | None = None
    mean: Typed | None = None
    sd: Typed | None = None
    n: Typed | None = None
    both: Typed | None = None
    first_only: Typed | None = None
    second_only: Typed | None = None
    neither: Typed | None = None
    sd_difference: Typed | None = None
    correlation: Typed | None = None

    @property
    def of_arms(self) -> tuple[str, ...]:
        """The arm or the arms that the numbers are of; none where neither or both were given."""
        if self.arms is not None and self.arm is None:
            return self.arms
        return (self.arm,) if self.arm is not None and self.arms is None else ()

    @property
    def numbers(self) -> dict[model.Field, float | str]:
        """The numbers and phrases that are given."""
        typed = {each: getattr(self, each.value) for each in model.Field}
        return {each: said for each, said in typed.items() if said is not None}


class AddedReport(BaseModel):
    """A document about a study that it was not known to have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    citation: Text
    pmid: str | None = None
    doi: str | None = None
    register_id: str | None = None


class ToldResult(BaseModel):
    """A result that a report tells and no analysis can pool: an adverse event, one in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Text
    outcome: str | None = None
    arms: tuple[str, ...] = ()  # none: it is not told by arm
    number: Number | None = None
    unit: str | None = None  # what the number counts
    source: str = ""
    locator: str | None = None
    quote: str | None = None


class HandIn(Act[Agreement]):
    """Hand in what was read in the reports of a study, unseen by the other extractor."""

    study: Name
    design: Design
    arms: tuple[str, ...]
    participants: Annotated[StrictInt, Field(ge=1)] | None = None
    values: tuple[ReadValue, ...] = ()
    labels: dict[str, str] = {}
    reports: tuple[AddedReport, ...] = ()
    reporting: dict[str, Reporting] = {}  # what the reports make of outcomes, by these
    unpooled: tuple[ToldResult, ...] = ()

    @field_validator("labels", mode="before")
    @classmethod
    def _by_id(cls, labels: object) -> object:
        if not isinstance(labels, dict):
            raise wrong(shown(labels), "an object of id and label")
        return labels

    @field_validator("arms")
    @classmethod
    def _two_or_more(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        named = all(arm and "," not in arm for arm in arms)
        if len(set(arms)) != len(arms) or len(arms) < 2 or not named:
            raise wrong(shown(list(arms)), "a list of two or more arm ids")
        return arms


class RuleValue(Act[Agreement]):
    """Rule, as a third person, what counts for a value on which the two extractors differ."""

    subject: Name
    cell: Name
    number: Number | None = None
    text: Text | None = None
    drop: StrictBool = False
    also: dict[model.Field, Number | None] = {}  # of the same arm and time; None: not reported
    note: Text

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        answers = {"number": self.number, "text": self.text, "drop": self.drop or None}
        given = [name for name, answer in answers.items() if answer is not None]
        if len(given) != 1:
            raise wrong(" and ".join(given) or "no answer", "one of number, text or drop")
        return self


class ChoosePlace(Act[Agreement]):
    """Say which of two places counts, where two extractors read one number in different ones."""

    subject: Name
    cell: Name
    place_of: Name
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """What became of an export. again: this very file had been imported already, as this run;
    told: and something else was told of it now."""

    run: SearchRun
    again: bool = False
    told: bool = False


class GiveExport(Act[Import]):
    """Give the file that a search by hand brought, or tell more of one that was given.

    search: which of the source's searches, by number or words; part: "2/3" of its export; shown:
    how many records the database showed; difference: why they are not as many as the file holds.
    """

    source: Name
    name: str
    body: Annotated[bytes, Field(repr=False)]
    searched_on: str | None = None  # None: today
    search: Text | None = None
    part: Text | None = None
    shown: Count | None = None
    difference: Text | None = None
    platform: Text | None = None
    coverage: Text | None = None


@dataclass(frozen=True, slots=True)
class TakenList:
    """What was taken of another review. known: those of its reports of which a record is known.

    again: the very same was taken before, and nothing was changed.
    """

    sister: str
    items: tuple[ElsewhereItem, ...]
    known: tuple[ElsewhereItem, ...]
    warnings: tuple[str, ...]
    again: bool


class GiveSisterList(Act[TakenList]):
    """Give what another review includes: its package, or a list of the included reports.

    None of them counts as included here, and none is queued: searches are held against them.
    """

    sister: Text
    name: str
    body: Annotated[bytes, Field(repr=False)]


class SayNothingFound(Act[SearchRun]):
    """Say that a search by hand found nothing: one of the source's searches."""

    source: Name
    search: Text | None = None
    platform: Text | None = None
    coverage: Text | None = None


class SayFileFoundAgain(Act[SearchRun]):
    """Say that a new search by hand gave the very file that an earlier one brought."""

    source: Name
    run: Name


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of a search that was taken back: how many candidates it had brought closed."""

    run: SearchRun
    closed: tuple[str, ...]
    told: tuple[str, ...]


class WithdrawSearch(Act[TakenBack]):
    """Take back a search by hand that one has stated or given the file of."""

    run: Name
    note: Text


class ProposeAmendment(Act[str]):
    """Propose a whole new protocol; two who accept it, one of them the lead, put it in force."""

    body: Annotated[str, Field(repr=False, min_length=1)]


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """What was signed, and what it still waits for."""

    kind: SignedKind
    waits_for: tuple[str, ...] = ()


class Sign(Act[SignatureGiven]):
    """Accept or reject a signal, a draft version or an amendment. A signature stays.

    result: the results that the signer saw; a draft that was made anew since is not signed.
    """

    subject: Name
    verdict: SignatureVerdict = SignatureVerdict.ACCEPT
    reason: str | None = None
    result: str | None = None


class RequestPublication(Act[str]):
    """Ask for the publication of a draft that is signed."""

    number: str | None = None  # None: the draft that is open


class _PersonDescribed(Act[Person]):
    """A person as they are to be known."""

    person: Name
    name: Text
    address: str | None = None
    roles: tuple[Name, ...]
    deputy: str | None = None

    @field_validator("roles")
    @classmethod
    def _some_role(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if not roles:
            raise wrong("no role", "at least one role")
        return roles


class AddPerson(_PersonDescribed):
    """Add a person to the team, or one who has left again, under the id they had."""


class ChangePerson(_PersonDescribed):
    """Change a person's name, address, roles and deputy; the id stays."""


class RetirePerson(Act[None]):
    """Retire a person; what is open passes to the deputy, who may be named with it."""

    person: Name
    deputy: str | None = None


class MakeSignInLink(Act[str]):
    """Make a one-time link that signs a person in."""

    person: Name
