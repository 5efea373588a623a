"""Results as data frames: the one module that loads pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.planned_analysis import MetaAnalysis, MetaRow


def frame_of(found: MetaAnalysis) -> pd.DataFrame:
    """Return one row a study.

    `estimate`, `ci_lower`, `ci_upper` are on the reader's scale, `effect` and `se` on the pooled
    one; `weight` is a share of 1. Without an effect they are missing, and `left_out` says why.
    """
    return pd.DataFrame([_row(found, row) for row in found.rows])


def frame_of_columns(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Return columns by their names as a data frame."""
    return pd.DataFrame({name: list(column) for name, column in columns.items()})


def _row(found: MetaAnalysis, row: MetaRow) -> dict[str, object]:
    shown, each = found.scale.shown, row.estimate
    effect = {
        "estimate": None if each is None else shown(each.value),
        "ci_lower": None if each is None else shown(each.ci_lower),
        "ci_upper": None if each is None else shown(each.ci_upper),
        "effect": None if each is None else each.value,
        "se": None if each is None else each.se,
    }
    named = {"study": row.label, "subgroup": row.subgroup}
    return {**named, **effect, "weight": row.weight, "left_out": row.left_out}
