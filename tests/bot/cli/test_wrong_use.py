"""What a command says of what it cannot use: in words, with the exit status, and nothing stored."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.cli import main
from tests.bot.builders import ADA, add_team, an_app

Heard = pytest.CaptureFixture[str]
WRONG_USE, FAILED = 2, 1

UNREADABLE = [
    (b"", "Expecting value"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"candidate": ' + b"9" * 5000 + b"}", "4300 digits"),
    (b'{"candidate": "\xff"}', "can't decode byte 0xff"),
    (rb'{"candidate": "\ud800"}', "surrogates not allowed"),
    (b'{"verdict": "include", "verdict": "exclude"}', "found 'verdict' twice in one object"),
]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path)
    add_team(app)
    yield app
    app.close()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, app: App, capsys: Heard) -> Typed:
    return Typed(monkeypatch, app, capsys)


class Typed:
    """Types a command as a person does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, app: App, heard: Heard) -> None:
        self._patch, self._app, self._heard = monkeypatch, app, heard

    def __call__(self, *words: str, piped: bytes = b"") -> tuple[int, str]:
        """Return the exit status, and what was said of the fault."""
        data = str(self._app.config.data)
        self._patch.setattr(sys, "argv", ["livingreview", *words, "--data", data])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))
        self._heard.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), self._heard.readouterr().err


@pytest.mark.parametrize(("body", "said"), UNREADABLE)
def test_a_file_that_is_not_one_whole_json_text_is_refused(
    typed: Typed, tmp_path: Path, body: bytes, said: str
) -> None:
    file = tmp_path / "said.json"
    file.write_bytes(body)

    from_file = typed("screen", "--as", ADA, "--file", str(file))
    from_pipe = typed("extract", "a-study", "--as", ADA, "--file", "-", piped=body)

    assert from_file[0] == from_pipe[0] == WRONG_USE
    assert f"{file}: " in from_file[1]
    assert "standard input: " in from_pipe[1]
    assert said in from_file[1]
    assert said in from_pipe[1]


def test_a_file_of_a_program_that_marks_its_utf_8_is_read(typed: Typed) -> None:
    piped = b'\xef\xbb\xbf{"candidate": "x:1", "verdict": "include"}'

    assert typed("screen", "--as", ADA, "--file", "-", piped=piped) == (
        WRONG_USE,
        "livingreview: no candidate 'x:1'\n",
    )


def test_each_fault_of_a_list_names_its_entry(typed: Typed) -> None:
    piped = b'[{"candidate": "x:1", "verdict": "maybe"}, {"verdict": "include"}, "word"]'

    status, said = typed("screen", "--as", ADA, "--file", "-", piped=piped)

    assert status == WRONG_USE
    assert [line.split(",")[0] for line in said.removeprefix("livingreview: ").splitlines()] == [
        "entry 1",
        "entry 2",
        "entry 3",
    ]
    assert "entry 3, found 'word', expected a JSON object" in said


def test_an_empty_list_and_nothing_are_called_what_they_are(typed: Typed) -> None:
    words = ("screen", "--as", ADA, "--file", "-")

    assert "found an empty list, expected at least one entry" in typed(*words, piped=b"[]")[1]
    assert "found nothing, expected a JSON object" in typed(*words, piped=b"null")[1]


@pytest.mark.parametrize("piped", [b"[]", b'{"candidate": "x:1", "verdict": "include"}'])
def test_an_entry_is_given_in_a_file_or_as_arguments(typed: Typed, piped: bytes) -> None:
    status, said = typed("screen", "x:1", "exclude", "--as", ADA, "--file", "-", piped=piped)

    assert status == WRONG_USE
    assert "found --file and candidate, verdict" in said


@pytest.mark.parametrize(
    "words",
    [
        ("people", "link", ""),
        ("people", "retire", ""),
        ("same", "", "x:1", "--as", ADA),
        ("import", "--source", "", "--nothing-found", "--as", ADA),
        ("log", "--after", "9" * 30),
    ],
)
def test_a_value_that_cannot_be_is_wrong_use(typed: Typed, words: tuple[str, ...]) -> None:
    assert typed(*words)[0] == WRONG_USE


@pytest.mark.parametrize("command", ["backup", "export"])
def test_a_folder_that_cannot_be_written_is_named(
    typed: Typed, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "a-file"
    file.write_bytes(b"")

    status, said = typed(command, str(file))

    assert status == FAILED
    assert str(file) in said


def test_a_port_that_is_taken_is_named_before_anything_is_searched(typed: Typed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, said = typed("run", "--port", port)

    assert status == FAILED
    assert f"cannot serve at 127.0.0.1, port {port}: " in said
    assert "search" not in said


@pytest.mark.parametrize("words", [("queue", "--as", "x\udcff"), ("records", "--as", "\udcff")])
def test_a_word_that_is_no_text_is_named(typed: Typed, words: tuple[str, ...]) -> None:
    status, said = typed(*words)

    assert status == 2
    assert "Traceback" not in said


def test_a_byte_that_is_no_text_is_shown_by_its_code(typed: Typed) -> None:
    _, said = typed("queue", "--as", "x\udcff")

    assert "found '\\udcff', which is no text in utf-8" in said
