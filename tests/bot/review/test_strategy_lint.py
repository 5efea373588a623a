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


CENTRAL = "# CENTRAL (Cochrane Library).\n"
EMBASE = "# Embase (embase.com).\n"
OVID = "# MEDLINE by Ovid.\n"
ICTRP = "# WHO ICTRP search portal.\n"
CTIS = "# CTIS, words only.\n"


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (f'{CENTRAL}#1 (tea or "green tea*"):ti,ab,kw', "no wildcard in quotation marks"),
        ('#1 MeSH descriptor: [Tea]\n#2 "gr?en tea":ti\n#3 #1 or #2', "no wildcard in quotation"),
        (f"{CENTRAL}#1 (green NEXT/1 tea):ti", "NEXT takes no number"),
        (f"{CENTRAL}#1 tea[tiab]", "is of PubMed"),
        (f"{CENTRAL}#1 exp tea/ or tea.ti,ab.", "is of Ovid"),
        (f"{CENTRAL}#1 tea\n#2 sleep\n#3 sleep or dream", "line #1 is used by no other line"),
        (f"{CENTRAL}#1 (tea or sleep", "a '(' that nothing closes"),
        (f"{CENTRAL}#1 tea\n#2 #1 and #7", "found #7"),
        (f"{EMBASE}#1 'tea'/exp OR (green NEXT tea):ti", "take a number on Embase.com"),
        (f"{EMBASE}#1 tea[tiab]", "is of PubMed"),
        (f"{EMBASE}#1 MeSH descriptor: [Tea]", "is of the Cochrane Library"),
        (f"{OVID}1. exp tea/\n2. (green NEAR/3 tea).ti.", "Ovid knows no NEAR"),
        (f"{OVID}1. tea:ti,ab", "is of the Cochrane Library and Embase.com"),
        (f"{ICTRP}tea[tiab] OR sleep", "is of PubMed"),
        (f'{ICTRP}"green tea*"', "no wildcard within a phrase"),
        (f"{CTIS}tea OR sleep", "'OR' is a word like any other"),
        (f"{CTIS}neuropath*", "'*' is no wildcard there"),
        ("# Anywhere.\ntea AND ()", "empty brackets"),
    ],
)
def test_what_a_platform_takes_otherwise_is_named_in_a_strategy_to_paste(
    strategy: str, expected: str
) -> None:
    found = said(strategy, "manual")

    assert any(expected in text for _, text in found), found


@pytest.mark.parametrize(
    "strategy",
    [
        f'{CENTRAL}#1 ((green next tea*) or "black tea"):ti,ab,kw',
        f"{EMBASE}#1 'green tea*':ti,ab,kw OR (black NEXT/1 tea):ti,ab,kw",
        f"{OVID}1. exp tea/\n2. (green adj3 tea).ti,ab.\n3. 1 or 2",
        f"{ICTRP}green tea OR black teas",
        f"{CTIS}green tea\nblack tea",
        "# Of no known platform.\ntea* near sleep",
    ],
)
def test_what_suits_its_platform_is_left_alone_in_a_strategy_to_paste(strategy: str) -> None:
    assert said(strategy, "manual") == []


def test_lines_of_words_are_held_to_what_their_register_takes() -> None:
    assert said("tea OR sleep", "ctis")
    assert said("#1 tea", "ctis")
    assert said("green tea\nblack tea", "ctis") == []


def test_every_strategy_of_the_review_is_well_written() -> None:
    review = read_review(REVIEW)

    found = {
        plan.id: lint(review.strategies[plan.id], plan.kind) for plan in review.protocol.sources
    }

    assert {name: odd for name, odd in found.items() if odd} == {}
