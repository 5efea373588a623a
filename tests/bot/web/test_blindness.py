"""Until both have said it, no page differs by what the other has said: two worlds, byte by byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import App
from bot.web.site import create_app
from bot.work import jobs
from state import extractions
from state.screening import Stage, Verdict
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_trial,
    an_app,
    an_entry,
    found,
    hand_in,
    include,
    say,
)
from tests.bot.web.browser import visitor
from tests.engines import engines

Change = Callable[[App], None]

TRIAL, OTHER, INCLUDED = a_trial(1), a_trial(2), a_trial(3)
STUDY = "doe2026"
OTHERS = (BEN, CY, DORA)


def nothing(_app: App) -> None:
    """The world in which Ada has not said anything yet."""


def ada_says(verdict: Verdict, criterion: str | None = None, note: str | None = None) -> Change:
    return lambda app: say(app, ADA, TRIAL.key, verdict, criterion=criterion, note=note)


def ada_says_of_the_full_text(verdict: Verdict, criterion: str | None = None) -> Change:
    def change(app: App) -> None:
        for reader in (ADA, BEN):
            say(app, reader, TRIAL.key, Verdict.INCLUDE)
        say(app, ADA, TRIAL.key, verdict, stage=Stage.FULL_TEXT, criterion=criterion)

    return change


def both_include_the_abstract(app: App) -> None:
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)


def an_extraction(
    app: App, events: int, arms: tuple[str, str] = ("ivig", "placebo")
) -> dict[str, object]:
    outcome = app.protocol.outcomes[0].id
    return {
        "design": "crossover",
        "arms": list(arms),
        "participants": 20 + events,
        "values": [
            {
                "outcome": outcome,
                "arm": arms[0],
                "events": events,
                "total": 20,
                "source": "Doe 2026",
                "locator": f"page {events}",
            }
        ],
    }


def ada_hands_in(events: int, arms: tuple[str, str] = ("ivig", "placebo")) -> Change:
    return lambda app: hand_in(app, ADA, STUDY, an_extraction(app, events, arms))


def ada_extracts_a_known_study(events: int) -> Change:
    return lambda app: hand_in(app, ADA, "harbo2009", an_extraction(app, events))


@contextmanager
def world(begun: Path, folder: Path, change: Change) -> Iterator[App]:
    """One of two worlds that are equal but for what Ada has said."""
    app = an_app(engines.copy(begun, folder))
    found(app, TRIAL, OTHER, INCLUDED, an_entry(1))
    include(app, INCLUDED.key)
    change(app)
    jobs.work_off(app)
    yield app
    app.close()
    shutil.rmtree(folder)  # the other world has the same address


def every_page(app: App) -> list[str]:
    """Every address that can be read, for everything there is to name in it."""
    names = {
        "candidate": [each.key for each in (TRIAL, OTHER, INCLUDED, an_entry(1))],
        "study": [STUDY, "harbo2009"],
        "number": ["3.0"],
        "file": ["report.html", "results.json", "data.csv", "manifest.json"],
        "person": [ADA, BEN],
        "secret": ["unknown"],
        "source": ["embase"],
        "run": ["unknown"],
    }
    pages = ["/queue?all=1", "/queue?page=2", "/records?q=fiction", "/nowhere"]
    for path, methods in create_app(app).openapi()["paths"].items():
        if "get" in methods:
            pages += _named(path, names)
    return pages


def _named(path: str, names: dict[str, list[str]]) -> list[str]:
    wanted = re.search(r"\{(\w+)\}", path)
    if wanted is None:
        return [path]
    return [
        full
        for name in names[wanted[1]]
        for full in _named(path.replace(wanted[0], name, 1), names)
    ]


def everything_read(app: App, person: str) -> dict[str, tuple[int, bytes]]:
    """Read every page as one person; only the token of the session is left out."""
    reader = visitor(app, person)
    read = {}
    for path in every_page(app):
        answer = reader.client.get(path)
        read[path] = (answer.status_code, answer.content.replace(reader.csrf.encode(), b"token"))
    return read


WORLDS = {
    "include or exclude": (ada_says(Verdict.INCLUDE), ada_says(Verdict.EXCLUDE, "E2", "a note")),
    "include or unsure": (ada_says(Verdict.INCLUDE), ada_says(Verdict.UNSURE)),
    "said or not said": (nothing, ada_says(Verdict.EXCLUDE)),
    "full text": (
        ada_says_of_the_full_text(Verdict.INCLUDE),
        ada_says_of_the_full_text(Verdict.EXCLUDE, "E1"),
    ),
    "full text said or not said": (
        both_include_the_abstract,
        ada_says_of_the_full_text(Verdict.UNSURE),
    ),
    "extracted values": (ada_hands_in(5), ada_hands_in(7)),
    "extracted or not": (nothing, ada_hands_in(5)),
    "arms that the protocol lacks": (ada_hands_in(5), ada_hands_in(5, ("ivig", "empasiprubart"))),
    "a known study extracted again": (
        ada_extracts_a_known_study(5),
        ada_extracts_a_known_study(7),
    ),
    "a known study extracted again or not": (nothing, ada_extracts_a_known_study(5)),
}


@pytest.mark.parametrize("which", WORLDS)
def test_nobody_else_reads_on_any_page_what_a_reader_has_said(
    which: str, begun: Path, tmp_path: Path
) -> None:
    one, other = WORLDS[which]
    with world(begun, tmp_path / "data", one) as app:
        first = {person: everything_read(app, person) for person in OTHERS}
    with world(begun, tmp_path / "data", other) as app:
        second = {person: everything_read(app, person) for person in OTHERS}

    for person in OTHERS:
        assert len(first[person]) > 20
        for path, read in first[person].items():
            assert read == second[person][path], (person, path)


def test_the_reader_does_see_what_they_said_themselves(begun: Path, tmp_path: Path) -> None:
    with world(begun, tmp_path / "data", ada_says(Verdict.INCLUDE)) as app:
        first = everything_read(app, ADA)
    with world(begun, tmp_path / "data", ada_says(Verdict.EXCLUDE, "E2")) as app:
        second = everything_read(app, ADA)

    assert first["/candidates/pubmed:99000001"] != second["/candidates/pubmed:99000001"]


def test_both_see_both_answers_as_soon_as_both_have_decided(begun: Path, tmp_path: Path) -> None:
    def both(app: App) -> None:
        say(app, ADA, TRIAL.key, Verdict.INCLUDE, note="Ada's reason")
        say(app, BEN, TRIAL.key, Verdict.EXCLUDE, criterion="E2", note="Ben's reason")

    with world(begun, tmp_path / "data", both) as app:
        for reader in (ADA, BEN, CY):
            page = visitor(app, reader).get(f"/candidates/{TRIAL.key}")
            assert "Ada&#39;s reason" in page
            assert "Ben&#39;s reason" in page


def test_an_open_round_is_sealed_in_the_words_of_the_list_too(begun: Path, tmp_path: Path) -> None:
    with world(begun, tmp_path / "data", ada_hands_in(5)) as app:
        with app.database.reading() as connection:
            assert extractions.agreement(connection, STUDY).open_round is not None

        assert "you have handed in" in visitor(app, ADA).get("/extract")
        assert "handed in" not in visitor(app, BEN).get(f"/extract/{STUDY}").split("<h1>")[1]
