"""The review of now as a package: as it was moved in, and with what has changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.report.as_package import ReviewNow, package_of_review
from bot.review.folder import ReviewFolder, read_review
from bot.review.package.as_folder import folder_of
from bot.review.package.model import Package, StudyList
from bot.review.package.read_package import read_package
from bot.review.package.skeleton import NewReview
from bot.review.planned import (
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedModel,
    PlannedTau2,
)
from bot.review.protocol import AnalysisPlan
from bot.synthesis.assemble import assemble
from extraction.model import (
    Basis,
    Clusters,
    Design,
    OutcomeReporting,
    Provenance,
    Reporting,
    Study,
    UnpooledResult,
)
from tests.bot.review.package.made_up import of_2026

CELL = "ashby-2001|awake-well|as published|water|events"
NEW = Study("gale2026", "Gale 2026", Design.PARALLEL, ("tea", "water"), year=2026)


@pytest.fixture
def facts() -> Package:
    return read_package(of_2026())


@pytest.fixture
def review(facts: Package, tmp_path: Path) -> ReviewFolder:
    for path, body in folder_of(facts, NewReview("tea", "Tea")).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    return read_review(tmp_path)


@pytest.fixture
def now(facts: Package, review: ReviewFolder) -> ReviewNow:
    """The review as it was moved in, with no result computed yet."""
    return ReviewNow(
        review.protocol,
        [(each, StudyList.INCLUDED) for each in review.studies],
        {each.cell.key: each.number for each in review.values},
        {},
        facts,
    )


def test_a_review_in_which_nothing_changed_is_the_package(now: ReviewNow, facts: Package) -> None:
    assert package_of_review(now) == facts


def test_a_corrected_number_takes_the_printed_results_of_its_analysis_away(
    now: ReviewNow, facts: Package
) -> None:
    package = package_of_review(replace(now, values={**now.values, CELL: 3}))

    awake, tired, _ = package.analyses
    assert (awake.rows[0].cases_2, awake.rows[0].estimate) == (3, None)
    assert (awake.printed.estimate, awake.printed.cases_2) == (None, 5)
    assert tired == facts.analyses[1]


def test_a_study_found_since_has_its_row(now: ReviewNow) -> None:
    cells = {"tea|events": 5, "tea|total": 9, "water|events": 1, "water|total": 9}
    values = {f"gale2026|awake-well|as published|{name}": n for name, n in cells.items()}

    package = package_of_review(
        replace(
            now,
            studies=[*now.studies, (NEW, StudyList.INCLUDED)],
            values={**now.values, **values},
        )
    )

    row = package.analyses[0].rows[-1]
    assert (row.study, row.year, row.cases_1, row.n_2) == ("Gale 2026", "2026", 5, 9)
    assert package.of(StudyList.INCLUDED)[-1].name == "Gale 2026"


def test_a_study_that_was_taken_out_stands_in_the_other_list(now: ReviewNow) -> None:
    first, *others = now.studies

    package = package_of_review(replace(now, studies=[(first[0], StudyList.EXCLUDED), *others]))

    assert "Ashby 2001" in {each.name for each in package.of(StudyList.EXCLUDED)}
    assert [each.study for each in package.analyses[0].rows] == ["Birch 2002", "Calm 2003"]


def test_a_review_that_was_not_moved_in_is_written_from_its_protocol(now: ReviewNow) -> None:
    package = package_of_review(replace(now, facts=None))

    assert [each.key for each in package.analyses] == ["1.1", "1.2", "1.3"]
    assert package.analyses[0].measure == "Risk Ratio"
    assert [each.study for each in package.analyses[0].rows] == [
        *("Ashby 2001", "Birch 2002", "Calm 2003"),
    ]
    assert package.bias.judgements == ()


def as_own(now: ReviewNow, review: ReviewFolder, plan: AnalysisPlan, *studies: Study) -> ReviewNow:
    """Return the review as one that was not moved in, with this one analysis, computed."""
    protocol = now.protocol.model_copy(update={"analyses": (plan,)})
    own = studies or tuple(each for each, _ in now.studies)
    results = assemble(protocol, own, review.values)
    return replace(
        now,
        protocol=protocol,
        studies=[(each, StudyList.INCLUDED) for each in own],
        results={each.id: each for each in results},
        facts=None,
    )


def test_a_cluster_trial_is_written_with_the_numbers_that_were_pooled(
    now: ReviewNow, review: ReviewFolder
) -> None:
    (first, _), *others = now.studies
    cluster = replace(first, clusters=Clusters(design_effect=2))
    whole = package_of_review(as_own(now, review, now.protocol.analyses[0]))

    package = package_of_review(
        as_own(now, review, now.protocol.analyses[0], cluster, *(each for each, _ in others))
    )

    counted, divided = whole.analyses[0].rows[0], package.analyses[0].rows[0]
    assert (counted.n_1, counted.cases_1) == (10, 4)
    assert (divided.n_1, divided.cases_1) == (5, 2)
    assert "divided by 2" in divided.footnote


def test_a_turned_scale_is_written_turned(now: ReviewNow, review: ReviewFolder) -> None:
    plan = now.protocol.analyses[1]
    (first, _), *others = now.studies
    turned = replace(first, turned=(plan.outcome,))
    before = package_of_review(as_own(now, review, plan)).analyses[0].rows[0]

    package = package_of_review(as_own(now, review, plan, turned, *(each for each, _ in others)))

    row = package.analyses[0].rows[0]
    assert before.mean_1
    assert row.mean_1 == -before.mean_1
    assert "signs are turned" in row.footnote


def test_exchanged_events_are_written_as_they_were_counted(
    now: ReviewNow, review: ReviewFolder
) -> None:
    plan = now.protocol.analyses[0].model_copy(update={"swap_events": True})

    row = package_of_review(as_own(now, review, plan)).analyses[0].rows[0]

    assert (row.cases_1, row.n_1) == (4, 10)


def test_a_measure_that_revman_lacks_for_the_data_is_named(
    now: ReviewNow, review: ReviewFolder
) -> None:
    plan = now.protocol.analyses[1].model_copy(update={"measure": PlannedMeasure.RATIO_OF_MEANS})

    package = package_of_review(as_own(now, review, plan))

    assert package.analyses == ()
    assert [each.what for each in package.not_held] == ["analysis 1.2: ROM of continuous"]


def test_methods_that_revman_lacks_are_named_with_what_is_written_for_them(
    now: ReviewNow, review: ReviewFolder
) -> None:
    changes = {"model": PlannedModel.RANDOM, "tau2": PlannedTau2.PM, "subgroup": "stratum"}
    limits = {"interval": PlannedInterval.HARTUNG_KNAPP_FLOORED}
    plan = now.protocol.analyses[1].model_copy(update=changes | limits)

    package = package_of_review(as_own(now, review, plan))

    assert (package.analyses[0].interval, package.analyses[0].tau2) == ("HKSJ", "REML")
    assert [each.what for each in package.not_held] == [
        "analysis 1.2: limits by hartung-knapp-floored, written as HKSJ",
        "analysis 1.2: τ² by PM, written as REML",
        "analysis 1.2: subgroups by stratum",
    ]


def test_what_studies_tell_beside_their_numbers_is_named_as_not_held(now: ReviewNow) -> None:
    where = Provenance(Basis.PUBLISHED, "the report")
    told = replace(
        NEW,
        reporting=(OutcomeReporting("awake-well", Reporting.NOT_MEASURED, where),),
        unpooled=(UnpooledResult("Nausea", where), UnpooledResult("Rash", where)),
    )

    package = package_of_review(replace(now, studies=[*now.studies, (told, StudyList.INCLUDED)]))

    assert [str(each) for each in package.not_held] == [
        "the review: what reports make of outcomes without numbers (1)",
        "the review: results reported and not pooled (2)",
    ]


def test_rules_by_which_revman_comes_to_other_results_are_named(
    now: ReviewNow, review: ReviewFolder
) -> None:
    own = {"convention": PlannedConvention.HANDBOOK, "interval": PlannedInterval.WALD}
    plan = now.protocol.analyses[1].model_copy(
        update={"measure": PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE, **own}
    )

    (named,) = package_of_review(as_own(now, review, plan)).not_held
    as_revman = plan.model_copy(update={"convention": PlannedConvention.REVMAN})

    assert "RevMan computes with J = 1" in str(named)
    assert package_of_review(as_own(now, review, as_revman)).not_held == ()


def test_a_difference_of_risks_with_an_empty_cell_is_named(
    now: ReviewNow, review: ReviewFolder
) -> None:
    plan = now.protocol.analyses[0].model_copy(
        update={
            "measure": PlannedMeasure.RISK_DIFFERENCE,
            "convention": PlannedConvention.HANDBOOK,
            "interval": PlannedInterval.WALD,
        }
    )
    values = tuple(
        replace(each, number=0) if each.cell.key == CELL else each for each in review.values
    )

    (named,) = package_of_review(as_own(now, replace(review, values=values), plan)).not_held

    assert "not with score limits" in str(named)
