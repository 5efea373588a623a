"""Pairs that look like one report and are two: none may be merged without a person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from extraction.duplicates import Sameness, compare, find_duplicates
from extraction.model import Record
from tests.extraction.made_up import TITLE, abstract, bare, record

DOI = "10.5555/m.1"
REVIEW = "Mobipomab for opibom syndrome"
COCHRANE = {"journal": "Cochrane Database of Systematic Reviews", "volume": None}


def cochrane(year: int, issue: str, **fields: object) -> Record:
    return record(
        REVIEW, **(COCHRANE | {"year": year, "issue": issue, "pages": "CD001234"} | fields)
    )


def traps() -> Iterator[tuple[str, Record, Record]]:
    """Yield each trap with its name: the second is another report than the first."""
    for number, other in (("I", "II"), ("1", "2"), ("one", "two")):
        first = record(f"{TITLE}. Part {number}", pages="100-109")
        yield f"part {number} and {other}", first, record(f"{TITLE}. Part {other}", pages="110-119")
    first = record(f"{TITLE}: part 1", pages="100-105")
    yield (
        "a part on the page where the first ends",
        first,
        record(f"{TITLE}: part 2", pages="105-110"),
    )
    for word in (
        "Corrigendum to",
        "Erratum:",
        "Retraction:",
        "Correction to",
        "Expression of concern:",
    ):
        yield word, record(), record(f"{word} {TITLE}", pages="380")
        yield f"{word} in the same issue", record(), record(f"{word} {TITLE}", pages="109-110")
        yield (
            f"{word} under its DOI",
            record(doi=DOI),
            record(f"{word} {TITLE}", doi=DOI, pages="380"),
        )
    yield (
        "an erratum by its place",
        record(),
        record(f"{TITLE} (vol 12, pg 100, 2021)", pages="380"),
    )
    yield "two works of one title in one issue", record(), record(pages="200-209")
    yield "a work that an issue prints twice", record(), record(pages="e8-e9")
    yield "another volume", record(), record(volume="21")
    yield (
        "protocol and results",
        record(),
        record(f"{TITLE}: study protocol", journal="Trials", year=2019),
    )
    yield (
        "protocol in the same journal",
        record(),
        record(f"Rationale and design of: {TITLE}", year=2019),
    )
    yield "a meeting's abstract and its paper", record(), abstract(journal="Neurology", year=2020)
    yield "an abstract and its paper in one journal", record(volume="13", year=2021), abstract()
    yield "an abstract without a place and its paper", bare(), abstract(pages=None, volume=None)
    yield (
        "abstracts of two meetings",
        abstract(),
        abstract(journal="Annals of Meetings", pages="P7"),
    )
    yield "abstracts of one meeting in two years", abstract(), abstract(year=2023, volume="14")
    for one, other in (("2019", "2020"), ("2019 update", "2021 update"), ("2019", "2019 update")):
        yield (
            f"{one} and {other}",
            record(f"Guideline on opibom syndrome: {one}", pages="1-20"),
            record(f"Guideline on opibom syndrome: {other}", pages="1-20", volume="13", year=2020),
        )
    yield "a review and its update", cochrane(2019, "3"), cochrane(2021, "9")
    yield "editions a year apart", cochrane(2020, "12"), cochrane(2021, "1")
    yield "a reply", record(pages="300"), record(f"{TITLE}: authors' reply", pages="300")
    yield "a comment", record(), record(f"Comment on: {TITLE}", authors=("Vale Q",), pages="300")
    yield "the same title in two journals", bare(), bare(journal="Quarterly of Other Matters")
    yield "the same title by others", record(), record(authors=("Vale Q", "Wood R"))
    yield (
        "republished",
        record(),
        record(journal="Quarterly of Other Matters", volume="3", pages="7-9"),
    )
    yield "a preprint", bare(journal="medRxiv", doi="10.64898/1"), bare(doi=DOI)
    yield "a subgroup", record(), record(f"{TITLE}: a subgroup analysis", pages="111-120")
    yield "other people", record(), record(TITLE.replace("adults", "children"), pages="111-120")
    yield "another drug", record(), record(TITLE.replace("mobipomab", "vedolomab"), pages="111-120")
    yield "two columns of one issue", record("Editorial"), record("Editorial", pages="200-201")
    yield (
        "a column in two issues",
        record("From the editor", pages="1-2"),
        record("From the editor", issue="4", volume="13", pages="1-2"),
    )
    yield (
        "the first and the follow-up",
        record(),
        record(f"{TITLE}: five-year follow-up", year=2026),
    )
    yield (
        "two abstracts that share a page",
        abstract(TITLE),
        abstract(TITLE.replace("safety", "dosage")),
    )


TRAPS = {name: (one, other) for name, one, other in traps()}


@pytest.mark.parametrize("name", TRAPS)
def test_two_reports_are_never_merged_without_a_person(name: str) -> None:
    one, other = TRAPS[name]

    assert compare(one, other).answer is not Sameness.SAME
    assert compare(other, one).answer is not Sameness.SAME


def test_no_trap_pulls_another_record_along() -> None:
    records = [record for pair in TRAPS.values() for record in pair]
    cluster_of = {at: n for n, each in enumerate(find_duplicates(records).clusters) for at in each}

    for place, name in enumerate(TRAPS):
        one, other = (cluster_of.get(2 * place + at, -1 - at) for at in (0, 1))
        assert one != other, name


ONE_REPORT = {
    "names written the other way round": (
        record(doi=DOI), record(doi=DOI, authors=("Anna U", "Bert O", "Mario R"))),
    "pages that go on elsewhere": (record(pages="100-103"), record(pages="103-110", volume="12")),
    "a supplement by its letter": (
        record(authors=(), pages=None, issue="Supplement H"),
        record(authors=(), pages=None, issue="Suppl H")),
    "a supplement by its pages": (
        record(pages="i22-i23", volume="1", issue=None), record(pages=None, issue="Suppl. 1")),
    "joined or parted": (
        bare(TITLE.replace("adults", "non-immune adults"), doi=DOI),
        bare(TITLE.replace("adults", "nonimmune adults"), doi=DOI)),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_REPORT)
def test_a_slip_of_a_database_is_seen_through(name: str) -> None:
    one, other = ONE_REPORT[name]

    found = compare(one, other)
    assert (found.answer, found.rule[:1]) == (Sameness.SAME, "S")
    assert found.reasons
