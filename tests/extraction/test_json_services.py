"""OpenAlex and Crossref: whatever JSON arrives, a reader gives records or one of its own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.errors import ExtractionError
from extraction.readers import crossref, openalex
from tests.extraction.test_any_bytes import VALUES, paths, replaced
from tests.extraction.test_crossref import WORK as DOCUMENT
from tests.extraction.test_openalex import WORK

UPDATE = {
    "DOI": "10.5555/n",
    "type": "retraction",
    "source": "publisher",
    "updated": {"date-parts": [[2026, 1, 2]]},
}
NOTED = DOCUMENT | {"updated-by": [UPDATE], "update-to": [UPDATE], "language": "en"}
WHOLE: list[tuple[Callable[[bytes], object], Any]] = [
    (openalex.read_seed, WORK | {"referenced_works": ["https://openalex.org/W7"]}),
    (openalex.read_works, {"meta": {"count": 1, "next_cursor": "x"}, "results": [WORK]}),
    (crossref.read_work, {"status": "ok", "message": NOTED}),
    (
        crossref.read_work_list,
        {"message": {"total-results": 1, "items": [NOTED], "next-cursor": "x"}},
    ),
]
NAMES = ["seed", "works", "document", "documents"]


@pytest.mark.parametrize(("read", "whole"), WHOLE, ids=NAMES)
@settings(max_examples=300)
@given(data=st.data())
def test_another_value_anywhere_is_refused_or_read(
    read: Callable[[bytes], object], whole: Any, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(paths(whole)))

    with suppress(ExtractionError):
        read(json.dumps(replaced(whole, path, data.draw(VALUES))).encode())


@pytest.mark.parametrize(("read", "whole"), WHOLE, ids=NAMES)
@given(cut=st.floats(0, 1, exclude_max=True), put=st.binary(max_size=6))
def test_a_payload_that_was_cut_is_refused(
    read: Callable[[bytes], object], whole: Any, cut: float, put: bytes
) -> None:
    payload = json.dumps(whole).encode()

    with suppress(ExtractionError):
        read(payload[: int(cut * len(payload))] + put)
    with pytest.raises(ExtractionError):
        read(payload[: int(cut * len(payload))])
