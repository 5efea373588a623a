"""How effects are pooled: common or random, by which tau2, with which interval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis.tau2 import Tau2Method


class Interval(StrEnum):
    """How the limits of a pooled effect are made; names are metafor's."""

    NORMAL = "z"
    T = "t"  # t with k - p degrees of freedom, the same standard error
    HARTUNG_KNAPP = "knha"  # t, standard error from the spread of the effects
    HARTUNG_KNAPP_FLOORED = "adhoc"  # the same, never narrower than NORMAL's standard error


@dataclass(frozen=True, slots=True)
class Model:
    """How effects are pooled: tau2 None is the common-effect model."""

    tau2: Tau2Method | None = Tau2Method.REML
    interval: Interval = Interval.NORMAL
    level: float = 0.95


COMMON_EFFECT = Model(tau2=None)

# Below three studies a Hartung-Knapp interval has one degree of freedom and spans everything.
FEWEST_FOR_HARTUNG_KNAPP = 3
# Below five studies tau2 says little (Cochrane Handbook 10.10.4).
FEWEST_FOR_TAU2 = 5


def inflation_of(mean_square: float, interval: Interval) -> float:
    """Return the factor on the squared standard error that this kind of interval uses."""
    if interval is Interval.HARTUNG_KNAPP:
        return mean_square
    return max(1.0, mean_square) if interval is Interval.HARTUNG_KNAPP_FLOORED else 1.0
