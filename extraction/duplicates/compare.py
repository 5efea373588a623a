"""Are two records the same? Same, maybe (a person looks), or new; each with its reasons.

"Same" needs a title that agrees and fields that place it in print, with nothing against it. What
speaks against it (a guard, a field that contradicts) makes it "maybe" where the titles agree
closely, and keeps the two from being merged through a third record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from extraction.duplicates.features import Features, features
from extraction.duplicates.guards import (
    added_words,
    differences,
    is_serial,
    replaced_words,
    spelled_otherwise,
)
from extraction.model import Record


class Answer(StrEnum):
    """The three answers."""

    SAME = "same"
    MAYBE = "maybe"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison came to.

    strength orders what is alike; apart: something speaks against the two being one, so that no
    third record may join them.
    """

    answer: Answer
    reasons: tuple[str, ...]
    strength: float = 0.0
    apart: bool = False


NOTHING = Judgement(Answer.NEW, (), apart=True)

# Titles: a slip of the pen or two; the same words in another spelling; worth a look at all.
NEAR_TITLE = 94.0
LIKE_TITLE = 86.0
ALIKE_TITLE = 74.0
MOST_QUOTED_WORDS = 5
_SHORTEST_CONTAINED = 30  # letters; the rest of a longer title is then its subtitle


