"""Gather what a version shows: results, studies, flow, searches, people, values, hashes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.report.document import (
    ByTwo,
    CertaintyLine,
    InputHash,
    PreviousVersion,
    ProcessFacts,
    ReviewDocument,
    RosterLine,
    ScheduleLine,
    SearchLine,
    ShownStatus,
    SignalLine,
    StudyCorrections,
    StudyLine,
    ValueLine,
)
from bot.report.files_used import files_used
from bot.report.flow import FlowSource, flow_counts
from bot.report.study_corrections import study_corrections
from bot.results.format import counted
from bot.review.schedule import next_slot
from bot.sources.catalogue import REGISTERS
from bot.surveillance.lateness import is_late
from bot.surveillance.searched import last_whole_search, made_at, source_lateness
from bot.synthesis.drafting import studies_in
from bot.synthesis.inputs_in_force import included_studies
from bot.synthesis.known_corrections import kinds_by_study
from bot.synthesis.synthesise import results_of_version
from extraction.model import Report, Study
from extraction.sightings import GRAVE
from state import decisions, extractions, people, records, runs, versions
from state.agreement import Agreement
from state.codec import canonical, dumped, instant, moment
from state.events import SYSTEM, events, head
from state.facts.words import VersionState
from state.screening import SEATS, Stage, StudyStatus
from state.values import StageLog, StoredStudy
from state.versions import Version

ACTIVITY = {
    "verdict_given": ("verdict", "verdicts"),
    "ruling_given": ("ruling", "rulings"),
    "link_settled": ("link settled", "links settled"),
    "values_submitted": ("extraction", "extractions"),
    "value_adjudicated": ("value adjudicated", "values adjudicated"),
    "signed": ("signature", "signatures"),
}


def gather(
    app: App, connection: Connection, number: str, published_at: str | None
) -> ReviewDocument:
    """Gather the document of a version, as a draft or as published at an instant."""
    version = versions.find_version(connection, number)
    previous = _previous(connection, version)
    since = previous.published_at if previous is not None else None
    found = _found(app, connection)
    return ReviewDocument(
        protocol=app.protocol,
        number=number,
        kind=version.kind,
        cause=version.cause,
        drafted_at=version.drafted_at,
        published_at=published_at,
        engine=_engine(connection, version),
        results=results_of_version(connection, number),
        flow=flow_counts(found, since),
        flow_cumulative=flow_counts(found, None),
        facts=_facts(connection, since),
        previous=_shown_previous(app, connection, previous),
        certainty=_certainty(app),
        signals=_signals(connection, number),
        studies=_studies(connection, version),
        notices=_notices(app, connection),
        searches=_searches(connection, since),
        schedules=_schedules(app, connection, moment(published_at or version.drafted_at)),
        roster=_roster(connection, since),
        values=_values(connection),
        inputs=_inputs(app, connection, version),
    )


def _engine(connection: Connection, version: Version) -> str:
    """Return what computed a version's results."""
    stored = versions.find_result(connection, version.result)
    return stored.engine if stored is not None else "not known"


def _previous(connection: Connection, version: Version) -> Version | None:
    earlier = [
        each
        for each in versions.versions(connection)
        if each.state is VersionState.PUBLISHED and each.ordinal < version.ordinal
    ]
    return earlier[-1] if earlier else None


def _shown_previous(
    app: App, connection: Connection, previous: Version | None
) -> PreviousVersion | None:
    if previous is None:
        return None
    result = versions.find_result(connection, previous.result)
    protocol = result.inputs["protocol"] if result is not None else app.protocol.version
    return PreviousVersion(
        previous.number,
        previous.published_at,
        protocol,
        results_of_version(connection, previous.number),
    )


def _certainty(app: App) -> tuple[CertaintyLine, ...]:
    return tuple(
        CertaintyLine(plan.id, plan.published.certainty, "3.0")
        for plan in app.protocol.analyses
        if plan.published is not None
    )


