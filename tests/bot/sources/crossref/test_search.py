"""The watch on documents against a stand-in of Crossref with its faults."""

from __future__ import annotations

import json

import pytest

from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRejected,
)
from bot.sources.answer import SourceAnswer
from bot.sources.crossref.search import search_crossref
from bot.sources.crossref.stand_in import CrossrefStandIn, a_work, an_update
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from extraction.model import CorrectionKind, Direction, Record
from tests.bot.sources.fault_table import (
    BODIES,
    LASTING,
    LASTS,
    PASSING,
    assert_no_cut_is_taken_for_whole,
)
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import open_client

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
    waits: SteppedTime | None = None,
    email: str | None = None,
) -> SourceAnswer:
    with open_client(upstream, waits) as client:
        return search_crossref(client, upstream.url, dois or (TRIAL,), email=email)


def record(answer: SourceAnswer, doi: str) -> Record:
    return next(each for each in answer.records if each.source_id == doi)


def notices(answer: SourceAnswer, doi: str = TRIAL) -> set[tuple[CorrectionKind, str | None]]:
    found = record(answer, doi).corrections
    return {(each.kind, each.doi) for each in found if each.direction is Direction.OF_THIS}


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


def test_a_notice_that_both_ends_name_is_one_and_keeps_who_said_so() -> None:
    works = [
        a_work(
            TRIAL,
            "The trial",
            **{"updated-by": [an_update("retraction", NOTICE, "retraction-watch")]},
        ),
        a_work(NOTICE, "Retraction", **{"update-to": [an_update("retraction", TRIAL)]}),
    ]
    with CrossrefStandIn(works) as upstream:
        answer = search(upstream)

    (notice,) = record(answer, TRIAL).corrections
    assert notice.citation == "Retraction, retraction-watch; Retraction, publisher"


def test_a_correction_before_the_retraction_hides_neither() -> None:
    told = [an_update("correction", ERRATUM), an_update("retraction", NOTICE)]
    with CrossrefStandIn([a_work(TRIAL, "The trial", **{"updated-by": told})]) as upstream:
        answer = search(upstream)

    assert [each.kind for each in record(answer, TRIAL).corrections] == [
        CorrectionKind.ERRATUM,
        CorrectionKind.RETRACTION,
    ]


def test_the_notice_is_a_record_that_says_whom_it_is_about() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        answer = search(upstream)

    (said,) = record(answer, NOTICE).corrections
    assert (said.kind, said.direction, said.doi) == (
        CorrectionKind.RETRACTION,
        Direction.THIS_IS_OF,
        TRIAL,
    )


def test_a_notice_on_several_works_is_told_on_each_that_is_watched() -> None:
    both = [an_update("retraction", TRIAL), an_update("retraction", "10.5555/other")]
    works = [
        a_work(TRIAL, "The trial"),
        a_work("10.5555/other", "Another"),
        a_work(NOTICE, "Two retractions", **{"update-to": both}),
    ]
    with CrossrefStandIn(works) as upstream:
        answer = search(upstream, TRIAL, "10.5555/other")

    assert notices(answer, TRIAL) == notices(answer, "10.5555/other")
    assert len(answer.records) == 3


def test_a_watched_work_that_is_itself_a_notice_stays_both() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        answer = search(upstream, TRIAL, ERRATUM)

    assert (CorrectionKind.ERRATUM, ERRATUM) in notices(answer, TRIAL)
    assert [each.direction for each in record(answer, ERRATUM).corrections] == [
        Direction.THIS_IS_OF
    ]


def test_many_notices_come_page_by_page() -> None:
    many = [
        a_work(f"10.5555/n{n}", "Erratum", **{"update-to": [an_update("erratum", TRIAL)]})
        for n in range(7)
    ]
    with CrossrefStandIn([a_work(TRIAL, "The trial"), *many], most_rows=3) as upstream:
        answer = search(upstream)

    assert len(notices(answer)) == 7
    assert len(upstream.seen) == 1 + 3


