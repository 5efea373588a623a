"""How one field of two made-up records compares, on both sides of each threshold."""

from __future__ import annotations

import pytest

from extraction.duplicates import Sameness, compare
from extraction.duplicates.comparison import title_likeness
from extraction.duplicates.features import features
from extraction.duplicates.fields import (
    compare_authors,
    compare_journals,
    compare_pages,
    compare_volumes,
    compare_years,
)
from tests.extraction.made_up import TITLE, abstract, record

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"


def names(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Ursin A, Opitz B", "Ursin A, Rossi M", AGREES),  # half, with the first
        ("Ursin A, Opitz B, Lind C", "Ursin A, Rossi M, Vale Q", UNKNOWN),  # a third, with it
        ("Ursin A, Opitz B, Lind C, Moor D", "Opitz B, Lind C, Moor D, Ursin A", AGREES),  # all
        ("Ursin A, Opitz B, Lind C, Moor D", "Opitz B, Lind C, Moor D, Vale Q", AGREES),  # 3 of 4
        ("Ursin A, Opitz B, Lind C", "Opitz B, Lind C, Vale Q", UNKNOWN),  # two of three
        ("Ursin A, Opitz B, Lind C, Moor D", "Vale Q, Opitz B, Wood R, Yew S", UNKNOWN),  # 1 of 4
        ("Ursin A, Opitz B, Lind C, Moor D, Noor E", "Vale Q, Opitz B, Wood R, Xu S, Yew Z",
         DIFFERS),
        ("Ursin A, Opitz B, Lind C, Moor D, Noor E", "Ursin A, Vale Q, Wood R, Yew S, Zorn Y",
         UNKNOWN),  # the first alone
        ("Tschaikow A", "Tschaikov A", UNKNOWN),  # a transliteration
        ("Marquand A", "Marquazi A", UNKNOWN),  # three letters of four
        ("Marquan A", "Marquzi A", DIFFERS),
        ("Chaykovsky P", "Tschaikowski P", DIFFERS),
        ("Ursin A", "Vale Q", DIFFERS),
        ("Ursin A", "", UNKNOWN),
        ("", "", UNKNOWN),
    ],
)  # fmt: skip
def test_authors_agree_by_the_share_of_their_names(one: str, other: str, said: str) -> None:
    pair = [features(record(authors=names(each))) for each in (one, other)]

    assert compare_authors(*pair) == compare_authors(*reversed(pair)) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (2021, 2021, AGREES),
        (2021, 2022, UNKNOWN),
        (2021, 2023, DIFFERS),
        (None, 2021, UNKNOWN),
        (2021, None, UNKNOWN),
    ],
)
def test_a_year_apart_says_nothing(one: int | None, other: int | None, said: str) -> None:
    assert compare_years(features(record(year=one)), features(record(year=other))) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("The Lancet", "Lancet", AGREES),
        ("J Clin Oncol", "Journal of Clinical Oncology", AGREES),
        ("Clin Oncol J", "Journal of Clinical Oncology", DIFFERS),
        ("BMJ", "British Medical Journal", AGREES),
        ("BMX", "British Medical Journal", DIFFERS),
        ("Revista Brasileira de Medicina", "Revista Brazileira de Medicina", AGREES),
        ("Quarterly of Pain", "Quarterly of Rain", AGREES),  # a letter in fourteen
        ("Neurology", "Neuralogy", AGREES),  # one in nine
        ("Vaccines", "Vaccinez", DIFFERS),  # one in eight
        ("Journal of Pain", "Annals of Pain", DIFFERS),
        ("Lancet", None, UNKNOWN),
    ],
)
def test_journals_agree_by_words_abbreviation_or_initials(
    one: str | None, other: str | None, said: str
) -> None:
    pair = [features(record(journal=each)) for each in (one, other)]

    assert compare_journals(*pair) == compare_journals(*reversed(pair)) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"volume": "12"}, {"volume": "12(3)"}, AGREES),
        ({"volume": "12"}, {"volume": "13"}, DIFFERS),
        ({"volume": "2021"}, {"volume": "13"}, UNKNOWN),  # a year in its place
        ({"volume": "3"}, {"volume": "13"}, UNKNOWN),  # an issue in its place
        ({"volume": "3", "issue": None}, {"volume": "13", "issue": None}, DIFFERS),
        ({"volume": None}, {"volume": "13"}, UNKNOWN),
    ],
)
def test_volumes_agree_unless_a_year_or_an_issue_stands_there(
    one: dict[str, str | None], other: dict[str, str | None], said: str
) -> None:
    pair = [features(record(**each)) for each in (one, other)]

    assert compare_volumes(*pair) == compare_volumes(*reversed(pair)) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("100-110", "100", AGREES),
        ("S55", "55", AGREES),  # the letter of a supplement
        ("99-110", "100-110", AGREES),  # one end
        ("105", "100-110", AGREES),  # within
        ("110", "100-110", AGREES),
        ("111", "100-110", DIFFERS),
        ("101-105", "100-110", DIFFERS),
        ("100-110", "200-210", DIFFERS),
        ("1-9", "200-210", UNKNOWN),  # counted from 1
        ("e0250001", "200-210", UNKNOWN),  # an e-location here
        ("e0250001", "e0250002", DIFFERS),
        ("", "100", UNKNOWN),
    ],
)
def test_pages_agree_by_where_they_begin_end_or_lie(one: str, other: str, said: str) -> None:
    pair = [features(record(pages=each)) for each in (one, other)]

    assert compare_pages(*pair) == compare_pages(*reversed(pair)) == said


def test_a_title_without_its_subtitle_is_near_unless_it_is_short() -> None:
    long, short = features(record(TITLE)), features(record(TITLE.partition(":")[0]))
    shorter = features(record(" ".join(TITLE.split()[:4])))

    assert title_likeness(long, short) == 94
    assert title_likeness(long, shorter) < 74


def test_a_title_unlike_the_other_is_new_unless_an_article_has_its_doi() -> None:
    other = "Wirkung bei einer seltenen Krankheit: Ergebnisse"
    doi = "10.5555/m.1"

    assert compare(record(), record(other)).answer is Sameness.NEW
    assert compare(record(doi=doi), record(other, doi=doi)).answer is Sameness.SAME
    assert compare(abstract(doi=doi), abstract(other, doi=doi)).answer is Sameness.NEW
