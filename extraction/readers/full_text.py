"""Where a full text lies, as services answer about one DOI: address, version, licence, openness.

An answer about another document is none. A licence that is not told gives no right to share a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import FullTextLocation
from extraction.readers.payload import Json, parse_json, shown


def unpaywall_locations(payload: bytes, doi: str) -> tuple[FullTextLocation, ...]:
    """Read Unpaywall's answer; raise UnreadablePayload for what is none, or of another DOI."""
    answer = parse_json(payload, "Unpaywall", expected="an object with its doi")
    _check(answer, doi, "Unpaywall")
    found = _objects(answer, "oa_locations", "Unpaywall")
    return _once(
        FullTextLocation(url, is_pdf, True, _text(each, "version"), _text(each, "license"))
        for each in found
        for url, is_pdf in _addresses(each, "url_for_pdf", "url_for_landing_page")
    )


def openalex_locations(payload: bytes, doi: str) -> tuple[FullTextLocation, ...]:
    """Read a work of OpenAlex; raise UnreadablePayload for what is none, or of another DOI."""
    answer = parse_json(payload, "OpenAlex", expected="a work with its doi")
    _check(answer, doi, "OpenAlex")
    found = _objects(answer, "locations", "OpenAlex")
    return _once(
        FullTextLocation(
            url, is_pdf, each.get("is_oa") is True, _text(each, "version"), _text(each, "license")
        )
        for each in found
        for url, is_pdf in _addresses(each, "pdf_url", "landing_page_url")
    )


def europepmc_locations(payload: bytes, doi: str) -> tuple[FullTextLocation, ...]:
    """Read Europe PMC's results for a DOI; those of other documents are passed over."""
    what, expected = "Europe PMC", "a list of results with its hitCount"
    answer = parse_json(payload, what, expected=expected)
    results = answer.get("resultList")
    if not isinstance(answer.get("hitCount"), int) or not isinstance(results, dict):
        raise unreadable(what, found=shown(repr(answer)), expected=expected)
    mine = (each for each in _objects(results, "result", what) if _doi(each) == doi)
    return _once(location for each in mine for location in _europepmc(each))


def _europepmc(result: Json) -> Iterator[FullTextLocation]:
    listed = result.get("fullTextUrlList")
    found = listed.get("fullTextUrl") if isinstance(listed, dict) else None
    for each in found if isinstance(found, list) else ():
        url = _address(each, "url") if isinstance(each, dict) else None
        if url is not None:
            is_open = each.get("availabilityCode") in ("OA", "F")
            licence = _text(result, "license") if is_open else None
            yield FullTextLocation(url, each.get("documentStyle") == "pdf", is_open, None, licence)


def _addresses(location: Json, pdf: str, page: str) -> Iterator[tuple[str, bool]]:
    for name, is_pdf in ((pdf, True), (page, False)):
        url = _address(location, name)
        if url is not None:
            yield url, is_pdf


def _check(answer: Json, doi: str, what: str) -> None:
    if _doi(answer) != doi:
        found = f"doi {shown(repr(answer.get('doi')))}"
        raise unreadable(what, found=found, expected=f"'{doi}', which was asked")


def _doi(answer: Json) -> str | None:
    found = answer.get("doi")
    return identifiers.doi(found) if isinstance(found, str) else None


def _objects(parent: Json, name: str, what: str) -> list[Json]:
    found: Any = parent.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise unreadable(what, found=f"{name} {shown(repr(found))}", expected="a list of objects")
    return found


def _text(parent: Json, name: str) -> str | None:
    found = parent.get(name)
    return found.strip() or None if isinstance(found, str) else None


def _address(parent: Json, name: str) -> str | None:
    """Return an address that a page may link to."""
    found = _text(parent, name)
    return found if found is not None and found.startswith(("http://", "https://")) else None


def _once(found: Iterator[FullTextLocation]) -> tuple[FullTextLocation, ...]:
    """Keep each address once, open ones first."""
    by_url: dict[str, FullTextLocation] = {}
    for each in found:
        by_url.setdefault(each.url, each)
    return tuple(sorted(by_url.values(), key=lambda each: not each.is_open))
