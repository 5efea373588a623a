"""What a new result is held against: the last version, and the one that people rated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.signals import Rule, Signal
from bot.results.model import AnalysisResult, ShownEffect
from bot.review.protocol import ReviewProtocol, SignalId, SignalRule
from bot.synthesis.raised_signals import Standing, raised_signals
from bot.synthesis.variations import alarm_rate
from tests.bot.report.sample import BASELINE, BLOCK, DISABILITY, PROTOCOL, SIDE_EFFECTS, STRENGTH

RULES = (
    SignalRule(id=SignalId.S1, text="It crosses.", changes_conclusions=True),
    SignalRule(id=SignalId.S2, text="It moves.", parameter=0.5),
    SignalRule(id=SignalId.S3, text="It turns.", changes_conclusions=True),
    SignalRule(id=SignalId.S7, text="Corrected."),
)
RULED = PROTOCOL.model_copy(update={"signal_rules": RULES})
# As in a run of the program: no step is half of the one before, the whole is.
RATED = STRENGTH
SLICE = replace(STRENGTH, effect=ShownEffect(7.75, 3.02, 19.91))
SLICED = replace(STRENGTH, effect=ShownEffect(5.14, 2.50, 10.57))
SLICED_BELOW = replace(STRENGTH, effect=ShownEffect(7.75, 1.90, 20.0))


def signals(
    old: AnalysisResult,
    new: AnalysisResult,
    rated: AnalysisResult | None = None,
    protocol: ReviewProtocol = RULED,
) -> tuple[Signal, ...]:
    standing = None if rated is None else Standing((rated,), rated="3.0")
    return raised_signals(protocol, (old,), (new,), rated=standing)


def test_a_movement_that_is_cut_into_slices_is_seen() -> None:
    assert signals(RATED, SLICE) == signals(SLICE, SLICED) == ()

    (drift,) = signals(SLICE, SLICED, RATED)

    assert (drift.rule, drift.outcome) == (Rule.EFFECT_CHANGES, "1.2")
    assert drift.text.endswith(
        "11.00 (2.86 to 42.25) became 5.14 (2.50 to 10.57): changed by 53 %"
        " (since version 3.0, on which the ratings rest)"
    )


def test_a_rule_fires_once_for_an_outcome_and_says_both_comparisons() -> None:
    half = replace(STRENGTH, effect=ShownEffect(3.0, 1.5, 6.0))

    (signal,) = signals(SLICE, half, RATED)

    assert "7.75 (3.02 to 19.91) became 3.00 (1.50 to 6.00): changed by 61 %; since" in signal.text
    assert signal.text.endswith("11.00 (2.86 to 42.25) became 3.00 (1.50 to 6.00): changed by 73 %")


def test_what_happened_once_is_not_told_again_in_every_version() -> None:
    retracted = frozenset({("azulay1994", "retracted")})

    found = raised_signals(
        RULED,
        (STRENGTH,),
        (STRENGTH,),
        corrected_before=retracted,
        corrected=retracted,
        rated=Standing((STRENGTH,), rated="3.0"),
    )

    assert found == ()


def test_an_analysis_that_the_protocol_no_longer_has_stops_no_comparison() -> None:
    assert raised_signals(RULED, BASELINE, (STRENGTH,)) == ()


def test_the_protocols_thresholds_are_looked_at_and_make_one_signal() -> None:
    analyses = tuple(
        each.model_copy(update={"thresholds": (2.0, 2.7)}) if each.id == "1.2" else each
        for each in PROTOCOL.analyses
    )
    protocol = RULED.model_copy(update={"analyses": analyses})

    (signal,) = signals(STRENGTH, SLICED_BELOW, protocol=protocol)

    assert (signal.rule, signal.changes_conclusions) == (Rule.INTERVAL_CROSSES, True)
    assert "no longer excludes the threshold 2;" in signal.text
    assert signal.text.endswith("no longer excludes the threshold 2.7")


# 500 updates of this review were simulated with a trial of ten people an arm and the same truth:
# S1 on 1.1 in 75 %, on 1.3 in 87 to 90 %, on 1.2 and 3.1 never.
SIMULATED = [
    pytest.param(DISABILITY, 0.75, id="1.1"),
    pytest.param(STRENGTH, 0.0, id="1.2"),
    pytest.param(BLOCK, 0.9, id="1.3"),
    pytest.param(SIDE_EFFECTS, 0.0, id="3.1"),
]


@pytest.mark.parametrize(("result", "share"), SIMULATED)
def test_the_rate_of_alarms_is_what_a_simulation_gives(
    result: AnalysisResult, share: float
) -> None:
    found = alarm_rate(result, RULES, people=(10, 10))

    assert found.changing == pytest.approx(share, abs=0.02)
    assert found.any_rule >= found.changing


def test_of_many_people_the_rate_is_that_of_every_count_to_a_few_points() -> None:
    every = alarm_rate(DISABILITY, RULES, people=(60, 60)).changing
    some = alarm_rate(DISABILITY, RULES, people=(62, 62)).changing

    assert some == pytest.approx(every, abs=0.03)


def test_the_trial_is_as_large_as_those_so_far_and_has_their_risks() -> None:
    found = alarm_rate(DISABILITY, RULES)

    assert (found.n_1, found.n_2) == (6, 6)
    assert found.risk_1 == pytest.approx(7 / 18)
    assert found.risk_2 == pytest.approx(2 / 18)
