"""No act took effect with too few hands: derived from the log alone, by a rule table of its own.

Nothing here asks the product who may: the roles are read off the facts about people, and what a
person said counts if they held the role when they said it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.surveillance.hand_searches import by_hand
from tests.histories.chronicle import Chronicle, Entry
from tests.histories.people import (
    ADJUDICATOR,
    AUTHORS,
    LEAD,
    SCREENER,
    SPECIALIST,
    Team,
    holders,
    holds,
)
from tests.histories.scene import Scene

TWO = 2
TITLE_ABSTRACT, FULL_TEXT = "title_abstract", "full_text"
INCLUDE, EXCLUDE = "include", "exclude"
VERDICTS = ("accept", "reject")
INCLUDED, CONFIRM = "included", "confirm-link"
PLACES = (INCLUDED, "excluded", "ongoing", "awaiting")
POOLED = frozenset({INCLUDED, "excluded"})  # to enter or leave one of these takes two
MACHINE = ("system", "command line")


def said_by(entries: Iterable[Entry], *roles: str) -> frozenset[str]:
    """Return who of those who said something held one of these roles when they said it."""
    return frozenset(each.actor for each in entries if holds(each.team, each.actor, roles))


class _Said:
    """What was said of each thing and still counts: who said it, and under which proposal."""

    def __init__(self) -> None:
        self._entries: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)

    def add(self, thing: tuple[str, str], entry: Entry) -> None:
        """Keep that somebody said this."""
        self._entries[thing].append(entry)

    def note(self, entry: Entry) -> None:
        """Forget what was taken back, turned down or lapsed."""
        if entry.kind == "proposal_ended" and entry.data["ending"] != "confirmed":
            for thing, said in self._entries.items():
                gone = entry.data["proposal"]
                self._entries[thing] = [e for e in said if e.data.get("proposal") != gone]

    def forget(self, *things: tuple[str, str]) -> None:
        """Begin anew with these."""
        for thing in things:
            self._entries.pop(thing, None)

    def by(self, thing: tuple[str, str], *roles: str) -> frozenset[str]:
        """Return who said this in one of these roles."""
        return said_by(self._entries[thing], *roles)


# ---- candidates ----


@dataclass
class _Stage:
    """What was said of a candidate at a stage and still counts."""

    verdicts: dict[str, Entry] = field(default_factory=dict)
    rulings: list[Entry] = field(default_factory=list)

    def ended(self, *verdicts: str) -> bool:
        """Whether two readers, or a third who rules, end it with one of these."""
        readers = said_by(self.verdicts.values(), SCREENER)
        if len(readers) < TWO:
            return False
        ruling = self._ruling(readers)
        if ruling is not None:
            return ruling in verdicts
        return {each.data["verdict"] for each in self.verdicts.values()} <= set(verdicts)

    def _ruling(self, readers: frozenset[str]) -> str | None:
        third = [each for each in self.rulings if each.actor not in readers]
        if third:
            ruled = [each for each in third if holds(each.team, each.actor, (ADJUDICATOR,))]
            return str(ruled[-1].data["verdict"]) if ruled else None
        agreed = {each.actor: str(each.data["verdict"]) for each in self.rulings}
        one = set(agreed.values())
        return one.pop() if readers <= set(agreed) and len(one) == 1 else None


@dataclass
class _Candidate:
    """What was said of a candidate since it was last opened."""

    stages: defaultdict[str, _Stage] = field(default_factory=lambda: defaultdict(_Stage))
    links: list[Entry] = field(default_factory=list)

    def since(self, stage: str | None) -> _Candidate:
        """Return what still counts where a stage is asked anew: what was said before it."""
        if stage is None:
            return replace(self, links=[])
        before = {TITLE_ABSTRACT: self.stages[TITLE_ABSTRACT]} if stage == FULL_TEXT else {}
        return _Candidate(defaultdict(_Stage, before))

    def take_over(self, other: _Candidate) -> None:
        """Count what was said of a candidate that is this one now: nobody's verdict is lost."""
        for name, stage in other.stages.items():
            self.stages[name].verdicts = {**stage.verdicts, **self.stages[name].verdicts}

    def may_be(self, outcome: str) -> bool:
        """Whether enough hands stand behind an outcome."""
        first, second = self.stages[TITLE_ABSTRACT], self.stages[FULL_TEXT]
        match outcome:
            case "excluded":
                return first.ended(EXCLUDE) or (_passed(first) and second.ended(EXCLUDE))
            case "included":
                return _passed(first) and second.ended(INCLUDE)
            case "report_of":
                return len(said_by(self.links, SCREENER)) >= TWO
            case _:
                return True


