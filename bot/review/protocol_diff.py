"""What one protocol changes of another: in words, and line by line. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from bot.review.drafted_amendment import WHO_SIGNS
from bot.review.protocol import ReviewProtocol

# What people call the tables of a section, and the key that they know one by.
_NAMED = {
    "criteria": ("Criterion", "text"),
    "roles": ("Role", "text"),
    "sources": ("Source", "name"),
    "arms": ("Arm", "label"),
    "outcomes": ("Outcome", "label"),
    "comparisons": ("Comparison", "label"),
    "analyses": ("Analysis", "outcome"),
    "signal_rules": ("Signal rule", "text"),
    "open_decisions": ("Open decision", "question"),
}
_ALONE = {"review": "The review", "living": "The living mode"}


def changes_in_words(old: ReviewProtocol, new: ReviewProtocol) -> tuple[str, ...]:
    """Say what a new protocol adds, takes away and changes, a sentence each."""
    said = [*_agreed(old, new)]
    labels = {each.id: each.label for each in (*old.outcomes, *new.outcomes)}
    for section, (part, name) in _NAMED.items():
        said += _tables(part, name, getattr(old, section), getattr(new, section), labels)
    for section, part in _ALONE.items():
        fields = _fields(getattr(old, section), getattr(new, section), but=("version",))
        said += [f"{part}: {each}" for each in fields]
    return tuple(said)


def unified_diff(old: str, new: str, old_version: str, new_version: str) -> str:
    """Return the lines that differ between two texts of protocol.toml, with those around them."""
    before, after = (f"protocol.toml (version {each})" for each in (old_version, new_version))
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), before, after
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _agreed(old: ReviewProtocol, new: ReviewProtocol) -> Iterator[str]:
    known = {each.version for each in old.amendments}
    for each in new.amendments:
        if each.version not in known:
            who = ", ".join(each.agreed_by)
            agreed = "not signed yet" if who == WHO_SIGNS else f"agreed by {who}"
            yield f"Version {each.version}, {each.decided_on}: {each.reason} ({agreed})"


def _tables(
    part: str,
    name: str,
    old: Sequence[BaseModel],
    new: Sequence[BaseModel],
    labels: Mapping[str, str],
) -> Iterator[str]:
    before, after = _by_id(old), _by_id(new)
    for own in (each for each in after if each not in before):
        yield f"{part} added: {_told(after[own], name, labels)}"
    gone = "settled" if part == "Open decision" else "taken away"
    for own in (each for each in before if each not in after):
        yield f"{part} {gone}: {_told(before[own], name, labels)}"
    for own in (each for each in after if each in before):
        for change in _fields(before[own], after[own]):
            yield f"{part} {own}: {change}"


def _by_id(tables: Sequence[BaseModel]) -> dict[str, BaseModel]:
    return {str(getattr(each, "id")): each for each in tables}  # noqa: B009


def _told(table: BaseModel, name: str, labels: Mapping[str, str]) -> str:
    """Tell of a whole table: its name and id, and what else it says in short.

    labels: of the outcomes; an analysis is known by its own
    """
    said = table.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    own, called = said.pop("id"), said.pop(name)
    rest = [f"{key}: {_shown(value)}" for key, value in said.items()]
    return f"{labels.get(called, called)} ({', '.join([own, *rest])})"


def _fields(old: BaseModel, new: BaseModel, *, but: Sequence[str] = ()) -> Iterator[str]:
    before, after = (each.model_dump(mode="json") for each in (old, new))
    for key, value in after.items():
        if key not in but and value != before[key]:
            yield f"{key}: {_shown(before[key])} → {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
