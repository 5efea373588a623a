"""Every source that declares itself: each folder beside this file whose `__init__` has a SOURCE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from bot import sources
from bot.sources.source import FOLDER, Source


def _declared() -> Iterator[Source]:
    for each in iter_modules(sources.__path__):
        if each.ispkg:
            found = getattr(import_module(f"{FOLDER}.{each.name}"), "SOURCE", None)
            if isinstance(found, Source):
                yield found


SOURCES: Mapping[str, Source] = {each.id: each for each in _declared()}
REGISTERS = frozenset(each.id for each in SOURCES.values() if each.register)
