"""The rules of dual extraction: pure functions from two people's submissions to accepted values.

A round is complete when two different people have submitted. Nothing of an open round is visible
to anybody but its author. Equal values of a complete round are accepted, different ones are
adjudicated; a later round (an erratum, a correction) supersedes the cells it names and no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extraction.model import Value
from state.facts.words import HowAccepted
from state.screening import SEATS


class Described(StrEnum):
    """What extractors say of a study as a whole; compared like any value."""

    DESIGN = "design"
    ARMS = "arms"
    PARTICIPANTS = "participants"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person says of one cell: a number with its unit, or a word of description."""

    number: float | None
    text: str | None
    unit: str | None = None
    value: Value | None = None

    def agrees_with(self, other: Entry) -> bool:
        """Whether two people say the same: provenance may differ, number and unit may not."""
        mine = (self.number, self.text, self.unit)
        return mine == (other.number, other.text, other.unit)


@dataclass(frozen=True, slots=True)
class Submission:
    """One person's whole extraction of a study, as handed in."""

    seq: int
    person: str
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A third person's answer for one cell; a number of None with no text drops the cell."""

    seq: int
    person: str
    cell: str
    number: float | None
    text: str | None
    note: str


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
class Round:
    """Submissions of two people, oldest first; open while there is only one."""

    submissions: tuple[Submission, ...]

    @property
    def complete(self) -> bool:
        """Whether both have submitted."""
        return len(self.submissions) == SEATS

    @property
    def people(self) -> tuple[str, ...]:
        """Who has a seat in this round."""
        return tuple(submission.person for submission in self.submissions)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the extraction of a study stands: what is accepted, what is not yet."""

    rounds: tuple[Round, ...]
    accepted: Mapping[str, Accepted]
    differences: tuple[Difference, ...]
    standing: Mapping[str, Accepted]  # what counts: as of the last round that left no difference

    @property
    def settled(self) -> bool:
        """Whether at least one round is complete and no difference is left."""
        return bool(self.rounds) and self.rounds[0].complete and not self.differences

    @property
    def open_round(self) -> Round | None:
        """The round that waits for its second person, if there is one."""
        last = self.rounds[-1] if self.rounds else None
        return last if last is not None and not last.complete else None


def agree(
    submissions: Sequence[Submission], adjudications: Sequence[Adjudication] = ()
) -> Agreement:
    """Derive what is accepted from all that was handed in and ruled, oldest first."""
    rounds = _rounds(submissions)
    accepted: dict[str, Accepted] = {}
    differences: dict[str, Difference] = {}
    standing: dict[str, Accepted] = {}
    for complete in (each for each in rounds if each.complete):
        _settle(complete, adjudications, accepted, differences)
        if not differences:
            standing = dict(accepted)
    left = tuple(differences[cell] for cell in sorted(differences))
    return Agreement(rounds, accepted, left, standing)


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


def _settle(
    complete: Round,
    adjudications: Sequence[Adjudication],
    accepted: dict[str, Accepted],
    differences: dict[str, Difference],
) -> None:
    first, second = complete.submissions
    for cell in sorted(first.entries.keys() | second.entries.keys()):
        one, other = first.entries.get(cell), second.entries.get(cell)
        ruling = _ruling(cell, second.seq, adjudications)
        differences.pop(cell, None)
        if one is not None and other is not None and one.agrees_with(other):
            accepted[cell] = Accepted(cell, one, complete.people, HowAccepted.DOUBLE_EXTRACTION)
        elif ruling is None:
            differences[cell] = Difference(cell, {first.person: one, second.person: other})
        else:
            _apply(ruling, one or other, accepted)


def _ruling(cell: str, after: int, adjudications: Sequence[Adjudication]) -> Adjudication | None:
    rulings = [each for each in adjudications if each.cell == cell and each.seq > after]
    return rulings[-1] if rulings else None


def _apply(ruling: Adjudication, model: Entry | None, accepted: dict[str, Accepted]) -> None:
    if ruling.number is None and ruling.text is None:
        accepted.pop(ruling.cell, None)
        return
    unit = model.unit if model is not None else None
    value = model.value if model is not None else None
    entry = Entry(ruling.number, ruling.text, unit, value)
    accepted[ruling.cell] = Accepted(ruling.cell, entry, (ruling.person,), HowAccepted.ADJUDICATED)