def _signals(connection: Connection, number: str) -> tuple[SignalLine, ...]:
    lines = []
    for signal in versions.signals(connection, number):
        signed = versions.signatures(connection, "signal", signal.id)
        last = signed[-1] if signed else None
        lines.append(
            SignalLine(
                signal.rule,
                signal.analysis,
                signal.text,
                signal.changes_conclusions,
                last.person if last is not None else None,
                last.verdict if last is not None else None,
                last.reason if last is not None else None,
            )
        )
    return tuple(lines)


def _studies(connection: Connection, version: Version) -> tuple[StudyLine, ...]:
    stored = versions.find_result(connection, version.result)
    apart = dict(stored.inputs.get("apart", ())) if stored is not None else {}
    pooled = studies_in(results_of_version(connection, version.number))
    return tuple(
        _study(connection, each, apart.get(each.study.id), pooled=each.study.id in pooled)
        for each in extractions.studies(connection)
    )


def _study(
    connection: Connection, stored: StoredStudy, undecided: str | None, *, pooled: bool
) -> StudyLine:
    study = stored.study
    return StudyLine(
        id=study.id,
        label=study.label,
        status=ShownStatus(stored.place.value),
        design=study.design.value,
        participants=study.participants,
        participants_basis=study.participants_basis,
        reports=(*map(_cited, study.reports), *_later_reports(connection, study)),
        register_ids=study.register_ids,
        not_yet_incorporated=_waits(stored, undecided, pooled=pooled),
        note="; ".join(study.notes) or None,
        open_decision=undecided,
    )


def _waits(stored: StoredStudy, undecided: str | None, *, pooled: bool) -> bool:
    """Whether a study was included since the published review and is in no analysis yet."""
    entered = stored.place is StudyStatus.INCLUDED and not stored.baseline
    return entered and not pooled and undecided is None


def _cited(report: Report) -> str:
    return report.citation + (" (identifier unconfirmed)" if report.unconfirmed else "")


def _later_reports(connection: Connection, study: Study) -> tuple[str, ...]:
    """Return the reports found later, without those that the study's own list names already."""
    known = {report.ids.pmid for report in study.reports if report.ids.pmid}
    own_titles = tuple({report.citation.split(". ")[0] for report in study.reports})
    later = (
        f"{each.record.title} ({each.record.key})"
        for each in records.records_of_study(connection, study.id)
        if each.record.ids.pmid not in known and each.record.source_id not in study.register_ids
    )
    return tuple(text for text in later if not text.startswith(own_titles))


def _notices(app: App, connection: Connection) -> tuple[StudyCorrections, ...]:
    """Return the included studies of which a report was retracted, corrected or put in doubt."""
    kinds = kinds_by_study(connection)
    return tuple(
        study_corrections(app, connection, study)
        for study in included_studies(connection)
        if GRAVE & set(kinds.get(study.id, ()))
    )


def _found(app: App, connection: Connection) -> FlowSource:
    return FlowSource(
        records=tuple(records.all_records(connection)),
        standings=decisions.screening_states(connection),
        studies=extractions.studies(connection),
        registers=frozenset(plan.id for plan in app.protocol.sources if plan.kind in REGISTERS),
    )


def _facts(connection: Connection, since: str | None) -> ProcessFacts:
    """Count what the log proves: who decided, and whether they had signed in."""
    logs = [
        log
        for entry in decisions.screening_states(connection)
        if _is_new(entry.candidate.opened_at, since)
        for log in (entry.title_abstract, entry.full_text)
    ]
    rulings = [log.rulings for log in logs if log.rulings]
    return ProcessFacts(
        title_abstract=_decided_by_two(logs, Stage.TITLE_ABSTRACT),
        full_text=_decided_by_two(logs, Stage.FULL_TEXT),
        extraction=_extracted_by_two(connection, since),
        conflicts=len(rulings),
        adjudicated=sum(any(each.adjudication for each in said) for said in rulings),
        unauthenticated=sum(
            event.kind in ACTIVITY and not event.authenticated and _is_new(event.at, since)
            for event in events(connection)
        ),
    )


