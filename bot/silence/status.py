"""How everything stands, as one JSON value: for the command, the page and a monitor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection

from bot.app import PULSE, App
from bot.notify.proposed import what
from bot.results.format import counted
from bot.review.protocol import SourcePlan
from bot.silence.certificate import RoundVerdict, overdue_by_hand
from bot.silence.third_people import third_people
from bot.silence.unsigned import waiting_for_signatures
from bot.sources.upstream.clock import shown
from bot.surveillance.adopted_strategies import waiting_strategies
from bot.surveillance.alert_requests import MailboxStanding, mailbox_standing
from bot.surveillance.empty_answers import finds_nothing
from bot.surveillance.folder_protocol import FolderProtocol, folder_protocol
from bot.surveillance.hand_searches import searches_json
from bot.surveillance.lateness import Light, certificate_is_late, light, worst
from bot.surveillance.searched import (
    found_in_all,
    last_try,
    last_whole_search,
    made_at,
    source_lateness,
)
from bot.surveillance.sister_checks import checks_json
from bot.surveillance.slots import MANUAL, next_search
from bot.synthesis.changed_files import changed_files
from bot.synthesis.result_standing import ResultStanding, result_standing
from bot.synthesis.synthesise import refused_lines
from state import decisions, extractions, outbox, people, records, runs, versions
from state.alerts import last_alert
from state.certificates import last_certificate
from state.codec import Json, instant, moment
from state.facts import SearchRun
from state.facts.words import RunStatus
from state.likeness import count_open_likenesses
from state.proposals import open_proposals
from state.records import confirmed_items
from state.screening import StudyStatus
from state.tasks import TaskKind, count_open_tasks, open_tasks
from state.values import PublicStatus, StoredRecord, StoredStudy, WorkKind

NO_MAIL = (
    "no mail service is set up: notices are written into the mailbox folder and reach nobody by"
    " themselves (set LIVINGREVIEW_SMTP_URL or LIVINGREVIEW_APPRISE_URLS)"
)


def status_json(app: App) -> Json:
    """Return what is known, pending and overdue; nothing that a verdict could be read from."""
    with app.database.reading() as connection:
        now, beat = app.clock.now(), runs.last_beat(connection, PULSE)
        sources, certificate = _sources(app, connection, now), _certificate(connection, now)
        mailbox = mailbox_standing(app, connection)
        published, draft = versions.last_published(connection), versions.open_draft(connection)
        folder = folder_protocol(app, connection)
        standing = result_standing(app, connection)
        return {
            "review": app.protocol.title,
            "review_id": app.protocol.id,
            "protocol_version": app.protocol.version,
            "now": instant(now),
            "clock_set": app.clock.shifted,
            "contact_set": app.config.email is not None,
            "mail_set": app.config.sends_by_network,
            "last_tick": instant(beat.at) if beat is not None else None,
            "version": published.number if published is not None else None,
            "draft": draft.number if draft is not None else None,
            "light": _light_of_all(sources, certificate, mailbox).value,
            "sources": sources,
            "mailbox": _mailbox(mailbox),
            "certificate": certificate,
            "result": standing.as_json(),
            "not_taken": [each.name for each in changed_files(app, connection)],
            "unconfirmed_items": _unconfirmed(app, connection),
            "counts": _counts(connection),
            "failing_work": _failing_work(connection),
            "protocol": _protocol(connection, folder),
            "needs": [
                *_needs(app, connection, now.date().isoformat()),
                *_of_results(standing),
                *(each.sentence() for each in changed_files(app, connection)),
                *_empty_seats(app, connection),
                *(each.sentence for each in third_people(app, connection)),
                *waiting_strategies(app, connection),
                *([folder.said] if folder.said else []),
                *_failing(connection),
                *([] if app.config.sends_by_network else [NO_MAIL]),
            ],
        }


def _protocol(connection: Connection, folder: FolderProtocol) -> Json | None:
    """Return the protocol in force, since when, and what the folder's file is beside it."""
    now = versions.protocol_in_force(connection)
    if now is None:
        return None
    return {
        "version": now.version,
        "sha256": now.sha256,
        "since": now.adopted_at,
        "folder": folder.state,
        "folder_said": folder.said or None,
    }


def _sources(app: App, connection: Connection, now: datetime) -> list[Json]:
    doubted = doubted_sources(connection)
    return [
        _source(app, connection, plan, now, doubted=plan.id in doubted)
        for plan in app.protocol.sources
    ]


def doubted_sources(connection: Connection) -> frozenset[str]:
    """Return the sources whose last count waits for a person's judgement."""
    tasks = open_tasks(connection)
    return frozenset(each.subject for each in tasks if each.kind is TaskKind.IMPLAUSIBLE_COUNT)


def source_light(
    app: App, connection: Connection, plan: SourcePlan, now: datetime, *, doubted: bool
) -> Light:
    """Return how far a source's silence can be trusted, by the one rule of all pages."""
    last, late = last_try(connection, plan), source_lateness(app, connection, plan, now)
    nothing = plan.kind != MANUAL and finds_nothing(connection, plan)
    return light(late, failed=_failed(last), missing=doubted or _misses(last), nothing=nothing)


