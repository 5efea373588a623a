"""The rulebook of duplicates, a row for each rule: what it fires on, and what it just does not.

A row's first pairs are signed by the rule; the others differ from the first in one thing, and the
rule lets them go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from extraction.duplicates import Sameness, compare
from extraction.duplicates.features import features
from extraction.duplicates.rules import (
    AGAINST,
    AGAINST_TITLES,
    AGAINST_WORDS,
    MAYBE,
    SAME,
    DuplicateRule,
    Objection,
    objections,
)
from extraction.duplicates.side_by_side import SideBySide, put_side_by_side, title_likeness
from extraction.model import Record
from tests.extraction.made_up import AUTHORS, TITLE, abstract, bare, entry, record

Pair = tuple[Record, Record]
Row = tuple[Sequence[Pair], Sequence[Pair]]

RULEBOOK: list[DuplicateRule | Objection] = [
    *SAME,
    *MAYBE,
    *AGAINST,
    *AGAINST_TITLES,
    *AGAINST_WORDS,
]
DOI = "10.5555/m.1"
ELSEWHERE = "Quarterly of Other Matters"
OTHERS = ("Vale Q", "Wood R", "Young S")
GROUP = ("OPIBOM Study Group",)
GERMAN = "Wirkung bei einer seltenen Krankheit: Ergebnisse"
LIKE = f"Zooming inwards: {TITLE}"
LESS_ALIKE = TITLE.replace(" in adults with opibom syndrome", "")
SLIP = TITLE.replace("mobipomab", "mobipomap")
COLUMN = "Editorial"
NUMBER, OTHER_NUMBER = "NCT04000001", "NCT04000002"


def one_doi(title: str = TITLE, **fields: Any) -> Record:
    """Write the article under the DOI that both bear."""
    return record(title, doi=DOI, **fields)


def meeting(**fields: Any) -> Record:
    """Write a meeting's abstract as some export it: nobody's, and without pages."""
    return record(**({"authors": (), "pages": None, "issue": "Suppl 1"} | fields))


def review(**fields: Any) -> Record:
    """Write a review that is printed anew under its number."""
    return record(**({"volume": None, "issue": None, "pages": "CD001234"} | fields))


SIGNED: Mapping[str, Row] = {
    "S1": (
        [
            (record(), record(TITLE.upper())),
            (record(), record(SLIP)),
            (record(), record(authors=GROUP)),
            (record(authors=()), record(authors=())),
            (one_doi(), one_doi()),
        ],
        [
            (record(), record(pages="100-109")),
            (record(pages="100"), record(pages="100")),
            (record(), record(year=2020)),
            (record(), record(journal=None)),
            (record(), record(volume=None)),
            (record(), record(SLIP, authors=GROUP)),
            (record(), record(authors=OTHERS)),
            (record(issue="Suppl 1"), record(issue="Suppl 1")),
            (record(), record(issue="Suppl 1")),
            (record(COLUMN), record(COLUMN)),
        ],
    ),
    "S2": (
        [
            (one_doi(), one_doi(year=2018)),
            (one_doi(), bare(doi=DOI)),
            (one_doi(), one_doi(LESS_ALIKE, year=2018)),
            (one_doi(), one_doi(year=2018, authors=())),
        ],
        [
            (one_doi(), one_doi(year=2018, journal=ELSEWHERE)),
            (one_doi(), one_doi(pages=None, authors=OTHERS)),
            (one_doi(), one_doi(GERMAN, pages=None)),
            (record(), record(year=2018)),
        ],
    ),
    "S3": (
        [
            (one_doi(), one_doi(GERMAN, pages="100")),
            (one_doi(), one_doi(GERMAN, pages="100", journal=ELSEWHERE)),
        ],
        [
            (one_doi(), one_doi(GERMAN, pages="100", year=2020)),
            (one_doi(), one_doi(GERMAN, pages="100", volume=None)),
            (one_doi(), one_doi(GERMAN, pages="200")),
            (one_doi(), one_doi(GERMAN, pages="100", authors=())),
        ],
    ),
    "S4": (
        [(record(COLUMN), record(COLUMN.upper()))],
        [
            (record(COLUMN), record(COLUMN, issue="4")),
            (record(COLUMN), record("Foreword")),
            (record(COLUMN), record(COLUMN, authors=())),
            (record(COLUMN), record(COLUMN, year=2020)),
            (record(COLUMN), record(COLUMN, pages=None)),
        ],
    ),
    "S5": (
        [
            (record(), record(pages="100")),
            (record(), record(pages="100", journal=None)),
            (record(), record(pages="100", volume=None)),
            (record(), record(SLIP, pages="100")),
        ],
        [
            (record(), record(pages="100", authors=())),
            (record(), record(pages=None)),
            (record(), record(pages="100", year=2018)),
            (record(), record(pages="100", journal=None, volume=None)),
            (record(), record(LIKE, pages="100", journal=None)),
        ],
    ),
    "S6": (
        [
            (bare(), bare()),
            (record(pages=None, year=None), record(pages=None)),
            (record(), record(volume=None, year=None)),
        ],
        [
            (bare(), bare(year=None)),
            (bare(), bare(journal=None)),
            (bare(), bare(authors=())),
            (bare(), bare(LIKE)),
            (bare(), bare(journal=ELSEWHERE)),
            (record(pages=None), record(pages=None, volume="15")),
        ],
    ),
    "S7": (
        [
            (bare(journal=None, volume="12"), record()),
            (bare(journal=None, pages="100"), record()),
        ],
        [
            # Authors and year alone: a paper and the meeting's abstract of it share them.
            (bare(journal=None), bare(journal=None)),
            (bare(journal=None), record()),
            (bare(journal=None, volume="12", year=None), record()),
            (bare(journal=None, volume="12", authors=()), record()),
            (bare(LIKE, journal=None, volume="12"), record()),
            (bare(journal=ELSEWHERE, volume="12"), record()),
        ],
    ),
    "S8": (
        [
            (record(), record(authors=(), pages="100")),
            (record(), record(SLIP, authors=(), pages="100")),
        ],
        [
            (record(), record(authors=(), pages="100", year=2020)),
            (record(), record(authors=(), pages="100", journal=None)),
            (record(), record(authors=(), pages=None)),
            (record(), record(authors=OTHERS, pages="100")),
            (record(), record(LIKE, authors=(), pages="100")),
        ],
    ),
    "S9": (
        [(meeting(), meeting()), (meeting(issue="Suppl. H"), meeting(issue="Supplement H"))],
        [
            (meeting(), meeting(issue="Suppl 2")),
            (meeting(issue="Supplement H"), meeting(issue="Supplement G")),
            (meeting(issue=None), meeting(issue=None)),
            (meeting(), meeting(authors=AUTHORS)),
            (meeting(), meeting(volume=None)),
            (meeting(), meeting(journal=None)),
            (meeting(), meeting(year=2020)),
            (meeting(), meeting(title=SLIP)),
            (meeting(pages="A1"), meeting(pages="A9")),
        ],
    ),
    "S10": (
        [(record(), record(LIKE, journal=None))],
        [
            (record(), record(LIKE, journal=None, authors=())),
            (record(), record(LIKE, journal=None, volume=None)),
            (record(), record(LIKE, journal=None, pages=None)),
            (record(), record(LESS_ALIKE, journal=None)),
            (record(), record(LIKE, journal=ELSEWHERE)),
        ],
    ),
    "S11": (
        [
            (record(), record(year=2018)),
            (record(), record(journal=ELSEWHERE)),
            (record(), record(LIKE, year=2018)),
        ],
        [
            (record(), record(year=2018, journal=ELSEWHERE)),
            (record(), record(year=2018, pages="200")),
            (record(), record(year=2018, pages=None)),
            (record(), record(year=2018, volume=None)),
            (record(), record(year=2018, authors=())),
            (record(), record(LESS_ALIKE, year=2018)),
            (record(), record(volume="15")),
        ],
    ),
    "S12": (
        [(entry(NUMBER), entry(NUMBER, SLIP))],
        [
            (entry(NUMBER), entry(OTHER_NUMBER)),
            (entry(NUMBER), entry(NUMBER, GERMAN)),
            (entry(NUMBER), entry(NUMBER, f"{TITLE} (part 2)")),
            (entry(NUMBER), entry(NUMBER, TITLE.replace("adults", "children"))),
            (entry(NUMBER), record(register=NUMBER)),
        ],
    ),
    "S13": (
        [(one_doi(), one_doi(authors=OTHERS))],
        [
            (one_doi(), one_doi(authors=OTHERS, year=2020)),
            (one_doi(), one_doi(authors=OTHERS, volume=None)),
            (one_doi(), one_doi(authors=OTHERS, journal=None)),
            (one_doi(), one_doi(authors=OTHERS, pages="100")),
            (one_doi(), one_doi(SLIP, authors=OTHERS)),
            (one_doi(issue="Suppl 1"), one_doi(authors=OTHERS, issue="Suppl 1")),
            (record(), record(authors=OTHERS)),
        ],
    ),
    "M1": (
        [
            (record(COLUMN, pages="1"), record(COLUMN, issue="4", pages="1")),
            (record(COLUMN), record(COLUMN, authors=())),
            (record(COLUMN, doi=DOI), record(COLUMN, doi=DOI, issue="4")),
            # One spelling of a title says that it is a column, the other does not.
            (record("What's new in opibom"), record("Whats new in opibom", issue="4")),
        ],
        [
            (record(COLUMN, doi=DOI, issue="3"), record(COLUMN, doi="10.5555/m.2", issue="4")),
            (record(COLUMN), record(COLUMN, authors=OTHERS)),
            (record(COLUMN), record(COLUMN, issue="4", pages="200")),
            (record(COLUMN), record("Editorials and more", issue="4")),
        ],
    ),
    "M2": (
        [
            (one_doi(), one_doi(year=2018, journal=ELSEWHERE)),
            (one_doi(), one_doi(authors=OTHERS, pages=None)),
            (one_doi(), one_doi(LIKE, authors=OTHERS, pages=None)),
        ],
        [
            (one_doi(), one_doi(LESS_ALIKE, authors=OTHERS, pages=None)),
            (record(), record(authors=OTHERS, pages=None)),
        ],
    ),
    "M3": (
        [
            (one_doi(), one_doi(GERMAN, pages=None)),
            (one_doi(), one_doi(GERMAN, pages=None, authors=())),
            (one_doi(), one_doi(LESS_ALIKE, year=2018, journal=ELSEWHERE)),
        ],
        [
            (one_doi(), one_doi(GERMAN, pages=None, authors=OTHERS)),
            (record(), record(GERMAN, pages=None)),
        ],
    ),
    "M4": (
        [
            (bare(doi=DOI), bare(doi="10.5555/m.2")),
            (bare(), bare(journal=ELSEWHERE, authors=())),
            (bare(), bare(SLIP)),
        ],
        [
            (bare(), bare(authors=OTHERS)),
            (bare(), bare(LIKE)),
        ],
    ),
    "M5": (
        [
            (record(), record(authors=OTHERS)),
            (record(), record(SLIP, authors=OTHERS)),
        ],
        [
            (record(), record(authors=OTHERS, pages="200")),
            (record(), record(LIKE, authors=OTHERS)),
            (record(), record(authors=(), pages="200")),
        ],
    ),
    "M6": (
        [
            (bare(), bare(LIKE)),
            (record(), record(LIKE, authors=(), journal=None, year=None)),
        ],
        [
            (bare(), bare(LIKE, year=None)),
            (bare(), bare(LIKE, authors=OTHERS)),
            (record(), record(LIKE, authors=OTHERS)),
            (record(), record(LESS_ALIKE, authors=())),
        ],
    ),
    "M7": (
        [(record(), record(LESS_ALIKE, journal=None))],
        [
            (record(), record(LESS_ALIKE, authors=())),
            (record(), record(LESS_ALIKE, pages=None)),
        ],
    ),
    "M8": (
        [
            (entry(NUMBER), entry(NUMBER, GERMAN)),
            (entry(NUMBER), entry(NUMBER, f"{TITLE} (part 2)")),
        ],
        [(entry(NUMBER), entry(OTHER_NUMBER, GERMAN))],
    ),
}
OBJECTED: Mapping[str, Row] = {
    "O1": (
        [
            (bare(), bare(f"Corrigendum: {TITLE}")),
            (bare(), bare(TITLE.replace("adults", "children"))),
            (bare(), bare(TITLE.replace("a randomised", "a non-randomised"))),
        ],
        [
            (bare(), bare(f"{TITLE} [Erratum appears in J Invent Med. 2021 Jun;12(4):380]")),
            (
                bare(TITLE.replace("adults", "non-immune adults")),
                bare(TITLE.replace("adults", "nonimmune adults")),
            ),
        ],
    ),
    "O2": (
        [(bare(doi=DOI), bare(doi="10.5555/m.2"))],
        [(bare(doi=DOI), bare()), (bare(doi=DOI), bare(doi=DOI))],
    ),
    "O3": (
        [(bare(pmid="1001"), bare(pmid="1002"))],
        [(bare(pmid="1001"), bare()), (bare(pmid="1001"), bare(pmid="1001"))],
    ),
    "O4": (
        [(bare(register=NUMBER), bare(register=OTHER_NUMBER))],
        [
            (bare(register=NUMBER), bare()),
            (bare(register=NUMBER), bare(register=f"{NUMBER} {OTHER_NUMBER}")),
        ],
    ),
    "O5": (
        [(bare(journal="Research Square"), bare())],
        [(bare(journal="Research Square"), bare(journal="Research Square"))],
    ),
    "O6": (
        [
            (record(), abstract(pages=None, volume=None)),
            (record(), record(issue="Suppl 1", journal=None)),
            (record(), abstract(pages="A1", volume=None)),
        ],
        [
            (record(), abstract(pages=None)),
            (record(), record(issue="Suppl 1", volume=None)),
            (abstract(pages=None, volume=None), abstract(pages=None, volume=None)),
            # A page of a supplement, by the roman number before it.
            (record(pages="ii22-ii23", volume="1"), abstract(pages=None)),
        ],
    ),
    "O7": (
        [(bare(issue="3"), bare(issue="4"))],
        [
            (bare(issue="3"), bare()),
            (bare(issue="3"), bare(issue="3")),
            (bare(issue="3", doi=DOI), bare(issue="4", doi=DOI)),
            (record(), record(issue="4")),
            # Embase writes an article's number in the place of the issue.
            (bare(issue="3", pages="300"), bare(issue="300", pages="e17")),
            (abstract(issue="Suppl 1", pages="A1"), abstract(issue="Meeting 1", pages="A2")),
        ],
    ),
    "O8": (
        [(abstract(), abstract(SLIP)), (abstract(pages="A10-A11"), abstract(SLIP))],
        [
            (abstract(), abstract(TITLE.upper())),
            (abstract(pages="A10-A11"), abstract(SLIP, pages="A10-A11")),
            (abstract(), record(SLIP)),
        ],
    ),
    "O13": (
        [
            (review(), review(year=2022)),
            (review(), review(pages=None, doi="10.1002/14651858.cd001234.pub2", year=2022)),
            (review(year=None), review()),
        ],
        [
            (review(), review()),
            (review(doi=DOI), review(doi=DOI, year=2022)),
            (review(pages="100"), review(pages="100", year=2022)),
        ],
    ),
    "O9": (
        [(bare(f"{TITLE}: 10 mg daily"), bare(f"{TITLE}: 20 mg daily"))],
        [
            (bare(f"A phase II trial: {TITLE}"), bare(f"A phase 2 trial: {TITLE}")),
            # Printed as one: the number is a slip.
            (record(f"{TITLE}: 10 mg daily"), record(f"{TITLE}: 20 mg daily")),
            (one_doi(f"{GERMAN} 1"), one_doi(f"{TITLE} 2", pages=None)),
        ],
    ),
    "O10": (
        [(bare(), bare(TITLE.replace("safety", "dosage")))],
        [
            (bare(f"{TITLE}: tumours"), bare(f"{TITLE}: tumors")),
            (bare(), bare(f"Severe: {TITLE}")),
        ],
    ),
    "O11": (
        [
            (bare(), bare(TITLE.replace("adults", "severe adults"))),
            (record(), record(TITLE.replace("adults", "severe adults"), pages="100")),
            (record(), record(TITLE.replace("adults", "severe adults"), volume=None)),
            (abstract(doi=DOI), abstract(TITLE.replace("adults", "severe adults"), doi=DOI)),
        ],
        [
            (record(), record(TITLE.replace("adults", "severe adults"), journal=None)),
            (bare(doi=DOI), bare(TITLE.replace("adults", "severe adults"), doi=DOI)),
            (bare(), bare(TITLE.replace("Efficacy and", "Efficacy and of the"))),
        ],
    ),
    "O12": (
        [(bare(), bare(SLIP))],
        [
            (record(), record(SLIP, pages="100")),
            (bare(doi=DOI), bare(SLIP, doi=DOI)),
            (bare(f"{TITLE}: tumours"), bare(f"{TITLE}: tumors")),
            (bare(f"Non-immune: {TITLE}"), bare(f"Nonimmune: {TITLE}")),
        ],
    ),
}


def side_by_side(pair: Pair) -> SideBySide:
    one, other = map(features, pair)
    return put_side_by_side(one, other, title_likeness(one, other))


def rows(table: Mapping[str, Row], which: int) -> list[object]:
    return [
        pytest.param(name, pair, id=f"{name}-{at}")
        for name, row in table.items()
        for at, pair in enumerate(row[which])
    ]


@pytest.mark.parametrize(("rule", "pair"), rows(SIGNED, 0))
def test_a_judgement_is_signed_by_the_first_rule_that_holds(rule: str, pair: Pair) -> None:
    said = compare(*pair)

    assert said.rule == rule
    assert said.answer is (Sameness.SAME if rule.startswith("S") else Sameness.MAYBE)
    turned = compare(*reversed(pair))
    assert (turned.answer, turned.rule, turned.strength) == (said.answer, said.rule, said.strength)


@pytest.mark.parametrize(("rule", "pair"), rows(SIGNED, 1))
def test_a_rule_lets_go_what_lacks_one_of_its_conditions(rule: str, pair: Pair) -> None:
    held = [each.name for each in (*SAME, *MAYBE) if each.holds(side_by_side(pair))]

    assert rule not in held
    assert compare(*pair).rule != rule


@pytest.mark.parametrize(("objection", "pair"), rows(OBJECTED, 0))
def test_an_objection_turns_a_merge_into_a_question(objection: str, pair: Pair) -> None:
    said, seen = compare(*pair), dict(objections(side_by_side(pair)))

    assert objection in seen
    assert seen[objection] in said.reasons
    assert (said.answer, said.apart) == (Sameness.MAYBE, True)


@pytest.mark.parametrize(("objection", "pair"), rows(OBJECTED, 1))
def test_an_objection_is_silent_without_what_it_looks_for(objection: str, pair: Pair) -> None:
    for either in (pair, (pair[1], pair[0])):
        assert objection not in dict(objections(side_by_side(either)))


def test_every_rule_has_words_a_reason_and_a_case_of_each_kind() -> None:
    names = [each.name for each in RULEBOOK]

    assert len(names) == len(set(names))
    assert {*SIGNED, *OBJECTED} == set(names)
    assert all(each.words and each.why for each in RULEBOOK)
    assert all(fires and misses for fires, misses in (*SIGNED.values(), *OBJECTED.values()))


@pytest.mark.parametrize("rule", RULEBOOK)
def test_the_docs_print_the_rulebook(rule: DuplicateRule | Objection) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "deduplication.md").read_text(encoding="utf-8")

    assert f"| {rule.name} | {rule.words} | {rule.why} |" in docs.splitlines()
