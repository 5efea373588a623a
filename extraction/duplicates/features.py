"""What of a record is compared: its fields in forms in which equal things are equal.

Titles lose what databases add to them (markup, "[Erratum appears in ...]", language notes); authors
become sets of name parts, because exports disagree on which part is the family name.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from extraction.identifiers import find_register_ids
from extraction.model import Record, RecordKind
from extraction.stems import may_match

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,60}>")
_NOTE_WORDS = (
    r"erratum|errata|corrections?|corrected|comments?|see|summary for|retraction|republished|"
    r"published|update|original|letter|review|author|reply"
)
# Notes in brackets at the end that tell of other documents or of the language, not of this one.
_INSIDE = r"(?:[^\[\]]|\[[^\[\]]*\])*"
_NOTE = re.compile(
    rf"\s*\[(?:(?:{_NOTE_WORDS})\b{_INSIDE}(?:\bin\b|;|\d){_INSIDE}|"
    r"(?:see )?comments?|reviews?|corrected|\d+ refs?)(?:\]\s*\.*\s*)?$",
    re.I,
)
# CENTRAL's and CRD's own words about their abstract.
_ABSTRACT_NOTE = re.compile(
    r"\s*\((?:provided|provisional|structured|brief) abstract(?: record)?\)\s*\.?\s*$", re.I
)
_LANGUAGES = (
    "english|german|french|spanish|italian|chinese|japanese|russian|portuguese|polish|turkish|"
    "dutch|korean|czech|hungarian|danish|swedish|norwegian|persian|arabic|hebrew|greek|croatian|"
    "serbian|romanian|ukrainian|slovak|bulgarian|finnish"
)
_LANGUAGE = re.compile(rf"\s*[\[(](?:article in |in )?(?:{_LANGUAGES})[\])]\s*\.?\s*$", re.I)
_TRANSLATION = re.compile(r"\s*\((?:author'?s )?transl(?:ation)?\.?\)\s*\.?\s*$", re.I)
_STARS = re.compile(r"[*†‡§¶]+\s*$")
_WORD = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*")
_DIGITS = re.compile(r"\d+")
_NO_DIGIT = re.compile(r"\D")
_GREEK = {
    ord(sign): f" {name} "
    for signs, name in {
        "αΑ": "alpha",
        "βΒßϐ": "beta",
        "γΓ": "gamma",
        "δΔ": "delta",
        "εΕϵ": "epsilon",
        "ζ": "zeta",
        "η": "eta",
        "θΘϑ": "theta",
        "κϰ": "kappa",
        "λΛ": "lambda",
        "μµ": "mu",
        "ν": "nu",
        "ξ": "xi",
        "πΠ": "pi",
        "ρ": "rho",
        "σΣς": "sigma",
        "τ": "tau",
        "φΦϕ": "phi",
        "χ": "chi",
        "ψΨ": "psi",
        "ωΩ": "omega",
    }.items()
    for sign in signs
} | {ord("ø"): "o", ord("Ø"): "O", ord("æ"): "ae", ord("Æ"): "AE", ord("œ"): "oe", ord("ł"): "l"}
_ROMAN = {
    **{"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12},
}
_LONE_ROMAN = {"i": 1, "v": 5, "x": 10}
_NUMERALS = frozenset({*_ROMAN, *_LONE_ROMAN})
_COUNTED = frozenset(
    {"part", "phase", "study", "trial", "type", "stage", "class", "grade", "group", "report"}
    | {"paper", "volume", "chapter", "section", "experiment", "factor", "level", "session"}
)
_SUPPLEMENT = re.compile(r"supp|abstract|meeting|congress|conference|\bs\d", re.I)
_LETTERED = re.compile(r"\bsuppl?(?:ement)?\.?\s+([A-Z])\b", re.I)  # "Supplement H"
# How journals number the pages of a supplement: "ii12". The BMJ has such numbers for articles.
_ROMAN_PAGE = re.compile(r"(?:i{1,3}|iv|vi{0,2})\d+")
_WORK = re.compile(r"(?:cd|mr|ed)\d{3,6}")  # Cochrane's reviews, of methods, its editorials
_DOIS_OF_EDITIONS = "10.1002/14651858."
_PREPRINT = re.compile(
    r"\b(?:med|bio|psy|chem|soc|eco)?arxiv\b|preprint|research square|\bssrn\b|\bosf\b",
    re.I,
)
_PREPRINT_STEMS = ("arxiv", "preprint", "research square", "ssrn", "osf")
# bioRxiv and medRxiv: until autumn 2025, and since December 2025.
_PREPRINT_DOIS = ("10.1101/", "10.64898/")
# British and American spelling, and the plural, brought to one form: each change stands behind
# letters that a word must have for it, which are looked for first.
_LIGATURES = re.compile(r"ae|oe")
_SPELLINGS = (
    ("our", re.compile(r"our(?=$|s$|ed$|ing$|al$|able$|less$)"), "or"),
    ("is", re.compile(r"is(?=e$|ed$|es$|er$|ers$|ing$|ation$|ations$)"), "iz"),
    ("ys", re.compile(r"ys(?=e$|ed$|es$|ing$)"), "yz"),
    ("tre", re.compile(r"(?<=[a-z])tre(?=s?$)"), "ter"),
    ("ll", re.compile(r"ll(?=ed$|ing$|er$)"), "l"),
    ("mme", re.compile(r"mme(?=s?$)"), "m"),
    ("s", re.compile(r"(?<=[a-z]{3})s$"), ""),
)
_GROUP = re.compile(
    r"\b(?:group|investigators?|consortium|collaborat\w+|committee|network|study|trial|society|"
    r"association|organi[sz]ation|force)\b",
    re.I,
)
_PAGE = re.compile(r"([a-z]{0,3})\s?(\d+)", re.I)
_RANGE = re.compile(r"\s*(?:-|–|—|−|‐|\bto\b)\s*")
_E_LOCATION = re.compile(r"e\d{2,}|\d{6,}|[a-z]{2,}\d{3,}|[a-rt-z]\d{4,}")
_JOURNAL_STOP = frozenset(
    {"the", "of", "and", "in", "for", "a", "an", "de", "la", "der", "die", "et"}
)
NAMELESS = frozenset(
    {"anonymous", "anon", "unknown", "none", "null", "et", "al", "and", "jr", "sr"}
)


@dataclass(frozen=True, slots=True)
class Features:
    """A record's fields as they are compared; an empty text or tuple is what is not known."""

    title: str  # the words as written, with one space between
    words: tuple[str, ...]  # in one spelling, singular
    squeezed: str  # the title's letters and digits without spaces
    numbers: tuple[str, ...]  # sorted, roman numerals among them; of any length
    authors: tuple[frozenset[str], ...]
    names: frozenset[str]
    group: bool  # the one author is a group of people
    year: int | None
    journal: tuple[str, ...]
    volume: str
    issue: str
    issue_numbers: frozenset[str]
    first_page: str
    last_page: str
    e_location: bool
    supplement: bool
    preprint: bool
    in_editions: bool  # a work that is printed anew under its number, as Cochrane's reviews are
    doi: str | None
    pmid: str | None
    entry: frozenset[str]  # the register ids that the record itself is an entry of
    registers: frozenset[str]  # every register id that it names


