"""Sparse-data, cross-over and sequential operations of the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import stdtrit

from analysis import pooling
from analysis.arm_corrections import (
    corrected_effects,
    empirical_correction,
    treatment_arm_correction,
)
from analysis.beta_binomial import beta_binomial
from analysis.crossover import (
    PairedMeans,
    PairedTables,
    conditional_odds_ratio,
    mcnemar,
    paired_binary,
    paired_mean_difference,
    paired_peto_odds_ratio,
    paired_standardised_mean_difference,
    sd_of_differences,
    sd_of_differences_from_p,
    standardised_mean_change,
    standardised_mean_change_raw,
)
from analysis.crossover_margins import (
    CorrelationRange,
    Infeasible,
    PairedMargins,
    effects_at_correlation,
    feasible_correlations,
    used_correlations,
)
from analysis.errors import AnalysisError, NotConverged
from analysis.exact import (
    ConditionalDistribution,
    conditional_distribution,
    exact_common_odds_ratio,
    mantel_haenszel_test,
)
from analysis.families import Binomial, Family, Poisson
from analysis.glmm import (
    MixedModel,
    logit_proportion_glmm,
    odds_ratio_glmm,
    rate_ratio_glmm,
)
from analysis.inputs import TwoByTwo
from analysis.results import Measure, StudyEffects
from analysis.sequential import (
    ErrorRates,
    diversity,
    evidence_over_time,
    order_by,
    required_size_for_means,
    required_size_for_risks,
    risk_with_odds_ratio,
    risk_with_ratio,
)
from analysis.spending import (
    Boundaries,
    Spending,
    drift_for_power,
    inflation,
    spending_boundaries,
)
from analysis.tau2 import Tau2Method
from tests.oracle.core_ops import (
    estimate_keys,
    model_of,
    one_group,
    pooled_keys,
    study_effects,
    two_by_two,
    two_rates,
    zero_cells,
)
from tests.oracle.loose_laplace import loose_standard_error
from tests.oracle.loose_root import EPS, is_root, loose_root
from tests.oracle.registry import Case, operation

Answer = Mapping[str, Any]


def paired_tables(case: Case) -> PairedTables:
    columns = (np.array(case.columns[name], float) for name in ("s", "t", "u", "v"))
    return PairedTables(case.labels(), *columns)


def by_row(studies: StudyEffects, rows: int) -> dict[str, list[float | None]]:
    """Return effects and variances as lists over all rows, with gaps where there is no effect."""
    effects: list[float | None] = [None] * rows
    variances: list[float | None] = [None] * rows
    for row, effect, variance in zip(
        studies.rows, studies.effects.tolist(), studies.variances.tolist(), strict=True
    ):
        effects[row], variances[row] = effect, variance
    return {"yi": effects, "vi": variances}


@operation("paired_binary")
def paired_binary_keys(case: Case) -> Answer:
    tables, rows, rule = paired_tables(case), len(case.kept), zero_cells(case)
    odds = by_row(paired_binary(tables, Measure.ODDS_RATIO, rule), rows)
    tests = [_mcnemar(t, u) for t, u in zip(case.columns["t"], case.columns["u"], strict=True)]
    margins = margins_of(tables)
    unpaired = by_row(effects_at_correlation(margins, Measure.RISK_RATIO, 0.0), rows)
    return {
        "phi": list(tables.corrected(rule).correlation),
        "rr": by_row(paired_binary(tables, Measure.RISK_RATIO, rule), rows),
        "rd": by_row(paired_binary(tables, Measure.RISK_DIFFERENCE, rule), rows),
        "or_marginal": odds,
        "or_marginal_metafor_MPOR": odds,
        "or_conditional": by_row(conditional_odds_ratio(tables.corrected(rule)), rows),
        "or_peto": by_row(paired_peto_odds_ratio(tables), rows),
        "mcnemar_nocc": _parts(tests, ("statistic", "df", "pval"), (0, 1, 2)),
        "mcnemar_cc": _parts(tests, ("statistic", "df", "pval"), (3, 1, 4)),
        "mcnemar_exact": [each and each[5] for each in tests],
        "unpaired_rr_var": unpaired["vi"],
    }


def _mcnemar(t: float, u: float) -> tuple[float, ...] | None:
    try:
        found = mcnemar(int(t), int(u))
    except AnalysisError:
        return None
    tests = (found.statistic, 1, found.p, found.corrected, found.corrected_p)
    return (*tests, found.exact_p)


def _parts(
    tests: list[tuple[float, ...] | None], names: tuple[str, ...], at: tuple[int, ...]
) -> Answer:
    return {
        name: [each and each[place] for each in tests]
        for name, place in zip(names, at, strict=True)
    }


def margins_of(tables: PairedTables) -> PairedMargins:
    return PairedMargins(
        tables.labels,
        tables.both + tables.first_only,
        tables.both + tables.second_only,
        tables.people,
    )


@operation("pool_paired_binary")
def pool_paired_binary(case: Case) -> Answer:
    studies = paired_binary(paired_tables(case), Measure(case.spec["measure"]), zero_cells(case))
    return pooled_keys(pooling.inverse_variance(studies, model_of(case)))


@operation("paired_binary_margins")
def paired_binary_margins(case: Case) -> Answer:
    spec = case.spec
    columns = (np.array(case.columns[name], float) for name in ("x1", "x2", "n"))
    margins = PairedMargins(case.labels(), *columns)
    measure, rule = Measure(spec["measure"]), Infeasible(spec["infeasible"])
    ranges = feasible_correlations(margins)
    lists = [
        _as_r_refuses(ranges, rho, effects_at_correlation(margins, measure, rho, rule), rule)
        for rho in spec["rho"]
    ]
    return {
        "yi": [value for each in lists for value in each["yi"]],
        "vi": [value for each in lists for value in each["vi"]],
        "rho_max_feasible": [each and each.highest for each in ranges],
        "rho_min_feasible": [each and each.lowest for each in ranges],
    }


def _as_r_refuses(
    ranges: Sequence[CorrelationRange | None], rho: float, found: StudyEffects, rule: Infeasible
) -> dict[str, list[float | None]]:
    """Leave out what the reference refuses at the very bound of the feasible correlations.

    Where the bound is 0.5 it came to 0.49999999999999994 there, so that 0.5 itself was refused. The
    engine lets the bound pass, which is right: those tables exist.
    """
    lists = by_row(found, len(ranges))
    if rule is Infeasible.CLIP:
        return lists
    for row, bounds in enumerate(ranges):
        if bounds is not None and is_a_rounding_beyond(bounds, rho):
            lists["yi"][row] = lists["vi"][row] = None
    return lists


def is_a_rounding_beyond(bounds: CorrelationRange, rho: float) -> bool:
    beyond = max(rho - bounds.highest, bounds.lowest - rho)
    return 0 < beyond <= 4 * EPS


@operation("pool_paired_binary_margins")
def pool_paired_binary_margins(case: Case) -> Answer:
    spec = case.spec
    margins, rule = margins_of(paired_tables(case)), Infeasible(spec["infeasible"])
    studies = effects_at_correlation(margins, Measure(spec["measure"]), spec["rho"], rule)
    return {
        **pooled_keys(pooling.inverse_variance(studies, model_of(case))),
        "rho_max_feasible": [each and each.highest for each in feasible_correlations(margins)],
        "rho_used": list(used_correlations(margins, spec["rho"], rule)),
        "vi": by_row(studies, len(case.kept))["vi"],
    }


def _correlations(case: Case) -> list[list[float]]:
    """Return one list of within-person correlations per answer: one value a trial."""
    if case.spec["r_source"] == "column":
        return [list(case.columns["r"])]
    return [[value] * len(case.kept) for value in case.spec["r"]]


def _paired_means(case: Case, correlations: list[float]) -> PairedMeans:
    c = case.columns
    names = ("m1", "sd1", "m2", "sd2", "n")
    rows = zip(*(c[name] for name in names), correlations, strict=True)
    return PairedMeans.of(
        (label, m1, sd1, m2, sd2, n, sd_of_differences(sd1, sd2, r))
        for label, (m1, sd1, m2, sd2, n, r) in zip(case.labels(), rows, strict=True)
    )


@operation("paired_continuous_md")
def paired_continuous_md(case: Case) -> Answer:
    means = [_paired_means(case, each) for each in _correlations(case)]
    found = [paired_mean_difference(each) for each in means]
    return {**_joined(found), "sd_diff": [v for each in means for v in each.sd_difference.tolist()]}


def _joined(found: list[StudyEffects]) -> dict[str, Any]:
    return {
        "yi": [value for each in found for value in each.effects.tolist()],
        "vi": [value for each in found for value in each.variances.tolist()],
    }


@operation("paired_continuous_smd")
def paired_continuous_smd(case: Case) -> Answer:
    find = SMD_METHODS[case.spec["method"]]
    answer: dict[str, Any] = _joined([find(case, each) for each in _correlations(case)])
    if case.spec["method"] == "handbook":
        root_mean = [
            float(np.hypot(one, two) / np.sqrt(2))
            for one, two in zip(case.columns["sd1"], case.columns["sd2"], strict=True)
        ]
        answer["sd_pooled"] = root_mean * (len(answer["yi"]) // len(root_mean))
    return answer


def _smcr(case: Case, correlations: list[float]) -> StudyEffects:
    c = {name: np.array(case.columns[name], float) for name in ("m1", "m2", "sd1", "n")}
    return standardised_mean_change_raw(
        case.labels(), c["m1"] - c["m2"], c["sd1"], c["n"], correlations
    )


SMD_METHODS: dict[str, Callable[[Case, list[float]], StudyEffects]] = {
    "handbook": lambda case, r: paired_standardised_mean_difference(_paired_means(case, r)),
    "SMCC": lambda case, r: standardised_mean_change(_paired_means(case, r)),
    "SMCR": _smcr,
}


@operation("pool_paired_smd")
def pool_paired_smd(case: Case) -> Answer:
    (correlations,) = _correlations(case)
    studies = SMD_METHODS[case.spec["method"]](case, correlations)
    return pooled_keys(pooling.inverse_variance(studies, model_of(case)))


@operation("implied_correlation")
def implied_correlation(case: Case) -> Answer:
    p = case.spec["p_value"]
    names = ("m1", "sd1", "m2", "sd2", "n")
    answer: dict[str, list[float]] = {"t": [], "se": [], "sd_diff": [], "r": []}
    for label, *row in zip(case.labels(), *(case.columns[name] for name in names), strict=True):
        m1, _, m2, _, n = row
        spread = sd_of_differences_from_p(m1 - m2, p, n)
        means = PairedMeans.of([(label, *row, spread)])
        answer["t"].append(float(stdtrit(n - 1, 1 - p / 2)))
        answer["se"].append(spread / n**0.5)
        answer["sd_diff"].append(spread)
        answer["r"].append(float(means.correlation[0]))
    return answer


@operation("exact_common_or")
def exact_common_or(case: Case) -> Answer:
    found = exact_common_odds_ratio(two_by_two(case), level=case.spec["level"] / 100)
    return {
        "statistic": found.events_1,
        "estimate": found.estimate,
        "ci.lb": found.limits.lower,
        "ci.ub": found.limits.upper,
        "midp_ci.lb": found.midp_limits.lower,
        "midp_ci.ub": found.midp_limits.upper,
        "pval_minlike": found.p_minlike,
        "pval_doubled": found.p_doubled,
        "pval_less": found.p_less,
        "pval_greater": found.p_greater,
    }


@operation("fisher")
def fisher(case: Case) -> Answer:
    """Answer as loosely as fisher.test does, from the engine's distribution; see loose_root."""
    tables = two_by_two(case)
    found = [_fisher(tables.take([row]), case.spec["level"]) for row in range(len(tables.labels))]
    keys = ("pval", "estimate", "ci.lb", "ci.ub")
    return {key: [each[at] for each in found] for at, key in enumerate(keys)}


