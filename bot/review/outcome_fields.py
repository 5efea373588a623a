"""Which numbers an outcome of each kind needs of an arm, and can have of a pair of arms. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.review.protocol import OutcomeKind
from extraction.model import Field

# Of each arm: all of them, or the arm gives no effect.
NEEDED_OF_AN_ARM: Mapping[OutcomeKind, tuple[Field, ...]] = {
    OutcomeKind.EVENTS: (Field.EVENTS, Field.TOTAL),
    OutcomeKind.CONTINUOUS: (Field.MEAN, Field.SD, Field.N),
}
# Of the same people on both arms of a cross-over study: all four, or there is no table.
JOINT_TABLE = (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER)
# Either of the two gives the variance of the differences.
JOINT_SPREAD = (Field.SD_DIFFERENCE, Field.CORRELATION)
KNOWN_OF_A_PAIR: Mapping[OutcomeKind, tuple[Field, ...]] = {
    OutcomeKind.EVENTS: JOINT_TABLE,
    OutcomeKind.CONTINUOUS: JOINT_SPREAD,
}
FIELDS_OF_A_PAIR = frozenset({*JOINT_TABLE, *JOINT_SPREAD})
