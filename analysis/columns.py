"""From the columns of any table (a dict, a data frame, an array) to the numbers of studies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from analysis.errors import InvalidInput
from analysis.inputs import (
    Floats,
    GivenEffects,
    LogRank,
    OneProportion,
    TwoByTwo,
    TwoMeans,
    TwoRates,
)
from analysis.planned_effects import Studies
from analysis.results import Measure


class Columns(Protocol):
    """A table that gives a column by its name: a dict, a data frame, a structured array."""

    def __getitem__(self, name: str, /) -> Any: ...


_EVENTS = ("events_1", "total_1", "events_2", "total_2")
_MEANS = ("mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2")
_RATES = ("events_1", "time_1", "events_2", "time_2")
_GROUP = ("events", "total")
_GIVEN = ("estimate", "se")
_LOG_RANK = ("o_minus_e", "variance")

# What each measure is computed from, where effects are not given already.
NEEDED: Mapping[Measure, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys((Measure(each) for each in ("RR", "OR", "PETO", "RD", "AS")), _EVENTS)
    | dict.fromkeys((Measure(each) for each in ("MD", "SMD", "SMDH", "SMD1", "ROM", "VR")), _MEANS)
    | dict.fromkeys((Measure(each) for each in ("IRR", "IRD", "IRSD")), _RATES)
    | dict.fromkeys((Measure(each) for each in ("PR", "PLN", "PLO", "PAS", "PFT")), _GROUP)
    | {Measure.HAZARD_RATIO: _GIVEN, Measure.GENERIC: _GIVEN}
)


def names_of(data: Columns) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    columns: Any = getattr(data, "columns", None)
    dtype = getattr(data, "dtype", None)
    if isinstance(data, Mapping):
        return tuple(data)
    if columns is not None:
        return tuple(str(each) for each in columns)
    return tuple(getattr(dtype, "names", None) or ())


def labels_of(data: Columns, k: int) -> tuple[str, ...]:
    """Return the studies' names: those of the column `study`, else their places."""
    if "study" in names_of(data):
        return tuple(str(each) for each in data["study"])
    return tuple(str(at + 1) for at in range(k))


def studies_of(data: Columns, measure: Measure) -> Studies:
    """Return the numbers that a measure is computed from.

    Columns `estimate` and `se` stand for every measure whose own columns are not there, as do
    `o_minus_e` and `variance` for HR and PETO.

    Raises
    ------
    InvalidInput
        A column that is needed is not there, or a number cannot be.
    """
    names = set(names_of(data))
    own = NEEDED[measure]
    if not set(own) <= names and set(_LOG_RANK) <= names:
        own = _LOG_RANK
    elif not set(own) <= names and set(_GIVEN) <= names:
        own = _GIVEN
    missing = [each for each in own if each not in names]
    if missing:
        found = f"no {', '.join(missing)} (there is {', '.join(sorted(names)) or 'no column'})"
        raise InvalidInput("columns", found, f"{', '.join(own)} for {measure}")
    columns = [_numbers(each, data[each]) for each in own]
    labels = labels_of(data, len(columns[0]))
    if own is _GIVEN:
        return GivenEffects(labels, columns[0], columns[1], measure.scale)
    return _BUILDS[own](labels, *columns)


_BUILDS: Mapping[tuple[str, ...], Callable[..., Studies]] = {
    _EVENTS: TwoByTwo,
    _MEANS: TwoMeans,
    _RATES: TwoRates,
    _GROUP: OneProportion,
    _LOG_RANK: LogRank,
}


def _numbers(name: str, column: Iterable[Any]) -> Floats:

    values: Sequence[Any] = list(column)
    try:
        return np.array([float(each) for each in values], dtype=np.float64)
    except (TypeError, ValueError) as error:
        odd = next((each for each in values if not _is_number(each)), values)
        raise InvalidInput(name, f"{odd!r}", "a number for each study") from error


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
