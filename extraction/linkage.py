"""Records to studies: by ids first, then by evidence that a person confirms.

A link is an offer to a person; nothing is dropped or joined because of it. Evidence never speaks
for a study when the record names a register id that the study does not have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz import fuzz, process

from extraction.identifiers import register_key
from extraction.model import Correction, Direction, Record, Report, Study
from extraction.sightings import NAMED
from extraction.stems import may_match

# Two wordings of one title score above this; titles of different trials of one treatment in one
# disease stay below 90 (measured on the labelled records, tests/benchmarks/linking.py).
SAME_TITLE = 92.0
# Words; shorter titles ("Reply", "Immunoglobulin in neuropathy") are shared by too many documents.
_LEAST_WORDS = 5
# A trial's abstracts come out up to two years before or after the paper that names it.
_NEAR_YEARS = 2
# Shares of a title's own words that texts must hold, measured on the labelled records.
# Most, by all studies of the review together: another disease brings words of its own.
_REVIEWS_TOPIC = 0.6
# A third, nearly, by the one study: the first author and the years speak for it already.
_NEAR_TOPIC = 0.3
# Most, by the trial that is analysed anew: nothing else tells which trial it is.
_SAME_TOPIC = 0.6


class LinkKind(StrEnum):
    """How a record is tied to a study."""

    REGISTER_ID = "register id"
    SAME_REPORT = "same report"  # it is, or is a notice about, a report the study has
    PROPOSED = "proposed"  # evidence only


@dataclass(frozen=True, slots=True)
class Link:
    """A record seems to be a report of a study, and why."""

    study: str
    reason: str
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class _Title:
    """A title in plain words, with the numbers in it."""

    words: str
    numbers: tuple[str, ...]
    long_enough: bool


@dataclass(frozen=True, slots=True)
class _CitedTitles:
    """The titles of reports, in plain words, beside the study of each."""

    words: list[str]
    studies: list[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """A study with what of it is compared with every record."""

    study: Study
    register_ids: frozenset[str]
    words: frozenset[str]
    cited_words: frozenset[str]


class KnownStudies:
    """The studies of a review, read once for the many records that are held against them."""

    def __init__(self, studies: Sequence[Study]) -> None:
        self._studies = tuple(map(_known, studies))
        self._names = frozenset(name for each in studies for name in _names(each))
        self._topic = _words(" ".join(text for each in studies for text in _texts(each)))
        self._cited = "\n".join(report.citation for each in studies for report in each.reports)
        self._titles = _by_numbers(studies)

    def link(self, record: Record) -> Link | None:
        """Return the study whose report a record seems to be, by the strongest evidence.

        A record tied to several studies by ids is linked to the first; the reason names them all.
        """
        tied = list(_by_id(record, self._studies)) if self._may_be_tied(record) else []
        if not tied:
            return next(self._by_evidence(record), None)
        first = tied[0]
        others = {each.study: each.reason for each in tied if each.study != first.study}
        return replace(first, reason="; ".join([first.reason, *others.values()]))

    def _may_be_tied(self, record: Record) -> bool:
        own = record.ids
        named = not self._names.isdisjoint((own.pmid, own.pmcid, own.doi, *own.register))
        return named or bool(record.corrections)

    def _by_evidence(self, record: Record) -> Iterator[Link]:
        if _reads_as_review(record):
            return
        named = bool(record.ids.register)
        possible = [each for each in self._studies if not (named and each.register_ids)]
        yield from self._by_place(record, possible)
        titles = _own_titles(record)
        yield from self._by_title(titles, possible)
        own = _words_in(titles[0])
        if _shared(own, self._topic) >= _REVIEWS_TOPIC:
            yield from _by_author(record, own, possible)
            yield from _as_reanalysis(record, own, possible)

    def _by_place(self, record: Record, studies: Sequence[_Known]) -> Iterator[Link]:
        """Volume, year and first page together name one place in print."""
        first_page = _FIRST_PAGE.match(record.pages or "")
        if record.volume is None or record.year is None or first_page is None:
            return
        parts = (str(record.year), record.volume, first_page[0])
        if not _are_in(self._cited, *parts):  # nearly every record
            return
        for study in (known.study for known in studies):
            if any(_is_cited_at(report.citation, *parts) for report in study.reports):
                reason = f"it stands where a report of {study.label} is cited"
                yield Link(study.id, reason, LinkKind.PROPOSED)

    def _by_title(self, own: Sequence[_Title], studies: Sequence[_Known]) -> Iterator[Link]:
        bearing: set[str] = set()
        for mine in own:
            bearing.update(_bearing(mine, self._titles.get(mine.numbers)))
        for study in (known.study for known in studies) if bearing else ():
            if study.id in bearing:
                reason = f"it has the title of a report of {study.label}"
                yield Link(study.id, reason, LinkKind.PROPOSED)


def link(record: Record, studies: Sequence[Study]) -> Link | None:
    """Hold one record against studies."""
    return KnownStudies(studies).link(record)


def _known(study: Study) -> _Known:
    cited = [cited_title(each) for each in study.reports]
    return _Known(
        study,
        _register_ids(study),
        _words(" ".join(_texts(study))),
        _words(" ".join(cited)),
    )


def _by_numbers(studies: Sequence[Study]) -> dict[tuple[str, ...], _CitedTitles]:
    """Return the titles of the studies' reports by the numbers in them: one title has the same."""
    found: dict[tuple[str, ...], _CitedTitles] = {}
    for study in studies:
        for title in map(_read_title, map(cited_title, study.reports)):
            if title.long_enough:
                cited = found.setdefault(title.numbers, _CitedTitles([], []))
                cited.words.append(title.words)
                cited.studies.append(study.id)
    return found


