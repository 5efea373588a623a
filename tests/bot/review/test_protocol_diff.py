"""What an amendment changes, in words."""

from __future__ import annotations

import pytest

from bot.review.protocol_diff import changes_in_words, unified_diff
from bot.review.protocol_file import parse_protocol
from tests.bot.a_review import PROTOCOL, changed

DECISION = """
[[open_decisions]]
id = "milk"
question = "May milk be added?"
default = "It is not."
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            changed('label = "Milk"', 'label = "Oat milk"'),
            "Arm milk: label: Milk → Oat milk",
        ),
        (
            changed('text = "Tired people."', 'text = "All."'),
            "Criterion E1: text: Tired people. → All.",
        ),
        (
            changed("parameter = 0.5", "parameter = 0.2"),
            "Signal rule S2: parameter: 0.5 → 0.2",
        ),
        (
            changed('"10 6 * * mon"', '"10 6 * * tue"'),
            "Source pubmed: schedule: 10 6 * * mon → 10 6 * * tue",
        ),
        (
            changed('strategy = "pubmed.txt"', 'strategy = "new.txt"'),
            "Source pubmed: strategy_file: pubmed.txt → new.txt",
        ),
        (
            changed('mode = "trigger"', 'mode = "fixed"'),
            "The living mode: mode: trigger → fixed",
        ),
        (
            changed('short_title = "Tea"', 'short_title = "T"'),
            "The review: short_title: Tea → T",
        ),
        (
            PROTOCOL + DECISION,
            "Open decision added: May milk be added? (milk, default: It is not.)",
        ),
    ],
)
def test_each_change_is_a_sentence(text: str, said: str) -> None:
    assert changes_in_words(parse_protocol(PROTOCOL), parse_protocol(text)) == (said,)


def test_a_decision_that_is_open_no_more_was_settled() -> None:
    before = parse_protocol(PROTOCOL + DECISION)

    assert changes_in_words(before, parse_protocol(PROTOCOL)) == (
        "Open decision settled: May milk be added? (milk, default: It is not.)",
    )


def test_what_is_taken_away_is_said() -> None:
    text = changed('[[arms]]\nid = "milk"\nlabel = "Milk"\n', "")

    said = changes_in_words(parse_protocol(PROTOCOL), parse_protocol(text))

    assert said == ("Arm taken away: Milk (milk)",)


def test_a_text_that_ends_without_a_line_end_is_compared_line_by_line() -> None:
    assert unified_diff("a\nb", "a\nc\n", "1", "2").splitlines()[-3:] == [" a", "-b", "+c"]
