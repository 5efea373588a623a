"""Records to studies: by ids first, then by evidence that a person confirms.

A link is always a proposal to a person; nothing is dropped or joined because of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from extraction.model import Record, Report, Study

# Titles of two reports of one trial that differ in a word or its spelling score above this; titles
# of different trials of the same treatment stay below (measured on the labelled records).
SAME_TITLE = 92.0


@dataclass(frozen=True, slots=True)
class Link:
    """A record seems to be a report of a study, and why."""

    study: str
    reason: str
    by_id: bool


def plain(text: str) -> str:
    """Return a title in a form in which case, accents and punctuation do not matter."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def same_title(record: Record, title: str) -> bool:
    """Whether a record bears this title, up to case, punctuation and a slip of the pen."""
    return fuzz.ratio(plain(record.title), plain(title)) >= SAME_TITLE


def link(record: Record, studies: Sequence[Study]) -> Link | None:
    """Return the study whose report a record seems to be, by the strongest evidence."""
    for study in studies:
        shared = sorted(set(record.ids.register) & set(study.register_ids))
        if shared:
            return Link(study.id, f"it names {shared[0]}, the register id of {study.label}", True)
    for study in studies:
        reason = _notice(record, study)
        if reason is not None:
            return Link(study.id, reason, True)
    for study in studies:
        if any(same_title(record, cited_title(report)) for report in study.reports):
            return Link(study.id, f"it has the title of a report of {study.label}", False)
    return None


def _notice(record: Record, study: Study) -> str | None:
    pmids = {report.ids.pmid for report in study.reports} - {None}
    dois = {report.ids.doi for report in study.reports} - {None}
    for each in record.corrections:
        if each.pmid in pmids or each.doi in dois:
            return f"it is a {each.kind} about a report of {study.label}"
    return None


def cited_title(report: Report) -> str:
    """Return the title in a report's citation: what stands before the first full stop."""
    return report.citation.split(". ")[0]
