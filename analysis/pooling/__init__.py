"""Pooled effects: Mantel-Haenszel, Peto and inverse variance, common and random effects."""

from __future__ import annotations

from analysis.pooling.by_tables import (
    METAFOR_RULES,
    TableRules,
    effects_of,
    mantel_haenszel,
    mantel_haenszel_rates,
    peto,
    revman_rules,
)
from analysis.pooling.by_variance import (
    Pooled,
    Prediction,
    check_poolable,
    headline,
    inverse_variance,
    random_about,
    revman_random_effects,
)
from analysis.pooling.estimates import (
    estimate_of,
)
from analysis.pooling.model import (
    COMMON_EFFECT,
    FEWEST_FOR_HARTUNG_KNAPP,
    FEWEST_FOR_TAU2,
    Interval,
    Model,
    inflation_of,
)

__all__ = [
    "COMMON_EFFECT",
    "FEWEST_FOR_HARTUNG_KNAPP",
    "FEWEST_FOR_TAU2",
    "Interval",
    "METAFOR_RULES",
    "Model",
    "Pooled",
    "Prediction",
    "TableRules",
    "check_poolable",
    "effects_of",
    "estimate_of",
    "headline",
    "inflation_of",
    "inverse_variance",
    "mantel_haenszel",
    "mantel_haenszel_rates",
    "peto",
    "random_about",
    "revman_random_effects",
    "revman_rules",
]
