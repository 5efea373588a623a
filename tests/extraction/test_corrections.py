"""Notices: which is known already, whichever source tells of it."""

from __future__ import annotations

import pytest

from extraction.corrections import Sighting, called_otherwise, known_as
from extraction.model import CorrectionKind

RETRACTION, ERRATUM = CorrectionKind.RETRACTION, CorrectionKind.ERRATUM


def a(kind: CorrectionKind, *names: str, citation: str | None = None) -> Sighting:
    return Sighting(kind, frozenset(names), citation)


@pytest.mark.parametrize(
    ("new", "known"),
    [
        (a(RETRACTION, "doi:10.5555/n"), a(RETRACTION, "doi:10.5555/n")),
        (a(ERRATUM, "pmid:9", "doi:10.5555/n"), a(ERRATUM, "doi:10.5555/n")),
        (a(RETRACTION), a(RETRACTION, "pmid:9")),
        (a(RETRACTION, "pmid:9"), a(RETRACTION)),
        (a(RETRACTION, "pmid:9"), a(RETRACTION, "doi:10.5555/n")),
        (a(ERRATUM, citation="J 2001;1:2"), a(ERRATUM, "pmid:9", citation="J 2001;1:2")),
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
    ],
)
def test_what_may_be_another_notice_is_told_rather_than_lost(
    new: Sighting, known: Sighting
) -> None:
    assert known_as(new, [("known", known)]) is None


def test_a_notice_that_another_source_calls_otherwise_is_said() -> None:
    known = [("known", a(ERRATUM, "doi:10.5555/n"))]

    assert called_otherwise(a(RETRACTION, "doi:10.5555/n"), known) is ERRATUM
    assert called_otherwise(a(RETRACTION, "doi:10.5555/other"), known) is None