class Agreement(StrEnum):
    """How a field of two records compares."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


AGREES, DIFFERS, UNKNOWN = Agreement.AGREES, Agreement.DIFFERS, Agreement.UNKNOWN


def compare(one: Record, other: Record) -> Judgement:
    """Compare two records."""
    return judge(features(one), features(other))


def judge(one: Features, other: Features) -> Judgement:
    """Compare two records by their features."""
    if one.entry or other.entry:
        return _entries(one, other)
    title = title_likeness(one, other)
    same_doi = one.doi is not None and one.doi == other.doi
    if title < ALIKE_TITLE and (not same_doi or one.supplement or other.supplement):
        return NOTHING
    return _Comparison(one, other, title, same_doi).judgement()


def title_likeness(one: Features, other: Features) -> float:
    """Return how alike two titles are, 0-100; a title without its subtitle counts as near."""
    if not one.squeezed or not other.squeezed:
        return 0.0
    if one.squeezed == other.squeezed:
        return 100.0
    short, long = sorted((one.squeezed, other.squeezed), key=len)
    likeness: float = fuzz.ratio(short, long, score_cutoff=ALIKE_TITLE)
    if likeness < NEAR_TITLE and len(short) >= _SHORTEST_CONTAINED and long.startswith(short):
        return NEAR_TITLE
    return likeness


def _entries(one: Features, other: Features) -> Judgement:
    """A register entry is the same as another by its number, unless their titles are unlike."""
    shared = one.entry & other.entry
    if not shared:
        return NOTHING
    reasons = (f"same register id {min(shared)}",)
    unlike = title_likeness(one, other) < ALIKE_TITLE or replaced_words(one, other)
    if unlike or one.numbers != other.numbers:
        return Judgement(Answer.MAYBE, (*reasons, "the titles differ"), apart=True)
    return Judgement(Answer.SAME, reasons, 100)


@dataclass(frozen=True, slots=True)
class _Comparison:
    one: Features
    other: Features
    title: float
    same_doi: bool

    def judgement(self) -> Judgement:
        fields = self._fields()
        agreeing = [name for name, found in fields.items() if found is AGREES]
        differing = [name for name, found in fields.items() if found is DIFFERS]
        printed = self._printed_as_one(fields)
        against = [*self._against(fields), *([] if printed else self._unlike(fields))]
        strength = self.title + 2 * len(agreeing) - 5 * len(differing)
        if not against and (printed or self._same(fields)):
            return Judgement(Answer.SAME, self._for(agreeing), strength)
        if self._worth_a_look(fields, agreeing):
            said = [f"{' and '.join(differing)} differ"] if differing else []
            reasons = (*self._for(agreeing), *against, *said)
            return Judgement(Answer.MAYBE, reasons, strength, apart=bool(against or differing))
        return NOTHING

    def _fields(self) -> dict[str, Agreement]:
        one, other = self.one, self.other
        return {
            "authors": _authors(one, other),
            "year": _years(one, other),
            "journal": journals(one, other),
            "volume": _volumes(one, other),
            "pages": _pages(one, other),
        }

    def _printed_as_one(self, fields: dict[str, Agreement]) -> bool:
        """Everything agrees, to the last of several pages: no two articles are printed so.

        Under one and the same title the authors may be a group here and people there. (Letters to
        the editor share title and pages too, and have authors of their own.)
        """
        place = [found for name, found in fields.items() if name != "authors"]
        return (
            all(each is AGREES for each in place)
            and (fields["authors"] is AGREES or (self.title >= 100 and self._group()))
            and self.one.first_page != self.one.last_page
            and self.one.last_page == self.other.last_page
            and not (self.one.supplement or self.other.supplement)
            and not (is_serial(self.one) or is_serial(self.other))
        )

    def _group(self) -> bool:
        """Whether one has a group for its author, or no author at all."""
        return any(each.group or not each.names for each in (self.one, self.other))

    def _same(self, fields: dict[str, Agreement]) -> bool:
        authors, year, journal = fields["authors"], fields["year"], fields["journal"]
        volume, pages = fields["volume"], fields["pages"]
        placed = _placed(fields)
        differing = [each for each in fields.values() if each is DIFFERS]
        if is_serial(self.one) or is_serial(self.other):
            whole = all(each is AGREES for each in fields.values())
            return self.title >= NEAR_TITLE and whole and self.one.issue == self.other.issue
        if self.same_doi:
            alike = self.title >= ALIKE_TITLE and len(differing) <= 1
            # A title in another language, where all else is one.
            elsewise = authors is AGREES and placed and volume is AGREES and year is AGREES
            return (alike or elsewise) and authors is not DIFFERS
        if differing and not (placed and authors is AGREES and self._slip(fields)):
            return False
        if self.title >= NEAR_TITLE:
            known = volume is AGREES or pages is AGREES
            if authors is AGREES:
                return (
                    placed
                    or (journal is AGREES and (known or year is AGREES))
                    or (year is AGREES and known)
                )
            in_one_issue = volume is AGREES and bool(self.one.issue) and self._nameless()
            return (placed or in_one_issue) and journal is AGREES and year is AGREES
        return self.title >= LIKE_TITLE and placed and authors is AGREES and volume is AGREES

    def _nameless(self) -> bool:
        """Whether neither has authors, and both are of one known issue: a meeting's abstracts."""
        names = self.one.names or self.other.names
        return not names and self.title >= 100 and self.one.issue == self.other.issue

    def _slip(self, fields: dict[str, Agreement]) -> bool:
        """One of year and journal may be wrong where volume, pages and authors agree."""
        differing = {name for name, found in fields.items() if found is DIFFERS}
        return differing in ({"year"}, {"journal"}) and fields["volume"] is AGREES

    def _worth_a_look(self, fields: dict[str, Agreement], agreeing: list[str]) -> bool:
        authors, placed = fields["authors"], _placed(fields)
        if is_serial(self.one) or is_serial(self.other):
            other_doi = bool(self.one.doi and self.other.doi and not self.same_doi)
            whole = placed and authors is not DIFFERS and not other_doi
            return self.title >= NEAR_TITLE and whole
        if self.same_doi:
            return self.title >= LIKE_TITLE or authors is not DIFFERS
        if authors is DIFFERS:
            return self.title >= NEAR_TITLE and placed
        if self.title >= NEAR_TITLE:
            return True
        if self.title >= LIKE_TITLE:
            return len(agreeing) >= 3 or placed
        return placed and authors is AGREES

    def _unlike(self, fields: dict[str, Agreement]) -> list[str]:
        """Name what in the titles may be a slip, or may tell two documents apart."""
        one, other = self.one, self.other
        if self.title >= 100:
            return []
        if self.same_doi and self._alone() and self.title < ALIKE_TITLE:
            return []  # nothing of one title can be looked for in the other
        found = []
        if one.numbers != other.numbers:
            found.append("the numbers in the titles differ")
        several = fields["pages"] is AGREES and not _one_page(one, other)
        located = several and fields["volume"] is AGREES
        added = added_words(one, other)
        if replaced_words(one, other):
            found.append("a word of one title is another in the other")
        elif added and not located and not (self.same_doi and self._alone()):
            found.append(f"only one title says '{' '.join(added[:MOST_QUOTED_WORDS])}'")
        elif fields["pages"] is not AGREES and not self.same_doi:
            odd = spelled_otherwise(one, other)
            found += [f"'{each}' stands in one title only" for each in odd[:2]]
        return found

    def _alone(self) -> bool:
        """Whether a DOI is one article's: abstracts of a supplement share theirs."""
        return not (self.one.supplement or self.other.supplement)

    def _against(self, fields: dict[str, Agreement]) -> list[str]:
        """Name what speaks against a merge, apart from fields that differ."""
        one, other = self.one, self.other
        found = list(differences(one, other))
        if one.doi and other.doi and one.doi != other.doi:
            found.append("the DOIs differ")
        if one.pmid and other.pmid and one.pmid != other.pmid:
            found.append("the PubMed numbers differ")
        if one.registers and other.registers and not one.registers & other.registers:
            found.append("the register ids differ")
        if one.preprint != other.preprint:
            found.append("one is a preprint")
        found += self._in_print(fields)
        if one.supplement and other.supplement and self.title < 100 and _one_page(one, other):
            found.append("several abstracts share such a page")
        return found

    def _in_print(self, fields: dict[str, Agreement]) -> list[str]:
        """Name what speaks of two places in print: another issue, or a supplement."""
        one, other = self.one, self.other
        located = AGREES in (fields["pages"], fields["volume"])
        found = []
        if one.supplement != other.supplement and not (located and fields["journal"] is AGREES):
            found.append("only one is in a supplement")
        if _issues_differ(one, other) and fields["pages"] is not AGREES and not self.same_doi:
            found.append("the issues differ")
        return found

    def _for(self, agreeing: list[str]) -> tuple[str, ...]:
        doi = ["same DOI"] if self.same_doi else []
        if self.title >= 100:
            said = "same title"
        elif self.title >= NEAR_TITLE:
            said = "nearly the same title"
        else:
            said = "like titles"
        return (*doi, said, *(["same " + ", ".join(agreeing)] if agreeing else []))


