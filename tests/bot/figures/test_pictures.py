from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.etree import ElementTree

import pytest

from analysis.errors import NotEstimable
from analysis.pooling import Model, inverse_variance, mantel_haenszel
from analysis.spending import Spending, spending_boundaries
from analysis.tau2 import Tau2Method
from analysis.what_would_change import with_trial
from bot.errors import NotDrawn
from bot.figures.change_grid import change_grid_svg
from bot.figures.frame import between, span
from bot.figures.funnel import funnel_svg
from bot.figures.profile import q_profile_svg
from bot.figures.refits import RefitKind, refits_svg, turning
from bot.figures.sequential_plot import CumulativeZ, sequential_svg
from bot.results.model import ArmNumbers, StudyRow
from bot.review.protocol import SignalId, SignalRule
from bot.synthesis.variations import (
    as_it_grew,
    effects_in,
    tables_in,
    what_one_more_would_change,
    without_each,
)
from tests.bot.report.sample import (
    DISABILITY,
    DISABILITY_WORSE,
    STRENGTH,
    STRENGTH_CHANGE,
    STRENGTH_WITH_FICTUM,
)

SVG = "{http://www.w3.org/2000/svg}"
TOLD = ("1.2", "Muscle strength improved")
RULES = tuple(
    SignalRule(id=each, text="A rule.", parameter=0.5 if each is SignalId.S2 else None)
    for each in (SignalId.S1, SignalId.S2, SignalId.S3, SignalId.S5)
)
COURSE = (CumulativeZ("Azulay 1994", -1.2), CumulativeZ("Federico 2000", -3.1))


def funnel(*, narrow: bool) -> str:
    studies = effects_in(STRENGTH_WITH_FICTUM)
    return funnel_svg(studies, inverse_variance(studies).estimate, TOLD, narrow=narrow)


def profile(*, narrow: bool) -> str:
    studies = effects_in(STRENGTH_WITH_FICTUM)
    tau2 = inverse_variance(studies, Model(Tau2Method.REML)).tau2
    return q_profile_svg(studies, TOLD, tau2=tau2, narrow=narrow)


def left_out(*, narrow: bool) -> str:
    found = without_each(DISABILITY)
    return refits_svg(DISABILITY, found, RefitKind.LEAVE_ONE_OUT, narrow=narrow)


def grown(*, narrow: bool) -> str:
    return refits_svg(DISABILITY, as_it_grew(DISABILITY), RefitKind.CUMULATIVE, narrow=narrow)


def looks(*, narrow: bool, side: int = 2) -> str:
    boundaries = spending_boundaries([0.02, 0.7], spending=Spending.OBRIEN_FLEMING, side=side)
    return sequential_svg(boundaries, COURSE, TOLD, narrow=narrow)


def grid(*, narrow: bool) -> str:
    found = what_one_more_would_change(STRENGTH, RULES, 20, 20)
    return change_grid_svg(found, ("IVIg", "Placebo"), TOLD, narrow=narrow)


