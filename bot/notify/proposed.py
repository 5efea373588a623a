"""What waits for a second person, in words: for notices, the page, the commands and status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from state import extractions, people, records
from state.facts.words import NoticeKind, ProposalEnding, ProposalKind
from state.proposals import Proposal
from state.screening import StudyStatus
from state.values import Notice

PLACES = {
    StudyStatus.INCLUDED: "included",
    StudyStatus.ONGOING: "ongoing",
    StudyStatus.AWAITING: "awaiting classification",
    StudyStatus.EXCLUDED: "excluded",
}
ENDED = {
    ProposalEnding.CONFIRMED: "is in force",
    ProposalEnding.REJECTED: "was rejected",
    ProposalEnding.WITHDRAWN: "was taken back",
    ProposalEnding.LAPSED: "lapsed",
}
WAY_BACK = {
    ProposalKind.MOVE: "livingreview place {subject} {since} --note WHY --as PERSON (by two again)",
    ProposalKind.MERGE: "livingreview different {subject} {other} --as PERSON",
    ProposalKind.LINK: "livingreview reopen {subject} --note WHY --as PERSON",
}


@dataclass(frozen=True, slots=True)
class Worded:
    """A proposal with the names of what it is about and of who said what."""

    proposal: Proposal
    what: str
    by: str
    ended_by: str | None

    @property
    def why(self) -> str:
        """The reason, with the notices that were known when it was given."""
        cited = f" (known of its reports: {'; '.join(self.proposal.cites)})"
        return (self.proposal.note or "no reason given") + (cited if self.proposal.cites else "")

    @property
    def way_back(self) -> str:
        """How it is undone once it is in force."""
        of = self.proposal
        return WAY_BACK[of.kind].format(subject=of.subject, other=of.other, since=of.since)

    @property
    def page(self) -> str:
        """Where on the page it is confirmed, rejected or taken back."""
        of = self.proposal
        places = {
            ProposalKind.MOVE: f"/extract/{quote(of.subject)}",
            ProposalKind.MERGE: "/duplicates",
            ProposalKind.LINK: f"/candidates/{quote(of.subject, safe=':')}",
        }
        return places[of.kind]


def worded(connection: Connection, proposal: Proposal) -> Worded:
    """Say in names what a proposal is about."""
    two = [proposal.person, *filter(None, [proposal.ended_by])]
    names = people.names(connection, two)
    ended_by = proposal.ended_by
    return Worded(
        proposal,
        what(connection, proposal),
        names.get(proposal.person, proposal.person),
        names.get(ended_by, ended_by) if ended_by is not None else None,
    )


def what(connection: Connection, proposal: Proposal) -> str:
    """Say what would be done, and nothing of who wants it or why."""
    if proposal.kind is ProposalKind.MOVE and proposal.place is not None:
        came = f" from {PLACES[proposal.since]}" if proposal.since is not None else ""
        look = f", to look at again on {proposal.next_look_on}" if proposal.next_look_on else ""
        return (
            f"move {_label(connection, proposal.subject)}{came} to {PLACES[proposal.place]}{look}"
        )
    if proposal.kind is ProposalKind.MERGE:
        two = (proposal.subject, proposal.other or "")
        return f"take {' and '.join(_title(connection, key) for key in two)} as one record"
    label = _label(connection, proposal.other or "")
    return f"take {_title(connection, proposal.subject)} as a report of {label}"


def _label(connection: Connection, study: str) -> str:
    return extractions.find_study(connection, study).study.label


def _title(connection: Connection, key: str) -> str:
    found = records.stored(connection, [key])
    return f"“{found[key].record.title}” ({key})" if key in found else key


def proposal_made(said: Worded, link: str) -> Notice:
    """Ask those who can be the second person."""
    name = said.proposal.id
    lines = [
        f"{said.by} proposes ({name}) to {said.what}.",
        "",
        f"Why: {said.why}",
        "",
        "Nothing is changed until a second person says the same; the results stand.",
        f"What it would change, and to confirm or reject it: {link}{said.page}",
        f"By command: livingreview reject {name} --note WHY --as PERSON",
    ]
    return Notice(
        f"proposal:{name}",
        NoticeKind.PROPOSAL,
        f"To confirm or reject: {said.what}",
        "\n".join(lines),
    )


def proposal_ended(said: Worded, link: str) -> Notice:
    """Tell what became of a proposal; of one in force, how it is undone."""
    of = said.proposal
    ended = ENDED[of.ended] if of.ended is not None else "waits"
    lines = [
        f"The proposal {of.id} of {said.by}, to {said.what}, {ended}.",
        "",
        f"Why it was made: {said.why}",
        *([f"By: {said.ended_by}"] if said.ended_by else []),
        *([f"Said with it: {of.ended_note}"] if of.ended_note else []),
        "",
        f"Undone with: {said.way_back}"
        if of.ended is ProposalEnding.CONFIRMED
        else "All is as it was.",
        f"{link}{said.page}",
    ]
    subject = f"{said.what[:1].upper()}{said.what[1:]}: {ended}"
    return Notice(f"proposal-ended:{of.id}", NoticeKind.PROPOSAL_ENDED, subject, "\n".join(lines))


def reopened(candidate: str, title: str, by: str, why: str, *, at: str, link: str) -> Notice:
    """Tell readers that a closed candidate is to be judged again."""
    lines = [
        f"{by} had a record judged again that was closed:",
        "",
        f"  {title}",
        "",
        f"Why: {why}",
        "What was said of it before is kept and counts no more. No study was taken out.",
        f"{link}/candidates/{candidate}",
    ]
    return Notice(
        f"reopened:{candidate}:{at}",
        NoticeKind.REOPENED,
        f"To judge again: {title}",
        "\n".join(lines),
    )


def searched_by_hand(
    run: str, source: str, by: str, found: int, link: str, still_open: Sequence[str] = ()
) -> Notice:
    """Tell the lead what somebody says to have searched."""
    what_came = f"{found} records" if found != 1 else "1 record"
    lines = [
        f"{by} stored a search of {source} by hand: {what_came if found else 'nothing found'}.",
        "",
        *_searched_or_open(still_open),
        f"livingreview withdraw {run} --note WHY --as PERSON",
        f"{link}/imports",
    ]
    return Notice(
        f"searched-by-hand:{run}",
        NoticeKind.SEARCHED_BY_HAND,
        f"{source} was searched by hand",
        "\n".join(lines),
    )


def _searched_or_open(still_open: Sequence[str]) -> list[str]:
    way_back = "Who stored it can take it back:"
    if not still_open:
        return [f"The source counts as searched from now on. {way_back}"]
    return ["The source does not count as searched yet. Open are:", *still_open, "", way_back]


def search_withdrawn(
    run: str, source: str, by: str, why: str, closed: Sequence[str], link: str
) -> Notice:
    """Tell that a search by hand is none, and what became of what it had brought."""
    lines = [
        f"{by} took the search {run} of {source} back: the source counts as not searched by it.",
        "",
        f"Why: {why}",
        "",
        f"Closed as “import withdrawn”, since nobody had judged them: {len(closed)}.",
        *(f"  - {each}" for each in closed),
        "They stay known. A search that finds them again opens them; so does:",
        "livingreview reopen CANDIDATE --note WHY --as PERSON",
        f"{link}/imports",
    ]
    return Notice(
        f"search-withdrawn:{run}",
        NoticeKind.SEARCH_WITHDRAWN,
        f"The search of {source} was taken back",
        "\n".join(lines),
    )
