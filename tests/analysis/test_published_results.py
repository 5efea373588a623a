"""The figures that the 2022 review prints, from the tables written out here."""

from __future__ import annotations

import pytest

from analysis.effects import NO_EVENTS, SmallSampleFactor, SmdVariance, standardised_mean_difference
from analysis.inputs import TwoByTwo, TwoMeans
from analysis.pooling import inverse_variance, mantel_haenszel
from analysis.results import Estimate, Scale

# Per trial: events and participants of the arm named first in the review, then of the other.
DISABILITY = (
    ("Azulay 1994", 0, 5, 0, 5),
    ("Van den Berg 1995", 3, 6, 0, 6),
    ("Leger 2001", 4, 7, 2, 7),
)
STRENGTH = (
    ("Azulay 1994", 5, 5, 0, 5),
    ("Van den Berg 1995", 5, 6, 1, 6),
    ("Federico 2000", 11, 16, 0, 16),
)
BLOCK = (
    ("Azulay 1994", 0, 5, 0, 5),
    ("Van den Berg 1995", 1, 6, 0, 6),
    ("Leger 2001", 0, 7, 0, 7),
    ("Federico 2000", 5, 10, 0, 10),
)
SIDE_EFFECTS = (("Azulay 1994", 2, 5, 0, 5), ("Federico 2000", 13, 16, 1, 16))

PRINTED = [
    pytest.param(DISABILITY, "3.00 (0.89, 10.12)", id="disability improved, induction"),
    pytest.param(STRENGTH, "11.00 (2.86, 42.25)", id="strength improved, induction"),
    pytest.param(BLOCK, "7.00 (0.95, 51.70)", id="conduction block resolved"),
    pytest.param((("Hahn 2013", 17, 42, 7, 42),), "2.43 (1.13, 5.24)", id="disability worse"),
    pytest.param((("Hahn 2013", 4, 42, 20, 42),), "0.20 (0.07, 0.54)", id="grip worse"),
    pytest.param(SIDE_EFFECTS, "10.33 (2.15, 49.77)", id="side effects"),
    pytest.param((("Harbo 2009", 3, 9, 6, 9),), "0.50 (0.18, 1.40)", id="side effects v SCIg"),
]


def printed(estimate: Estimate, scale: Scale) -> str:
    value, lower, upper = map(scale.shown, (estimate.value, estimate.ci_lower, estimate.ci_upper))
    return f"{value:.2f} ({lower:.2f}, {upper:.2f})"


@pytest.mark.parametrize(("rows", "figures"), PRINTED)
def test_every_printed_risk_ratio_is_reproduced_to_its_last_digit(rows, figures):
    pooled = mantel_haenszel(TwoByTwo.of(rows))

    assert printed(pooled.estimate, pooled.scale) == figures


def test_the_printed_standardised_difference_is_reproduced():
    harbo = TwoMeans.of([("Harbo 2009", 4.3, 7.285, 9, 3.6, 9.367, 9)])

    effects = standardised_mean_difference(
        harbo, correction=SmallSampleFactor.APPROXIMATE, variance=SmdVariance.REVMAN_5
    )

    assert printed(inverse_variance(effects).estimate, effects.scale) == "0.08 (-0.84, 1.00)"


def test_a_trial_without_events_is_named_and_left_out():
    pooled = mantel_haenszel(TwoByTwo.of(BLOCK))

    assert [(gone.label, gone.reason) for gone in pooled.left_out] == [
        ("Azulay 1994", NO_EVENTS),
        ("Leger 2001", NO_EVENTS),
    ]
    assert pooled.labels == ("Van den Berg 1995", "Federico 2000")
