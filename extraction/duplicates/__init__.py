"""Is it the same record? Same, maybe, or new: exactly by ids, else by everything else."""

from __future__ import annotations

from extraction.duplicates.blocks import block_keys
from extraction.duplicates.clusters import Duplicates, JudgedPair, find_duplicates
from extraction.duplicates.compare import Judgement, Sameness, compare
from extraction.duplicates.rules import rule_in_words
from extraction.record_keys import (
    NAMES_PREFIX,
    REGISTER_PREFIX,
    index_keys,
    namesake_keys,
    own_ids,
    same_record,
)

__all__ = [
    "NAMES_PREFIX",
    "REGISTER_PREFIX",
    "Duplicates",
    "JudgedPair",
    "Judgement",
    "Sameness",
    "block_keys",
    "compare",
    "find_duplicates",
    "index_keys",
    "namesake_keys",
    "own_ids",
    "rule_in_words",
    "same_record",
]
