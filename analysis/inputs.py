"""The numbers of the studies, as they go into an analysis: checked once, here, study by study.

Arm 1 is compared with arm 2; which arm that is, treatment or placebo, is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidInput

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


def as_column(name: str, values: Sequence[float] | Floats, labels: tuple[str, ...]) -> Floats:
    """Return one read-only number per study, or name the study that has none."""
    column = np.array(values, dtype=np.float64)
    if column.shape != (len(labels),):
        raise InvalidInput(name, f"shape {column.shape}", f"one number for {len(labels)} studies")
    refuse(labels, name, column, ~np.isfinite(column), "a finite number")
    column.flags.writeable = False
    return column


def refuse(labels: tuple[str, ...], name: str, column: Floats, wrong: Bools, expected: str) -> None:
    """Raise InvalidInput for the first study whose number is wrong."""
    if wrong.any():
        first = int(wrong.argmax())
        raise InvalidInput(f"{labels[first]}: {name}", f"{column[first]:g}", expected)


def _set(target: object, labels: Sequence[str], **columns: Sequence[float] | Floats) -> None:
    names = tuple(labels)
    object.__setattr__(target, "labels", names)
    for name, values in columns.items():
        object.__setattr__(target, name, as_column(name, values, names))


@dataclass(frozen=True, slots=True, eq=False)
class TwoByTwo:
    """Events among participants in two arms, one entry per study."""

    labels: tuple[str, ...]
    events_1: Floats
    total_1: Floats
    events_2: Floats
    total_2: Floats

    def __post_init__(self) -> None:
        _set(
            self,
            self.labels,
            events_1=self.events_1,
            total_1=self.total_1,
            events_2=self.events_2,
            total_2=self.total_2,
        )
        _check_counts(self.labels, "arm 1", self.events_1, self.total_1)
        _check_counts(self.labels, "arm 2", self.events_2, self.total_2)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float]]) -> Self:
        """Build from (label, events 1, total 1, events 2, total 2) per study."""
        labels, columns = _split(rows, 4)
        return cls(labels, *columns)

    def take(self, rows: Sequence[int]) -> TwoByTwo:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        return TwoByTwo(
            tuple(self.labels[row] for row in at),
            self.events_1[at],
            self.total_1[at],
            self.events_2[at],
            self.total_2[at],
        )

    @property
    def no_events_1(self) -> Floats:
        return self.total_1 - self.events_1

    @property
    def no_events_2(self) -> Floats:
        return self.total_2 - self.events_2


@dataclass(frozen=True, slots=True, eq=False)
class TwoMeans:
    """Mean, standard deviation and number of participants in two arms, one entry per study."""

    labels: tuple[str, ...]
    mean_1: Floats
    sd_1: Floats
    n_1: Floats
    mean_2: Floats
    sd_2: Floats
    n_2: Floats

    def __post_init__(self) -> None:
        _set(
            self,
            self.labels,
            mean_1=self.mean_1,
            sd_1=self.sd_1,
            n_1=self.n_1,
            mean_2=self.mean_2,
            sd_2=self.sd_2,
            n_2=self.n_2,
        )
        for name, sd in (("sd_1", self.sd_1), ("sd_2", self.sd_2)):
            refuse(self.labels, name, sd, sd <= 0, "a standard deviation above 0")
        for name, n in (("n_1", self.n_1), ("n_2", self.n_2)):
            refuse(self.labels, name, n, n < 2, "at least 2 participants")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float, float, float]]) -> Self:
        """Build from (label, mean 1, sd 1, n 1, mean 2, sd 2, n 2) per study."""
        labels, columns = _split(rows, 6)
        return cls(labels, *columns)


@dataclass(frozen=True, slots=True, eq=False)
class TwoRates:
    """Events in a time at risk in two arms, one entry per study."""

    labels: tuple[str, ...]
    events_1: Floats
    time_1: Floats
    events_2: Floats
    time_2: Floats

    def __post_init__(self) -> None:
        _set(
            self,
            self.labels,
            events_1=self.events_1,
            time_1=self.time_1,
            events_2=self.events_2,
            time_2=self.time_2,
        )
        for name, events in (("events_1", self.events_1), ("events_2", self.events_2)):
            refuse(self.labels, name, events, events < 0, "a count of 0 or more")
        for name, time in (("time_1", self.time_1), ("time_2", self.time_2)):
            refuse(self.labels, name, time, time <= 0, "a time at risk above 0")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float]]) -> Self:
        """Build from (label, events 1, time 1, events 2, time 2) per study."""
        labels, columns = _split(rows, 4)
        return cls(labels, *columns)


@dataclass(frozen=True, slots=True, eq=False)
class OneProportion:
    """Events among participants of a single group, one entry per study."""

    labels: tuple[str, ...]
    events: Floats
    total: Floats

    def __post_init__(self) -> None:
        _set(self, self.labels, events=self.events, total=self.total)
        _check_counts(self.labels, "group", self.events, self.total)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float]]) -> Self:
        """Build from (label, events, total) per study."""
        labels, columns = _split(rows, 2)
        return cls(labels, *columns)


def _check_counts(labels: tuple[str, ...], arm: str, events: Floats, total: Floats) -> None:
    refuse(labels, f"{arm} participants", total, total < 1, "at least 1 participant")
    refuse(labels, f"{arm} events", events, events < 0, "a count of 0 or more")
    over = events > total
    if over.any():
        first = int(over.argmax())
        raise InvalidInput(
            f"{labels[first]}: {arm}",
            f"{events[first]:g} events among {total[first]:g} participants",
            "no more events than participants",
        )


def _split(
    rows: Iterable[tuple[str, *tuple[float, ...]]], width: int
) -> tuple[tuple[str, ...], list[Floats]]:
    listed = list(rows)
    for row in listed:
        if len(row) != width + 1:
            raise InvalidInput(str(row[0]), f"{len(row) - 1} numbers", f"{width} numbers")
    labels = tuple(row[0] for row in listed)
    columns = [
        np.array([row[at] for row in listed], dtype=np.float64) for at in range(1, width + 1)
    ]
    return labels, columns
