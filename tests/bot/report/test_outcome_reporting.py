"""Reported, not reported, not measured, not said; and what is reported and not pooled."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.report.document import ReviewDocument, ValueLine
from bot.report.exports import results_json
from bot.report.outcome_reporting import (
    reporting_lines,
    reporting_rows,
    reporting_sentences,
    unpooled_lines,
)
from bot.report.rendering import render_report
from extraction.model import (
    Basis,
    Design,
    OutcomeReporting,
    Provenance,
    Reporting,
    Study,
    UnpooledResult,
)
from tests.bot.report.sample import BASELINE, BASELINE_DOCUMENT, STRENGTH

ABSTRACT = Provenance(Basis.PUBLISHED, "pmid:1", "abstract")
LIFE = "quality_of_life"
EMBOLISM = UnpooledResult("Pulmonary embolism", ABSTRACT, None, ("ivig",), 1, "event")
FIRST, SECOND, THIRD = (each.id for each in BASELINE_DOCUMENT.studies[:3])


def study(name: str, state: Reporting | None = None, *told: UnpooledResult) -> Study:
    said = () if state is None else (OutcomeReporting(LIFE, state, ABSTRACT),)
    return Study(name, name, Design.PARALLEL, ("ivig", "placebo"), reporting=said, unpooled=told)


def value(of: str, outcome: str, time_point: str = "one year") -> ValueLine:
    where = (Basis.PUBLISHED, "pmid:1")
    return ValueLine(of, outcome, time_point, "ivig", "events", 3.0, None, *where)


def document(*studies: Study, values: tuple[ValueLine, ...] = ()) -> ReviewDocument:
    return replace(
        BASELINE_DOCUMENT,
        reporting=reporting_lines(BASELINE_DOCUMENT.protocol, studies, values),
        unpooled=unpooled_lines(studies, values, BASELINE),
    )


def test_each_study_stands_where_somebody_said_and_nobody_guesses() -> None:
    states = (Reporting.NOT_REPORTED, Reporting.NOT_MEASURED, Reporting.UNCLEAR, None)
    studies = [study(f"study {at}", state) for at, state in enumerate(states)]

    lines = reporting_lines(BASELINE_DOCUMENT.protocol, studies, ())

    (line,) = [each for each in lines if each.outcome == LIFE]
    assert (line.reported, line.not_reported, line.not_measured, line.unclear, line.not_said) == (
        (),
        ("study 0",),
        ("study 1",),
        ("study 2",),
        ("study 3",),
    )


def test_a_number_or_a_result_in_words_is_a_report_of_its_outcome() -> None:
    in_words = UnpooledResult("SF-36: no different", ABSTRACT, LIFE)
    studies = [study("a", None, in_words), study("b", Reporting.UNCLEAR)]

    lines = reporting_lines(BASELINE_DOCUMENT.protocol, studies, (value("b", LIFE),))

    (line,) = [each for each in lines if each.outcome == LIFE]
    assert (line.reported, line.unclear, line.stated) == (("a", "b"), (), ())


def test_measured_and_not_reported_is_another_sentence_than_not_measured() -> None:
    found = reporting_sentences(
        document(study(FIRST, Reporting.NOT_REPORTED), study(SECOND, Reporting.NOT_MEASURED))
    )

    assert len(found) == 2
    assert "possible reporting bias" in found[0]
    assert found[1].endswith("so no result is missing.")


def test_the_table_names_few_studies_and_counts_many() -> None:
    few, many = ([study(f"study {at}") for at in range(count)] for count in (2, 13))

    named, counted = (reporting_rows(document(*each))[0].not_said for each in (few, many))

    assert named == "study 0, study 1"
    assert counted == "13 studies"


def test_numbers_that_no_analysis_shows_are_told_and_others_are_not() -> None:
    shown = value(STRENGTH.rows[0].study, STRENGTH.outcome, STRENGTH.time_point)
    other = value(STRENGTH.rows[0].study, STRENGTH.outcome)
    own = study(STRENGTH.rows[0].study)

    (line,) = unpooled_lines([own], (shown, other), BASELINE)

    assert (line.what, line.arm, line.told) == ("one year", "ivig", "events 3")


def test_the_report_and_the_data_show_a_result_in_words() -> None:
    shown = document(study(FIRST, None, EMBOLISM))

    page, data = render_report(shown).decode(), json.loads(results_json(shown))

    assert "Reported, not pooled" in page
    assert "Pulmonary embolism" in page
    assert "1 event" in page
    (told,) = data["reported_not_pooled"]
    assert (told["study"], told["arm"], told["number"], told["unit"]) == (FIRST, "ivig", 1, "event")
    assert told["provenance"]["source"] == "pmid:1"


def test_a_derived_number_has_its_mark() -> None:
    derived = replace(EMBOLISM, provenance=replace(ABSTRACT, basis=Basis.DERIVED, how="counted"))

    assert "1 event †" in render_report(document(study(FIRST, None, derived))).decode()
