"""Each report once, with the sources that had it, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.surveillance.report_finds import Delay, Find, FoundReport, ReportOrigin, found_reports
from extraction.model import Design, Record, RecordIds, RecordKind, Report, Study

TITLE = "Immunoglobulin in multifocal motor neuropathy: a randomised trial"
OTHER = "Subcutaneous immunoglobulin after intravenous treatment: an extension"


def a_study(*reports: Report, register_ids: tuple[str, ...] = ()) -> Study:
    return Study("doe2026", "Doe 2026", Design.PARALLEL, ("ivig", "placebo"), reports, register_ids)


def find(
    source: str,
    on: str,
    *,
    title: str = TITLE,
    at_first: bool = False,
    published_on: str | None = None,
    pmid: str | None = None,
    doi: str | None = None,
) -> Find:
    known = RecordIds(pmid=pmid, doi=doi)
    record = Record(source, f"{source}-{on}", title, ids=known, published_on=published_on)
    return Find(source, record, on, at_first)


def entry(source: str, number: str, on: str = "2026-11-25") -> Find:
    ids = RecordIds(register=(number,))
    record = Record(source, number, "An entry", RecordKind.REGISTER_ENTRY, ids=ids)
    return Find(source, record, on, False)


def of(study: Study, *finds: Find, published: Study | None = None) -> Sequence[FoundReport]:
    return found_reports(study, finds, published=published)


def only(*finds: Find) -> FoundReport:
    (report,) = of(a_study(), *finds)
    return report


def test_records_with_a_common_id_are_one_report() -> None:
    report = only(
        find("pubmed", "2026-11-25", pmid="1", doi="10.1/a"),
        find("europepmc", "2026-11-26", title="Otherwise worded", doi="10.1/a"),
    )

    assert report.sources == ("pubmed", "europepmc")
    assert report.first == ("pubmed",)


def test_a_record_that_bears_ids_of_two_others_joins_them() -> None:
    report = only(
        find("pubmed", "2026-11-25", pmid="1"),
        find("crossref", "2026-11-26", doi="10.1/a"),
        find("europepmc", "2026-11-27", pmid="1", doi="10.1/a"),
    )

    assert report.sources == ("pubmed", "crossref", "europepmc")


def test_records_that_were_merged_are_one_report() -> None:
    one, other = find("pubmed", "2026-11-25", pmid="1"), find("embase", "2026-11-20", title=OTHER)
    (report,) = found_reports(
        a_study(), [one, other], published=None, same={(other.record.key, one.record.key)}
    )

    assert report.sources == ("embase", "pubmed")


def test_two_sources_that_found_it_on_one_day_are_both_first() -> None:
    report = only(find("pubmed", "2026-11-25", pmid="1"), find("embase", "2026-11-25", pmid="1"))

    assert set(report.first) == {"pubmed", "embase"}


def test_what_a_source_gave_twice_counts_from_the_first_time() -> None:
    report = only(find("embase", "2026-12-01", pmid="1"), find("embase", "2026-11-01", pmid="1"))

    assert [each.found_on for each in report.finds] == ["2026-11-01"]


def test_a_report_of_the_published_review_is_told_as_such_whoever_finds_it() -> None:
    published = a_study(Report(f"Doe J. {TITLE}. J Test 2026"), Report("Lost. J Test 1990"))
    found, lost = of(published, find("pubmed", "2026-11-25", pmid="1"), published=published)

    assert (found.origin, found.sources) == (ReportOrigin.PUBLISHED, ("pubmed",))
    assert (lost.origin, lost.sources) == (ReportOrigin.PUBLISHED, ())


def test_a_report_that_people_named_and_no_search_found_is_told_as_such() -> None:
    later = a_study(Report("Found by hand", RecordIds(pmid="7")))
    (report,) = of(later, published=a_study())

    assert report.origin is ReportOrigin.PEOPLE


def test_a_report_that_people_named_and_a_search_found_is_the_searches() -> None:
    later = a_study(Report("Found by hand", RecordIds(pmid="7")))
    (report,) = of(later, find("pubmed", "2026-11-25", pmid="7"))

    assert (report.origin, report.cited) == (ReportOrigin.SEARCHES, "Found by hand")


def test_an_entry_of_a_register_and_an_article_are_two_reports() -> None:
    study = a_study(register_ids=("NCT00000001",))
    article = find("pubmed", "2026-11-25", pmid="1", title="An entry")
    reports = of(study, entry("ctgov", "NCT00000001"), article, published=study)

    assert [(each.register_entry, each.sources) for each in reports] == [
        (True, ("ctgov",)),
        (False, ("pubmed",)),
    ]


@pytest.mark.parametrize(
    ("published_on", "delay"),
    [
        ("2026-11-20", Delay(5, 5)),
        ("2026-11", Delay(-5, 24)),
        ("2026-10", Delay(25, 55)),
        ("2026-12-05", Delay(-10, -10)),
        ("2026 Autumn", None),
        ("2026-13", None),
        (None, None),
    ],
)
def test_the_delay_is_as_exact_as_the_date_of_publication(
    published_on: str | None, delay: Delay | None
) -> None:
    assert only(find("pubmed", "2026-11-25", published_on=published_on)).delay == delay


def test_what_the_first_search_found_may_have_been_there_for_long() -> None:
    old = find("pubmed", "2026-11-25", published_on="2019-01-01", at_first=True)
    ahead_of_print = find("pubmed", "2026-11-25", published_on="2026-12-01", at_first=True)

    assert only(old).delay is None
    assert only(ahead_of_print).delay == Delay(-6, -6)


def test_the_earliest_date_counts_as_exactly_as_a_source_tells_it() -> None:
    report = only(
        find("pubmed", "2026-11-25", pmid="1", published_on="2026"),
        find("europepmc", "2026-11-26", pmid="1", published_on="2026-10-02"),
        find("embase", "2026-11-27", pmid="1", published_on="2026-12"),
    )

    assert report.published_on == "2026-10-02"
