"""A number that counts for a field, and how it was had where it was not printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberHad:
    """A number for a field. how: its formula and its input; None where the number was printed."""

    number: float
    how: str | None = None


@dataclass(frozen=True, slots=True)
class GroupHad:
    """What a phrase gives of one group. None: it does not say so, or another field must help."""

    mean: NumberHad | None = None
    sd: NumberHad | None = None
    n: NumberHad | None = None


@dataclass(frozen=True, slots=True)
class ContrastHad:
    """What a phrase gives of an effect of two groups, on the scale that is pooled."""

    estimate: NumberHad
    se: NumberHad | None = None
    ci_lower: NumberHad | None = None
    ci_upper: NumberHad | None = None
    p: NumberHad | None = None


@dataclass(frozen=True, slots=True)
class TwoGroups:
    """What is known of the two groups that a test or an interval of their difference compares."""

    difference: float | None
    n_1: float
    n_2: float
