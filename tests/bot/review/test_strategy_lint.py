"""What is odd in a strategy, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.review.folder import read_review
from bot.review.strategy_lint import lint
from bot.sources.finding import Weight

REVIEW = Path(__file__).parents[3] / "reviews" / "mmn"


def said(strategy: str, kind: str = "pubmed") -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in lint(strategy, kind)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("neuropathy[tiabb]", "[tiabb] is no field of PubMed"),
        ("neuropathy[tiab", "a '[' that nothing closes"),
        ('"motor neuropathy[tiab]', "a quotation mark without its partner"),
        ("ig*[tiab]", "'ig*': PubMed cuts no word after fewer than four letters"),
        ("nerve[tiab] and block[tiab]", "'and' in small letters"),
        ("nerve[tiab] AND OR block[tiab]", "an operator without a term beside it"),
        ("nerve[tiab] AND ()", "empty brackets"),
        ("(nerve[tiab] OR )", "an operator without a term beside it"),
        ("nerve[tiab] NOT animal[mh]", "NOT: a wanted record"),
        ("nerve[tiab] AND block[tiab] OR motor[tiab]", "AND and OR without brackets"),
        ("“motor nerve”[tiab]", "a curly quotation mark"),
        ("motor\u00a0nerve[tiab]", "a space that is none"),
        ("nerve[tiab] AND 2010:2020[dp]", "a limit to dates"),
        ("nerve[tiab] AND english[la]", "a limit to languages"),
        ('"conduct* block"[tiab]', "a star inside a phrase"),
    ],
)
def test_what_is_odd_is_named_with_its_line(line: str, expected: str) -> None:
    found = said(f"# a remark\n{line}\n")

    assert any(place == 2 and expected in text for place, text in found), found


@pytest.mark.parametrize(
    "line",
    [
        "nerve[tiab] AND (block[tiab] OR motor[tiab])",
        '"Motor Neuron Disease"[Mesh:NoExp]',
        '"rise and fall"[tiab] OR neuropath*[tiab]',
        '"motor nerve"[tiab:~2]',
        "randomized controlled trial[pt]",
    ],
)
def test_what_is_well_written_is_left_alone(line: str) -> None:
    assert said(line) == []


def test_a_line_that_nothing_uses_is_named() -> None:
    assert said("#1 nerve[tiab]\n#2 block[tiab]\n#3 #1\n") == [
        (2, "line #2 is used by no other line")
    ]


def test_a_line_that_is_not_there_is_named() -> None:
    assert any("found #7" in text for _, text in said("#1 nerve[tiab]\n#2 #1 AND #7\n"))


def test_documents_are_checked_to_be_documents() -> None:
    assert said("doi:10.5555/x\nmotor neuropathy\n", "openalex")[0][0] == 2
    assert said("included reports\n", "crossref") == []


def test_the_reviews_own_strategies_have_no_errors() -> None:
    review = read_review(REVIEW)
    for plan in review.protocol.sources:
        found = lint(review.strategies[plan.id], plan.kind)
        assert [each for each in found if each.weight is Weight.ERROR] == [], plan.id
