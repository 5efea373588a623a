"""Generalised linear mixed models for two-by-two tables, rates and proportions.

They use the counts as they are: no zero-cell rule, and studies without events in one arm stay in.
Not valid for very few studies, where tau2 is mostly guessed and estimated at 0 more often than it
is, nor where one arm has no events in all studies together: the estimate is then infinite and
refused. The conditional models need no baseline per study and are the safer choice for sparse data.
Source: Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046-3067; Jackson, Law, Stijnen, Viechtbauer &
White 2018, Stat Med 37:1059-1085. Reference: metafor::rma.glmm (3.8-1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.errors import InvalidOption, NotConverged, NotEstimable
from analysis.families import Binomial, Family, Hypergeometric, Poisson
from analysis.inputs import Bools, Floats, OneProportion, TwoByTwo, TwoRates
from analysis.marginal import integrated, slopes_of_one_effect
from analysis.pooling import estimate_of
from analysis.results import Estimate, LeftOut, Measure
from analysis.roots import Derivatives, Maximum, maximise

ONE_OUTCOME = "no events, or only events, in both arms"


class MixedModel(StrEnum):
    """The model; names are metafor's."""

    FIXED_STUDY = "UM.FS"  # a fixed baseline per study
    RANDOM_STUDY = "UM.RS"  # baselines normal, apart from the effects
    CONDITIONAL_EXACT = "CM.EL"  # given both margins: noncentral hypergeometric
    CONDITIONAL_APPROXIMATE = "CM.AL"  # given events: binomial; for rare events only
    BINOMIAL_NORMAL = "binomial_normal"  # one group per study


@dataclass(frozen=True, slots=True)
class Glmm:
    """A fitted model; the estimate is on the log scale (log odds for proportions).

    tau2:        variance of the effects between studies; 0 where common or estimated at 0
    baseline, baseline_variance: mean and variance of the studies' middles, None but for
                 the model with random ones
    labels, left_out: the studies in and out of it
    """

    measure: Measure
    model: MixedModel
    estimate: Estimate
    tau2: float
    baseline: float | None
    baseline_variance: float | None
    log_likelihood: float
    labels: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


# The integral of the exact conditional model has no reference quadrature to agree with.
POINTS_EXACT = 21
# Where more than this is gained over tau2 = 0, tau2 is above 0.
SMALLEST_GAIN = 1e-7
# At this standard deviation the odds ratios of studies differ by factors of hundreds. The
# likelihood still rises there only where every study has all events in one arm, not the same one.
LARGEST_SD = 6.0
# It has not risen where it gained less than this on the way: with one event a study it is flat, and
# the quadrature is good to a thousandth there.
FLAT = 0.01
START_SDS = (0.25, 0.8, 2.5)
# Enough to tell the starts apart.
ROUGHLY = 1e-3


def odds_ratio_glmm(
    tables: TwoByTwo,
    model: MixedModel = MixedModel.CONDITIONAL_EXACT,
    *,
    random: bool = True,
    points: int = 7,
    drop_double: bool = True,
    level: float = 0.95,
) -> Glmm:
    """Fit the log odds ratio of arm 1 against arm 2 by maximum likelihood.

    random: False is the common-effect model
    points: quadrature points where one random effect is integrated; metafor uses 7 by
            default; 1 is Laplace, which two random effects always get; CM.EL uses its own
    Raises NotEstimable where all events, or all people free of them, are in one arm.
    """
    informative = _informative(tables)
    keep = informative if drop_double else np.ones_like(informative)
    kept = tables.take(np.flatnonzero(keep).tolist())
    _check_finite(tables.take(np.flatnonzero(informative).tolist()))
    a, n1, c, n2 = kept.events_1, kept.total_1, kept.events_2, kept.total_2
    problem: _Problem
    if model is MixedModel.CONDITIONAL_EXACT:
        problem = _one_predictor(Hypergeometric.of(a, n1, c, n2), POINTS_EXACT)
    elif model is MixedModel.CONDITIONAL_APPROXIMATE:
        offset = np.log(n1 / n2)
        problem = _one_predictor(_binomial(a, a + c, offset), points)
    elif model in (MixedModel.FIXED_STUDY, MixedModel.RANDOM_STUDY):
        two = Binomial(np.stack([a, c], 1), np.stack([n1, n2], 1), np.zeros((a.size, 2)))
        start = np.log((a + c + 0.5) / (n1 + n2 - a - c + 0.5))
        problem = _two_arms(two, model, start, _informative(kept), points)
    else:
        raise InvalidOption(f"{model} is for single proportions")
    gone = _left_out(tables.labels, keep)
    return _fit(Measure.ODDS_RATIO, model, problem, kept.labels, gone, random=random, level=level)


