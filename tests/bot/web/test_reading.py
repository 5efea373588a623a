from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import App
from bot.report.drafts import DRAFT_SUFFIX
from bot.silence.static_status import public_status
from bot.sources.upstream.clock import Clock
from state import runs, versions
from state.facts import SearchRun
from state.facts.words import RunStatus
from state.runs import KnownItemMissing
from state.tables import event
from tests.benchmarks.page import write_records
from tests.bot.builders import ADA, DORA, a_trial, add_team, an_app, an_entry, found, sign_signals
from tests.bot.web.browser import stranger, visitor, words
from tests.state.helpers import row_of_a_newer_program

PUBLISHED = (
    "2.43 (1.13 to 5.24)",
    "11.00 (2.86 to 42.25)",
    "7.00 (0.95 to 51.70)",
    "3.00 (0.89 to 10.12)",
)


def a_run(source: str, **facts: object) -> SearchRun:
    values: dict[str, object] = {
        "id": f"{source}-run",
        "source": source,
        "status": RunStatus.OK,
        "started_at": "2026-11-25T05:10:00.000000Z",
        "finished_at": "2026-11-25T05:10:20.000000Z",
        "query": '"multifocal motor neuropath*"[tiab] <raw>',
        "found": 961,
        "new": 9,
        "known": 952,
        "changed": 0,
        "candidates_new": 9,
        "pages": 5,
        "requests": 7,
        "error": None,
        "retry_at": None,
        "problems": (),
        "warnings": (),
        "known_items_found": (),
        "known_items_missing": (),
        "payloads": (),
    }
    return SearchRun(**{**values, **facts})  # type: ignore[arg-type]


def ran(app: App, *done: SearchRun) -> None:
    with app.ledger() as ledger:
        for run in done:
            runs.record_search(ledger, run)


def drafted(app: App) -> None:
    with app.ledger() as ledger:
        result = versions.versions(ledger.connection)[0].result
        versions.draft_version(
            ledger, number="3.1", kind="update", cause="a new trial", result_id=result, ordinal=1
        )
        versions.raise_signal(
            ledger, versions.StoredSignal("s-1", "3.1", "S1", "1.2", "newly excludes", True)
        )
    folder = app.files / f"3.1{DRAFT_SUFFIX}"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<!doctype html><style>h1{}</style><h1>A draft</h1>")


def test_results_show_computed_published_and_paired_with_a_forest_plot_each(app: App) -> None:
    page = visitor(app, ADA).get("/results")

    for interval in PUBLISHED:
        assert interval in words(page)
    assert page.count('<div class="plot wide"><svg') == len(app.protocol.analyses)
    assert "Published" in page
    assert "Paired" in page
    assert "derived inputs" in page


def test_the_first_page_shows_results_and_searches_at_a_glance(app: App) -> None:
    ran(app, a_run("pubmed"), a_run("ctgov", status=RunStatus.FAILED, error="answered 503"))

    page = words(visitor(app, DORA).get("/"))

    assert "PubMed up to date Last 25 Nov 2026, 05:10 GMT, 961 records found" in page
    assert "ClinicalTrials.gov failed" in page
    assert "answered 503" in page
    assert "RR 11.00 2.86 to 42.25" in page


def test_status_tells_failures_missing_items_and_the_query_verbatim(app: App) -> None:
    missing = (KnownItemMissing("pmid:1", "A lost trial"),)
    ran(
        app,
        a_run("pubmed", known_items_missing=missing),
        a_run("ctgov", status=RunStatus.FAILED, error="answered 503"),
    )

    page = words(visitor(app, ADA).get("/status"))

    assert "The last search failed. answered 503" in page
    assert "It will be tried again 30 Nov 2026, 06:20 GMT" in page
    assert "Known items not found again: pmid:1 A lost trial" in page
    assert '"multifocal motor neuropath*"[tiab] <raw>' in page


