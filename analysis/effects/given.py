"""Effects that come with their variances, or from log-rank statistics."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.inputs import Floats, as_column, refuse
from analysis.results import Measure, StudyEffects


def given_effects(
    labels: Sequence[str],
    effects: Sequence[float] | Floats,
    variances: Sequence[float] | Floats,
    measure: Measure = Measure.GENERIC,
) -> StudyEffects:
    """Take effects and sampling variances as they are, on the analysis scale of the measure."""
    names = tuple(labels)
    return StudyEffects(
        measure,
        measure.scale,
        names,
        as_column("effect", effects, names),
        as_column("variance", variances, names),
        tuple(range(len(names))),
    )


def log_rank_effects(
    labels: Sequence[str], observed_less_expected: Sequence[float], v: Sequence[float]
) -> StudyEffects:
    """Return log hazard ratios (O - E)/V with variance 1/V, from log-rank statistics."""
    names = tuple(labels)
    spread = as_column("V", v, names)
    refuse(names, "V", spread, spread <= 0, "a variance above 0")
    effects = as_column("O - E", observed_less_expected, names) / spread
    return given_effects(names, effects, 1 / spread, Measure.HAZARD_RATIO)
