"""Every strategy that can hold them finds the included reports, in a model of its platform.

The words are those of titles: a database finds by abstracts and indexing as well, so what is found
here is the least. `python -m tests.strategies` prints what each line finds, and what it alone adds.
"""

from __future__ import annotations

import pytest

from tests.strategies.held import (
    ARTICLES,
    ENTRIES,
    HELD,
    NOT_OF_THE_DISEASE,
    OF_PLATFORM,
    lines_of,
    strategies,
)
from tests.strategies.syntax import Platform, read_line

SOURCES = sorted(OF_PLATFORM)


@pytest.mark.parametrize("source", SOURCES)
def test_the_whole_strategy_finds_every_record_that_its_source_can_hold(source: str) -> None:
    whole = lines_of(source)[-1]

    missed = [name for name, text in HELD[source].items() if not whole.finds(text)]

    assert missed == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_whole_strategy_leaves_out_what_is_of_another_disease(source: str) -> None:
    whole = lines_of(source)[-1]

    assert [name for name, text in NOT_OF_THE_DISEASE.items() if whole.finds(text)] == []


@pytest.mark.parametrize("source", ["pubmed", "europepmc", "central", "embase"])
def test_without_the_line_for_anti_gm1_azulay_1994_would_be_lost(source: str) -> None:
    disease = [line for line in lines_of(source)[:-1] if line.finds(ARTICLES["azulay1994"])]

    assert disease


@pytest.mark.parametrize("source", ["pubmed", "europepmc", "embase", "central"])
def test_brands_codes_and_other_spellings_are_found(source: str) -> None:
    whole = lines_of(source)[-1]
    spelt = [
        "IqYmune is effective in multifocal motor neuropathy",
        "I10E against Kiovig in multifocal motor neuropathy",
        "Immune globulins in multifocal demyelinating motor neuropathies",
        "Gamma globulins for multi-focal motor neuropathy",
        "Intravenous Ig for motor neurons with anti-GM1 antibodies: lower motor syndromes",
        "High dose immunoglobin in multifocal motor neuropathy",
        "Riliprubart (SAR445088) in multifocal motor neuropathy",
    ]

    assert [text for text in spelt if not whole.finds(text)] == []


def test_every_line_of_every_strategy_is_understood_by_the_model() -> None:
    assert set(strategies()) >= set(SOURCES)
    assert all(lines_of(source) for source in SOURCES)


def test_the_register_finds_the_trial_of_empasiprubart_in_each_of_its_strategies() -> None:
    for source in ("ctgov", "ictrp", "ctis"):
        assert any(line.finds(ENTRIES["NCT06742190"]) for line in lines_of(source)), source


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        ("(tea or coffee) near/4 sleep", "sleep after two green tea bags", True),
        ("(tea or coffee) near/3 sleep", "sleep is not the same as good coffee", False),
        ("(immune next globulin*):ti,ab,kw", "Immune globulins", True),
        ("(immune next globulin*):ti,ab,kw", "globulin, immune", False),
    ],
)
def test_nearness_is_read_as_the_library_does(line: str, text: str, *, expected: bool) -> None:
    assert read_line(line, Platform.COCHRANE).finds(text) is expected


def test_words_side_by_side_are_a_phrase_to_the_portal_and_two_words_elsewhere() -> None:
    assert read_line("motor neuropathy OR MMN", Platform.PORTAL).finds("motor neuropathy")
    assert not read_line("motor neuropathy OR MMN", Platform.PORTAL).finds("neuropathy, motor")
    assert read_line("motor neuropathy", Platform.WORDS).finds("neuropathy, motor")


@pytest.mark.parametrize("line", ["tea AND", "(tea", "tea)", "OR tea"])
def test_a_line_that_is_not_understood_whole_is_no_line(line: str) -> None:
    with pytest.raises(ValueError, match="expected|not understood"):
        read_line(line, Platform.PUBMED)
