"""The read-out, by command and page: another drug against the review's own, no file edited by hand.

The shape of NCT06742190: a trial is entered as ongoing, its results are posted, it is included and
extracted by two with an arm that the protocol lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.demo.fiction import NEW_NCT, fictional_entry
from bot.demo.sources import stand_ins
from bot.sources.ctgov.stand_in import CtgovStandIn
from tests.end_to_end.programs import MailServer, Program, a_mail_server, until
from tests.end_to_end.test_the_loop import guest, team
from tests.engines import ENGINES

CANDIDATE, AMENDMENT = f"ctgov:{NEW_NCT}", "arm-drugx"
NOT_YET = ("resultsSection", "hasResults")


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with a_mail_server() as server:
        yield server


@pytest.fixture(params=ENGINES)
def begun(
    request: pytest.FixtureRequest, tmp_path: Path, mails: MailServer
) -> Iterator[tuple[Program, CtgovStandIn]]:
    with stand_ins() as sources:
        settings = {"LIVINGREVIEW_SMTP_URL": mails.url, "LIVINGREVIEW_TICK_S": "0.3"}
        program = Program(tmp_path / "data", sources.settings | settings, request.param)
        team(program)
        program.ask("search")
        yield program, sources.ctgov


def entry_before_results() -> dict[str, Any]:
    written = {key: value for key, value in fictional_entry().items() if key not in NOT_YET}
    del written["protocolSection"]["statusModule"]["resultsFirstPostDateStruct"]
    return written | {"hasResults": False}


def extraction() -> dict[str, object]:
    place = {"outcome": "disability_worse", "source": NEW_NCT, "locator": "posted outcome 1"}
    return {
        "design": "parallel",
        "arms": ["drugx", "ivig"],
        "participants": 154,
        "labels": {"drugx": "Drug X"},
        "values": [
            {**place, "arm": "drugx", "events": 6, "total": 77},
            {**place, "arm": "ivig", "events": 10, "total": 77},
        ],
    }


def results(program: Program) -> dict[str, Any]:
    return {each["id"]: each for each in program.ask("analyse")["analyses"]}


def test_a_read_out_comes_into_the_results_with_two_signatures_and_no_edited_file(
    begun: tuple[Program, CtgovStandIn], mails: MailServer
) -> None:
    program, register = begun
    register.add(entry_before_results())
    assert program.ask("search")["candidates_new"] == 1
    study = entered_as_ongoing(program)
    register.add(fictional_entry())
    program.ask("search", "--source", "ctgov")
    for person in ("ada", "dora"):
        program.do("place", study, "included", "--note", "results are posted", "--as", person)

    with program.running() as address:
        for person in ("ada", "ben"):
            words = ("extract", study, "--as", person, "--file", "-")
            program.ask(*words, given=extraction())
        before = results(program)
        assert "5.1" not in before
        missing = "the lead's signature and one more signature"
        waits = f"amendment {AMENDMENT}: to accept or reject; it waits for {missing}"
        assert waits in program.ask("status")["needs"]
        until(
            lambda: (
                "[living review] A protocol amendment is proposed"
                in mails.subjects("dora@example.org")
            )
        )
        (first,) = program.ask("sign", AMENDMENT, "accept", "--as", "ada")
        assert first["waits_for"] == ["the lead's signature"]
        with closing(guest(program, address, "dora")) as dora:
            page = dora.read(f"/amendments/{AMENDMENT}")
            assert "+id = &#34;drugx&#34;" in page or '+id = "drugx"' in page
            dora.submit(f"/amendments/{AMENDMENT}", f"/sign/{AMENDMENT}", verdict="accept")

        until(lambda: program.ask("status")["draft"] == "3.1")
        until(lambda: "[living review] New result, draft 3.1" in mails.subjects("ada@example.org"))

    after = results(program)
    assert after["5.1"]["estimate"] == pytest.approx(0.6, rel=1e-12)
    assert (after["5.1"]["arm_1"], after["5.1"]["studies"]) == ("drugx", 1)
    assert {key: each for key, each in after.items() if key != "5.1"} == before
    status = program.ask("status")
    assert (status["protocol_version"], status["protocol"]["folder"]) == ("2", "behind")
    assert not [each for each in status["needs"] if each.startswith("amendment")]
    kinds = [json.loads(line)["kind"] for line in program.do("log", "--json").splitlines()]
    assert kinds.count("protocol_adopted") == 2
    assert kinds.index("signal_raised") > kinds.index("amendment_in_force")
    assert program.ask("verify")["faults"] == []
    lies = program.data / "amendments" / AMENDMENT
    assert 'id = "drugx"' in (lies / "protocol.toml").read_text(encoding="utf-8")


def entered_as_ongoing(program: Program) -> str:
    for person in ("ada", "ben"):
        program.do("screen", CANDIDATE, "include", "--as", person)
    for person in ("ada", "ben"):
        words = ("screen", CANDIDATE, "include", "--stage", "full_text", "--place", "ongoing")
        program.do(*words, "--as", person)
    (study,) = {
        json.loads(line)["study"]
        for line in program.do("records", "--json").splitlines()
        if json.loads(line)["source_id"] == NEW_NCT
    }
    return str(study)