def rate_ratio_glmm(
    rates: TwoRates,
    model: MixedModel = MixedModel.CONDITIONAL_EXACT,
    *,
    random: bool = True,
    points: int = 7,
    drop_double: bool = True,
    level: float = 0.95,
) -> Glmm:
    """Fit the log incidence rate ratio of arm 1 against arm 2 by maximum likelihood.

    The conditional model is binomial and exact: given all events, those of arm 1.
    """
    informative = rates.events_1 + rates.events_2 > 0
    keep = informative if drop_double else np.ones_like(informative)
    x1, t1, x2, t2 = (
        column[keep] for column in (rates.events_1, rates.time_1, rates.events_2, rates.time_2)
    )
    if x1.sum() == 0 or x2.sum() == 0:
        raise NotEstimable("an arm has no events in all studies together", studies=x1.size)
    problem: _Problem
    if model in (MixedModel.CONDITIONAL_EXACT, MixedModel.CONDITIONAL_APPROXIMATE):
        problem = _one_predictor(_binomial(x1, x1 + x2, np.log(t1 / t2)), points)
    elif model in (MixedModel.FIXED_STUDY, MixedModel.RANDOM_STUDY):
        two = Poisson(np.stack([x1, x2], 1), np.stack([t1, t2], 1))
        start = np.log((x1 + x2 + 0.5) / (t1 + t2))
        problem = _two_arms(two, model, start, x1 + x2 > 0, points)
    else:
        raise InvalidOption(f"{model} is for single proportions")
    labels = tuple(label for label, kept in zip(rates.labels, keep, strict=True) if kept)
    gone = _left_out(rates.labels, keep)
    return _fit(Measure.RATE_RATIO, model, problem, labels, gone, random=random, level=level)


def logit_proportion_glmm(
    group: OneProportion, *, random: bool = True, points: int = 7, level: float = 0.95
) -> Glmm:
    """Fit the mean log odds of single proportions, normal between studies."""
    if group.events.sum() == 0 or (group.events == group.total).all():
        raise NotEstimable("no events, or only events, in all studies", studies=group.events.size)
    problem = _one_predictor(
        _binomial(group.events, group.total, np.zeros(group.events.size)), points
    )
    model = MixedModel.BINOMIAL_NORMAL
    return _fit(
        Measure.LOGIT_PROPORTION, model, problem, group.labels, (), random=random, level=level
    )


def _binomial(events: Floats, total: Floats, offset: Floats) -> Binomial:
    return Binomial(events[:, None], total[:, None], offset[:, None])


def _informative(tables: TwoByTwo) -> Bools:
    events = tables.events_1 + tables.events_2
    return np.asarray((events > 0) & (events < tables.total_1 + tables.total_2))


def _check_finite(tables: TwoByTwo) -> None:
    events = tables.events_1 + tables.events_2
    least = np.maximum(0, events - tables.total_2).sum()
    most = np.minimum(tables.total_1, events).sum()
    if not least < tables.events_1.sum() < most:
        raise NotEstimable(
            "the odds ratio is 0, infinite or 0/0: in every study, events are in one arm only",
            studies=events.size,
        )


def _left_out(labels: tuple[str, ...], keep: Bools) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(labels[row], row, ONE_OUTCOME) for row in np.flatnonzero(~keep).tolist())


@dataclass(frozen=True, slots=True)
class _Problem:
    """A log likelihood of (effect, other fixed parameters, ln sd of baselines?), given tau.

    start: where the search for the fixed parameters begins; the effect is the first
    baseline_sd: whether the last parameter is the standard deviation of the baselines
    slopes: first and second derivatives by (effect, tau), where they can be had
    """

    log_likelihood: Callable[[Floats, float], float]
    start: Floats
    baseline_sd: bool = False
    slopes: Callable[[float, float], tuple[Floats, Floats]] | None = None

    def at(self, tau: float) -> Derivatives | None:
        """Return the derivatives by the fixed parameters at this tau; None: take differences."""
        slopes = self.slopes
        if slopes is None:
            return None

        def of(at: Floats) -> tuple[Floats, Floats]:
            slope, bend = slopes(float(at[0]), tau)
            return slope[:1], bend[:1, :1]

        return of

    @property
    def joint(self) -> Derivatives | None:
        """The derivatives by (effect, tau): tau of either sign, and flat beyond its bound."""
        slopes = self.slopes
        if slopes is None:
            return None

        def of(at: Floats) -> tuple[Floats, Floats]:
            tau = float(at[1])
            slope, bend = slopes(float(at[0]), min(abs(tau), LARGEST_SD))
            way = np.array([1.0, 0.0 if abs(tau) > LARGEST_SD else math.copysign(1.0, tau)])
            return slope * way, bend * np.outer(way, way)

        return of


def _one_predictor(family: Family, points: int) -> _Problem:
    studies = family.shape[0]

    def log_likelihood(at: Floats, tau: float) -> float:
        fixed = np.full((studies, 1), at[0])
        return float(integrated(family, fixed, np.array([[tau]]), points).sum())

    def slopes(effect: float, tau: float) -> tuple[Floats, Floats]:
        return slopes_of_one_effect(family, np.full((studies, 1), effect), tau, points)

    # One point is Laplace's approximation, whose own derivatives these are not.
    return _Problem(log_likelihood, np.zeros(1), slopes=slopes if points > 1 else None)


# Arm 1 is half the effect above the middle of its study, arm 2 half below (metafor's coding = 1/2).
HALVES = np.array([0.5, -0.5])