def _fisher(table: TwoByTwo, percent: float) -> tuple[float, float, float, float]:
    exact, tail = exact_common_odds_ratio(table, level=percent / 100), (100 - percent) / 200
    null, x = conditional_distribution(table, 0.0), exact.events_1
    return (
        exact.p_minlike,
        as_r_stops(exact.estimate, null.lowest - x, lambda at: at.mean() - x, null),
        as_r_stops(exact.limits.lower, -tail, lambda at: at.at_least(x) - tail, null),
        as_r_stops(exact.limits.upper, 1 - tail, lambda at: at.at_most(x) - tail, null),
    )


def as_r_stops(
    exact: float,
    at_zero: float,
    excess: Callable[[ConditionalDistribution], float],
    null: ConditionalDistribution,
) -> float:
    """Return the odds ratio at which R's search for `excess` = 0 stops, inside 0-1 or as 1/it."""
    if exact in (0.0, 1.0, math.inf):
        return exact

    def at(odds_ratio: float) -> float:
        return excess(null.tilted(math.log(odds_ratio))) if odds_ratio > 0 else at_zero

    if not is_root(at, exact):
        raise NotConverged(f"the engine's odds ratio {exact} solves nothing", 0)
    if exact < 1:
        return loose_root(at, 0.0, 1.0)
    return 1 / loose_root(lambda inverse: at(1 / inverse), EPS, 1.0)


