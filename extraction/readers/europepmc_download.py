"""What people keep of Europe PMC: an answer of its interface that holds all of a search.

As JSON, or as XML, which holds the same fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from extraction.errors import unreadable
from extraction.readers.elements import names_of
from extraction.readers.europepmc import SOURCE, WHAT, number_of, read_result, read_results
from extraction.readers.noted import Unread
from extraction.readers.odd import read_each
from extraction.readers.payload import Json, parse_json, parse_xml, text_of
from extraction.readers.text import Read, digest

ROOT = "responseWrapper"
_EXPECTED = "all of them in one file"
# The elements that hold a list, and the name of what is in it.
_LISTS: Mapping[str, str] = {
    "authorList": "author",
    "pubTypeList": "pubType",
    "meshHeadingList": "meshHeading",
    "meshQualifierList": "meshQualifier",
    "commentCorrectionList": "commentCorrection",
}
_FIELDS = names_of(
    "id source pmid pmcid fullTextIdList doi title authorString authorList authorIdList"
    " dataLinksTagsList journalInfo pubYear pageInfo abstractText affiliation publicationStatus"
    " language pubModel pubTypeList grantsList meshHeadingList keywordList chemicalList subsetList"
    " fullTextUrlList commentCorrectionList isOpenAccess inEPMC inPMC hasPDF hasBook hasSuppl"
    " citedByCount hasData hasReferences hasTextMinedTerms hasDbCrossReferences hasLabsLinks"
    " license hasEvaluations authMan epmcAuthMan nihAuthMan embargoDate manuscriptId"
    " hasTMAccessionNumbers tmAccessionTypeList accessionType dateOfCompletion dateOfCreation"
    " firstIndexDate fullTextReceivedDate dateOfRevision electronicPublicationDate"
    " firstPublicationDate bookOrReportDetails patentDetails investigatorList dbCrossReferenceList"
    " versionList versionNumber journalTitle issue journalVolume journalIssn pubType"
    " hasVersionOfRecord preprintServer"
)


def is_europepmc(payload: bytes) -> bool:
    """Whether a text in JSON is an answer of Europe PMC."""
    return b'"resultList"' in payload and b'"hitCount"' in payload


def read_json_answer(payload: bytes) -> Read:
    """Read an answer in JSON that holds every result that it counts."""
    page = read_results(payload)
    results = parse_json(payload, WHAT, expected="an answer")["resultList"]["result"]
    _check_whole(len(page.found), page.total)
    marks = () if page.odd else tuple(map(_mark, results))
    return Read(page.records, _unread(results), page.odd, marks)


def read_xml_answer(payload: bytes) -> Read:
    """Read an answer in XML that holds every result that it counts."""
    root = parse_xml(payload, WHAT, root=ROOT)
    total = text_of(root.find("hitCount")) or ""
    if not (total.isascii() and total.isdecimal()):
        raise unreadable(WHAT, found=f"hitCount '{total[:20]}'", expected="a whole number")
    results = [_fields(each) for each in root.iterfind("resultList/result")]
    records, odd = read_each(results, read_result, number_of, source=SOURCE)
    _check_whole(len(results), int(total))
    return Read(records, _unread(results), odd, () if odd else tuple(map(_mark, results)))


def _check_whole(held: int, total: int) -> None:
    if held != total:
        raise unreadable("results", found=f"{held} of {total} results", expected=_EXPECTED)


def _mark(result: object) -> str:
    return digest([json.dumps(result, sort_keys=True)])


def _unread(results: Iterable[object]) -> tuple[str, ...]:
    unread = Unread("field", abstracts=1)
    for result in results:
        for name, found in result.items() if isinstance(result, dict) else ():
            if found and name not in _FIELDS:
                unread.add(name, json.dumps(found))
    return tuple(unread.notes())


def _fields(element: etree._Element) -> Json:
    """Return the fields of an element as JSON has them."""
    return {str(each.tag): _value(each) for each in element}


def _value(element: etree._Element) -> Json | Sequence[object] | str | None:
    listed = _LISTS.get(str(element.tag))
    if listed is not None:
        return {listed: [_value(each) for each in element.iterfind(listed)]}
    return _fields(element) if len(element) and _is_structure(element) else text_of(element)


def _is_structure(element: etree._Element) -> bool:
    """Whether an element holds fields; markup within a text is none."""
    return not (element.text or "").strip() and all(
        not (each.tail or "").strip() for each in element
    )
