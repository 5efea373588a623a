"""A package as a review folder: what the program reads there, what people are told."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.review.folder import ReviewFolder, read_review
from bot.review.package.as_folder import FolderTexts, cited_reports, folder_of
from bot.review.package.begun import FirstAnalysis, begun_folder
from bot.review.package.read_package import read_package
from bot.review.package.skeleton import NewReview
from tests.bot.review.package.made_up import (
    CONTINUOUS,
    DICHOTOMOUS,
    EVENTS,
    MEANS,
    ROWS,
    analysis_files,
    of_2023,
    of_2026,
    rm5,
    row,
    study_files,
    study_json,
)


def _moved(files: dict[str, bytes]) -> FolderTexts:
    package = read_package(files)
    return folder_of(package, NewReview("tea", "Tea", cited=cited_reports(package)))


def _read(texts: FolderTexts, place: Path) -> ReviewFolder:
    return read_files(dict(texts.files), place)


def read_files(files: dict[str, bytes], place: Path) -> ReviewFolder:
    for path, body in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    return read_review(place)


def _analyses(texts: FolderTexts) -> dict[str, dict[str, Any]]:
    protocol = tomllib.loads(texts.files["protocol.toml"].decode())
    return {each["id"]: each for each in protocol["analyses"]}


@pytest.mark.parametrize("files", [of_2026, of_2023, rm5], ids=["2026", "2023", "rm5"])
def test_what_is_written_is_a_folder_that_the_program_accepts(files: Any, tmp_path: Path) -> None:
    package = read_package(files())

    review = _read(_moved(files()), tmp_path)

    assert [each.id for each in review.protocol.analyses] == [each.key for each in package.analyses]
    assert {each.label for each in review.studies} >= {
        each.study for each in package.analyses[0].rows
    }


def test_study_data_alone_get_analyses_of_what_their_arms_report(tmp_path: Path) -> None:
    texts = _moved(study_json())

    review = _read(texts, tmp_path)

    first, second = review.protocol.analyses
    assert (first.measure, first.arm_1, first.arm_2) == ("RR", "tea", "water")
    assert (second.measure, second.outcome) == ("MD", "tiredness")
    assert [each.number for each in review.values] == [4, 10, 2, 10, -1.5, 0.5]
    assert texts.remarks[0].startswith("the package has no analysis")


def test_studies_without_a_result_get_a_beginning_to_be_written(tmp_path: Path) -> None:
    only = {path: body for path, body in study_files().items() if "study-information" in path}

    review = _read(_moved(only), tmp_path)

    assert review.protocol.outcomes[0].label == "To be written: the first outcome"
    assert len(review.studies) == 3


def test_an_analysis_is_planned_as_the_package_sets_it() -> None:
    analyses = _analyses(_moved(of_2026()))

    assert analyses["1.1"]["method"] == "MH"
    assert analyses["1.1"]["model"] == "common"
    assert analyses["1.2"]["tau2"] == "REML"
    assert analyses["1.2"]["interval"] == "hartung-knapp"
    assert {each["convention"] for each in analyses.values()} == {"revman"}
    assert analyses["1.3"]["measure"] == "IRR"


def test_the_graph_says_whether_more_is_good() -> None:
    analyses = _analyses(_moved(of_2026()))

    assert analyses["1.1"]["direction"] == "above 1 favours tea"
    assert analyses["1.2"]["direction"] == "above 0 favours water"


def test_where_no_label_says_it_the_guess_is_told() -> None:
    settings = {**DICHOTOMOUS, "Graph label (left)": "", "Graph label (right)": ""}

    texts = _moved(analysis_files([settings], ROWS[:3]))

    assert any("to check: that the event is bad is a guess" in each for each in texts.remarks)


def test_counted_people_without_the_event_turn_the_direction() -> None:
    settings = {**DICHOTOMOUS, "Swap event and non-event": "true"}

    texts = _moved(analysis_files([settings], ROWS[:3]))

    assert _analyses(texts)["1.1"]["swap_events"] is True
    assert _analyses(texts)["1.1"]["direction"] == "above 1 favours tea"


def test_a_study_that_stands_twice_has_a_stratum_for_each_row(tmp_path: Path) -> None:
    low = row("1.1", "Ashby 2001", EVENTS, Footnotes="low dose")
    high = row("1.1", "Ashby 2001", {**EVENTS, "Experimental cases": "5"}, Footnotes="high | dose")

    review = _read(_moved(analysis_files([DICHOTOMOUS], [low, high])), tmp_path)

    assert {each.cell.stratum for each in review.values} == {"low dose", "high / dose"}
    (study,) = review.studies
    assert [each.stratum for each in study.entries or ()] == ["low dose", "high / dose"]


def test_rows_keep_their_subgroup_and_what_they_enter(tmp_path: Path) -> None:
    rows = [
        row("1.1", "Ashby 2001", EVENTS, Subgroup="Strong", Subgroup_number="1"),
        row("1.1", "Birch 2002", EVENTS, Subgroup="Weak", Applicability="SUBGROUP_ONLY"),
    ]

    review = _read(_moved(analysis_files([DICHOTOMOUS], rows)), tmp_path)

    entries = [each for study in review.studies for each in study.entries or ()]
    assert [(each.subgroup, each.enters.value) for each in entries] == [
        ("Strong", "both"),
        ("Weak", "subgroup"),
    ]


def test_a_double_zero_trial_is_in_the_folder(tmp_path: Path) -> None:
    review = _read(_moved(of_2026()), tmp_path)

    zero = [each.number for each in review.values if each.cell.study == "calm-2003"]
    assert zero == [0, 10, 0, 10]


def test_numbers_that_cannot_be_are_told_and_not_taken(tmp_path: Path) -> None:
    wrong = row("1.1", "Ashby 2001", {**EVENTS, "Experimental cases": "12"})

    texts = _moved(analysis_files([DICHOTOMOUS], [wrong, ROWS[1]]))

    assert "analysis 1.1, Ashby 2001: 12 events among 10 people" in " ".join(texts.remarks)
    assert {each.cell.study for each in _read(texts, tmp_path).values} == {"birch-2002"}


def test_an_effective_count_is_held_as_derived(tmp_path: Path) -> None:
    shared = row("1.1", "Ashby 2001", {**EVENTS, "Control N": "6.5"})

    review = _read(_moved(analysis_files([DICHOTOMOUS], [shared])), tmp_path)

    bases = {each.number: each.provenance.basis.value for each in review.values}
    assert (bases[6.5], bases[10.0]) == ("derived", "published")


def test_analyses_of_one_name_share_an_outcome_while_their_numbers_agree(tmp_path: Path) -> None:
    again = {**DICHOTOMOUS, "Analysis number": "4"}
    other = {**DICHOTOMOUS, "Analysis number": "5"}
    rows = [
        ROWS[0],
        row("1.4", "Ashby 2001", EVENTS),
        row("1.5", "Ashby 2001", {**EVENTS, "Control cases": "9"}),
    ]

    texts = _moved(analysis_files([DICHOTOMOUS, again, other], rows))

    outcomes = [each["outcome"] for each in _analyses(texts).values()]
    assert outcomes == ["awake-well", "awake-well", "awake-well-2"]
    assert any("analysis 1.5: other numbers than an earlier analysis" in r for r in texts.remarks)


def test_labels_that_are_turned_against_another_analysis_are_told() -> None:
    turned = {
        **CONTINUOUS,
        **{"Experimental group label": "Water", "Control group label": "Tea"},
    }

    texts = _moved(analysis_files([DICHOTOMOUS, turned], [ROWS[0], ROWS[3]]))

    assert any("analysis 1.2 has 'Water' as its first arm" in each for each in texts.remarks)
    assert _analyses(texts)["1.2"]["arm_1"] == "water"


def test_arms_that_stand_exchanged_are_told() -> None:
    twice = {**CONTINUOUS, "Analysis number": "7"}
    exchanged = {
        **{"Experimental mean": "3", "Experimental SD": "0.5", "Experimental N": "10"},
        **{"Control mean": "1.5", "Control SD": "0.5", "Control N": "10"},
    }
    rows = [row("1.2", "Ashby 2001", MEANS), row("1.7", "Ashby 2001", exchanged)]

    texts = _moved(analysis_files([CONTINUOUS, twice], rows))

    assert any("both arms stand exchanged against analysis 1.2" in each for each in texts.remarks)


def test_the_whole_package_is_kept_as_facts_beneath_the_baseline() -> None:
    texts = _moved(of_2026())

    beneath = {
        path.removeprefix("baseline/package/"): body
        for path, body in texts.files.items()
        if path.startswith("baseline/package/")
    }
    assert read_package(beneath) == read_package(of_2026())


def test_printed_results_are_kept_apart_and_shown_as_the_review_prints_them() -> None:
    texts = _moved(of_2026())

    assert texts.files["baseline/printed.csv"].decode().splitlines()[2].startswith("1.2,,")
    published = _analyses(texts)["1.1"]["published"]
    assert (published["estimate"], published["ci_lower"]) == ("2.00", "0.70")


def test_a_report_has_its_identifiers_where_they_are_some(tmp_path: Path) -> None:
    review = _read(_moved(of_2026()), tmp_path)

    reports = {each.id: each.reports[0] for each in review.studies}
    assert reports["ashby-2001"].ids.doi == "10.5555/ashby"
    assert reports["birch-2002"].ids.register == ("NCT99000002",)
    assert reports["ashby-2001"].citation.startswith("Tea against tiredness: a trial. Ashby")


@pytest.mark.parametrize(("events", "said"), [(True, "above 1"), (False, "above 0")])
def test_a_few_answers_make_a_folder(events: bool, said: str, tmp_path: Path) -> None:
    first = FirstAnalysis(("Tea", "Water"), "Awake", events, True, "one hour")

    review = read_files(
        begun_folder(NewReview("tea", "Tea", queries={"pubmed": "tea[tiab]"}), first), tmp_path
    )

    (analysis,) = review.protocol.analyses
    assert analysis.direction == f"{said} favours tea"
    assert review.queries["pubmed"] == "tea[tiab]"
    assert review.studies == ()


def test_a_row_that_counts_in_a_subgroup_alone_and_has_none_is_named() -> None:
    nowhere = {**row("1.1", "Birch 2002", EVENTS), "Applicability": "SUBGROUP_ONLY"}

    texts = _moved(analysis_files([DICHOTOMOUS], [row("1.1", "Ashby 2001", EVENTS), nowhere]))

    (said,) = (each for each in texts.remarks if "enters nothing" in each)
    assert said.startswith("analysis 1.1, Birch 2002:")
    assert "birch" not in texts.files["baseline/rows.csv"].decode()
