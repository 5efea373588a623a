"""The rulebook: when two records are the same, when a person is asked, what speaks against it.

A pair is "same" where a rule of SAME holds and no objection does; otherwise it is "maybe" where a
rule of MAYBE holds, and new where none does. The first rule that holds signs the judgement. A name
is stored with each merge, so it is never given to another rule: a rule that goes takes its name
with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extraction.duplicates.fields import AGREES, DIFFERS, bare_page, issues_differ, on_one_page
from extraction.duplicates.guards import (
    added_words,
    differences,
    replaced_words,
    spelled_otherwise,
)
from extraction.duplicates.side_by_side import (
    ALIKE_TITLE,
    FIELDS,
    LIKE_TITLE,
    NEAR_TITLE,
    ONE_TITLE,
    PairKind,
    SideBySide,
)

# One of five fields under one DOI may be a database's slip; two that differ are two documents, or
# one DOI wrongly given.
_SLIPS_UNDER_ONE_DOI = 1
# Of five fields: a majority speaks for a title that is only like the other.
_FIELDS_FOR_A_LIKE_TITLE = 3
_MOST_QUOTED_WORDS = 5  # a longer subtitle is cut in the words for a person
_MOST_ODD_WORDS = 2  # the first two say enough


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """A condition on two records, asked of some kinds of pairs only."""

    name: str
    words: str
    why: str
    kinds: tuple[PairKind, ...]
    condition: Callable[[SideBySide], bool]

    def holds(self, two: SideBySide) -> bool:
        """Whether the rule is asked of such a pair, and holds."""
        return two.kind in self.kinds and self.condition(two)


@dataclass(frozen=True, slots=True)
class Objection:
    """What keeps two records from being merged: `sees` returns it in words, or nothing."""

    name: str
    words: str
    why: str
    sees: Callable[[SideBySide], Sequence[str]]


# ---- same ---------------------------------------------------------------------------------------


def _printed_as_one(two: SideBySide) -> bool:
    """Whether all that is printed agrees, and the authors do or are a group here, people there."""
    one, other = two.one, two.other
    place_agrees = two.year is two.journal is two.volume is two.pages is AGREES
    several_pages = one.first_page != one.last_page and one.last_page == other.last_page
    unnamed = any(each.group or not each.names for each in (one, other))
    by_one = two.authors is AGREES or (two.title >= ONE_TITLE and unnamed)
    return place_agrees and several_pages and by_one and not two.in_supplement


def _printed_under_one_doi(two: SideBySide) -> bool:
    """Whether DOI, title and all that is printed agree, whatever the authors' names."""
    place_agrees = two.year is two.journal is two.volume is two.pages is AGREES
    return two.title >= ONE_TITLE and place_agrees and _same_range(two) and not two.in_supplement


def _same_range(two: SideBySide) -> bool:
    """Whether both give the same several pages."""
    mine, theirs = (
        (bare_page(each.first_page), bare_page(each.last_page)) for each in (two.one, two.other)
    )
    return mine == theirs and mine[0] != mine[1]


def _in_every_field(two: SideBySide) -> bool:
    all_agree = not two.differing and len(two.agreeing) == len(FIELDS)
    return two.title >= NEAR_TITLE and all_agree and two.one.issue == two.other.issue


def _under_one_doi(two: SideBySide) -> bool:
    few = len(two.differing) <= _SLIPS_UNDER_ONE_DOI
    return two.title >= ALIKE_TITLE and two.authors is not DIFFERS and few


def _in_another_language(two: SideBySide) -> bool:
    in_one_place = two.placed and two.volume is AGREES and two.year is AGREES
    return in_one_place and two.authors is AGREES


def _near(two: SideBySide) -> bool:
    return two.title >= NEAR_TITLE and not two.differing


def _by_place(two: SideBySide) -> bool:
    return _near(two) and two.authors is AGREES and two.placed


def _by_journal(two: SideBySide) -> bool:
    one_more = AGREES in (two.year, two.volume, two.pages)
    return _near(two) and two.authors is AGREES and two.journal is AGREES and one_more


def _by_year(two: SideBySide) -> bool:
    in_print = AGREES in (two.volume, two.pages)
    return _near(two) and two.authors is AGREES and two.year is AGREES and in_print


def _without_authors(two: SideBySide) -> bool:
    return _near(two) and two.placed and two.journal is AGREES and two.year is AGREES


def _of_one_meeting(two: SideBySide) -> bool:
    """Whether neither has authors, and both are of one known issue: a meeting's abstracts."""
    one, other = two.one, two.other
    nameless = not (one.names or other.names) and two.title >= ONE_TITLE and not two.differing
    in_one_issue = two.volume is AGREES and bool(one.issue) and one.issue == other.issue
    return nameless and in_one_issue and two.journal is AGREES and two.year is AGREES


