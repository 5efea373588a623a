"""Effect measures, pooling, heterogeneity, regression and robustness operations of the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis import effects, pooling
from analysis.effects import (
    AddTo,
    SmallSampleFactor,
    SmdVariance,
    ZeroCells,
    corrected_cells,
    corrected_counts,
)
from analysis.errors import NotEstimable
from analysis.inputs import GivenEffects, OneProportion, TwoByTwo, TwoMeans, TwoRates
from analysis.mantel_haenszel import (
    RiskDifferenceVariance,
    cochran_mantel_haenszel,
    mantel_haenszel_rate_test,
    tarone,
)
from analysis.plan import Method, Plan, PoolingModel
from analysis.planned_analysis import meta_analysis
from analysis.pooling import Interval, Model, Pooled, TableRules
from analysis.regression import (
    MetaRegression,
    Moderators,
    design,
    factor,
    meta_regression,
    numeric,
    predict,
)
from analysis.results import Estimate, Limits, Measure, PooledTables, StudyEffects
from analysis.robustness import cumulative, leave_one_out
from analysis.small_study import (
    Predictor,
    egger,
    mixed_effects_test,
    rank_test,
)
from analysis.tau2 import Tau2Method
from analysis.trim_and_fill import MissingEstimator, Side, trim_and_fill
from tests.oracle.registry import Case, operation

Answer = Mapping[str, Any]


def zero_cells(case: Case) -> ZeroCells:
    spec = case.spec
    return ZeroCells(spec.get("add", 0.0), AddTo(spec.get("to", "none")), spec.get("drop00", False))


def two_by_two(case: Case) -> TwoByTwo:
    c = case.columns
    return TwoByTwo(
        case.labels(), *(np.array(c[name], float) for name in ("ai", "n1i", "ci", "n2i"))
    )


def two_means(case: Case) -> TwoMeans:
    names = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    return TwoMeans(case.labels(), *(np.array(case.columns[name], float) for name in names))


def two_rates(case: Case) -> TwoRates:
    names = ("x1i", "t1i", "x2i", "t2i")
    return TwoRates(case.labels(), *(np.array(case.columns[name], float) for name in names))


def one_group(case: Case) -> OneProportion:
    return OneProportion(
        case.labels(), *(np.array(case.columns[name], float) for name in ("xi", "ni"))
    )


def study_effects(case: Case) -> StudyEffects:
    return EFFECTS[case.spec["measure"]](case)


def _smd(case: Case) -> StudyEffects:
    return effects.standardised_mean_difference(
        two_means(case),
        correction=SmallSampleFactor(case.spec["correct"]),
        variance=SmdVariance(case.spec["vtype"]),
    )


EFFECTS: dict[str, Callable[[Case], StudyEffects]] = {
    "RR": lambda case: effects.risk_ratio(two_by_two(case), zero_cells(case)),
    "OR": lambda case: effects.odds_ratio(two_by_two(case), zero_cells(case)),
    "RD": lambda case: effects.risk_difference(two_by_two(case), zero_cells(case)),
    "AS": lambda case: effects.arcsine_difference(two_by_two(case), zero_cells(case)),
    "PETO": lambda case: effects.peto_odds_ratio(two_by_two(case), zero_cells(case)),
    "MD": lambda case: effects.mean_difference(two_means(case)),
    "SMD": _smd,
    "SMDH": lambda case: effects.smd_unequal_variances(
        two_means(case), correction=SmallSampleFactor(case.spec["correct"])
    ),
    "ROM": lambda case: effects.ratio_of_means(two_means(case)),
    "VR": lambda case: effects.variability_ratio(
        two_means(case), corrected=case.spec["correct"] == "df"
    ),
    "IRR": lambda case: effects.rate_ratio(two_rates(case), zero_cells(case)),
    "IRD": lambda case: effects.rate_difference(two_rates(case), zero_cells(case)),
    "IRSD": lambda case: effects.root_rate_difference(two_rates(case), zero_cells(case)),
    "PR": lambda case: effects.proportion(one_group(case), zero_cells(case)),
    "PLN": lambda case: effects.log_proportion(one_group(case), zero_cells(case)),
    "PLO": lambda case: effects.logit_proportion(one_group(case), zero_cells(case)),
    "PAS": lambda case: effects.arcsine_proportion(one_group(case), zero_cells(case)),
    "PFT": lambda case: effects.freeman_tukey_proportion(one_group(case), zero_cells(case)),
    "GEN": lambda case: effects.given_effects(
        case.labels(), case.columns["yi"], case.columns["vi"]
    ),
}


@operation("effect_size")
def effect_size(case: Case) -> Answer:
    found = study_effects(case)
    by_row = dict(zip(found.rows, found.effects.tolist(), strict=True))
    variances = dict(zip(found.rows, found.variances.tolist(), strict=True))
    answer: dict[str, Any] = {"yi": case.in_place(by_row), "vi": case.in_place(variances)}
    if case.spec["measure"] == "SMD":
        answer["sd_pooled"] = effects.pooled_sd(two_means(case)).tolist()
    return answer


def model_of(case: Case) -> Model:
    spec = case.spec
    tau2 = None if spec["tau2"] == "none" else Tau2Method(spec["tau2"])
    return Model(tau2, Interval(spec.get("ci", "z")), spec.get("level", 95) / 100)


def estimate_keys(found: Estimate) -> dict[str, Any]:
    return {
        "estimate": found.value,
        "se": found.se,
        "stat": found.statistic,
        "df": found.df,
        "pval": found.p,
        "ci.lb": found.ci_lower,
        "ci.ub": found.ci_upper,
    }


def _limits(limits: Limits | None, df: float | str | None) -> dict[str, Any] | None:
    return None if limits is None else {"lb": limits.lower, "ub": limits.upper, "df": df}


def pooled_keys(found: Pooled) -> dict[str, Any]:
    k = len(found.studies)
    q = found.heterogeneity
    statistic = found.estimate.statistic
    answer = {
        "k": k,
        "p": 1,
        **estimate_keys(found.estimate),
        "tau2": found.tau2,
        "se_tau2": found.tau2_se,
        "Q": q.q,
        "Q_df": q.df,
        "Q_p": q.p,
        "I2": 100 * found.i2,
        "H2": found.h2,
        "I2_from_Q": 100 * q.i2,
        "s2w": found.inflation,
        "QM": None if statistic is None else statistic**2,
        "QM_df": [1, found.estimate.df],
        "QM_p": found.estimate.p,
        "weights_pct": (100 * found.weights).tolist(),
    }
    if found.prediction is not None:
        df = found.estimate.df
        answer["pi_metafor"] = _limits(found.prediction.as_tested, "normal" if df is None else df)
        answer["pi_t_k_minus_1"] = _limits(found.prediction.t_k_minus_1, k - 1)
        answer["pi_hts_k_minus_2"] = _limits(found.prediction.t_k_minus_2, k - 2)
    if found.profile is not None:
        profile = found.profile
        answer["qprofile"] = {
            "tau2": [profile.tau2.lower, profile.tau2.upper],
            "I2": [100 * profile.i2.lower, 100 * profile.i2.upper],
            "H2": [profile.h2.lower, profile.h2.upper],
        }
    return answer


@operation("pool_iv")
def pool_iv(case: Case) -> Answer:
    return pooled_keys(pooling.inverse_variance(study_effects(case), model_of(case)))


def table_keys(found: PooledTables) -> dict[str, Any]:
    q = found.heterogeneity
    return {
        "k": len(found.labels),
        "k_yi": len(found.studies),
        **estimate_keys(found.estimate),
        "Q": q.q,
        "Q_df": q.df,
        "Q_p": q.p,
        "I2": 100 * q.i2,
        "H2": q.h2,
        "weights_pct": (100 * found.weights).tolist(),
    }


@operation("pool_rm5_mh")
def pool_rm5_mh(case: Case) -> Answer:
    measure = Measure(case.spec["measure"])
    found = pooling.mantel_haenszel(two_by_two(case), measure, level=case.spec["level"] / 100)
    answer = table_keys(found)
    if measure is Measure.RISK_RATIO:
        shown = (found.estimate.value, found.estimate.ci_lower, found.estimate.ci_upper)
        answer |= dict(zip(("rr", "rr.lb", "rr.ub"), map(found.scale.shown, shown), strict=True))
    return answer


def _cells(spec: Mapping[str, Any], stem: str) -> ZeroCells:
    return ZeroCells(spec[f"{stem}_add"], AddTo(spec[f"{stem}_to"]), spec[f"{stem}_drop00"])


@operation("pool_mh")
def pool_mh(case: Case) -> Answer:
    spec = case.spec
    rules = TableRules(_cells(spec, "pool"), _cells(spec, "yi"))
    measure = Measure(spec["measure"])
    if measure in (Measure.RATE_RATIO, Measure.RATE_DIFFERENCE):
        return _mh_rates(case, measure, rules)
    tables = two_by_two(case)
    x = corrected_cells(tables, rules.pooled).kept()
    k_yi = len(pooling.effects_of(tables, measure, rules.effects))
    try:
        found = pooling.mantel_haenszel(
            tables,
            measure,
            rules=rules,
            variance=(
                RiskDifferenceVariance(spec["variance"])
                if measure is Measure.RISK_DIFFERENCE
                else RiskDifferenceVariance.SATO
            ),
            level=spec["level"] / 100,
        )
    except NotEstimable as error:
        because = {"error": "not_estimable", "because": str(error)}
        return {"k": x.a.size, "k_yi": k_yi, "k_pos": 0, **because}
    answer = table_keys(found)
    if measure is Measure.ODDS_RATIO:
        test = cochran_mantel_haenszel(x, continuity=spec["cmh_correct"])
        homogeneity = tarone(x, found.estimate.value)
        answer |= {
            "CMH": test.statistic,
            "CMH_p": test.p,
            "Tarone": homogeneity.statistic,
            "Tarone_p": homogeneity.p,
            "k_pos": homogeneity.tables,
        }
    return answer


def _mh_rates(case: Case, measure: Measure, rules: TableRules) -> Answer:
    rates, level = two_rates(case), case.spec["level"] / 100
    answer = table_keys(pooling.mantel_haenszel_rates(rates, measure, rules=rules, level=level))
    if measure is Measure.RATE_RATIO:
        x = corrected_counts(rates, rules.pooled)
        keep = x.keep
        test = mantel_haenszel_rate_test(
            x.events_1[keep],
            rates.time_1[keep],
            x.events_2[keep],
            rates.time_2[keep],
            continuity=case.spec["cmh_correct"],
        )
        answer |= {"CMH": test.statistic, "CMH_p": test.p}
    return answer


@operation("pool_rm5_dl")
def pool_rm5_dl(case: Case) -> Answer:
    measure, level = Measure(case.spec["measure"]), case.spec["level"] / 100
    return pooled_keys(pooling.revman_random_effects(two_by_two(case), measure, level=level))


@operation("pool_peto")
def pool_peto(case: Case) -> Answer:
    return table_keys(pooling.peto(two_by_two(case), level=case.spec["level"] / 100))


@operation("pool_oe")
def pool_oe(case: Case) -> Answer:
    return pooled_keys(pooling.inverse_variance(log_rank(case), model_of(case)))


def log_rank(case: Case) -> StudyEffects:
    return effects.log_rank_effects(case.labels(), case.columns["o_minus_e"], case.columns["v"])


@operation("hedges_j")
def hedges_j(case: Case) -> Answer:
    m = [float(value) for value in case.spec["m"]]
    exact = [effects.hedges_j(np.array([each])).item() if each > 1 else None for each in m]
    return {"m": m, "exact": exact, "approx": effects.hedges_j_approximate(np.array(m)).tolist()}


@operation("back_transform_pft")
def back_transform_pft(case: Case) -> Answer:
    group = one_group(case)
    studies = effects.freeman_tukey_proportion(group)
    found = pooling.inverse_variance(studies, model_of(case)).estimate
    size = 1 / float(np.mean(1 / group.total))
    angles = np.array([found.value, found.ci_lower, found.ci_upper])
    back = effects.proportion_of_freeman_tukey(angles, size).tolist()
    each = effects.proportion_of_freeman_tukey(studies.effects, group.total).tolist()
    shown = dict(zip(("pred", "ci.lb", "ci.ub"), back, strict=True))
    return {"n_harm": size, "estimate": found.value, **shown, "study_p": each}


def _moderators(case: Case, studies: StudyEffects) -> Moderators:
    parts = []
    for each in case.spec["moderators"]:
        values = [case.other[each["column"]][row] for row in studies.rows]
        if each["type"] == "factor":
            parts.append(factor(each["column"], [str(value) for value in values]))
        else:
            parts.append(numeric(each["column"], values, subtract=each["subtract"]))
    return design(*parts)


@operation("meta_regression")
def meta_regression_keys(case: Case) -> Answer:
    studies = study_effects(case)
    return regression_keys(meta_regression(studies, _moderators(case, studies), model_of(case)))


@operation("subgroup_oe")
def subgroup_oe(case: Case) -> Answer:
    studies = log_rank(case)
    groups = [str(case.other[case.spec["by"]][row]) for row in studies.rows]
    by = design(factor(case.spec["by"], groups))
    return regression_keys(meta_regression(studies, by, model_of(case)))


def regression_keys(found: MetaRegression) -> Answer:
    q, joint = found.heterogeneity, found.joint
    lists = [estimate_keys(each) for each in found.coefficients]
    answer = {key: [each[key] for each in lists] for key in lists[0]}
    return answer | {
        "k": len(found.studies),
        "p": len(found.names),
        "df": found.coefficients[0].df,
        "tau2": found.tau2,
        "se_tau2": found.tau2_se,
        "Q": q.q,
        "Q_df": q.df,
        "Q_p": q.p,
        "I2": 100 * found.i2,
        "H2": found.h2,
        "I2_from_Q": 100 * q.i2,
        "s2w": found.inflation,
        "R2": 100 * found.r2,
        "QM": joint and joint.statistic,
        "QM_df": joint and [joint.df_1, joint.df_2],
        "QM_p": joint and joint.p,
        "weights_pct": (100 * found.weights).tolist(),
    }


@operation("predict")
def predict_keys(case: Case) -> Answer:
    studies = study_effects(case)
    fit = meta_regression(studies, _moderators(case, studies), model_of(case))
    at = [each if isinstance(each, list) else [each] for each in case.spec["at"]]
    found = [predict(fit, _coded(case, row)) for row in at]
    return {
        "estimate": [each.value for each in found],
        "se": [each.se for each in found],
        "ci.lb": [each.ci.lower for each in found],
        "ci.ub": [each.ci.upper for each in found],
        "pi.lb": [each.prediction and each.prediction.lower for each in found],
        "pi.ub": [each.prediction and each.prediction.upper for each in found],
    }


def _coded(case: Case, row: Sequence[Any]) -> list[float]:
    """Return the columns of the design for one value of each moderator; levels become dummies."""
    columns: list[float] = []
    for value, moderator in zip(row, case.spec["moderators"], strict=True):
        if isinstance(value, str):
            levels = sorted(set(map(str, case.other[moderator["column"]])))
            columns += [float(value == level) for level in levels[1:]]
        else:
            columns.append(value)
    return columns


@operation("subgroup")
def subgroup(case: Case) -> Answer:
    studies = study_effects(case)
    by = [str(case.other[case.spec["by"]][row]) for row in studies.rows]
    model = model_of(case)
    plan = Plan(
        Measure.GENERIC,
        model=PoolingModel(case.spec["model"]),
        tau2=model.tau2,
        interval=model.interval,
        level=model.level,
    )
    given = GivenEffects(studies.labels, studies.effects, np.sqrt(studies.variances))
    found = meta_analysis(given, plan, subgroups=by)
    groups = sorted(found.subgroups, key=lambda each: each.label)
    estimates = [each.estimate for each in groups if each.estimate is not None]
    assert found.between is not None
    return {
        "levels": [each.label for each in groups],
        "estimate": [each.value for each in estimates],
        "se": [each.se for each in estimates],
        "tau2": [each.tau2 or 0.0 for each in groups],
        "Q_between": found.between.q,
        "Q_between_df": found.between.df,
        "Q_between_p": found.between.p,
        "I2_between": 100 * found.between.i2,
    }


def _series(found: Sequence[Pooled]) -> Answer:
    rows = [pooled_keys(each) for each in found]
    keys = ("estimate", "se", "stat", "pval", "ci.lb", "ci.ub", "Q", "Q_p", "tau2", "I2", "H2")
    return {key: [row[key] for row in rows] for key in keys}


def _table_series(case: Case, subsets: Sequence[Sequence[int]]) -> Answer:
    """Pool each subset of the tables as RevMan does, by the entry that the product asks."""
    tables = two_by_two(case)
    plan = Plan(
        Measure(case.spec["measure"]),
        Method.MANTEL_HAENSZEL,
        PoolingModel.COMMON,
        level=case.spec["level"] / 100,
    )
    found = [meta_analysis(tables.take(subset), plan).overall for subset in subsets]
    estimates = [each and each.estimate for each in found]
    answer: dict[str, Any] = {
        "estimate": [each and each.value for each in estimates],
        "se": [each and each.se for each in estimates],
    }
    for key, name in (("rr", "value"), ("rr.lb", "ci_lower"), ("rr.ub", "ci_upper")):
        answer[key] = [each and math.exp(getattr(each, name)) for each in estimates]
    return answer


@operation("leave_one_out")
def leave_one_out_keys(case: Case) -> Answer:
    if case.spec["pooling"] == "rm5_mh":
        every = range(len(case.kept))
        return _table_series(case, [[row for row in every if row != out] for out in every])
    found = leave_one_out(study_effects(case), model_of(case))
    return _series([each.pooled for each in found])


@operation("cumulative")
def cumulative_keys(case: Case) -> Answer:
    order = case.spec["order"]
    values = range(len(case.kept)) if order == "as_listed" else case.other[order]
    if case.spec["pooling"] == "rm5_mh":
        places = sorted(range(len(case.kept)), key=lambda at: values[at])
        return _table_series(case, [places[: step + 1] for step in range(len(places))])
    studies = study_effects(case)
    found = cumulative(studies, [values[row] for row in studies.rows], model_of(case))
    added = [case.kept[each.row] + 1 for each in found]
    return {**_series([each.pooled for each in found]), "added_row": added}


@operation("regtest")
def regtest(case: Case) -> Answer:
    spec, studies = case.spec, study_effects(case)
    predictor, level = Predictor(spec["predictor"]), spec["level"] / 100
    if spec["model"] == "lm":
        found = egger(studies, predictor=predictor, level=level)
    else:
        tau2 = None if spec["tau2"] == "none" else Tau2Method(spec["tau2"])
        found = mixed_effects_test(studies, predictor=predictor, tau2=tau2, level=level)
    return {
        "stat": found.slope.statistic,
        "df": found.slope.df,
        "pval": found.slope.p,
        "limit_estimate": found.intercept.value,
        "limit_ci.lb": found.intercept.ci_lower,
        "limit_ci.ub": found.intercept.ci_upper,
        "intercept": found.intercept.value,
        "intercept_se": found.intercept.se,
        "slope": found.slope.value,
        "slope_se": found.slope.se,
    }


@operation("ranktest")
def ranktest(case: Case) -> Answer:
    found = rank_test(study_effects(case), exact=case.spec["exact"])
    return {"tau": found.tau, "pval": found.p}


@operation("trim_and_fill")
def trim_and_fill_keys(case: Case) -> Answer:
    side = None if case.spec["side"] == "auto" else Side(case.spec["side"])
    found = trim_and_fill(
        study_effects(case),
        model_of(case),
        estimator=MissingEstimator(case.spec["estimator"]),
        side=side,
    )
    return {
        "k0": found.missing,
        "se_k0": found.missing_se,
        "side": found.side.value,
        "p_k0": found.p,
        "fit": pooled_keys(found.filled),
    }
