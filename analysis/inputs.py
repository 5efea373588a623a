"""The numbers of the studies, as they go into an analysis: checked once, here, study by study.

Arm 1 is compared with arm 2; which arm that is, treatment or placebo, is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidInput
from analysis.scales import Scale

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

    FEWEST: ClassVar[int] = 1

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
        _check_counts(self.labels, "arm 1", self.events_1, self.total_1, self.FEWEST)
        _check_counts(self.labels, "arm 2", self.events_2, self.total_2, self.FEWEST)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float]]) -> Self:
        """Build from (label, events 1, total 1, events 2, total 2) per study."""
        labels, columns = _split(rows, 4)
        return cls(labels, *columns)

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        return type(self)(
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

    FEWEST: ClassVar[int] = 2
    SD_ABOVE: ClassVar[float] = 0.0

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
            refuse(self.labels, name, sd, sd <= self.SD_ABOVE, "a standard deviation above 0")
        for name, n in (("n_1", self.n_1), ("n_2", self.n_2)):
            refuse(self.labels, name, n, n < self.FEWEST, f"at least {self.FEWEST} participants")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float, float, float]]) -> Self:
        """Build from (label, mean 1, sd 1, n 1, mean 2, sd 2, n 2) per study."""
        labels, columns = _split(rows, 6)
        return cls(labels, *columns)

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        return type(self)(
            tuple(self.labels[row] for row in at),
            self.mean_1[at],
            self.sd_1[at],
            self.n_1[at],
            self.mean_2[at],
            self.sd_2[at],
            self.n_2[at],
        )


@dataclass(frozen=True, slots=True, eq=False)
class TablesAsPrinted(TwoByTwo):
    """Tables as another program took them: an arm may be empty, and its study has no effect."""

    FEWEST: ClassVar[int] = 0


@dataclass(frozen=True, slots=True, eq=False)
class MeansAsPrinted(TwoMeans):
    """Means as another program took them: an arm of one person or none, a standard deviation of 0.

    A study whose numbers give no effect is left out by name, not refused.
    """

    FEWEST: ClassVar[int] = 0
    SD_ABOVE: ClassVar[float] = -5e-324  # the largest number below 0, so that 0 is taken


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

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        return type(self)(
            tuple(self.labels[row] for row in at),
            self.events_1[at],
            self.time_1[at],
            self.events_2[at],
            self.time_2[at],
        )


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

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        return type(self)(tuple(self.labels[row] for row in at), self.events[at], self.total[at])


@dataclass(frozen=True, slots=True, eq=False)
class GivenEffects:
    """Effects with their standard errors as somebody computed them, one entry per study.

    estimate, se: on `scale`, the one that is pooled: logarithms of a ratio for Scale.LOG
    """

    labels: tuple[str, ...]
    estimate: Floats
    se: Floats
    scale: Scale = Scale.NATURAL

    def __post_init__(self) -> None:
        _set(self, self.labels, estimate=self.estimate, se=self.se)
        refuse(self.labels, "se", self.se, self.se < 0, "a standard error of 0 or more")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float]], scale: Scale = Scale.NATURAL) -> Self:
        """Build from (label, estimate, standard error) per study."""
        labels, columns = _split(rows, 2)
        return cls(labels, columns[0], columns[1], scale)

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        names = tuple(self.labels[row] for row in at)
        return type(self)(names, self.estimate[at], self.se[at], self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Observed less expected events of arm 1, and their variance, one entry per study."""

    labels: tuple[str, ...]
    o_minus_e: Floats
    variance: Floats

    def __post_init__(self) -> None:
        _set(self, self.labels, o_minus_e=self.o_minus_e, variance=self.variance)
        refuse(self.labels, "variance", self.variance, self.variance < 0, "a variance of 0 or more")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float]]) -> Self:
        """Build from (label, observed less expected, variance) per study."""
        labels, columns = _split(rows, 2)
        return cls(labels, *columns)

    def take(self, rows: Sequence[int]) -> Self:
        """Return the studies at these positions, in this order."""
        at = list(rows)
        names = tuple(self.labels[row] for row in at)
        return type(self)(names, self.o_minus_e[at], self.variance[at])


def _check_counts(
    labels: tuple[str, ...], arm: str, events: Floats, total: Floats, fewest: int = 1
) -> None:
    refuse(labels, f"{arm} participants", total, total < fewest, "at least 1 participant")
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
