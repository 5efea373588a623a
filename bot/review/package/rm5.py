"""A RevMan 5 file: an XML tree to the model of a package. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from bot.review.package.cited import in_order
from bot.review.package.model import (
    BiasJudgement,
    BiasTool,
    NotHeld,
    Package,
    PackagedBias,
    PackagedStudy,
    StudyList,
    StudyReference,
)
from bot.review.package.package_table import diagnostic, refuse
from bot.review.package.rm5_analyses import read_comparisons
from bot.review.package.rm5_text import content_of, markup_of, shown_text

LISTS: Mapping[str, StudyList] = {
    "INCLUDED_STUDIES": StudyList.INCLUDED,
    "EXCLUDED_STUDIES": StudyList.EXCLUDED,
    "AWAITING_STUDIES": StudyList.AWAITING,
    "ONGOING_STUDIES": StudyList.ONGOING,
}
OTHER_LISTS: Mapping[str, str] = {
    "ADDITIONAL_REFERENCES": "additional-references",
    "OTHER_VERSIONS_REFERENCES": "other-published-versions",
    "PENDING_REFERENCES": "classification-pending",
}
REFERENCE_PARTS: Mapping[str, str] = {
    "AU": "authors",
    "TI": "title",
    "TO": "original-title",
    "SO": "source",
    "YR": "publication-date",
    "VL": "volume",
    "NO": "issue",
    "PG": "pages",
    "EN": "edition",
    "ED": "editors",
    "PB": "publisher",
    "CY": "city",
    "MD": "medium",
}
CHARACTERISTICS: Mapping[str, str] = {
    "CHAR_METHODS": "Methods",
    "CHAR_PARTICIPANTS": "Participants",
    "CHAR_INTERVENTIONS": "Interventions",
    "CHAR_OUTCOMES": "Outcomes",
    "CHAR_NOTES": "Notes",
    "CHAR_REASON_FOR_EXCLUSION": "Reason for exclusion",
    "CHAR_STUDY_NAME": "Study name",
    "CHAR_STARTING_DATE": "Starting date",
    "CHAR_CONTACT_INFORMATION": "Contact information",
}
RESULTS: Mapping[str, str] = {"YES": "Low risk", "NO": "High risk", "UNKNOWN": "Unclear risk"}


@dataclass(frozen=True, slots=True)
class _Studies:
    """The studies of the four lists, their names by id, and references of other lists."""

    studies: tuple[PackagedStudy, ...]
    names: Mapping[str, str]


def read_rm5(file: str, content: bytes) -> Package:
    """Read a RevMan 5 file; raise PackageFaults where it is none, or is of a diagnostic review."""
    root = _root(file, content)
    if root.get("TYPE", "").startswith("DIAGNOSTIC"):
        raise diagnostic(file, "TYPE", f"'{root.get('TYPE')}'")
    studies = _studies(root)
    comparisons = read_comparisons(file, root, studies.names)
    number = root.get("REVIEW_NO", "").strip()
    doi = root.get("DOI", "").strip()
    return Package(
        id=_cochrane_number(doi) or number or root.get("ID", "").strip(),
        title=shown_text(root.find("COVER_SHEET/TITLE")),
        doi=doi,
        studies=studies.studies,
        bias=_bias(root, studies.names),
        analyses=comparisons.analyses,
        other_references=tuple(_others(root)),
        not_held=(*_in_words(file, root), *comparisons.not_held),
    )


def _root(file: str, content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise refuse(file, line, "syntax", f"'{error.msg}'", "a whole XML document") from error
    if root.tag != "COCHRANE_REVIEW":
        raise refuse(file, 1, "file", f"<{root.tag}>", "<COCHRANE_REVIEW>, as RevMan 5 writes it")
    return root


def _cochrane_number(doi: str) -> str:
    """Return the CD number that the review's DOI bears."""
    return next((part for part in doi.split(".") if part.startswith("CD")), "")


def _studies(root: etree._Element) -> _Studies:
    """Read the four lists; a study bears its NAME, whatever its id was made of."""
    described = _described(root)
    studies, names = list[PackagedStudy](), dict[str, str]()
    for tag, held in LISTS.items():
        for each in root.iterfind(f".//STUDIES/{tag}/STUDY"):
            own = each.get("ID", "")
            names[own] = each.get("NAME") or own
            studies.append(
                PackagedStudy(
                    name=names[own],
                    list=held,
                    year=each.get("YEAR", ""),
                    data_source=each.get("DATA_SOURCE", ""),
                    ids=tuple(_ids(each)),
                    references=tuple(_reference(one) for one in each.iterfind("REFERENCE")),
                    characteristics=tuple(described.get(own, ())),
                )
            )
    return _Studies(tuple(studies), names)


