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
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from bot.cli import keeping, searching
from bot.silence.signing_key import KEY_FILE, SigningKey, open_key
from bot.silence.static_status import FILE, keep_status, public_status
from bot.silence.watchdog import DEFAULT_MAX_AGE, Memory, Watch, WatchdogReport, look
from bot.silence.watchdog_command import LARGEST_BYTES, report_json, report_lines, watch
from bot.work.backup import put_back, write_backup
from state.codec import canonical, instant, moment
from tests.bot.web.browser import stranger
from tests.bot.world import World, a_world
from tests.safety import SAFETY_S

ROOT = Path(__file__).parent.parent.parent.parent
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


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


@pytest.fixture(scope="module")
def an_old_status(world: World) -> dict[str, Any]:
    return public_status(world.app)


def seen(status: dict[str, Any], *, days: float = 0, **against: Any) -> WatchdogReport:
    now = moment(status["written_at"]) + timedelta(days=days)
    return look(status, Watch(now, **against))


def complaints(status: dict[str, Any], *, days: float = 0, **against: Any) -> str:
    return "\n".join(seen(status, days=days, **against).complaints)


def signed(status: dict[str, Any], key: SigningKey, **changes: object) -> dict[str, Any]:
    """Change what the file says, and sign it again."""
    whole = {name: value for name, value in status.items() if name != "signature"} | changes
    return {**whole, "signature": key.sign(canonical(whole))}


def resigned(status: dict[str, Any], world: World, **changes: object) -> dict[str, Any]:
    """Change what a certificate says, and sign it and the file again."""
    key = open_key(world.app.config.data)
    text = canonical(json.loads(status["certificate"]["body"]) | changes)
    certificate = status["certificate"] | {"body": text, "signature": key.sign(text)}
    return signed(status, key, certificate=certificate)


def test_all_is_well(status: dict[str, Any]) -> None:
    assert complaints(status, key=status["public_key"]) == ""


def test_a_program_that_writes_nothing_may_be_dead(status: dict[str, Any]) -> None:
    assert "it may be dead" in complaints(status, days=3)


def test_a_certificate_that_is_late_is_missed(status: dict[str, Any], world: World) -> None:
    an_hour_ago = instant(moment(status["written_at"]) - timedelta(hours=1))

    assert "has not come" in complaints(resigned(status, world, next_by=an_hour_ago))


def test_a_copy_of_the_status_may_lag_a_day_behind_the_certificate(
    status: dict[str, Any], world: World
) -> None:
    soon = resigned(
        status, world, next_by=instant(moment(status["written_at"]) + timedelta(hours=1))
    )

    assert complaints(soon, days=0.9) == ""
    assert "has not come" in complaints(soon, days=1.1)


def test_a_round_that_proves_nothing_is_said_with_the_reason(
    status: dict[str, Any], world: World
) -> None:
    failed = resigned(status, world, verdict="incomplete", reasons=["PubMed was not searched"])

    assert "proves nothing: PubMed was not searched" in complaints(failed)


def test_a_certificate_that_was_changed_is_seen(status: dict[str, Any], world: World) -> None:
    changed = status["certificate"] | {
        "body": status["certificate"]["body"].replace('"found":', '"found":1')
    }

    again = signed(status, open_key(world.app.config.data), certificate=changed)
    assert complaints(again) == (
        "the certificate's signature does not hold: it was changed after it was signed"
    )


@pytest.mark.parametrize("name", ["written_at", "sources", "next_by", "review"])
def test_a_file_that_was_changed_is_seen(status: dict[str, Any], name: str) -> None:
    changed = status | {name: instant(moment(status["written_at"]) + timedelta(minutes=5))}

    assert "the signature of the file does not hold" in complaints(changed)


def test_another_key_than_the_one_to_expect_is_seen(status: dict[str, Any], tmp_path: Path) -> None:
    other = open_key(tmp_path)

    assert "the key is another" in complaints(status, key=other.public)


def test_a_forger_with_a_key_of_his_own_is_seen(status: dict[str, Any], tmp_path: Path) -> None:
    forged = signed(status, forger := open_key(tmp_path), public_key=forger.public)

    assert "the key is another" in complaints(forged, key=status["public_key"])


def test_a_status_from_the_future_is_odd(status: dict[str, Any]) -> None:
    assert "in the future" in complaints(status, days=-1)
    assert complaints(status, days=-0.02) == ""


def test_a_red_source_is_named_and_one_for_people_is_a_note(
    status: dict[str, Any], world: World
) -> None:
    red = [source | {"light": "red"} for source in status["sources"]]

    found = seen(signed(status, open_key(world.app.config.data), sources=red))

    assert any("PubMed: red" in each for each in found.complaints)
    assert not any("Embase" in each for each in found.complaints)
    assert any("Embase" in each and "by a person" in each for each in found.notes)


