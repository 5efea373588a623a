"""Effect measures: from the numbers of the arms to one effect and its sampling variance per study.

Every function returns `StudyEffects` on the scale its docstring names. A study that has no
effect is listed in `left_out` with the reason; nothing is ever NaN. Formulas are those of
metafor::escalc (3.8-1) unless the docstring says otherwise.
"""

from __future__ import annotations

from analysis.effects.given import (
    given_effects,
    log_rank_effects,
)
from analysis.effects.means import (
    SmallSampleFactor,
    SmdVariance,
    glass_delta,
    hedges_j,
    hedges_j_approximate,
    mean_difference,
    pooled_sd,
    ratio_of_means,
    smd_unequal_variances,
    standardised_mean_difference,
    variability_ratio,
)
from analysis.effects.proportions import (
    arcsine_proportion,
    freeman_tukey_proportion,
    log_proportion,
    logit_proportion,
    proportion,
    proportion_of_arcsine,
    proportion_of_freeman_tukey,
)
from analysis.effects.rates import (
    rate_difference,
    rate_ratio,
    root_rate_difference,
)
from analysis.effects.two_by_two import (
    arcsine_difference,
    odds_ratio,
    peto_odds_ratio,
    peto_parts,
    risk_difference,
    risk_difference_of_counts,
    risk_difference_of_revman,
    risk_ratio,
)
from analysis.effects.zero_cells import (
    ALL_EVENTS,
    METAFOR,
    NO_EVENTS,
    REVMAN,
    REVMAN_RISKS,
    UNCHANGED,
    ZERO_CELL,
    AddTo,
    Cells,
    Counts,
    Kept,
    ZeroCells,
    corrected_cells,
    corrected_counts,
    kept_effects,
    kept_studies,
    kept_tables,
)

__all__ = [
    "ALL_EVENTS",
    "AddTo",
    "Cells",
    "SmallSampleFactor",
    "Counts",
    "METAFOR",
    "NO_EVENTS",
    "REVMAN",
    "REVMAN_RISKS",
    "SmdVariance",
    "UNCHANGED",
    "ZERO_CELL",
    "ZeroCells",
    "arcsine_difference",
    "arcsine_proportion",
    "corrected_cells",
    "corrected_counts",
    "freeman_tukey_proportion",
    "given_effects",
    "glass_delta",
    "hedges_j",
    "hedges_j_approximate",
    "Kept",
    "kept_effects",
    "kept_studies",
    "kept_tables",
    "log_proportion",
    "log_rank_effects",
    "logit_proportion",
    "mean_difference",
    "odds_ratio",
    "peto_odds_ratio",
    "peto_parts",
    "pooled_sd",
    "proportion",
    "proportion_of_arcsine",
    "proportion_of_freeman_tukey",
    "rate_difference",
    "rate_ratio",
    "ratio_of_means",
    "risk_difference",
    "risk_difference_of_counts",
    "risk_difference_of_revman",
    "risk_ratio",
    "root_rate_difference",
    "smd_unequal_variances",
    "standardised_mean_difference",
    "variability_ratio",
]
