"""The shell: everything that meets the outside, and the wiring."""

from __future__ import annotations

# A test keeps it equal to pyproject.toml.
VERSION = "0.2.0"
