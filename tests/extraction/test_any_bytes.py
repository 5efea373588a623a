"""Whatever arrives, a reader gives records or one of its own errors, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction import identifiers
from extraction.ctgov_results import read_results
from extraction.errors import ExtractionError
from extraction.linkage import link
from extraction.model import Record
from extraction.ranking import rank
from extraction.readers import ctgov, pubmed
from extraction.readers.export import read_export
from tests.extraction.test_ctgov import study
from tests.extraction.test_ctgov_results import PEOPLE, measure
from tests.extraction.test_ctgov_results import study as with_results
from tests.extraction.test_export import CENTRAL, EMBASE, ENDNOTE, ICTRP, NBIB, TABLE
from tests.extraction.test_pubmed import answer, article, article_set

READERS: list[Callable[[bytes], object]] = [
    pubmed.read_articles,
    pubmed.read_search_answer,
    ctgov.read_page,
    lambda payload: read_export(payload, "file", source="hand"),
]
WHOLE = [
    article_set(article("<Abstract><AbstractText>A</AbstractText></Abstract>")),
    answer(errorlist={"phrasesnotfound": ["x"]}),
    json.dumps({"studies": [study(status={"overallStatus": "X"})], "totalCount": 1}).encode(),
    *(text.encode() for text in (CENTRAL, EMBASE, ENDNOTE, ICTRP, NBIB, TABLE)),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("read", READERS)
@given(payload=st.binary(max_size=200))
def test_noise_is_refused(read: Callable[[bytes], object], payload: bytes) -> None:
    with suppress(ExtractionError):
        read(payload)


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=200)
@given(
    whole=st.sampled_from(WHOLE),
    at=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.binary(max_size=6),
)
def test_a_damaged_payload_is_refused_or_read(
    read: Callable[[bytes], object], whole: bytes, at: float, cut: int, put: bytes
) -> None:
    place = int(at * len(whole))

    with suppress(ExtractionError):
        read(whole[:place] + put + whole[place + cut :])


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the places within JSON values."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [here, *(path for key, each in inner for path in paths(each, (*here, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return JSON values with another value at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


SEARCH = json.loads(answer(errorlist={"phrasesnotfound": ["x"]}, warninglist={}))
PAGE = {
    "studies": [
        study(
            identification={"secondaryIdInfos": [{"id": "2009-013841-27"}], "nctIdAliases": ["N"]},
            status={"overallStatus": "X", "startDateStruct": {"date": "2020-01"}},
            design={"enrollmentInfo": {"count": 4}, "designInfo": {"allocation": "NA"}},
            armsInterventions={"armGroups": [{"label": "A"}], "interventions": [{"name": "B"}]},
            contactsLocations={"overallOfficials": [{"name": "A"}]},
            conditions={"conditions": ["A"]},
        )
    ],
    "totalCount": 1,
}
RESULTS = with_results(
    measure({"groupId": "OG000", "value": "1", "spread": "2"}, paramType="MEAN", denoms=PEOPLE),
    adverse={
        "eventGroups": [{"id": "E", "title": "A", "deathsNumAffected": 1, "deathsNumAtRisk": 2}]
    },
)


@pytest.mark.parametrize(
    ("read", "whole"),
    [
        (lambda value: pubmed.read_search_answer(json.dumps(value).encode()), SEARCH),
        (lambda value: ctgov.read_page(json.dumps(value).encode()), PAGE),
        (lambda value: read_results(value) if isinstance(value, dict) else None, RESULTS),
    ],
    ids=["search answer", "register page", "posted results"],
)
@settings(max_examples=400)
@given(data=st.data())
def test_another_value_anywhere_in_json_is_refused_or_read(
    read: Callable[[Any], object], whole: Any, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(paths(whole)))

    with suppress(ExtractionError):
        read(replaced(whole, path, data.draw(VALUES)))


@given(text=st.text())
def test_identifiers_of_any_text_are_found_or_none(text: str) -> None:
    for read in (identifiers.pmid, identifiers.pmcid, identifiers.doi, identifiers.find_doi):
        found = read(text)
        assert found is None or read(found) == found
    for each in identifiers.find_register_ids(text):
        assert identifiers.register_key(each.id) == each.id


@given(title=st.text(), abstract=st.none() | st.text(), pages=st.none() | st.text())
def test_any_record_has_a_rank_and_perhaps_a_link(
    title: str, abstract: str | None, pages: str | None
) -> None:
    record = Record("hand", "1", title, abstract=abstract, pages=pages, volume="1", year=2000)

    assert rank(record).lane
    assert link(record, []) is None
