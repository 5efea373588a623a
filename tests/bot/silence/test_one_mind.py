"""Every face that speaks of a late source says the same of it at the same instant."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.app import App
from bot.report.gather import gather
from bot.report.prose import limitations
from bot.silence.certify import certify
from bot.silence.rounds import automatic, hand_lines, source_lines
from bot.silence.static_status import public_status
from bot.silence.status import status_json
from bot.silence.watchdog import Watch, look
from bot.surveillance.lateness import Lateness
from state import runs
from state.codec import Json, instant
from state.facts import SearchRun
from state.facts.words import RunStatus
from tests.bot.builders import (
    DORA,
    StoppedClock,
    add_team,
    an_app,
    draft_of_now,
    take_import,
)
from tests.bot.exports import TWO_RECORDS

MMN = Path(__file__).parents[3] / "reviews" / "mmn"
LAST = datetime(2026, 11, 10, tzinfo=UTC)
SLOT = datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The shipped review, every source of it on one schedule, all searched on one day."""
    review = shutil.copytree(MMN, tmp_path / "review")
    protocol = review / "protocol.toml"
    text = re.sub(r'^schedule = ".*?"', 'schedule = "0 6 1 * *"', protocol.read_text(), flags=re.M)
    protocol.write_text(text)
    settings = {"LIVINGREVIEW_REVIEW": str(review)}
    running = an_app(tmp_path / "data", settings, clock=StoppedClock(LAST))
    add_team(running)
    search_whole(running, *(plan.id for plan in running.protocol.sources))
    draft_of_now(running)  # a published version knows what came before it, and no more
    yield running
    running.close()


def set_clock(app: App, at: datetime) -> None:
    cast(StoppedClock, app.clock).at = at


def a_whole_search(source: str) -> SearchRun:
    at = instant(LAST)
    return SearchRun(
        id=f"{source}-1",
        source=source,
        status=RunStatus.OK,
        started_at=at,
        finished_at=at,
        query="q",
        found=81,
        new=0,
        known=81,
        changed=0,
        candidates_new=0,
        pages=1,
        requests=1,
        error=None,
        retry_at=None,
        problems=(),
        warnings=(),
        known_items_found=(),
        known_items_missing=(),
        payloads=(),
    )


def of_status(app: App, source: str) -> Json:
    found: Json
    (found,) = [each for each in status_json(app)["sources"] if each["source"] == source]
    return found


def what_the_faces_say(app: App) -> dict[str, bool]:
    """Ask each face whether PubMed (by the program) and Embase (by hand) are late."""
    now = app.clock.now()
    of_pubmed, of_embase = of_status(app, "pubmed"), of_status(app, "embase")
    watched = look(public_status(app), Watch(now))
    with app.database.reading() as connection:
        document = gather(app, connection, "3.1", instant(now))
        searched = source_lines(app, connection, frozenset(), now)
        by_hand = hand_lines(app, connection, None, now)
    said = " ".join(limitations(document))
    return {
        "light": of_pubmed["light"] != "green",
        "light by hand": of_embase["light"] != "green",
        "report": "PubMed: last searched" in said,
        "report by hand": "Embase: last searched" in said,
        "next certificate": status_json(app)["certificate"]["overdue"],
        "what a certificate would claim": any(line.fault is not None for line in searched),
        "certificate by hand": {line.source: line.overdue for line in by_hand}["embase"],
        "watchdog": any(each.startswith("PubMed: ") for each in watched.complaints),
        "watchdog of the round": any("has not come" in each for each in watched.complaints),
        "watchdog by hand": any(each.startswith("Embase") for each in watched.notes),
    }


@pytest.mark.parametrize(
    ("days", "late"),
    [(0, False), (1, False), (2, False), (7, True), (10, True), (14, True), (30, True)],
)
def test_all_faces_are_of_one_mind(app: App, days: int, late: bool) -> None:
    certify(app)
    set_clock(app, SLOT + timedelta(days=days))

    said = what_the_faces_say(app)

    assert said == dict.fromkeys(said, late)


def test_a_search_by_hand_is_judged_by_the_day_it_was_made_and_not_by_its_import(
    app: App,
) -> None:
    certify(app)
    set_clock(app, SLOT + timedelta(days=10))
    day = "2026-11-20"
    take_import(app, DORA, TWO_RECORDS, "x.ris", "embase", searched_on=day)
    now = app.clock.now()

    found = of_status(app, "embase")
    with app.database.reading() as connection:
        line = {each.source: each for each in hand_lines(app, connection, None, now)}["embase"]
        document = gather(app, connection, "3.1", instant(now))

    assert (found["lateness"], found["last_success"][:10]) == (Lateness.LATE, day)
    assert (line.overdue, (line.last_searched or "")[:10]) == (True, day)
    assert line.due == instant(SLOT)
    shown = next(each for each in document.schedules if each.source == "Embase")
    assert (shown.overdue, (shown.last_searched_at or "")[:10]) == (True, day)


def search_whole(app: App, *sources: str) -> None:
    """Store that these sources have just been searched whole, with nothing new."""
    now = app.clock.now()
    with app.ledger() as ledger:
        for source in sources:
            run = replace(a_whole_search(source), id=f"{source}-{now:%Y%m%d}")
            runs.record_search(
                ledger, replace(run, started_at=instant(now), finished_at=instant(now))
            )


def test_a_certificate_claims_nothing_by_an_answer_that_is_long_out_of_date(app: App) -> None:
    set_clock(app, SLOT + timedelta(days=10))
    search_whole(app, *(plan.id for plan in automatic(app)[1:]))

    issued = certify(app)

    assert issued is not None
    said = json.loads(issued.body)
    assert said["verdict"] == "incomplete"
    assert said["reasons"] == [
        "PubMed was searched 2026-11-10 00:00 UTC and not since, though its schedule asks for it"
    ]


def test_a_program_that_wakes_waits_for_a_new_answer_of_its_most_frequent_source(
    tmp_path: Path,
) -> None:
    woken = an_app(tmp_path / "data", clock=StoppedClock(datetime(2026, 11, 3, tzinfo=UTC)))
    weekly, *monthly = sorted((plan.id for plan in automatic(woken)), key="ctgov".__ne__)
    search_whole(woken, weekly, *monthly)
    assert certify(woken) is not None
    set_clock(woken, datetime(2026, 11, 9, 7, tzinfo=UTC))
    search_whole(woken, weekly)

    set_clock(woken, datetime(2026, 11, 24, tzinfo=UTC))
    search_whole(woken, *monthly)
    before = certify(woken)
    search_whole(woken, weekly)
    after = certify(woken)
    woken.close()

    assert before is None
    assert after is not None
    assert json.loads(after.body)["verdict"] == "silent"
