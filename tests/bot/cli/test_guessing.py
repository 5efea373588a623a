"""Nobody finds out what is sealed by trying: not from pages, commands, files, hashes or refusals.

What one of two said is tried with everything that it could have been, against all that leaves the
program. One may know that something was said and when, because the log is a chain.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from bot.acts.perform import perform
from bot.acts.said import RuleValue, SettleConflict
from bot.app import App
from bot.cli.main import cli
from bot.work import jobs
from state import log
from state.errors import StateError
from state.events import chain_hash, event_rows
from state.facts import VerdictGiven
from state.screening import EligiblePlace, Stage, Verdict
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    START,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    say,
)
from tests.bot.web.test_blindness import everything_read
from tests.engines import engines

TRIAL, AT_FULL_TEXT, STUDY = a_trial(1), a_trial(2), "doe2026"
CRITERIA = ("E1", "E2", "E3", "E4", "E5")
# What differs by chance: hashes and nonces, signatures over them, and when a command was typed.
# What was said was said at an instant of the stopped clock, which is left in.
CHANCE = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|[\w+/]{86}=="
    rf"|(?!{START:%Y-%m-%d})\d{{4}}-\d\d-\d\dT[\d:.]+(Z|\+00:00)"
)
COMMANDS = (
    ["queue", "--json"],
    ["queue", "--as", BEN, "--json"],
    ["records", "--json"],
    ["status", "--json"],
    ["status"],
    ["tasks", "--json"],
    ["log", "--json"],
    ["log"],
    ["verify", "--json"],
)

Contents = dict[str, Callable[[App], None]]
Said = dict[str, str]


def titles() -> Contents:
    """Every verdict on a title: a criterion may be named, or not."""
    answers: list[tuple[Verdict, str | None]] = [(Verdict.INCLUDE, None), (Verdict.UNSURE, None)]
    answers += [(Verdict.EXCLUDE, each) for each in (None, *CRITERIA)]
    return {
        f"{verdict} {criterion}": lambda app, v=verdict, c=criterion: say(  # type: ignore[misc]
            app, ADA, TRIAL.key, v, criterion=c, note=f"my reason is {v}"
        )
        for verdict, criterion in answers
    }


def full_texts() -> Contents:
    """Every verdict on a full text."""
    answers: list[dict[str, Any]] = [{"verdict": Verdict.UNSURE}]
    answers += [{"verdict": Verdict.INCLUDE, "place": each} for each in get_args(EligiblePlace)]
    answers += [{"verdict": Verdict.EXCLUDE, "criterion": each} for each in CRITERIA]

    def said(answer: dict[str, Any]) -> Callable[[App], None]:
        return lambda app: say(app, ADA, AT_FULL_TEXT.key, stage=Stage.FULL_TEXT, **answer)

    return {" ".join(map(str, answer.values())): said(answer) for answer in answers}


def hand_ins() -> Contents:
    """Small extractions: of few people, in one place or another, and one that takes one back."""

    def read(events: int, more: dict[str, Any]) -> Callable[[App], None]:
        return lambda app: hand_in(app, ADA, STUDY, an_extraction(events) | more)

    odd: list[dict[str, Any]] = [
        {},
        {
            "design": "crossover",
            "participants": 24,
            "arms": ["ivig", "placebo", "tea"],
            "labels": {"tea": "Tea"},
        },
    ]
    return {f"{n} {more}": read(n, more) for n, more in itertools.product((0, 12), odd)}


def some_of(contents: Contents) -> list[tuple[str, Callable[[App], None]]]:
    """Return a few contents far from each other: each world is read whole, which takes seconds."""
    every = list(contents.items())
    return [every[0], every[len(every) // 2], every[-1]]


KINDS: dict[str, Contents] = {
    "titles": titles(),
    "full texts": full_texts(),
    "extractions": hand_ins(),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review with a title to screen, a full text to read and a study to extract."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    app = an_app(folder)
    add_team(app)
    found(app, TRIAL, AT_FULL_TEXT, a_trial(3))
    for person in (ADA, BEN):
        say(app, person, AT_FULL_TEXT.key, Verdict.INCLUDE)
    include(app, a_trial(3).key)
    jobs.work_off(app)
    app.close()
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one address at which all worlds stand, in turn."""
    return tmp_path_factory.mktemp("world")


