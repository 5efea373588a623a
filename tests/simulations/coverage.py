"""How often each method's interval holds the truth, and how often it has none, at this size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.effects import REVMAN, odds_ratio, risk_ratio
from analysis.errors import NotEstimable
from analysis.exact import exact_common_odds_ratio
from analysis.inputs import TwoByTwo
from analysis.pooling import (
    COMMON_EFFECT,
    METAFOR_RULES,
    Interval,
    Model,
    Pooled,
    TableRules,
    headline,
    inverse_variance,
    mantel_haenszel,
    peto,
)
from analysis.results import Limits, Measure, PooledTables
from tests.simulations.trials import CONTROL_RISKS, Truth, draw, truths


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pool, and the parameter that its interval is for."""

    name: str
    interval: Callable[[TwoByTwo], Limits]
    ratio_of_odds: bool = False


def _limits(found: PooledTables | Pooled) -> Limits:
    return Limits(found.estimate.ci_lower, found.estimate.ci_upper)


def _mantel_haenszel(measure: Measure, rules: TableRules | None) -> Callable[[TwoByTwo], Limits]:
    return lambda tables: _limits(mantel_haenszel(tables, measure, rules=rules))


def _risk_ratios(model: Model) -> Callable[[TwoByTwo], Limits]:
    return lambda tables: _limits(inverse_variance(risk_ratio(tables, REVMAN), model))


def _headline(tables: TwoByTwo) -> Limits:
    return _limits(headline(risk_ratio(tables, REVMAN)))


def _exact(tables: TwoByTwo) -> Limits:
    return _logs(exact_common_odds_ratio(tables).limits)


def _mid_p(tables: TwoByTwo) -> Limits:
    return _logs(exact_common_odds_ratio(tables).midp_limits)


def _logs(limits: Limits) -> Limits:
    with np.errstate(divide="ignore"):
        return Limits(float(np.log(limits.lower)), float(np.log(limits.upper)))


def _odds_ratios(tables: TwoByTwo) -> Limits:
    return _limits(inverse_variance(odds_ratio(tables, REVMAN)))


METHODS = (
    Method("RR, Mantel-Haenszel, RevMan's 0.5", _mantel_haenszel(Measure.RISK_RATIO, None)),
    Method(
        "RR, Mantel-Haenszel, nothing added", _mantel_haenszel(Measure.RISK_RATIO, METAFOR_RULES)
    ),
    Method("RR, inverse variance, common effect", _risk_ratios(COMMON_EFFECT)),
    Method("RR, REML, normal", _risk_ratios(Model())),
    Method("RR, REML, Hartung-Knapp", _risk_ratios(Model(interval=Interval.HARTUNG_KNAPP))),
    Method(
        "RR, REML, Hartung-Knapp floored",
        _risk_ratios(Model(interval=Interval.HARTUNG_KNAPP_FLOORED)),
    ),
    Method("RR, the headline", _headline),
    Method(
        "OR, Mantel-Haenszel, nothing added",
        _mantel_haenszel(Measure.ODDS_RATIO, METAFOR_RULES),
        ratio_of_odds=True,
    ),
    Method("OR, inverse variance, common effect", _odds_ratios, ratio_of_odds=True),
    Method("OR, Peto", lambda tables: _limits(peto(tables)), ratio_of_odds=True),
    Method("OR, exact conditional", _exact, ratio_of_odds=True),
    Method("OR, exact conditional, mid-p", _mid_p, ratio_of_odds=True),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over simulated reviews: drawn, without an estimate, and with the truth inside."""

    drawn: int
    none: int
    held: int

    @property
    def text(self) -> str:
        """Return `coverage % (no estimate %)`."""
        estimated = self.drawn - self.none
        if estimated == 0:
            return "none (100)"
        return f"{100 * self.held / estimated:.1f} ({100 * self.none / self.drawn:.0f})"


def table(risk_ratio: float, tau2: float, sets: int) -> Iterator[str]:
    """Return a Markdown table: a row for each method, a column for each control risk."""
    risks = [risk for risk in CONTROL_RISKS if risk * risk_ratio < 1]
    yield "| method | " + " | ".join(f"risk {100 * risk:g} %" for risk in risks) + " |"
    yield "|---" * (len(risks) + 1) + "|"
    cells = {(method.name, risk): Tally(0, 0, 0) for method in METHODS for risk in risks}
    random = np.random.default_rng(20260729)
    for truth in truths(risk_ratio, tau2):
        for _ in range(sets):
            found = draw(truth, random)
            for method in METHODS:
                key = (method.name, truth.control_risk)
                cells[key] = _counted(cells[key], method, found, truth)
    for method in METHODS:
        row = " | ".join(cells[method.name, risk].text for risk in risks)
        yield f"| {method.name} | {row} |"


def _counted(tally: Tally, method: Method, found: TwoByTwo, truth: Truth) -> Tally:
    try:
        limits = method.interval(found)
    except NotEstimable:
        return Tally(tally.drawn + 1, tally.none + 1, tally.held)
    true = truth.log_odds_ratio if method.ratio_of_odds else truth.log_risk_ratio
    held = limits.lower <= true <= limits.upper
    return Tally(tally.drawn + 1, tally.none, tally.held + held)
