"""Agreement between an expected and a computed value, by the oracle's own rule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

ATOL = 1e-12


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Agree when |a - b| <= atol + rtol·|b|; a key of its own replaces both."""

    rtol: float
    field_rtol: Mapping[str, float]
    field_atol: Mapping[str, float]

    @classmethod
    def of(cls, case: Mapping[str, Any]) -> Self:
        return cls(case["rtol"], case.get("field_rtol") or {}, case.get("field_atol") or {})

    def allowed(self, key: str, expected: float) -> float:
        if key not in self.field_rtol and key not in self.field_atol:
            return ATOL + self.rtol * abs(expected)
        return self.field_atol.get(key, ATOL) + self.field_rtol.get(key, 0.0) * abs(expected)


def mismatches(
    expected: Mapping[str, Any], found: Mapping[str, Any], tolerance: Tolerance
) -> list[str]:
    """Name every expected key whose value we do not give."""
    lines: list[str] = []
    for key, value in expected.items():
        lines += _compare(key, key, value, found.get(key), tolerance)
    return lines


def _compare(path: str, key: str, expected: Any, found: Any, tolerance: Tolerance) -> Iterator[str]:
    if expected is None:
        return
    if isinstance(expected, Mapping):
        yield from _compare_parts(path, expected, found, tolerance)
    elif isinstance(expected, list):
        yield from _compare_lists(path, key, expected, found, tolerance)
    else:
        yield from _compare_scalars(path, key, expected, found, tolerance)


def _compare_parts(
    path: str, expected: Mapping[str, Any], found: Any, tolerance: Tolerance
) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{path}: expected {dict(expected)}, found {found!r}"
        return
    for key, value in expected.items():
        yield from _compare(f"{path}.{key}", key, value, found.get(key), tolerance)


def _compare_lists(
    path: str, key: str, expected: Sequence[Any], found: Any, tolerance: Tolerance
) -> Iterator[str]:
    listed = list(found) if isinstance(found, list | tuple) else [found]
    if len(listed) != len(expected):
        yield f"{path}: expected {len(expected)} values, found {len(listed)}: {listed}"
        return
    for at, (one, other) in enumerate(zip(expected, listed, strict=True)):
        yield from _compare(f"{path}[{at}]", key, one, other, tolerance)


def _compare_scalars(
    path: str, key: str, expected: Any, found: Any, tolerance: Tolerance
) -> Iterator[str]:
    if isinstance(found, list | tuple) and len(found) == 1:
        found = found[0]
    if not _agree(key, expected, found, tolerance):
        yield f"{path}: expected {expected!r}, found {found!r}{_gap(expected, found)}"


def _agree(key: str, expected: Any, found: Any, tolerance: Tolerance) -> bool:
    if expected in ("Infinity", "-Infinity"):
        return bool(found == float(expected.replace("Infinity", "inf")))
    if isinstance(expected, str | bool):
        return bool(found == expected)
    if not isinstance(found, int | float) or isinstance(found, bool):
        return False
    return abs(found - expected) <= tolerance.allowed(key, expected) and math.isfinite(found)


def _gap(expected: Any, found: Any) -> str:
    if isinstance(expected, int | float) and isinstance(found, int | float) and expected:
        return f" (relative difference {abs(found - expected) / abs(expected):.1e})"
    return ""