@operation("cmh")
def cmh(case: Case) -> Answer:
    spec = case.spec
    found = mantel_haenszel_test(
        two_by_two(case), continuity=spec["correct"], level=spec["level"] / 100
    )
    return {
        "statistic": found.statistic,
        "df": found.df,
        "pval": found.p,
        "estimate": found.odds_ratio,
        "ci.lb": found.limits and found.limits.lower,
        "ci.ub": found.limits and found.limits.upper,
    }


CORRECTIONS = {"tacc": treatment_arm_correction, "empirical": empirical_correction}


@operation("zero_cell_correction")
def zero_cell_correction(case: Case) -> Answer:
    tables = two_by_two(case)
    correction = CORRECTIONS[case.spec["rule"]](tables)
    studies = corrected_effects(tables, Measure(case.spec["measure"]), correction)
    return {
        **by_row(studies, len(case.kept)),
        "kt": correction.arm_1.tolist(),
        "kc": correction.arm_2.tolist(),
        "omega": correction.omega,
    }


@operation("glmm")
def glmm(case: Case) -> Answer:
    spec = case.spec
    model, measure = MixedModel(spec["model"]), Measure(spec["measure"])
    shared: dict[str, Any] = {
        "random": spec["tau2"] != "none",
        "points": spec["nagq"],
        "level": spec["level"] / 100,
    }
    if measure is Measure.LOGIT_PROPORTION:
        found = logit_proportion_glmm(one_group(case), **shared)
    elif measure is Measure.RATE_RATIO:
        found = rate_ratio_glmm(two_rates(case), model, drop_double=spec["drop00"], **shared)
    else:
        found = odds_ratio_glmm(two_by_two(case), model, drop_double=spec["drop00"], **shared)
    answer = {"k": len(found.labels), "tau2": found.tau2, **estimate_keys(found.estimate)}
    if model is MixedModel.RANDOM_STUDY and (found.tau2 > 0 or spec["nagq"] == 1):
        answer["se"] = loose_standard_error(_both_arms(case, found.labels), found)
    return answer


