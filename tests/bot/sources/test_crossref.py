"""The watch on documents against a stand-in of Crossref with its faults."""

from __future__ import annotations

import pytest

from bot.demo.crossref import CrossrefStandIn, a_work, an_update
from bot.demo.faults import Fault, FaultKind
from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import Answer
from bot.sources.crossref import search_crossref
from extraction.model import CorrectionKind, Direction
from tests.bot.upstreams import Waits, open_door

TRIAL, NOTICE, ERRATUM = "10.5555/trial", "10.5555/notice", "10.5555/erratum"
WORKS = [
    a_work(TRIAL, "The trial", **{"updated-by": [an_update("correction", ERRATUM)]}),
    a_work(NOTICE, "Retraction", **{"update-to": [an_update("retraction", TRIAL)]}),
    a_work(ERRATUM, "Correction", **{"update-to": [an_update("correction", TRIAL)]}),
    a_work("10.5555/other", "Another"),
]


def search(
    upstream: CrossrefStandIn,
    *dois: str,
    waits: Waits | None = None,
    deadline_s: float = 5.0,
    email: str | None = None,
) -> Answer:
    with open_door(waits, deadline_s=deadline_s) as door:
        return search_crossref(door, upstream.url, dois or (TRIAL,), email=email)


def notices(answer: Answer, doi: str = TRIAL) -> set[tuple[CorrectionKind, str | None]]:
    record = next(each for each in answer.records if each.source_id == doi)
    return {
        (each.kind, each.doi) for each in record.corrections if each.direction is Direction.OF_THIS
    }


def test_notices_are_found_from_both_ends_and_each_once() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        answer = search(upstream)

    assert notices(answer) == {
        (CorrectionKind.ERRATUM, ERRATUM),
        (CorrectionKind.RETRACTION, NOTICE),
    }
    assert {record.source_id for record in answer.records} == {TRIAL, NOTICE, ERRATUM}


def test_a_work_retracted_in_place_is_retracted() -> None:
    itself = a_work(TRIAL, "The trial", **{"update-to": [an_update("retraction", TRIAL)]})
    with CrossrefStandIn([itself]) as upstream:
        answer = search(upstream)

    assert notices(answer) == {(CorrectionKind.RETRACTION, TRIAL)}


def test_documents_without_notices_are_an_answer() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        answer = search(upstream, "10.5555/other")

    assert notices(answer, "10.5555/other") == set()


def test_a_doi_that_is_not_known_is_named_and_the_others_are_watched() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        answer = search(upstream, "10.5555/none", TRIAL)

    assert answer.warnings == ("Crossref does not know doi:10.5555/none",)
    assert notices(answer)


def test_a_doi_with_a_comma_is_asked_for_itself_and_that_is_said() -> None:
    odd = a_work(
        "10.5555/a,b",
        "Odd",
        **{"updated-by": [an_update("retraction", NOTICE, "retraction-watch")]},
    )
    with CrossrefStandIn([odd]) as upstream:
        answer = search(upstream, "10.5555/a,b")

    assert notices(answer, "10.5555/a,b") == {(CorrectionKind.RETRACTION, NOTICE)}
    assert "one way only" in answer.warnings[0]


def test_no_known_document_at_all_is_a_failure_and_no_silence() -> None:
    with (
        CrossrefStandIn() as upstream,
        pytest.raises(SourceRejected, match="none of the 1 documents"),
    ):
        search(upstream)


def test_a_contact_is_given_where_there_is_one() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        search(upstream, email="team@review.test")

    assert all(seen.fields["mailto"] == "team@review.test" for seen in upstream.seen)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET,
        FaultKind.STALL,
        FaultKind.DRIP,
        FaultKind.TRUNCATED,
        FaultKind.TRUNCATED_GZIP,
        FaultKind.TOO_MANY,
        FaultKind.UNAVAILABLE,
        FaultKind.HTML,
        FaultKind.EMPTY_BODY,
        FaultKind.HALF_BODY,
        FaultKind.ERROR_IN_200,
    ],
    ids=str,
)
@pytest.mark.parametrize("request_number", [0, 1])
def test_a_fault_that_passes_costs_a_wait_and_no_notice(
    kind: FaultKind, request_number: int
) -> None:
    waits = Waits()
    with CrossrefStandIn(WORKS, faults=[Fault(kind, after=request_number)]) as upstream:
        answer = search(upstream, waits=waits, deadline_s=0.4)

    assert len(notices(answer)) == 2
    assert waits.asked == [1.0]


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGE, FaultKind.SHRUNK_COUNT], ids=str)
def test_a_list_that_does_not_add_up_is_asked_for_again(kind: FaultKind) -> None:
    with CrossrefStandIn(WORKS, faults=[Fault(kind, after=1)]) as upstream:
        assert len(notices(search(upstream))) == 2


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RESET, SourceUnavailable),
        (FaultKind.TOO_MANY, SourceUnavailable),
        (FaultKind.HTML, AnswerUnreadable),
        (FaultKind.ERROR_IN_200, AnswerUnreadable),
        (FaultKind.GZIP_BOMB, AnswerUnreadable),
        (FaultKind.FORBIDDEN, SourceForbidden),
        (FaultKind.REDIRECT, SourceRedirected),
        (FaultKind.NOT_FOUND, SourceRejected),
        (FaultKind.SHRUNK_COUNT, Incomplete),
    ],
    ids=str,
)
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_silence(
    kind: FaultKind, error: type[SourceError]
) -> None:
    with (
        CrossrefStandIn(WORKS, faults=[Fault(kind, times=99)]) as upstream,
        pytest.raises(error) as caught,
    ):
        search(upstream)

    assert type(caught.value) is error
