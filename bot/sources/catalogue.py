"""Every source that declares itself: each folder beside this file whose `__init__` has a SOURCE."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from bot import sources
from bot.sources.source import FOLDER, Locator, Source


def _declared(name: str) -> Iterator[object]:
    for each in iter_modules(sources.__path__):
        if each.ispkg:
            yield getattr(import_module(f"{FOLDER}.{each.name}"), name, None)


SOURCES: Mapping[str, Source] = {
    each.id: each for each in _declared("SOURCE") if isinstance(each, Source)
}
LOCATORS: Mapping[str, Locator] = {
    each.id: each for each in _declared("LOCATOR") if isinstance(each, Locator)
}
REGISTERS = frozenset(each.id for each in SOURCES.values() if each.register)
# What registers of trials call themselves who have no "register" in their names: the primary
# registers of the WHO, its portal, and those of the EU.
CALLED_OTHERWISE = re.compile(
    r"anzctr|chictr|cris|ctis|ctri|drks|euctr|ictrp|irct|isrctn|jprn|jrct|lbctr|pactr|rebec|repec"
    r"|slctr|tctr|umin"
)


def names_a_register(name: str) -> bool:
    """Whether a name is a register's: it says so, or it is one of those known otherwise."""
    said = re.findall(r"[a-z]+", name.casefold())
    return any(each.startswith("regist") or CALLED_OTHERWISE.fullmatch(each) for each in said)
