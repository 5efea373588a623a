"""Limits of proportions and of their differences that do not fail where nobody had the event."""

from __future__ import annotations

import math

import numpy as np

from analysis.distributions import quantile
from analysis.inputs import Floats, TwoByTwo
from analysis.results import Limits


def wilson_limits(events: Floats, total: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's score limits of proportions, between 0 and 1 and never of width 0.

    events, total: of each group, any shape; the limits have the same
    Source: Wilson 1927, J Am Stat Assoc 22:209-212. Reference: stats::prop.test(correct=FALSE).
    """
    z = quantile(level, None)
    p, square = events / total, z**2 / total
    middle = (p + square / 2) / (1 + square)
    half = z * np.sqrt((p * (1 - p) + square / 4) / total) / (1 + square)
    lower = np.where(events == 0, 0.0, np.maximum(0.0, middle - half))
    upper = np.where(events == total, 1.0, np.minimum(1.0, middle + half))
    return np.asarray(lower), np.asarray(upper)


def newcombe_limits(tables: TwoByTwo, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Newcombe's limits of each study's risk difference, inside -1 to 1, never of width 0.

    Made of the two arms' Wilson limits. Natural scale, arm 1 less arm 2.
    Source: Newcombe 1998, Stat Med 17:873-890, method 10.
    """
    p1, p2 = tables.events_1 / tables.total_1, tables.events_2 / tables.total_2
    l1, u1 = wilson_limits(tables.events_1, tables.total_1, level=level)
    l2, u2 = wilson_limits(tables.events_2, tables.total_2, level=level)
    lower = p1 - p2 - np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    upper = p1 - p2 + np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return np.asarray(lower), np.asarray(upper)


def pooled_newcombe_limits(tables: TwoByTwo, weights: Floats, *, level: float = 0.95) -> Limits:
    """Return limits of a weighted mean of risk differences, from the studies' own score limits.

    weights: shares of 1, one per study
    Each limit's distance from its study is taken with its weight and added in squares; of one
    study the limits are Newcombe's. Natural scale.
    Source: Zou & Donner 2008, Stat Med 27:1693-1702 (the method of variance estimates recovery).
    """
    differences = tables.events_1 / tables.total_1 - tables.events_2 / tables.total_2
    lower, upper = newcombe_limits(tables, level=level)
    value = float(weights.dot(differences))
    below = math.sqrt(float((weights**2).dot((differences - lower) ** 2)))
    above = math.sqrt(float((weights**2).dot((upper - differences) ** 2)))
    return Limits(max(-1.0, value - below), min(1.0, value + above))
