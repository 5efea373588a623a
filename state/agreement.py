"""The rules of dual extraction: pure functions from two people's submissions to accepted values.

A round is complete when two different people have submitted. Nothing of an open round is visible
to anybody but its author. Equal values of a complete round are accepted, different ones are
adjudicated; a later round (an erratum, a correction) supersedes the cells it names and no others.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from extraction.model import Basis, Provenance, Report, UnpooledResult, Value
from state.facts.words import HowAccepted
from state.screening import SEATS


class Described(StrEnum):
    """What extractors say of a study as a whole; compared like any value."""

    DESIGN = "design"
    ARMS = "arms"
    PARTICIPANTS = "participants"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person says of one cell: a number with its unit, or a word of description.

    One with neither says that the reports do not give it.
    """

    number: float | None
    text: str | None
    unit: str | None = None
    value: Value | None = None

    def agrees_with(self, other: Entry) -> bool:
        """Whether two people say the same: provenance may differ, number and unit may not."""
        mine = (self.number, self.text, self.unit)
        return mine == (other.number, other.text, other.unit)

    @property
    def reported(self) -> bool:
        """Whether there is a number or a word."""
        return self.number is not None or self.text is not None


NOT_REPORTED = Entry(None, None)


@dataclass(frozen=True, slots=True)
class Submission:
    """One person's whole extraction of a study, as handed in."""

    seq: int
    person: str
    entries: Mapping[str, Entry]
    labels: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)  # phrases, by the cells of their fields
    unpooled: tuple[UnpooledResult, ...] = ()

    def repeats(self, other: Submission) -> bool:
        """Whether a person says again what they said, word for word."""
        return self._said == other._said

    @property
    def _said(self) -> tuple[object, ...]:
        return self.person, self.entries, self.labels, self.reports, self.unpooled


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A third person's answer for one cell; a number of None with no text drops the cell."""

    seq: int
    person: str
    cell: str
    number: float | None
    text: str | None
    note: str

    def repeats(self, other: Adjudication) -> bool:
        """Whether it is the same answer of the same person, with the same reason."""
        return self == replace(other, seq=self.seq)


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """Whose place counts for a number that two read in different places."""

    seq: int
    cell: str
    said_by: str


Said = TypeVar("Said", Adjudication, ChosenPlace)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted entry and who stands behind it."""

    cell: str
    entry: Entry
    people: tuple[str, ...]
    how: HowAccepted


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell on which the two of a complete round differ (None: not given)."""

    cell: str
    entries: Mapping[str, Entry | None]


@dataclass(frozen=True, slots=True)
class TwoPlaces:
    """A number on which two agree, though each read it in another place."""

    cell: str
    said: Mapping[str, Provenance]

    @property
    def said_by_each(self) -> str:
        """What both say, as one text: equal for all numbers that the two read alike."""
        return "; ".join(f"{who}: {_in_words(place)}" for who, place in self.said.items())


@dataclass(frozen=True, slots=True)
class Round:
    """Submissions of two people, oldest first; open while there is only one."""

    submissions: tuple[Submission, ...]

    @property
    def complete(self) -> bool:
        """Whether both have submitted."""
        return len(self.submissions) == SEATS

    @property
    def tells_unpooled(self) -> bool:
        """Whether anybody told a result beside the numbers."""
        return any(each.unpooled for each in self.submissions)

    @property
    def people(self) -> tuple[str, ...]:
        """Who has a seat in this round."""
        return tuple(submission.person for submission in self.submissions)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the extraction of a study stands: what is accepted, what is not yet.

    rulings: those that count, by their cells. withdrawn: the cells that hold no number any more,
    whatever was published of them; withdrawing: those that would, were no difference left.
    """

    rounds: tuple[Round, ...]
    accepted: Mapping[str, Accepted]
    differences: tuple[Difference, ...]
    standing: Mapping[str, Accepted]  # what counts: as of the last round that left no difference
    withdrawn: frozenset[str] = frozenset()  # as of the same round
    withdrawing: frozenset[str] = frozenset()
    rulings: Mapping[str, Adjudication] = field(default_factory=dict)
    places: tuple[TwoPlaces, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether at least one round is complete and no difference is left."""
        return bool(self.rounds) and self.rounds[0].complete and not self.differences

    @property
    def open_round(self) -> Round | None:
        """The round that waits for its second person, if there is one."""
        last = self.rounds[-1] if self.rounds else None
        return last if last is not None and not last.complete else None

    @property
    def read_by(self) -> frozenset[str]:
        """Who handed in of a complete round: none of them is a third person."""
        return frozenset(who for each in self.rounds if each.complete for who in each.people)

    @property
    def labels(self) -> dict[str, str]:
        """What those who handed in of a complete round called its arms and outcomes, the last."""
        said = (each.labels for one in self.rounds if one.complete for each in one.submissions)
        return {key: name for labels in said for key, name in labels.items()}

    @property
    def in_question(self) -> Round | None:
        """The round that a hand-in would be about: the open one, else the last."""
        return self.rounds[-1] if self.rounds else None

    def agreed_by_two(self, cell: str) -> Entry | None:
        """What both said of a cell, in the last complete round that names it."""
        for each in reversed([each for each in self.rounds if each.complete]):
            one, other = (submission.entries.get(cell) for submission in each.submissions)
            if one is not None or other is not None:
                return one if one and other and one.agrees_with(other) else None
        return None