def _bearing(own: _Title, cited: _CitedTitles | None) -> set[str]:
    """Return the studies that have a report with a record's title."""
    if cited is None or not own.long_enough:
        return set()
    found = process.extract(
        own.words, cited.words, scorer=fuzz.ratio, score_cutoff=SAME_TITLE, limit=None
    )
    return {cited.studies[place] for _, _, place in found}


def _names(study: Study) -> Iterator[str | None]:
    """Yield every id by which a study or a report of it is known."""
    yield from _register_ids(study)
    for report in study.reports:
        yield from filter(None, (report.ids.pmid, report.ids.pmcid, report.ids.doi))


def same_title(record: Record, title: str) -> bool:
    """Whether a record bears this title, up to case, accents, punctuation and a slip of the pen."""
    other = _read_title(title)
    return any(_same_words(each, other) for each in _own_titles(record))


# ---- by ids -------------------------------------------------------------------------------------


def _by_id(record: Record, studies: Sequence[_Known]) -> Iterator[Link]:
    for known in studies:
        shared = [each for each in record.ids.register if each in known.register_ids]
        if shared:
            reason = f"it names {shared[0]}, the register id of {known.study.label}"
            yield Link(known.study.id, reason, LinkKind.REGISTER_ID)
    for study in (known.study for known in studies):
        for report in study.reports:
            tie = _as_report(record, report) or _as_notice(record, report)
            if tie is not None:
                yield Link(study.id, f"{tie} of {study.label}", LinkKind.SAME_REPORT)


def _register_ids(study: Study) -> frozenset[str]:
    reported = (each for report in study.reports for each in report.ids.register)
    return frozenset(register_key(each) for each in (*study.register_ids, *reported))


def _as_report(record: Record, report: Report) -> str | None:
    own, known = record.ids, report.ids
    for name, mine, other in (
        ("PMID", own.pmid, known.pmid),
        ("PMCID", own.pmcid, known.pmcid),
        ("DOI", own.doi, known.doi),
    ):
        if mine is not None and mine == other:
            sure = "" if not report.unconfirmed else ", which is unconfirmed,"
            return f"it has the {name} {mine}{sure} of a report"
    return None


def _as_notice(record: Record, report: Report) -> str | None:
    for each in record.corrections:
        by_pmid = each.pmid is not None and each.pmid == report.ids.pmid
        by_doi = each.doi is not None and each.doi == report.ids.doi
        if (by_pmid or by_doi) and each.direction is Direction.THIS_IS_OF:
            return f"{correction_of(each)}, a report"
        if by_pmid or by_doi:
            return f"its {NAMED[each.kind]} is a report"
    return None


def correction_of(notice: Correction) -> str:
    """Say what a record is that is a notice: 'it is a notice, the erratum of PMID 8145910'."""
    about = f"PMID {notice.pmid}" if notice.pmid is not None else f"DOI {notice.doi}"
    return f"it is a notice, the {NAMED[notice.kind]} of {about}"


# ---- by evidence --------------------------------------------------------------------------------


def _is_cited_at(citation: str, year: str, volume: str, page: str) -> bool:
    if not _are_in(citation, year, volume, page):
        return False
    place = rf"\b{year}[^;:]*;\s*{re.escape(volume)}\b[^:]*:\s*{page}\b"
    return re.search(place, citation) is not None


def _are_in(text: str, year: str, volume: str, page: str) -> bool:
    return year in text and page in text and volume in text


def _by_author(record: Record, own: frozenset[str], studies: Sequence[_Known]) -> Iterator[Link]:
    """The same first author writing of a trial, in the study's year or of its topic about then."""
    if not record.authors or record.year is None or not _reads_as_trial(record):
        return
    first = _surname(record.authors[0])
    for known in studies:
        study = known.study
        labelled = _LABEL.fullmatch(study.label)
        if labelled is not None and plain(labelled[1]) == first:
            apart = abs(record.year - int(labelled[2]))
            near = apart <= _NEAR_YEARS and _shared(own, known.words) >= _NEAR_TOPIC
            if near or not apart:
                reason = f"it is a trial by the first author of {study.label}, of {record.year}"
                yield Link(study.id, reason, LinkKind.PROPOSED)