def test_the_public_status_names_no_person_and_no_record(app: App) -> None:
    found(app, a_trial(1))

    text = visitor(app, ADA).client.get("/status.json").text

    for name in ("ada", "ben", "Byron", "example.org", "99000001", "verdict"):
        assert name not in text


def test_the_open_status_holds_what_the_status_file_holds(app: App) -> None:
    assert stranger(app).client.get("/status.json").json() == public_status(app)


@pytest.mark.parametrize("name", ["%00", "a%00b", "x" * 5000, "..%2F..%2Freview.sqlite"])
def test_a_file_that_no_version_can_have_is_not_found(app: App, name: str) -> None:
    assert visitor(app, ADA).status(f"/versions/3.0/{name}") == 404


@pytest.mark.sqlite
def test_a_database_that_cannot_be_used_has_a_plain_page_and_the_service_goes_on(app: App) -> None:
    them = visitor(app, ADA)
    file = app.config.data / "review.sqlite"
    app.database.close()
    whole = file.read_bytes()
    file.write_bytes(whole[: 4096 * 20])

    answer = them.client.get("/results")
    app.database.close()
    file.write_bytes(whole)

    assert answer.status_code == 503
    assert "the database is damaged" in words(answer.text)
    assert them.status("/results") == 200


def test_a_published_version_sends_its_files_with_their_types(app: App) -> None:
    them = visitor(app, ADA)
    page = them.get("/versions/3.0")

    for file, kind in (
        ("report.html", "text/html; charset=utf-8"),
        ("results.json", "application/json"),
        ("data.csv", "text/csv; charset=utf-8"),
        ("manifest.json", "application/json"),
    ):
        assert f'href="/versions/3.0/{file}"' in page
        answer = them.client.get(f"/versions/3.0/{file}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize("address", ["/versions", "/versions/3.0"])
def test_the_published_review_has_the_day_on_which_the_world_published_it(
    app: App, address: str
) -> None:
    page = words(visitor(app, ADA).get(address)).lower()

    assert "published 11 january 2022, doi:10.1002/14651858.cd004429.pub3" in page
    assert "computed here 25 nov 2026" in page
    assert "published 25 nov 2026" not in page


def test_a_report_may_use_its_own_styles_and_nothing_else(app: App) -> None:
    answer = visitor(app, ADA).client.get("/versions/3.0/report.html")

    policy = answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style[^>]*>(.*?)</style>", answer.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=", answer.text)


def test_a_draft_is_shown_with_its_report_and_signed_on_the_page(app: App) -> None:
    drafted(app)
    ada = visitor(app, ADA)
    assert "S1 in version 3.1" in words(ada.get("/"))
    sign_signals(app, "3.1")
    assert "Draft version 3.1" in words(ada.get("/"))
    assert "A draft" in ada.get("/versions/3.1/report.html")
    assert "newly excludes" in ada.get("/versions/3.1")

    page = ada.post("/sign/3.1", verdict="accept", back="/versions/3.1")

    assert "Your signature is saved" in page
    assert "Signed accepted Ada Byron, 25 Nov 2026, 06:00 GMT" in words(page)


def test_a_rejection_gives_its_reason(app: App) -> None:
    drafted(app)
    ada = visitor(app, ADA)

    status, text = ada.refused("/sign/3.1", verdict="reject")
    page = ada.post("/sign/s-1", verdict="reject", reason="one arm was swapped")

    assert (status, "a rejection gives its reason" in text) == (422, True)
    assert "rejected Ada Byron" in words(page)
    assert "one arm was swapped" in page


def test_records_are_found_by_word_author_and_identifier(app: App) -> None:
    found(app, a_trial(1), a_trial(2), an_entry(3))
    them = visitor(app, ADA)

    assert "3 records" in them.get("/records")
    for words_typed in ("number 2 fictional", "10.5555/fiction.2", "pubmed:99000002"):
        assert "1 record of 3" in them.get(f"/records?q={words_typed}")
    assert "1 record of 3" in them.get("/records?q=nct99000003&source=ctgov")
    assert "No record matches" in them.get("/records?q=zebra")


