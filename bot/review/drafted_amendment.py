"""What a study reports and the protocol lacks, written out as an amendment ready to sign. Pure.

All follows the protocol's own conventions: a measure is that of the outcome's other analyses, ids
are numbered after the existing ones, and what stands in the file stays as it is. What only people
can know (whether an event is good) is proposed and named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count
from typing import Any

from pydantic import ValidationError

from bot.errors import ProtocolFaults
from bot.review.field_types import is_id
from bot.review.open_questions import concerning, names_of
from bot.review.outcome_fields import FIELDS_OF_A_PAIR, NEEDED_OF_AN_ARM
from bot.review.planned import MEASURES, METHODS, OutcomeKind, PlannedModel
from bot.review.protocol import (
    AnalysisPlan,
    Comparison,
    EventIs,
    HigherIs,
    Outcome,
    ReviewProtocol,
    direction,
)
from bot.review.protocol_file import parse_protocol
from bot.review.read_out import (
    Lacking,
    LackingKind,
    ReadOut,
    compared,
    lacking,
    new_arms,
    new_outcomes,
)
from bot.review.toml_edit import (
    Written,
    table,
    with_list,
    with_table,
    with_text,
    without_table,
)
from extraction.model import Field, Study

# In the place of who agreed, until it is signed; then the signers stand there.
WHO_SIGNS = "whoever signs it"
# The keys of an analysis that say how it is computed.
HOW_COMPUTED = (
    *("measure", "method", "model", "tau2", "interval", "prediction", "level"),
    *("zero_cells", "convention", "swap_events", "shared_control"),
)
Computed = tuple[tuple[str, Any], ...]
_OF_EVENTS = frozenset({Field.EVENTS, Field.TOTAL, Field.BOTH, Field.FIRST_ONLY})
_NUMBERED = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Drafted:
    """An amendment ready to sign. to_check: what the program proposes and cannot know."""

    text: str
    protocol: ReviewProtocol
    reason: str
    to_check: tuple[str, ...]


def write_out(
    protocol: ReviewProtocol, text: str, found: ReadOut, *, version: str, day: str
) -> Drafted | None:
    """Write out the amendment that adds what is lacking; None where no table can hold it.

    An id or a time point that no protocol can bear, or a second time point of a known outcome, is
    for people.
    """
    missing = lacking(protocol, found)
    if not any(_can_be_added(each) for each in missing):
        return None
    try:
        return _written_out(_Draft(protocol, found), text, missing, version=version, day=day)
    except (ValidationError, ProtocolFaults):
        return None


def _written_out(
    drafted: _Draft, text: str, missing: Sequence[Lacking], *, version: str, day: str
) -> Drafted:
    reason = f"{drafted.found.study.label} reports " + ", ".join(_named(each) for each in missing)
    amended = with_text(text, ("review", "version"), version)
    for section, values in drafted.tables():
        amended = with_table(amended, section, table(section, values))
    said = {
        "version": version,
        "decided_on": day,
        "reason": reason,
        "agreed_by": [WHO_SIGNS],
    }
    amended = with_table(amended, "amendments", table("amendments", said))
    amended, settled = _answered(amended, drafted.found.study)
    to_check = (*drafted.to_check, *settled)
    return Drafted(amended, parse_protocol(amended), reason, to_check)


def _answered(text: str, study: Study) -> tuple[str, list[str]]:
    """Take a study out of the open decisions that concern it: to sign its comparison answers them.

    A decision that concerns others too stays open for those.
    """
    said: list[str] = []
    names = {name.casefold() for name in names_of(study)}
    found = list(concerning(parse_protocol(text).open_decisions, names))
    for place, each in reversed(found):  # the places of those before stay as they are
        others = [name for name in each.concerns if name.casefold() not in names]
        path = ("open_decisions", place, "concerns")
        text = with_list(text, path, others) if others else without_table(text, path[0], place)
        said.append(
            f"To check: the open decision '{each.id}' asks \"{each.question}\" To sign this answers"
            f" it with yes for {study.label}, whose values are then pooled in its own comparison."
        )
    return text, said


def as_signed(text: str, *, day: str, names: Sequence[str]) -> str:
    """Put the day and the names of the signers where a drafted amendment leaves them open."""
    waits = table("", {"agreed_by": [WHO_SIGNS]}).splitlines()[1]
    head, found, tail = text.rpartition(waits)
    if not found:
        return text
    dated, key, rest = head.rpartition("decided_on = ")
    _, _, rest = rest.partition("\n")
    signed = table("", {"decided_on": day, "agreed_by": names}).splitlines()
    return f"{dated}{signed[1]}\n{rest}{signed[2]}{tail}" if key else text


def next_version(version: str, known: Sequence[str]) -> str:
    """Return the version after the one in force: its last number counted up."""
    head = version.rstrip("0123456789")
    number = version.removeprefix(head)
    joint = "" if number else "-"
    counted = (f"{head}{joint}{each}" for each in count(int(number or 1) + 1))
    return next(each for each in counted if each not in known)


def _can_be_added(what: Lacking) -> bool:
    named = what.kind in (LackingKind.ARM, LackingKind.OUTCOME)
    return what.kind is LackingKind.COMPARISON or (named and is_id(what.id))


def _named(what: Lacking) -> str:
    return f"the {what.kind} '{what.label}'"


class _Draft:
    """The tables that a read-out adds, in the order in which they name one another."""

    def __init__(self, protocol: ReviewProtocol, found: ReadOut) -> None:
        self.to_check: list[str] = []
        self._protocol, self.found = protocol, found
        self._arms = [each for each in new_arms(protocol, found) if is_id(each)]
        new = [each for each in new_outcomes(protocol, found) if is_id(each)]
        self._outcomes = {each.id: each for each in protocol.outcomes}
        self._new_outcomes = [self._outcome(each) for each in new]
        self._outcomes |= {each.id: each for each in self._new_outcomes}
        self._ids = [each.id for each in protocol.analyses]
        self._majors = {each.comparison: each.id.partition(".")[0] for each in protocol.analyses}

    def tables(self) -> Iterator[tuple[str, Mapping[str, Written]]]:
        """Yield each table with its section."""
        for arm in self._arms:
            yield "arms", {"id": arm, "label": self.found.label(arm)}
        for outcome in self._new_outcomes:
            yield "outcomes", _keys(outcome)
        comparisons = [*self._new_comparisons()]
        for comparison in comparisons:
            yield "comparisons", _keys(comparison)
        for comparison in (*comparisons, *self._others_compared()):
            fresh = comparison in comparisons
            for outcome in self._measured(comparison.arms, all_of_them=fresh):
                yield "analyses", self._analysis(comparison, outcome)

    def _outcome(self, own: str) -> Outcome:
        cells = [cell for cell in self.found.cells if cell.outcome == own]
        events = any(cell.field in _OF_EVENTS for cell in cells)
        kind = OutcomeKind.EVENTS if events else OutcomeKind.CONTINUOUS
        outcome = Outcome(
            id=own,
            label=self.found.label(own),
            kind=kind,
            event_is=EventIs.BAD if events else None,
            higher_is=None if events else HigherIs.BETTER,
            time_point=cells[0].time_point,
            unit=self.found.units.get(own),
        )
        guess = "an event is bad" if events else "higher is better"
        self.to_check.append(
            f"To check: that {guess} in '{outcome.label}' is a guess of the program; it says which"
            " arm a result favours. Where it is wrong, reject this and propose the right one."
        )
        return outcome

    def _new_comparisons(self) -> Iterator[Comparison]:
        taken = {each.id for each in self._protocol.comparisons}
        for pair in combinations(self.found.study.arms, 2):
            if compared(self._protocol, pair) or not self._is_wanted(pair):
                continue
            arms = sorted(pair, key=lambda arm: arm not in self._arms)
            own = _free("-".join(arms), taken)
            taken.add(own)
            label = " v ".join(self._arm_label(arm) for arm in arms)
            yield Comparison(id=own, label=label, arms=(arms[0], arms[1]))

    def _is_wanted(self, pair: Sequence[str]) -> bool:
        known = {*self._arms, *(arm.id for arm in self._protocol.arms)}
        with_new = bool(set(pair) & set(self._arms)) or len(self.found.study.arms) == 2
        return set(pair) <= known and with_new

    def _others_compared(self) -> Iterator[Comparison]:
        """Yield, for what is new of arms that are compared, the first such comparison."""
        for pair in combinations(self.found.study.arms, 2):
            found = compared(self._protocol, pair)
            if len(found) > 1 and [*self._measured(pair, all_of_them=False)]:
                others = ", ".join(f"'{each.label}'" for each in found)
                self.to_check.append(
                    f"To check: the new outcome is put under the first of {others}."
                )
            yield from found[:1]

    def _measured(self, pair: Sequence[str], *, all_of_them: bool) -> Iterator[Outcome]:
        """Yield the outcomes that the study reports of both arms (or only the new ones)."""
        for outcome in self._outcomes.values():
            wanted = all_of_them or outcome in self._new_outcomes
            if wanted and self._reports(outcome, pair):
                yield outcome

    def _reports(self, outcome: Outcome, pair: Sequence[str]) -> bool:
        mine = [
            cell
            for cell in self.found.cells
            if (cell.outcome, cell.time_point) == (outcome.id, outcome.time_point)
        ]
        paired = any(c.field in FIELDS_OF_A_PAIR and set(c.arms) == set(pair) for c in mine)
        there = {(arm, cell.field) for cell in mine for arm in cell.arms if len(cell.arms) == 1}
        needed = {(arm, each) for arm in pair for each in NEEDED_OF_AN_ARM[outcome.kind]}
        return paired or (bool(needed) and needed <= there)

    def _analysis(self, comparison: Comparison, outcome: Outcome) -> Mapping[str, Written]:
        convention = dict(self._convention(outcome))
        own = _next_id(self._ids, self._majors.get(comparison.id))
        self._ids.append(own)
        self._majors[comparison.id] = own.partition(".")[0]
        return {
            "id": own,
            "outcome": outcome.id,
            "comparison": comparison.id,
            **convention,
            "arm_1": comparison.arms[0],
            "arm_2": comparison.arms[1],
            "direction": direction(
                outcome,
                convention["measure"],
                comparison.arms,
                swapped=convention.get("swap_events", False),
            ),
        }

    def _convention(self, outcome: Outcome) -> Computed:
        """Return how the outcome's other analyses are computed, or those of its kind."""
        own = [each for each in self._protocol.analyses if each.outcome == outcome.id]
        kinds = {each.id: each.kind for each in self._protocol.outcomes}
        same_kind = [p for p in self._protocol.analyses if kinds[p.outcome] is outcome.kind]
        found = Counter(map(_computed_as, own or same_kind)).most_common(1)
        if found:
            return found[0][0]
        measure, method = MEASURES[outcome.kind][0], METHODS[outcome.kind][0]
        return (
            ("measure", measure.value),
            ("method", method.value),
            ("model", PlannedModel.COMMON.value),
        )

    def _arm_label(self, own: str) -> str:
        known = {arm.id: arm.label for arm in self._protocol.arms}
        return known.get(own) or self.found.label(own)


