"""Where the full text of a report lies: asked of each service once, and only when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection

from bot.app import App
from bot.errors import SourceError, SourceRejected
from bot.results.format import counted
from bot.sources.catalogue import LOCATORS, SOURCES
from bot.sources.source import Locator, Source
from bot.surveillance.ask import bare_question
from extraction.model import FullTextLocation
from state import decisions, extractions, records
from state.codec import Json
from state.errors import BadInput
from state.events import Actor
from state.facts import FullTextLocated
from state.full_texts import keep_locations, locations_known
from state.screening import Stage, StudyStatus
from state.values import StoredRecord

NOT_KNOWN = 404
NO_EMAIL = "LIVINGREVIEW_EMAIL is not set, and it asks for an address"
READ_AT = frozenset({StudyStatus.INCLUDED, StudyStatus.AWAITING})


class LocatorAnswer(StrEnum):
    """What became of asking a service."""

    FOUND = "found"
    NONE = "none"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class LocatedBy:
    """What a service says of a report. why: of one that failed or was not asked."""

    service: str
    answered: LocatorAnswer
    locations: tuple[FullTextLocation, ...] = ()
    at: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ReportLocations:
    """Where the full text of a report lies, by service."""

    record: str
    doi: str
    services: tuple[LocatedBy, ...]


def locators() -> tuple[Source | Locator, ...]:
    """Return the services that know where full texts lie."""
    own = (each for each in SOURCES.values() if each.own("locations:locations") is not None)
    return (*own, *LOCATORS.values())


def locate(app: App, key: str, actor: Actor) -> ReportLocations:
    """Ask each service that has not answered yet where a report's full text lies, and keep it.

    Raises NotFound for an unknown record, BadInput for one without a DOI, or that nobody reads
    whole yet.
    """
    with app.database.reading() as connection:
        stored = records.find_stored(connection, key)
        doi = _doi_of(stored)
        if not read_whole(connection, stored):
            raise BadInput(
                f"{key}: expected a report at full text, or of an included or awaiting study;"
                " nobody reads it whole yet"
            )
        known = locations_known(connection, doi)
    asked = tuple(_ask(app, each, doi, actor) for each in locators() if each.id not in known)
    with app.database.reading() as connection:
        kept = tuple(known_services(connection, doi))
    failed = [
        each for each in asked if each.answered in (LocatorAnswer.FAILED, LocatorAnswer.NOT_ASKED)
    ]
    return ReportLocations(key, doi, (*kept, *failed))


def known_services(connection: Connection, doi: str) -> Iterator[LocatedBy]:
    """Yield what services have answered about a document, without asking any."""
    known = locations_known(connection, doi)
    for each in locators():
        if each.id in known:
            found = known[each.id].located.locations
            answered = LocatorAnswer.FOUND if found else LocatorAnswer.NONE
            yield LocatedBy(each.name, answered, found, known[each.id].at)


def read_whole(connection: Connection, stored: StoredRecord) -> bool:
    """Whether somebody has to read a report whole: its full text is wanted."""
    if stored.study is not None:
        return extractions.find_study(connection, stored.study).place in READ_AT
    if stored.candidate is None:
        return False
    return decisions.screening_state(connection, stored.candidate).stage is Stage.FULL_TEXT


def _doi_of(stored: StoredRecord) -> str:
    doi = stored.record.ids.doi
    if doi is None:
        raise BadInput(f"{stored.record.key}: found no DOI, by which full texts are looked up")
    return doi


def _ask(app: App, service: Source | Locator, doi: str, actor: Actor) -> LocatedBy:
    if isinstance(service, Locator) and service.needs_email and app.config.email is None:
        return LocatedBy(service.name, LocatorAnswer.NOT_ASKED, why=NO_EMAIL)
    try:
        reply = service.part("locations:locations")(bare_question(app, service), doi)
    except SourceRejected as error:
        if error.status != NOT_KNOWN:
            return LocatedBy(service.name, LocatorAnswer.FAILED, why=error.reason)
        return _kept(app, service, doi, actor, ())
    except SourceError as error:
        return LocatedBy(service.name, LocatorAnswer.FAILED, why=error.reason)
    return _kept(app, service, doi, actor, reply.value)


def _kept(
    app: App,
    service: Source | Locator,
    doi: str,
    actor: Actor,
    found: tuple[FullTextLocation, ...],
) -> LocatedBy:
    with app.ledger(actor) as ledger:
        keep_locations(ledger, FullTextLocated(doi=doi, service=service.id, locations=found))
    return LocatedBy(service.name, LocatorAnswer.FOUND if found else LocatorAnswer.NONE, found)


def locations_json(found: ReportLocations) -> Json:
    """Say it for programs."""
    return {
        "record": found.record,
        "doi": found.doi,
        "services": [asdict(each) for each in found.services],
    }


def locations_lines(found: ReportLocations) -> list[str]:
    """Say it for people."""
    lines = [f"{found.record}, doi:{found.doi}"]
    for each in found.services:
        said = counted(len(each.locations), "place") if each.locations else each.answered.value
        lines.append(f"  {each.service}: {said}{f': {each.why}' if each.why else ''}")
        lines += [f"    {in_short(one)}" for one in each.locations]
    return lines


def in_short(location: FullTextLocation) -> str:
    """Write a location in a line: address, form, openness, version, licence."""
    parts = [
        "PDF" if location.is_pdf else "page",
        "open" if location.is_open else "for subscribers",
        location.version or "version not told",
        location.licence or "no licence told",
    ]
    return f"{location.url} ({', '.join(parts)})"