def _by_print(two: SideBySide) -> bool:
    """Whether authors, volume and pages agree under titles that are like."""
    in_print = two.pages is AGREES and two.volume is AGREES and two.authors is AGREES
    return two.title >= LIKE_TITLE and in_print


PRINTED_AS_ONE = DuplicateRule(
    "S1",
    "printed as one: journal, year, volume, and both the first and last of several pages agree,"
    " and the authors do, or one names a group or nobody under the very same title",
    "No two articles are printed on the same several pages. Letters may be, on one page, and"
    " have authors of their own; so may abstracts of a supplement.",
    (PairKind.ONE_DOI, PairKind.PLAIN),
    _printed_as_one,
)
SAME: tuple[DuplicateRule, ...] = (
    PRINTED_AS_ONE,
    DuplicateRule(
        "S2",
        "the same DOI, titles alike, authors not others, at most one field differs",
        "A DOI is one document's, but exports give an article's to its erratum or its supplement.",
        (PairKind.ONE_DOI,),
        _under_one_doi,
    ),
    DuplicateRule(
        "S3",
        "the same DOI, authors, year, volume and pages, whatever the titles",
        "A title in another language shares no words with its translation.",
        (PairKind.ONE_DOI,),
        _in_another_language,
    ),
    DuplicateRule(
        "S4",
        "a title that says nothing: near titles, the same issue, and every field agrees",
        "A column has this title in each issue: only its place tells one from the next.",
        (PairKind.SERIAL,),
        _in_every_field,
    ),
    DuplicateRule(
        "S5",
        "near titles and the same authors and place in print, nothing differs",
        "Pages of one volume, or of one journal and year, are one place.",
        (PairKind.PLAIN,),
        _by_place,
    ),
    DuplicateRule(
        "S6",
        "near titles, the same authors and journal, and year, volume or pages; nothing differs",
        "Records of trials online have no pages yet; one group seldom writes two papers under one"
        " title in one journal and year, and the objections ask for those.",
        (PairKind.PLAIN,),
        _by_journal,
    ),
    DuplicateRule(
        "S7",
        "near titles, the same authors and year, and volume or pages; nothing differs",
        "A journal that is missing, where a number of its print agrees. Authors and year alone are"
        " not enough: a paper and the abstract of a meeting share them.",
        (PairKind.PLAIN,),
        _by_year,
    ),
    DuplicateRule(
        "S8",
        "near titles, the same journal, year and place in print; nothing differs",
        "Authors are missing or written otherwise in one export.",
        (PairKind.PLAIN,),
        _without_authors,
    ),
    DuplicateRule(
        "S9",
        "the same title, journal, year, volume and known issue; neither names an author",
        "Abstracts of a meeting come without authors and pages; one meeting does not print one"
        " title twice.",
        (PairKind.PLAIN,),
        _of_one_meeting,
    ),
    DuplicateRule(
        "S10",
        "titles alike, the same authors, volume and pages; nothing differs",
        "A longer subtitle or another wording of the title, where print says it is one.",
        (PairKind.PLAIN,),
        lambda two: _by_print(two) and not two.differing,
    ),
    DuplicateRule(
        "S11",
        "titles alike, the same authors, volume and pages; the year or the journal differs",
        "One of the two is a database's slip: a volume of one journal has one year, and a place"
        " under the authors' names one journal.",
        (PairKind.PLAIN,),
        lambda two: _by_print(two) and two.differing in (("year",), ("journal",)),
    ),
    DuplicateRule(
        "S12",
        "the same register number, titles alike, no word or number replaced",
        "A register's number is one trial's; exports put wrong ones under other titles.",
        (PairKind.REGISTER_ENTRY,),
        lambda two: _one_register_number(two) and not _titles_of_two_trials(two),
    ),
    DuplicateRule(
        "S13",
        "one DOI, title, year, journal, volume, and both the first and last of several pages,"
        " whatever the authors",
        "One export has the given names first, or the names in another alphabet.",
        (PairKind.ONE_DOI,),
        _printed_under_one_doi,
    ),
)


def _one_register_number(two: SideBySide) -> bool:
    return bool(two.one.entry & two.other.entry)


def _titles_of_two_trials(two: SideBySide) -> bool:
    one, other = two.one, two.other
    unlike = two.title < ALIKE_TITLE or one.numbers != other.numbers
    return unlike or bool(replaced_words(one, other))


# ---- maybe --------------------------------------------------------------------------------------


def _serial_in_one_place(two: SideBySide) -> bool:
    other_doi = bool(two.one.doi and two.other.doi and not two.same_doi)
    in_one_place = two.placed and two.authors is not DIFFERS
    return two.title >= NEAR_TITLE and in_one_place and not other_doi


