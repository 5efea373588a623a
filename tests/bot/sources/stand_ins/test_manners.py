"""The stand-ins keep the limits and manners of the services: what api documents do not say, too."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import date
from typing import Any

import pytest

from bot.demo.fiction import (
    NEW_NCT,
    NEW_PMID,
    baseline_articles,
    baseline_studies,
    entry,
    fictional_entry,
    fictional_trial,
)
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.pubmed.stand_in import PUBMED_CAP, Article, PubmedStandIn
from extraction.readers.ctgov import read_page
from extraction.readers.pubmed import read_articles
from tests.bot.stepped_time import SteppedTime
from tests.safety import SAFETY_S

AGENT = "python-httpx/0 test"


def ask(url: str, fields: dict[str, str], *, post: bool = False, agent: str = AGENT) -> bytes:
    form = urllib.parse.urlencode(fields)
    request = urllib.request.Request(
        url if post else f"{url}?{form}",
        data=form.encode() if post else None,
        headers={"User-Agent": agent},
    )
    with urllib.request.urlopen(request, timeout=SAFETY_S) as response:
        body: bytes = response.read()
    return body


def refused(url: str, fields: dict[str, str], *, agent: str = AGENT) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(url, fields, agent=agent)
    caught.value.close()
    return caught.value.code


def esearch(upstream: PubmedStandIn, **fields: str) -> dict[str, Any]:
    text = ask(f"{upstream.url}esearch.fcgi", {"retmode": "json", **fields}, post=True)
    result: dict[str, Any] = json.loads(text, strict=False)["esearchresult"]
    return result


def efetch(upstream: PubmedStandIn, **fields: str) -> bytes:
    return ask(f"{upstream.url}efetch.fcgi", fields, post=True)


def many(count: int) -> list[Article]:
    return [Article(str(number), date(2020, 1, 1), b"<A/>") for number in range(1, count + 1)]


def test_pubmed_gives_twenty_ids_unless_told():
    with PubmedStandIn(many(30)) as upstream:
        found = esearch(upstream, term="x")

    assert (found["count"], len(found["idlist"])) == ("30", 20)


def test_pubmed_cuts_the_number_of_ids_without_a_word():
    with PubmedStandIn(many(PUBMED_CAP + 5)) as upstream:
        found = esearch(upstream, term="x", retmax="20000")
        last = esearch(upstream, term="x", retstart="9998", retmax="10")

    assert (found["count"], len(found["idlist"])) == ("10004", PUBMED_CAP)
    assert len(last["idlist"]) == 1


def test_pubmed_refuses_a_start_beyond_its_cap_with_a_raw_line_break():
    with PubmedStandIn(many(3)) as upstream:
        fields = {"term": "x", "retstart": "9999", "retmode": "json"}
        text = ask(f"{upstream.url}esearch.fcgi", fields, post=True)

    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert "cannot be larger than 9998" in json.loads(text, strict=False)["esearchresult"]["ERROR"]


def test_pubmeds_history_gives_no_more_than_the_cap_either():
    with PubmedStandIn(many(PUBMED_CAP + 500)) as upstream:
        found = esearch(upstream, term="x", usehistory="y", retmax="0")
        page = efetch(
            upstream, WebEnv=found["webenv"], query_key="1", retstart="9500", retmax="500"
        )

    assert page.count(b"<A/>") == 499


def test_pubmed_understands_ranges_of_create_dates_and_no_other_words():
    dated = [Article(str(day), date(2020, 1, day), b"<A/>") for day in range(1, 10)]
    with PubmedStandIn(dated) as upstream:
        term = '(x) AND ("2020/01/02"[crdt] : "2020/01/04"[crdt])'
        found = esearch(upstream, term=term)

    assert found["idlist"] == ["4", "3", "2"]


def test_pubmed_forgets_histories_with_an_error_inside_200():
    with PubmedStandIn(many(3)) as upstream:
        found = esearch(upstream, term="x", usehistory="y")
        upstream.forget_histories()
        page = efetch(upstream, WebEnv=found["webenv"], query_key="1")

    assert b"Unable to obtain query #1" in page


def test_pubmed_answers_an_unknown_id_with_an_empty_set_and_a_malformed_one_with_400():
    with PubmedStandIn(many(3)) as upstream:
        assert read_articles(efetch(upstream, id="999999999")).records == ()
        assert refused(f"{upstream.url}efetch.fcgi", {"id": "1,PMC2"}) == 400


def test_pubmed_turns_away_who_asks_too_often():
    with PubmedStandIn(many(3), per_second=3) as upstream:
        upstream.time = SteppedTime()
        for _ in range(3):
            esearch(upstream, term="x")

        assert refused(f"{upstream.url}esearch.fcgi", {"term": "x"}) == 429


def test_pubmed_gains_records_while_it_runs():
    with PubmedStandIn(baseline_articles()) as upstream:
        upstream.add(fictional_trial())

        assert NEW_PMID in esearch(upstream, term="x")["idlist"]


def studies(count: int) -> list[dict[str, Any]]:
    return [entry(f"NCT{number:08}", "A study", "MMN") for number in range(1, count + 1)]


def page(upstream: CtgovStandIn, **fields: str) -> dict[str, Any]:
    renamed = {name.replace("_", "."): value for name, value in fields.items()}
    found: dict[str, Any] = json.loads(ask(f"{upstream.url}studies", renamed))
    return found


def test_the_register_gives_ten_entries_unless_told_and_counts_only_when_asked():
    with CtgovStandIn(studies(12)) as upstream:
        silent, counted = page(upstream), page(upstream, countTotal="true")

    assert (len(silent["studies"]), "totalCount" in silent) == (10, False)
    assert counted["totalCount"] == 12


def test_the_register_counts_on_page_1_only_and_gives_no_token_with_the_last_page():
    with CtgovStandIn(studies(12)) as upstream:
        first = page(upstream, countTotal="true")
        second = page(upstream, countTotal="true", pageToken=first["nextPageToken"])

    assert "totalCount" not in second
    assert "nextPageToken" not in second
    assert len(second["studies"]) == 2


def test_the_register_cuts_pages_at_a_thousand():
    with CtgovStandIn(studies(1_002)) as upstream:
        assert len(page(upstream, pageSize="5000")["studies"]) == 1_000


def test_a_page_token_ends_with_the_data_version_and_nonsense_was_never_one():
    with CtgovStandIn(studies(12)) as upstream:
        token = page(upstream)["nextPageToken"]
        upstream.add(fictional_entry())

        assert refused(f"{upstream.url}studies", {"pageToken": token}) == 400
        assert refused(f"{upstream.url}studies", {"pageToken": "no token"}) == 400


def test_the_register_wanders_unless_told_to_sort():
    with CtgovStandIn(studies(3)) as upstream:
        assert page(upstream)["studies"] != page(upstream)["studies"]
        assert page(upstream, sort="A:asc")["studies"] == page(upstream, sort="A:asc")["studies"]


def test_the_registers_guard_knows_few_names():
    with CtgovStandIn(studies(3)) as upstream:
        assert refused(f"{upstream.url}studies", {}, agent="Mozilla/5.0") == 403


def test_a_single_entry_is_found_by_its_number_and_an_unknown_one_is_404():
    with CtgovStandIn([fictional_entry()]) as upstream:
        found = read_page(ask(f"{upstream.url}studies/{NEW_NCT}", {}))

        assert found.records[0].source_id == NEW_NCT
        assert refused(f"{upstream.url}studies/NCT00000000", {}) == 404


def test_the_fictional_trial_says_that_it_is_made_up():
    record = read_articles(b"<PubmedArticleSet>" + fictional_trial().xml + b"</PubmedArticleSet>")
    (article,) = record.records

    assert article.ids.register == (NEW_NCT,)
    assert "made up" in article.title
    assert "made up" in (article.abstract or "")
    assert "Randomized Controlled Trial" in article.publication_types
    assert article.authors
    assert article.year == 2026


def test_no_real_abstract_is_shipped():
    xml = b"".join(article.xml for article in baseline_articles() if int(article.pmid) < 99_000_000)

    assert b"<Abstract" not in xml


def test_baseline_records_read_as_their_facts_say():
    body = b"".join(article.xml for article in baseline_articles())
    records = read_articles(b"<PubmedArticleSet>" + body + b"</PubmedArticleSet>").records
    federico = next(record for record in records if record.source_id == "11087764")

    assert federico.journal == "Neurology"
    assert (federico.volume, federico.issue, federico.pages) == ("55", "9", "1256-62")
    assert federico.authors[0].startswith("Federico")
    assert (federico.year, federico.published_on) == (2000, "2000")


def test_baseline_entries_are_readable():
    page = read_page(json.dumps({"studies": list(baseline_studies())}).encode())

    assert {record.source_id for record in page.records} == {
        "NCT00268788",
        "NCT00666263",
        "NCT01951924",
        "NCT02556437",
        "NCT06742190",
    }
