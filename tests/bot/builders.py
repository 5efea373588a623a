"""A running program for tests: the shipped review on a real database, a stopped clock, a team."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from bot.acts.handed import read_hand_in
from bot.acts.perform import perform
from bot.acts.said import GiveExport, GiveVerdict, Import, PlaceStudy, SayDifferent, SaySame, Sign
from bot.app import App, open_app
from bot.config import read_config
from bot.sources.catalogue import LOCATORS, SOURCES
from bot.sources.upstream.clock import Clock
from bot.sources.upstream.times import Times
from bot.synthesis.inputs_in_force import inputs_of_now
from bot.work import begin
from extraction.duplicates import own_ids
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from state import people, records, versions
from state.events import Actor
from state.facts import QueueEntry
from state.facts.words import RoleId, SignatureVerdict
from state.people import Person
from state.screening import EligiblePlace, Stage, StudyStatus, Verdict
from state.versions import StoredSignal
from tests.engines import engines

START = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
# Nothing listens there: a test that would search fails at once and without a network.
NOWHERE = "http://127.0.0.1:9/"
# What makes another first start of it.
ELSEWHERE = frozenset({"LIVINGREVIEW_REVIEW", "LIVINGREVIEW_DATABASE_URL"})
SERVICES = tuple(map(str.upper, (*SOURCES, *LOCATORS)))
ADA, BEN, CY, DORA = "ada", "ben", "cy", "dora"
TEAM = (
    Person(ADA, "Ada Byron", "ada@example.org", (RoleId.SCREENER, RoleId.EXTRACTOR)),
    Person(BEN, "Ben Okri", "ben@example.org", (RoleId.SCREENER, RoleId.EXTRACTOR)),
    Person(CY, "Cy Twombly", "cy@example.org", (RoleId.ADJUDICATOR,)),
    Person(
        DORA,
        "Dora Maar",
        "dora@example.org",
        (RoleId.LEAD, RoleId.OPERATOR, RoleId.INFORMATION_SPECIALIST),
    ),
)


class StoppedClock(Clock):
    """A clock that moves only when it is told to."""

    def __init__(self, at: datetime = START) -> None:
        super().__init__(None)
        self.at = at

    def now(self) -> datetime:
        """Return the instant at which it stands."""
        return self.at

    def advance(self, *, days: float = 0, minutes: float = 0) -> None:
        """Move it on."""
        self.at += timedelta(days=days, minutes=minutes)


def an_app(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    times: Times | None = None,
) -> App:
    """Start a program with the review as published loaded, on a copy of a folder begun before.

    Where the settings name another review or database, or the clock stands elsewhere, it is a first
    start of its own.
    """
    plain = not ELSEWHERE & set(settings or {}) and (clock is None or clock.now() == START)
    if plain and not folder.exists():
        engines.copy(_begun(), folder)
    return a_start(folder, settings, clock=clock, times=times)


@cache
def _begun() -> Path:
    """Return a data folder as the first start leaves it; it is begun once a process."""
    place = Path(mkdtemp(prefix="begun-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    a_start(place / "data").close()
    return place / "data"


def a_start(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    times: Times | None = None,
) -> App:
    """Start a program, for the first time where the folder is empty."""
    engines.prepare(folder)
    environment = {
        **{f"LIVINGREVIEW_{service}_URL": NOWHERE for service in SERVICES},
        **(settings or {}),
    }
    opened = open_app(read_config(environment, folder), times=times)
    app = replace(opened, clock=clock or StoppedClock())
    begin.begin(app)
    return app


def add_team(app: App) -> None:
    """Add two readers, an adjudicator and a lead."""
    with app.ledger() as ledger:
        for person in TEAM:
            people.add_person(ledger, person)


def actor(person: str) -> Actor:
    """Return a person as the author of a change made on the page."""
    return Actor(person, authenticated=True)


def a_trial(number: int, title: str | None = None) -> Record:
    """A plainly fictional article."""
    return Record(
        source="pubmed",
        source_id=f"9900000{number}",
        title=title or f"Fictional immunoglobulin trial number {number} in motor neuropathy",
        abstract="Background: none of this happened.\nResults: nobody was treated.",
        authors=("Doe J", "Roe R"),
        journal="Journal of Fictional Medicine",
        year=2026,
        published_on="2026 Spring",
        languages=("eng",),
        publication_types=("Randomized Controlled Trial",),
        mesh=("Immunoglobulins, Intravenous/therapeutic use",),
        ids=RecordIds(pmid=f"9900000{number}", doi=f"10.5555/fiction.{number}"),
    )


def an_entry(number: int) -> Record:
    """A plainly fictional register entry."""
    name = f"NCT9900000{number}"
    return Record(
        source="ctgov",
        source_id=name,
        title=f"A fictional register entry, number {number}",
        kind=RecordKind.REGISTER_ENTRY,
        ids=RecordIds(register=(name,)),
        entry=RegisterEntry(
            overall_status="RECRUITING",
            start_on="2026-03",
            primary_completion_on="2028-01",
            enrolment=40,
            conditions=("Multifocal Motor Neuropathy",),
            interventions=("Immunoglobulin",),
            arms=("Immunoglobulin", "Placebo"),
        ),
    )


def found(
    app: App,
    *new: Record,
    study: str | None = None,
    reasons: Sequence[str] = ("a reason",),
    payload: bytes | None = None,
) -> list[str]:
    """Store records as a search does; return the ids of the candidates."""
    with app.ledger() as ledger:
        for place, record in enumerate(new):
            body = payload or record.key.encode()
            digest = records.keep_payload(ledger.connection, body, "application/octet-stream")
            records.find_record(
                ledger,
                record,
                identifiers=own_ids(record),
                payload_sha256=digest,
                run_id="a-run",
                place=QueueEntry(
                    id=record.key,
                    opened=True,
                    score=50 - place,
                    lane="main",
                    reasons=tuple(reasons),
                    flags=(),
                    study=study,
                    link_reason="bears its register id" if study else None,
                ),
                study=None,
                known_report=False,
            )
    return [record.key for record in new]


def say(
    app: App,
    person: str,
    candidate: str,
    verdict: Verdict,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
    criterion: str | None = None,
    place: EligiblePlace | None = None,
    note: str | None = None,
) -> None:
    """Give a verdict."""
    act = GiveVerdict(
        candidate=candidate,
        verdict=verdict,
        stage=stage,
        criterion=criterion,
        place=place,
        note=note,
    )
    perform(app, act, actor(person))


def include(app: App, candidate: str, *, place: EligiblePlace | None = None) -> None:
    """Have both readers include a candidate at both stages."""
    for stage in Stage:
        for person in (ADA, BEN):
            at = place if stage is Stage.FULL_TEXT else None
            say(app, person, candidate, Verdict.INCLUDE, stage=stage, place=at)


def an_extraction(events: int, locator: str = "table 2") -> dict[str, object]:
    """Return what is handed in of a trial with two arms of twelve people, read in a new report."""
    entry = {"outcome": "strength_improved", "source": "pmid:1", "locator": locator}
    return {
        "design": "parallel",
        "arms": ["ivig", "placebo"],
        "reports": [{"citation": "A fictional report", "pmid": "1"}],
        "values": [
            {**entry, "arm": "ivig", "events": events, "total": 12},
            {**entry, "arm": "placebo", "events": 2, "total": 12},
        ],
    }


def hand_in(app: App, person: str, study: str, data: Mapping[str, object]) -> None:
    """Hand an extraction in."""
    perform(app, read_hand_in(data, app.protocol, study), actor(person))


def sign(app: App, person: str, subject: str, *, reject: str | None = None) -> None:
    """Accept something that is to be signed, or reject it with a reason."""
    verdict = SignatureVerdict.ACCEPT if reject is None else SignatureVerdict.REJECT
    perform(app, Sign(subject=subject, verdict=verdict, reason=reject), actor(person))


def draft_of_now(app: App, *signals: str) -> None:
    """Draft version 3.1 of the results of now, as after a trial; raise signals of these ids."""
    with app.ledger() as ledger:
        versions.draft_version(
            ledger,
            number="3.1",
            kind="update",
            cause="a trial added",
            result_id=inputs_of_now(app, ledger.connection).hash,
            ordinal=versions.next_ordinal(ledger.connection),
        )
        for each in signals:
            raised = StoredSignal(each, "3.1", "S1", "1.2", "It moved.", changes_conclusions=True)
            versions.raise_signal(ledger, raised)


def sign_off(app: App, number: str) -> None:
    """Have two people, the lead among them, accept a draft: the signals of it first."""
    sign_signals(app, number)
    for person in (ADA, DORA):
        sign(app, person, number)


def sign_signals(app: App, number: str) -> None:
    """Have two people, the lead among them, accept the signals of a draft."""
    with app.database.reading() as connection:
        signals = [each.id for each in versions.signals(connection, number)]
    for subject in signals:
        for person in (ADA, DORA):
            sign(app, person, subject)


def take_import(
    app: App, person: str, body: bytes, name: str, source: str, *, searched_on: str | None = None
) -> Import:
    """Give the file of a search by hand."""
    act = GiveExport(source=source, name=name, body=body, searched_on=searched_on)
    return perform(app, act, actor(person))


def say_whether_same(app: App, person: str, record: str, other: str, *, same: bool) -> None:
    """Say that two records are the same, or different."""
    if same:
        perform(app, SaySame(record=record, other=other), actor(person))
    else:
        perform(app, SayDifferent(record=record, other=other), actor(person))


def move(app: App, study: str, place: StudyStatus, *people: str, look: str | None = None) -> None:
    """Have people say, one after the other, where a study is to stand."""
    act = PlaceStudy(study=study, place=place, next_look_on=look, note="a reason")
    for person in people:
        perform(app, act, actor(person))