def linked(page: str, way: str) -> str:
    """Return the address of the page before or after this one."""
    (address,) = re.findall(rf'href="([^"]+)" rel="{way}"', page)
    return unescape(address)


def test_a_long_list_is_read_page_by_page_there_and_back(app: App) -> None:
    with app.database.transaction() as connection:
        write_records(connection, "pubmed", range(1_000, 1_060), opened=True)
    them = visitor(app, ADA)

    first = them.get("/queue?all=1")
    second = them.get(linked(first, "next"))
    third = them.get(linked(second, "next"))

    assert [page.count('<li class="item">') for page in (first, second, third)] == [25, 25, 10]
    assert '<ol class="items" start="51">' in third
    assert "Page 3" in third
    assert 'rel="next"' not in third
    assert 'rel="prev"' not in first
    assert words(them.get(linked(third, "prev"))) == words(second)
    assert words(them.get(linked(second, "prev"))) == words(first)


def test_a_search_goes_on_with_its_words_and_its_source(app: App) -> None:
    with app.database.transaction() as connection:
        write_records(connection, "pubmed", range(1_000, 1_150), opened=False)
        write_records(connection, "europepmc", range(1_000, 1_150), opened=False)
    them = visitor(app, ADA)

    first = them.get("/records?q=tea+%26+rest&source=pubmed")
    assert "No record matches" in first
    first = them.get("/records?q=tea+rest&source=pubmed")
    second = them.get(linked(first, "next"))

    assert "150 records of 300" in words(first)
    assert "150 records of 300" in words(second)
    assert second.count('<li class="item">') == 50
    assert "europepmc:" not in second


def test_a_page_that_goes_on_from_nothing_known_is_refused(app: App) -> None:
    them = visitor(app, ADA)

    for path in ("/queue", "/records", "/tasks"):
        assert them.status(f"{path}?after=lost&page=2") == 404
        assert them.status(f"{path}?after=%00") in (404, 422)  # by engine: not found, or no text
        assert them.status(f"{path}?after=a&after=b") == 422
    assert them.status("/duplicates?after=lost") == 422
    assert them.status("/duplicates?after=lost&after=b") == 404
    assert them.status("/queue?page=7") == 200


def test_a_page_number_past_the_end_is_said(app: App) -> None:
    found(app, a_trial(1))
    them = visitor(app, ADA)

    for path in ("/queue?page=7", "/queue?all=1&page=7", "/records?page=7"):
        page = words(them.get(path))
        assert "There is no page 7 of this list; this is page 1." in page
    assert "There is no page" not in words(them.get("/queue"))


def test_a_clock_that_was_set_is_said_loudly_on_every_page(tmp_path: Path) -> None:
    settings = {"LIVINGREVIEW_NOW": "2030-01-01T00:00:00Z"}
    app = an_app(tmp_path / "data", settings, clock=Clock(datetime(2030, 1, 1, tzinfo=UTC)))
    add_team(app)
    them = visitor(app, ADA)

    for path in ("/", "/status", "/queue"):
        assert "The clock was set. It is now 1 Jan 2030, 00:0" in words(them.get(path))
    app.close()


def test_a_page_that_runs_beside_a_newer_program_says_so_and_changes_nothing(app: App) -> None:
    them = visitor(app, ADA)
    with app.database.writer.begin() as connection:
        connection.execute(event.insert().values(**row_of_a_newer_program(connection)))

    status, said = them.refused("/people", name="Eve", role="screener")

    assert status == 503
    assert "update this one" in said
    assert them.status("/queue") == 503
    with app.database.reader.begin() as connection:
        newest = select(event.c.kind).order_by(event.c.seq.desc())
        assert connection.execute(newest.limit(1)).scalar() == "tea_drunk"