def _passed(stage: _Stage) -> bool:
    return stage.ended(INCLUDE, "unsure")


def candidates(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each candidate that ended without its two."""
    known: defaultdict[str, _Candidate] = defaultdict(_Candidate)
    candidate_of: dict[str, str] = {}
    for entry in chronicle.entries:
        _note_places(entry, candidate_of, defaultdict(set))
        found = known[entry.subject]
        match entry.kind:
            case "verdict_given":
                found.stages[entry.data["stage"]].verdicts[entry.actor] = entry
            case "ruling_given":
                found.stages[entry.data["stage"]].rulings.append(entry)
            case "link_settled" if entry.data["verdict"] == CONFIRM:
                found.links.append(entry)
            case "link_proposed":
                known[entry.data["candidate"]].links.append(entry)
            case "candidate_closed" if not found.may_be(entry.data["outcome"]):
                yield f"{entry.subject} became {entry.data['outcome']} at event {entry.seq}"
            case "verdict_withdrawn":
                found.stages[entry.data["stage"]].verdicts.pop(entry.actor, None)
            case "candidate_reopened":
                known[entry.subject] = found.since(entry.data["stage"])
            case "likeness_settled" if entry.data.get("carries"):
                one, other = (candidate_of.get(entry.data[end]) for end in ("record", "other"))
                known[str(other)].take_over(known[str(one)])
        yield from _linked(entry, found)
        _note_merge(entry, candidate_of)


def _linked(entry: Entry, found: _Candidate) -> Iterator[str]:
    """Name a link that one person confirmed: it closes its candidate."""
    if entry.kind == "link_settled" and entry.data["study"] and not found.may_be("report_of"):
        yield f"{entry.subject} became a report of {entry.data['study']} at event {entry.seq}"


# ---- pairs ----


def merges(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each pair that became one by a single hand though a candidate had been read."""
    said = _Said()
    candidate_of: dict[str, str] = {}
    read: _Readers = defaultdict(set)
    for entry in chronicle.entries:
        _note_places(entry, candidate_of, read)
        said.note(entry)
        if entry.kind not in ("likeness_settled", "merge_proposed"):
            continue
        pair = (entry.data["record"], entry.data["other"])
        if entry.data.get("verdict") == "different":
            said.forget(pair)
            continue
        said.add(pair, entry)
        needed = TWO if any(read[candidate_of.get(record, record)] for record in pair) else 1
        if entry.kind == "likeness_settled" and len(said.by(pair, SCREENER)) < needed:
            yield f"{' and '.join(pair)} became one at event {entry.seq}"
        _note_merge(entry, candidate_of)


_Readers = defaultdict[str, set[str]]


def _note_places(entry: Entry, candidate_of: dict[str, str], read: _Readers) -> None:
    """Keep where each record is queued, and who has said something of each candidate."""
    if entry.kind == "record_found" and entry.data["place"] is not None:
        candidate_of[entry.data["record"]["source"] + ":" + entry.data["record"]["source_id"]] = (
            entry.data["place"]["id"]
        )
    elif entry.kind == "likeness_settled" and entry.data["place"] is not None:
        candidate_of[entry.data["record"]] = entry.data["place"]["id"]
    elif entry.kind == "verdict_given":
        read[entry.subject].add(entry.actor)
    elif entry.kind == "verdict_withdrawn":
        read[entry.subject].discard(entry.actor)


def _note_merge(entry: Entry, candidate_of: dict[str, str]) -> None:
    """Keep that a record is queued where the one is that it was said to be."""
    if entry.kind == "likeness_settled" and entry.data["verdict"] == "same":
        candidate_of[entry.data["record"]] = candidate_of[entry.data["other"]]


# ---- studies ----


def moves(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each study that entered or left what is pooled by a single hand."""
    places: dict[str, str] = {}
    said = _Said()
    for entry in chronicle.entries:
        places |= dict(_placed(entry))
        said.note(entry)
        if entry.kind not in ("move_proposed", "study_moved"):
            continue
        study, place = entry.data["study"], entry.data["place"]
        said.add((study, place), entry)
        if entry.kind == "study_moved":
            before, places[study] = places[study], place
            movers = said.by((study, place), SCREENER, LEAD)
            said.forget(*((study, each) for each in PLACES))
            if before != place and {before, place} & POOLED and len(movers) < TWO:
                how = f"moved from {before} to {place} at event {entry.seq}"
                yield f"{study} {how} by {sorted(movers)}"


def _placed(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.kind == "baseline_loaded":
        yield from ((each["study"]["id"], INCLUDED) for each in entry.data["studies"])
    elif entry.kind == "study_added":
        yield entry.data["study"]["id"], entry.data["place"]


# ---- papers ----


def publications(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each version that was published, and each of its signals, without two signatures."""
    first = True
    for place, entry in enumerate(chronicle.entries):
        if entry.kind != "version_published":
            continue
        before = chronicle.entries[:place]
        if not first:
            yield from _unsigned(entry, before)
        first = False


def _unsigned(entry: Entry, before: tuple[Entry, ...]) -> Iterator[str]:
    number = entry.data["number"]
    raised = _since(before, number, "version_drafted")
    since = _since(raised, number, "version_put_up_again")
    if not is_accepted(since, number, entry.team):
        yield f"version {number} was published at event {entry.seq} by {_signers(since, number)}"
    for each in raised:
        if _is(each, "signal_raised", number) and each.data["changes_conclusions"]:
            signal = each.data["signal"]
            if not any(is_accepted(since, signal, entry.team, word) for word in VERDICTS):
                yield f"version {number} was published with its signal {signal} not signed by two"


def _since(before: Sequence[Entry], number: str, kind: str) -> list[Entry]:
    """Return what came after a version was last drafted, or put up again: it begins anew then."""
    begun = max((each.seq for each in before if _is(each, kind, number)), default=0)
    return [each for each in before if each.seq > begun]


def _is(entry: Entry, kind: str, number: str) -> bool:
    return entry.kind == kind and entry.data["number"] == number


def is_accepted(
    entries: Iterable[Entry], subject: str, team: Team, verdict: str = "accept"
) -> bool:
    """Whether two people, one of them a lead (then, or in this team), signed."""
    signed = [
        each
        for each in entries
        if each.kind == "signed"
        and each.data["subject"] == subject
        and each.data["verdict"] == verdict
    ]
    signers = said_by(signed, *AUTHORS)
    leads = said_by(signed, LEAD) | (signers & holders(team, LEAD))
    return len(signers) >= TWO and bool(leads)


def _signers(entries: Iterable[Entry], subject: str) -> list[str]:
    return sorted(
        each.actor for each in entries if each.kind == "signed" and each.data["subject"] == subject
    )


# ---- what is in force ----


def amendments(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each protocol and each changed strategy that came into force without two signatures."""
    first = True
    compared: set[str] = set()
    for place, entry in enumerate(chronicle.entries):
        before = chronicle.entries[:place]
        match entry.kind:
            case "strategy_proposed" if entry.data["comparison"] is not None:
                compared.add(entry.data["strategy"])
            case "strategy_adopted" if entry.subject in compared:
                signed = [*before, *_same_act(chronicle, entry)]
                if not is_accepted(signed, entry.subject, entry.team):
                    yield f"the strategy {entry.subject} came into force at event {entry.seq}"
            case "amendment_in_force" if not is_accepted(before, entry.subject, entry.team):
                yield f"the amendment {entry.subject} came into force at event {entry.seq}"
            case "protocol_adopted":
                if not first and not _agreed(before, entry):
                    yield f"protocol {entry.subject} came into force at event {entry.seq}"
                first = False


def _same_act(chronicle: Chronicle, entry: Entry) -> list[Entry]:
    return [each for each in chronicle.entries if each.at == entry.at and each.kind == "signed"]


def _agreed(before: tuple[Entry, ...], adopted: Entry) -> bool:
    """Whether an amendment that proposes this version was accepted."""
    proposed = (each for each in before if each.kind == "protocol_proposed")
    return any(
        is_accepted(before, each.subject, adopted.team)
        for each in proposed
        if each.data["protocol_version"] == adopted.subject
    )


# ---- searches ----


def searches(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each search by hand that somebody without the right said was made."""
    sources = {plan.id for plan in by_hand(scene.app)}
    for entry in chronicle.of_kind("search_finished"):
        source = entry.data["run"]["source"]
        by_machine = entry.actor in MACHINE and bool(entry.data["run"]["payloads"])
        right = holds(entry.team, entry.actor, (SPECIALIST, LEAD)) or by_machine
        if source in sources and not right:
            yield f"{entry.actor} marked {source} as searched at event {entry.seq}"
