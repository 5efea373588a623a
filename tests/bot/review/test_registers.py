"""Which sources of a protocol are registers: the flow counts their records apart."""

from __future__ import annotations

import pytest

from bot.review.protocol import SourcePlan


def by_hand(name: str, **said: object) -> SourcePlan:
    given = {"kind": "manual", "id": "one", "name": name, "schedule": "0 9 1 * *"}
    return SourcePlan.model_validate({**given, "strategy": "one.txt", **said})


@pytest.mark.parametrize(
    ("name", "said", "register"),
    [
        ("WHO ICTRP", {}, True),
        ("Embase", {}, False),
        ("A list of ours", {"register": True}, True),
        ("The register of our hospital", {"register": False}, False),
    ],
)
def test_a_source_by_hand_is_what_the_protocol_says_else_what_its_name_says(
    name: str, said: dict[str, bool], register: bool
) -> None:
    assert by_hand(name, **said).is_register is register
