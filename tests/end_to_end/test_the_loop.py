"""One living update through the real command, the real page and a real mail server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from bot.demo.fiction import (
    NEW_PMID,
    fictional_entry,
    fictional_trial,
)
from bot.demo.sources import stand_ins
from tests.end_to_end.programs import Guest, MailServer, Program, a_mail_server, until
from tests.engines import ENGINES, SQLITE, engines
from tests.safety import SAFETY_S
from tests.second_reader_check import read_log

CANDIDATE = f"pubmed:{NEW_PMID}"
STUDY = "fictional2026"
CELL = f"{STUDY}|strength_improved|after induction|ivig|events"


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with a_mail_server() as server:
        yield server


@pytest.fixture(params=ENGINES)
def program(request: pytest.FixtureRequest, tmp_path: Path, mails: MailServer) -> Iterator[Program]:
    with stand_ins() as sources:
        program = Program(
            tmp_path / "data",
            sources.settings
            | {
                "LIVINGREVIEW_SMTP_URL": mails.url,
                "LIVINGREVIEW_EMAIL": "bot@example.org",
                "LIVINGREVIEW_TICK_S": "0.3",
            },
            request.param,
        )
        team(program)
        program.ask("search")
        sources.pubmed.add(fictional_trial())
        sources.ctgov.add(fictional_entry())
        yield program


def team(program: Program) -> None:
    people = {
        "ada": ("screener", "extractor"),
        "ben": ("screener", "extractor"),
        "cy": ("adjudicator",),
        "dora": ("lead", "operator"),
    }
    for name, roles in people.items():
        options = [word for role in roles for word in ("--role", role)]
        program.do("people", "add", name, "--address", f"{name}@example.org", *options)


def extraction(events: int) -> dict[str, object]:
    place = {"outcome": "strength_improved", "source": f"pmid:{NEW_PMID}", "locator": "abstract"}
    return {
        "design": "parallel",
        "arms": ["ivig", "placebo"],
        "participants": 24,
        "values": [
            {**place, "arm": "ivig", "events": events, "total": 12},
            {**place, "arm": "placebo", "events": 2, "total": 12},
        ],
    }


def strength(program: Program) -> Any:
    return next(a for a in program.ask("analyse")["analyses"] if a["id"] == "1.2")


def guest(program: Program, address: str, person: str) -> Guest:
    link = program.do("people", "link", person).strip()
    return Guest(address + link[link.index("/sign-in/") :])


def test_a_new_trial_goes_from_the_search_to_a_published_version(
    program: Program, mails: MailServer
) -> None:
    assert program.ask("search")["candidates_new"] == 1
    with program.running() as address, ExitStack() as stack:
        ada, cy, dora = (
            stack.enter_context(closing(guest(program, address, name)))
            for name in ("ada", "cy", "dora")
        )
        two_screen_and_a_third_rules(program, ada, cy)
        two_extract_and_a_third_settles(program, cy)

        until(lambda: strength(program)["estimate"] == pytest.approx(7.75, rel=1e-12))
        until(lambda: program.ask("status")["draft"] == "3.1")
        until(lambda: "[living review] New result, draft 3.1" in mails.subjects("dora@example.org"))
        assert "3.1" in dora.read("/versions")

        dora.submit("/versions/3.1", "/sign/3.1", verdict="accept")
        assert "one more signature" in dora.read("/versions/3.1")
        said = program.ask("sign", "3.1", "--as", "ada")
        assert said[0]["waits_for"] == []
        until(lambda: program.ask("status")["version"] == "3.1")
        until(lambda: "[living review] Version 3.1 published" in mails.subjects("ada@example.org"))

    assert program.ask("verify")["faults"] == []
    assert read_log(program.do("log", "--json"), program.data) == []
    report = program.data / "versions" / "3.1" / "report.html"
    assert "7.75" in report.read_text(encoding="utf-8")
    ids = [str(message["Message-ID"]) for _, message in mails.messages]
    assert len(ids) == len(set(ids))


def two_screen_and_a_third_rules(program: Program, ada: Guest, cy: Guest) -> None:
    page = f"/candidates/{CANDIDATE}"
    ada.submit(page, page, verdict="include")
    program.do("screen", CANDIDATE, "exclude", "--as", "ben", "--criterion", "E2")
    cy.submit(page, page, verdict="include", note="it was randomised")
    for person in ("ada", "ben"):
        program.do("screen", CANDIDATE, "include", "--as", person, "--stage", "full_text")


def two_extract_and_a_third_settles(program: Program, cy: Guest) -> None:
    for person, events in (("ada", 9), ("ben", 8)):
        words = ("extract", STUDY, "--as", person, "--file", "-")
        program.ask(*words, given=extraction(events))
    settle = {"choice": "number:9.0", "note": "nine of twelve, abstract"}
    cy.submit(f"/extract/{STUDY}", f"/extract/{STUDY}/settle", **settle)


def test_a_source_that_fails_gives_exit_status_3_and_its_name(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9/"
    with stand_ins() as sources:
        settings = sources.settings | {
            "LIVINGREVIEW_PUBMED_URL": nowhere,
            "LIVINGREVIEW_PUBMED_ATTEMPTS": "1",
        }
        found = Program(tmp_path / "data", settings).ask("search", status=3)

    by_name = {source["source"]: source for source in found["sources"]}
    assert by_name["pubmed"]["status"] == "failed"
    assert by_name["pubmed"]["error"]
    assert by_name["ctgov"]["status"] == "ok"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("queue", "--as", "nobody"), 2, "no person 'nobody'"),
        (("extract", "harbo2009"), 2, "give --as PERSON and --file FILE"),
        (("publish",), 2, "no draft"),
        (("search", "--source", "central"), 2, "searched by a person"),
    ],
)
def test_wrong_use_says_what_was_expected(
    tmp_path: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    program = Program(tmp_path / "data", {})
    done = subprocess.run(
        program.words(*words),
        env=program.environment,
        capture_output=True,
        text=True,
        timeout=SAFETY_S,
        check=False,
    )

    assert done.returncode == status
    assert said in done.stderr


def log_lines(program: Program) -> list[str]:
    return program.do("log", "--json").splitlines()


def test_a_backup_is_restored_elsewhere_and_verified(program: Program, tmp_path: Path) -> None:
    before = log_lines(program)
    program.do("backup", str(tmp_path / "copy"))

    for engine in ENGINES:
        place = {} if engine == SQLITE else {"LIVINGREVIEW_DATABASE_URL": engines.cluster.empty()}
        elsewhere = Program(tmp_path / engine, program.settings | place, SQLITE)
        said = elsewhere.do("restore", str(tmp_path / "copy"))
        assert "everything agrees" in said
        assert elsewhere.ask("people", "list") == program.ask("people", "list")
        restored = log_lines(elsewhere)
        assert len(restored) >= len(before)
        assert restored == log_lines(program)[: len(restored)]  # a mail may have left since
        assert (elsewhere.data / "review.sqlite").exists() is (engine == SQLITE)