def features(record: Record) -> Features:
    """Return a record's fields as they are compared."""
    written = title_words(record.title)
    words = tuple(map(spelling, written))
    first, last = _pages(record.pages or "")
    authors = tuple(filter(None, map(name_parts, record.authors)))
    place = " ".join(filter(None, (record.volume, record.issue, record.journal)))
    registers = frozenset(record.ids.register)
    return Features(
        title=" ".join(written),
        words=words,
        squeezed="".join(words),
        numbers=numbers_in(written),
        authors=authors,
        names=frozenset().union(*authors),
        group=len(record.authors) == 1 and bool(_GROUP.search(record.authors[0])),
        year=record.year,
        journal=journal_words(record.journal or ""),
        volume=_first_number(record.volume or ""),
        issue=_issue(record),
        issue_numbers=frozenset(_DIGITS.findall(record.issue or "")),
        first_page=first,
        last_page=last,
        e_location=bool(_E_LOCATION.fullmatch(first)),
        supplement=bool(_SUPPLEMENT.search(place)) or _in_supplement(record.pages or "", first),
        preprint=_is_preprint(record),
        in_editions=_WORK.fullmatch(first) is not None or _is_edition(record.ids.doi),
        doi=record.ids.doi,
        pmid=record.ids.pmid,
        entry=_entry_ids(record),
        registers=registers,
    )


def title_words(title: str) -> tuple[str, ...]:
    """Return a title's words: plain letters in lower case, numbers, no notes of the database."""
    text = title
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    if "[" in text or text.rstrip()[-1:] in (")", ".", "*", "†", "‡", "§", "¶"):
        text = _without_notes(text)
    return tuple(_WORD.findall(_plain(text)))


