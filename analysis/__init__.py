"""Meta-analysis: numbers in, numbers out, every estimator pinned to metafor.

>>> import analysis as ma
>>> result = ma.meta(ma.data.bcg(), "RR", tau2="REML", interval="HK")
>>> print(result)  # doctest: +ELLIPSIS
Risk ratio (RR) of 13 studies, random effects...

Names are loaded when they are asked for, so that what needs one loads one.
docs/library.md shows the way through them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis import data as data
    from analysis.face import Meta as Meta
    from analysis.face import meta as meta

# Where each name of the library is at home.
_AT_HOME = {
    "meta": "face",
    "Meta": "face",
}


class _Face(ModuleType):
    """The package: the module `analysis.meta`, once loaded, does not hide the function `meta`."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _AT_HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name == "data":
        return import_module("analysis.data")
    if name not in _AT_HOME:
        raise AttributeError(f"analysis has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"analysis.{_AT_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = ["data", *_AT_HOME]