def _like_with_fields(two: SideBySide) -> bool:
    many = len(two.agreeing) >= _FIELDS_FOR_A_LIKE_TITLE
    return two.title >= LIKE_TITLE and two.authors is not DIFFERS and (many or two.placed)


MAYBE: tuple[DuplicateRule, ...] = (
    DuplicateRule(
        "M1",
        "a title that says nothing: near titles in one place, not other authors nor another DOI",
        "Two letters may share a page; without their authors nothing tells them apart.",
        (PairKind.SERIAL,),
        _serial_in_one_place,
    ),
    DuplicateRule(
        "M2",
        "the same DOI and like titles",
        "Too much else differs, or an objection holds: an erratum under its article's DOI.",
        (PairKind.ONE_DOI,),
        lambda two: two.title >= LIKE_TITLE,
    ),
    DuplicateRule(
        "M3",
        "the same DOI, and the authors are not others",
        "A title in another language, or a wrong DOI: only a person can tell.",
        (PairKind.ONE_DOI,),
        lambda two: two.authors is not DIFFERS,
    ),
    DuplicateRule(
        "M4",
        "near titles, and the authors are not others",
        "A preprint, an abstract, a republication: all bear the paper's title.",
        (PairKind.PLAIN,),
        lambda two: two.title >= NEAR_TITLE and two.authors is not DIFFERS,
    ),
    DuplicateRule(
        "M5",
        "near titles of other authors in one place in print",
        "Letters under one title; or one export that names the group, the other its writers.",
        (PairKind.PLAIN,),
        lambda two: two.title >= NEAR_TITLE and two.authors is DIFFERS and two.placed,
    ),
    DuplicateRule(
        "M6",
        "titles alike, authors not others, and one place in print or three fields that agree",
        "Another wording of one title, or two papers of one group in one journal.",
        (PairKind.PLAIN,),
        _like_with_fields,
    ),
    DuplicateRule(
        "M7",
        "the same authors in one place in print",
        "Titles that are less alike where print says one: a subtitle as title, an old spelling.",
        (PairKind.PLAIN,),
        lambda two: two.placed and two.authors is AGREES,
    ),
    DuplicateRule(
        "M8",
        "the same register number under titles that differ",
        "One of the two titles or one of the two numbers is wrong.",
        (PairKind.REGISTER_ENTRY,),
        _one_register_number,
    ),
)

# ---- objections ---------------------------------------------------------------------------------


def _when(holds: Callable[[SideBySide], bool], said: str) -> Callable[[SideBySide], Sequence[str]]:
    """Turn a condition into an objection's sight."""
    return lambda two: (said,) if holds(two) else ()


def _doi_differs(two: SideBySide) -> bool:
    return bool(two.one.doi and two.other.doi and not two.same_doi)


def _pmid_differs(two: SideBySide) -> bool:
    one, other = two.one.pmid, two.other.pmid
    return bool(one and other and one != other)


def _registers_differ(two: SideBySide) -> bool:
    one, other = two.one.registers, two.other.registers
    return bool(one and other and not one & other)


def _only_one_in_supplement(two: SideBySide) -> bool:
    in_print = AGREES in (two.pages, two.volume) and two.journal is AGREES
    return two.one.supplement != two.other.supplement and not in_print


def _issue_differs(two: SideBySide) -> bool:
    told_otherwise = (two.pages is AGREES and not _of_a_work(two)) or two.same_doi
    return not told_otherwise and issues_differ(two.one, two.other)


def _of_a_work(two: SideBySide) -> bool:
    """Whether the page that agrees is a number of the work, which each printing of it bears."""
    numbered = two.one.e_location and two.other.e_location and two.volume is not AGREES
    return numbered or _in_editions(two)


def _in_editions(two: SideBySide) -> bool:
    return two.one.in_editions or two.other.in_editions


def _another_edition(two: SideBySide) -> bool:
    return _in_editions(two) and two.year is not AGREES and not two.same_doi


def _page_is_shared(two: SideBySide) -> bool:
    abstracts = two.one.supplement and two.other.supplement and two.title < ONE_TITLE
    return abstracts and on_one_page(two.one, two.other)


