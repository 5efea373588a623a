"""PMID, PMCID, DOI and register ids: one normal form each, or None where a text is none.

A register id in normal form is upper case, with the punctuation its register prints, and without
what the same trial's other copies differ by (a country, a resubmission number, a network's prefix).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegisterId:
    """The number of a trial in a register, in normal form."""

    register: str
    id: str


_PMID_AT = re.compile(
    r"(?:https?://)?(?:(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/", re.I
)
_PMID = re.compile(
    r"(?:(?:PMID|PUBMED|MEDLINE)\s*[:#]?\s*)?0*([1-9]\d{0,8})(?:\.0)?/?", re.I | re.A
)
_PMCID = re.compile(
    r"(?:\S+/)?(?:PMCID\s*[:#]?\s*)?PMC\s*:?\s*0*([1-9]\d*)(?:\.\d+)?/?;?", re.I | re.A
)
_DOI_PREFIX = re.compile(r"(?:https?://)?(?:(?:dx\.|www\.)?doi\.org/|doi\s*[:=]?\s*)", re.I)
_DOI_URL = re.compile(r"https?://\S*?/(?=10\.\d{4,9}(?:\.\d+)*(?:/|%2F))", re.I)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S*[^\W_]\S*")
_DOI_IN_TEXT = re.compile(r"(?<![\w./])10\.\d{4,9}(?:\.\d+)*/\S*[^\W_]\S*")
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_PAGE_OF_PUBLISHER = re.compile(r"/(?:abstract|abs|epdf|full|fulltext|meta|pdf)$")
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}
_TRAILING = ".,;:'\"“”’…/\u200b"


def pmid(text: str) -> str | None:
    """Return a PMID: the bare number, from a field, a "PMID: 1" or PubMed's own address."""
    found = _PMID.fullmatch(_PMID_AT.sub("", text.strip(), count=1))
    return found[1] if found is not None else None


def pmcid(text: str) -> str | None:
    """Return a PMCID such as PMC3002632; bare digits are none, a PMID looks the same."""
    found = _PMCID.fullmatch(text.strip())
    return f"PMC{found[1]}" if found is not None else None


def doi(text: str) -> str | None:
    """Return a DOI in lower case, without address, label or the punctuation of its sentence."""
    bare = text.strip().strip("\"'“”‘’<")
    at_address = _DOI_URL.match(bare)
    if at_address is not None:
        return _doi_at_address(bare[at_address.end() :])
    label = _DOI_PREFIX.match(bare)
    if label is None:
        return _trimmed(_DOI.match(bare))
    rest = bare[label.end() :]
    return doi(rest) if _DOI_PREFIX.match(rest) else _trimmed(_DOI.match(_decoded(rest)))


def find_doi(text: str) -> str | None:
    """Return the first DOI in running text."""
    return _trimmed(_DOI_IN_TEXT.search(text))


def _doi_at_address(rest: str) -> str | None:
    found = _trimmed(_DOI.match(_decoded(re.split(r"[?#]", rest, maxsplit=1)[0])))
    return _PAGE_OF_PUBLISHER.sub("", found) if found is not None else None


def _decoded(text: str) -> str:
    return _PERCENT.sub(lambda code: chr(int(code[1], 16)), text)


