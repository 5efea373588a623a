"""Identifiers in normal form: PMID, PMCID, DOI and the ids of trial registers.

A form is normal when two spellings of the same id give the same text. What is not an id of the
kind asked for gives None; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_PMID = re.compile(r"(?:pmid\s*:?\s*)?0*([1-9]\d{0,8})", re.I)
_PMCID = re.compile(r"(?:pmcid\s*:?\s*)?(?:pmc)\s*0*([1-9]\d{0,9})(?:\.\d+)?", re.I)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>]+", re.I)
_DOI_PREFIX = re.compile(r"^\s*(?:https?://(?:dx\.)?doi\.org/|doi\s*:?\s*|info:doi/)", re.I)
_DOI_TAIL = ".,;:'\"”’>]}"


@dataclass(frozen=True, slots=True)
class Register:
    """One trial register: how its ids look in free text, and their normal form."""

    name: str
    pattern: re.Pattern[str]
    form: str  # of the groups found


def _register(name: str, pattern: str, form: str) -> Register:
    return Register(name, re.compile(pattern, re.I), form)


_S = r"[\s:_/#\-–—]*"  # what people write between a register's letters and its digits

# Order matters: a longer id comes before one that its digits could be taken for.
REGISTERS = (
    _register("ClinicalTrials.gov", rf"\bNCT{_S}(\d{{8}})(?!\d)", "NCT{0}"),
    _register("PACTR", rf"\bPACTR{_S}(20\d{{13,14}})(?!\d)", "PACTR{0}"),
    _register("IRCT", rf"\bIRCT{_S}((?:20)?\d{{8,14}}N\d{{1,3}})\b", "IRCT{0}"),
    _register("CTIS", r"(?<![\d-])(20\d{2}-5\d{5}-\d{2})-\d{2}(?![\d-])", "{0}"),
    _register("CTIS", r"(?<![\d-])(20\d{2}-5\d{5}-\d{2})(?![\d-])", "{0}"),
    _register(
        "EudraCT",
        r"(?<![\d-])(?:EUCTR)?(20\d{2})[-–—\s](\d{6})[-–—\s](\d{2})(?:-[A-Z]{2}|-3rd)?(?![\d-])",
        "{0}-{1}-{2}",
    ),
    _register("ISRCTN", rf"\bISRCTN{_S}(\d{{8}})(?!\d)", "ISRCTN{0}"),
    _register("ANZCTR", rf"\b(?:ACTRN|ANZCTR){_S}(126\d{{11}})(?!\d)", "ACTRN{0}"),
    _register("ChiCTR", rf"\bChiCTR{_S}([A-Z]{{2,4}}){_S}(\d{{8}})(?!\d)", "CHICTR-{0}-{1}"),
    _register("ChiCTR", rf"\bChiCTR{_S}(\d{{8,10}})(?!\d)", "CHICTR{0}"),
    _register("CRiS", rf"\bKCT{_S}(\d{{7}})(?!\d)", "KCT{0}"),
    _register(
        "CTRI", rf"\bCTRI{_S}(20\d{{2}}){_S}(\d{{2,3}}){_S}(\d{{6}})(?!\d)", "CTRI/{0}/{1}/{2}"
    ),
    _register("DRKS", rf"\bDRKS{_S}(\d{{8}})(?!\d)", "DRKS{0}"),
    _register("JapicCTI", rf"\bJapic{_S}CTI{_S}(\d{{6}})(?!\d)", "JAPICCTI-{0}"),
    _register("JMACCT", rf"\bJMA{_S}IIA(\d{{5}})(?!\d)", "JMA-IIA{0}"),
    _register("jRCT", rf"\bjRCT{_S}([A-Z]?){_S}(\d{{9,10}})(?!\d)", "JRCT{0}{1}"),
    _register("LBCTR", rf"\bLBCTR{_S}(20\d{{8}})(?!\d)", "LBCTR{0}"),
    _register("ReBec", rf"\bRBR{_S}(\d[0-9a-z]{{5,7}})\b", "RBR-{0}"),
    _register("REPEC", r"\bPER-?(\d{3})-?(\d{2})\b", "PER-{0}-{1}"),
    _register("RPCEC", rf"\bRPCEC{_S}(\d{{8}})(?!\d)", "RPCEC{0}"),
    _register("SLCTR", rf"\bSLCTR{_S}(20\d{{2}}){_S}(\d{{3}})(?!\d)", "SLCTR/{0}/{1}"),
    _register("TCTR", rf"\bTCTR{_S}(20\d{{9}})(?!\d)", "TCTR{0}"),
    _register("UMIN-CTR", rf"\b(?:JPRN{_S})?(?:UMIN|C){_S}(0000\d{{5}})(?!\d)", "UMIN{0}"),
    _register("NTR", r"\bNTR\s*-?\s*(\d{2,5})(?!\d)", "NTR{0}"),
    _register("NTR", r"\bNL-?OMON\s*-?\s*(\d{2,6})(?!\d)", "NL-OMON{0}"),
    _register("NTR", r"\bNL(\d{4})(?![\d.])", "NL{0}"),
)


@dataclass(frozen=True, slots=True)
class RegisterId:
    """A trial's id in one register, in normal form."""

    register: str
    id: str


def pmid(text: str | None) -> str | None:
    """Return a PMID without leading zeros or label, or None."""
    found = _PMID.fullmatch(text.strip()) if text else None
    return found.group(1) if found else None


def pmcid(text: str | None) -> str | None:
    """Return a PMCID as 'PMC' and digits, without its version, or None."""
    found = _PMCID.fullmatch(text.strip()) if text else None
    return f"PMC{found.group(1)}" if found else None


def doi(text: str | None) -> str | None:
    """Return a DOI in lower case, without resolver address, label or trailing punctuation."""
    if not text:
        return None
    bare = unquote(_DOI_PREFIX.sub("", text)).strip()
    found = _DOI.match(bare)
    return _trimmed(found.group(0)) if found else None


def dois_in(text: str) -> tuple[str, ...]:
    """Find the DOIs in free text, each once, in order."""
    return tuple(dict.fromkeys(_trimmed(each) for each in _DOI.findall(text)))


def _trimmed(found: str) -> str:
    found = found.rstrip(_DOI_TAIL)
    while found.endswith(")") and found.count(")") > found.count("("):
        found = found[:-1].rstrip(_DOI_TAIL)
    return found.lower()


def register_ids(text: str | None) -> tuple[RegisterId, ...]:
    """Find the register ids in a field or in free text, each once, in the order they stand in."""
    if not text:
        return ()
    taken: list[tuple[int, int, RegisterId]] = []
    for register in REGISTERS:
        for match in register.pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end, _ in taken):
                written = register.form.format(*(group.upper() for group in match.groups("")))
                taken.append((match.start(), match.end(), RegisterId(register.name, written)))
    ordered = (found for _, _, found in sorted(taken, key=lambda each: each[0]))
    return tuple(dict.fromkeys(ordered))


def register_id(text: str | None) -> str | None:
    """Return the one register id that a field holds, in normal form, or None."""
    found = register_ids(text)
    return found[0].id if len(found) == 1 else None


def merged(groups: Iterable[Iterable[RegisterId]]) -> tuple[str, ...]:
    """Return ids of several places, each once, in order."""
    return tuple(dict.fromkeys(each.id for each in _flat(groups)))


def _flat(groups: Iterable[Iterable[RegisterId]]) -> Iterator[RegisterId]:
    for group in groups:
        yield from group
