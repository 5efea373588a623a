"""What a person tells of a search by hand: which of its source's it is, and what was shown.

A search is named by its number or its words. Where none is named it is the one that is to be made
first, and said to be; where something that was brought is not settled yet, it has to be named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.acts.said import GiveExport, SayNothingFound
from bot.app import App
from bot.review.protocol import SourcePlan
from bot.surveillance.answered_searches import AskedSearch, answered_longest_ago, is_begun
from bot.surveillance.searched import asked_of
from state.errors import BadInput
from state.facts import HandSearchTold
from state.told_searches import told_of

_PART = re.compile(r"([1-9]\d?)\s*(?:/|of)\s*([1-9]\d?)")


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of a search, checked, before it has a run."""

    search: str
    searches: tuple[str, ...]
    part: int = 1
    parts: int = 1
    shown: int | None = None
    difference: str | None = None
    platform: str | None = None
    coverage: str | None = None

    def of_run(self, run: str, source: str, person: str | None) -> HandSearchTold:
        """Return the fact that is stored beside a run."""
        return HandSearchTold(
            run=run,
            source=source,
            search=self.search,
            searches=self.searches,
            part=self.part,
            parts=self.parts,
            shown=self.shown,
            difference=self.difference,
            platform=self.platform,
            coverage=self.coverage,
            person=person,
        )


def read_telling(
    app: App, connection: Connection, plan: SourcePlan, act: GiveExport | SayNothingFound
) -> Telling:
    """Return what is told of a search; raise BadInput where it cannot be told which it is."""
    asked = asked_of(app, connection, plan)
    texts = tuple(each.text for each in asked)
    telling = Telling(
        _named(plan, asked, act.search), texts, platform=act.platform, coverage=act.coverage
    )
    if isinstance(act, SayNothingFound):
        return replace(telling, shown=0)
    part, parts = _part_of(act.part)
    return replace(telling, part=part, parts=parts, shown=act.shown, difference=act.difference)


def told_again(connection: Connection, run: str, telling: Telling) -> Telling:
    """Return the telling of an earlier run's file for a new search: the same search and parts."""
    before = told_of(connection, run)
    if before is None:
        return telling
    return replace(telling, search=before.search, part=before.part, parts=before.parts)


def corrected(
    connection: Connection, run: str, act: GiveExport, telling: Telling
) -> HandSearchTold | None:
    """Return what is told anew of a file that was given before; None where nothing is."""
    before = told_of(connection, run)
    if before is None:
        return None
    new = {
        name: getattr(telling, name)
        for name in ("shown", "difference", "platform", "coverage")
        if getattr(act, name) is not None
    }
    if act.part is not None:
        new |= {"part": telling.part, "parts": telling.parts}
    told = before.model_copy(update=new)
    return told if told != before else None


def _named(plan: SourcePlan, asked: Sequence[AskedSearch], named: str | None) -> str:
    texts = [each.text for each in asked]
    if named is None:
        return _to_be_made(plan, asked)
    if named.isdigit() and 0 < int(named) <= len(texts):
        return texts[int(named) - 1]
    found = [text for text in texts if _folded(text) == _folded(named)]
    if not found:
        raise BadInput(f"{plan.name}: found no search '{named}', expected one of {_listed(texts)}")
    return found[0]


def _to_be_made(plan: SourcePlan, asked: Sequence[AskedSearch]) -> str:
    begun = [each for each in asked if is_begun(each)]
    if len(asked) > 1 and begun:
        why = f"'{begun[0].text}' is not settled: {begun[0].open_because}"
        listed = _listed([each.text for each in asked])
        raise BadInput(
            f"{plan.name}: found a search without its number ({why}), expected --search with one of"
            f" {listed}"
        )
    return answered_longest_ago(asked).text


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(f"{number}: '{text}'" for number, text in enumerate(texts, 1))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _part_of(said: str | None) -> tuple[int, int]:
    if said is None:
        return 1, 1
    found = _PART.fullmatch(said.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise BadInput(f"part: found '{said}', expected a part of its parts such as 1/2")
    return int(found[1]), int(found[2])
