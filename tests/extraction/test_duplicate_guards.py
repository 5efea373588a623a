"""Which words of two titles tell two documents, on both sides of each threshold."""

from __future__ import annotations

import pytest

from extraction.duplicates.features import features
from extraction.duplicates.guards import differences, is_serial, replaced_words
from tests.extraction.made_up import record


@pytest.mark.parametrize(
    ("one", "other", "replaced"),
    [
        ("abcdefgh", "abcdefxy", False),  # three letters of four
        ("abcdefg", "abcdexy", True),
        ("abcdefghijklmno", "abcdefghijkwxyz", True),  # eleven of fifteen
        ("mice", "rice", True),  # of a short word nearly all must stay
        ("cat", "chat", False),
        ("prednisone", "severe prednisolone", False),  # a word more is no other word
    ],
)
def test_a_word_is_replaced_by_one_that_is_unlike(one: str, other: str, replaced: bool) -> None:
    titles = [features(record(f"Trial of {each} versus rest")) for each in (one, other)]

    assert bool(replaced_words(*titles)) is replaced
    assert bool(replaced_words(*reversed(titles))) is replaced


@pytest.mark.parametrize(
    ("title", "serial"),
    [
        ("Opibom syndrome", True),
        ("Opibom syndrome adults", False),
        ("Letter to the editor", True),
        ("Letter to the editor on mobipomab", False),
        ("", True),
    ],
)
def test_a_title_says_nothing_that_is_a_column_or_has_fewer_than_three_words(
    title: str, serial: bool
) -> None:
    assert is_serial(features(record(title))) is serial


@pytest.mark.parametrize(
    ("one", "other", "opposed"),
    [
        ("Hypotension", "Hypertension", True),
        ("Inpatients", "Outpatients", True),
        ("Tension", "Hypertension", False),
        ("Into", "Outto", False),  # two letters are no stem
    ],
)
def test_words_are_opposed_by_their_beginnings(one: str, other: str, opposed: bool) -> None:
    titles = [features(record(f"{each} among the adults of Dublin")) for each in (one, other)]

    assert bool(list(differences(*titles))) is opposed
