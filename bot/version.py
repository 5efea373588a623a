"""The version of this program; a test keeps it equal to pyproject.toml."""

from __future__ import annotations

VERSION = "0.2.0"
