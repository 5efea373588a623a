"""Facts of screening: verdicts, rulings, links, and the end of a candidate."""

from __future__ import annotations

from state.codec import Json
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.facts.words import CandidateOutcome, LinkVerdict, RulingKind
from state.screening import EligiblePlace, Stage, StudyStatus, Verdict


class VerdictGiven(Fact, kind="verdict_given", about="candidate", sealable=True):
    """One reader's verdict on a candidate at a stage; sealed until two readers have decided."""

    candidate: str
    person: str
    verdict: Verdict
    stage: Stage
    criterion: str | None
    place: EligiblePlace | None
    next_look_on: str | None
    note: str | None
    protocol_version: str

    def sentence(self) -> str:
        said = f"{self.verdict}{_because(self.criterion, self.place)}"
        return f"said of {self.candidate} at {_stage(self.stage)}: {said}"


class RulingGiven(Fact, kind="ruling_given", about="subject"):
    """An answer to a conflict about a candidate (`subject`): an agreement or an adjudication."""

    subject: str
    person: str
    verdict: Verdict
    stage: Stage
    criterion: str | None
    place: EligiblePlace | None
    next_look_on: str | None
    note: str | None
    ruling: RulingKind
    protocol_version: str

    def sentence(self) -> str:
        agreed = self.ruling is RulingKind.AGREEMENT
        how = "agreed, to end the conflict about" if agreed else "ruled on the conflict about"
        said = f"{self.verdict}{_because(self.criterion, self.place)}"
        return f"{how} {self.subject} at {_stage(self.stage)}: {said}"


class LinkSettled(Fact, kind="link_settled", about="candidate"):
    """Whether a candidate is a report of a known study. study: None where that was refused."""

    candidate: str
    person: str
    verdict: LinkVerdict
    note: str | None
    study: str | None

    def sentence(self) -> str:
        if self.study is None:
            return f"refused the link of {self.candidate} to a known study"
        return f"confirmed that {self.candidate} is a report of {self.study}"


class VerdictWithdrawn(Fact, kind="verdict_withdrawn", about="candidate", sealable=True):
    """A reader took a verdict back before the other had decided; sealed as long as the verdict."""

    candidate: str
    person: str
    stage: Stage
    note: str

    def sentence(self) -> str:
        at = _stage(self.stage)
        return f"took back what they said of {self.candidate} at {at}: {self.note}"

    def sealed_sentence(self) -> str:
        return f"took a verdict on {self.candidate} back (sealed until both readers have decided)"


class CandidateClosed(Fact, kind="candidate_closed", about="candidate", version=2):
    """Nothing more is to be decided about a candidate."""

    candidate: str
    outcome: CandidateOutcome

    def sentence(self) -> str:
        return f"closed {self.candidate}: {self.outcome.replace('_', ' ')}"


@upcast(CandidateClosed, since=1)
def _closed_for_fewer_reasons(old: Json) -> Json:
    return old


class CandidateReopened(Fact, kind="candidate_reopened", about="candidate"):
    """A closed candidate is to be judged again. stage: the one that is asked anew, None where only
    a link or a withdrawn import had closed it; person: None where a search found it again."""

    candidate: str
    person: str | None
    note: str
    stage: Stage | None

    def sentence(self) -> str:
        at = f" at {_stage(self.stage)}" if self.stage is not None else ""
        return f"opened {self.candidate} again{at}: {self.note}"


def _stage(stage: Stage) -> str:
    return "full text" if stage is Stage.FULL_TEXT else "title and abstract"


def _because(criterion: str | None, place: StudyStatus | None) -> str:
    if criterion is not None:
        return f" ({criterion})"
    return f" as {place}" if place is not None else ""
