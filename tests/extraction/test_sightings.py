"""Notices: which is known already, whichever source tells of it, and by which word."""

from __future__ import annotations

import pytest

from extraction.model import CorrectionKind
from extraction.sightings import (
    GRAVITY,
    NAMED,
    Sighting,
    called_otherwise,
    gravest,
    happened,
    known_as,
    outdone,
    perhaps_known_as,
)

RETRACTION, ERRATUM = CorrectionKind.RETRACTION, CorrectionKind.ERRATUM
PARTIAL, CONCERN = CorrectionKind.PARTIAL_RETRACTION, CorrectionKind.CONCERN
COMMENT, UPDATE = CorrectionKind.COMMENT, CorrectionKind.UPDATE
REPORT = ("pmid:1", "doi:10.5555/report")
OTHER = ("pmid:2", "doi:10.5555/other")


def a(
    kind: CorrectionKind, *names: str, citation: str | None = None, report: tuple[str, ...] = REPORT
) -> Sighting:
    return Sighting(kind, frozenset(report), frozenset(names), citation)


@pytest.mark.parametrize(
    ("new", "known"),
    [
        (a(RETRACTION, "doi:10.5555/n"), a(RETRACTION, "doi:10.5555/n")),
        (a(ERRATUM, "pmid:9", "doi:10.5555/n"), a(ERRATUM, "doi:10.5555/n")),
        (a(RETRACTION), a(RETRACTION, "pmid:9")),
        (a(RETRACTION, "pmid:9"), a(RETRACTION)),
        (a(RETRACTION, "pmid:9"), a(RETRACTION, "doi:10.5555/n")),
        (
            a(RETRACTION, "pmid:9", citation="Retraction, 2009-12"),
            a(RETRACTION, "doi:10.5555/n", citation="J 2010;1:2"),
        ),
        (a(CONCERN, "pmid:9"), a(CONCERN, "doi:10.5555/n")),
        (a(ERRATUM, citation="J 2001;1:2"), a(ERRATUM, "pmid:9", citation="J 2001;1:2")),
        (a(ERRATUM, "pmid:9", report=("pmid:1",)), a(ERRATUM, "pmid:9", report=("doi:10.5555/r",))),
    ],
)
def test_one_notice_is_known_under_any_of_its_names(new: Sighting, known: Sighting) -> None:
    assert known_as(new, [("known", known)]) == "known"


@pytest.mark.parametrize(
    ("new", "known"),
    [
        (a(ERRATUM, "pmid:9"), a(ERRATUM, "pmid:8")),
        (a(RETRACTION, "pmid:9"), a(RETRACTION, "pmid:8")),
        (a(ERRATUM, "pmid:9"), a(ERRATUM, "doi:10.5555/n")),
        (a(ERRATUM), a(ERRATUM)),
        (a(RETRACTION, "pmid:9"), a(ERRATUM, "pmid:9")),
        (a(CONCERN), a(RETRACTION)),
        (a(RETRACTION, "pmid:9"), a(RETRACTION, "pmid:9", report=OTHER)),
        (a(RETRACTION, "pmid:9"), a(RETRACTION, report=OTHER)),
        (
            a(RETRACTION, "pmid:9", citation="J 2004;1:2"),
            a(RETRACTION, "doi:10.5555/n", citation="Retraction, 2010-02-06"),
        ),
    ],
)
def test_what_may_be_another_notice_is_told_rather_than_lost(
    new: Sighting, known: Sighting
) -> None:
    assert known_as(new, [("known", known)]) is None


def test_the_same_document_is_preferred_to_what_is_only_taken_as_one() -> None:
    known = [("nameless", a(RETRACTION)), ("named", a(RETRACTION, "pmid:9"))]

    assert known_as(a(RETRACTION, "pmid:9"), known) == "named"


@pytest.mark.parametrize(
    ("new", "known", "otherwise"),
    [
        (a(RETRACTION, "doi:10.5555/n"), a(ERRATUM, "doi:10.5555/n"), True),
        (a(RETRACTION, "doi:10.5555/m"), a(ERRATUM, "doi:10.5555/n"), False),
        (a(PARTIAL, "pmid:9"), a(RETRACTION, "doi:10.5555/n"), True),
        (a(PARTIAL, "pmid:9"), a(RETRACTION, "pmid:8"), False),
        (a(CONCERN, "pmid:9"), a(RETRACTION, "doi:10.5555/n"), False),
        (a(RETRACTION, "pmid:9"), a(ERRATUM, "pmid:9", report=OTHER), False),
    ],
)
def test_a_notice_that_another_source_calls_otherwise_is_recognised(
    new: Sighting, known: Sighting, otherwise: bool
) -> None:
    assert called_otherwise(new, [("known", known)]) == (("known",) if otherwise else ())


@pytest.mark.parametrize(
    ("new", "known", "perhaps"),
    [
        (a(ERRATUM, "pmid:9"), a(ERRATUM, "doi:10.5555/n"), True),
        (a(ERRATUM, "pmid:9"), a(ERRATUM, "pmid:8"), False),
        (a(ERRATUM, "pmid:9"), a(ERRATUM, "doi:10.5555/n", report=OTHER), False),
        (
            a(ERRATUM, "pmid:9", citation="J 2001;1:2"),
            a(ERRATUM, "doi:10.5555/n", citation="Correction, 2010-02"),
            False,
        ),
    ],
)
def test_what_may_be_the_same_is_said(new: Sighting, known: Sighting, perhaps: bool) -> None:
    assert perhaps_known_as(new, [("known", known)]) == (("known",) if perhaps else ())


def test_of_three_words_for_one_notice_the_gravest_counts() -> None:
    known = [
        ("update", a(UPDATE, "doi:10.5555/n")),
        ("erratum", a(ERRATUM, "doi:10.5555/n")),
        ("retraction", a(RETRACTION, "doi:10.5555/n", "pmid:9")),
        ("another", a(ERRATUM, "doi:10.5555/m")),
    ]

    assert outdone(known) == {"update": "retraction", "erratum": "retraction"}


def test_what_happened_is_said_with_how_often() -> None:
    kinds = [ERRATUM, COMMENT, RETRACTION, ERRATUM, PARTIAL, CONCERN, UPDATE]

    assert happened(kinds) == (
        "retracted",
        "partly retracted",
        "under an expression of concern",
        "corrected (2 errata)",
    )
    assert happened([COMMENT, UPDATE]) == ()


def test_every_kind_has_its_gravity_and_its_name() -> None:
    assert set(GRAVITY) == set(NAMED) == set(CorrectionKind)
    assert gravest([COMMENT, CONCERN, ERRATUM]) is CONCERN