def _mailbox(standing: MailboxStanding | None) -> Json | None:
    if standing is None:
        return None
    return {**asdict(standing), "light": mailbox_light(standing).value}


def mailbox_light(standing: MailboxStanding | None) -> Light:
    """Return how far it can be trusted that no alert waits: not at all where it is not read."""
    failed = standing is not None and standing.error is not None
    return Light.RED if failed else Light.GREEN


def _alert(connection: Connection, plan: SourcePlan) -> Json | None:
    """Say what a source's provider sent last; it is no search of the source."""
    last = last_alert(connection, plan.id)
    if last is None:
        return None
    alert = last.alert
    return {
        "day": alert.day,
        "taken_at": last.taken_at,
        "covers": alert.covers,
        "found": alert.found,
        "new": alert.new,
        "warnings": list(alert.warnings),
    }


def _light_of_all(
    sources: Sequence[Json], certificate: Json | None, mailbox: MailboxStanding | None
) -> Light:
    """Return how far the silence of the whole review can be trusted: as far as its worst part's."""
    proven = certificate is not None and certificate["verdict"] != RoundVerdict.INCOMPLETE
    on_time = certificate is not None and not certificate["overdue"]
    of_rounds = Light.GREEN if proven and on_time else Light.AMBER
    of_sources = (Light(each["light"]) for each in sources)
    return worst([*of_sources, of_rounds, mailbox_light(mailbox)])


def _source(
    app: App, connection: Connection, plan: SourcePlan, now: datetime, *, doubted: bool
) -> Json:
    """Say how a source stands. doubted: its count waits for a person's judgement."""
    return {
        "source": plan.id,
        "name": plan.name,
        "kind": plan.kind,
        "schedule": plan.schedule,
        **_whole_search(app, connection, plan),
        **_last_try(last_try(connection, plan)),
        **_next(app, connection, plan),
        "last_alert": _alert(connection, plan),
        "guarded": app.review.guards(plan.id),
        "lateness": source_lateness(app, connection, plan, now).value,
        "light": source_light(app, connection, plan, now, doubted=doubted).value,
    }


def _failed(run: SearchRun | None) -> bool:
    return run is not None and run.status is RunStatus.FAILED


def _misses(run: SearchRun | None) -> bool:
    return run is not None and bool(run.known_items_missing)


def _whole_search(app: App, connection: Connection, plan: SourcePlan) -> Json:
    run = last_whole_search(app, connection, plan)
    at = made_at(plan, run) if run is not None else None
    return {
        "last_success": at,
        "last_success_shown": _shown(app, at) if at is not None else None,
        "found": found_in_all(app, connection, plan),
        "searches": searches_json(app, connection, plan),
    }


def _last_try(run: SearchRun | None) -> Json:
    if run is None:
        return {
            "last_attempt": None,
            "error": None,
            "warnings": [],
            "missing": [],
            "elsewhere": [],
        }
    return {
        "last_attempt": run.finished_at,
        "error": run.error if _failed(run) else None,
        "warnings": list(run.warnings),
        "missing": [asdict(item) for item in run.known_items_missing],
        "elsewhere": checks_json(run),
    }


def _next(app: App, connection: Connection, plan: SourcePlan) -> Json:
    at = next_search(app, connection, plan)
    return {
        "next": instant(at) if at is not None else None,
        "next_shown": shown(at, app.protocol.time_zone) if at is not None else None,
    }


def _certificate(connection: Connection, now: datetime) -> Json | None:
    """Return what the last round of all sources came to, and whether the next one is overdue."""
    last = last_certificate(connection)
    if last is None:
        return None
    body = json.loads(last.body)
    found = {
        name: body[name] for name in ("id", "since", "issued_at", "verdict", "reasons", "next_by")
    }
    return {
        **found,
        "key_id": body["key"]["id"],
        "overdue": certificate_is_late(moment(body["next_by"]), now),
        "overdue_by_hand": overdue_by_hand(body),
    }


def _shown(app: App, at: str) -> str:
    return shown(moment(at), app.protocol.time_zone)


def _unconfirmed(app: App, connection: Connection) -> list[Json]:
    confirmed = confirmed_items(connection)
    return [
        {"id": item.id, "title": item.title}
        for item in app.review.known_items
        if not item.confirmed and item.id not in confirmed
    ]


def _counts(connection: Connection) -> Json:
    candidates = decisions.open_by_status(connection)
    places = Counter(each.place for each in extractions.studies(connection))
    return {
        "candidates_open": sum(candidates.values()),
        "pairs_to_look_at": count_open_likenesses(connection),
        "tasks_open": count_open_tasks(connection),
        "conflicts": candidates.get(PublicStatus.CONFLICT, 0),
        "links_to_confirm": candidates.get(PublicStatus.LINK, 0),
        "studies_included": places[StudyStatus.INCLUDED],
        "studies_ongoing": places[StudyStatus.ONGOING],
        "studies_awaiting": places[StudyStatus.AWAITING],
        "studies_excluded": places[StudyStatus.EXCLUDED],
        "proposals_open": len(open_proposals(connection)),
        "notices_waiting": outbox.count_undelivered(connection),
    }