def _without_notes(text: str) -> str:
    before = None
    while before != text:
        before = text
        for pattern in (_NOTE, _ABSTRACT_NOTE, _LANGUAGE, _TRANSLATION, _STARS):
            text = pattern.sub("", text)
    return text


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    spelled = text.translate(_GREEK)
    folded = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return folded.lower()


@lru_cache(maxsize=50_000)
def spelling(word: str) -> str:
    """Return a word in one of its spellings, in the singular."""
    found = _LIGATURES.sub("e", word) if "ae" in word or "oe" in word else word
    for letters, pattern, instead in _SPELLINGS:
        if letters in found:
            found = pattern.sub(instead, found)
    return found


def numbers_in(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a title's numbers, roman ones too; a lone "I" counts after "part" and the like."""
    if _NUMERALS.isdisjoint(words) and _DIGITS.search("".join(words)) is None:
        return ()
    found = []
    for place, word in enumerate(words):
        if word[0].isdigit():
            found += [each.lstrip("0") or "0" for each in _DIGITS.findall(word)]
        elif word in _ROMAN:
            found.append(str(_ROMAN[word]))
        elif word in _LONE_ROMAN and place and words[place - 1] in _COUNTED:
            found.append(str(_LONE_ROMAN[word]))
    return tuple(sorted(found))


@lru_cache(maxsize=20_000)
def name_parts(name: str) -> frozenset[str]:
    """Return the parts of a name that are more than an initial."""
    parts = _WORD.findall(_plain(name.replace("'", "").replace("’", "")))
    return frozenset([each for each in parts if len(each) > 1 and each not in NAMELESS])


@lru_cache(maxsize=20_000)
def journal_words(name: str) -> tuple[str, ...]:
    """Return the words of a journal's name that tell it from others."""
    plain = _plain(html.unescape(name)).partition("(")[0].partition(" : ")[0]
    return tuple(each for each in _WORD.findall(plain) if each not in _JOURNAL_STOP)


def _entry_ids(record: Record) -> frozenset[str]:
    """An entry says so, or an export gives its register's address for a journal."""
    if record.kind is RecordKind.REGISTER_ENTRY:
        return frozenset(record.ids.register[:1])
    if record.journal and ("/" in record.journal or "trial" in record.journal.lower()):
        return frozenset(each.id for each in find_register_ids(record.journal))
    return frozenset()


def _issue(record: Record) -> str:
    """Return the issue's number, an "s" before that of a supplement."""
    text = record.issue or (record.volume or "").partition("(")[2]
    number = _first_number(text)
    if not _SUPPLEMENT.search(text):
        return number
    lettered = _LETTERED.search(text)
    mark = number or (lettered[1].lower() if lettered is not None else "")
    return f"s{mark}" if mark else ""


def _in_supplement(pages: str, first: str) -> bool:
    marked = first[:1] in ("s", "a", "p") or _ROMAN_PAGE.fullmatch(first) is not None
    return "supp" in pages.lower() or marked


def _is_preprint(record: Record) -> bool:
    named = " ".join((record.journal or "", *record.publication_types))
    said = may_match(named, _PREPRINT_STEMS) and _PREPRINT.search(named) is not None
    return said or (record.ids.doi or "").startswith(_PREPRINT_DOIS)


def _is_edition(doi: str | None) -> bool:
    return doi is not None and doi.startswith(_DOIS_OF_EDITIONS)


def _first_number(text: str) -> str:
    found = _DIGITS.search(text)
    return found[0].lstrip("0") if found is not None else ""


def _pages(text: str) -> tuple[str, str]:
    """Return the first and last page; "1200-10" ends on 1210."""
    parts = _RANGE.split(text.strip().lower().replace("pp.", "").replace("p.", ""), maxsplit=1)
    first = _page(parts[0])
    last = _page(parts[1]) if len(parts) > 1 else ""
    plain, ending = _digits(first), _digits(last)
    if first and ending and len(ending) < len(plain):
        last = first[: len(first) - len(ending)] + ending
    return first, last or first


def _digits(page: str) -> str:
    return page if page.isdecimal() else _NO_DIGIT.sub("", page)


def _page(text: str) -> str:
    found = _PAGE.search(text)
    return found[1].lower() + found[2].lstrip("0") if found is not None else ""
