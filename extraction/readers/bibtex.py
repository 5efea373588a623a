"""BibTeX: entries of named fields, in braces or quotation marks, with LaTeX's accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from extraction.errors import unreadable
from extraction.readers.noted import Unread
from extraction.readers.payload import shown, squeezed
from extraction.readers.text import Read
from extraction.readers.written import Spot, WrittenRecord, record_of

_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
_BEGINS = re.compile(r"^\s*@\s*[A-Za-z]+\s*[{(]\s*[^\s={}]*\s*(?:,|=)", re.M)
_KEY = re.compile(r"\s*([^,={}()\"]*?)\s*(?:,|(?=[})]))")
_FIELD = re.compile(r"\s*([A-Za-z][\w.:+ -]*?)\s*=\s*")
_BARE = re.compile(r"[^\s,{}()\"#]+")

_SLOTS = {
    "title": Spot.TITLE,
    "abstract": Spot.ABSTRACT,
    "author": Spot.AUTHORS,
    "journal": Spot.JOURNAL,
    "journaltitle": Spot.JOURNAL,
    "booktitle": Spot.JOURNAL,
    "volume": Spot.VOLUME,
    "number": Spot.ISSUE,
    "issue": Spot.ISSUE,
    "pages": Spot.PAGES,
    "article-number": Spot.FIRST_PAGE,
    "year": Spot.YEAR,
    "month": Spot.MONTH,
    "day": Spot.DAY,
    "date": Spot.PUBLISHED,
    "language": Spot.LANGUAGE,
    "langid": Spot.LANGUAGE,
    "type": Spot.TYPE,
    "document_type": Spot.TYPE,
    "doi": Spot.DOI,
    "pmid": Spot.PMID,
    "pubmed_id": Spot.PMID,
    "pubmed-id": Spot.PMID,
    "pmcid": Spot.PMCID,
    "pmc": Spot.PMCID,
    "unique-id": Spot.ACCESSION,
    "accession_number": Spot.ACCESSION,
    "note": Spot.REMARK,
    "annote": Spot.REMARK,
    "url": Spot.ADDRESS,
    "database": Spot.DATABASE,
    "source": Spot.DATABASE,
    "eprinttype": Spot.DATABASE,
    "cited-references": Spot.REFERENCES,
    "references": Spot.REFERENCES,
}
_LEFT = re.compile(
    r"issn|e?isbn|eissn|keywords?|key words|keywords-plus|author_keywords|publisher|address"
    r"|location|editor|series|edition|chapter|organization|institution|school|howpublished|file|urldate"
    r"|crossref|copyright|mendeley-groups|mendeley-tags|shorttitle|abbrev_source_title|affiliations?"
    r"|coden|correspondence_address1|funding.*|publication_stage|art_number|page_count|pagetotal"
    r"|keyword|numpages|research-areas|web-of-science.*|times-cited|usage-count.*|doc-delivery-number"
    r"|journal-iso|number-of-cited-references|author-email|researcherid-numbers|orcid-numbers|da|oa"
    r"|esi-.*|open-access|research_areas|archiveprefix|arxivid|eprint|primaryclass|eprintclass"
    r"|eventtitle|venue|rights|pagination|shortjournal|citation-subset|completed|created|country"
    r"|electronic-issn|linking-issn|history|id|issn-linking|iso-abbreviation|mesh-date|nlm-unique-id"
    r"|owner|pii|pubmodel|pubstatus|revised|source_id|subset|title-abbreviation|termowner|isbn-13"
    r"|meeting|book-group-author|sponsor|editors|translator|creationdate|modificationdate|groups"
    r"|citeseerx.*|biburl|bibsource|timestamp|copyright.*|collaboration|place|ids|month_numeric"
)
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_SIGNS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "th": "þ", "textendash": "–",
    "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "ldots": "…",
    "textgreater": ">", "textless": "<", "textbar": "|", "alpha": "α", "beta": "β", "gamma": "γ",
    "mu": "μ", "pm": "±", "times": "×", "leq": "≤", "geq": "≥", "textregistered": "®",
}  # fmt: skip
_ACCENTED = re.compile(r"\\(?:([`'^~\"=.])\s*|([uvHckrdb])(?=[\s{]))\s*\{?\\?([A-Za-z])\}?")
_SIGN = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?![A-Za-z]))")
_STYLED = re.compile(r"\\(?:emph|textit|textbf|textsc|textrm|text|textsuperscript|textsubscript)\b")


@dataclass(slots=True)
class _Entry:
    """An entry: the word for it, its fields as they are written, by names in small letters."""

    word: str
    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)


def is_bibtex(text: str) -> bool:
    """Whether a text begins with an entry, but for remarks."""
    found = _BEGINS.search(text[:20_000])
    return found is not None


def read_bibtex(text: str, name: str, source: str) -> Read:
    """Read every entry; raise UnreadablePayload for one that is not closed."""
    unread = Unread("field", "name the field abstract")
    records, marks = [], []
    for each in _entries(text, name):
        written = _written(each, unread)
        records.append(record_of(written, source))
        marks.append(written.mark)
        unread.abstracts += records[-1].abstract is not None
    return Read(tuple(records), tuple(unread.notes()), marks=tuple(marks))


def _entries(text: str, name: str) -> Iterator[_Entry]:
    at, strings = 0, dict[str, str]()
    while (begun := _ENTRY.search(text, at)) is not None:
        line = text.count("\n", 0, begun.start()) + 1
        where = f"{name}, line {line}"
        if begun[1].lower() in ("comment", "preamble"):
            at = _closed(text, begun.end() - 1, where)
            continue
        entry = _Entry(begun[1].lower(), line)
        at = begun.end()
        if entry.word != "string":
            key = _KEY.match(text, at)
            if key is None:
                raise unreadable(where, found="an entry without a key", expected="one")
            at = key.end()
        at = _read_fields(text, at, entry, strings, where)
        if entry.word == "string":
            strings |= dict(entry.fields)
        else:
            yield entry


def _read_fields(text: str, at: int, entry: _Entry, strings: dict[str, str], where: str) -> int:
    """Read the fields up to the end of the entry; return the place after it."""
    while True:
        at = _past_blanks(text, at)
        if text[at : at + 1] in ("}", ")"):
            return at + 1
        found = _FIELD.match(text, at)
        if found is None:
            seen = shown(text[at : at + 40]) if at < len(text) else "the end of the file"
            raise unreadable(where, found=seen, expected="name = {…}, or the entry's end")
        value, at = _value(text, found.end(), strings, where)
        entry.fields.append((found[1].lower(), value))


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _value(text: str, at: int, strings: dict[str, str], where: str) -> tuple[str, int]:
    """Read a value: pieces in braces or quotation marks, or a bare word, joined by #."""
    pieces = []
    while True:
        if text[at : at + 1] == "{":
            end = _closed(text, at, where)
            pieces.append(text[at + 1 : end - 1])
        elif text[at : at + 1] == '"':
            end = _quoted(text, at, where)
            pieces.append(text[at + 1 : end - 1])
        else:
            bare = _BARE.match(text, at)
            if bare is None:
                raise unreadable(where, found="a field without a value", expected="name = {…}")
            end = bare.end()
            pieces.append(strings.get(bare[0].lower(), bare[0]))
        after = re.compile(r"\s*#\s*").match(text, end)
        if after is None:
            return "".join(pieces), end
        at = after.end()


