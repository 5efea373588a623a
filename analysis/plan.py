"""How an analysis is asked for: the measure, the method, the model, and everything left open.

What a plan leaves None is decided by its convention: `HANDBOOK` is this package's default
(docs/methods.md), `REVMAN` gives what Cochrane's software prints from the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from analysis.distributions import check_level
from analysis.effects import METAFOR, REVMAN, UNCHANGED, AddTo, ZeroCells
from analysis.errors import InvalidOption
from analysis.pooling import Interval
from analysis.results import Measure
from analysis.tau2 import Tau2Method


class Method(StrEnum):
    """How single effects become one."""

    MANTEL_HAENSZEL = "MH"
    INVERSE_VARIANCE = "IV"
    PETO = "PETO"


class PoolingModel(StrEnum):
    """Whether the studies share one true effect, or draw theirs from a distribution."""

    COMMON = "common"
    RANDOM = "random"


class PredictionConvention(StrEnum):
    """The distribution of a prediction interval; `NONE`: it is not asked for."""

    NONE = "none"
    AS_TESTED = "as-tested"  # that of the confidence interval, as metafor and RevMan
    T_K_1 = "t-k-1"
    T_K_2 = "t-k-2"  # Higgins, Thompson & Spiegelhalter 2009


class Convention(StrEnum):
    """Whose rules fill what a plan leaves open, and decide where two sound rules differ."""

    HANDBOOK = "handbook"
    REVMAN = "revman"


INTERVALS: Mapping[str, Interval] = MappingProxyType(
    {
        "wald": Interval.NORMAL,
        "t": Interval.T,
        "hartung-knapp": Interval.HARTUNG_KNAPP,
        "HK": Interval.HARTUNG_KNAPP,
        "hartung-knapp-floored": Interval.HARTUNG_KNAPP_FLOORED,
    }
)
INTERVAL_WORDS: Mapping[Interval, str] = MappingProxyType(
    {
        Interval.NORMAL: "wald",
        Interval.T: "t",
        Interval.HARTUNG_KNAPP: "hartung-knapp",
        Interval.HARTUNG_KNAPP_FLOORED: "hartung-knapp-floored",
    }
)
METHOD_NAMES: Mapping[Method, str] = MappingProxyType(
    {
        Method.MANTEL_HAENSZEL: "Mantel-Haenszel",
        Method.INVERSE_VARIANCE: "inverse variance",
        Method.PETO: "Peto",
    }
)
INTERVAL_NAMES: Mapping[Interval, str] = MappingProxyType(
    {
        Interval.NORMAL: "Wald",
        Interval.T: "t",
        Interval.HARTUNG_KNAPP: "Hartung-Knapp",
        Interval.HARTUNG_KNAPP_FLOORED: "Hartung-Knapp, floored",
    }
)
TAU2_NAMES: Mapping[Tau2Method, str] = MappingProxyType(
    {
        Tau2Method.DERSIMONIAN_LAIRD: "DerSimonian-Laird",
        Tau2Method.PAULE_MANDEL: "Paule-Mandel",
        Tau2Method.REML: "REML",
        Tau2Method.ML: "maximum likelihood",
        Tau2Method.SIDIK_JONKMAN: "Sidik-Jonkman",
        Tau2Method.HEDGES: "Hedges",
        Tau2Method.HUNTER_SCHMIDT: "Hunter-Schmidt",
        Tau2Method.EMPIRICAL_BAYES: "empirical Bayes",
    }
)
ZERO_CELL_RULES: Mapping[str, ZeroCells] = MappingProxyType(
    {
        "revman": REVMAN,
        "metafor": METAFOR,
        "none": UNCHANGED,
        "all": ZeroCells(to=AddTo.ALL),
        "all-if-any": ZeroCells(to=AddTo.ALL_IF_ANY_ZERO),
    }
)


def interval_named(word: str) -> Interval:
    """Return the interval with this word of a protocol; raises InvalidOption for another."""
    return _named("interval", word, INTERVALS)


def zero_cells_named(word: str) -> ZeroCells:
    """Return the zero-cell rule with this word of a protocol; raises InvalidOption for another.

    revman:     0.5 to every cell of a study with an empty one; no events at all: left out
    metafor:    the same, and nothing is left out
    none:       nothing is added
    all:        0.5 to every cell of every study; all-if-any: where any study has an empty one
    """
    return _named("zero_cells", word, ZERO_CELL_RULES)


_Value = TypeVar("_Value")


def _named(what: str, word: str, known: Mapping[str, _Value]) -> _Value:
    if word not in known:
        raise InvalidOption(f"{what} {word!r}: expected one of {', '.join(known)}")
    return known[word]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what an analysis makes of its numbers.

    tau2:       None is REML, and DerSimonian-Laird under MH and RevMan
    interval:   None is the rule of `pooling.headline` under inverse variance with the
                Handbook's convention, the normal interval otherwise
    prediction: None is t with k - 1 from three studies on under the Handbook's
                convention, none otherwise
    level:      of every interval, a share between 0 and 1
    zero_cells: None is the rule of the convention (0.5 where a cell is 0)
    """

    measure: Measure
    method: Method = Method.INVERSE_VARIANCE
    model: PoolingModel = PoolingModel.RANDOM
    tau2: Tau2Method | None = None
    interval: Interval | None = None
    prediction: PredictionConvention | None = None
    level: float = 0.95
    zero_cells: ZeroCells | None = None
    convention: Convention = Convention.HANDBOOK

    def __post_init__(self) -> None:
        check_level(self.level)
        if self.method is Method.PETO and self.measure not in _PETO_MEASURES:
            raise InvalidOption(f"method PETO pools PETO and HR, not {self.measure}")
        if self.method is Method.PETO and self.model is PoolingModel.RANDOM:
            raise InvalidOption("method PETO has no random effects: ask for IV of PETO")
        if self.method is Method.MANTEL_HAENSZEL and self.measure not in _MH_MEASURES:
            raise InvalidOption(f"method MH pools RR, OR, RD, IRR and IRD, not {self.measure}")

    @property
    def estimator(self) -> Tau2Method | None:
        """The estimator of tau2, with what was left open filled in; None: common effect."""
        if self.model is PoolingModel.COMMON:
            return None
        if self.tau2 is not None:
            return self.tau2
        if self.method is Method.MANTEL_HAENSZEL or self.convention is Convention.REVMAN:
            return Tau2Method.DERSIMONIAN_LAIRD
        return Tau2Method.REML

    @property
    def by_headline(self) -> bool:
        """Whether the interval is that of `pooling.headline`, which looks at the studies."""
        return (
            self.interval is None
            and self.model is PoolingModel.RANDOM
            and self.method is Method.INVERSE_VARIANCE
            and self.convention is Convention.HANDBOOK
        )

    def described(self, interval: Interval | None = None) -> str:
        """Name method, model, estimator and interval, as a plot or a table prints them.

        interval: the one that was used, where the plan leaves it to the studies
        """
        method, used = METHOD_NAMES[self.method], interval or self.interval or Interval.NORMAL
        if self.estimator is None:
            limits = "" if used is Interval.NORMAL else f" ({INTERVAL_NAMES[used]})"
            return f"{method}, common effect{limits}"
        about = TAU2_NAMES[self.estimator]
        limits = "default interval" if self.by_headline and not interval else INTERVAL_NAMES[used]
        return f"{method}, random effects ({about}; {limits})"


_PETO_MEASURES = (Measure.PETO_ODDS_RATIO, Measure.HAZARD_RATIO)
_MH_MEASURES = (
    Measure.RISK_RATIO,
    Measure.ODDS_RATIO,
    Measure.RISK_DIFFERENCE,
    Measure.RATE_RATIO,
    Measure.RATE_DIFFERENCE,
)