def test_a_key_that_nobody_told_is_worth_a_note(status: dict[str, Any]) -> None:
    assert any(status["public_key"] in each for each in seen(status).notes)
    assert not any("--key" in each for each in seen(status, key=status["public_key"]).notes)


@pytest.mark.parametrize(
    "status",
    [{}, {"written_at": 7}, {"written_at": "yesterday", "certificate": {}}, {"sources": 1}],
)
def test_what_is_no_status_is_complained_of(status: dict[str, Any]) -> None:
    assert not look(status, Watch(datetime.now(UTC))).well


def test_no_certificate_yet_is_said(status: dict[str, Any], world: World) -> None:
    none = signed(status, open_key(world.app.config.data), certificate=None)

    assert complaints(none).startswith("no round of all sources was completed yet")


@given(st.dictionaries(st.text(), JSON), st.data())
def test_no_value_of_any_field_ends_in_anything_but_a_complaint(
    an_old_status: dict[str, Any], strange: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(an_old_status)))
    changed = an_old_status | {name: data.draw(JSON)} | strange

    assert changed == an_old_status or not seen_now(changed).well


@given(st.dictionaries(st.sampled_from(["body", "signature", "id"]), JSON))
def test_no_value_in_a_certificate_ends_in_anything_but_a_complaint(
    an_old_status: dict[str, Any], strange: dict[str, Any]
) -> None:
    changed = an_old_status["certificate"] | strange
    whole = an_old_status | {"certificate": changed}

    assert whole == an_old_status or not seen_now(whole).well


def seen_now(status: dict[str, Any]) -> WatchdogReport:
    before = Memory("a key", "2026-01-01T00:00:00.000000Z", 5)
    return look(status, Watch(datetime.now(UTC), None, DEFAULT_MAX_AGE, before))


def test_a_watchdog_that_remembers_sees_a_changed_key_an_old_copy_and_a_shorter_log(
    status: dict[str, Any], world: World, tmp_path: Path
) -> None:
    key = open_key(world.app.config.data)
    first = seen(status).memory
    assert first is not None
    older = signed(status, key, written_at=instant(moment(status["written_at"]) - timedelta(1)))
    other = open_key(tmp_path)
    shorter = resigned(status, world, log={"events": 1, "head": "0"})

    assert seen(status, before=first).well
    assert "an old copy" in complaints(older, before=first, days=1)
    assert "the log has become shorter" in complaints(shorter, before=first)
    stranger = signed(status, other, public_key=other.public)
    assert "the key is another" in complaints(stranger, before=first)
    assert seen(stranger, before=first).memory is None


def test_nothing_is_made_unless_it_is_told_to_remember(
    status: dict[str, Any], tmp_path: Path
) -> None:
    file, memory = tmp_path / "status.json", tmp_path / "memory.json"
    file.write_text(json.dumps(status), encoding="utf-8")
    now = moment(status["written_at"])

    assert watch(str(file), now, key=None, max_age=DEFAULT_MAX_AGE).well
    assert list(tmp_path.iterdir()) == [file]

    for _ in range(2):
        assert watch(str(file), now, key=None, max_age=DEFAULT_MAX_AGE, memory=memory).well
    assert Memory(**json.loads(memory.read_text())).key == status["public_key"]
    memory.write_text("[]")
    damaged = watch(str(file), now, key=None, max_age=DEFAULT_MAX_AGE, memory=memory)
    assert "delete it" in damaged.complaints[0]


def test_the_file_holds_nothing_private(world: World) -> None:
    world.a_trial_appears()
    world.clock.advance(minutes=1)
    world.search_all()
    keep_status(world.app)
    text = world.app.config.data.joinpath(*FILE).read_text("utf-8")

    for private in ("example.org", "Ada", "Fictional", "fictional"):
        assert private not in text


def test_the_file_is_written_anew_within_an_hour_and_after_each_search(world: World) -> None:
    file = world.app.config.data.joinpath(*FILE)
    world.clock.advance(minutes=1)
    keep_status(world.app)
    before = json.loads(file.read_text())["written_at"]
    world.clock.advance(minutes=30)
    keep_status(world.app)
    assert json.loads(file.read_text())["written_at"] == before

    world.clock.advance(minutes=31)
    keep_status(world.app)
    within_the_hour = json.loads(file.read_text())["written_at"]
    world.clock.advance(minutes=5)
    searching.search_now(world.app, "pubmed")

    assert before < within_the_hour < json.loads(file.read_text())["written_at"]
    assert list(file.parent.iterdir()) == [file]


def test_the_page_serves_what_the_watchdog_needs(world: World) -> None:
    served = json.loads(stranger(world.app).get("/status.json"))

    assert complaints(served, key=open_key(world.app.config.data).public) == ""
    assert served == public_status(world.app)