@dataclass(slots=True)
class _Reached:
    """What the complete rounds came to so far."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    differences: dict[str, Difference] = field(default_factory=dict)
    rulings: dict[str, Adjudication] = field(default_factory=dict)
    places: dict[str, TwoPlaces] = field(default_factory=dict)

    def ask_anew(self, cell: str) -> None:
        """Forget what was in question about a cell: a later round is about it."""
        for asked in (self.differences, self.rulings, self.places):
            asked.pop(cell, None)

    def take(self, accepted: Accepted) -> None:
        """Let an entry count; one that says `not reported` leaves the cell without a number."""
        cell = accepted.cell
        if accepted.entry.reported:
            self.accepted[cell] = accepted
            self.withdrawn.discard(cell)
        else:
            self.accepted.pop(cell, None)
            self.withdrawn.add(cell)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One cell of a complete round, with what a third person or the two said of it afterwards."""

    cell: str
    of: Round
    ruling: Adjudication | None
    chosen: ChosenPlace | None


def agree(
    submissions: Sequence[Submission],
    adjudications: Sequence[Adjudication] = (),
    chosen: Sequence[ChosenPlace] = (),
) -> Agreement:
    """Derive what is accepted from all that was handed in and ruled, oldest first."""
    rounds = _rounds(submissions)
    complete = [each for each in rounds if each.complete]
    reached = _Reached()
    standing: dict[str, Accepted] = {}
    withdrawn: frozenset[str] = frozenset()
    for number, each in enumerate(complete):
        for asked in _asked(each, complete[number + 1 :], adjudications, chosen):
            _settle(asked, reached)
        if not reached.differences:
            standing, withdrawn = dict(reached.accepted), frozenset(reached.withdrawn)
    return Agreement(
        rounds,
        reached.accepted,
        tuple(reached.differences[cell] for cell in sorted(reached.differences)),
        standing,
        withdrawn,
        frozenset(reached.withdrawn),
        reached.rulings,
        tuple(reached.places[cell] for cell in sorted(reached.places)),
    )


def _rounds(submissions: Sequence[Submission]) -> tuple[Round, ...]:
    rounds: list[list[Submission]] = []
    for submission in submissions:
        if not rounds or len(rounds[-1]) == SEATS:
            rounds.append([submission])
        elif rounds[-1][0].person == submission.person:
            rounds[-1] = [submission]  # a person may replace what is still sealed
        else:
            rounds[-1].append(submission)
    return tuple(Round(tuple(each)) for each in rounds)


def _cells(of: Round) -> frozenset[str]:
    return frozenset(cell for submission in of.submissions for cell in submission.entries)


def _asked(
    of: Round,
    later: Sequence[Round],
    adjudications: Sequence[Adjudication],
    chosen: Sequence[ChosenPlace],
) -> Iterator[_Asked]:
    """Yield the cells of a round; an answer belongs to the round that was the last to name it."""
    begun = of.submissions[-1].seq
    for cell in sorted(_cells(of)):
        ended = [each.submissions[-1].seq for each in later if cell in _cells(each)]
        between = range(begun + 1, min(ended, default=sys.maxsize))
        yield _Asked(cell, of, _last(adjudications, cell, between), _last(chosen, cell, between))