def test_a_work_named_twice_is_asked_for_once() -> None:
    with CrossrefStandIn(WORKS) as upstream:
        search(upstream, TRIAL, TRIAL)

    assert len(upstream.seen) == 2


@pytest.mark.parametrize("doi", ["10.5555/a(b)<c>;d", "10.5555/a?b#c", "10.5555/a/b%2fc"])
def test_a_doi_of_odd_signs_arrives_as_it_is(doi: str) -> None:
    works = [
        a_work(doi, "Odd"),
        a_work(NOTICE, "Retraction", **{"update-to": [an_update("retraction", doi)]}),
    ]
    with CrossrefStandIn(works) as upstream:
        assert notices(search(upstream, doi), doi) == {(CorrectionKind.RETRACTION, NOTICE)}


def test_an_answer_about_another_document_is_a_problem_and_watches_nothing() -> None:
    other = {"status": "ok", "message": a_work("10.5555/else", "Something else")}
    wrong = PlayedFault(FaultKind.OTHER_BODY, body=json.dumps(other).encode())
    with CrossrefStandIn(WORKS, faults=[wrong]) as upstream:
        answer = search(upstream, "10.5555/other", TRIAL)

    assert answer.problems == ("asked for doi:10.5555/other, came doi:10.5555/else",)
    assert {record.source_id for record in answer.records} == {TRIAL, NOTICE, ERRATUM}


def test_a_work_among_the_notices_that_is_none_is_left_out_and_named() -> None:
    with CrossrefStandIn(WORKS, faults=[PlayedFault(FaultKind.STRAY_RECORD, after=1)]) as upstream:
        answer = search(upstream)

    (problem,) = answer.problems
    assert problem.endswith("left out: doi:10.5555/stray")
    assert (CorrectionKind.RETRACTION, NOTICE) in notices(answer)


def test_a_list_of_other_works_is_not_believed() -> None:
    strangers = {"total-results": 160_000_000, "items": [a_work("10.5555/x", "X")]}
    lost = json.dumps({"status": "ok", "message": strangers}).encode()
    faults = [PlayedFault(FaultKind.OTHER_BODY, after=1, times=LASTS, body=lost)]
    with (
        CrossrefStandIn(WORKS, faults=faults) as upstream,
        pytest.raises(Incomplete, match="other works than the notices"),
    ):
        search(upstream)


def test_the_pace_that_the_service_states_is_kept() -> None:
    waits = SteppedTime()
    with CrossrefStandIn(WORKS, per_second=1) as upstream:
        search(upstream, waits=waits)

    assert waits.asked == [1.0]


# ---- faults -------------------------------------------------------------------------------------

THE_WORK, THE_LIST = 0, 1


@pytest.mark.parametrize("kind", PASSING, ids=str)
@pytest.mark.parametrize("place", [THE_WORK, THE_LIST])
def test_a_fault_that_passes_costs_a_wait_and_no_notice(kind: FaultKind, place: int) -> None:
    waits = SteppedTime()
    with CrossrefStandIn(WORKS, faults=[PlayedFault(kind, after=place)]) as upstream:
        answer = search(upstream, waits=waits)

    assert len(notices(answer)) == 2
    assert waits.asked == [1.0]


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("0", 1.0), (None, 1.0)])
def test_a_burst_is_waited_out_as_long_as_the_service_asks(
    asked: str | None, waited: float
) -> None:
    waits = SteppedTime()
    with CrossrefStandIn(
        WORKS, faults=[PlayedFault(FaultKind.TOO_MANY, retry_after=asked)]
    ) as upstream:
        search(upstream, waits=waits)

    assert waits.asked == [waited]


