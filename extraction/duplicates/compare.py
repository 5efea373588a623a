"""Are two records the same? Same, maybe (a person looks), or new; each with its rule and reasons.

What speaks against a merge (an objection, a field that differs) also keeps the two from being
merged through a third record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extraction.duplicates.features import Features, features
from extraction.duplicates.rules import MAYBE, NOTHING_HOLDS, SAME, first_that_holds, objections
from extraction.duplicates.side_by_side import (
    ALIKE_TITLE,
    NEAR_TITLE,
    ONE_TITLE,
    SideBySide,
    put_side_by_side,
    title_likeness,
)
from extraction.model import Record

# What a field weighs beside a hundred of title, to order what is alike: one that differs says more
# than two that agree, because like titles are mostly printed alike.
_AGREEING, _DIFFERING = 2, 5
_SURE = 100.0  # a register's number is as good as the very same title


class Sameness(StrEnum):
    """The three answers."""

    SAME = "same"
    MAYBE = "maybe"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison came to.

    rule: the name of the rule (extraction.duplicates.rules) that signs it.
    strength orders what is alike; apart: something speaks against the two being one, so that no
    third record may join them.
    """

    answer: Sameness
    rule: str
    reasons: tuple[str, ...]
    strength: float = 0.0
    apart: bool = False


NOTHING = Judgement(Sameness.NEW, NOTHING_HOLDS, (), apart=True)


def compare(one: Record, other: Record) -> Judgement:
    """Compare two records."""
    return judge(features(one), features(other))


def judge(one: Features, other: Features) -> Judgement:
    """Compare two records by their features."""
    title = title_likeness(one, other)
    if one.entry or other.entry:
        return _judge_entries(one, other, title)
    same_doi = one.doi is not None and one.doi == other.doi
    if title < ALIKE_TITLE and (not same_doi or one.supplement or other.supplement):
        return NOTHING
    return _judge_articles(put_side_by_side(one, other, title))


def _judge_entries(one: Features, other: Features, title: float) -> Judgement:
    """Two entries of a register are told by their numbers; an entry and an article are two."""
    shared = one.entry & other.entry
    if not shared:
        return NOTHING
    two = put_side_by_side(one, other, title)
    reason = f"same register id {min(shared)}"
    same, maybe = first_that_holds(SAME, two), first_that_holds(MAYBE, two)
    if same is not None:
        return Judgement(Sameness.SAME, same.name, (reason,), _SURE)
    if maybe is None:
        return NOTHING
    return Judgement(Sameness.MAYBE, maybe.name, (reason, "the titles differ"), apart=True)


def _judge_articles(two: SideBySide) -> Judgement:
    same, maybe = first_that_holds(SAME, two), first_that_holds(MAYBE, two)
    if same is None and maybe is None:
        return NOTHING
    against = tuple(said for _, said in objections(two))
    strength = two.title + _AGREEING * len(two.agreeing) - _DIFFERING * len(two.differing)
    if same is not None and not against:
        return Judgement(Sameness.SAME, same.name, _in_favour(two), strength)
    if maybe is None:
        return NOTHING
    differing = (f"{' and '.join(two.differing)} differ",) if two.differing else ()
    return Judgement(
        Sameness.MAYBE,
        maybe.name,
        (*_in_favour(two), *against, *differing),
        strength,
        apart=bool(against or differing),
    )


def _in_favour(two: SideBySide) -> tuple[str, ...]:
    doi = ("same DOI",) if two.same_doi else ()
    if two.title >= ONE_TITLE:
        said = "same title"
    elif two.title >= NEAR_TITLE:
        said = "nearly the same title"
    else:
        said = "like titles"
    return (*doi, said, *(("same " + ", ".join(two.agreeing),) if two.agreeing else ()))