def _issues_differ(one: Features, other: Features) -> bool:
    """Compare issues where both are known; Embase writes an article's number there too."""
    pages = {_bare(each) for each in (one.first_page, other.first_page)}
    issues = [each.issue for each in (one, other)]
    if one.supplement and other.supplement:
        issues = [each.lstrip("s") for each in issues]
    known = all(each and each not in pages for each in issues)
    return known and issues[0] != issues[1]


def _placed(fields: dict[str, Agreement]) -> bool:
    """Whether pages agree, and the volume or both journal and year with them."""
    with_journal = fields["journal"] is AGREES and fields["year"] is AGREES
    return fields["pages"] is AGREES and (fields["volume"] is AGREES or with_journal)


def _years(one: Features, other: Features) -> Agreement:
    if one.year is None or other.year is None:
        return UNKNOWN
    apart = abs(one.year - other.year)
    if apart == 0:
        return AGREES
    return UNKNOWN if apart == 1 else DIFFERS


def _volumes(one: Features, other: Features) -> Agreement:
    if not one.volume or not other.volume:
        return UNKNOWN
    if one.volume == other.volume:
        return AGREES
    # Databases that know no volume write the year, or the issue, in its place.
    years = {str(one.year), str(other.year)}
    in_issue = one.volume in other.issue_numbers or other.volume in one.issue_numbers
    if {one.volume, other.volume} & years or in_issue:
        return UNKNOWN
    return DIFFERS


def _pages(one: Features, other: Features) -> Agreement:
    if not one.first_page or not other.first_page:
        return UNKNOWN
    if one.first_page == other.first_page:
        return AGREES
    bare_one, bare_other = (
        one.first_page.lstrip("abcdefghijklmnopqrstuvwxyz"),
        other.first_page.lstrip("abcdefghijklmnopqrstuvwxyz"),
    )
    if bare_one == bare_other:
        return AGREES
    if one.last_page == other.last_page and one.last_page != one.first_page:
        return AGREES
    if _is_on(one, other) or _is_on(other, one):
        return AGREES
    if one.e_location != other.e_location or "1" in (one.first_page, other.first_page):
        return UNKNOWN
    return DIFFERS


def _bare(page: str) -> str:
    return page.lstrip("abcdefghijklmnopqrstuvwxyz")


def _is_on(one: Features, other: Features) -> bool:
    """Whether one gives a single page, and the other a range with it."""
    pages = (one.first_page, other.first_page, other.last_page)
    if one.first_page != one.last_page or not all(each.isdigit() for each in pages):
        return False
    page, first, last = map(int, pages)
    return first < page <= last


def _authors(one: Features, other: Features) -> Agreement:
    if not one.names or not other.names:
        return UNKNOWN
    shared = len(one.names & other.names)
    share = shared / min(len(one.names), len(other.names))
    firsts = bool(one.authors[0] & other.authors[0])
    if share >= 0.5 and (firsts or share >= 0.7):
        return AGREES
    if share >= 0.25 or firsts:
        return UNKNOWN
    return _spelled_otherwise(one, other)


def _spelled_otherwise(one: Features, other: Features) -> Agreement:
    """Transliterations and slips: the first authors' longest names are alike."""
    mine, theirs = (max(each.authors[0], key=len) for each in (one, other))
    return UNKNOWN if fuzz.ratio(mine, theirs) >= 75 else DIFFERS


def journals(one: Features, other: Features) -> Agreement:
    """Compare journals: the same words, or one name the abbreviation of the other."""
    if not one.journal or not other.journal:
        return UNKNOWN
    if one.journal == other.journal:
        return AGREES
    short, long = sorted((one.journal, other.journal), key=len)
    if _abbreviates(short, long) or _initials(short, long):
        return AGREES
    if fuzz.ratio(" ".join(one.journal), " ".join(other.journal)) >= 88:
        return AGREES
    return DIFFERS


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


def _initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether a name is the other's initials: JAMA, BMJ."""
    return len(short) == 1 and len(long) > 1 and short[0] == "".join(each[0] for each in long)


def _one_page(one: Features, other: Features) -> bool:
    return one.first_page == one.last_page or other.first_page == other.last_page