def _last(said: Sequence[Said], cell: str, between: range) -> Said | None:
    found = [each for each in said if each.cell == cell and each.seq in between]
    return found[-1] if found else None


def _settle(asked: _Asked, reached: _Reached) -> None:
    first, second = asked.of.submissions
    one, other = first.entries.get(asked.cell), second.entries.get(asked.cell)
    reached.ask_anew(asked.cell)
    if asked.ruling is not None:
        reached.rulings[asked.cell] = asked.ruling
        reached.take(_ruled(asked.ruling, _given(one), _given(other)))
    elif one is not None and other is not None and one.agrees_with(other):
        two_places = _two_places(asked)
        if two_places is not None and asked.chosen is None:
            reached.places[asked.cell] = two_places
        entry = _placed(one, asked.chosen, two_places)
        how = HowAccepted.DOUBLE_EXTRACTION
        reached.take(Accepted(asked.cell, entry, asked.of.people, how))
    else:
        said = {first.person: _given(one), second.person: _given(other)}
        reached.differences[asked.cell] = Difference(asked.cell, said)


def _given(entry: Entry | None) -> Entry | None:
    return entry if entry is not None and entry.reported else None


def _ruled(ruling: Adjudication, one: Entry | None, other: Entry | None) -> Accepted:
    """Return a ruling as an entry, read in the place that the first reader names.

    Where a reader had the number by a formula, it goes with the formula's number alone.
    """
    model = _read_by(ruling, [each for each in (one, other) if each is not None])
    unit = model.unit if model is not None else None
    value = model.value if model is not None else None
    dropped = ruling.number is None and ruling.text is None
    entry = NOT_REPORTED if dropped else Entry(ruling.number, ruling.text, unit, value)
    return Accepted(ruling.cell, entry, (ruling.person,), HowAccepted.ADJUDICATED)


def _read_by(ruling: Adjudication, said: Sequence[Entry]) -> Entry | None:
    """Return the entry whose place a ruling takes over."""
    if any(each.value is not None and each.value.provenance.how for each in said):
        same = [each for each in said if each.number == ruling.number]
        said = same or [_without_formula(each) for each in said]
    return next(iter(said), None)


def _without_formula(entry: Entry) -> Entry:
    if entry.value is None:
        return entry
    place = replace(entry.value.provenance, basis=Basis.EXTRACTED, how=None)
    return replace(entry, value=replace(entry.value, provenance=place))


def _two_places(asked: _Asked) -> TwoPlaces | None:
    """Return the places that two name for one number, where they are not one place."""
    said = {
        submission.person: entry.value.provenance
        for submission in asked.of.submissions
        if (entry := submission.entries.get(asked.cell)) is not None and entry.value is not None
    }
    places = list(said.values())
    if len(places) < SEATS or _one_place(places[0], places[1]):
        return None
    return TwoPlaces(asked.cell, said)


def _one_place(one: Provenance, other: Provenance) -> bool:
    """Whether two name one report and, where both name it, one page or table of it."""
    mine, theirs = _plain(one.locator), _plain(other.locator)
    return _plain(one.source) == _plain(other.source) and (not mine or not theirs or mine == theirs)


def _plain(text: str | None) -> str:
    return re.sub(r"[\W_]+", "", text or "").casefold()


def _placed(entry: Entry, chosen: ChosenPlace | None, places: TwoPlaces | None) -> Entry:
    """Return an agreed entry with the place that counts, or with both while that is open."""
    if entry.value is None or places is None:
        return entry
    if chosen is not None and chosen.said_by in places.said:
        return replace(entry, value=replace(entry.value, provenance=places.said[chosen.said_by]))
    two = f"read in two places ({places.said_by_each})"
    how = "; ".join(filter(None, (entry.value.provenance.how, two)))
    origin = replace(entry.value.provenance, how=how)
    return replace(entry, value=replace(entry.value, provenance=origin))


def _in_words(place: Provenance) -> str:
    return ", ".join(filter(None, (place.source, place.locator or place.quote)))
