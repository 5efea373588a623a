"""How one field of two records compares: it agrees, it differs, or nothing can be said.

"Unknown" is the answer where databases are known to write one thing in two ways, so that a
difference between them tells nothing of the documents.
"""

from __future__ import annotations

from enum import StrEnum

from rapidfuzz import fuzz

from extraction.duplicates.features import Features


class FieldAgreement(StrEnum):
    """How a field of two records compares."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


AGREES, DIFFERS, UNKNOWN = FieldAgreement.AGREES, FieldAgreement.DIFFERS, FieldAgreement.UNKNOWN

# Shares of the shorter list's name parts (a family name, a given name). Half of them with the first
# author's, because exports spell half of a name otherwise (initials here, given names there); more
# where the first author is another, because like-minded people write of like things in turns.
_NAMES_WITH_THE_FIRST = 0.5
_NAMES_WITHOUT_THE_FIRST = 0.7
# Below a quarter, and with another first author, the lists are of other people.
_NAMES_OF_OTHERS = 0.25
# A transliteration ("Chaykovsky", "Tschaikowski") or a slip keeps three letters of four.
_LIKE_NAME = 75.0
# One letter in eight of a journal's name may be written otherwise ("Brasileira", "Brazileira").
_LIKE_JOURNAL = 88.0
# What is online in December is printed in January: one year apart says nothing.
_YEARS_TO_PRINT = 1
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def compare_authors(one: Features, other: Features) -> FieldAgreement:
    """Compare authors by the parts of their names, because exports disagree on their order."""
    if not one.names or not other.names:
        return UNKNOWN
    share = len(one.names & other.names) / min(len(one.names), len(other.names))
    firsts = bool(one.authors[0] & other.authors[0])
    if share >= (_NAMES_WITH_THE_FIRST if firsts else _NAMES_WITHOUT_THE_FIRST):
        return AGREES
    if firsts or share >= _NAMES_OF_OTHERS:
        return UNKNOWN
    mine, theirs = (max(each.authors[0], key=len) for each in (one, other))
    return UNKNOWN if fuzz.ratio(mine, theirs) >= _LIKE_NAME else DIFFERS


def compare_years(one: Features, other: Features) -> FieldAgreement:
    """Compare years; a year apart may be the one work online and in print."""
    if one.year is None or other.year is None:
        return UNKNOWN
    if one.year == other.year:
        return AGREES
    return UNKNOWN if abs(one.year - other.year) <= _YEARS_TO_PRINT else DIFFERS


def compare_journals(one: Features, other: Features) -> FieldAgreement:
    """Compare journals: the same words, or one name the abbreviation of the other."""
    if not one.journal or not other.journal:
        return UNKNOWN
    if one.journal == other.journal:
        return AGREES
    short, long = sorted((one.journal, other.journal), key=len)
    if _abbreviates(short, long) or _are_initials(short, long):
        return AGREES
    like = fuzz.ratio(" ".join(one.journal), " ".join(other.journal)) >= _LIKE_JOURNAL
    return AGREES if like else DIFFERS


def compare_volumes(one: Features, other: Features) -> FieldAgreement:
    """Compare volumes; databases that know none write the year, or the issue, in its place."""
    if not one.volume or not other.volume:
        return UNKNOWN
    if one.volume == other.volume:
        return AGREES
    years = {str(one.year), str(other.year)}
    in_issue = one.volume in other.issue_numbers or other.volume in one.issue_numbers
    return UNKNOWN if in_issue or {one.volume, other.volume} & years else DIFFERS


def compare_pages(one: Features, other: Features) -> FieldAgreement:
    """Compare pages by where they begin and end, or one being within the other's range."""
    if not one.first_page or not other.first_page:
        return UNKNOWN
    if bare_page(one.first_page) == bare_page(other.first_page):
        return AGREES
    if one.last_page == other.last_page and one.last_page != one.first_page:
        return AGREES
    if _is_within(one, other) or _is_within(other, one):
        return AGREES
    if _goes_on(one, other) or _goes_on(other, one):
        return AGREES
    # An article has an e-location here and pages there, or is counted from 1 in its own PDF.
    counted_anew = "1" in (one.first_page, other.first_page)
    return UNKNOWN if counted_anew or one.e_location != other.e_location else DIFFERS


def bare_page(page: str) -> str:
    """Return a page's number without the letter that a supplement or an e-journal gives it."""
    return page.lstrip(_LETTERS)


def on_one_page(one: Features, other: Features) -> bool:
    """Whether one of two records gives a single page: several short texts may share it."""
    return one.first_page == one.last_page or other.first_page == other.last_page


def issues_differ(one: Features, other: Features) -> bool:
    """Compare issues where both are known; Embase writes an article's number there too."""
    pages = {bare_page(each) for each in (one.first_page, other.first_page)}
    issues = [each.issue for each in (one, other)]
    if one.supplement and other.supplement:
        issues = [each.lstrip("s") for each in issues]
    known = all(each and each not in pages for each in issues)
    return known and issues[0] != issues[1]


def _is_within(one: Features, other: Features) -> bool:
    """Whether one gives a single page, and the other a range with it."""
    pages = (one.first_page, other.first_page, other.last_page)
    if one.first_page != one.last_page or not all(each.isdigit() for each in pages):
        return False
    page, first, last = map(_counted, pages)
    return first < page <= last


def _goes_on(one: Features, other: Features) -> bool:
    """Whether one range begins on the page where the other ends: exports have a part of it each."""
    return not on_one_page(one, other) and other.first_page == one.last_page


def _counted(digits: str) -> tuple[int, str]:
    """Order numbers of any length as numbers: Python refuses to read very long ones."""
    plain = digits.lstrip("0")
    return len(plain), plain


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether each word of one name begins a word of the other, in order."""
    place = 0
    for word in short:
        while place < len(long) and not (
            long[place].startswith(word) or word.startswith(long[place])
        ):
            place += 1
        if place == len(long):
            return False
        place += 1
    return long[0].startswith(short[0][:1])


def _are_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether a name is the other's initials: JAMA, BMJ."""
    return len(short) == 1 and len(long) > 1 and short[0] == "".join(each[0] for each in long)