def _both_arms(case: Case, labels: tuple[str, ...]) -> Family:
    """Return the counts of both arms of these studies."""
    at = [case.labels().index(label) for label in labels]

    def arms(*names: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([[case.columns[name][row] for name in names] for row in at], float)

    if Measure(case.spec["measure"]) is Measure.RATE_RATIO:
        return Poisson(arms("x1i", "x2i"), arms("t1i", "t2i"))
    return Binomial(arms("ai", "ci"), arms("n1i", "n2i"), np.zeros((len(at), 2)))


@operation("beta_binomial")
def beta_binomial_keys(case: Case) -> Answer:
    found = beta_binomial(two_by_two(case))
    return {
        "intercept": found.intercept,
        "estimate": found.estimate.value,
        "se": found.estimate.se,
        "logit_rho": found.logit_rho,
        "rho": found.rho,
        "loglik": found.log_likelihood,
    }


def _boundaries(case: Case) -> Boundaries:
    spec = case.spec
    return spending_boundaries(
        spec["information_fraction"],
        spending=Spending(spec["spending"]),
        alpha=spec["alpha"],
        side=spec["side"],
    )


@operation("spending_boundaries")
def spending_boundaries_keys(case: Case) -> Answer:
    found = _boundaries(case)
    return {
        "z": [look.z for look in found.looks],
        "nominal_p": [look.nominal_p for look in found.looks],
        "cumulative_alpha": [look.cumulative_alpha for look in found.looks],
        "increment_alpha": [look.increment_alpha for look in found.looks],
        "achieved_alpha": found.achieved_alpha,
    }


@operation("drift")
def drift(case: Case) -> Answer:
    found, power = _boundaries(case), case.spec["power"]
    return {"drift": drift_for_power(found, power), "inflation": inflation(found, power)}


@operation("required_information_size")
def required_information_size(case: Case) -> Answer:
    spec = case.spec
    errors = ErrorRates(spec["alpha"], spec["beta"], spec["side"])
    if spec["outcome"] == "MD":
        size = required_size_for_means(spec["effect"], spec["sd"], errors)
    else:
        risk = {"RR": risk_with_ratio, "OR": risk_with_odds_ratio}[spec["outcome"]]
        treated = risk(spec["p_control"], spec["effect"])
        size = required_size_for_risks(spec["p_control"], treated, errors)
    return {"RIS": size, "RIS_ceiling": math.ceil(size)}


@operation("diversity")
def diversity_keys(case: Case) -> Answer:
    found = diversity(study_effects(case), Tau2Method(case.spec["tau2"]))
    return {
        "Q": found.q,
        "tau2": found.tau2,
        "I2": 100 * found.i2,
        "var_fixed": found.variance_common,
        "var_random": found.variance_random,
        "D2": found.d2,
        "DARIS_factor": found.factor,
    }


@operation("e_value")
def e_value(case: Case) -> Answer:
    spec, studies = case.spec, study_effects(case)
    if spec["order"] in case.other:
        keys = [case.other[spec["order"]][row] for row in studies.rows]
        studies = order_by(studies, keys)
    looks = evidence_over_time(studies, prior_variance=spec["rho2"], alpha=spec["alpha"])
    return {
        "e_value": [look.e_value for look in looks],
        "ci.lb": [look.limits.lower for look in looks],
        "ci.ub": [look.limits.upper for look in looks],
        "running_max_p": [look.p for look in looks],
    }
