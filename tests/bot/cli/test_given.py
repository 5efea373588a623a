"""What a command reads of a JSON file is refused in words where it cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.acts.handed import read_hand_in
from bot.cli.arguments import given
from bot.cli.entries import read_entries
from bot.cli.extracting import ruling_of
from bot.cli.screening import verdict_of
from bot.errors import FaultsOfAct
from bot.review.folder import read_review
from state.errors import BadInput

REVIEW = Path(__file__).parents[3] / "reviews" / "mmn"
PROTOCOL = read_review(REVIEW).protocol
ENTRY = {"candidate": "pubmed:1", "verdict": "include"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"verdict": "exclude", "verdict": "include"}', "found 'verdict' twice in one object"),
        ('[{"values": [{"events": 1, "events": 9}]}]', "found 'events' twice in one object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"participants": ' + "9" * 5_000 + "}", "5000 digits"),
        ("", "Expecting value"),
    ],
    ids=["key twice", "key twice within", "deep", "digits", "empty"],
)
def test_json_that_nobody_can_mean_is_refused_with_the_name_of_its_file(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "entries.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=words) as refused:
        given(file)

    assert str(refused.value).startswith(f"{file}: ")


@pytest.mark.parametrize("verdict", [["include"], {}, [[1]]])
def test_a_verdict_that_is_no_word_is_refused_as_one(verdict: object) -> None:
    with pytest.raises(FaultsOfAct, match="verdict: found .* expected one of include"):
        read_entries({**ENTRY, "verdict": verdict}, verdict_of)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({}, "no answer"),
        ({"number": 9, "text": "x"}, "number and text"),
        ({"drop": False}, "no an"),
    ],
)
def test_a_file_with_a_ruling_of_two_answers_or_none_is_refused_whole(
    answers: dict[str, object], found: str
) -> None:
    ruling = {"subject": "doe2026", "cell": "doe2026|x", "note": "seen"}

    with pytest.raises(FaultsOfAct, match=f"entry 2, found {found}.*expected one of number, text"):
        read_entries([{**ruling, "number": 9}, {**ruling, **answers}], ruling_of)


@pytest.mark.parametrize("sign", ["\x00", "\ud800"])
@pytest.mark.parametrize("key", ["candidate", "note", "criterion"])
def test_a_text_that_cannot_be_kept_is_refused_by_its_key(key: str, sign: str) -> None:
    with pytest.raises(FaultsOfAct, match=f"{key}: found 'a.*, expected a text without NUL"):
        read_entries({**ENTRY, key: f"a{sign}b"}, verdict_of)


def test_a_text_that_cannot_be_kept_is_found_however_deep_it_lies() -> None:
    data: Any = {"values": [{"outcome": "x", "quote": "a\x00"}], "labels": {"a\ud800": "x"}}

    with pytest.raises(FaultsOfAct, match="value 1, quote: found 'a.x00', expected a text without"):
        read_hand_in(data, PROTOCOL, "doe2026")


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_an_extraction_that_is_no_object_is_refused_in_words(data: object) -> None:
    with pytest.raises(FaultsOfAct, match="expected a JSON object$"):
        read_hand_in(data, PROTOCOL, "doe2026")
