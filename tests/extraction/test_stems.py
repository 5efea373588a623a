from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction import linkage, ranking
from extraction.duplicates import features
from extraction.stems import may_match

PARTS = (
    *("random", "Randomised", "randomly", "placebo", "TRIAL", "groups", "cross-over", "crossover"),
    *(
        "double blind",
        "single-blind",
        "systematic review",
        ": a review",
        "meta-analysis",
        "metaana",
    ),
    *("lyses", "study protocol", "protocol for a", ": a protocol", "medRxiv", "arXiv", "Preprint"),
    *("research square", "SSRN", "osf", "reſearch ſquare", "ſtudy protocol", "of rats", "é", " "),
)
TEXTS = st.lists(st.sampled_from(PARTS) | st.characters(max_codepoint=0x17F), max_size=8).map(
    "".join
)
QUICK_LOOKS = [
    (ranking._STEMS, (ranking._HSSS_WORDS, ranking._LOCAL_WORDS, ranking._DESIGN_WORDS)),
    (ranking._KIND_STEMS, (ranking._REVIEW_TITLE, ranking._PROTOCOL_TITLE)),
    (linkage._REVIEW_STEMS, (linkage._REVIEW,)),
    (features._PREPRINT_STEMS, (features._PREPRINT,)),
]
WORDS = st.lists(
    st.sampled_from(
        [*"aelorsy", "ae", "oe", "our", "ised", "ising", "yse", "tre", "lled", "mme", "s", "es"]
    ),
    min_size=1,
    max_size=6,
).map("".join)


@pytest.mark.parametrize(("stems", "patterns"), QUICK_LOOKS)
@given(text=TEXTS)
def test_no_pattern_is_passed_over_that_would_match(
    stems: tuple[str, ...], patterns: tuple[re.Pattern[str], ...], text: str
) -> None:
    assert may_match(text, stems) or not any(each.search(text) for each in patterns)


@given(WORDS)
def test_no_change_of_spelling_is_passed_over(word: str) -> None:
    found = features._LIGATURES.sub("e", word)
    for _, pattern, instead in features._SPELLINGS:
        found = pattern.sub(instead, found)

    assert features.spelling(word) == found


def test_the_numbers_of_a_title_are_found_wherever_they_stand() -> None:
    assert features.numbers_in(("part", "i", "of", "covid19", "phase", "iii")) == ("1", "3")
    assert features.numbers_in(("of", "19", "people")) == ("19",)
    assert features.numbers_in(("of", "people", "without", "a", "number")) == ()
