"""RevMan 5 files to the same model."""

from __future__ import annotations

import math

import pytest

from bot.errors import PackageFaults
from bot.review.package.model import DataType, Package, StudyList, Weighing
from bot.review.package.read_package import read_package
from tests.bot.review.package.made_up import DICH_OUTCOME, rm5


@pytest.fixture(params=["ISO-8859-1", "UTF-8", "UTF-16"])
def package(request: pytest.FixtureRequest) -> Package:
    return read_package(rm5(encoding=request.param))


def test_the_review_and_its_studies_are_read_in_the_encoding_declared(package: Package) -> None:
    assert (package.id, package.title) == ("CD999998", "Tea – again")
    assert [each.name for each in package.of(StudyList.INCLUDED)] == ["Müller 2001", "Birch 2002"]
    assert [each.name for each in package.of(StudyList.EXCLUDED)] == ["Dull 2004"]


def test_a_study_has_its_reference_and_its_characteristics(package: Package) -> None:
    study = package.of(StudyList.INCLUDED)[0]

    assert study.references[0].primary
    assert study.references[0].ids == (("PUBMED", "99000003"),)
    assert study.characteristics == (("Methods", "<p>By <b>lot</b></p>"),)


def test_an_outcome_is_numbered_and_named_as_the_review_has_it(package: Package) -> None:
    first = package.analyses[0]

    assert first.key == "1.36"
    assert first.name == "Awake and well"
    assert (first.weighing, first.tau2, first.swap_events) == (Weighing.MH, "DL", True)
    assert (first.level, first.row_level) == (0.95, 0.99)


def test_rows_bear_the_name_of_the_study_and_their_subgroup(package: Package) -> None:
    rows = package.analyses[0].rows

    assert [(each.study, each.subgroup) for each in rows] == [
        ("Müller 2001", "1"),
        ("Birch 2002", "2"),
    ]
    assert (rows[0].estimate, rows[1].estimate) == (2.0, None)


def test_what_is_named_as_if_it_were_heterogeneity_is_the_test_between_subgroups(
    package: Package,
) -> None:
    printed = package.analyses[0].printed

    assert (printed.chi2, printed.between_chi2, printed.tau2) == (1.5, 0.5, 0.00035)


def test_a_result_that_is_not_estimable_or_never_computed_is_none(package: Package) -> None:
    awake, tired = package.analyses[:2]

    assert awake.subgroups[1].printed.estimate is None
    assert awake.subgroups[1].printed.n_1 == 10
    assert tired.printed.estimate is None
    assert tired.rows[0].mean_1 == 5


def test_a_generic_effect_is_the_logarithm_that_is_pooled(package: Package) -> None:
    naps = package.analyses[2]

    assert naps.data_type is DataType.CONTRAST
    assert [each.giv_mean for each in naps.rows] == pytest.approx([math.log(0.5)] * 2)
    assert (naps.overall, naps.subgroup_estimates) == (False, True)


def test_observed_minus_expected_is_peto_s(package: Package) -> None:
    awake = package.analyses[3]

    assert (awake.data_type, awake.weighing) == (DataType.O_E, Weighing.PETO)
    assert (awake.rows[0].o_e, awake.rows[0].variance) == (-2.0, 5.6)


def test_risk_of_bias_keeps_its_group_of_outcomes(package: Package) -> None:
    (judged,) = package.bias.judgements

    assert (judged.study, judged.domain) == ("Müller 2001", "Blinding: Scores")
    assert (judged.judgement, judged.support) == ("Low risk", "<p>Cups alike.</p>")


def test_what_is_told_in_words_and_tables_of_texts_are_named(package: Package) -> None:
    assert [str(each) for each in package.not_held] == [
        "tea.rm5: <MAIN_TEXT> (texts) (1)",
        "tea.rm5: <OTHER_OUTCOME> 'In words' (a table of texts) (1)",
    ]


def _refused(files: dict[str, bytes]) -> str:
    with pytest.raises(PackageFaults) as refused:
        read_package(files)
    return str(refused.value)


def test_a_broken_file_is_refused_with_the_line() -> None:
    cut = rm5()["tea.rm5"][:900]

    assert "tea.rm5 line" in _refused({"tea.rm5": cut})
    assert "expected a whole XML document" in _refused({"tea.rm5": cut})


def test_a_number_that_is_none_is_refused_with_element_and_attribute() -> None:
    files = rm5(DICH_OUTCOME.replace('EVENTS_1="4"', 'EVENTS_1="four"'))

    assert "<DICH_SUBGROUP> EVENTS_1: found 'four'" in _refused(files)


def test_a_review_of_diagnostic_tests_is_refused() -> None:
    assert "found 'DIAGNOSTIC'" in _refused(rm5(kind="DIAGNOSTIC"))


def test_another_document_is_refused() -> None:
    assert "expected <COCHRANE_REVIEW>" in _refused({"x.rm5": b"<html/>"})


def test_an_entity_is_not_followed() -> None:
    text = b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><COCHRANE_REVIEW ID="&e;"/>'

    assert "x.rm5" in _refused({"x.rm5": text})
