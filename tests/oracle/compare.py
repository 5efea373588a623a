"""Agreement between an expected and a computed value: the oracle's own rule, and narrower.

The oracle's absolute tolerance of 1e-12 would let any p value of that size pass, and its null
anything at all. Here a null means that there is no such value, but for what R left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

# Where the true value is 0, either side may hold what rounding left of numbers of size 1.
ATOL = 1e-14
# The same in percent.
ATOL_PERCENT = 1e-12
PERCENTAGES = frozenset({"I2", "I2_from_Q", "I2_between", "weights_pct"})
# Probabilities come from no difference that could leave a remainder: they have digits at any size.
PROBABILITIES = frozenset(
    {
        "pval",
        "mcnemar_exact",
        "Q_p",
        "QM_p",
        "CMH_p",
        "Tarone_p",
        "Q_between_p",
        "p_k0",
        "running_max_p",
    }
    | {"pval_minlike", "pval_doubled", "pval_less", "pval_greater"}
    | {"nominal_p", "cumulative_alpha", "increment_alpha"}
)
# R squares no infinite statistic: what it leaves out must be this.
LEFT_OUT_BY_R = {"QM": math.inf, "QM_p": 0.0}


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
        has_its_own = key in self.field_rtol or key in self.field_atol
        rtol = self.field_rtol.get(key, 0.0) if has_its_own else self.rtol
        return self.field_atol.get(key, _remainder(key)) + rtol * abs(expected)


def _remainder(key: str) -> float:
    if key in PROBABILITIES:
        return 0.0
    return ATOL_PERCENT if key in PERCENTAGES else ATOL


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
        yield from _compare_none(path, key, found)
    elif isinstance(expected, Mapping):
        yield from _compare_parts(path, expected, found, tolerance)
    elif isinstance(expected, list):
        yield from _compare_lists(path, key, expected, found, tolerance)
    else:
        yield from _compare_scalars(path, key, expected, found, tolerance)


def _compare_none(path: str, key: str, found: Any) -> Iterator[str]:
    if found is not None and found != LEFT_OUT_BY_R.get(key):
        yield f"{path}: expected none, found {found!r}"


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
