from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bot.figures.axis import axis_for, tick_label
from bot.figures.forest import clipped_labels, forest_svg
from bot.results.model import Paired, ShownEffect
from bot.review.planned import PlannedMeasure
from tests.bot.report.sample import (
    BASELINE,
    BLOCK,
    DISABILITY,
    DISABILITY_WORSE,
    STRENGTH,
    STRENGTH_CHANGE,
    STRENGTH_WITH_FICTUM,
)

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("result", BASELINE, ids=lambda each: each.id)
def test_every_plot_is_well_formed_and_stays_in_its_frame(result, narrow):
    root = ElementTree.fromstring(forest_svg(result, narrow=narrow))

    _, _, width, height = (float(each) for each in root.attrib["viewBox"].split())
    for each in root.iter():
        for name, end in (("x", width), ("x1", width), ("x2", width), ("y", height)):
            assert 0 <= float(each.attrib.get(name, 0)) <= end


@pytest.mark.parametrize("narrow", [False, True])
def test_a_plot_says_in_words_what_it_shows(narrow):
    root = ElementTree.fromstring(forest_svg(STRENGTH, narrow=narrow))

    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    assert "Muscle strength improved" in (title.text or "")
    assert "Federico 2000 †: 11/16 v 0/16, 23.00 (1.47 to 359.95), weight 25.0%" in (
        description.text or ""
    )


def test_computed_paired_and_published_results_stand_side_by_side():
    said = words(forest_svg(DISABILITY_WORSE))

    assert said.count("2.43 (1.13 to 5.24)") == 3  # the study, computed, published
    assert "2.43 (1.09 to 5.41)" in said
    assert "Paired, as a cross-over (joint counts of Hahn 2013)" in said


def test_a_missing_paired_analysis_says_why():
    said = " ".join(words(forest_svg(STRENGTH)))

    assert "not done: nobody reported how many people had the event in both periods" in said


def test_a_study_without_an_effect_says_why_and_has_no_mark():
    picture = forest_svg(BLOCK)

    assert words(picture).count("not estimable: no event in either arm") == 2
    squares = [
        each
        for each in ElementTree.fromstring(picture).iter(f"{SVG}rect")
        if each.attrib["fill"] != "#ffffff"
    ]
    assert len(squares) == 2


def test_derived_numbers_bear_a_dagger_and_others_do_not():
    assert "Hahn 2013" in words(forest_svg(DISABILITY_WORSE))
    assert "Harbo 2009 †" in words(forest_svg(STRENGTH_CHANGE))


def test_a_new_study_is_marked_against_the_version_before():
    said = words(forest_svg(STRENGTH_WITH_FICTUM, STRENGTH))

    assert "Fictum 2026 (new)" in said
    assert "Previous version" in said
    assert "Fictum 2026" in words(forest_svg(STRENGTH_WITH_FICTUM))


def test_the_version_before_has_no_line_where_nothing_moved():
    assert "Previous version" not in words(forest_svg(STRENGTH, STRENGTH))


def test_an_interval_beyond_the_scale_is_named_and_gets_an_arrow():
    assert clipped_labels(STRENGTH) == ["Azulay 1994 †", "Federico 2000 †"]
    assert clipped_labels(DISABILITY_WORSE) == []
    assert forest_svg(STRENGTH).count("<polygon") == forest_svg(DISABILITY).count("<polygon") + 1


def test_a_plot_of_nothing_is_still_a_plot():
    empty = replace(
        DISABILITY,
        rows=(),
        effect=None,
        not_estimable="no study reports it",
        random_effects=None,
        heterogeneity=None,
        published=None,
        paired=Paired(None, None, None),
        studies=0,
        participants=0,
    )

    said = words(forest_svg(empty))

    assert "not estimable: no study reports it" in said
    assert "Heterogeneity: not estimable from fewer than two studies with an effect" in said


@pytest.mark.parametrize("narrow", [False, True])
def test_text_from_a_record_stays_text(narrow):
    row = replace(STRENGTH.rows[0], label="<script>&\x07")

    picture = forest_svg(replace(STRENGTH, rows=(row,)), narrow=narrow)

    assert "<script" not in picture
    assert "<script>& †" in words(picture)


def test_looks_are_attributes_so_that_a_strict_page_shows_them():
    assert not re.search(r"\sstyle=|<style|<script|href=", forest_svg(STRENGTH))


def test_the_same_result_gives_the_same_picture():
    assert forest_svg(STRENGTH_WITH_FICTUM, STRENGTH) == forest_svg(STRENGTH_WITH_FICTUM, STRENGTH)


@pytest.mark.parametrize(
    ("measure", "effect", "reach"),
    [
        ("RR", ShownEffect(1.2, 0.9, 1.6), 2),
        ("RR", ShownEffect(0.2, 0.07, 0.54), 100),
        ("OR", ShownEffect(11, 2.86, 42.25), 100),
        ("RR", ShownEffect(5, 0.001, 9000), 1000),
        ("SMD", ShownEffect(0.08, -0.84, 1.004), 1.5),
        ("MD", ShownEffect(-12, -31, 7), 40),
        ("MD", ShownEffect(0, 0, 0), 1),
    ],
)
def test_a_scale_reaches_round_no_effect_as_far_as_the_pooled_results(measure, effect, reach):
    axis = axis_for(measure, [effect], [])

    assert axis.reach == pytest.approx(reach)
    assert axis.share(axis.null) == pytest.approx(0.5)


def test_a_tick_has_no_needless_zeros():
    assert [tick_label(each) for each in (0.01, 1, 100, -0.5)] == [
        "0.01",
        "1",
        "100",
        "\N{MINUS SIGN}0.5",
    ]


def test_an_effect_of_many_digits_does_not_run_into_its_weight():
    first, *others = STRENGTH.rows
    small = replace(first, effect=ShownEffect(-0.00147, -0.00245, -0.00049))
    rare = replace(
        STRENGTH, measure=PlannedMeasure.RISK_DIFFERENCE, rows=(small, *others), published=None
    )

    told = next(
        each
        for each in ElementTree.fromstring(forest_svg(rare)).iter(f"{SVG}text")
        if (each.text or "").startswith("−0.0015 (")
    )

    assert float(told.attrib["font-size"]) < 12.5


def test_the_mean_of_a_turned_scale_has_a_printed_minus():
    first, *others = DISABILITY.rows
    turned = replace(first, arm_1=replace(first.arm_1, mean=-4.3))

    said = words(forest_svg(replace(DISABILITY, rows=(turned, *others))))

    assert any(each.startswith("−4.3 (") for each in said)
