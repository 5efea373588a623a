"""Sparse-data, cross-over and sequential operations of the oracle."""

from __future__ import annotations
