"""An eligible candidate becomes a study, its records the study's reports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from itertools import chain, count
from string import ascii_lowercase

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.surveillance.watch_reports import watch_reports
from extraction.model import Design, Record, RecordKind, Report, Study
from extraction.record_keys import index_keys
from state import decisions, extractions, outbox
from state.events import Ledger
from state.screening import EligiblePlace, StudyStatus
from state.values import StoredRecord


def include(
    app: App,
    ledger: Ledger,
    candidate: str,
    found: tuple[StoredRecord, ...],
    place: EligiblePlace,
    next_look_on: str | None,
) -> None:
    """Close the candidate, make the study and tell those who extract it."""
    decisions.close(ledger, candidate, "included")
    study = _study(ledger.connection, found)
    identifiers = sorted({name for stored in found for name in index_keys(stored.record)})
    extractions.add_study(
        ledger,
        study,
        identifiers=identifiers,
        place=place,
        next_look_on=next_look_on,
        candidate=candidate,
    )
    watch_reports(app, ledger)
    if place is StudyStatus.INCLUDED:
        tell_extractors(app, ledger, study)


def tell_extractors(app: App, ledger: Ledger, study: Study) -> None:
    """Tell those who extract that a study waits for them."""
    notice = messages.extraction_due(study.id, study.label, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, extractions.EXTRACTOR))


def _study(connection: Connection, found: tuple[StoredRecord, ...]) -> Study:
    main = _main_record(found)
    known = [stored.study for stored in extractions.studies(connection)]
    label = free_label(study_label(main), {each.label for each in known})
    register = {name for stored in found for name in stored.record.ids.register}
    return Study(
        id=_free_id(label, {each.id for each in known}),
        label=label,
        design=Design.OTHER,
        arms=(),
        reports=tuple(Report(citation(each.record), each.record.ids) for each in found),
        register_ids=tuple(sorted(register)),
    )


def _main_record(found: tuple[StoredRecord, ...]) -> Record:
    """Return the record that names the study: an article before a register entry."""
    articles = [each.record for each in found if each.record.kind is not RecordKind.REGISTER_ENTRY]
    return articles[0] if articles else found[0].record


def study_label(record: Record) -> str:
    """Name a study as reviews do: first author and year, or the register's id."""
    if record.kind is RecordKind.REGISTER_ENTRY or not record.authors:
        return record.source_id
    surname = re.sub(r"\s+[A-Z]{1,4}(\s+(Jr|Sr|I+|2nd|3rd))?$", "", record.authors[0])
    return f"{surname} {record.year}" if record.year is not None else surname


def free_label(label: str, taken: Set[str]) -> str:
    """Return a name that no other study has: Doe 2026, then Doe 2026b, Doe 2026c and so on."""
    letters = ascii_lowercase[1:] if re.search(r" \d{4}$", label) else ""
    names = chain([label], (label + each for each in letters), (f"{label} ({n})" for n in count(2)))
    return next(each for each in names if each not in taken)


def citation(record: Record) -> str:
    """Cite a record in one line."""
    parts = [record.title.rstrip("."), record.journal, record.published_on or None]
    return ". ".join(part for part in parts if part)


def _free_id(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "", plain) or "study"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