def _ids(element: etree._Element) -> Iterator[tuple[str, str]]:
    for each in element.iterfind("IDENTIFIERS/IDENTIFIER"):
        if each.get("VALUE", "").strip():
            yield each.get("TYPE", "OTHER"), each.get("VALUE", "").strip()


def _reference(element: etree._Element) -> StudyReference:
    parts = {name: shown_text(element.find(tag)) for tag, name in REFERENCE_PARTS.items()}
    parts["notes"] = " ".join(element.get("NOTES", "").split())
    return StudyReference(
        element.get("TYPE", "OTHER"),
        element.get("PRIMARY") == "YES",
        in_order(parts),
        tuple(_ids(element)),
    )


def _others(root: etree._Element) -> Iterator[tuple[str, tuple[StudyReference, ...]]]:
    for tag, name in OTHER_LISTS.items():
        found = [_reference(each) for each in root.iterfind(f".//OTHER_REFERENCES/{tag}/REFERENCE")]
        if found:
            yield name, tuple(found)


def _described(root: etree._Element) -> dict[str, list[tuple[str, str]]]:
    """Return the characteristics of studies by id, as the markup that they are written in."""
    found: dict[str, list[tuple[str, str]]] = {}
    for section in root.iterfind("CHARACTERISTICS_OF_STUDIES/*"):
        for each in section:
            for part in each:
                text = markup_of(part)
                if text and each.get("STUDY_ID"):
                    named = _characteristic(section, part)
                    found.setdefault(each.get("STUDY_ID", ""), []).append((named, text))
    return found


def _characteristic(section: etree._Element, part: etree._Element) -> str:
    own = part.tag.removeprefix("CHAR_")
    return CHARACTERISTICS.get(part.tag) or section.get(f"{own}_NAME") or own


def _bias(root: etree._Element, names: Mapping[str, str]) -> PackagedBias:
    """Read the quality items: risk of bias by tool 1, of studies or of groups of outcomes."""
    domains: dict[str, None] = {}
    judged = list[BiasJudgement]()
    for item in root.iterfind("QUALITY_ITEMS/QUALITY_ITEM"):
        name = shown_text(item.find("NAME"))
        groups = {
            each.get("ID"): shown_text(each.find("NAME"))
            for each in item.iter("QUALITY_ITEM_DATA_ENTRY_GROUP")
        }
        domains |= dict.fromkeys([f"{name}: {group}" for group in groups.values()] or [name])
        for entry in item.iter("QUALITY_ITEM_DATA_ENTRY"):
            group = groups.get(entry.get("GROUP_ID"), "")
            domain = f"{name}: {group}" if group else name
            domains |= {domain: None}
            study = names.get(entry.get("STUDY_ID", ""), entry.get("STUDY_ID", ""))
            result = entry.get("RESULT", "")
            support = markup_of(entry.find("DESCRIPTION"))
            judged.append(BiasJudgement(study, domain, RESULTS.get(result, result), support))
    return PackagedBias(BiasTool.ONE, tuple(domains), _by_study(judged, names, list(domains)))


def _by_study(
    judged: Sequence[BiasJudgement], names: Mapping[str, str], domains: Sequence[str]
) -> tuple[BiasJudgement, ...]:
    """Put judgements in the order of a table: study by study, domain by domain."""
    studies = list(dict.fromkeys([*names.values(), *(each.study for each in judged)]))
    said = [each for each in judged if each.judgement or each.support]
    key = {each: (studies.index(each.study), domains.index(each.domain)) for each in said}
    return tuple(sorted(said, key=lambda each: key[each]))


def _in_words(file: str, root: etree._Element) -> Iterator[NotHeld]:
    """Name the parts that are told in words, and each part that this reader does not know."""
    read = {
        *("COVER_SHEET", "STUDIES_AND_REFERENCES", "CHARACTERISTICS_OF_STUDIES"),
        *("QUALITY_ITEMS", "ANALYSES_AND_DATA"),
    }
    counted: Counter[str] = Counter()
    for part in root:
        if part.tag not in read:
            counted[f"<{part.tag}>"] += content_of(part)
    for part in root.iterfind("COVER_SHEET/*"):
        if part.tag != "TITLE":
            counted[f"<COVER_SHEET>/<{part.tag}>"] += content_of(part)
    for part in root.iterfind("CHARACTERISTICS_OF_STUDIES/*/FOOTNOTES"):
        counted["<CHARACTERISTICS_OF_STUDIES>/<FOOTNOTES>"] += content_of(part)
    for part in root.iterfind("QUALITY_ITEMS/QUALITY_ITEM/DESCRIPTION"):
        counted["<QUALITY_ITEM>/<DESCRIPTION>"] += content_of(part)
    for what, count in counted.items():
        if count:
            yield NotHeld(file, f"{what} (texts)", count)
