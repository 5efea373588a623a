"""How one field of two made-up records compares, on both sides of each threshold."""

from __future__ import annotations

from typing import Any

import pytest

from extraction.duplicates import Sameness, compare
from extraction.duplicates.features import features
from extraction.duplicates.fields import (
    compare_authors,
    compare_journals,
    compare_pages,
    compare_volumes,
    compare_years,
)
from extraction.duplicates.side_by_side import title_likeness
from tests.extraction.made_up import TITLE, abstract, bare, entry, record

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"


def names(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def names_of(*people: int) -> str:
    """Write some of many people, each with a name that is like no other's."""
    return ", ".join(
        f"{chr(97 + person % 26) * 4}{chr(107 + person // 26) * 4} A" for person in people
    )


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
        (names_of(*range(5), *range(20, 26)), names_of(*range(5), *range(30, 36)), UNKNOWN),  # 5/11
        (names_of(20, 0, 1, 2, 3, 4, 21), names_of(30, 0, 1, 2, 3, 4, 31), AGREES),  # 5 of 7
        ("Tschaikow A", "Tschaikov A", UNKNOWN),  # a transliteration
        ("Marquand A", "Marquazi A", UNKNOWN),  # three letters of four
        ("Marquandvillers A", "Marquandvilxxyz A", DIFFERS),
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
        ("BMJ Open", "British Medical Journal", DIFFERS),
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
    one: dict[str, Any], other: dict[str, Any], said: str
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
        ("100-103", "103-110", AGREES),  # it goes on there
        ("103", "103-110", AGREES),
        ("100-103", "104-110", DIFFERS),
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


def fifty_letters(otherwise: int) -> str:
    """Write a title of fifty letters, the last of which are others than usual."""
    return f"Mobipomab eases the opibo syndrome of adult {'y' * (14 - otherwise)}{'z' * otherwise}"


@pytest.mark.parametrize(("letters", "likeness"), [(3, 94), (7, 86), (8, 84), (13, 74), (14, 0)])
def test_titles_are_as_alike_as_the_share_of_their_letters(letters: int, likeness: int) -> None:
    usual, other = (features(record(fifty_letters(each))) for each in (0, letters))

    assert len(usual.squeezed) == 50
    assert title_likeness(usual, other) == pytest.approx(likeness)


@pytest.mark.parametrize(
    ("letters", "rule"), [(3, "S5"), (4, "M6"), (7, "M6"), (8, "M7"), (13, "M7"), (14, "N1")]
)
def test_the_less_alike_the_titles_the_more_else_must_agree(letters: int, rule: str) -> None:
    pair = [record(fifty_letters(each), journal=journal) for each, journal in
            ((0, "A journal"), (letters, None))]  # fmt: skip

    assert compare(*pair).rule == rule


@pytest.mark.parametrize(("letters", "near"), [(30, True), (29, False)])
def test_a_beginning_counts_as_the_title_from_thirty_letters_on(letters: int, near: bool) -> None:
    long = fifty_letters(0) + " and forty more letters than are in this one"
    short = "".join(features(record(long)).squeezed[:letters])

    likeness = title_likeness(features(record(long)), features(record(short)))

    assert (likeness == 94) is near


def test_a_title_without_its_subtitle_is_near_unless_it_is_short() -> None:
    long, short = features(record(TITLE)), features(record(TITLE.partition(":")[0]))
    shorter = features(record(" ".join(TITLE.split()[:4])))

    assert title_likeness(long, short) == 94
    assert title_likeness(long, shorter) < 74


def test_fields_order_what_is_alike() -> None:
    others = record(authors=("Vale Q", "Wood R"))

    assert compare(record(), record()).strength == 100 + 5 * 2
    assert compare(record(), others).strength == 100 + 4 * 2 - 5
    assert compare(entry("NCT04000001"), entry("NCT04000001")).strength == 100
    assert compare(record(), entry("NCT04000001")).answer is Sameness.NEW


def test_the_reasons_quote_the_first_words_that_differ() -> None:
    longer = bare(f"{TITLE} among fishermen gardeners plumbers carpenters bakers weavers")
    slips = bare(TITLE.replace("mobipomab", "mobipomap").replace("opibom", "opibon"))

    assert compare(bare(), longer).reasons[0] == "nearly the same title"
    assert compare(bare(), longer).reasons[-1] == (
        "only one title says 'among fishermen gardener plumber carpenter'"
    )
    assert sum("stands in one title only" in each for each in compare(bare(), slips).reasons) == 2


def test_a_title_unlike_the_other_is_new_unless_an_article_has_its_doi() -> None:
    other = "Wirkung bei einer seltenen Krankheit: Ergebnisse"
    doi = "10.5555/m.1"

    assert compare(record(), record(other)).answer is Sameness.NEW
    assert compare(record(doi=doi), record(other, doi=doi)).answer is Sameness.SAME
    for pair in ((abstract, abstract), (abstract, record), (record, abstract)):
        one, another = pair
        assert compare(one(doi=doi), another(other, doi=doi)).answer is Sameness.NEW