def _keys(written: Outcome | Comparison) -> Mapping[str, Written]:
    said: Mapping[str, Written] = written.model_dump(mode="json", exclude_defaults=True)
    return said


def _computed_as(plan: AnalysisPlan) -> Computed:
    """Return the keys by which an analysis is computed, without those that it leaves out."""
    said = plan.model_dump(mode="json", exclude_defaults=True)
    return tuple((key, said[key]) for key in HOW_COMPUTED if key in said)


def _next_id(ids: Sequence[str], major: str | None) -> str:
    """Number an analysis after the existing ones: 4.2 → 4.3 in its comparison, 5.1 in a new one."""
    numbered = [each for each in map(_NUMBERED.fullmatch, ids) if each is not None]
    if len(numbered) < len(ids):
        return str(max((int(each) for each in ids if each.isdecimal()), default=len(ids)) + 1)
    majors = {int(each[1]) for each in numbered}
    in_it = [int(each[2]) for each in numbered if each[1] == major]
    return f"{major}.{max(in_it) + 1}" if in_it else f"{max(majors, default=0) + 1}.1"


def _free(wanted: str, taken: Collection[str]) -> str:
    """Return an id, or the next one where it is taken."""
    counted = (f"{wanted}-{number}" for number in count(2))
    return wanted if wanted not in taken else next(each for each in counted if each not in taken)
