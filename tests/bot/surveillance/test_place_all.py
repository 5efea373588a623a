"""A whole answer decided at once is what its records come to one by one.

The reference asks the database for what is near each record by itself, decides on it, and stores
it before it looks at the next: what the program did before it decided answers as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.app import App
from bot.review.baseline import KnownItem
from bot.surveillance.decide import decide_records
from bot.surveillance.likes import Alike, describe, find_alike, numbered_apart
from bot.surveillance.placement import Nearby, changed_fields, names_in, place
from extraction.duplicates import block_keys, namesake_keys, own_ids
from extraction.linkage import Link, LinkKind, correction_of, link
from extraction.model import (
    Correction,
    CorrectionKind,
    Direction,
    Record,
    RecordIds,
    RecordKind,
    RegisterEntry,
)
from extraction.ranking import rank
from state import decisions, extractions, likeness, records
from state.events import Ledger, events, head
from state.facts import VerdictGiven
from state.screening import Stage, Verdict
from tests.bot.builders import ADA, add_team, an_app

EARLIER, NOW = "2026-11-01T06:00:00.000000Z", "2026-11-25T06:00:00.000000Z"
RUN, PAYLOAD = "a-run", "0" * 64
SERIES = "Immunoglobulin for motor neuropathy in adults: record number"
TITLES = (
    "Lamps and immunoglobulin for people with a motor neuropathy",
    "Lamps and immunoglobulin for people with motor neuropathies",
    "Lamps and immunoglobulins in people with a motor neuropathy",
    f"{SERIES} 17",
    f"{SERIES} 18",
    "Kites against weakness of the hands: a randomised trial",
    "Editorial",
)
UNCONFIRMED = (
    KnownItem("doi:10.5555/a", TITLES[0], ("pubmed",), None, False),
    KnownItem("pmid:2", TITLES[5], ("pubmed",), "a-study", False),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = an_app(tmp_path_factory.mktemp("place") / "data")
    add_team(running)
    review = replace(running.review, known_items=(*running.review.known_items, *UNCONFIRMED))
    yield replace(running, in_force=replace(running.in_force, review=review))
    running.close()


# ---- made-up answers -----------------------------------------------------------------------------

sources = st.sampled_from(["pubmed", "embase", "europepmc", "central"])
some_ids = st.builds(
    RecordIds,
    pmid=st.sampled_from([None, None, "1", "2", "8145910"]),
    doi=st.sampled_from([None, None, "10.5555/a", "10.5555/b"]),
    register=st.sampled_from([(), (), ("NCT01",), ("NCT01", "NCT02"), ("NCT00666263",)]),
)
notices = st.builds(
    Correction,
    kind=st.just(CorrectionKind.ERRATUM),
    direction=st.sampled_from(list(Direction)),
    pmid=st.sampled_from(["8145910", "2"]),
)
articles = st.builds(
    Record,
    source=sources,
    source_id=st.integers(1, 40).map(str),
    title=st.sampled_from(TITLES),
    authors=st.sampled_from([(), ("Doe J", "Roe R"), ("Poe P",)]),
    journal=st.sampled_from([None, "Journal of Fictional Medicine"]),
    volume=st.sampled_from([None, "7"]),
    pages=st.sampled_from([None, "10-19"]),
    year=st.sampled_from([2025, 2026]),
    publication_types=st.sampled_from([(), ("Review",)]),
    ids=some_ids,
    corrections=st.one_of(st.just(()), st.tuples(notices)),
)
entries = st.builds(
    Record,
    source=st.just("ctgov"),
    source_id=st.sampled_from(["NCT01", "NCT02", "NCT03"]),
    title=st.sampled_from(TITLES),
    kind=st.just(RecordKind.REGISTER_ENTRY),
    ids=st.builds(
        RecordIds, register=st.sampled_from([("NCT01",), ("NCT02",), ("NCT03", "NCT01")])
    ),
    entry=st.builds(RegisterEntry, overall_status=st.sampled_from(["RECRUITING", "COMPLETED"])),
)
answers = st.lists(
    st.one_of(articles, articles, entries), max_size=9, unique_by=lambda each: each.key
)


# What chance seldom makes up: an article and its register entry, a known item found twice.
PAPER = Record("pubmed", "1", TITLES[0], ids=RecordIds(pmid="1", register=("NCT01",)))
ENTRY = Record(
    "ctgov", "NCT01", TITLES[5], RecordKind.REGISTER_ENTRY, ids=RecordIds(register=("NCT01",))
)
ITEM = Record("pubmed", "2", TITLES[5], ids=RecordIds(pmid="2"))
ITEM_AGAIN = replace(ITEM, source="embase", source_id="7")


@example(before=[], answer=[ENTRY, PAPER], decided=set())
@example(before=[ENTRY], answer=[PAPER], decided=set())
@example(before=[ENTRY], answer=[PAPER], decided={0})
@example(before=[], answer=[ITEM, ITEM_AGAIN], decided=set())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=answers, answer=answers, decided=st.sets(st.integers(0, 8)))
def test_an_answer_is_decided_at_once_as_it_is_one_by_one(
    app: App, before: list[Record], answer: list[Record], decided: set[int]
) -> None:
    with in_vain(app) as ledger:
        earlier = replace(ledger, at=EARLIER)
        one_by_one(app, earlier, before)
        say_something(earlier, decided)
        seq, _ = head(ledger.connection)

        at_once = decide_records(
            ledger.connection,
            app.review,
            answer,
            at=NOW,
            run=RUN,
            payload_of={each.key: PAYLOAD for each in answer},
        )

        one_by_one(app, ledger, answer)
        stored = [each.fact for each in events(ledger.connection, after=seq)]
    assert [each.fact for each in at_once.facts] == stored


class _InVainError(Exception):
    """Raised to leave nothing behind."""


@contextmanager
def in_vain(app: App) -> Iterator[Ledger]:
    """Give a ledger of which nothing is kept."""
    with suppress(_InVainError), app.ledger() as ledger:
        yield replace(ledger, at=NOW)
        raise _InVainError


# ---- the reference -------------------------------------------------------------------------------


def one_by_one(app: App, ledger: Ledger, answer: Sequence[Record]) -> None:
    """Take each record by itself: ask, decide, store, before the next is looked at."""
    for record in answer:
        known = records.stored(ledger.connection, [record.key])
        if record.key not in known:
            find(app, ledger, record)
            continue
        before = known[record.key].record
        changes = changed_fields(before, record)
        if changes:
            records.change_record(
                ledger,
                record,
                identifiers=describe(record).identifiers,
                payload_sha256=PAYLOAD,
                run_id=RUN,
                changes=changes,
                entry_changed=before.entry != record.entry,
            )


def find(app: App, ledger: Ledger, record: Record) -> None:
    connection = ledger.connection
    near = nearby(app, connection, record)
    studies = [stored.study for stored in extractions.studies(connection)]
    proposed = link(record, studies) or correction_link(connection, record)
    found = place(describe(record), near, proposed, rank(record))
    told = to_tell(connection, record, near.alike)
    records.find_record(
        ledger,
        record,
        identifiers=found.identifiers,
        payload_sha256=PAYLOAD,
        run_id=RUN,
        place=found.place,
        study=found.study,
        known_report=found.known_report,
    )
    for each in told:
        answer = likeness.SAME if each.same else likeness.MAYBE
        said, other = each.judgement, each.stored.record.key
        likeness.find_likeness(
            ledger, record.key, other, answer, rule=said.rule, reasons=said.reasons
        )
    if found.confirms is not None:
        records.confirm_item(ledger, found.confirms, record.key)


def nearby(app: App, connection: Connection, record: Record) -> Nearby:
    ids = own_ids(record)
    owners = records.owners(connection, ids)
    namesakes = records.owners(connection, namesake_keys(record))
    near = records.owners(connection, block_keys(record))
    confirmed = records.confirmed_items(connection)
    return Nearby(
        owners=owners,
        namesakes=namesakes,
        undecided=frozenset(
            each.candidate
            for each in (*owners, *namesakes)
            if each.candidate is not None and is_undecided(connection, each.candidate)
        ),
        studies=records.studies_with(connection, ids),
        unconfirmed=tuple(
            item
            for item in app.review.known_items
            if not item.confirmed and item.id in ids and item.id not in confirmed
        ),
        alike=find_alike(describe(record), near, describe),
    )


def is_undecided(connection: Connection, candidate: str) -> bool:
    said = decisions.screening_state(connection, candidate)
    return not said.candidate.closed and not said.title_abstract.decisions


def correction_link(connection: Connection, record: Record) -> Link | None:
    for each in record.corrections:
        if each.direction is Direction.THIS_IS_OF:
            for study in records.studies_with(connection, names_in(each)).values():
                reason = f"{correction_of(each)}, a report of {study}"
                return Link(study, reason, LinkKind.SAME_REPORT)
    return None


def to_tell(connection: Connection, record: Record, alike: Sequence[Alike]) -> list[Alike]:
    """The sure one; else the first of each group of records that are joined by open questions."""
    sure = [each for each in alike if each.same][:1]
    told: list[Alike] = []
    for each in alike:
        if numbered_apart(record, each.stored.record):
            continue
        if not any(are_joined(connection, each, before) for before in told):
            told.append(each)
    return sure or told


def are_joined(connection: Connection, one: Alike, other: Alike) -> bool:
    """Whether a way leads from one to the other over open questions and common candidates."""
    steps = [(pair.record_key, pair.other_key) for pair in likeness.open_likenesses(connection)]
    for stored in records.all_records(connection):
        if stored.candidate is not None:
            steps.append((stored.record.key, f"candidate {stored.candidate}"))
    reached, before = {one.stored.record.key}, 0
    while len(reached) > before:
        before = len(reached)
        for pair in steps:
            if reached & set(pair):
                reached |= set(pair)
    return other.stored.record.key in reached


def say_something(ledger: Ledger, places: set[int]) -> None:
    """Let a reader have decided on some of what is known."""
    known = [each.id for each in decisions.candidates(ledger.connection)]
    for place_in_list in places:
        if place_in_list < len(known):
            ledger.record(
                VerdictGiven(
                    candidate=known[place_in_list],
                    person=ADA,
                    verdict=Verdict.INCLUDE,
                    stage=Stage.TITLE_ABSTRACT,
                    criterion=None,
                    place=None,
                    next_look_on=None,
                    note=None,
                    protocol_version="1",
                )
            )
