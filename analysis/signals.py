"""Which pre-registered rules a new result fires, against the result that stands.

The rules describe; they do not test. Repeated looks at growing data are not corrected for here
(analysis.sequential does that), and no rule decides anything: people sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import partial

from analysis.errors import InvalidInput
from analysis.results import Limits, Scale


class Rule(StrEnum):
    """The rules, in the numbering of the review's plan."""

    INTERVAL_CROSSES = "S1"
    EFFECT_CHANGES = "S2"
    DIRECTION_FLIPS = "S3"
    CERTAINTY_MOVES = "S4"
    FIRST_RESULT = "S5"
    NEW_COMPARISON = "S6"
    STUDY_CORRECTED = "S7"
    HETEROGENEITY_APPEARS = "S8"


class Certainty(IntEnum):
    """Certainty of the evidence, as rated by people."""

    VERY_LOW = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class OutcomeState:
    """One outcome of one comparison as it stands at one time.

    estimate, ci:    on the analysis scale (the log for ratios); None where there is no result
    null:            the value of no effect on that scale
    thresholds:      stated minimal important differences on that scale, beside `null`
    certainty:       None where nobody has rated it; `certainty_rules` names the guidance used
    i2, q_p:         share of 1, and the p value of Q; None where there is none
    studies:         the ids of the studies with a result in it
    names:           what people call its studies, by id
    versus:          what people call the comparison, where it is not what tells it from others
    corrected:       (study, what happened to a report of it): "retracted", "corrected", ...;
                     another erratum is another happening ("corrected (2 errata)")
    """

    id: str
    label: str
    comparison: str
    population: str
    scale: Scale = Scale.NATURAL
    estimate: float | None = None
    ci: Limits | None = None
    null: float = 0.0
    thresholds: tuple[float, ...] = ()
    certainty: Certainty | None = None
    certainty_rules: str | None = None
    i2: float | None = None
    q_p: float | None = None
    studies: frozenset[str] = frozenset()
    corrected: frozenset[tuple[str, str]] = frozenset()
    key: bool = False
    versus: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if (self.estimate is None) != (self.ci is None):
            raise InvalidInput(self.id, "an estimate or limits alone", "both, or neither")
        if self.estimate is None or self.ci is None:
            return
        if not self.ci.lower <= self.estimate <= self.ci.upper:
            found = f"{self.estimate:g} with limits {self.ci.lower:g} to {self.ci.upper:g}"
            raise InvalidInput(self.id, found, "an estimate between its limits")

    @property
    def figures(self) -> str:
        """Return the result as a reader knows it: `2.43 (1.13 to 5.24)`."""
        if self.estimate is None or self.ci is None:
            return "no result"
        value, lower, upper = (
            f"{self.scale.shown(number):.2f}"
            for number in (self.estimate, self.ci.lower, self.ci.upper)
        )
        return f"{value} ({lower} to {upper})"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """A rule that is in force; `threshold` is a share of 1: for S2 and S8, and the margin of S3."""

    rule: Rule
    changes_conclusions: bool
    threshold: float | None = None

    def __post_init__(self) -> None:
        wants = self.rule in (Rule.EFFECT_CHANGES, Rule.HETEROGENEITY_APPEARS)
        if wants and not (self.threshold is not None and self.threshold > 0.0):
            raise InvalidInput(f"rule {self.rule}", str(self.threshold), "a threshold above 0")


# Half again as large, or as small, is more than one more small trial moves a settled result by.
CHANGED_BY = 0.5
# From 50 % on the Handbook calls I² possibly substantial (Cochrane Handbook 10.10.2).
MUCH_HETEROGENEITY = 0.5
# A ratio from 0.91 to 1.10 moves fewer than one event in ten: its side of 1 is chance.
DIRECTION_MARGIN = 0.1
# A double holds no exponential beyond that of 709.8; no reader tells the ratios there apart.
LARGEST_LOG = 700.0

