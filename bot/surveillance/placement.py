"""Where the records of an answer belong: known reports, candidates, or the queue. Pure.

Identity is exact first: PMID, PMCID, DOI, and register ids. A record that agrees with a known one
in all that tells records apart joins it, and a person can undo that; one that may be the same is
queued, and a person is asked. A register entry and an article that declares just that id are one
candidate while nobody has decided on it. A record that carries a known study's register id, or
reads like a report of it, is queued as a second report. Nothing is ever left out.

A whole answer is decided at once, from what was read before: each record in its turn meets what
was known, and those of the same answer that came before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from bot.review.baseline import KnownItem
from bot.review.protocol import OpenDecision
from bot.surveillance.likes import (
    MOST_ASKED,
    Alike,
    AskedAbout,
    DescribedRecord,
    OpenQuestions,
    describe,
    find_alike,
    names_of,
    nearest,
)
from extraction.linkage import KnownStudies, Link, LinkKind, correction_of, same_title
from extraction.model import Correction, Direction, Record, RecordKind
from extraction.ranking import Rank, rank
from state.facts import QueueEntry
from state.values import StoredRecord

# A secondary publication names many trials; being one of them is not being the same record.
NOT_ONE_STUDY = frozenset({"Review", "Systematic Review", "Meta-Analysis", "Comment", "Editorial"})
NOTHING_ASKED = AskedAbout(())
SHOWN_ALIKE = 3  # of those that a record may be the same as, in its reasons; the rest as a number


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a new record goes.

    place: the candidate it opens or joins (None for a report that the review counts already);
    study: the known study whose report it is; confirms: the unconfirmed item it confirms; told: the
    known record that it is, or those that it may be and that a person is asked about.
    """

    record: Record
    identifiers: tuple[str, ...]
    place: QueueEntry | None
    study: str | None
    known_report: bool
    confirms: str | None = None
    told: tuple[Alike, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A record that is known: what it says now, and in which fields that is new."""

    record: Record
    identifiers: tuple[str, ...]
    before: StoredRecord
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the records of an answer could meet: what was known when it was read."""

    at: str
    known: Mapping[str, StoredRecord]  # by key
    bearers: Mapping[str, Sequence[str]]  # a key of lookup -> the records that bear it
    studies_bearing: Mapping[str, Sequence[str]]  # an identifier -> the studies that bear it
    undecided: frozenset[str]  # the candidates on which nobody has decided
    open_pairs: Sequence[tuple[str, str]]  # pairs that a person is being asked about
    confirmed: frozenset[str]  # the known items that a live answer has confirmed
    studies: KnownStudies
    known_items: Sequence[KnownItem]
    open_decisions: Sequence[OpenDecision]


@dataclass(frozen=True, slots=True)
class Nearby:
    """What is known about one record's identifiers and its likes."""

    owners: Sequence[StoredRecord]  # known records with one of its own ids
    namesakes: Sequence[StoredRecord]  # known records with one of its register ids
    undecided: frozenset[str]  # candidates among both on which nobody has decided
    studies: Mapping[str, str]  # own identifier -> study known by it
    unconfirmed: Sequence[KnownItem]  # known items with one of its ids, not confirmed yet
    alike: Sequence[Alike] = ()  # known records without a common id
    series_full: bool = False  # so many questions of its series wait that no more is asked


def place_all(
    records: Iterable[DescribedRecord], around: Surroundings
) -> tuple[Placement | Wording, ...]:
    """Decide where each record of an answer belongs, in the order of the answer."""
    met = _Met(around)
    return tuple([met.meet(each) for each in records])


def changed_fields(before: Record, after: Record) -> tuple[str, ...]:
    """Name the fields in which two wordings of a record differ."""
    if before == after:
        return ()
    names = [each.name for each in fields(Record)]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


class _Met:
    """What the next record of an answer meets: what was known, and what came before it."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._known = dict(around.known)
        self._bearers: dict[str, list[str]] = {}  # of names that this answer gave
        self._studies_bearing: dict[str, list[str]] = {}
        self._undecided = set(around.undecided)
        self._confirmed = set(around.confirmed)
        self._unconfirmed = [each for each in around.known_items if not each.confirmed]
        self._described: dict[str, DescribedRecord] = {}
        asked = {key for pair in around.open_pairs for key in pair}
        self._questions = OpenQuestions(around.open_pairs, names_of(asked, around.bearers))
        for stored in around.known.values():
            self._questions.join(stored)

    def meet(self, one: DescribedRecord) -> Placement | Wording:
        """Decide on one record, and know it from now on."""
        before = self._known.get(one.record.key)
        if before is not None:
            return self._reworded(one, before)
        near = self._nearby(one)
        asked = self._ask(one, near.alike)
        if asked.series_full:
            near = replace(near, series_full=True)
        found = place(one, near, self._link(one.record), self._rank(one))
        placed = replace(found, told=asked.about) if asked.about else found
        self._keep(one, placed)
        return placed

    def _ask(self, one: DescribedRecord, alike: Sequence[Alike]) -> AskedAbout:
        """Choose the likenesses to tell: the sure one, or those that a person is asked about."""
        if not alike:
            return NOTHING_ASKED
        sure = next((each for each in alike if each.same), None)
        if sure is not None:
            return AskedAbout((sure,))
        return self._questions.ask(one, alike, self._describe)

    def _reworded(self, one: DescribedRecord, before: StoredRecord) -> Wording:
        changes = changed_fields(before.record, one.record)
        wording = Wording(one.record, one.identifiers, before, changes)
        if changes:
            self._known[one.record.key] = replace(before, record=one.record)
            self._described[one.record.key] = one
            names = dict.fromkeys(wording.identifiers)
            self._name(
                one.record.key,
                [each for each in names if one.record.key not in self._bearing(each)],
            )
        return wording

    def _keep(self, one: DescribedRecord, placed: Placement) -> None:
        place, key = placed.place, one.record.key
        stored = StoredRecord(
            one.record,
            place.id if place is not None else None,
            placed.study,
            placed.known_report,
            self._around.at,
            "",
        )
        self._known[key], self._described[key] = stored, one
        self._name(key, dict.fromkeys(placed.identifiers))
        if place is not None and place.opened:
            self._undecided.add(place.id)
        else:
            self._questions.join(stored)
        if placed.known_report and placed.study is not None:
            for name in placed.identifiers:
                self._studies_bearing.setdefault(name, []).append(placed.study)
        if placed.confirms is not None:
            self._confirmed.add(placed.confirms)

    def _name(self, key: str, names: Iterable[str]) -> None:
        for name in names:
            self._bearers.setdefault(name, []).append(key)

    # ---- what it asks --------------------------------------------------------------------------

    def _nearby(self, one: DescribedRecord) -> Nearby:
        studies = self._studies_with(one.own)
        unconfirmed = tuple(
            [
                item
                for item in self._unconfirmed
                if item.id in one.own and item.id not in self._confirmed
            ]
        )
        if self._is_alone(one):
            return Nearby((), (), frozenset(), studies, unconfirmed)
        owners, namesakes = self._owners(one.own), self._owners(one.names)
        near = [self._known[key] for key in nearest(one, self._bearing)]
        return Nearby(
            owners=owners,
            namesakes=namesakes,
            undecided=frozenset(
                each.candidate
                for each in (*owners, *namesakes)
                if each.candidate is not None and each.candidate in self._undecided
            ),
            studies=studies,
            unconfirmed=unconfirmed,
            alike=find_alike(one, near, self._describe),
        )

    def _is_alone(self, one: DescribedRecord) -> bool:
        """Whether nothing bears any name of a record, as is so of nearly every one."""
        names = (*one.own, *one.names, *one.near)
        here, before = self._bearers.keys(), self._around.bearers.keys()
        return here.isdisjoint(names) and before.isdisjoint(names)

    def _bearing(self, name: str) -> Sequence[str]:
        known, here = self._around.bearers.get(name, ()), self._bearers.get(name)
        return [*known, *here] if here else known

    def _owners(self, names: Iterable[str]) -> tuple[StoredRecord, ...]:
        keys = {key for name in names for key in self._bearing(name)}
        if not keys:
            return ()
        found = [self._known[key] for key in keys]
        return tuple(sorted(found, key=lambda each: (each.found_at, each.record.key)))

    def _studies_with(self, names: Iterable[str]) -> dict[str, str]:
        """Return identifier -> study; of several the first by its id, the last such pair first."""
        pairs = [
            (study, name)
            for name in names
            for held in (self._around.studies_bearing, self._studies_bearing)
            for study in held.get(name, ())
        ]
        if not pairs:  # nearly every record
            return {}
        return {name: study for study, name in sorted(pairs, key=lambda two: two[0], reverse=True)}

    def _describe(self, record: Record) -> DescribedRecord:
        if record.key not in self._described:
            self._described[record.key] = describe(record)
        return self._described[record.key]

    def _link(self, record: Record) -> Link | None:
        return self._around.studies.link(record) or self._of_correction(record)

    def _of_correction(self, record: Record) -> Link | None:
        """Return the study about a report of which a record is a notice, by the report's ids."""
        for each in record.corrections:
            if each.direction is Direction.THIS_IS_OF:
                for study in self._studies_with(names_in(each)).values():
                    reason = f"{correction_of(each)}, a report of {study}"
                    return Link(study, reason, LinkKind.SAME_REPORT)
        return None

    def _rank(self, one: DescribedRecord) -> Rank:
        """Rank a record; the policy questions, still open, that it falls under are shown."""
        ranked, names = rank(one.record), (*one.own, *one.record.ids.register)
        flags = [
            f"open decision {each.id}"
            for each in self._around.open_decisions
            if not set(each.concerns).isdisjoint(names)
        ]
        return replace(ranked, flags=(*ranked.flags, *flags)) if flags else ranked


def names_in(correction: Correction) -> tuple[str, ...]:
    """Return the identifiers that a notice gives of the other document."""
    named = {"doi": correction.doi, "pmid": correction.pmid}
    return tuple(f"{kind}:{name}" for kind, name in named.items() if name is not None)


# ---- one record ----------------------------------------------------------------------------------


def place(one: DescribedRecord, around: Nearby, link: Link | None, ranked: Rank) -> Placement:
    """Decide where a record seen for the first time belongs, by what is near it."""
    record = one.record
    confirmed = next((item for item in around.unconfirmed if same_title(record, item.title)), None)
    if confirmed is not None and confirmed.study is not None:
        return Placement(record, one.identifiers, None, confirmed.study, True, confirmed.id)
    if around.studies:
        study = next(iter(around.studies.values()))
        return Placement(record, one.identifiers, None, study, True)
    return _joined(one, around, ranked) or Placement(
        record,
        one.identifiers,
        _opened(record, around, link, ranked),
        None,
        False,
        confirmed.id if confirmed else None,
    )


def _joined(one: DescribedRecord, around: Nearby, ranked: Rank) -> Placement | None:
    """Return the place beside a known record that this one is, or belongs to; None: beside none."""
    if around.owners:
        return _join(one, around.owners[0], ranked)
    twin = next((each for each in around.alike if each.same), None)
    if twin is not None:
        return _join(one, twin.stored, ranked, known_report=False)
    partner = _partner(one.record, around)
    return _join(one, partner, ranked) if partner is not None else None


def _opened(record: Record, around: Nearby, link: Link | None, ranked: Rank) -> QueueEntry:
    """Return a candidate of its own, with what a person should know of it."""
    return QueueEntry(
        id=record.key,
        opened=True,
        score=ranked.score,
        lane=ranked.lane,
        reasons=(*_doubts(record, around), *ranked.reasons),
        flags=ranked.flags,
        study=link.study if link is not None else None,
        link_reason=link.reason if link is not None else None,
    )


def _join(
    one: DescribedRecord, owner: StoredRecord, ranked: Rank, *, known_report: bool = True
) -> Placement:
    """Put a record where its owner is; by likeness alone it gives the study no identifiers."""
    if owner.candidate is None:
        return Placement(one.record, one.identifiers, None, owner.study, known_report)
    joined = QueueEntry(
        owner.candidate, False, ranked.score, ranked.lane, ranked.reasons, ranked.flags
    )
    return Placement(one.record, one.identifiers, joined, owner.study, False)


def _partner(record: Record, around: Nearby) -> StoredRecord | None:
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


def _doubts(record: Record, around: Nearby) -> tuple[str, ...]:
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
    return (*doubts, *_perhaps_same(around))


def _perhaps_same(around: Nearby) -> Iterator[str]:
    perhaps = [each for each in around.alike if not each.same]
    for each in perhaps[:SHOWN_ALIKE]:
        reasons = "; ".join(each.judgement.reasons)
        yield f"may be the same record as {each.stored.record.key}: {reasons}"
    if len(perhaps) > SHOWN_ALIKE:
        yield f"is like {len(perhaps) - SHOWN_ALIKE} more records at least"
    if around.series_full:
        yield (
            f"{MOST_ASKED} questions about records like it wait already,"
            " so that this one is asked about once some of them are settled"
        )
