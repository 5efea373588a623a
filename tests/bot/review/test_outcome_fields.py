from __future__ import annotations

from itertools import chain

from bot.review.outcome_fields import FIELDS_OF_A_PAIR, KNOWN_OF_A_PAIR, NEEDED_OF_AN_ARM
from bot.review.planned import OutcomeKind
from extraction.model import Field


def test_every_field_belongs_to_an_arm_or_a_pair_of_some_kind_of_outcome():
    said = {*chain(*NEEDED_OF_AN_ARM.values()), *chain(*KNOWN_OF_A_PAIR.values())}

    assert said == set(Field)


def test_every_kind_of_outcome_says_what_it_needs():
    assert set(NEEDED_OF_AN_ARM) == set(KNOWN_OF_A_PAIR) == set(OutcomeKind)


def test_a_field_of_a_pair_is_none_of_an_arm():
    assert set(chain(*KNOWN_OF_A_PAIR.values())) == FIELDS_OF_A_PAIR
    assert FIELDS_OF_A_PAIR.isdisjoint(chain(*NEEDED_OF_AN_ARM.values()))
