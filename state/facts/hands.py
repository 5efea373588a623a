"""Facts of what two people have to say: proposed by one, ended by another."""

from __future__ import annotations

from state.facts.fact import Fact
from state.facts.words import ProposalEnding
from state.screening import StudyStatus


class MoveProposed(Fact, kind="move_proposed", about="proposal"):
    """Somebody wants a study to stand elsewhere. since: where it stood; cites: the notices known
    of its reports."""

    proposal: str
    study: str
    person: str
    since: StudyStatus
    place: StudyStatus
    next_look_on: str | None
    note: str
    cites: tuple[str, ...]

    def sentence(self) -> str:
        return (
            f"proposed ({self.proposal}) to move the study {self.study} from {self.since} to"
            f" {self.place}: {self.note}"
        )


class MergeProposed(Fact, kind="merge_proposed", about="proposal"):
    """Somebody says that two records are one, where somebody has judged one of them already."""

    proposal: str
    record: str
    other: str
    person: str
    note: str | None

    def sentence(self) -> str:
        why = f": {self.note}" if self.note else ""
        return f"proposed ({self.proposal}) to take {self.record} and {self.other} as one{why}"


class LinkProposed(Fact, kind="link_proposed", about="proposal"):
    """Somebody says that a candidate is a report of the known study that it was found for."""

    proposal: str
    candidate: str
    study: str
    person: str
    note: str | None

    def sentence(self) -> str:
        why = f": {self.note}" if self.note else ""
        return (
            f"proposed ({self.proposal}) to take {self.candidate} as a report of {self.study}{why}"
        )


class ProposalEnded(Fact, kind="proposal_ended", about="proposal"):
    """What became of a proposal. person: None where nobody ended it and it lapsed."""

    proposal: str
    ending: ProposalEnding
    person: str | None
    note: str | None

    def sentence(self) -> str:
        why = f": {self.note}" if self.note else ""
        if self.ending is ProposalEnding.LAPSED:
            return f"let the proposal {self.proposal} lapse{why}"
        said = {
            ProposalEnding.CONFIRMED: "confirmed",
            ProposalEnding.REJECTED: "rejected",
            ProposalEnding.WITHDRAWN: "took back",
        }[self.ending]
        return f"{said} the proposal {self.proposal}{why}"
