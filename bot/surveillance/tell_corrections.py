"""What people are told of new notices on a study's reports, and what they are asked to judge.

One notice for all that came together. A retraction, a concern and an erratum go to the lead and the
extractors, and each raises a task; comments and updates, and a lesser word for a notice that was
told by its graver one, go to the lead alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.synthesis.impact import impact_lines
from bot.synthesis.known_corrections import (
    KnownCorrection,
    known_corrections,
    report_names,
    task_id,
)
from bot.synthesis.without_study import impact_of, touched_lines
from extraction.model import Study
from extraction.sightings import CHECKED, DOUBTED, GRAVE, NAMED, gravest
from state import outbox, records
from state.events import Ledger
from state.facts.words import RoleId
from state.tasks import TaskKind, raise_task

# New notices: id -> the ids of those that each is perhaps the same as.
Fresh = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _News:
    """A notice of which something is new; softened: only a lesser word for it is."""

    notice: KnownCorrection
    lines: tuple[str, ...]
    softened: bool


def tell_corrections(app: App, ledger: Ledger, study: Study, fresh: Fresh) -> None:
    """Write one notice of all that is new about a study; what is grave raises tasks as well."""
    news = _news(ledger.connection, study, fresh)
    kinds = [each.notice.stored.kind for each in news if not each.softened]
    worst = gravest(kinds or [each.notice.stored.kind for each in news])
    token = hashlib.sha256("\n".join(sorted(fresh)).encode()).hexdigest()[:12]
    about = messages.AboutReports(study.id, study.label, NAMED[worst], token, page_address(app))
    lines = [line for each in news for line in each.lines]
    if GRAVE.isdisjoint(kinds):
        lead = outbox.recipients(ledger.connection, RoleId.LEAD)
        outbox.write(ledger, messages.record_commented(about, lines), lead)
        return
    lines += _ask(app, ledger, study, [each for each in news if not each.softened])
    both = outbox.recipients(ledger.connection, RoleId.LEAD, RoleId.EXTRACTOR)
    outbox.write(ledger, messages.record_corrected(about, lines), both)


def _news(connection: Connection, study: Study, fresh: Fresh) -> list[_News]:
    known = known_corrections(connection, study.id)
    found = []
    for each in known:
        new = each.stored.id in fresh
        if not new and not any(other.id in fresh for other in each.lesser):
            continue
        perhaps = [other for other in known if other.stored.id in fresh.get(each.stored.id, ())]
        found.append(_News(each, tuple(_lines(connection, study, each, perhaps)), not new))
    return found


def _lines(
    connection: Connection,
    study: Study,
    notice: KnownCorrection,
    perhaps: Sequence[KnownCorrection],
) -> list[str]:
    about = _report(connection, study, notice.stored.record_key)
    return [
        f"  {NAMED[notice.stored.kind]}: {notice.cited}",
        f"    about {about}",
        f"    {notice.told_by}",
        *(f"    perhaps the same as: {each.cited} ({each.told_by})" for each in perhaps),
    ]


def _report(connection: Connection, study: Study, key: str) -> str:
    """Name a report: by its record's title, or as the study cites it."""
    for stored in records.stored(connection, [key]).values():
        return f"{stored.record.title} ({key})"
    names = report_names(connection, study, key)
    cited = (
        each.citation
        for each in study.reports
        if names & {f"pmid:{each.ids.pmid}", f"doi:{each.ids.doi}"}
    )
    return f"{next(cited, study.label)} ({key})"


def _ask(app: App, ledger: Ledger, study: Study, news: Sequence[_News]) -> list[str]:
    """Raise a task for each grave notice; return what to add to what is told of them."""
    grave = [each for each in news if each.notice.stored.kind in GRAVE]
    in_doubt = any(each.notice.stored.kind in DOUBTED for each in grave)
    doubted = _doubted(app, ledger.connection, study) if in_doubt else []
    for each in grave:
        _raise(app, ledger, study, each, doubted)
    reports = dict.fromkeys(
        each.notice.stored.record_key for each in grave if each.notice.stored.kind in CHECKED
    )
    touched = [line for key in reports for line in _touched(app, ledger.connection, study, key)]
    return [*doubted, *touched]


def _raise(app: App, ledger: Ledger, study: Study, news: _News, doubted: Sequence[str]) -> None:
    stored = news.notice.stored
    in_doubt = stored.kind in DOUBTED
    added = list(doubted) if in_doubt else []
    if stored.kind in CHECKED:
        added += _touched(app, ledger.connection, study, stored.record_key)
    raise_task(
        ledger,
        task_id(stored.id),
        TaskKind.CORRECTION if in_doubt else TaskKind.RE_EXTRACTION,
        subject=stored.record_key,
        text="\n".join([f"Published about a report of {study.label}:", *news.lines, *added]),
        study=study.id,
    )


def _doubted(app: App, connection: Connection, study: Study) -> list[str]:
    return ["", "Without this trial:", *impact_lines(impact_of(app, connection, study.id))]


def _touched(app: App, connection: Connection, study: Study, key: str) -> list[str]:
    names = report_names(connection, study, key)
    return ["", "Values that it may touch:", *touched_lines(app, connection, study.id, names)]