def _is_new(at: str, since: str | None) -> bool:
    return since is None or at > since


def _decided_by_two(logs: Iterable[StageLog], stage: Stage) -> ByTwo:
    over = [log for log in logs if log.stage is stage and log.result.over]
    readers = ({each.person for each in log.decisions} for log in over)
    return ByTwo(len(over), sum(len(each) >= SEATS for each in readers))


def _extracted_by_two(connection: Connection, since: str | None) -> ByTwo:
    done = (
        extractions.agreement(connection, each.study.id)
        for each in extractions.studies(connection)
        if not each.baseline and _is_new(each.added_at, since)
    )
    settled = [each for each in done if each.settled]
    return ByTwo(len(settled), sum(_by_two(each) for each in settled))


def _by_two(state: Agreement) -> bool:
    return all(len(set(each.people)) >= SEATS for each in state.rounds if each.complete)


def _searches(connection: Connection, since: str | None) -> tuple[SearchLine, ...]:
    return tuple(
        SearchLine(
            run.source,
            run.finished_at,
            run.query,
            run.status,
            run.found,
            run.new,
            run.error,
            tuple(f"{item.id} {item.title}" for item in run.known_items_missing),
        )
        for run in reversed(runs.search_runs(connection))
        if since is None or run.finished_at > since
    )


def _schedules(app: App, connection: Connection, now: datetime) -> tuple[ScheduleLine, ...]:
    """Say for each source when it was searched, and whether it is late."""
    lines = []
    for plan in app.protocol.sources:
        good = last_whole_search(connection, plan)
        upcoming = next_slot(plan.schedule, app.protocol.time_zone, after=now)
        lines.append(
            ScheduleLine(
                plan.name,
                plan.kind,
                plan.schedule,
                made_at(plan, good) if good is not None else None,
                instant(upcoming.at) if upcoming is not None else None,
                is_late(source_lateness(app, connection, plan, now)),
            )
        )
    return tuple(lines)


def _roster(connection: Connection, since: str | None) -> tuple[RosterLine, ...]:
    """Say who did what for this version, from the log."""
    did: dict[str, Counter[tuple[str, str]]] = {}
    for event in events(connection):
        late = since is None or event.at > since
        if event.kind in ACTIVITY and event.actor != SYSTEM and late:
            who = getattr(event.fact, "person", event.actor)
            did.setdefault(who, Counter())[ACTIVITY[event.kind]] += 1
    everybody = {person.id: person for person in people.people(connection)}
    return tuple(
        RosterLine(
            ", ".join(everybody[who].roles) if who in everybody else "",
            everybody[who].name if who in everybody else who,
            ", ".join(counted(count, *what) for what, count in sorted(counts.items())),
        )
        for who, counts in sorted(did.items())
    )


def _values(connection: Connection) -> tuple[ValueLine, ...]:
    return tuple(
        ValueLine(
            study=each.value.cell.study,
            outcome=each.value.cell.outcome,
            time_point=each.value.cell.time_point,
            arm="+".join(each.value.cell.arms),
            field=each.value.cell.field.value,
            number=each.value.number,
            unit=each.value.unit,
            basis=each.value.provenance.basis,
            source=each.value.provenance.source,
            locator=each.value.provenance.locator,
            quote=each.value.provenance.quote,
            how=each.value.provenance.how,
            extracted_by=each.people if each.how == "double extraction" else (),
            accepted_by=", ".join(each.people) if each.how == "adjudicated" else None,
        )
        for each in extractions.accepted_values(connection)
    )


def _inputs(app: App, connection: Connection, version: Version) -> tuple[InputHash, ...]:
    values = [dumped(each.value) for each in extractions.accepted_values(connection)]
    _, log_head = head(connection)
    hashes = {
        **files_used(app, connection, version.result),
        "accepted values": hashlib.sha256(canonical(values).encode()).hexdigest(),
        "result inputs": version.result,
        "log head": log_head,
    }
    return tuple(InputHash(name, digest) for name, digest in sorted(hashes.items()))