PICTURES: tuple[Callable[..., str], ...] = (
    *(funnel, profile, left_out, grown, looks, grid),
    partial(looks, side=1),
)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("draw", PICTURES)
def test_every_picture_is_well_formed_and_stays_in_its_frame(draw, narrow):
    root = ElementTree.fromstring(draw(narrow=narrow))

    _, _, width, height = (float(each) for each in root.attrib["viewBox"].split())
    assert width == 360 or not narrow
    for each in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert -0.01 <= float(each.attrib.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert -0.01 <= float(each.attrib.get(name, 0)) <= height
        for pair in each.attrib.get("points", "").split():
            assert 0 <= float(pair.split(",")[0]) <= width
            assert 0 <= float(pair.split(",")[1]) <= height


@pytest.mark.parametrize("draw", PICTURES)
def test_every_picture_says_in_words_what_it_shows(draw):
    root = ElementTree.fromstring(draw(narrow=False))

    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    assert len(description.text or "") > 60


@pytest.mark.parametrize("draw", PICTURES)
def test_the_same_data_give_the_same_bytes_and_no_style(draw):
    assert draw(narrow=True) == draw(narrow=True)
    assert not re.search(r"\sstyle=|<style|<script|href=|url\(", draw(narrow=False))


def test_leaving_one_out_pools_as_planned():
    found = without_each(STRENGTH_WITH_FICTUM)

    last = found[-1]
    assert last.label == "Fictum 2026"
    assert last.effect is not None
    assert last.effect.estimate == pytest.approx(11.0)
    assert last.effect.ci_lower == pytest.approx(2.8641, abs=5e-5)


def test_studies_come_by_the_year_in_their_labels_and_end_at_the_result():
    found = as_it_grew(replace(STRENGTH_WITH_FICTUM, rows=STRENGTH_WITH_FICTUM.rows[::-1]))

    assert [each.label[-4:] for each in found] == ["1994", "1995", "2000", "2026"]
    assert found[-1].effect is not None
    assert found[-1].effect.estimate == pytest.approx(5.1428571, abs=1e-6)


def test_a_label_without_a_year_is_named():
    row = replace(STRENGTH.rows[0], label="NCT00001994x")

    with pytest.raises(NotEstimable, match="the label of NCT00001994x has no year"):
        as_it_grew(replace(STRENGTH, rows=(row, *STRENGTH.rows[1:])))


def test_a_line_that_turns_the_result_is_marked():
    found = as_it_grew(STRENGTH)

    assert turning(STRENGTH, found) == ("Azulay 1994",)
    assert "+ Azulay 1994 \N{DOUBLE DAGGER}" in refits_svg(STRENGTH, found, RefitKind.CUMULATIVE)


def test_one_study_is_neither_left_out_nor_grown():
    for refit in (without_each, as_it_grew):
        with pytest.raises(NotEstimable, match="1 study with an effect, 2 needed"):
            refit(DISABILITY_WORSE)


def test_means_are_pooled_from_the_arms():
    row = STRENGTH_CHANGE.rows[0]
    other = replace(row, study="b", label="Other 2011", arm_1=ArmNumbers(None, 20, 6.0, 7.0))

    found = without_each(replace(STRENGTH_CHANGE, rows=(row, other)))

    assert row.effect is not None
    assert found[1].effect is not None
    assert found[1].effect.estimate == pytest.approx(row.effect.estimate, abs=5e-3)


def test_a_funnel_of_two_studies_is_refused_with_the_reason():
    studies = effects_in(DISABILITY)

    with pytest.raises(NotDrawn, match="2 studies with an effect, 3 needed"):
        funnel_svg(studies, inverse_variance(studies).estimate, TOLD)


def test_a_funnel_of_few_studies_says_that_it_tells_little():
    assert "below 10 a funnel plot tells little" in funnel(narrow=False).replace("\n", " ")


def test_one_study_has_no_profile():
    with pytest.raises(NotDrawn, match="1 study with an effect, 2 needed"):
        q_profile_svg(effects_in(DISABILITY_WORSE), TOLD)


def test_the_profile_of_studies_that_hardly_differ_still_has_a_scale():
    rows = tuple(
        StudyRow(
            f"s{i}",
            f"S {i}",
            ArmNumbers(events=50, total=100),
            ArmNumbers(events=25, total=100),
            STRENGTH.effect,
            None,
            None,
            False,
        )
        for i in range(6)
    )

    said = q_profile_svg(effects_in(replace(STRENGTH, rows=rows)), TOLD, tau2=0.0)

    assert "No tau² is compatible" in said


def test_a_boundary_out_of_reach_is_drawn_with_an_arrow():
    assert "An arrow: the boundary lies beyond" in " ".join(
        each.text or "" for each in ElementTree.fromstring(looks(narrow=False)).iter(f"{SVG}text")
    )


def test_the_panel_of_looks_says_which_boundary_is_crossed():
    assert "the boundary is first crossed with Federico 2000" in looks(narrow=False)
    assert "no boundary is crossed" in looks(narrow=False, side=1)


def test_a_look_without_a_z_is_named():
    boundaries = spending_boundaries([0.5], spending=Spending.POCOCK)

    with pytest.raises(NotDrawn, match="no z after Azulay 1994"):
        sequential_svg(boundaries, [CumulativeZ("Azulay 1994", float("inf"))], TOLD)


def test_a_grid_finds_what_pooling_each_result_alone_finds():
    found = what_one_more_would_change(STRENGTH, RULES, 8, 12)

    assert found.where("S1").any()
    for events_1 in range(9):
        for events_2 in range(13):
            trial = (events_1, 8, events_2, 12)
            pooled = mantel_haenszel(with_trial(tables_in(STRENGTH), trial)).estimate
            crosses = pooled.ci_lower <= 0 <= pooled.ci_upper
            assert found.where("S1")[events_1, events_2] == crosses


def test_a_grid_needs_rules_tables_and_a_result_that_fires_one():
    with pytest.raises(NotEstimable, match="no rule that looks at effects"):
        what_one_more_would_change(STRENGTH, (), 5, 5)
    with pytest.raises(NotEstimable, match="Mantel-Haenszel"):
        what_one_more_would_change(STRENGTH_CHANGE, RULES, 5, 5)
    first_only = what_one_more_would_change(STRENGTH, RULES[-1:], 5, 5)
    with pytest.raises(NotDrawn, match="no result of a trial with 5 and 5 people fires a rule"):
        change_grid_svg(first_only, ("IVIg", "Placebo"), TOLD)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 797.8), (-6.3, 6.3), (0, 1e-7), (0, 0)])
def test_a_scale_holds_its_ends_between_ticks_that_are_round(low, high):
    found = span(low, high)

    assert found.low <= low <= high <= found.high
    assert 3 <= len(found.ticks) <= 9


def test_a_shape_is_cut_at_two_upright_lines():
    cut = between([(0, 0), (10, 10), (-10, 10)], -5, 5)

    assert set(cut) == {(0, 0), (5, 5), (5, 10), (-5, 10), (-5, 5)}