def _as_reanalysis(
    record: Record, own: frozenset[str], studies: Sequence[_Known]
) -> Iterator[Link]:
    """A paper that says it analyses a trial anew belongs to the trial it reads most like."""
    if not _REANALYSIS.search(record.title):
        return
    scores = {each.study.id: _shared(own, each.cited_words) for each in studies}
    best = max(scores.values(), default=0.0)
    closest = [each.study for each in studies if scores[each.study.id] == best]
    if best >= _SAME_TOPIC and len(closest) == 1:
        reason = f"it analyses a trial anew and reads most like {closest[0].label}"
        yield Link(closest[0].id, reason, LinkKind.PROPOSED)


_LABEL = re.compile(r"(.+?)\s+(\d{4})[a-z]?(?:\s.*)?")
_INITIALS = re.compile(r"\s+[A-Z][A-Z-]{0,4}(?:\s+(?:Jr|Sr|I{1,3}|2nd|3rd))?$")
_TRIAL = re.compile(
    r"randomi[sz]|placebo|controlled (?:\w+ )?(?:trial|study)|cross-?over"
    r"|\b(?:double|single)-?\s?blind",
    re.I,
)
_REVIEW_STEMS = ("review", "meta")
_REVIEW = re.compile(r"\bsystematic review|\bmeta-?\s?analys[ie]s|: a review\b", re.I)
_REANALYSIS = re.compile(
    r"post[ -]?hoc|(?:secondary|sub-?group|exploratory|responder) analys|re-?analys|sub-?study"
    r"|(?:dose|exposure)[- ](?:exposure|efficacy|response)",
    re.I,
)
_TRIAL_TYPES = ("Randomized Controlled Trial", "Controlled Clinical Trial", "Equivalence Trial")
_COMMON_WORDS = frozenset(
    {
        *("and", "are", "for", "from", "the", "versus", "was", "were", "with"),
        *("blind", "blinded", "clinical", "controlled", "cross", "crossover", "double", "phase"),
        *("placebo", "randomised", "randomized", "single", "study", "trial"),
        *("associated", "effect", "effects", "efficacy", "evaluation", "high", "low", "patients"),
        *("analyses", "analysis", "exploratory", "hoc", "post", "secondary", "subgroup"),
        *("people", "safety", "therapy", "treated", "treatment"),
    }
)
_FIRST_PAGE = re.compile(r"\w+")
_PLAIN_WORD = re.compile(r"[a-z0-9]+")
_NUMBERS = re.compile(r"\b(?:\d+|i{1,3}|iv|vi{0,3})\b")


def plain(text: str) -> str:
    """Return a text in a form in which case, accents and punctuation do not matter."""
    bare = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return " ".join(_PLAIN_WORD.findall(bare.encode("ascii", "ignore").decode().lower()))


def cited_title(report: Report) -> str:
    """Return the title in a report's citation: what stands before the first full stop."""
    return report.citation.split(". ")[0]


def _own_titles(record: Record) -> tuple[_Title, ...]:
    """Return a record's titles, as far as it has any; the first is that of its language."""
    titles = (record.title, record.vernacular_title) if record.vernacular_title else (record.title,)
    return tuple(map(_read_title, titles))


def _read_title(title: str) -> _Title:
    words = plain(title)
    numbers = tuple(sorted(_NUMBERS.findall(words)))
    return _Title(words, numbers, len(words.split()) >= _LEAST_WORDS)


def _same_words(one: _Title, other: _Title) -> bool:
    if not one.long_enough or not other.long_enough or one.numbers != other.numbers:
        return False
    return fuzz.ratio(one.words, other.words, score_cutoff=SAME_TITLE) >= SAME_TITLE


def _surname(author: str) -> str:
    return plain(_INITIALS.sub("", author))


def _reads_as_trial(record: Record) -> bool:
    typed = any(each in _TRIAL_TYPES for each in record.publication_types)
    return typed or _TRIAL.search(record.title) is not None


def _reads_as_review(record: Record) -> bool:
    typed = any("Review" in each or each == "Meta-Analysis" for each in record.publication_types)
    title = record.title
    return typed or (may_match(title, _REVIEW_STEMS) and _REVIEW.search(title) is not None)


def _texts(study: Study) -> list[str]:
    return [*(cited_title(report) for report in study.reports), *study.notes]


def _shared(own: frozenset[str], others: frozenset[str]) -> float:
    """Return the share of a title's own words that others hold."""
    return len(own & others) / len(own) if own else 0.0


def _words(text: str) -> frozenset[str]:
    return _words_in(_read_title(text))


def _words_in(title: _Title) -> frozenset[str]:
    """Return the words of a text that are its own."""
    words = title.words.split()
    return frozenset([each for each in words if len(each) > 1 and each not in _COMMON_WORDS])
