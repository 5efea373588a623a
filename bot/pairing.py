"""The cross-over analysis beside the parallel one, or what is missing to do it. Pure.

A cross-over trial is analysed by what the same people did on both arms: a joint table of events, or
the standard deviation of their differences (or the correlation) of measurements. A parallel trial
in the same analysis keeps its ordinary effect. Effects are pooled by inverse variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.results import Estimate
from bot.picking import StudyNumbers
from bot.protocol import AnalysisPlan
from extraction.model import Design

NO_CROSSOVER = "no study is a cross-over trial"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A paired result on the scale of the analysis and how it was made, or what is missing."""

    estimate: Estimate | None
    how: str | None
    missing: str | None


def pair(plan: AnalysisPlan, counted: Sequence[StudyNumbers]) -> Pairing:
    """Analyse by pairs where every study allows it."""
    if not any(each.study.design is Design.CROSSOVER for each in counted):
        return Pairing(None, None, NO_CROSSOVER)
    return Pairing(None, None, "the analysis by pairs is not built yet")
