"""Which numbers an outcome of each kind needs of an arm, and can have of a pair of arms. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.review.planned import OutcomeKind
from extraction.model import Field

# Of each arm: all of them, or the arm gives no effect.
NEEDED_OF_AN_ARM: Mapping[OutcomeKind, tuple[Field, ...]] = {
    OutcomeKind.EVENTS: (Field.EVENTS, Field.TOTAL),
    OutcomeKind.CONTINUOUS: (Field.MEAN, Field.SD, Field.N),
    OutcomeKind.GENERIC: (),
    OutcomeKind.O_E: (),
    OutcomeKind.RATES: (Field.EVENTS, Field.TIME),
    OutcomeKind.PROPORTION: (Field.EVENTS, Field.TOTAL),
}
# Of an arm whose effect stands on a pair: people and events are told, and nothing is made of them.
TOLD_OF_AN_ARM = (Field.EVENTS, Field.TOTAL)
# Of the same people on both arms of a cross-over study: all four, or there is no table.
JOINT_TABLE = (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER)
# Either of the two gives the variance of the differences.
JOINT_SPREAD = (Field.SD_DIFFERENCE, Field.CORRELATION)
# An estimate with its standard error, or with what that is found from.
CONTRAST = (Field.ESTIMATE, Field.SE, Field.CI_LOWER, Field.CI_UPPER, Field.P)
LOG_RANK = (Field.O_MINUS_E, Field.VARIANCE)
KNOWN_OF_A_PAIR: Mapping[OutcomeKind, tuple[Field, ...]] = {
    OutcomeKind.EVENTS: JOINT_TABLE,
    OutcomeKind.CONTINUOUS: JOINT_SPREAD,
    OutcomeKind.GENERIC: CONTRAST,
    OutcomeKind.O_E: LOG_RANK,
    OutcomeKind.RATES: (),
    OutcomeKind.PROPORTION: (),
}
FIELDS_OF_A_PAIR = frozenset({*JOINT_TABLE, *JOINT_SPREAD, *CONTRAST, *LOG_RANK})
# What changes its sign where the arms of a pair are named the other way round.
SIGNED = frozenset({Field.ESTIMATE, Field.O_MINUS_E})
