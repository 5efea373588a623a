"""What a review goes on from: read from its folder, never from the program."""

from __future__ import annotations

import pytest

from bot.errors import ProtocolFaults
from bot.review.protocol_file import parse_protocol
from bot.review.published import parse_published
from bot.synthesis.numbering import first_number
from tests.bot.a_review import PROTOCOL, changed

PUBLISHED = """\
[published]
number = "2.0"
doi = "10.1000/tea.1"
published_on = 2020-03-01
searched_on = 2019-11-30
"""


def fault(old: str, new: str) -> str:
    with pytest.raises(ProtocolFaults) as caught:
        parse_published(changed(old, new, PUBLISHED), parse_protocol(PROTOCOL))
    (only,) = caught.value.faults
    return str(only)


def test_the_first_version_bears_the_number_of_the_published_review() -> None:
    published = parse_published(PUBLISHED, parse_protocol(PROTOCOL))

    assert (published.published_on, published.searched_on) == ("2020-03-01", "2019-11-30")
    assert first_number(published) == "2.0"


def test_a_review_that_goes_on_from_none_begins_with_its_own() -> None:
    assert first_number(None) == "1.0"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"2.0"', '"2"', "line 2: the published review, number: found '2'"),
        ('"2.0"', '"' + "9" * 5000 + '.0"', "expected a number of two parts"),
        ("tea.1", "tea.2", "expected '10.1000/tea.1', the preceding_doi of protocol.toml"),
        ("2019-11-30", "2020-11-30", "expected a day up to 2020-03-01"),
        ("2019-11-30", "soon", "line 5"),
        ('number = "2.0"\n', "", "no 'number'"),
        ("searched_on", "last_search = 2019-01-01\nsearched_on", "unknown key 'last_search'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, said: str) -> None:
    assert said in fault(old, new)


def test_without_a_preceding_doi_the_file_alone_says_it() -> None:
    protocol = parse_protocol(changed('preceding_doi = "10.1000/tea.1"\n', ""))

    assert parse_published(PUBLISHED, protocol).doi == "10.1000/tea.1"
