"""Data packages of every shape to one model: what is read, what is named, what is refused."""

from __future__ import annotations

import pytest

from bot.errors import PackageFaults
from bot.review.package.model import (
    Applicability,
    BiasTool,
    DataType,
    StudyList,
    Weighing,
)
from bot.review.package.read_package import read_package
from tests.bot.review.package.made_up import (
    DICHOTOMOUS,
    EVENTS,
    OWN,
    ROWS,
    analysis_files,
    archive,
    of_2023,
    of_2026,
    of_early_2026,
    row,
    table,
)

SETTINGS = f"{OWN}-analysis-data/{OWN}-overall-estimates-and-settings.csv"
ROWS_FILE = f"{OWN}-analysis-data/{OWN}-data-rows.csv"


def test_a_package_of_2026_is_read_whole() -> None:
    package = read_package(of_2026())

    assert (package.id, package.title) == (OWN, "Tea & tiredness")
    assert package.doi == "10.1002/14651858.CD999999.pub2"
    assert [len(package.of(held)) for held in StudyList] == [3, 1, 1, 1]
    assert [each.key for each in package.analyses] == ["1.1", "1.2", "1.3"]
    assert len(package.arms) == 2
    assert [each.of("Cases") for each in package.results] == ["4", "2"]
    assert package.not_held == ()


def test_settings_are_read_by_their_columns() -> None:
    dichotomous, continuous, generic = read_package(of_2026()).analyses

    assert dichotomous.name == "Awake &amp; well"
    assert (dichotomous.weighing, dichotomous.random, dichotomous.tau2) == (Weighing.MH, False, "")
    assert (continuous.random, continuous.tau2, continuous.interval) == (True, "REML", "HKSJ")
    assert continuous.printed.tau2 == 0.000359
    assert generic.data_type is DataType.CONTRAST
    assert generic.log_scale


def test_a_double_zero_trial_stays_with_its_counts_and_no_effect() -> None:
    rows = read_package(of_2026()).analyses[0].rows

    assert (rows[2].cases_1, rows[2].n_1, rows[2].estimate) == (0, 10, None)


def test_references_come_with_their_study_and_their_identifiers() -> None:
    study = read_package(of_2026()).of(StudyList.INCLUDED)[0]

    (reference,) = study.references
    assert reference.part("authors") == "Ashby,A.B.; Oak,C."
    assert reference.part("pages") == "11-9"
    assert reference.part("publication-date") == "2001"
    assert dict(reference.ids)["PUBMED"] == "99000001"


def test_risk_of_bias_keeps_its_domains_judgements_and_support() -> None:
    bias = read_package(of_2026()).bias

    assert bias.tool is BiasTool.ONE
    assert bias.domains == ("Sequence", "Blinding: All outcomes")
    said = [(each.study, each.domain, each.judgement, each.support) for each in bias.judgements]
    assert said[0] == ("Ashby 2001", "Sequence", "Low risk", "By lot.")
    assert len(said) == 3


def test_judgements_of_tool_2_stand_with_the_result_that_they_are_about() -> None:
    judged = row("1.1", "Ashby 2001", EVENTS)
    judged |= {"Overall bias (judgement)": "Some concerns", "Overall bias (support)": "Open."}

    package = read_package(analysis_files([DICHOTOMOUS], [judged]))

    assert package.bias.tool is BiasTool.TWO
    assert package.analyses[0].rows[0].bias == (("Overall bias", "Some concerns", "Open."),)


def test_a_package_of_early_2026_reads_like_the_later_ones() -> None:
    package = read_package(of_early_2026())

    assert [each.key for each in package.analyses] == ["1.1", "1.2"]
    assert package.analyses[0].graph_1 == ""
    assert [each.name for each in package.of(StudyList.INCLUDED)] == [
        "Ashby 2001",
        "Birch 2002",
        "Calm 2003",
    ]


def test_version_1_is_read_out_of_an_archive_in_an_archive() -> None:
    package = read_package(of_2023())

    dichotomous, continuous = package.analyses
    assert (dichotomous.level, dichotomous.row_level) == (0.95, 0.99)
    assert continuous.tau2 == "DL"
    assert [each.what for each in package.not_held] == ["file"]


def test_zeros_of_version_1_are_no_result() -> None:
    dichotomous, continuous = read_package(of_2023()).analyses

    assert continuous.printed.estimate is None
    assert dichotomous.rows[1].estimate is None
    assert dichotomous.rows[0].giv_mean is None


def test_figures_of_another_kind_are_named_and_not_taken() -> None:
    filled = row("1.1", "Ashby 2001", {**EVENTS, "GIV SE": "0.3", "Variance": "0.09"})

    package = read_package(analysis_files([DICHOTOMOUS], [filled]))

    assert package.analyses[0].rows[0].giv_se is None
    assert [each.what for each in package.not_held] == [
        "'GIV SE' in rows of kind Dichotomous",
        "'Variance' in rows of kind Dichotomous",
    ]


def test_an_unknown_column_is_named_with_how_often_it_says_something() -> None:
    settings = {**DICHOTOMOUS, "Mood of the authors": "good"}

    package = read_package(analysis_files([settings], ROWS[:3]))

    (left,) = package.not_held
    assert str(left) == f"{SETTINGS}: column 'Mood of the authors' (1)"


