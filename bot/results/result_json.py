"""A result as other programs read it; docs/commands.md has the keys."""

from __future__ import annotations

from typing import Any

from bot.results.model import AnalysisResult, ApartRow, Paired
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
        "participants": result.participants,
        "arm_1": result.arm_1,
        "arm_2": result.arm_2,
        "arm_order_inferred": result.arm_order_inferred,
        "direction": _direction_json(result),
        "published": _published_json(published) if published is not None else None,
        "paired": _paired_json(paired),
        "derived_inputs": result.derived_inputs,
        "kept_apart": [_apart_json(each) for each in result.apart],
        "refused": list(result.refused),
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
