"""A pooled result in the units of a package, and how near it is to the printed one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from bot.review.package.model import Package, PackagedAnalysis, PackagedSubgroup, Printed

# What is compared: pooled estimate, limits, tau², I², Q; where printed, the prediction interval,
# the limits of tau² and the test between subgroups as well.
COMPARED = (
    *("estimate", "lower", "upper", "tau2", "chi2", "i2", "prediction_lower", "prediction_upper"),
    *("tau2_lower", "tau2_upper", "between_chi2", "between_df"),
)
ON_THE_SCALE = ("estimate", "lower", "upper", "prediction_lower", "prediction_upper")
# Printed in full, a number agrees to this share of it; REML ends its iteration at a wider step.
NEAR, NEAR_BY_ITERATION = 1e-8, 1e-5
# The limits of tau² are found by iteration, and RevMan looks no further than 100.
TAU2_LIMIT_STEP, LARGEST_TAU2 = 1e-6, 100.0
# Packages of 2023 and early 2026 round to this many decimals, half up.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Ours:
    """What the product makes of the same rows: natural scale, I² in per cent; or why nothing."""

    printed: Printed
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One printed result held against ours.

    wrong: each number that differs, with both. rule: why RevMan's own output cannot be had.
    """

    review: str
    analysis: str
    subgroup: str
    equal: int = 0
    wrong: tuple[str, ...] = ()
    rule: str = ""

    @property
    def named(self) -> str:
        parts = [self.review, self.analysis, self.subgroup and f"subgroup {self.subgroup}"]
        return " ".join(filter(None, parts))


def is_rounded(package: Package) -> bool:
    """Say whether every number of a package is rounded to six decimals."""
    return all(
        abs(number * 10**DECIMALS - round(number * 10**DECIMALS)) < 1e-3
        for number in _numbers(package)
        if abs(number) < 1e6
    )


def _numbers(package: Package) -> Iterator[float]:
    for analysis in package.analyses:
        for printed in (analysis.printed, *(each.printed for each in analysis.subgroups)):
            for field in fields(printed):
                number = getattr(printed, field.name)
                if number is not None and math.isfinite(number):
                    yield number


def held_against(package: Package, results: Mapping[tuple[str, str], Ours]) -> Iterator[Verdict]:
    """Hold every printed result of a package, overall and of subgroups, against ours.

    results: by the analysis ("1.2") and the number of the subgroup, "" for overall.
    """
    rounded = is_rounded(package)
    for analysis in package.analyses:
        wanted: list[PackagedSubgroup | None] = [None, *analysis.subgroups]
        for subgroup in wanted:
            number = subgroup.number if subgroup else ""
            ours = results.get((analysis.key, number), Ours(Printed(), "no such result"))
            yield _verdict(package.id, analysis, subgroup, ours, rounded)


def _verdict(
    review: str,
    analysis: PackagedAnalysis,
    subgroup: PackagedSubgroup | None,
    ours: Ours,
    rounded: bool,
) -> Verdict:
    printed = subgroup.printed if subgroup else analysis.printed
    named = subgroup.name if subgroup else ""
    if printed.estimate is None:
        rule, wrong = _nothing_printed(analysis, subgroup, ours)
        return Verdict(review, analysis.key, named, 0, wrong, rule)
    if ours.printed.estimate is None and _is_off(analysis, subgroup):
        return Verdict(review, analysis.key, named, 0, (), _is_off(analysis, subgroup))
    if ours.printed.estimate is None:
        wrong = (f"printed {printed.estimate:g}, here nothing: {ours.why}",)
        return Verdict(review, analysis.key, named, 0, wrong)
    differ, equal = [], 0
    for name in COMPARED:
        theirs = getattr(printed, name)
        if theirs is None or not _comparable(name, printed, analysis):
            continue
        here = getattr(ours.printed, name)
        if here is not None and _near(name, theirs, here, analysis, printed, rounded):
            equal += 1
        else:
            differ.append(f"{name} {theirs!r}, here {here!r}")
    return Verdict(review, analysis.key, named, equal, tuple(differ))


def _nothing_printed(
    analysis: PackagedAnalysis, subgroup: PackagedSubgroup | None, ours: Ours
) -> tuple[str, tuple[str, ...]]:
    """Return the rule by which nothing is printed, or that we have what should not be."""
    rows = [row for row in analysis.rows if subgroup is None or row.subgroup == subgroup.number]
    if _is_off(analysis, subgroup):
        return _is_off(analysis, subgroup), ()
    if not rows:
        return "no row", ()
    if all(row.estimate is None for row in rows):
        if ours.printed.estimate is None:
            return "no row is estimable", ()
        return "never computed in the file: its rows have no effects either", ()
    return "", (f"nothing printed, here {ours.printed.estimate!r}",)


def _is_off(analysis: PackagedAnalysis, subgroup: PackagedSubgroup | None) -> str:
    if subgroup is None and not analysis.overall:
        return "overall estimates are switched off"
    if subgroup is not None and not analysis.subgroup_estimates:
        return "subgroup estimates are switched off"
    return ""


def _comparable(name: str, printed: Printed, analysis: PackagedAnalysis) -> bool:
    """Leave out what is noise: heterogeneity of one study, tau² of a common effect."""
    if name in ("chi2", "i2") and not printed.df:
        return False
    if name.startswith("between"):
        return len(analysis.subgroups) > 1 and analysis.subgroup_test and bool(_between(analysis))
    return not (name.startswith("tau2") and not analysis.random)


def _between(analysis: PackagedAnalysis) -> int:
    """Count the subgroups that have a result: RevMan 5 prints Q 0 where there are none."""
    return sum(1 for each in analysis.subgroups if each.printed.estimate is not None)


def _near(
    name: str,
    theirs: float,
    here: float,
    analysis: PackagedAnalysis,
    printed: Printed,
    rounded: bool,
) -> bool:
    if name == "tau2_upper":
        here = min(here, LARGEST_TAU2)
    step: float = NEAR_BY_ITERATION if analysis.tau2 == "REML" else NEAR
    if name in ("tau2_lower", "tau2_upper"):
        step = max(step, TAU2_LIMIT_STEP)
    size = _size(name, theirs, printed, analysis)
    if rounded:
        return abs(theirs - here) <= 0.5 * 10.0**-DECIMALS * (1 + 1e-6) + step * size
    return abs(theirs - here) <= step * size


def _size(name: str, theirs: float, printed: Printed, analysis: PackagedAnalysis) -> float:
    """Return what a share is taken of: the number, or where it is near 0 what it is a part of."""
    if name == "i2":
        return 100.0
    ends = (printed.lower, printed.upper)
    if name in ON_THE_SCALE and not analysis.log_scale and None not in ends:
        return max(abs(theirs), abs((printed.upper or 0.0) - (printed.lower or 0.0)))
    return max(abs(theirs), 1e-6)


def counts(verdicts: Sequence[Verdict]) -> tuple[int, int, int]:
    """Return how many results are equal, explained by a rule, and neither."""
    wrong = sum(1 for each in verdicts if each.wrong)
    rule = sum(1 for each in verdicts if each.rule and not each.wrong)
    return len(verdicts) - wrong - rule, rule, wrong
