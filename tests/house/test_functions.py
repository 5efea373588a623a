"""No function is too long or too branched to be read at a sitting."""

from __future__ import annotations

from tests.house.code import modules
from tests.house.complexity import Measured, measured

# Beyond these a reader loses the thread; all but a handful stay under half of them.
MOST_BRANCHES = 12
MOST_LINES = 60

SAMPLE = """
def outer(a, b, c):
    if a and b and c or not a:
        pass
    elif a:
        return [x for x in b if x if x > 1]
    for each in b:
        while each:
            each = 1 if a else 2
    try:
        match a:
            case 1:
                pass
            case _:
                pass
    except ValueError:
        pass

    def inner():
        return a or b

    return inner
"""


def test_branches_are_counted_as_a_reader_meets_them() -> None:
    outer, inner = measured(SAMPLE)

    ifs, operands, comprehension, loops, choice, cases, handler = 2, 3, 1 + 2, 2, 1, 2, 1
    branches = ifs + operands + comprehension + loops + choice + cases + handler
    assert outer == Measured("outer", 1 + branches, 21)
    assert inner == Measured("outer.inner", 2, 2)


def test_no_function_has_more_branches_than_a_reader_can_hold() -> None:
    over = {
        f"{module.path}:{each.name}": each.complexity
        for module in modules()
        for each in measured(module.text)
        if each.complexity > MOST_BRANCHES
    }

    assert over == {}


def test_no_function_is_longer_than_a_screen() -> None:
    over = {
        f"{module.path}:{each.name}": each.lines
        for module in modules()
        for each in measured(module.text)
        if each.lines > MOST_LINES
    }

    assert over == {}