def _trimmed(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    name = found[0].lower()
    while name[-1] in _TRAILING or _closes_nothing(name):
        name = name[:-1]
    return name


def _closes_nothing(name: str) -> bool:
    last = name[-1]
    return last in _CLOSING and name.count(last) > name.count(_CLOSING[last])


# ---- register ids -------------------------------------------------------------------------------

_GAP = r"[\s:#./_\-\u2010-\u2015\u2212]{0,3}"  # what people put between a prefix and its number
_DASH = r"\s?[\-\u2010-\u2015\u2212]\s?"
_START = r"(?<![A-Za-z0-9])"  # for prefixes short enough to end another word
_AFTER = r"(?![0-9])"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a register's numbers look: `mark` must be in the upper-case text for a match to exist."""

    register: str
    mark: str
    pattern: re.Pattern[str]
    write: Callable[[re.Match[str]], str]


def _kind(register: str, mark: str, pattern: str, write: Callable[[re.Match[str]], str]) -> _Kind:
    return _Kind(register, mark, re.compile(pattern + _AFTER, re.I | re.A), write)


def _numbered(register: str, prefix: str, digits: str) -> _Kind:
    """The common shape: a prefix and a number of fixed length."""
    return _kind(register, prefix, rf"{prefix}{_GAP}({digits})", lambda found: prefix + found[1])


def _chictr(found: re.Match[str]) -> str:
    return f"CHICTR-{found[1]}-{found[2]}" if found[1] else f"CHICTR{found[2]}"


def _japic(found: re.Match[str]) -> str:
    return f"JAPICCTI-{found[1]}"


_KINDS = (
    _numbered("ClinicalTrials.gov", "NCT", r"\d{8}"),
    _numbered("ISRCTN", "ISRCTN", r"\d{8}"),
    _kind(
        "ANZCTR", "CTR", rf"(?:ACTRN|ANZCTR){_GAP}(126\d{{11}})p?", lambda found: f"ACTRN{found[1]}"
    ),
    _kind("ChiCTR", "CHICTR", rf"ChiCTR{_GAP}(?:([A-Z]{{2,4}}){_GAP})?(\d{{8,10}})", _chictr),
    _numbered("CRiS", "KCT", r"00\d{5}"),
    _kind(
        "CTRI",
        "CTRI",
        rf"CTRI{_GAP}(20\d\d){_GAP}(\d{{2,3}}){_GAP}(\d{{5,6}})",
        lambda found: f"CTRI/{found[1]}/{found[2]}/{found[3]}",
    ),
    _numbered("DRKS", "DRKS", r"000\d{5}"),
    _kind(
        "IRCT",
        "IRCT",
        rf"IRCT{_GAP}(\d{{8,14}}N\d{{1,3}})",
        lambda found: f"IRCT{found[1].upper()}",
    ),
    _kind("JapicCTI", "JAPIC", rf"Japic{_GAP}CTI{_GAP}(\d{{6}})", _japic),
    _kind("JMACCT", "JMA", rf"JMA{_GAP}IIA{_GAP}(00\d{{3}})", lambda found: f"JMA-IIA{found[1]}"),
    _kind(
        "jRCT",
        "JRCT",
        rf"jRCT{_GAP}([a-z]?)(\d{{9,10}})",
        lambda found: f"JRCT{found[1].upper()}{found[2]}",
    ),
    _numbered("LBCTR", "LBCTR", r"20\d{8}"),
    _kind("NTR", "NTR", _START + r"NTR[\s:#-]{0,2}(\d{2,4})", lambda found: f"NTR{found[1]}"),
    _kind("NTR", "OMON", rf"NL{_GAP}OMON{_GAP}(\d{{3,6}})", lambda found: f"NL-OMON{found[1]}"),
    _numbered("PACTR", "PACTR", r"20\d{13,14}"),
    _kind(
        "ReBec",
        "RBR",
        _START + r"RBR[\s:-]{0,2}(\d[a-z0-9]{5,7})(?![a-z])",
        lambda f: f"RBR-{f[1].upper()}",
    ),
    _kind(
        "REPEC", "PER-", _START + r"PER-(\d{3})-(\d{2})", lambda found: f"PER-{found[1]}-{found[2]}"
    ),
    _numbered("RPCEC", "RPCEC", r"00000\d{3}"),
    _kind(
        "SLCTR",
        "SLCTR",
        rf"SLCTR{_GAP}(20\d\d){_GAP}(\d{{3}})",
        lambda found: f"SLCTR/{found[1]}/{found[2]}",
    ),
    _numbered("TCTR", "TCTR", r"20\d{9}"),
    _kind(
        "UMIN-CTR",
        "UMIN",
        rf"UMIN(?:{_GAP}CTR)?(?:\s?ID)?{_GAP}C?(0000\d{{5}})",
        lambda found: f"UMIN{found[1]}",
    ),
)
# Two registers of the European Union write a number without a prefix. A EudraCT number's second
# part begins with 0, a CTIS number's does not; CTIS counts resubmissions in a fourth part.
# (The pattern opens with its two sure digits: the search then skips to them.)
_EUROPEAN = re.compile(
    r"20(?<![0-9]20)(?<![0-9][\-\u2010-\u2015]20)(\d\d)"
    rf"{_DASH}(\d{{6}}){_DASH}(\d\d)(?:{_DASH}(\d\d))?(?![0-9])(?![\-\u2010-\u2015][0-9])",
    re.A,
)
# Forms too short or too common to be believed outside a field of their own.
_ONLY_WHOLE = (
    _kind("NTR", "NL", r"NL[\s:#-]{0,2}(\d{2,5})", lambda found: f"NL{found[1]}"),
    _kind("UMIN-CTR", "C0000", r"C(0000\d{5})", lambda found: f"UMIN{found[1]}"),
)


def register_id(text: str) -> RegisterId | None:
    """Read a field that should hold one register id; None where it holds none or several."""
    found = find_register_ids(text) or tuple(_whole(text))
    return found[0] if len(found) == 1 else None


def register_key(text: str) -> str:
    """Return an id's normal form, or what is given in upper case where it is no known kind."""
    found = register_id(text)
    return found.id if found is not None else text.strip().upper()


def find_register_ids(text: str) -> tuple[RegisterId, ...]:
    """Return the register ids in a field or in running text, each once, in order of appearance."""
    return tuple(dict.fromkeys(each for _, each in sorted(_found(text), key=lambda at: at[0])))


def register_ids_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the normal forms of all register ids in some texts, each once."""
    return tuple(dict.fromkeys(each.id for text in texts for each in find_register_ids(text)))


def _found(text: str) -> Iterator[tuple[int, RegisterId]]:
    upper = text.upper()
    for kind in _KINDS:
        if kind.mark in upper:
            for found in kind.pattern.finditer(text):
                yield found.start(), RegisterId(kind.register, kind.write(found))
    for found in _EUROPEAN.finditer(text):
        european = _european(*found.groups())
        if european is not None:
            yield found.start(), european


def _european(years: str, number: str, check: str, resubmission: str | None) -> RegisterId | None:
    if number.startswith("0"):
        return (
            RegisterId("EudraCT", f"20{years}-{number}-{check}") if resubmission is None else None
        )
    if number.startswith("5"):
        return RegisterId("CTIS", f"20{years}-{number}-{check}-00")
    return None


def _whole(text: str) -> Iterator[RegisterId]:
    for kind in _ONLY_WHOLE:
        found = kind.pattern.fullmatch(text.strip())
        if found is not None:
            yield RegisterId(kind.register, kind.write(found))