AGAINST: tuple[Objection, ...] = (
    Objection(
        "O1",
        "a word of only one title tells another document, or the opposite",
        "An erratum, a reply, a protocol, a subgroup bears its paper's title and one word more.",
        lambda two: tuple(differences(two.one, two.other)),
    ),
    Objection(
        "O2",
        "the DOIs differ",
        "A document has one; versions and preprints have their own.",
        _when(_doi_differs, "the DOIs differ"),
    ),
    Objection(
        "O3",
        "the PubMed numbers differ",
        "PubMed has one for a document; its own duplicates are rare and for a person to tell.",
        _when(_pmid_differs, "the PubMed numbers differ"),
    ),
    Objection(
        "O4",
        "the register ids differ",
        "They are papers of two trials.",
        _when(_registers_differ, "the register ids differ"),
    ),
    Objection(
        "O5",
        "one is a preprint",
        "Its numbers may differ from the paper's: another report of the study.",
        _when(lambda two: two.one.preprint != two.other.preprint, "one is a preprint"),
    ),
    Objection(
        "O6",
        "only one is in a supplement, and journal with pages or volume do not say otherwise",
        "A meeting's abstract bears the title of its paper.",
        _when(_only_one_in_supplement, "only one is in a supplement"),
    ),
    Objection(
        "O7",
        "the issues differ, and neither the pages nor the DOI say otherwise",
        "A column, a republication, an edition: one title in two issues. A number of the work is no"
        " page.",
        _when(_issue_differs, "the issues differ"),
    ),
    Objection(
        "O8",
        "both are of a supplement, on a page that several abstracts share, and the titles differ",
        "One group's two abstracts stand side by side under like titles.",
        _when(_page_is_shared, "several abstracts share such a page"),
    ),
    Objection(
        "O13",
        "a work that comes in editions, and neither the year nor a DOI say that it is one",
        "A Cochrane review keeps its title, authors and number; an edition may be a year later.",
        _when(_another_edition, "it comes in editions, and the years are not the same"),
    ),
)


def _word_added(two: SideBySide) -> Sequence[str]:
    one_document = two.same_doi and not two.in_supplement
    added = () if two.located or one_document else added_words(two.one, two.other)
    return (f"only one title says '{' '.join(added[:_MOST_QUOTED_WORDS])}'",) if added else ()


def _word_spelled_otherwise(two: SideBySide) -> Sequence[str]:
    if two.pages is AGREES or two.same_doi:
        return ()
    odd = spelled_otherwise(two.one, two.other)
    return tuple(f"'{each}' stands in one title only" for each in odd[:_MOST_ODD_WORDS])


# Asked only of titles that differ, and not where S1 holds: print then outweighs a word.
AGAINST_TITLES: tuple[Objection, ...] = (
    Objection(
        "O9",
        "the numbers in the titles differ",
        "Parts, phases, doses, weeks, years: each number is another report.",
        _when(lambda two: two.one.numbers != two.other.numbers, "the numbers in the titles differ"),
    ),
)
# Of these the first that sees something speaks; the next would only say it again.
AGAINST_WORDS: tuple[Objection, ...] = (
    Objection(
        "O10",
        "a word of one title is another in the other",
        "Two drugs, two countries: the same sentence about something else.",
        _when(
            lambda two: bool(replaced_words(two.one, two.other)),
            "a word of one title is another in the other",
        ),
    ),
    Objection(
        "O11",
        "only one title has a word, and neither print nor a DOI says they are one",
        "'Severe', 'Japanese': a part of the people, or another trial.",
        _word_added,
    ),
    Objection(
        "O12",
        "a word is spelled otherwise than British and American do, and pages do not agree",
        "Prednisone is not prednisolone, nor one gene another.",
        _word_spelled_otherwise,
    ),
)


NOTHING_HOLDS = "N1"  # the name that signs "new"


def first_that_holds(rules: Sequence[DuplicateRule], two: SideBySide) -> DuplicateRule | None:
    """Return the rule that signs, or None."""
    kind = two.kind
    for each in rules:
        if kind in each.kinds and each.condition(two):
            return each
    return None


def rule_in_words(name: str) -> str:
    """Return a rule's words; or that it is no more."""
    words = {each.name: each.words for each in (*SAME, *MAYBE)}
    return words.get(name, "a rule that is retired")


def objections(two: SideBySide) -> list[tuple[str, str]]:
    """Return what speaks against a merge, apart from fields that differ: its name, and in words."""
    found = _seen(AGAINST, two)
    if _titles_tell(two):
        found += _seen(AGAINST_TITLES, two)
        each_seen = (_seen((each,), two) for each in AGAINST_WORDS)
        found += next(filter(None, each_seen), [])
    return found


def _seen(against: Sequence[Objection], two: SideBySide) -> list[tuple[str, str]]:
    return [(each.name, said) for each in against for said in each.sees(two)]


def _titles_tell(two: SideBySide) -> bool:
    """Whether words can be compared: the titles differ, in one language, and print is silent."""
    one_document = two.same_doi and not two.in_supplement
    translated = one_document and two.title < ALIKE_TITLE
    return two.title < ONE_TITLE and not translated and not PRINTED_AS_ONE.holds(two)
