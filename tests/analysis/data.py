"""The data sets that `analysis` ships, as the numbers that single functions take."""

from __future__ import annotations

import numpy as np

from analysis import data
from analysis.inputs import TwoByTwo, TwoMeans


def _numbers(found: data.DataSet, *names: str) -> list[np.ndarray]:
    return [np.array(found[name], dtype=np.float64) for name in names]


_BCG, _STROKE = data.bcg(), data.normand1999()
_TRIALS = [str(each) for each in _BCG["study"]]

BCG = TwoByTwo(tuple(_TRIALS), *_numbers(_BCG, "events_1", "total_1", "events_2", "total_2"))
BCG_LATITUDE = [float(each) for each in _BCG["latitude"]]
BCG_YEAR = [int(each[-4:]) for each in _TRIALS]
BCG_ALLOCATION = [str(each) for each in _BCG["allocation"]]
STROKE = TwoMeans(
    tuple(str(each) for each in _STROKE["study"]),
    *_numbers(_STROKE, "mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2"),
)
