from __future__ import annotations

from bot.figures.forest import forest_svg
from bot.figures.notebook import shown
from tests.bot.report.sample import STRENGTH


def test_a_notebook_shows_the_figure_that_the_report_prints():
    assert shown(forest_svg, STRENGTH, narrow=True)._repr_svg_() == forest_svg(
        STRENGTH, narrow=True
    )
