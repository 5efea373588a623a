"""Which way an outcome points, read off the labels of its graph; labels that disagree. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.review.package.model import Package, PackagedAnalysis, PackagedRow, plain

_FAVOURS = re.compile(r"\b(favou?rs?|favou?ring|in favou?r of|better with)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")
_EXPERIMENTAL = frozenset({"experimental", "intervention", "treatment"})
_CONTROL = frozenset({"control", "placebo", "comparator"})


@dataclass(frozen=True, slots=True)
class Favoured:
    """Whether more (of the event, of the score) is good; guessed where no label says it."""

    more_is_good: bool
    guessed: bool


def favoured(analysis: PackagedAnalysis) -> Favoured:
    """Read off the graph's labels which arm a result below no effect speaks for.

    RevMan's graph has "Favours" the first arm at its left, so that less is good: what is assumed,
    and marked as guessed, where the labels name neither arm.
    """
    left = _names(analysis, analysis.graph_1)
    if left is None:
        right = _names(analysis, analysis.graph_2)
        left = None if right is None else 3 - right
    below_favours_first = left != 2
    return Favoured(below_favours_first is analysis.swap_events, left is None)


def _names(analysis: PackagedAnalysis, label: str) -> int | None:
    """Return which arm a label names, 1 or 2; None where it names neither, or both alike."""
    words = _words(_FAVOURS.sub(" ", plain(label)))
    if not words:
        return None
    first = _likeness(words, _words(plain(analysis.label_1)) or set(_EXPERIMENTAL))
    second = _likeness(words, _words(plain(analysis.label_2)) or set(_CONTROL))
    if first == second:
        first, second = len(words & _EXPERIMENTAL), len(words & _CONTROL)
    return None if first == second else 1 if first > second else 2


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def disagreeing_labels(package: Package) -> Iterator[str]:
    """Say where the labels of arms and the figures disagree, or labels among themselves."""
    yield from _turned_labels(package)
    yield from _exchanged_figures(package)
    yield from _other_than_results(package)


def _turned_labels(package: Package) -> Iterator[str]:
    """Two analyses of a comparison name the same two arms the other way round."""
    seen: dict[tuple[str, str, str], str] = {}
    for each in package.analyses:
        first, second = plain(each.label_1).casefold(), plain(each.label_2).casefold()
        if not first or not second or first == second:
            continue
        turned = seen.get((each.group, second, first))
        if turned is not None:
            yield (
                f"analysis {each.key} has '{plain(each.label_1)}' as its first arm, analysis "
                f"{turned} as its second: figures are taken as they stand, under these labels"
            )
        seen.setdefault((each.group, first, second), each.key)


def _exchanged_figures(package: Package) -> Iterator[str]:
    """One study's arms stand exchanged in two analyses whose labels are in one order."""
    seen: dict[tuple[str, ...], dict[tuple[float, ...], str]] = defaultdict(dict)
    for each in package.analyses:
        for row in each.rows:
            key = (plain(each.name).casefold(), row.study, each.data_type.value)
            one, other = _figures(row, "1"), _figures(row, "2")
            if not one or one == other:
                continue
            turned = seen[key].get((*other, *one))
            if turned is not None and turned != each.key and _same_order(package, turned, each):
                yield (
                    f"analysis {each.key}, {row.study}: both arms stand exchanged against analysis "
                    f"{turned}; figures are taken as they stand"
                )
            seen[key].setdefault((*one, *other), each.key)


def _figures(row: PackagedRow, arm: str) -> tuple[float, ...]:
    names = (f"cases_{arm}", f"mean_{arm}", f"sd_{arm}", f"n_{arm}")
    return tuple(n for name in names if (n := getattr(row, name)) is not None)


def _same_order(package: Package, key: str, other: PackagedAnalysis) -> bool:
    one = next(each for each in package.analyses if each.key == key)
    return plain(one.label_1).casefold() != plain(other.label_2).casefold()


def _other_than_results(package: Package) -> Iterator[str]:
    """The study's own arms say that a column holds the other arm."""
    results = _by_arm(package)
    interventions = {(each.study, each.arm): plain(each.intervention) for each in package.arms}
    for each in package.analyses:
        outcome = dict(each.more).get("Outcome", "")
        for row in each.rows:
            own = results.get((row.study, outcome), {})
            named = {
                interventions.get((row.study, arm), "").casefold(): figures
                for arm, figures in own.items()
            }
            first = named.get(plain(each.label_1).casefold())
            if first and first == _counts(row, "2") and first != _counts(row, "1"):
                yield (
                    f"analysis {each.key}, {row.study}: the column '{plain(each.label_1)}' holds "
                    f"the other arm by the study's own results; taken as it stands"
                )


def _counts(row: PackagedRow, arm: str) -> tuple[float | None, float | None]:
    return getattr(row, f"cases_{arm}"), getattr(row, f"n_{arm}")


def _by_arm(
    package: Package,
) -> Mapping[tuple[str, str], dict[str, tuple[float | None, float | None]]]:
    found: dict[tuple[str, str], dict[str, tuple[float | None, float | None]]] = defaultdict(dict)
    for each in package.results:
        cases, people = each.of("Cases"), each.of("Sample size")
        if cases.isdigit() and people.isdigit():
            found[each.study, each.outcome][each.of("Arm")] = (float(cases), float(people))
    return found