DEFAULT_RULES = (
    RuleSetting(Rule.INTERVAL_CROSSES, changes_conclusions=True),
    RuleSetting(Rule.EFFECT_CHANGES, changes_conclusions=False, threshold=CHANGED_BY),
    RuleSetting(Rule.DIRECTION_FLIPS, changes_conclusions=True, threshold=DIRECTION_MARGIN),
    RuleSetting(Rule.CERTAINTY_MOVES, changes_conclusions=True),
    RuleSetting(Rule.FIRST_RESULT, changes_conclusions=True),
    RuleSetting(Rule.NEW_COMPARISON, changes_conclusions=False),
    RuleSetting(Rule.STUDY_CORRECTED, changes_conclusions=False),
    RuleSetting(
        Rule.HETEROGENEITY_APPEARS, changes_conclusions=False, threshold=MUCH_HETEROGENEITY
    ),
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that fired, with both results in words.

    apart: a move of certainty that only the rules of rating explain. It is
           shown beside the signals and is none.
    """

    rule: Rule
    outcome: str
    text: str
    changes_conclusions: bool
    apart: bool = False


def fired(
    old: Sequence[OutcomeState],
    new: Sequence[OutcomeState],
    rules: Sequence[RuleSetting] = DEFAULT_RULES,
) -> tuple[Signal, ...]:
    """Return what fires between the results that stand and the new ones, outcome by outcome.

    old, new: each outcome once, by `id`; an outcome without a result is there without an estimate
    An empty `old` is a first version: there is nothing to compare, and nothing fires.
    Raises InvalidInput where an outcome of `old` is missing from `new`.
    """
    before, after = _by_id(old), _by_id(new)
    if not before:
        return ()
    for lost in before.keys() - after.keys():
        raise InvalidInput(lost, "no new state", "a state, without an estimate if there is none")
    settings, known = _by_rule(rules), _Known.of(old)
    signals: list[Signal] = []
    for state in new:
        signals += _for_outcome(before.get(state.id), state, known, settings)
    return tuple(signals)


def firing_rules(
    old: OutcomeState,
    possible: Iterable[OutcomeState],
    rules: Sequence[RuleSetting] = DEFAULT_RULES,
) -> Iterator[dict[Rule, bool]]:
    """Say of each result that one outcome may come to which rules `fired` names.

    Each rule with whether it changes conclusions; the words, which nobody reads of thousands of
    possible results, are not written.
    """
    settings, known = _by_rule(rules), _Known.of([old])
    for new in possible:
        found = _found(old, new, known, settings)
        firing = {rule: _changes(settings[rule], new) for rule, _ in found if rule in settings}
        for each in _certainty_moves(old, new, settings.get(Rule.CERTAINTY_MOVES)):
            firing[each.rule] = each.changes_conclusions
        yield firing


def _by_rule(rules: Sequence[RuleSetting]) -> Settings:
    return {setting.rule: setting for setting in rules}


def _by_id(states: Sequence[OutcomeState]) -> dict[str, OutcomeState]:
    found: dict[str, OutcomeState] = {}
    for state in states:
        if state.id in found:
            raise InvalidInput(state.id, "two states", "one state for each outcome")
        found[state.id] = state
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    comparisons: frozenset[str]
    populations: frozenset[str]

    @classmethod
    def of(cls, states: Iterable[OutcomeState]) -> _Known:
        listed = list(states)
        return cls(
            frozenset(state.comparison for state in listed),
            frozenset(state.population for state in listed),
        )


Settings = dict[Rule, RuleSetting]
# The words of a finding are written when they are asked for.
Found = list[tuple[Rule, Callable[[], str]]]


def _for_outcome(
    old: OutcomeState | None, new: OutcomeState, known: _Known, settings: Settings
) -> list[Signal]:
    signals = [
        Signal(rule, new.id, f"{new.label}: {words()}", _changes(settings[rule], new))
        for rule, words in _found(old, new, known, settings)
        if rule in settings
    ]
    return signals + _certainty_moves(old, new, settings.get(Rule.CERTAINTY_MOVES))


def _found(old: OutcomeState | None, new: OutcomeState, known: _Known, settings: Settings) -> Found:
    found = _new_ground(new, known)
    if not found:
        found = _first_result(old, new)
    if old is not None:
        found += _interval_crosses(old, new)
        found += _effect_changes(old, new, settings.get(Rule.EFFECT_CHANGES))
        found += _direction_flips(old, new, settings.get(Rule.DIRECTION_FLIPS))
        found += _heterogeneity_appears(old, new, settings.get(Rule.HETEROGENEITY_APPEARS))
    return found + _study_corrected(old, new)


def _changes(setting: RuleSetting, new: OutcomeState) -> bool:
    if setting.rule is Rule.FIRST_RESULT:
        return setting.changes_conclusions and new.key
    return setting.changes_conclusions


def _new_ground(new: OutcomeState, known: _Known) -> Found:
    if new.comparison not in known.comparisons:
        versus = new.versus or new.comparison
        return [(Rule.NEW_COMPARISON, lambda: f"new comparison {versus}, {new.figures}")]
    if new.population not in known.populations:
        words = f"new population {new.population}, "
        return [(Rule.NEW_COMPARISON, lambda: f"{words}{new.figures}")]
    return []


def _first_result(old: OutcomeState | None, new: OutcomeState) -> Found:
    if new.estimate is None or (old is not None and old.estimate is not None):
        return []
    return [(Rule.FIRST_RESULT, lambda: f"first result, {new.figures}, where there was none")]


def _interval_crosses(old: OutcomeState, new: OutcomeState) -> Found:
    """Return one finding for each threshold to which the interval lies otherwise than before."""
    if old.ci is None:
        return []
    found: Found = []
    for threshold in dict.fromkeys((new.null, *new.thresholds)):
        before, after = _excludes(old.ci, threshold), new.ci and _excludes(new.ci, threshold)
        if before == bool(after):
            continue
        verb = "newly excludes" if after else "no longer excludes"
        found.append((Rule.INTERVAL_CROSSES, partial(_crossed, old, new, verb, threshold)))
    return found


def _crossed(old: OutcomeState, new: OutcomeState, verb: str, threshold: float) -> str:
    return f"{old.figures} became {new.figures}: {verb} {_named(new, threshold)}"


def _excludes(ci: Limits, threshold: float) -> bool:
    return not ci.lower <= threshold <= ci.upper


def _named(state: OutcomeState, threshold: float) -> str:
    shown = f"{state.scale.shown(threshold):g}"
    return f"no effect ({shown})" if threshold == state.null else f"the threshold {shown}"


def _effect_changes(old: OutcomeState, new: OutcomeState, setting: RuleSetting | None) -> Found:
    if setting is None or old.estimate is None or new.estimate is None:
        return []
    assert setting.threshold is not None
    change = relative_change(old.estimate, new.estimate, null=old.null, scale=new.scale)
    if change < setting.threshold and not math.isclose(change, setting.threshold):
        return []
    share = "from no effect" if math.isinf(change) else f"by {100 * change:.0f} %"
    return [(Rule.EFFECT_CHANGES, lambda: f"{old.figures} became {new.figures}: changed {share}")]


def relative_change(old: float, new: float, *, null: float, scale: Scale) -> float:
    """Return by which share of itself the effect changed.

    A ratio is first turned so that the old one is 1 or more, which makes the
    answer the same whichever arm is named first: 3.00 to 2.00 is 0.33, and so is
    0.33 to 0.50. A difference is measured by its distance from no effect, and a change
    from exactly no effect is infinite.
    """
    if scale is Scale.LOG:
        turned = new - old if old >= null else old - new
        return abs(math.expm1(min(turned, LARGEST_LOG)))
    if old == null:
        return 0.0 if new == old else math.inf
    return abs((new - old) / (old - null))


def _direction_flips(old: OutcomeState, new: OutcomeState, setting: RuleSetting | None) -> Found:
    """Return a finding where an effect that was something turns: not where none wavers about none.

    One of the two intervals excludes no effect, or both effects lie beyond the margin.
    """
    if setting is None or old.estimate is None or new.estimate is None:
        return []
    was, now = old.estimate - old.null, new.estimate - new.null
    if was * now >= 0:
        return []
    margin = _margin(new, setting)
    beyond = margin is not None and min(abs(was), abs(now)) >= margin
    if not (beyond or any(each.ci and _excludes(each.ci, each.null) for each in (old, new))):
        return []
    return [(Rule.DIRECTION_FLIPS, partial(_turned, old, new))]


def _turned(old: OutcomeState, new: OutcomeState) -> str:
    return f"{old.figures} became {new.figures}: points the other way"


def _margin(state: OutcomeState, setting: RuleSetting) -> float | None:
    """Return how far from no effect an effect is something: by the stated thresholds, if any.

    A difference has a unit; without a stated threshold nobody knows what is small.
    """
    stated = [abs(each - state.null) for each in state.thresholds]
    if stated:
        return min(stated)
    if state.scale is Scale.LOG:
        return math.log1p(setting.threshold or DIRECTION_MARGIN)
    return None


def _heterogeneity_appears(
    old: OutcomeState, new: OutcomeState, setting: RuleSetting | None
) -> Found:
    if setting is None or new.i2 is None:
        return []
    assert setting.threshold is not None
    before = old.i2 or 0.0
    if before >= setting.threshold or new.i2 < setting.threshold:
        return []
    p = "" if new.q_p is None else f", p of Q {new.q_p:.3f}"
    line = f"I² rose from {100 * before:.0f} % to {100 * new.i2:.0f} %{p}"
    return [(Rule.HETEROGENEITY_APPEARS, lambda: line)]


def _study_corrected(old: OutcomeState | None, new: OutcomeState) -> Found:
    before = frozenset[tuple[str, str]]() if old is None else old.corrected
    included = new.studies if old is None else new.studies | old.studies
    names = {**({} if old is None else old.names), **new.names}
    named = [
        f"{names.get(study, study)} {what}"
        for study, what in sorted(new.corrected - before)
        if study in included
    ]
    if not named:
        return []
    figures = "" if old is None else f"; {old.figures} became {new.figures}"
    return [(Rule.STUDY_CORRECTED, lambda: f"{', '.join(named)}{figures}")]


def _certainty_moves(
    old: OutcomeState | None, new: OutcomeState, setting: RuleSetting | None
) -> list[Signal]:
    if setting is None or old is None or old.certainty is None or new.certainty is None:
        return []
    if old.certainty == new.certainty:
        return []
    moved = f"{new.label}: certainty moved from {old.certainty.words} to {new.certainty.words}"
    cause, apart = _cause(old, new)
    return [
        Signal(
            Rule.CERTAINTY_MOVES,
            new.id,
            f"{moved}, {cause}",
            setting.changes_conclusions and not apart,
            apart,
        )
    ]


def _cause(old: OutcomeState, new: OutcomeState) -> tuple[str, bool]:
    """Say what moved the certainty, and whether the rules of rating alone can explain it."""
    rules_changed = old.certainty_rules != new.certainty_rules
    evidence_changed = (old.studies, old.corrected, old.estimate, old.ci) != (
        new.studies,
        new.corrected,
        new.estimate,
        new.ci,
    )
    if not rules_changed:
        return "because the evidence changed", False
    rules = f"{old.certainty_rules or 'unnamed'} to {new.certainty_rules or 'unnamed'}"
    if not evidence_changed:
        return f"because the rules of rating changed ({rules})", True
    return f"while both the evidence and the rules of rating changed ({rules})", False
