"""What no program of this language can do without, beside which ours is measured."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from state.codec import canonical
from state.events import HASHED
from state.records import PACKED_AT


@dataclass(frozen=True, slots=True)
class Floor:
    """rows_s: the database's writing of the rows alone, by `executemany`; copied_s: by COPY.

    texts_s: writing each fact as JSON once, hashing the chain, compressing the answers.
    """

    rows_s: float
    texts_s: float
    copied_s: float | None = None


def texts_alone(rows: Sequence[Sequence[Any]], bodies: Sequence[bytes]) -> float:
    """Write the texts of a log and of its answers anew; return the processor time."""
    facts = [json.loads(row[HASHED.index("payload")]) for row in rows]
    begun = time.process_time()
    for fact, row in zip(facts, rows, strict=True):
        canonical(fact)
        hashlib.sha256(canonical(row).encode()).hexdigest()
    for body in bodies:
        zlib.compress(body, PACKED_AT)
    return time.process_time() - begun
