"""The one limit of real time in the tests: it stops a run that hangs, and no test waits for it."""

from __future__ import annotations

SAFETY_S = 600.0
