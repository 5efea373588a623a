"""What people say, as values: the acts, who may, and what follows."""

from __future__ import annotations