def test_an_unknown_file_is_named() -> None:
    package = read_package({**of_2026(), "notes.docx": b"words"})

    assert [str(each) for each in package.not_held] == ["notes.docx: file (1)"]


def test_rows_of_an_analysis_without_settings_are_named() -> None:
    package = read_package(analysis_files([DICHOTOMOUS]))

    left = {each.what: each.count for each in package.not_held}
    assert left["rows of analysis 1.2, which has no settings"] == 1


def test_a_subgroup_is_found_by_its_number_or_by_its_name() -> None:
    rows = [
        row("1.1", "Ashby 2001", EVENTS, Subgroup="Strong&nbsp;tea"),
        row("1.1", "Birch 2002", EVENTS, Subgroup="WEAK tea", Subgroup_number="2"),
        row("1.1", "Calm 2003", EVENTS, Subgroup="Cold tea", Applicability="SUBGROUP_ONLY"),
    ]
    subgroups = [
        {"Analysis group": "1", "Analysis number": "1", "Subgroup": name, "Subgroup number": number}
        for name, number in (("strong tea", "1"), ("Weak tea", "2"))
    ]

    (analysis,) = read_package(analysis_files([DICHOTOMOUS], rows, subgroups)).analyses

    assert [each.subgroup for each in analysis.rows] == ["1", "2", "3"]
    assert [each.name for each in analysis.subgroups] == ["strong tea", "Weak tea", "Cold tea"]
    assert analysis.rows[2].applicability is Applicability.SUBGROUP


def test_a_package_without_analyses_has_its_studies() -> None:
    only = {path: body for path, body in of_2026().items() if "-analysis-data/" not in path}

    package = read_package(only)

    assert package.analyses == ()
    assert len(package.of(StudyList.INCLUDED)) == 3


def test_a_settings_file_of_a_header_alone_is_no_fault() -> None:
    package = read_package({**of_2026(), SETTINGS: table(tuple(DICHOTOMOUS), [])})

    assert package.analyses == ()


@pytest.mark.parametrize("how", ["folder", "archive", "archive in a folder"])
def test_a_package_is_the_same_however_it_is_packed(how: str) -> None:
    files = of_2026()
    packed = {
        "archive": {"p.zip": archive(files)},
        "archive in a folder": {"x/p.zip": archive(files)},
    }

    assert read_package(packed.get(how, files)) == read_package(of_2026())


def test_a_table_in_utf_16_is_read() -> None:
    files = of_2026()
    files[SETTINGS] = files[SETTINGS].decode().encode("utf-16")

    assert read_package(files) == read_package(of_2026())


def _refused(files: dict[str, bytes]) -> str:
    with pytest.raises(PackageFaults) as refused:
        read_package(files)
    return str(refused.value)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("Mean", "1,5", "line 2: Mean: found '1,5', expected a number such as 0.25 or 3.59E-4"),
        ("Analysis model", "Mixed", "line 2: Analysis model: found 'Mixed'"),
        ("Data type", "", "line 2: Data type: found nothing, expected one of dichotomous"),
        (
            "CI/PI level",
            "often",
            "line 2: CI/PI level: found 'often', expected a level such as 95%",
        ),
        ("Prediction interval", "maybe", "found 'maybe', expected true or false"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_line(column: str, text: str, said: str) -> None:
    files = analysis_files([{**DICHOTOMOUS, column: text}], ROWS[:3])

    assert said in _refused(files)
    assert SETTINGS in _refused(files)


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    files = of_2026()
    files[ROWS_FILE] = files[ROWS_FILE].replace(b"Birch 2002", b"Birch \xff", 1)

    assert f"{ROWS_FILE} line 3: file: found bytes that are not UTF-8" in _refused(files)


def test_a_row_of_too_few_cells_is_refused_with_its_line() -> None:
    files = of_2026()
    files[ROWS_FILE] += b"1,1,too short\n"

    assert "line 7: row: found 3 cells, expected 25 as the header" in _refused(files)


def test_a_missing_column_is_named() -> None:
    files = {**of_2026(), ROWS_FILE: b"Study,Mean\nAshby 2001,2\n"}

    assert "columns: found 'Study,Mean', expected a column 'Analysis group'" in _refused(files)


def test_an_analysis_that_stands_twice_is_refused() -> None:
    assert "found '1.1' a second time" in _refused(analysis_files([DICHOTOMOUS, DICHOTOMOUS]))


def test_a_damaged_archive_is_refused() -> None:
    assert "expected a whole ZIP archive" in _refused({"p.zip": archive(of_2026())[:400]})


def test_a_review_of_diagnostic_tests_is_said_to_be_one() -> None:
    files = {**of_2026(), f"{OWN}-analysis-data/{OWN}-parameters.csv": b"Analysis\n1\n"}

    assert "found a review of diagnostic tests, expected a review of interventions" in _refused(
        files
    )


def test_two_reviews_in_one_folder_are_refused() -> None:
    files = of_2026() | {path.replace(OWN, "CD999998"): b for path, b in of_2026().items()}

    assert "expected one review" in _refused(files)


def test_what_is_no_package_is_refused() -> None:
    assert "expected a Cochrane data package" in _refused({"letter.txt": b"Dear all"})
