"""The watchdog: a program of its own that needs the status file or its address."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from bot.signing_key import SigningKey, open_key
from bot.static_status import FILE, keep_status, public_status
from bot.watchdog import Watch, look, watch
from state.codec import canonical, instant, moment
from tests.bot.world import World, a_world

HOURS = timedelta(hours=48)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("watched")) as found:
        found.clock.at = datetime.now(UTC)
        found.search_all()
        found.clock.advance(days=0.01)
        found.search_all()
        yield found


@pytest.fixture
def status(world: World) -> dict[str, Any]:
    return public_status(world.app)


def complaints(status: dict[str, Any], *, days: float = 0, key: str | None = None) -> str:
    now = moment(status["written_at"]) + timedelta(days=days)
    return "\n".join(look(status, Watch(now, key)).complaints)


def resigned(status: dict[str, Any], world: World, **changes: object) -> dict[str, Any]:
    """Change what a certificate says, and sign it again."""
    key = open_key(world.app.config.data)
    text = canonical(json.loads(status["certificate"]["body"]) | changes)
    certificate = status["certificate"] | {"body": text, "signature": key.sign(text)}
    return status | {"certificate": certificate}


def test_all_is_well(status: dict[str, Any]) -> None:
    assert complaints(status, key=status["public_key"]) == ""


def test_a_program_that_writes_nothing_may_be_dead(status: dict[str, Any]) -> None:
    assert "it may be dead" in complaints(status, days=3)


def test_a_certificate_that_is_late_is_missed(status: dict[str, Any], world: World) -> None:
    late = resigned(status, world, next_by=instant(moment(status["written_at"]) - 2 * HOURS))

    assert "has not come" in complaints(late)


def test_a_round_that_proves_nothing_is_said_with_the_reason(
    status: dict[str, Any], world: World
) -> None:
    failed = resigned(status, world, verdict="incomplete", reasons=["PubMed was not searched"])

    assert "proves nothing: PubMed was not searched" in complaints(failed)


def test_a_certificate_that_was_changed_is_seen(status: dict[str, Any]) -> None:
    changed = status["certificate"] | {
        "body": status["certificate"]["body"].replace('"found":', '"found":1')
    }

    assert "signature does not hold" in complaints(status | {"certificate": changed})


def test_another_key_than_the_one_to_expect_is_seen(status: dict[str, Any], tmp_path: Path) -> None:
    other: SigningKey = open_key(tmp_path)

    assert "the key is another" in complaints(status, key=other.public)


def test_a_status_from_the_future_is_odd(status: dict[str, Any]) -> None:
    assert "in the future" in complaints(status, days=-1)


def test_a_red_source_is_named(status: dict[str, Any]) -> None:
    red = [source | {"light": "red"} for source in status["sources"]]

    assert "PubMed: not to be relied on" in complaints(status | {"sources": red})


@pytest.mark.parametrize(
    "status",
    [{}, {"written_at": 7}, {"written_at": "yesterday", "certificate": {}}, {"sources": 1}],
)
def test_what_is_no_status_is_complained_of(status: dict[str, Any]) -> None:
    assert not look(status, Watch(datetime.now(UTC))).well


def test_no_certificate_yet_is_said(status: dict[str, Any]) -> None:
    assert "no certificate" in complaints(status | {"certificate": None})


def test_the_file_holds_nothing_private(world: World) -> None:
    keep_status(world.app)
    text = world.app.config.data.joinpath(*FILE).read_text("utf-8")

    for private in ("example.org", "Ada", "Fictional"):
        assert private not in text


def test_the_file_is_written_anew_within_an_hour(world: World) -> None:
    file = world.app.config.data.joinpath(*FILE)
    keep_status(world.app)
    before = json.loads(file.read_text())["written_at"]
    keep_status(world.app)
    assert json.loads(file.read_text())["written_at"] == before

    world.clock.advance(minutes=61)
    keep_status(world.app)
    assert json.loads(file.read_text())["written_at"] > before


def bark(where: str, *more: str) -> tuple[int, str]:
    """Run the command as cron would, in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "watchdog", where, *more],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_needs_the_file_and_nothing_else(world: World) -> None:
    world.clock.at = datetime.now(UTC)
    keep_status(world.app)
    file = str(world.app.config.data.joinpath(*FILE))

    assert bark(file) == (
        0,
        f"all is well: the certificate of {datetime.now(UTC):%Y-%m-%d} holds\n",
    )
    assert bark(f"{file}.gone")[0] == 1
    assert bark(file, "--max-age", "0")[0] == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"response_data": "<html></html>"}, "HTML"),
        ({"response_data": '{"written_at": "20'}, "cut off"),
        ({"response_data": "gone", "status": 404}, "404"),
        ({"response_data": "", "status": 302, "headers": {"Location": "http://a/"}}, "302"),
        ({"response_data": b" " * 6_000_000}, "limit"),
    ],
)
def test_what_an_address_answers_instead_is_said(
    httpserver: HTTPServer, answer: dict[str, Any], said: str
) -> None:
    httpserver.expect_request("/status.json").respond_with_data(**answer)

    report = watch(httpserver.url_for("/status.json"), None, HOURS)

    assert not report.well
    assert said in report.complaints[0]


def test_an_address_that_serves_the_status_is_enough(
    httpserver: HTTPServer, status: dict[str, Any]
) -> None:
    fresh = status | {"written_at": instant(datetime.now(UTC))}
    httpserver.expect_request("/status.json").respond_with_json(fresh)

    assert watch(httpserver.url_for("/status.json"), None, HOURS).complaints == ()
