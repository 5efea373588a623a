"""Crossref's works and notices to records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extraction.errors import UnreadablePayload
from extraction.model import CorrectionKind, Direction, Record
from extraction.readers.crossref import read_work, read_work_list

WORK: dict[str, Any] = {
    "DOI": "10.5555/FICTION.1",
    "title": ["A fictional trial"],
    "author": [{"family": "Roe", "given": "Ann B."}, {"name": "FICTION group"}],
    "container-title": ["Journal of Fictional Medicine"],
    "volume": "12",
    "page": "45-50",
    "published": {"date-parts": [[2026, 9]]},
    "type": "journal-article",
    "abstract": "<jats:title>Aim</jats:title><jats:p>NCT99000001</jats:p>",
}


def answer(message: object) -> bytes:
    return json.dumps({"status": "ok", "message": message}).encode()


def work(**changes: object) -> Record:
    return read_work(answer(WORK | changes))


def test_every_field_is_read_in_the_forms_of_the_other_readers() -> None:
    record = work()

    assert record.key == "crossref:10.5555/fiction.1"
    assert record.authors == ("Roe AB", "FICTION group")
    assert (record.year, record.published_on) == (2026, "2026-09")
    assert (record.abstract, record.ids.register) == ("AIM: NCT99000001", ("NCT99000001",))


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("retraction", CorrectionKind.RETRACTION),
        ("withdrawal", CorrectionKind.RETRACTION),
        ("removal", CorrectionKind.RETRACTION),
        ("partial_retraction", CorrectionKind.PARTIAL_RETRACTION),
        ("expression_of_concern", CorrectionKind.CONCERN),
        ("correction", CorrectionKind.ERRATUM),
        ("erratum", CorrectionKind.ERRATUM),
        ("corrigendum", CorrectionKind.ERRATUM),
        ("new_version", CorrectionKind.UPDATE),
        ("addendum", CorrectionKind.UPDATE),
        ("something new", CorrectionKind.UPDATE),
    ],
)
def test_notices_are_told_apart(kind: str, meaning: CorrectionKind) -> None:
    (notice,) = work(**{"updated-by": [{"DOI": "10.5555/n", "type": kind}]}).corrections

    assert (notice.kind, notice.direction, notice.doi) == (meaning, Direction.OF_THIS, "10.5555/n")


@pytest.mark.parametrize(
    ("doi", "direction"),
    [("10.5555/fiction.1", Direction.OF_THIS), ("10.5555/else", Direction.THIS_IS_OF)],
)
def test_a_notice_may_stand_on_the_work_itself(doi: str, direction: Direction) -> None:
    (notice,) = work(**{"update-to": [{"DOI": doi, "type": "retraction"}]}).corrections

    assert notice.direction is direction


def test_what_two_sources_say_of_one_notice_is_one_notice_that_names_both() -> None:
    told = [
        {"DOI": "10.5555/N", "type": "correction", "label": "Correction", "source": "publisher"},
        {"DOI": "10.5555/n", "type": "retraction", "label": "Retraction", "source": "publisher"},
        {"DOI": "10.5555/n", "type": "retraction", "source": "retraction-watch"},
    ]

    assert [(each.kind, each.citation) for each in work(**{"updated-by": told}).corrections] == [
        (CorrectionKind.ERRATUM, "Correction, publisher"),
        (CorrectionKind.RETRACTION, "Retraction, publisher; retraction, retraction-watch"),
    ]


@pytest.mark.parametrize(
    ("parts", "on"),
    [
        ([[1998, 2]], "1998-02"),
        ([[1998, 2, 28]], "1998-02-28"),
        ([[1998, 13]], "1998"),
        ([[1998, 2, 0]], "1998-02"),
        ([[1998, None, 3]], "1998"),
        ([[None]], None),
        ([[]], None),
        ([], None),
        ("1998", None),
    ],
)
def test_a_date_keeps_the_precision_it_came_with(parts: object, on: str | None) -> None:
    assert work(published={"date-parts": parts}).published_on == on


def test_journal_language_and_names_are_plain() -> None:
    record = work(
        **{
            "container-title": ["Nerve &amp; Muscle"],
            "language": "en",
            "author": [{"family": "Roe", "given": "Ann", "suffix": "Jr"}, {"family": "Doe"}],
        }
    )

    assert (record.journal, record.languages) == ("Nerve & Muscle", ("eng",))
    assert record.authors == ("Roe A Jr", "Doe")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"Resource not found.",
        b"<html></html>",
        b'{"status": "failed", "message": []}',
        b'{"message": {"title": ["nameless"]}}',
        b'{"message": null}',
    ],
)
def test_what_is_no_work_is_refused(payload: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        read_work(payload)


@pytest.mark.parametrize(
    "message", [{}, {"total-results": 1}, {"total-results": 1, "items": [{}]}, {"items": []}]
)
def test_what_is_no_list_is_refused(message: object) -> None:
    with pytest.raises(UnreadablePayload):
        read_work_list(answer(message))


def test_real_payloads_are_read_with_their_notices(shared: Path) -> None:
    folder = shared / "upstream" / "crossref"
    retracted = read_work((folder / "retracted_updated_by.json").read_bytes())
    itself = read_work((folder / "self_update_to.json").read_bytes())

    assert [each.kind for each in retracted.corrections] == [
        CorrectionKind.ERRATUM,
        CorrectionKind.RETRACTION,
    ]
    assert "retraction-watch" in (retracted.corrections[1].citation or "")
    (notice,) = itself.corrections
    assert (notice.kind, notice.direction) == (CorrectionKind.RETRACTION, Direction.OF_THIS)
