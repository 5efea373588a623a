"""Where a record stands in the queue, and why."""

from __future__ import annotations

from typing import Any

import pytest

from extraction.model import (
    Correction,
    CorrectionKind,
    Direction,
    Record,
    RecordIds,
    RecordKind,
    RegisterEntry,
)
from extraction.ranking import CONCERN, HSSS, HSSS_LOCAL, RETRACTED, passes_hsss, rank


def record(title: str = "Something about nerves", **fields: Any) -> Record:
    """Write an article."""
    return Record("pubmed", "1", title, **fields)


def test_a_trial_by_type_comes_before_one_by_words_before_the_rest() -> None:
    typed = rank(record(publication_types=("Journal Article", "Equivalence Trial")))
    named = rank(record(ids=RecordIds(register=("NCT00000001",))))
    worded = rank(record(abstract="A double-blind study of 12 people"))
    plain = rank(record())

    assert typed.score > named.score > worded.score > plain.score
    assert typed.reasons[0] == "publication type: Equivalence Trial"
    assert named.reasons == ("names a trial's register id: NCT00000001",)
    assert worded.reasons == ("words of a trial: double-blind",)
    assert plain.reasons == ()


@pytest.mark.parametrize(
    ("fields", "passes"),
    [
        ({"publication_types": ("Randomized Controlled Trial",)}, True),
        ({"publication_types": ("Pragmatic Clinical Trial",)}, True),
        ({"publication_types": ("Clinical Trial",)}, False),
        ({"abstract": "People were randomly allocated."}, True),
        ({"abstract": "Two groups were compared."}, True),
        ({"abstract": "A randomised comparison."}, False),
        ({"abstract": "Trials and placebos."}, False),
        ({"mesh": ("Motor Neuron Disease/drug therapy",)}, True),
        ({"abstract": "A placebo group", "mesh": ("Animals", "Mice")}, False),
        ({"abstract": "A placebo group", "mesh": ("Animals", "Humans")}, True),
        ({}, False),
    ],
)
def test_the_cochrane_filter_is_evaluated_on_the_record(
    fields: dict[str, Any], passes: bool
) -> None:
    assert passes_hsss(record(**fields)) is passes
    assert (HSSS in rank(record(**fields)).flags) is passes


def test_british_spelling_is_flagged_under_another_name() -> None:
    assert rank(record(abstract="A randomised comparison.")).flags == (HSSS_LOCAL,)


@pytest.mark.parametrize(
    ("fields", "lane"),
    [
        ({"mesh": ("Animals", "Rats")}, "animal"),
        ({"title": "Nerve growth in mice"}, "animal"),
        ({"publication_types": ("Meta-Analysis",)}, "review"),
        ({"title": "IVIg: a systematic review of randomized trials"}, "review"),
        ({"title": "IVIg against placebo: study protocol for a trial"}, "protocol"),
        ({"publication_types": ("Clinical Trial Protocol",)}, "protocol"),
        ({"title": "Treatment by protocol"}, "main"),
    ],
)
def test_a_lane_is_shown_with_its_reason(fields: dict[str, Any], lane: str) -> None:
    found = rank(record(**fields))

    assert found.lane == lane
    assert bool(found.reasons) is (lane != "main")


def test_a_lane_sets_back_and_never_leaves_out() -> None:
    trial = ("Randomized Controlled Trial",)
    protocol = record("Study protocol for a trial", publication_types=trial)

    assert rank(protocol).score < rank(record(publication_types=trial)).score


def test_an_entry_that_is_randomised_and_has_results_says_so() -> None:
    entry = RegisterEntry(allocation="RANDOMIZED", has_results=True)
    found = rank(record(kind=RecordKind.REGISTER_ENTRY, entry=entry, abstract="A placebo group"))

    assert found.reasons == ("the register says: randomised", "the register holds results")
    assert found.flags == ()


def test_a_retracted_record_is_flagged() -> None:
    notices = (
        Correction(CorrectionKind.RETRACTION, Direction.OF_THIS, pmid="2"),
        Correction(CorrectionKind.CONCERN, Direction.OF_THIS),
    )

    assert rank(record(corrections=notices)).flags == (RETRACTED, CONCERN)
    assert rank(record(publication_types=("Retracted Publication",))).flags == (RETRACTED,)
    notice = Correction(CorrectionKind.RETRACTION, Direction.THIS_IS_OF, pmid="2")
    assert rank(record(corrections=(notice,))).flags == ()