def _needs(app: App, connection: Connection, today: str) -> list[str]:
    """Name what only a person can do next."""
    studies = extractions.studies(connection)
    return [
        *(need for stored in studies for need in _study_needs(connection, stored, today)),
        *waiting_for_signatures(app, connection),
        *_proposals(connection),
        *(f"to judge: {_first_words(each.text)}" for each in open_tasks(connection)),
        *_undelivered(connection),
    ]


def _first_words(text: str) -> str:
    """Return the first line of a text, with the next where the first leads up to it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]


def _study_needs(connection: Connection, stored: StoredStudy, today: str) -> Iterator[str]:
    label = stored.study.label
    if stored.next_look_on is not None and stored.next_look_on <= today:
        yield f"{label}: to look at again since {stored.next_look_on}"
    if stored.place in _NOT_YET and _has_results(connection, stored):
        yield (
            f"{label}: results are posted and it stands as {stored.place}: two people say where it"
            f" stands now (livingreview place {stored.study.id} included --note WHY --as PERSON)"
        )
    if stored.place is not StudyStatus.INCLUDED:
        return
    state = extractions.agreement(connection, stored.study.id)
    if state.differences:
        yield f"{label}: {counted(len(state.differences), 'value')} to adjudicate"
    elif not state.settled and not stored.baseline:
        yield f"{label}: not yet incorporated, its data are to extract"


_NOT_YET = frozenset({StudyStatus.ONGOING, StudyStatus.AWAITING})


def _has_results(connection: Connection, stored: StoredStudy) -> bool:
    """Whether a register entry of a study has its results."""
    held = records.records_of_study(connection, stored.study.id)
    return any(each.record.entry is not None and each.record.entry.has_results for each in held)


def _proposals(connection: Connection) -> Iterator[str]:
    """Name what waits for a second person, and nobody who said what: anybody may read this."""
    for each in open_proposals(connection):
        yield f"proposal {each.id}: {what(connection, each)}: a second person is to confirm it"


def _of_results(standing: ResultStanding) -> Iterator[str]:
    """Name what of the results only people can put right or decide."""
    yield from refused_lines(standing.results)
    for label, decision in standing.apart:
        yield f"{label} is kept apart from pooling until the open decision {decision} is settled"


def _failing_work(connection: Connection) -> list[Json]:
    """Name every piece of work whose last try failed, why, how often, and when it is next."""
    return [
        {
            "kind": each.kind,
            "key": each.key,
            "error": each.last_error,
            "attempts": each.attempts,
            "next_try": each.due_at,
        }
        for each in runs.failing(connection)
    ]


def _failing(connection: Connection) -> list[str]:
    """Say what fails, but for searches and comparisons: their sources and strategies say so."""
    return [
        f"{each.kind} {each.key} fails (tried {counted(each.attempts, 'time')}): {each.last_error}"
        for each in runs.failing(connection)
        if each.kind not in (WorkKind.SEARCH, WorkKind.COMPARE)
    ]


def _empty_seats(app: App, connection: Connection) -> list[str]:
    """Name the roles that fewer people hold than the protocol wants."""
    held = {role.id: len(people.holders(connection, role.id)) for role in app.protocol.roles}
    return [
        f"role {role.id}: {held[role.id]} of {counted(role.seats, 'seat')} filled"
        for role in app.protocol.roles
        if held[role.id] < role.seats
    ]


def _undelivered(connection: Connection) -> list[str]:
    """Name each reason for which notices could not be delivered: nobody else will tell of it."""
    reasons = outbox.undelivered_by_reason(connection)
    return [f"{counted(n, 'notice')} not delivered: {reason}" for reason, n in reasons.items()]


def everything_known(connection: Connection) -> Iterator[Json]:
    """Yield each record as JSON, with the place it has in the review; never all of them at once."""
    for stored, status in records.all_with_status(connection):
        yield _facts(stored, status)


def _facts(stored: StoredRecord, status: PublicStatus | None) -> Json:
    record = stored.record
    return {
        "source": record.source,
        "source_id": record.source_id,
        "title": record.title,
        "abstract": record.abstract,
        "authors": list(record.authors),
        "journal": record.journal,
        "year": record.year,
        "published_on": record.published_on,
        "language": ",".join(record.languages) or None,
        "publication_types": list(record.publication_types),
        "ids": {
            "pmid": record.ids.pmid,
            "pmcid": record.ids.pmcid,
            "doi": record.ids.doi,
            "register": list(record.ids.register),
        },
        "corrections": [
            {
                "kind": each.kind.value,
                "direction": each.direction.value,
                "pmid": each.pmid,
                "doi": each.doi,
                "citation": each.citation,
            }
            for each in record.corrections
        ],
        "status": place_of(stored, status),
        "study": stored.study,
    }


def place_of(stored: StoredRecord, status: PublicStatus | None) -> str:
    """Say in a word what became of a record, as anybody may know it."""
    if stored.known_report:
        return "known_report"
    return status if status is not None else "linked"
