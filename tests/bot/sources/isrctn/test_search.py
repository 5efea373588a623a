"""ISRCTN: the count, then as many trials in one document, and nothing of persons."""

from __future__ import annotations

import pytest

from bot.errors import Incomplete
from bot.sources.answer import SourceAnswer
from bot.sources.isrctn.lint import odd_in_line
from bot.sources.isrctn.read import read_again
from bot.sources.isrctn.search import search_isrctn
from bot.sources.isrctn.stand_in import IsrctnStandIn, a_trial
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from extraction.model import Record
from tests.bot.upstreams import open_client

WHOLE = a_trial(
    "99000003",
    "Lamps",
    description="<scientificTitle>A randomised trial of lamps</scientificTitle>"
    "<plainEnglishSummary>Background.</plainEnglishSummary>"
    "<primaryOutcomes><outcomeMeasure><variable>Grip</variable></outcomeMeasure></primaryOutcomes>"
    "<primaryOutcome>Nil known</primaryOutcome>",
    refs="<eudraCTNumber>Nil known</eudraCTNumber>"
    "<clinicalTrialsGovNumber>NCT99000001</clinicalTrialsGovNumber>",
    design="<studyDesign>Randomised double-blind trial</studyDesign>"
    "<overallEndDate>2027-06-30T00:00:00.000Z</overallEndDate>",
    participants="<targetEnrolment>120</targetEnrolment><totalFinalEnrolment/>"
    "<recruitmentStart>2025-04-01T00:00:00.000Z</recruitmentStart>"
    "<recruitmentStatusOverride>Stopped</recruitmentStatusOverride>",
    conditions="<condition><description>Neuropathy</description></condition>",
    interventions="<intervention><drugNames>Lamps</drugNames></intervention>",
    outputs='<output outputType="resultsarticle" dateUploaded="2026-08-10T00:00:00.000Z"'
    ' createdBy="Nobody"/>',
)


def find(upstream: IsrctnStandIn, query: str = '"motor neuropathy"') -> SourceAnswer:
    with open_client(upstream) as client:
        return search_isrctn(client, upstream.url, query)


def only(answer: SourceAnswer) -> Record:
    (record,) = answer.records
    return record


def test_as_many_are_asked_for_as_are_counted() -> None:
    trials = [a_trial(f"990000{n:02}", f"Trial {n}") for n in range(12)]
    with IsrctnStandIn(trials) as upstream:
        answer = find(upstream)
        limits = [seen.fields["limit"] for seen in upstream.seen]

    assert (answer.found, len(answer.records), limits) == (12, 12, ["0", "12"])


def test_a_trial_is_read_by_the_words_of_the_registry() -> None:
    with IsrctnStandIn([WHOLE]) as upstream:
        record = only(find(upstream))

    assert (record.source_id, record.title) == ("ISRCTN99000003", "A randomised trial of lamps")
    assert record.ids.register == ("ISRCTN99000003", "NCT99000001")
    assert record.abstract == (
        "SUMMARY: Background.\nDESIGN: Randomised double-blind trial\nPRIMARY OUTCOME: Grip"
    )
    entry = record.entry
    assert entry is not None
    assert (entry.overall_status, entry.start_on) == ("Stopped", "2025-04-01")
    assert (entry.enrolment, entry.allocation) == (120, "RANDOMIZED")
    assert (entry.results_posted_on, entry.has_results) == ("2026-08-10", True)


def test_what_was_not_given_is_not_reported() -> None:
    bare = a_trial("99000004", "Bare", description="<primaryOutcome>Nil known</primaryOutcome>")
    with IsrctnStandIn([bare]) as upstream:
        record = only(find(upstream))

    assert record.abstract is None
    assert record.entry is not None
    assert (record.entry.overall_status, record.entry.has_results) == (None, False)


def test_who_is_named_as_a_contact_is_not_kept() -> None:
    with IsrctnStandIn([WHOLE]) as upstream:
        answer = find(upstream)
        assert any(b"obody" in each.body for each in upstream.answered)

    assert not any(b"obody" in each.body for each in answer.payloads)
    again = read_again({each.sha256: each.body for each in answer.payloads})
    assert again.records == {each.key: each for each in answer.records}


def test_nothing_found_is_asked_once() -> None:
    with IsrctnStandIn([]) as upstream:
        answer = find(upstream)

    assert (answer.found, answer.requests) == (0, 1)


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGE, FaultKind.EMPTY_PAGE])
def test_an_answer_that_is_not_as_counted_is_not_believed(kind: FaultKind) -> None:
    with IsrctnStandIn(faults=[PlayedFault(kind, after=1)]) as upstream:
        assert find(upstream).found == 2

    with (
        IsrctnStandIn(faults=[PlayedFault(kind, times=99)]) as upstream,
        pytest.raises(Incomplete, match="2 trials counted"),
    ):
        find(upstream)


def test_a_count_that_moves_between_two_questions_is_asked_again() -> None:
    with IsrctnStandIn(faults=[PlayedFault(FaultKind.SHRUNK_COUNT)]) as upstream:
        assert find(upstream).found == 2


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('"motor neuropathy" OR condition:"MMN"', []),
        ("motor neuropathy", ["joins them by OR"]),
        ("sponsor:Example", ["no field of ISRCTN"]),
        ("lastEdited:2026", ["is compared"]),
        ('("one two" AND three)', []),
    ],
)
def test_what_the_registry_takes_otherwise_is_named(line: str, found: list[str]) -> None:
    said = [text for _, text in odd_in_line(line)]

    assert len(said) == len(found)
    assert all(part in text for part, text in zip(found, said, strict=True))
