"""Until both have said it, no page differs by what the other has said: two worlds, byte by byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import ProposeAmendment
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
    actor,
    an_app,
    an_entry,
    found,
    hand_in,
    include,
    say,
)
from tests.bot.protocols import AMENDED
from tests.bot.web.browser import visitor
from tests.engines import engines

Change = Callable[[App], None]
Reading = dict[str, tuple[int, bytes]]

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
        "reports": [{"citation": "Doe 2026", "doi": "10.5555/more"}],
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


class Worlds:
    """Worlds that are equal but for what Ada has said: all stand at one address, in turn."""

    def __init__(self, begun: Path, folder: Path) -> None:
        self._begun = begun
        self._folder = folder
        self._read: dict[Change, dict[str, Reading]] = {}

    @contextmanager
    def world(self, change: Change) -> Iterator[App]:
        app = an_app(engines.copy(self._begun, self._folder))
        try:
            found(app, TRIAL, OTHER, INCLUDED, an_entry(1))
            include(app, INCLUDED.key)
            perform(app, ProposeAmendment(body=AMENDED), actor(DORA))
            change(app)
            jobs.work_off(app)
            yield app
        finally:
            app.close()
            shutil.rmtree(self._folder)

    def read_by_others(self, change: Change) -> dict[str, Reading]:
        """Everything that the others read in a world; it is made and read once."""
        if change not in self._read:
            with self.world(change) as app:
                self._read[change] = {each: everything_read(app, each) for each in OTHERS}
        return self._read[change]


@pytest.fixture(scope="module")
def worlds(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(begun, tmp_path_factory.mktemp("world") / "data")


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
        "amendment": ["protocol-2", "unknown"],
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


def everything_read(app: App, person: str) -> Reading:
    """Read every page as one person; only the token of the session is left out."""
    reader = visitor(app, person)
    read = {}
    for path in every_page(app):
        answer = reader.client.get(path)
        read[path] = (answer.status_code, answer.content.replace(reader.csrf.encode(), b"token"))
    return read


INCLUDES = ada_says(Verdict.INCLUDE)
HANDS_IN = ada_hands_in(5)
EXTRACTS_A_KNOWN_ONE = ada_extracts_a_known_study(5)
WORLDS = {
    "include or exclude": (INCLUDES, ada_says(Verdict.EXCLUDE, "E2", "a note")),
    "include or unsure": (INCLUDES, ada_says(Verdict.UNSURE)),
    "said or not said": (nothing, ada_says(Verdict.EXCLUDE)),
    "full text": (
        ada_says_of_the_full_text(Verdict.INCLUDE),
        ada_says_of_the_full_text(Verdict.EXCLUDE, "E1"),
    ),
    "full text said or not said": (
        both_include_the_abstract,
        ada_says_of_the_full_text(Verdict.UNSURE),
    ),
    "extracted values": (HANDS_IN, ada_hands_in(7)),
    "extracted or not": (nothing, HANDS_IN),
    "arms that the protocol lacks": (HANDS_IN, ada_hands_in(5, ("ivig", "empasiprubart"))),
    "a known study extracted again": (EXTRACTS_A_KNOWN_ONE, ada_extracts_a_known_study(7)),
    "a known study extracted again or not": (nothing, EXTRACTS_A_KNOWN_ONE),
}


@pytest.mark.parametrize("which", WORLDS)
def test_nobody_else_reads_on_any_page_what_a_reader_has_said(which: str, worlds: Worlds) -> None:
    first, second = map(worlds.read_by_others, WORLDS[which])

    for person in OTHERS:
        assert len(first[person]) > 20
        for path, read in first[person].items():
            assert read == second[person][path], (person, path)


def test_the_reader_does_see_what_they_said_themselves(worlds: Worlds) -> None:
    pages = []
    for change in WORLDS["include or exclude"]:
        with worlds.world(change) as app:
            pages.append(everything_read(app, ADA)[f"/candidates/{TRIAL.key}"])

    assert pages[0] != pages[1]


def test_both_see_both_answers_as_soon_as_both_have_decided(worlds: Worlds) -> None:
    def both(app: App) -> None:
        say(app, ADA, TRIAL.key, Verdict.INCLUDE, note="Ada's reason")
        say(app, BEN, TRIAL.key, Verdict.EXCLUDE, criterion="E2", note="Ben's reason")

    with worlds.world(both) as app:
        for reader in (ADA, BEN, CY):
            page = visitor(app, reader).get(f"/candidates/{TRIAL.key}")
            assert "Ada&#39;s reason" in page
            assert "Ben&#39;s reason" in page


def test_an_open_round_is_sealed_in_the_words_of_the_list_too(worlds: Worlds) -> None:
    with worlds.world(ada_hands_in(5)) as app:
        with app.database.reading() as connection:
            assert extractions.agreement(connection, STUDY).open_round is not None

        assert "you have handed in" in visitor(app, ADA).get("/extract")
        assert "handed in" not in visitor(app, BEN).get(f"/extract/{STUDY}").split("<h1>")[1]