def _closed(text: str, at: int, where: str) -> int:
    """Return the place after the bracket that closes the one at `at`."""
    depth = 0
    for found in re.compile(r"\\.|[{}]|[()]" if text[at] == "(" else r"\\.|[{}]").finditer(
        text, at
    ):
        depth += (found[0] in "{(") - (found[0] in "})")
        if depth == 0:
            return found.end()
    raise unreadable(where, found="a bracket that is not closed", expected="one; it is cut off")


def _quoted(text: str, at: int, where: str) -> int:
    depth = 0
    for found in re.compile(r"\\.|[{}\"]").finditer(text, at + 1):
        depth += (found[0] == "{") - (found[0] == "}")
        if found[0] == '"' and depth == 0:
            return found.end()
    raise unreadable(where, found="a quotation mark that is not closed", expected="it is cut off")


def _written(entry: _Entry, unread: Unread) -> WrittenRecord:
    written = WrittenRecord()
    for name, value in entry.fields:
        text = plain_latex(value)
        if not text:
            continue
        written.write(name, text)
        slot = _SLOTS.get(name)
        if slot is Spot.AUTHORS:
            for each in re.split(r"\s+and\s+", squeezed(value)):
                written.add(slot, plain_latex(each))
        elif slot is not None:
            written.add(slot, text.replace("--", "-") if slot is Spot.PAGES else text)
        elif _LEFT.fullmatch(name) is None:
            unread.add(name, text)
    if not written.one(Spot.TYPE):
        written.add(Spot.TYPE, entry.word)
    return written


def plain_latex(text: str) -> str:
    """Return a text with its accents composed, and without braces and commands of style."""
    if "\\" in text:
        text = _STYLED.sub("", text)
        text = _ACCENTED.sub(lambda found: found[3] + _ACCENTS[found[1] or found[2]], text)
        text = _SIGN.sub(lambda found: _SIGNS.get(found[1], found[0]), text)
        text = re.sub(r"\\([&%$#_{}])", r"\1", text)
    plain = text.replace("{", "").replace("}", "").replace("~", " ")
    return unicodedata.normalize("NFC", squeezed(plain))
