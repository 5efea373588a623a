"""How often each signal rule fires when one more trial of the same truth comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from analysis.errors import NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import mantel_haenszel
from analysis.results import Limits, Scale
from analysis.signals import OutcomeState, Rule, fired
from tests.simulations.trials import Truth, draw

WATCHED = (
    Rule.INTERVAL_CROSSES,
    Rule.EFFECT_CHANGES,
    Rule.DIRECTION_FLIPS,
    Rule.FIRST_RESULT,
    Rule.HETEROGENEITY_APPEARS,
)
CHANGES = "changes conclusions"
TRUTHS = tuple(
    Truth(k, n, risk, effect, 0.0)
    for k in (2, 3, 4)
    for n in (6, 20)
    for risk, effect in ((0.1, 1.0), (0.1, 3.0), (0.3, 1.0), (0.3, 2.0))
)


def table(sets: int) -> Iterator[str]:
    """Return a Markdown table: a row for each truth, the share of updates that fire each rule."""
    columns = (*WATCHED, CHANGES, "any")
    yield "| trials | people an arm | control risk | RR | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 4) + "|"
    random = np.random.default_rng(20260730)
    for truth in TRUTHS:
        counts = Counter[str]()
        for _ in range(sets):
            counts.update(_rules(truth, random))
        shares = " | ".join(f"{100 * counts[rule] / sets:.0f} %" for rule in columns)
        start = f"{truth.k} → {truth.k + 1} | {truth.n} | {100 * truth.control_risk:g} %"
        yield f"| {start} | {truth.risk_ratio:g} | {shares} |"


def _rules(truth: Truth, random: np.random.Generator) -> set[str]:
    after = draw(truth, random, k=truth.k + 1)
    before = after.take(range(truth.k))
    signals = fired([_state(before)], [_state(after)])
    rules = {signal.rule.value for signal in signals}
    if any(signal.changes_conclusions for signal in signals):
        rules.add(CHANGES)
    return rules | {"any"} if rules else rules


def _state(tables: TwoByTwo) -> OutcomeState:
    names = frozenset(tables.labels)
    empty = OutcomeState("o", "outcome", "c", "p", scale=Scale.LOG, studies=names)
    try:
        pooled = mantel_haenszel(tables)
    except NotEstimable:
        return empty
    found = pooled.estimate
    return OutcomeState(
        "o",
        "outcome",
        "c",
        "p",
        scale=Scale.LOG,
        estimate=found.value,
        ci=Limits(found.ci_lower, found.ci_upper),
        i2=pooled.heterogeneity.i2 if pooled.heterogeneity.df > 0 else None,
        q_p=pooled.heterogeneity.p,
        studies=names,
    )
