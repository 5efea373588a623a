"""The operations of an oracle file, each under the name its cases use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """What an operation is given: its spec, and the columns of the data set with no gaps.

    `columns` maps the argument names of the spec to values; trials with a gap in
    any of them are left out, and `kept` says which rows remain. `other` are the
    data set's columns under their own names, for moderators, groups and orders.
    """

    spec: Mapping[str, Any]
    columns: Mapping[str, Sequence[Any]]
    other: Mapping[str, Sequence[Any]]
    kept: Sequence[int]
    rows: int

    def labels(self) -> tuple[str, ...]:
        return tuple(f"study {row + 1}" for row in self.kept)

    def in_place(self, values: Mapping[int, float]) -> list[float | None]:
        """Return values by position among the kept trials as a list over all rows of the data."""
        at = {self.kept[position]: value for position, value in values.items()}
        return [at.get(row) for row in range(self.rows)]


Operation = Callable[[Case], Mapping[str, Any]]

OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Register a function under the `op` of the cases it answers."""

    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register


def case_of(spec: Mapping[str, Any], data: Mapping[str, Sequence[Any]] | None) -> Case:
    """Bind a spec to its data set, leaving out trials with a missing value in a column it uses."""
    if data is None:
        return Case(spec, {}, {}, [], 0)
    rows = max((len(values) for values in data.values()), default=0)
    named = {argument: data[name] for argument, name in spec.get("columns", {}).items()}
    used = [*named.values(), *(data[name] for name in _further_columns(spec, data))]
    kept = [row for row in range(rows) if all(column[row] is not None for column in used)]
    return Case(
        spec,
        {argument: [values[row] for row in kept] for argument, values in named.items()},
        {name: [values[row] for row in kept] for name, values in data.items()},
        kept,
        rows,
    )


def _further_columns(spec: Mapping[str, Any], data: Mapping[str, Sequence[Any]]) -> list[str]:
    names = [moderator["column"] for moderator in spec.get("moderators", [])]
    names += [spec[key] for key in ("by", "order") if spec.get(key) in data]
    return names
