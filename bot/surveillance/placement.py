"""Where a record seen for the first time belongs: a known report, a candidate, or the queue. Pure.

Identity is exact first: PMID, PMCID, DOI, and register ids. A record that agrees with a known one
in all that tells records apart joins it, and a person can undo that; one that may be the same is
queued, and a person is asked. A register entry and an article that declares just that id are one
candidate while nobody has decided on it. A record that carries a known study's register id, or
reads like a report of it, is queued as a second report. Nothing is ever left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.review.baseline import KnownItem
from extraction.duplicates import Judgement, Sameness
from extraction.linkage import Link, same_title
from extraction.model import Record, RecordKind
from extraction.ranking import Rank
from state.facts import QueueEntry
from state.values import StoredRecord

# A secondary publication names many trials; being one of them is not being the same record.
NOT_ONE_STUDY = frozenset({"Review", "Systematic Review", "Meta-Analysis", "Comment", "Editorial"})


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a new record goes.

    place: the candidate it opens or joins (None for a report that the review counts already);
    study: the known study whose report it is; confirms: the unconfirmed item it confirms.
    """

    place: QueueEntry | None
    study: str | None
    known_report: bool
    confirms: str | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A known record that is, or may be, the new one, and why."""

    stored: StoredRecord
    judgement: Judgement

    @property
    def same(self) -> bool:
        """Whether the two are taken as one."""
        return self.judgement.answer is Sameness.SAME


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known about a record's identifiers and its likes."""

    owners: Sequence[StoredRecord]  # known records with one of its own ids
    namesakes: Sequence[StoredRecord]  # known records with one of its register ids
    undecided: frozenset[str]  # candidates among both on which nobody has decided
    studies: Mapping[str, str]  # own identifier -> study known by it
    unconfirmed: Sequence[KnownItem]  # known items with one of its ids, not confirmed yet
    alike: Sequence[Alike] = ()  # known records without a common id


def place(record: Record, around: Surroundings, link: Link | None, rank: Rank) -> Placement:
    """Decide where a record seen for the first time belongs."""
    confirmed = next((item for item in around.unconfirmed if same_title(record, item.title)), None)
    if confirmed is not None and confirmed.study is not None:
        return Placement(None, confirmed.study, True, confirmed.id)
    if around.studies:
        return Placement(None, next(iter(around.studies.values())), True)
    return _joined(record, around, rank) or Placement(
        _opened(record, around, link, rank), None, False, confirmed.id if confirmed else None
    )


def _joined(record: Record, around: Surroundings, rank: Rank) -> Placement | None:
    """Return the place beside a known record that this one is, or belongs to; None: beside none."""
    if around.owners:
        return _join(record, around.owners[0], rank)
    twin = next((each for each in around.alike if each.same), None)
    if twin is not None:
        return _join(record, twin.stored, rank, known_report=False)
    partner = _partner(record, around)
    return _join(record, partner, rank) if partner is not None else None


def _opened(record: Record, around: Surroundings, link: Link | None, rank: Rank) -> QueueEntry:
    """Return a candidate of its own, with what a person should know of it."""
    return QueueEntry(
        id=record.key,
        opened=True,
        score=rank.score,
        lane=rank.lane,
        reasons=(*_doubts(record, around), *rank.reasons),
        flags=rank.flags,
        study=link.study if link is not None else None,
        link_reason=link.reason if link is not None else None,
    )


def _join(
    record: Record, owner: StoredRecord, rank: Rank, *, known_report: bool = True
) -> Placement:
    """Put a record where its owner is; by likeness alone it gives the study no identifiers."""
    if owner.candidate is None:
        return Placement(None, owner.study, known_report)
    joined = QueueEntry(owner.candidate, False, rank.score, rank.lane, rank.reasons, rank.flags)
    return Placement(joined, owner.study, False)


def _partner(record: Record, around: Surroundings) -> StoredRecord | None:
    """Find the register entry of an article, or the article of a register entry.

    Only where the article names this one id, the two are the only ones that bear it, and the
    candidate is still undecided: otherwise a person links them.
    """
    others = [
        each for each in around.namesakes if each.candidate is not None and each.record != record
    ]
    if len(others) != 1 or others[0].candidate not in around.undecided:
        return None
    other = others[0]
    kinds = {record.kind, other.record.kind}
    if kinds != {RecordKind.ARTICLE, RecordKind.REGISTER_ENTRY}:
        return None
    article = record if record.kind is RecordKind.ARTICLE else other.record
    entry = other.record if article is record else record
    one_study = not NOT_ONE_STUDY & set(article.publication_types)
    names_only_it = set(article.ids.register) <= set(entry.ids.register)
    return other if one_study and names_only_it else None


def _doubts(record: Record, around: Surroundings) -> tuple[str, ...]:
    """Say what a person should know: an unconfirmed id with another title, a namesake."""
    doubts = [
        f"bears {item.id}, which is unconfirmed for '{item.title}', but its title differs"
        for item in around.unconfirmed
        if not same_title(record, item.title)
    ]
    doubts += [
        f"names the same register id as {each.record.key}"
        for each in around.namesakes
        if each.record.key != record.key
    ]
    doubts += [
        f"may be the same record as {each.stored.record.key}: {'; '.join(each.judgement.reasons)}"
        for each in around.alike
        if not each.same
    ]
    return tuple(doubts)