@pytest.mark.sqlite
def test_a_restored_program_has_another_key_and_the_watchdog_says_so(
    world: World, tmp_path: Path
) -> None:
    old = open_key(world.app.config.data)
    write_backup(world.app, tmp_path / "copy")
    put_back(tmp_path / "copy", tmp_path / "data")
    assert not (tmp_path / "data" / KEY_FILE).exists()

    with a_world(tmp_path / "data") as restored:
        restored.clock.at = world.clock.at
        before_a_search = complaints(public_status(restored.app), key=old.public)
        restored.clock.advance(minutes=1)
        restored.search_all()
        new = open_key(tmp_path / "data")
        after = public_status(restored.app)
        assert keeping.verified(restored.app)["faults"] == []

    assert "the key is another" in before_a_search
    assert "the key is another" in complaints(after, key=old.public)
    assert complaints(after, key=new.public) == ""
    said = json.loads(after["certificate"]["body"])
    assert said["key"]["changed_from"] == old.id


def bark(where: str, *more: str, folder: Path = ROOT) -> tuple[int, str]:
    """Run the command as cron would."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "watchdog", where, *more],
        capture_output=True,
        text=True,
        timeout=SAFETY_S,
        check=False,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_needs_the_file_and_nothing_else(world: World, tmp_path: Path) -> None:
    world.clock.at = datetime.now(UTC)
    keep_status(world.app)
    file = str(world.app.config.data.joinpath(*FILE))
    key = open_key(world.app.config.data).public

    status, said = bark(file, "--key", key, folder=tmp_path)

    assert (status, said) == (0, said)
    assert said.startswith(f"all is well: the certificate of {datetime.now(UTC):%Y-%m-%d} holds (")
    assert list(tmp_path.iterdir()) == []
    assert bark(f"{file}.gone")[0] == 1
    assert json.loads(bark(f"{file}.gone", "--json")[1])["ok"] is False


@pytest.mark.parametrize(
    "wrong", [["--max-age", "0"], ["--max-age", "nan"], ["--key", "no key"], ["--unknown"]]
)
def test_wrong_use_is_told_apart_from_a_complaint(wrong: list[str]) -> None:
    assert bark("status.json", *wrong)[0] == 2
    assert bark("ftp://example.org/status.json")[0] == 2


def test_the_command_asks_an_address_as_a_process_of_its_own(
    world: World, httpserver: HTTPServer
) -> None:
    world.clock.at = datetime.now(UTC)
    served = public_status(world.app)
    httpserver.expect_request("/status.json").respond_with_json(served)
    httpserver.expect_request("/old").respond_with_json(
        signed(served, open_key(world.app.config.data), written_at="2026-01-01T00:00:00.000000Z")
    )

    assert bark(httpserver.url_for("/status.json"), "--key", served["public_key"])[0] == 0
    status, said = bark(httpserver.url_for("/old"))
    assert (status, "it may be dead" in said) == (1, True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"response_data": "<html></html>"}, "HTML"),
        ({"response_data": '{"written_at": "20'}, "cut off"),
        ({"response_data": "[]"}, "a JSON list"),
        ({"response_data": "[" * 100_000}, "JSON"),
        ({"response_data": "gone", "status": 404}, "404"),
        ({"response_data": "", "status": 302, "headers": {"Location": "http://a/"}}, "302"),
        ({"response_data": b" " * (LARGEST_BYTES + 1)}, "limit"),
        ({"response_data": ""}, "empty"),
    ],
)
def test_what_an_address_answers_instead_is_said(
    httpserver: HTTPServer, answer: dict[str, Any], said: str
) -> None:
    httpserver.expect_request("/status.json").respond_with_data(**answer)
    address = httpserver.url_for("/status.json")

    report = watch(address, datetime.now(UTC), key=None, max_age=DEFAULT_MAX_AGE)

    assert said in report.complaints[0]
    assert len(report_lines(report)) == 1
    assert report_json(report)["ok"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!doctype html><title>Moved</title>", "Moved"),
        (b'{"written_at": "20', "cut off"),
        (b" " * (LARGEST_BYTES + 1), "limit"),
        (b"\xff\xfe\x00", "not JSON"),
    ],
)
def test_what_a_file_holds_instead_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "status.json"
    file.write_bytes(content)

    report = watch(str(file), datetime.now(UTC), key=None, max_age=DEFAULT_MAX_AGE)

    assert said in report.complaints[0]


def test_a_line_is_a_line_whatever_a_file_says(status: dict[str, Any], world: World) -> None:
    wild = [{"name": "a\n\x1b[31mb", "light": "red"}]
    report = seen(signed(status, open_key(world.app.config.data), sources=wild))

    assert all(line.isprintable() for line in report_lines(report))