def in_a_world(begun: Path, place: Path, happens: Callable[[App], None]) -> tuple[Said, list[str]]:
    """Return all that leaves a world in which something was said, and every hash of its log."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    with closing(an_app(engines.copy(begun, place / "data"))) as app:
        happens(app)
        jobs.work_off(app)
        with app.database.reading() as connection:
            kept = [row.hash for row in event_rows(connection)]
        return dict(all_that_leaves(app, place)), kept


def all_that_leaves(app: App, place: Path) -> Iterator[tuple[str, str]]:
    for path, (status, body) in everything_read(app, BEN).items():
        yield f"page {path}", f"{status} {body!r}"
    for words in (*COMMANDS, ["export", str(place / "export")]):
        done = CliRunner().invoke(cli, [*words, "--data", str(app.config.data)])
        yield " ".join(words), f"{done.exit_code} {done.output}"
    for who, act in refused_acts():
        yield f"{who} {act!r}", refusal(app, who, act)
    for folder in (place / "export", app.config.data / "status", app.files, app.mailbox):
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            name = file.relative_to(place).as_posix()
            yield name, file.read_text("utf-8", "replace")
            size = len(CHANCE.sub("", file.read_text("utf-8", "replace")))
            yield f"size of {name}", f"{size} {file.stat().st_mode:o}"


def refused_acts() -> Iterator[tuple[str, Any]]:
    for candidate in (TRIAL.key, AT_FULL_TEXT.key):
        for who in (BEN, CY):
            yield who, SettleConflict(subject=candidate, verdict=Verdict.INCLUDE, note="n")
    cell = f"{STUDY}|strength_improved|after induction|ivig|events"
    for who in (BEN, CY):
        yield who, RuleValue(subject=STUDY, cell=cell, number=1, note="n")


def refusal(app: App, who: str, act: Any) -> str:
    with pytest.raises(StateError) as raised:
        perform(app, act, actor(who))
    return f"{raised.type.__name__}: {raised.value}"


@pytest.fixture(scope="module")
def worlds(begun: Path, place: Path) -> Callable[[str], dict[str, tuple[Said, list[str]]]]:
    made: dict[str, dict[str, tuple[Said, list[str]]]] = {}

    def of(kind: str) -> dict[str, tuple[Said, list[str]]]:
        if kind not in made:
            made[kind] = {
                content: in_a_world(begun, place, happens)
                for content, happens in some_of(KINDS[kind])
            }
        return made[kind]

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_leaves_differs_by_what_was_said(
    kind: str, worlds: Callable[[str], dict[str, tuple[Said, list[str]]]]
) -> None:
    (first, (said, _)), *others = worlds(kind).items()

    assert len(said) > 60
    for content, (other, _) in others:
        assert said.keys() == other.keys()
        differ = [
            name for name in said if CHANCE.sub("", said[name]) != CHANCE.sub("", other[name])
        ]
        assert not differ, (first, content, differ)


# ---- the guess -----------------------------------------------------------------------------------


def guesses(kind: str) -> Iterator[VerdictGiven]:
    """Every verdict that the last event could be."""
    stage = Stage.TITLE_ABSTRACT if kind == "titles" else Stage.FULL_TEXT
    for candidate, person, verdict, criterion, place, note in itertools.product(
        (TRIAL.key, AT_FULL_TEXT.key),
        (ADA, BEN),
        Verdict,
        (None, *CRITERIA),
        (None, *get_args(EligiblePlace)),
        (None, *(f"my reason is {each}" for each in Verdict)),
    ):
        yield VerdictGiven(
            candidate=candidate,
            person=person,
            verdict=verdict,
            stage=stage,
            criterion=criterion,
            place=place,
            next_look_on=None,
            note=note,
            protocol_version="1",
        )


def found_by_trying(kind: str, printed: Said) -> list[VerdictGiven]:
    """Try every content for the last event, with every nonce that stands anywhere."""
    lines = [json.loads(line) for line in printed["log --json"].partition(" ")[2].splitlines()]
    last, before = lines[-1], lines[-2]
    assert last["sealed"]
    nonces = {
        token for text in printed.values() for token in re.findall(r"\b[0-9a-f]{32}\b", text)
    } | {""}
    shown = {line["nonce"] for line in lines}
    nonces -= shown - {last["nonce"]}  # of other events
    return [
        fact
        for fact in guesses(kind)
        for nonce in nonces
        if hashed(fact, last, before["hash"], nonce) == last["hash"]
    ]


def hashed(fact: VerdictGiven, last: dict[str, Any], before: str, nonce: str) -> str:
    return chain_hash(
        {
            "seq": last["seq"],
            "at": last["at"],
            "actor": fact.person,
            "authenticated": True,
            "kind": fact.event_kind,
            "version": fact.event_version,
            "subject": fact.about,
            "payload": fact.canonical_text(),
            "nonce": nonce,
            "prev_hash": before,
        }
    )


@pytest.mark.parametrize("kind", ["titles", "full texts"])
def test_no_verdict_is_found_by_trying_all_against_its_hash(
    kind: str, worlds: Callable[[str], dict[str, tuple[Said, list[str]]]]
) -> None:
    for content, (printed, _) in worlds(kind).items():
        assert found_by_trying(kind, printed) == [], content


def test_the_guess_finds_it_where_the_nonce_is_told(
    begun: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def telling(line: log.LogLine) -> dict[str, Any]:
        return whole(line) | {"nonce": line.event.nonce}

    whole = log.LogLine.as_json
    monkeypatch.setattr(log.LogLine, "as_json", telling)

    printed, _ = in_a_world(begun, place, titles()["exclude E2"])

    (guessed,) = found_by_trying("titles", printed)
    assert (guessed.verdict, guessed.criterion) == (Verdict.EXCLUDE, "E2")


def test_no_hash_of_a_sealed_event_is_printed_but_in_the_chain(
    worlds: Callable[[str], dict[str, tuple[Said, list[str]]]],
) -> None:
    for printed, kept in worlds("titles").values():
        named = {name for name, text in printed.items() if kept[-1] in text}

        assert named <= {"log --json", "verify --json", "export/log.jsonl", "export/export.json"}
