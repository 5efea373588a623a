"""Modules that are loaded when they are needed, not when the program starts."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def late(place: str) -> Any:
    """Return what 'module:name' names, and load its module now if nobody has."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
