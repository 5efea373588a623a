"""The review's own analyses by every method that applies: `python -m tests.simulations.review`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator

from analysis.crossover import (
    PairedMeans,
    PairedTables,
    paired_binary,
    paired_standardised_mean_difference,
)
from analysis.crossover_margins import possible_results
from analysis.effects import (
    REVMAN,
    SmallSampleFactor,
    SmdVariance,
    risk_ratio,
    standardised_mean_difference,
)
from analysis.errors import NotEstimable
from analysis.exact import exact_common_odds_ratio
from analysis.inputs import TwoByTwo, TwoMeans
from analysis.pooling import (
    COMMON_EFFECT,
    METAFOR_RULES,
    headline,
    inverse_variance,
    mantel_haenszel,
    peto,
)
from analysis.results import Estimate, Measure, StudyEffects
from tests.analysis.test_published_results import BLOCK, DISABILITY, SIDE_EFFECTS, STRENGTH

ANALYSES = (
    ("1.1 disability improved", "3.00 (0.89, 10.12)", DISABILITY),
    ("1.2 strength improved", "11.00 (2.86, 42.25)", STRENGTH),
    ("1.3 conduction block resolved", "7.00 (0.95, 51.70)", BLOCK),
    ("2.1 disability worse, placebo v IVIg", "2.43 (1.13, 5.24)", (("Hahn", 17, 42, 7, 42),)),
    ("2.2 grip worse, IVIg v placebo", "0.20 (0.07, 0.54)", (("Hahn", 4, 42, 20, 42),)),
    ("3.1 side effects", "10.33 (2.15, 49.77)", SIDE_EFFECTS),
    ("4.2 side effects, IVIg v SCIg", "0.50 (0.18, 1.40)", (("Harbo", 3, 9, 6, 9),)),
)


def _ratio(value: float, lower: float, upper: float) -> str:
    return f"{value:.2f} ({lower:.2f}, {upper:.2f})"


def _shown(found: Estimate) -> str:
    return _ratio(*(math.exp(each) for each in (found.value, found.ci_lower, found.ci_upper)))


def _headline(tables: TwoByTwo) -> str:
    return _shown(headline(risk_ratio(tables, REVMAN)).estimate)


def _exact(tables: TwoByTwo) -> str:
    found = exact_common_odds_ratio(tables)
    return _ratio(found.estimate, found.limits.lower, found.limits.upper)


METHODS: tuple[tuple[str, Callable[[TwoByTwo], str]], ...] = (
    ("reproduced (RevMan)", lambda found: _shown(mantel_haenszel(found).estimate)),
    ("nothing added", lambda found: _shown(mantel_haenszel(found, rules=METAFOR_RULES).estimate)),
    ("random effects", _headline),
    ("exact odds ratio", _exact),
    ("Peto odds ratio", lambda found: _shown(peto(found).estimate)),
)


def table() -> Iterator[str]:
    """Return a Markdown table: a row for each analysis, a column for each method."""
    yield "| analysis | published | " + " | ".join(name for name, _ in METHODS) + " |"
    yield "|---" * (len(METHODS) + 2) + "|"
    for name, published, rows in ANALYSES:
        cells = " | ".join(_or_none(method, TwoByTwo.of(rows)) for _, method in METHODS)
        yield f"| {name} | {published} | {cells} |"


def _or_none(method: Callable[[TwoByTwo], str], tables: TwoByTwo) -> str:
    try:
        return method(tables)
    except NotEstimable:
        return "not estimable"


def paired() -> Iterator[str]:
    """Return the paired results that can be had from what is published."""
    joint = PairedTables.of([("Hahn", 2, 15, 5, 20)])
    known = inverse_variance(paired_binary(joint, Measure.RISK_RATIO), COMMON_EFFECT)
    yield f"2.1, joint table 2/15/5/20: {_shown(known.estimate)}"
    bounds = possible_results(4, 20, 42, Measure.RISK_RATIO)
    for bound in (bounds[0], bounds[-1]):
        yield f"2.2, {bound.both} worse on both arms: {_shown(bound.estimate)}"


HARBO = (4.3, 7.285, 9, 3.6, 9.367, 9)
# From the published p = 0.86 of the paired comparison: 0.7 / t of 0.182 with 8 degrees, times 3.
HARBO_SD_OF_DIFFERENCES = 11.53


def strength_against_scig() -> Iterator[str]:
    """Return the standardised difference of nine people, as two groups and by pairs."""
    parallel = standardised_mean_difference(
        TwoMeans.of([("Harbo", *HARBO)]),
        correction=SmallSampleFactor.APPROXIMATE,
        variance=SmdVariance.REVMAN_5,
    )
    mean_1, sd_1, n, mean_2, sd_2, _ = HARBO
    pairs = PairedMeans.of([("Harbo", mean_1, sd_1, mean_2, sd_2, n, HARBO_SD_OF_DIFFERENCES)])
    paired = paired_standardised_mean_difference(pairs)
    yield f"4.1 as two groups, g with RevMan's factor: {_difference(parallel)}"
    yield f"4.1 by pairs, d without a small-sample factor: {_difference(paired)}"


def _difference(studies: StudyEffects) -> str:
    found = inverse_variance(studies).estimate
    return _ratio(found.value, found.ci_lower, found.ci_upper)


def main() -> None:
    for line in (*table(), "", *paired(), *strength_against_scig()):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
