from __future__ import annotations

import pytest

from bot.errors import StrategyFault
from bot.review.strategy_text import query, to_paste

STRATEGY = """\
# Tea in any words.
#1 tea[tiab] OR chai[tiab]
#
# Tiredness.
#2 tired*[tiab]

#3 #1 AND #2
"""


def fault_of(strategy: str) -> StrategyFault:
    with pytest.raises(StrategyFault) as caught:
        query(strategy)
    return caught.value


def test_the_last_line_is_sent_with_the_lines_it_names_in_their_places() -> None:
    assert query(STRATEGY) == "(tea[tiab] OR chai[tiab]) AND (tired*[tiab])"


def test_a_remark_may_hold_anything() -> None:
    assert query(STRATEGY + "# see line #1 (and an open bracket\n") == query(STRATEGY)


def test_line_ten_is_not_line_one() -> None:
    lines = "".join(f"#{number} word{number}\n" for number in range(1, 11))

    assert query(lines + "#11 #10 OR #1\n") == "(word10) OR (word1)"


def test_a_number_in_quotes_is_not_a_line() -> None:
    assert query('#1 tea\n#2 #1 AND "grade #1"\n') == '(tea) AND "grade #1"'


def test_a_strategy_without_numbers_is_the_query() -> None:
    assert query("# remark\ntea\nOR chai\n") == "tea OR chai"


def test_what_is_pasted_has_no_remarks() -> None:
    assert to_paste(STRATEGY) == "#1 tea[tiab] OR chai[tiab]\n#2 tired*[tiab]\n#3 #1 AND #2\n"


@pytest.mark.parametrize(
    ("strategy", "line", "found"),
    [
        ("", 1, "no words"),
        ("# only remarks\n", 1, "no words"),
        ("#1 tea\n#2 #3 AND #1\n#3 chai\n", 2, "#3"),
        ("#1 tea\n\n#1 chai\n", 3, "line #1 a second time"),
        ("#1 tea\nchai\n", 2, "'chai'"),
        ("chai\n#1 tea\n", 1, "'chai'"),
        ("#1\n", 1, "'#1'"),
        ("#1 (tea\n", 1, "a '(' that nothing closes"),
        ("#1 tea)\n", 1, "a ')' that nothing opened"),
        ("#1 (tea[tiab)]\n", 1, "a ')' that nothing opened"),
        ('#1 "tea\n', 1, "a quotation mark"),
    ],
)
def test_a_strategy_that_cannot_be_expanded_is_refused(
    strategy: str, line: int, found: str
) -> None:
    fault = fault_of(strategy)

    assert fault.line == line
    assert found in fault.found
