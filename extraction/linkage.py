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

from rapidfuzz import fuzz

from extraction.identifiers import register_key
from extraction.model import Correction, Direction, Record, Report, Study
from extraction.sightings import NAMED

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


def link(record: Record, studies: Sequence[Study]) -> Link | None:
    """Return the study whose report a record seems to be, by the strongest evidence.

    A record tied to several studies by ids is linked to the first; the reason names them all.
    """
    tied = list(_by_id(record, studies))
    if not tied:
        return next(_by_evidence(record, studies), None)
    first = tied[0]
    others = {each.study: each.reason for each in tied if each.study != first.study}
    return replace(first, reason="; ".join([first.reason, *others.values()]))


def same_title(record: Record, title: str) -> bool:
    """Whether a record bears this title, up to case, accents, punctuation and a slip of the pen."""
    own = (record.title, record.vernacular_title or "")
    return any(_same_words(each, title) for each in own)


# ---- by ids -------------------------------------------------------------------------------------


def _by_id(record: Record, studies: Sequence[Study]) -> Iterator[Link]:
    for study in studies:
        shared = [each for each in record.ids.register if each in _register_ids(study)]
        if shared:
            reason = f"it names {shared[0]}, the register id of {study.label}"
            yield Link(study.id, reason, LinkKind.REGISTER_ID)
    for study in studies:
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


def _by_evidence(record: Record, studies: Sequence[Study]) -> Iterator[Link]:
    if _reads_as_review(record):
        return
    named = set(record.ids.register)
    possible = [study for study in studies if not (named and _register_ids(study))]
    for evidence in (_by_place, _by_title):
        for study in possible:
            reason = evidence(record, study)
            if reason is not None:
                yield Link(study.id, reason, LinkKind.PROPOSED)
    topic = [text for study in studies for text in _texts(study)]
    if _shared(record, topic) >= _REVIEWS_TOPIC:
        yield from _by_author(record, possible)
        yield from _as_reanalysis(record, possible)


def _by_place(record: Record, study: Study) -> str | None:
    """Volume, year and first page together name one place in print."""
    first_page = re.match(r"\w+", record.pages or "")
    if record.volume is None or record.year is None or first_page is None:
        return None
    place = re.compile(
        rf"\b{record.year}[^;:]*;\s*{re.escape(record.volume)}\b[^:]*:\s*{first_page[0]}\b"
    )
    if any(place.search(report.citation) for report in study.reports):
        return f"it stands where a report of {study.label} is cited"
    return None


def _by_title(record: Record, study: Study) -> str | None:
    if any(same_title(record, cited_title(report)) for report in study.reports):
        return f"it has the title of a report of {study.label}"
    return None


def _by_author(record: Record, studies: Sequence[Study]) -> Iterator[Link]:
    """The same first author writing of a trial, in the study's year or of its topic about then."""
    if not record.authors or record.year is None or not _reads_as_trial(record):
        return
    first = _surname(record.authors[0])
    for study in studies:
        labelled = _LABEL.fullmatch(study.label)
        if labelled is not None and plain(labelled[1]) == first:
            apart = abs(record.year - int(labelled[2]))
            near = apart <= _NEAR_YEARS and _shared(record, _texts(study)) >= _NEAR_TOPIC
            if near or not apart:
                reason = f"it is a trial by the first author of {study.label}, of {record.year}"
                yield Link(study.id, reason, LinkKind.PROPOSED)


def _as_reanalysis(record: Record, studies: Sequence[Study]) -> Iterator[Link]:
    """A paper that says it analyses a trial anew belongs to the trial it reads most like."""
    if not _REANALYSIS.search(record.title):
        return
    scores = {
        study.id: _shared(record, [cited_title(each) for each in study.reports])
        for study in studies
    }
    best = max(scores.values(), default=0.0)
    closest = [study for study in studies if scores[study.id] == best]
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
_NUMBERS = re.compile(r"\b(?:\d+|i{1,3}|iv|vi{0,3})\b")


def plain(text: str) -> str:
    """Return a text in a form in which case, accents and punctuation do not matter."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def cited_title(report: Report) -> str:
    """Return the title in a report's citation: what stands before the first full stop."""
    return report.citation.split(". ")[0]


def _same_words(one: str, other: str) -> bool:
    one, other = plain(one), plain(other)
    if min(len(one.split()), len(other.split())) < _LEAST_WORDS:
        return False
    same_numbers = sorted(_NUMBERS.findall(one)) == sorted(_NUMBERS.findall(other))
    return same_numbers and fuzz.ratio(one, other) >= SAME_TITLE


def _surname(author: str) -> str:
    return plain(_INITIALS.sub("", author))


def _reads_as_trial(record: Record) -> bool:
    typed = any(each in _TRIAL_TYPES for each in record.publication_types)
    return typed or _TRIAL.search(record.title) is not None


def _reads_as_review(record: Record) -> bool:
    typed = any("Review" in each or each == "Meta-Analysis" for each in record.publication_types)
    return typed or _REVIEW.search(record.title) is not None


def _texts(study: Study) -> list[str]:
    return [*(cited_title(report) for report in study.reports), *study.notes]


def _shared(record: Record, texts: Sequence[str]) -> float:
    """Return the share of the title's own words that these texts hold."""
    own = _words(record.title)
    return len(own & _words(" ".join(texts))) / len(own) if own else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(
        word for word in plain(text).split() if len(word) > 1 and word not in _COMMON_WORDS
    )