def _two_arms(
    family: Family, model: MixedModel, baselines: Floats, informative: Bools, points: int
) -> _Problem:
    if model is MixedModel.FIXED_STUDY:
        return _fixed_baselines(_rows(family, informative), baselines[informative], points)
    studies = family.shape[0]

    def log_likelihood(at: Floats, tau: float) -> float:
        effect, middle, sd = at
        fixed = np.tile(middle + effect * HALVES, (studies, 1))
        loadings = np.array([[sd, 0.5 * tau], [sd, -0.5 * tau]])
        if tau == 0:
            return float(integrated(family, fixed, loadings[:, :1], points).sum())
        return float(integrated(family, fixed, loadings, 1).sum())

    start = np.array([0.0, float(baselines.mean()), max(float(baselines.std()), 0.1)])
    return _Problem(log_likelihood, start, baseline_sd=True)


def _rows(family: Family, keep: Bools) -> Family:
    """Return the studies that say something about a baseline of their own."""
    if isinstance(family, Binomial):
        return Binomial(family.events[keep], family.total[keep], family.offset[keep])
    assert isinstance(family, Poisson)
    return Poisson(family.events[keep], family.time[keep])


def _fixed_baselines(family: Family, start: Floats, points: int) -> _Problem:
    # The search goes on from the baselines last found: those of a nearby effect are close.
    last = start

    def log_likelihood(at: Floats, tau: float) -> float:
        nonlocal last
        loadings = tau * HALVES[:, None]

        def of(baselines: Floats) -> Floats:
            fixed = baselines[:, None] + at[0] * HALVES
            return integrated(family, fixed, loadings, points)

        last, value = _best_each(of, last)
        return float(value.sum())

    return _Problem(log_likelihood, np.zeros(1))


# Differences over this step leave eight digits of a slope, and a baseline that is off by 1e-6
# changes its log likelihood by 1e-12.
DIFFERENCE = 1e-4
SMALLEST_STEP = 1e-6
LONGEST_STEP = 2.0
MOST_STEPS = 200


def _best_each(f: Callable[[Floats], Floats], start: Floats) -> tuple[Floats, Floats]:
    """Maximise each study's own concave function of its own baseline, all studies at once."""
    at = start
    for _ in range(MOST_STEPS):
        value, ahead, behind = f(at), f(at + DIFFERENCE), f(at - DIFFERENCE)
        slope = (ahead - behind) / (2 * DIFFERENCE)
        bend = (ahead - 2 * value + behind) / DIFFERENCE**2
        step = np.clip(slope / np.maximum(-bend, 1e-3), -LONGEST_STEP, LONGEST_STEP)
        if float(np.abs(step).max(initial=0.0)) <= SMALLEST_STEP:
            return at, value
        at = at + step
    raise NotConverged("the baselines of the studies", MOST_STEPS)


def _fit(
    measure: Measure,
    model: MixedModel,
    problem: _Problem,
    labels: tuple[str, ...],
    left_out: tuple[LeftOut, ...],
    *,
    random: bool,
    level: float,
) -> Glmm:
    if not labels:
        raise NotEstimable("no study has both events and no events", studies=0)
    common = maximise(_at(problem, 0.0), problem.start, derivatives=problem.at(0.0))
    best, tau2 = common, 0.0
    if random and len(labels) > 1:
        found = _with_tau(problem, common)
        if found.value > common.value + SMALLEST_GAIN:
            best, tau2 = found, float(found.point[-1]) ** 2
    variance = np.linalg.inv(-best.curvature)[0, 0]
    if not variance > 0:
        raise NotConverged("the information at the maximum", MOST_STEPS)
    middle, sd = best.point[1:3].tolist() if problem.baseline_sd else (None, None)
    return Glmm(
        measure,
        model,
        estimate_of(float(best.point[0]), math.sqrt(float(variance)), level=level),
        tau2,
        middle,
        None if sd is None else sd**2,
        best.value,
        labels,
        left_out,
    )


def _at(problem: _Problem, tau: float) -> Callable[[Floats], float]:
    return lambda at: problem.log_likelihood(at, tau)


def _with_tau(problem: _Problem, common: Maximum) -> Maximum:
    """Return the best fit with a standard deviation of the effects as the last parameter.

    The likelihood may have two maxima, so the search starts from the best of several
    standard deviations, each with the effect best for it.
    """

    def joint(at: Floats) -> float:
        return problem.log_likelihood(at[:-1], min(abs(float(at[-1])), LARGEST_SD))

    starts = []
    point = common.point
    for sd in START_SDS:
        found = maximise(_at(problem, sd), point, derivatives=problem.at(sd), smallest_gain=ROUGHLY)
        point = found.point
        starts.append((found.value, sd, found.point))
    _, sd, point = max(starts, key=lambda start: start[0])
    found = maximise(joint, np.append(point, sd), derivatives=problem.joint)
    if abs(float(found.point[-1])) < LARGEST_SD - 1:
        return found
    if found.value < common.value + FLAT:
        return common
    raise NotEstimable("the studies contradict each other entirely: tau2 has no bound")
