from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import html

from analysis.conclusions import Conclusion, MethodRow, MethodTable
from analysis.results import Limits, Measure
from bot.report.rendering import render_report
from bot.report.robustness_section import Missing, robustness_of, verdict_in_words
from bot.results.direction import sides
from bot.review.protocol import SignalId, SignalRule
from tests.bot.report.sample import (
    BASELINE,
    DISABILITY_WORSE,
    STRENGTH,
    STRENGTH_CHANGE,
    STRENGTH_WITH_FICTUM,
    UPDATE_DOCUMENT,
)

RULES = (
    SignalRule(id=SignalId.S1, text="A rule.", changes_conclusions=True),
    SignalRule(id=SignalId.S2, text="A rule.", parameter=0.5),
)


def method(name: str, conclusion: Conclusion, not_valid: str | None = None) -> MethodRow:
    limits = Limits(0.1, 2.0) if conclusion is Conclusion.ABOVE else Limits(-0.1, 2.0)
    return MethodRow(name, Measure.RISK_RATIO, 1.0, limits, conclusion, None, not_valid)


def test_a_conclusion_that_every_method_shares_survives():
    found = robustness_of(STRENGTH_WITH_FICTUM, RULES)

    counting = [each for each in found.lines if each.counts]
    assert found.verdict == (
        f"Yes: {len(counting)} methods valid for these data, one conclusion (favours IVIg)."
    )
    assert {each.concludes for each in counting} == {"favours IVIg"}


def test_methods_that_conclude_otherwise_are_named_if_they_count():
    table = MethodTable(
        (
            method("planned", Conclusion.OPEN),
            method("another", Conclusion.ABOVE),
            method("unsuited", Conclusion.ABOVE, "too few studies"),
        )
    )

    assert verdict_in_words(table, sides(STRENGTH)) == (
        "No: of 2 methods valid for these data, 1 concludes otherwise than planned (undecided):"
        " another (RR)."
    )


def test_no_method_that_counts_is_no_verdict():
    table = MethodTable((method("unsuited", Conclusion.ABOVE, "too few studies"),))

    assert verdict_in_words(table, None) == (
        "No method that is valid for these data gives a result."
    )


def test_the_first_line_of_the_table_is_the_planned_result():
    assert robustness_of(STRENGTH, RULES).lines[0].told == "RR 11.00 (2.86 to 42.25)"


def test_a_method_that_is_not_valid_gives_its_reason_in_place_of_a_number():
    lines = robustness_of(DISABILITY_WORSE, RULES).lines

    conditional = next(each for each in lines if each.method == "mixed model, conditional")
    assert not conditional.counts
    assert conditional.told == "not computed"
    assert conditional.note == "1 informative study, 3 needed"


def test_hartung_knapp_stands_nowhere_at_two_studies():
    for result in BASELINE:
        found = robustness_of(result, RULES)
        assert not any("Hartung" in each.method for each in found.lines)


def test_what_the_data_do_not_allow_is_named_with_the_reason():
    found = robustness_of(STRENGTH_CHANGE, RULES)

    assert found.lines == ()
    assert found.missing[0] == Missing(
        "Table of methods", "one study: every method gives the study itself"
    )
    assert ("Funnel plot", "1 study with an effect; below 10 a funnel plot tells little") in [
        (each.heading, each.why) for each in found.missing
    ]


def test_an_analysis_without_a_single_study_shows_nothing_and_says_why():
    found = robustness_of(replace(STRENGTH, rows=(), effect=None), RULES)

    assert found.pictures == ()
    assert {each.why for each in found.missing} == {"no study reports both arms"}


def test_the_report_folds_it_away_under_each_analysis():
    root: Any = html.fromstring(render_report(UPDATE_DOCUMENT).decode())

    folded = root.xpath("//figure/details[@class='robust']")
    assert len(folded) == len(UPDATE_DOCUMENT.results)
    for each in folded:
        assert "open" not in each.attrib
        assert "Beside the planned analysis above, never in its place" in each.text_content()


def test_the_report_has_no_panel_of_repeated_looks():
    assert b"Repeated looks" not in render_report(UPDATE_DOCUMENT)
