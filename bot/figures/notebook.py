"""The door for notebooks: a figure that shows itself where it is the value of a cell.

    >>> from bot.figures.forest import forest_svg
    >>> from bot.figures.notebook import shown
    >>> shown(forest_svg, result)

Every function of this room whose name ends in `_svg` gives the text of a picture; none needs a
review, a folder or a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A picture as SVG; notebooks look for `_repr_svg_`."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def shown(draw: Callable[Given, str], *args: Given.args, **kwargs: Given.kwargs) -> ShownFigure:
    """Draw a figure for a notebook. Raises NotDrawn where the data do not allow it."""
    return ShownFigure(draw(*args, **kwargs))