@pytest.mark.parametrize(("kind", "error", "asked"), LASTING, ids=str)
@pytest.mark.parametrize("place", [THE_WORK, THE_LIST])
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_silence(
    kind: FaultKind, error: type[SourceError], asked: int, place: int
) -> None:
    with (
        CrossrefStandIn(WORKS, faults=[PlayedFault(kind, after=place, times=LASTS)]) as upstream,
        pytest.raises(error) as caught,
    ):
        search(upstream)

    assert type(caught.value) is error
    assert len(upstream.seen) == place + asked


def test_a_404_that_is_not_crossrefs_own_is_no_unknown_document() -> None:
    lost = PlayedFault(FaultKind.NOT_FOUND)
    with (
        CrossrefStandIn(WORKS, faults=[lost]) as upstream,
        pytest.raises(SourceRejected, match="status 404: not found"),
    ):
        search(upstream, "10.5555/other", TRIAL)


def test_a_403_is_said_loudly() -> None:
    with (
        CrossrefStandIn(WORKS, faults=[PlayedFault(FaultKind.FORBIDDEN)]) as upstream,
        pytest.raises(SourceForbidden, match="403.*not an empty answer"),
    ):
        search(upstream)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("place", [THE_WORK, THE_LIST])
def test_an_answer_of_another_kind_is_refused(body: bytes, place: int) -> None:
    other = PlayedFault(FaultKind.OTHER_BODY, after=place, times=LASTS, body=body)
    with (
        CrossrefStandIn(WORKS, faults=[other]) as upstream,
        pytest.raises(AnswerUnreadable, match="Crossref"),
    ):
        search(upstream)


def test_an_answer_cut_anywhere_is_refused() -> None:
    long = [WORKS[0] | {"abstract": "It helped. " * 1_000}, *WORKS[1:]]
    with CrossrefStandIn(long) as upstream:
        assert_no_cut_is_taken_for_whole(upstream, lambda: search(upstream))


def test_a_wrong_content_type_does_not_hide_a_right_answer() -> None:
    wrong = PlayedFault(FaultKind.WRONG_CONTENT_TYPE, times=LASTS)
    with CrossrefStandIn(WORKS, faults=[wrong]) as upstream:
        assert len(notices(search(upstream))) == 2


MOVING = [
    FaultKind.SHORT_PAGE,
    FaultKind.SHRUNK_COUNT,
    FaultKind.DUPLICATE_PAGE,
    FaultKind.TOKEN_EXPIRED,
    FaultKind.EMPTY_PAGE,
]


@pytest.mark.parametrize("kind", MOVING, ids=str)
def test_a_list_that_moves_between_pages_is_begun_anew(kind: FaultKind) -> None:
    faults = [PlayedFault(kind, after=2)]
    with CrossrefStandIn(WORKS, most_rows=1, faults=faults) as upstream:
        answer = search(upstream)

    assert len(notices(answer)) == 2
    assert [seen.fields.get("cursor") for seen in upstream.seen].count("*") == 2


def test_a_count_that_shrinks_to_what_has_come_is_not_believed() -> None:
    third = a_work("10.5555/n3", "Concern", **{"update-to": [an_update("concern", TRIAL)]})
    shrunk = {"total-results": 2, "items": [WORKS[2]], "next-cursor": "c2"}
    body = json.dumps({"status": "ok", "message": shrunk}).encode()
    fault = PlayedFault(FaultKind.OTHER_BODY, after=2, body=body)
    with CrossrefStandIn([*WORKS, third], most_rows=1, faults=[fault]) as upstream:
        answer = search(upstream)

    assert len(notices(answer)) == 3


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGE, FaultKind.SHRUNK_COUNT], ids=str)
def test_a_list_that_never_settles_is_not_believed(kind: FaultKind) -> None:
    with (
        CrossrefStandIn(WORKS, faults=[PlayedFault(kind, after=THE_LIST, times=LASTS)]) as upstream,
        pytest.raises(Incomplete, match="notices counted"),
    ):
        search(upstream)
