"""What other reviews include is held against each search that could find it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from bot.review.protocol import SourcePlan
from bot.surveillance.sister_checks import check_lines, checks_json, of_all_parts, sister_checks
from extraction.model import Record, RecordIds, RecordKind
from state.facts import (
    ElsewhereItem,
    KnownItemMissing,
    SearchRun,
    SisterCheck,
    SisterListTaken,
)
from state.facts.words import RunStatus

LONG = "A made-up trial of immunoglobulin in another neuropathy"
BY_PMID = ElsewhereItem("Roe 2019", "One with a PMID", ("pmid:1",))
BY_DOI = ElsewhereItem("Poe 2020", LONG, ("doi:10.1/poe",))
ENTRY = ElsewhereItem("Moe 2021", "An entry", ("register:NCT00000001",), register_entry=True)
EU_ENTRY = ElsewhereItem(
    "Joe 2022", "Of the EU", ("register:2022-500001-11-00",), register_entry=True
)


def a_list(*items: ElsewhereItem) -> SisterListTaken:
    return SisterListTaken(
        sister="A sister", file="included.ris", payload_sha256="0", items=items, person=None
    )


ALL = a_list(BY_PMID, BY_DOI, ENTRY, EU_ENTRY)


def plan(kind: str, *, register: bool = False) -> SourcePlan:
    """What a check asks of a source's plan."""
    return cast(SourcePlan, SimpleNamespace(kind=kind, is_register=register))


def check(of: SourcePlan, *records: Record) -> SisterCheck:
    (found,) = sister_checks(of, [ALL], records)
    return found


def test_what_a_search_found_and_missed_is_told_of_what_its_source_can_hold() -> None:
    found = check(plan("pubmed"), Record("pubmed", "1", "Any", ids=RecordIds(pmid="1")))

    assert (found.items, found.asked) == (4, 1)
    assert found.found == ("pmid:1",)


def test_an_article_without_a_pmid_is_not_held_against_a_source_of_pmids() -> None:
    assert [each.id for each in check(plan("pubmed")).missing] == ["pmid:1"]
    assert [each.id for each in check(plan("europepmc")).missing] == ["pmid:1", "doi:10.1/poe"]


def test_an_entry_is_held_against_its_own_register_alone() -> None:
    assert [each.id for each in check(plan("ctgov", register=True)).missing] == [ENTRY.name]
    assert [each.id for each in check(plan("ctis", register=True)).missing] == [EU_ENTRY.name]
    assert check(plan("manual", register=True)).asked == 0


def test_an_entry_is_found_by_its_number() -> None:
    ids = RecordIds(register=("NCT00000001",))
    entry = Record("ctgov", "NCT00000001", "Any", RecordKind.REGISTER_ENTRY, ids=ids)

    assert check(plan("ctgov", register=True), entry).found == (ENTRY.name,)


def test_a_title_is_enough_where_the_databases_number_is_another() -> None:
    found = check(plan("manual"), Record("embase", "L1", LONG.upper()))

    assert found.found == ("doi:10.1/poe",)


def test_a_source_that_is_asked_of_known_documents_misses_nothing() -> None:
    assert sister_checks(plan("crossref"), [ALL], []) == ()


def test_what_another_part_found_is_not_missing() -> None:
    one = SisterCheck("A sister", 4, (), (KnownItemMissing("pmid:1", "One"),))
    other = SisterCheck("A sister", 4, ("pmid:1",), ())

    assert of_all_parts(one, [one, other], whole=True) == replace(
        one, found=("pmid:1",), missing=()
    )
    assert of_all_parts(one, [], whole=False).missing == ()
    assert of_all_parts(one, [replace(other, sister="B")], whole=True) == one


def test_a_run_tells_the_denominator_and_a_failed_one_nothing() -> None:
    missing = (KnownItemMissing("pmid:1", "One with a PMID"),)
    run = a_run(SisterCheck("A sister", 4, ("doi:10.1/poe",), missing))

    assert check_lines(run) == [
        "  A sister includes 4: 2 could be found here, 1 of them were not",
        "    not found: pmid:1 One with a PMID",
    ]
    assert checks_json(run)[0]["asked"] == 2
    failed = replace(run, status=RunStatus.FAILED)
    assert (check_lines(failed), checks_json(failed)) == ([], [])


def a_run(*checks: SisterCheck) -> SearchRun:
    at = "2026-11-25T06:00:00.000000Z"
    counts = dict.fromkeys(
        ("found", "new", "known", "changed", "candidates_new", "pages", "requests"), 0
    )
    return SearchRun(
        id="pubmed-1",
        source="pubmed",
        status=RunStatus.OK,
        started_at=at,
        finished_at=at,
        query="",
        **counts,
        error=None,
        retry_at=None,
        problems=(),
        warnings=(),
        known_items_found=(),
        known_items_missing=(),
        payloads=(),
        elsewhere=checks,
    )
