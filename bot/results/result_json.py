"""A result as other programs read it; docs/commands.md has the keys."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.results.model import (
    AnalysisResult,
    ApartRow,
    ArmNumbers,
    Beside,
    Heterogeneity,
    How,
    Paired,
    ShownEffect,
    ShownPrediction,
    StudyRow,
    SubgroupResult,
)
from bot.results.ways import effective_people, how_of, method_in_words, people_told
from bot.review.planned import PlannedConvention
from bot.review.protocol import PublishedResult


def analysis_json(result: AnalysisResult) -> dict[str, Any]:
    """Return a result as `analyse --json` prints it."""
    effect, published, paired = result.effect, result.published, result.paired
    return {
        "id": result.id,
        "outcome": result.outcome,
        "outcome_label": result.outcome_label,
        "comparison": result.comparison,
        "measure": result.measure,
        "method": result.method,
        "model": result.model,
        "estimate": effect.estimate if effect is not None else None,
        "ci_lower": effect.ci_lower if effect is not None else None,
        "ci_upper": effect.ci_upper if effect is not None else None,
        "not_estimable": result.not_estimable,
        "studies": result.studies,
        "participants": people_told(result.studies, result.participants),
        "effective_participants": effective_people(result),
        "arm_1": result.arm_1,
        "arm_2": result.arm_2,
        "arm_order_inferred": result.arm_order_inferred,
        "direction": _direction_json(result),
        "published": _published_json(published) if published is not None else None,
        "paired": _paired_json(paired),
        "derived_inputs": result.derived_inputs,
        "kept_apart": [_apart_json(each) for each in result.apart],
        "refused": list(result.refused),
        "pooled": result.pooled,
        "how": _how_json(result, how_of(result)),
        "heterogeneity": _heterogeneity_json(result.heterogeneity)
        or _of_one_study(result, result.effect),
        "prediction": _prediction_json(result.prediction),
        "random_effects": _limits_json(result.random_effects),
        "subgroups": [_subgroup_json(result, each) for each in result.subgroups],
        "subgroup_test": _between_json(result),
        "rows": [_row_json(each) for each in result.rows],
        "cautions": list(result.cautions),
        "sensitivity": [_beside_json(each) for each in result.sensitivity],
        "further": [_beside_json(each) for each in result.further],
    }


def _limits_json(effect: ShownEffect | None) -> dict[str, float | None]:
    return {
        "estimate": effect.estimate if effect is not None else None,
        "ci_lower": effect.ci_lower if effect is not None else None,
        "ci_upper": effect.ci_upper if effect is not None else None,
    }


def _how_json(result: AnalysisResult, how: How) -> dict[str, Any]:
    return {
        "method": result.method,
        "model": result.model,
        "tau2": how.tau2,
        "interval": how.interval,
        "level": how.level,
        "zero_cells": how.zero_cells,
        "convention": how.convention,
        "label": method_in_words(result),
    }


def _heterogeneity_json(found: Heterogeneity | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "tau2": found.tau2,
        "tau2_lower": found.tau2_lower,
        "tau2_upper": found.tau2_upper,
        "q": found.q,
        "df": found.q_df,
        "p": found.q_p,
        "i2": found.i2,
        "i2_lower": found.i2_lower,
        "i2_upper": found.i2_upper,
    }


def _of_one_study(result: AnalysisResult, effect: ShownEffect | None) -> dict[str, Any] | None:
    """Return what RevMan prints of one study: that nothing differs. None by another convention."""
    how = how_of(result)
    if effect is None or how.convention is not PlannedConvention.REVMAN:
        return None
    nothing = Heterogeneity(tau2=0.0 if how.tau2 else None, q=0.0, q_df=0, q_p=1.0, i2=0.0)
    return _heterogeneity_json(nothing)


def _prediction_json(found: ShownPrediction | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"lower": found.lower, "upper": found.upper, "convention": found.convention}


def _subgroup_json(result: AnalysisResult, group: SubgroupResult) -> dict[str, Any]:
    return {
        "label": group.label,
        "measure": result.measure,
        "method": result.method,
        "model": result.model,
        **_limits_json(group.effect),
        "not_estimable": group.not_estimable,
        "studies": group.studies,
        "participants": people_told(group.studies, group.participants),
        "interval": group.interval,
        "heterogeneity": _heterogeneity_json(group.heterogeneity)
        or _of_one_study(result, group.effect),
        "prediction": _prediction_json(group.prediction),
    }


def _between_json(result: AnalysisResult) -> dict[str, Any] | None:
    test = result.between
    if test is None:
        return None
    return {"q": test.q, "df": test.q_df, "p": test.q_p, "i2": test.i2}


def _row_json(row: StudyRow) -> dict[str, Any]:
    """Return a row with its arms' numbers by name: events_1, total_1, mean_1, …"""
    both = row.contrast
    return {
        "study": row.study,
        "label": row.label,
        "stratum": row.stratum,
        "subgroup": row.subgroup,
        "enters": row.enters,
        **_arm_json(row.arm_1, 1),
        **_arm_json(row.arm_2, 2),
        **({} if both is None else {"contrast": _contrast_json(row)}),
        **_limits_json(row.effect),
        "weight": row.weight,
        "left_out": row.why,
        "derived": row.derived,
        "notes": list(row.notes),
    }


def _contrast_json(row: StudyRow) -> dict[str, float]:
    both = row.contrast
    given = {} if both is None else asdict(both)
    return {name: number for name, number in given.items() if number is not None}


def _arm_json(arm: ArmNumbers, place: int) -> dict[str, float]:
    """Return an arm's numbers; people are total_ of events and n_ of means."""
    given: dict[str, float | None] = {
        "events": arm.events,
        "mean": arm.mean,
        "sd": arm.sd,
        "n" if arm.mean is not None else "total": arm.total,
        "time": arm.time,
    }
    return {f"{name}_{place}": number for name, number in given.items() if number is not None}


def _beside_json(beside: Beside) -> dict[str, Any]:
    return {
        "what": beside.what,
        **_limits_json(beside.effect),
        "told": beside.told,
        "studies": beside.studies,
    }


def _apart_json(apart: ApartRow) -> dict[str, Any]:
    effect = apart.row.effect
    return {
        "study": apart.row.study,
        "label": apart.row.label,
        "decision": apart.decision,
        "estimate": effect.estimate if effect is not None else None,
        "ci_lower": effect.ci_lower if effect is not None else None,
        "ci_upper": effect.ci_upper if effect is not None else None,
        "not_estimable": apart.row.why,
    }


def _direction_json(result: AnalysisResult) -> str:
    """Say which of the two arms is favoured by its place: 'above 1 favours arm_1'."""
    if not result.direction:
        return ""
    said, _, favoured = result.direction.rpartition(" ")
    return f"{said} {'arm_1' if favoured == result.arm_1 else 'arm_2'}"


def _published_json(published: PublishedResult) -> dict[str, Any]:
    return {
        "estimate": float(published.estimate),
        "ci_lower": float(published.ci_lower),
        "ci_upper": float(published.ci_upper),
        "certainty": published.certainty,
        "source": published.source,
    }


def _paired_json(paired: Paired) -> dict[str, Any]:
    if paired.effect is None:
        return {"missing": paired.missing}
    return {
        "estimate": paired.effect.estimate,
        "ci_lower": paired.effect.ci_lower,
        "ci_upper": paired.effect.ci_upper,
        "how": paired.how,
    }
