"""Gather what a version shows: results, studies, flow, searches, people, values, hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.report.alarm_rates import rate_lines
from bot.report.document import (
    CertaintyLine,
    HandSearchLine,
    InputHash,
    PreviousVersion,
    ProcessFacts,
    ReviewDocument,
    RosterLine,
    ScheduleLine,
    SearchLine,
    ShownStatus,
    SignalLine,
    SignatureLine,
    SinceLast,
    StudyCorrections,
    StudyLine,
    ValueLine,
)
from bot.report.excluded import excluded_lines
from bot.report.files_used import files_used
from bot.report.flow import FlowSource, flow_counts, flow_since
from bot.report.outcome_reporting import reporting_lines, unpooled_lines
from bot.report.study_corrections import study_corrections
from bot.report.work_done import ACTIVITY, Window, WorkDone, work_done
from bot.results.format import counted, listed
from bot.review.schedule import next_slot
from bot.surveillance.covered import source_coverage
from bot.surveillance.lateness import is_late
from bot.surveillance.searched import last_whole_search, made_at, source_lateness
from bot.synthesis.awaited import hands_asked
from bot.synthesis.drafting import studies_in
from bot.synthesis.known_corrections import kinds_by_study
from bot.synthesis.synthesise import results_of_version
from bot.synthesis.the_published import published_review
from extraction.model import Report, Study
from extraction.sightings import GRAVE
from state import decisions, extractions, people, records, versions
from state.as_of import as_of, last_event_by, last_event_of
from state.codec import canonical, dumped, instant, moment
from state.events import SYSTEM, events, head
from state.facts import HandSearchTold
from state.facts.words import RunStatus, SignatureVerdict, SignedKind, VersionKind, VersionState
from state.screening import StudyStatus
from state.sealing import opened
from state.told_searches import told_of
from state.values import ConflictEnded, StoredStudy
from state.versions import Version


@dataclass(frozen=True, slots=True)
class Then:
    """The review as it was when the last version was published: what this one is held against.

    opened: the sealable events that everybody could read by then
    """

    version: Version
    last_event: int
    found: FlowSource
    opened: frozenset[int]


def gather(
    app: App, connection: Connection, number: str, published_at: str | None
) -> ReviewDocument:
    """Gather the document of a version, as a draft or as published at an instant.

    It knows what had happened by that instant and no more, so that a repeat makes the same one.
    """
    newest = (
        head(connection)[0]
        if published_at is None
        else last_event_by(connection, number, published_at)
    )
    with as_of(connection, newest) as then:
        return _gathered(app, then, number, published_at)


def _gathered(
    app: App, connection: Connection, number: str, published_at: str | None
) -> ReviewDocument:
    version = versions.find_version(connection, number)
    then = _then(app, connection, _previous(connection, version))
    found = _found(app, connection)
    work = _work(connection, then)
    flow = flow_counts(found)
    results = results_of_version(connection, number)
    values, included = _values(connection), _included_studies(found)
    return ReviewDocument(
        protocol=app.protocol,
        number=number,
        kind=version.kind,
        cause=version.cause,
        drafted_at=version.drafted_at,
        published_at=published_at,
        engine=_engine(connection, version),
        results=results,
        flow=flow if then is None else flow_since(flow_counts(then.found), flow),
        flow_cumulative=flow,
        facts=_facts(work, _ended(connection, then)),
        previous=_shown_previous(app, connection, then),
        certainty=_certainty(app, connection),
        signals=_signals(app, connection, number),
        studies=_studies(connection, version),
        excluded=excluded_lines(app, connection),
        since_last=_since_last(work, found, then),
        notices=_notices(app, connection, work, then),
        searches=_searches(app, connection, work),
        schedules=_schedules(app, connection, moment(published_at or version.drafted_at)),
        roster=_roster(connection, work),
        signatures=_signatures(connection, number),
        values=values,
        inputs=_inputs(app, connection, version),
        alarm_rates=rate_lines(app.protocol, results),
        published=published_review(connection),
        reporting=reporting_lines(app.protocol, included, values),
        unpooled=unpooled_lines(included, values, results),
        coverage=source_coverage(app, connection),
    )


def _then(app: App, connection: Connection, previous: Version | None) -> Then | None:
    if previous is None:
        return None
    last_event = last_event_of(connection, previous)
    with as_of(connection, last_event) as before:
        return Then(previous, last_event, _found(app, before), opened(before))


def _work(connection: Connection, then: Then | None) -> WorkDone:
    """Count what was done since the last version."""
    after, before = (then.last_event, then.opened) if then else (0, frozenset[int]())
    read = opened(connection)
    window = Window(after, read, read - before)
    log = tuple(events(connection))
    return work_done(log, window, decisions.readings(connection), program=SYSTEM)


def _ended(connection: Connection, then: Then | None) -> tuple[ConflictEnded, ...]:
    """Return the conflicts that came to an end since the last version."""
    after = then.last_event if then else 0
    return tuple(each for each in decisions.ended_conflicts(connection) if each.seq > after)


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


def _shown_previous(app: App, connection: Connection, then: Then | None) -> PreviousVersion | None:
    if then is None:
        return None
    previous = then.version
    result = versions.find_result(connection, previous.result)
    protocol = result.inputs["protocol"] if result is not None else app.protocol.version
    world = published_review(connection) if previous.kind is VersionKind.BASELINE else None
    return PreviousVersion(
        previous.number,
        previous.published_at if world is None else world.published_on,
        protocol,
        results_of_version(connection, previous.number),
    )


def _certainty(app: App, connection: Connection) -> tuple[CertaintyLine, ...]:
    """Return the published ratings: they are of the data of the first version."""
    first = versions.versions(connection)[0].number
    return tuple(
        CertaintyLine(plan.id, plan.published.certainty, first)
        for plan in app.protocol.analyses
        if plan.published is not None and plan.published.certainty is not None
    )


def _signals(app: App, connection: Connection, number: str) -> tuple[SignalLine, ...]:
    """Say of each signal what enough people said alike, and who; nothing of one that is open."""
    names, asked = _names(connection), hands_asked(app, connection)
    lines = []
    for signal in versions.signals(connection, number):
        signed = versions.signatures(connection, SignedKind.SIGNAL, signal.id)
        verdict = asked.settled_as(signed)
        alike = [each for each in signed if each.verdict is verdict]
        reasons = [each.reason for each in alike if each.reason]
        lines.append(
            SignalLine(
                signal.rule,
                signal.analysis,
                signal.text,
                signal.changes_conclusions,
                listed(tuple(names[each.person] for each in alike)) or None,
                verdict,
                "; ".join(reasons) or None,
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


def _signatures(connection: Connection, number: str) -> tuple[SignatureLine, ...]:
    names, leads = _names(connection), people.leads(connection)
    return tuple(
        SignatureLine(names[each.person], each.at, each.person in leads)
        for each in versions.signatures(connection, SignedKind.VERSION, number)
        if each.verdict is SignatureVerdict.ACCEPT
    )


def _names(connection: Connection) -> dict[str, str]:
    return {each.id: each.name for each in people.people(connection)}


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


def _notices(
    app: App, connection: Connection, work: WorkDone, then: Then | None
) -> tuple[StudyCorrections, ...]:
    """Return the studies of which a report was retracted, corrected or put in doubt.

    They are those that are included, and those that were when the last version was published.
    """
    kinds = kinds_by_study(connection)
    ids = _included(_found(app, connection)) | (_included(then.found) if then else set())
    return tuple(
        study_corrections(app, connection, each.study, work.corrections)
        for each in extractions.studies(connection)
        if each.study.id in ids and GRAVE & set(kinds.get(each.study.id, ()))
    )


def _found(app: App, connection: Connection) -> FlowSource:
    return FlowSource(
        records=tuple(records.all_records(connection)),
        standings=decisions.screening_states(connection),
        studies=extractions.studies(connection),
        registers=frozenset(plan.id for plan in app.protocol.sources if plan.is_register),
    )


def _facts(work: WorkDone, conflicts: Sequence[ConflictEnded]) -> ProcessFacts:
    """Say what the log proves of the work: how it was done, and whether people had signed in."""
    return ProcessFacts(
        title_abstract=work.title_abstract,
        full_text=work.full_text,
        extraction=work.extraction,
        sealed=work.sealed,
        in_all=_did(work.in_all),
        conflicts=len(conflicts),
        adjudicated=sum(each.by_a_third for each in conflicts),
        acts=work.acts,
        unauthenticated=work.unauthenticated,
    )


def _since_last(work: WorkDone, found: FlowSource, then: Then | None) -> SinceLast | None:
    if then is None:
        return None
    standing = [run for run in work.searches if run.id not in work.withdrawn]
    whole = [run for run in standing if run.status is RunStatus.OK]
    before, now = _included(then.found), _included(found)
    came, went = now - before, before - now
    return SinceLast(
        searches=len(whole),
        failed=len(standing) - len(whole),
        sources=len({run.source for run in whole}),
        found=sum(run.found for run in whole),
        new=sum(run.new for run in whole),
        included=tuple(each.study.label for each in _of(found, came)),
        taken_out=tuple((each.study.label, each.place.value) for each in _of(found, went)),
    )


def _of(found: FlowSource, studies: set[str]) -> tuple[StoredStudy, ...]:
    """Return these studies in the order of all."""
    return tuple(each for each in found.studies if each.study.id in studies)


def _included(found: FlowSource) -> set[str]:
    return {each.study.id for each in found.studies if each.place is StudyStatus.INCLUDED}


def _included_studies(found: FlowSource) -> tuple[Study, ...]:
    return tuple(each.study for each in found.studies if each.place is StudyStatus.INCLUDED)


def _searches(app: App, connection: Connection, work: WorkDone) -> tuple[SearchLine, ...]:
    plans = {plan.id: plan for plan in app.protocol.sources}
    names = {person.id: person.name for person in people.people(connection)}
    return tuple(
        SearchLine(
            run.source,
            made_at(plans[run.source], run) if run.source in plans else run.finished_at,
            run.query,
            run.status,
            run.found,
            run.new,
            run.error,
            tuple(f"{item.id} {item.title}" for item in run.known_items_missing),
            run.id in work.withdrawn,
            _told_by_hand(told_of(connection, run.id), names),
        )
        for run in work.searches
    )


def _told_by_hand(told: HandSearchTold | None, names: Mapping[str, str]) -> HandSearchLine | None:
    if told is None:
        return None
    return HandSearchLine(
        told.search,
        told.part,
        told.parts,
        told.platform,
        told.coverage,
        told.shown,
        told.difference,
        names.get(told.person, told.person) if told.person is not None else None,
    )


def _schedules(app: App, connection: Connection, now: datetime) -> tuple[ScheduleLine, ...]:
    """Say for each source when it was searched, and whether it is late."""
    lines = []
    for plan in app.protocol.sources:
        good = last_whole_search(app, connection, plan)
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


def _roster(connection: Connection, work: WorkDone) -> tuple[RosterLine, ...]:
    """Say who did what for this version, from the log."""
    everybody = {person.id: person for person in people.people(connection)}
    return tuple(
        RosterLine(
            ", ".join(everybody[who].roles) if who in everybody else "",
            everybody[who].name if who in everybody else who,
            _did(counts),
        )
        for who, counts in sorted(work.by_person.items())
    )


def _did(counts: Mapping[str, int]) -> str:
    """Say what was done in the order in which a review is made: '6 verdicts, 1 extraction'."""
    return ", ".join(
        counted(counts[kind], *ACTIVITY[kind]) for kind in ACTIVITY if counts.get(kind)
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
            stratum=each.value.cell.stratum,
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
