"""Studies and the numbers people took from their reports: submitted, compared, accepted.

Values are superseded, never edited: an accepted value of a later round takes the place of the
baseline's, and everything that was ever said stays in the log.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, func, select

from extraction.checks import contradictions, gaps
from extraction.model import (
    Basis,
    Cell,
    Design,
    OutcomeReporting,
    Provenance,
    Report,
    Reporting,
    Study,
    UnpooledResult,
    Value,
    beside,
)
from state import tables as t
from state.agreement import (
    NOT_REPORTED,
    Accepted,
    Adjudication,
    Agreement,
    ChosenPlace,
    Described,
    Entry,
    Submission,
    agree,
)
from state.codec import loaded
from state.errors import BadInput, NotAllowed, NotFound
from state.events import Ledger, event_rows, stored_event
from state.facts import (
    BaselineFilesTaken,
    BaselineLoaded,
    KnownStudy,
    PlaceChosen,
    StudyAdded,
    StudyDescribed,
    StudyMoved,
    ValueAdjudicated,
    ValuesSubmitted,
    VersionPublished,
)
from state.facts.extraction import Handed as Handed  # known to the rest by this room
from state.facts.words import HowAccepted, RoleId
from state.readings import read_once
from state.screening import SEATS, EligiblePlace, StudyStatus
from state.values import AcceptedValue, StoredStudy

EXTRACTOR, ADJUDICATOR = RoleId.EXTRACTOR, RoleId.ADJUDICATOR
REPORTING = "reporting"  # marks the cells that say what the reports make of an outcome
READ_IN_REPORTS = "the reports of the study"


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a third person answers for one cell; neither a number nor a text: not reported."""

    cell: str
    number: float | None = None
    text: str | None = None


def load_baseline(
    ledger: Ledger,
    review: str,
    studies: Sequence[tuple[Study, Sequence[str]]],
    values: Sequence[Value],
) -> None:
    """Store the review as published: studies with the identifiers they are known by, and values."""
    ledger.record(
        BaselineLoaded(
            review=review,
            studies=tuple(KnownStudy(study, tuple(identifiers)) for study, identifiers in studies),
            values=tuple(values),
        )
    )


def take_baseline_files(
    ledger: Ledger, review: str, files: Mapping[str, str], published: Mapping[str, str] | None
) -> None:
    """Keep the hashes of the files that the review as published was loaded from."""
    told = dict(published) if published is not None else None
    ledger.record(BaselineFilesTaken(review=review, files=dict(files), published=told))


def baseline_files(connection: Connection) -> dict[str, str]:
    """Return the files that the review as published was loaded from, with their SHA-256."""
    query = select(t.baseline_file.c.name, t.baseline_file.c.sha256).order_by("name")
    return {row.name: row.sha256 for row in connection.execute(query)}


def published_facts(connection: Connection) -> dict[str, str] | None:
    """Return what the world knows of the published review, as it was loaded; None without one."""
    column = t.published_review.c
    query = select(column.number, column.doi, column.published_on, column.searched_on)
    row = connection.execute(query).first()
    return dict(row._mapping) if row is not None else None


def studies_as_loaded(connection: Connection) -> dict[str, Study]:
    """Return the studies as the published review has them, by their ids, with its reports alone."""
    of_kind = t.event.c.kind == BaselineLoaded.event_kind
    loaded_last = [stored_event(row).fact for row in event_rows(connection, of_kind)][-1:]
    return {
        each.study.id: each.study
        for fact in loaded_last
        if isinstance(fact, BaselineLoaded)
        for each in fact.studies
    }


def add_study(
    ledger: Ledger,
    study: Study,
    *,
    identifiers: Sequence[str],
    place: EligiblePlace,
    next_look_on: str | None,
    candidate: str,
) -> None:
    """Add a study that screening found eligible; its candidate's records become its reports."""
    ledger.record(
        StudyAdded(
            study=study,
            identifiers=tuple(identifiers),
            place=place,
            next_look_on=next_look_on,
            candidate=candidate,
        )
    )


def move_study(
    ledger: Ledger,
    study_id: str,
    place: StudyStatus,
    next_look_on: str | None,
    *,
    note: str | None = None,
    people: Sequence[str] = (),
    cites: Sequence[str] = (),
) -> None:
    """Say where a study stands: included, ongoing, awaiting classification or excluded.

    note: why; people: whose hands it took; cites: the notices known of its reports.
    """
    find_study(ledger.connection, study_id)
    ledger.record(
        StudyMoved(
            study=study_id,
            place=place,
            next_look_on=next_look_on,
            note=note,
            people=tuple(people),
            cites=tuple(cites),
        )
    )


@read_once
def studies(connection: Connection) -> tuple[StoredStudy, ...]:
    """Return every study of the review: the baseline's first, then in the order of inclusion."""
    query = select(t.study).order_by(t.study.c.baseline.desc(), t.study.c.added_at, t.study.c.id)
    return tuple(_stored(row) for row in connection.execute(query))


def studies_read_by_two(connection: Connection) -> tuple[StoredStudy, ...]:
    """Return the included studies that two people or more have handed in, the baseline's too."""
    column = t.submission.c
    read = select(column.study_id).group_by(column.study_id)
    read = read.having(func.count(column.person_id.distinct()) >= SEATS)
    included = (t.study.c.id.in_(read), t.study.c.place == StudyStatus.INCLUDED)
    query = select(t.study).where(*included).order_by(t.study.c.id)
    return tuple(_stored(row) for row in connection.execute(query))


def find_study(connection: Connection, study_id: str) -> StoredStudy:
    """Return one study or raise NotFound."""
    row = connection.execute(select(t.study).where(t.study.c.id == study_id)).first()
    if row is None:
        raise NotFound("study", study_id)
    return _stored(row)


@read_once
def agreement(connection: Connection, study_id: str) -> Agreement:
    """Return how the extraction of a study stands."""
    return agree(
        _submissions(connection, study_id),
        _adjudications(connection, study_id),
        _chosen_places(connection, study_id),
    )


def own_submission(connection: Connection, study_id: str, person_id: str) -> Submission | None:
    """Return what a person last handed in for a study: the only part of an open round they see."""
    mine = [each for each in _submissions(connection, study_id) if each.person == person_id]
    return mine[-1] if mine else None


def submit(
    ledger: Ledger, study_id: str, person_id: str, handed: Handed, *, protocol_version: str
) -> Agreement:
    """Store one person's extraction; return how the study stands with it.

    What a person said already in the round that is in question changes nothing when they say it
    again; said in an earlier one it confirms that, and is stored. That a cell is not reported is
    said of cells that hold a number now.
    """
    stored = find_study(ledger.connection, study_id)
    if stored.place is not StudyStatus.INCLUDED:
        yet = "" if stored.place is StudyStatus.EXCLUDED else " yet"
        raise NotAllowed(f"'{study_id}' is {stored.place}: nothing is to be extracted{yet}")
    counts = counting(ledger.connection, study_id)
    gone = tuple(cell for cell in handed.not_reported if cell.key in counts)
    handed = replace(handed, not_reported=gone)
    if _repeats(agreement(ledger.connection, study_id), person_id, study_id, handed):
        return agreement(ledger.connection, study_id)
    ledger.record(
        ValuesSubmitted(
            study=study_id,
            person=person_id,
            design=handed.design,
            arms=handed.arms,
            participants=handed.participants,
            labels=dict(handed.labels),
            values=handed.values,
            not_reported=handed.not_reported,
            reports=handed.reports,
            typed=dict(handed.typed),
            reporting=dict(handed.reporting),
            unpooled=handed.unpooled,
            protocol_version=protocol_version,
        )
    )
    after = agreement(ledger.connection, study_id)
    _describe(ledger, stored, after)
    return after


def adjudicate(
    ledger: Ledger,
    study_id: str,
    person_id: str,
    cell: str,
    *,
    number: float | None,
    text: str | None,
    note: str,
    also: Sequence[Ruled] = (),
) -> Agreement:
    """Store a third person's answer for a cell on which the two extractors differ.

    also: those that belong to it (the total of its events), where they are ruled with it. The same
    answer again changes nothing; one that cannot be true, or that leaves a number without those
    it needs, is refused. An answer may be replaced until a version rests on it; what it said
    before stays in the log.
    """
    stored = find_study(ledger.connection, study_id)
    before = agreement(ledger.connection, study_id)
    ruled = (Ruled(cell, number, text), *also)
    answers = [
        Adjudication(0, person_id, each.cell, each.number, each.text, note) for each in ruled
    ]
    if all(_counts_already(before, each) for each in answers):
        return before
    _may_adjudicate(ledger.connection, before, person_id, cell)
    for each in also:
        _check_belongs(ledger.connection, before, person_id, each, ruled[0])
    for answer in answers:
        _check_answer(study_id, answer)
        _record_ruling(ledger, study_id, answer)
    after = agreement(ledger.connection, study_id)
    _check_together(stored.study, after)
    _check_whole(ledger.connection, study_id, after, ruled)
    _describe(ledger, stored, after)
    return after


def _counts_already(state: Agreement, answer: Adjudication) -> bool:
    given = state.rulings.get(answer.cell)
    return given is not None and answer.repeats(given)


def _check_answer(study_id: str, answer: Adjudication) -> None:
    cell, number = answer.cell, answer.number
    if cell in _describing(study_id):
        _check_description(cell, _describing(study_id)[cell], answer.text)
    elif (outcome := _reported_outcome(study_id, cell)) is not None:
        if number is not None or answer.text not in {*Reporting, None}:
            found = answer.text if number is None else number
            expected = f"{', '.join(Reporting)}, or to leave out what was said of '{outcome}'"
            raise BadInput(f"'{cell}': found {found!r}, expected {expected}")
    elif answer.text is not None:
        raise BadInput(f"'{cell}' takes a number, not a text")
    elif number is not None and not math.isfinite(number):  # JSON has no word for it: it would drop
        raise BadInput(f"'{cell}': found {number:g}, expected a number")


def _record_ruling(ledger: Ledger, study_id: str, answer: Adjudication) -> None:
    ledger.record(
        ValueAdjudicated(
            subject=study_id,
            person=answer.person,
            cell=answer.cell,
            number=answer.number,
            text=answer.text,
            drop=answer.number is None and answer.text is None,
            note=answer.note,
        )
    )


def choose_place(
    ledger: Ledger, study_id: str, person_id: str, cell: str, said_by: str, *, note: str | None
) -> Agreement:
    """Store which of two places counts for a number, and for all that the two read like it.

    The same answer again changes nothing.
    """
    find_study(ledger.connection, study_id)
    before = agreement(ledger.connection, study_id)
    asked = {each.cell: each for each in before.places}
    if cell not in asked:
        if said_by in _chosen_for(ledger.connection, study_id, before, cell):
            return before
        raise NotAllowed(f"there are no two places to choose from at '{cell}'")
    said = asked[cell].said
    if said_by not in said:
        raise BadInput(f"found '{said_by}', expected one of: {', '.join(said)}")
    alike = [each.cell for each in before.places if each.said == said]
    ledger.record(
        PlaceChosen(
            subject=study_id, person=person_id, cells=tuple(alike), said_by=said_by, note=note
        )
    )
    return agreement(ledger.connection, study_id)


def _chosen_for(
    connection: Connection, study_id: str, state: Agreement, cell: str
) -> tuple[str, ...]:
    """Return whose place was chosen for a cell in the last complete round, if anybody's."""
    complete = [each for each in state.rounds if each.complete]
    since = complete[-1].submissions[-1].seq if complete else 0
    chosen = _chosen_places(connection, study_id)
    found = [each.said_by for each in chosen if each.cell == cell and each.seq > since]
    return tuple(found[-1:])


def counting(connection: Connection, study_id: str) -> dict[str, AcceptedValue]:
    """Return the values of a study that count now, by their cells."""
    mine = select(t.baseline_value).where(t.baseline_value.c.study_id == study_id)
    state = agreement(connection, study_id)
    return _with_extracted(_baseline(connection.execute(mine)), state.standing, state.withdrawn)


@read_once
def accepted_values(connection: Connection) -> tuple[AcceptedValue, ...]:
    """Return the values that count now, in the order of their cells.

    A study's own values count once its extraction is settled; until then, and while a later round
    has differences, what was accepted before stays.
    """
    current = _baseline(connection.execute(select(t.baseline_value)))
    extracted = connection.execute(select(t.submission.c.study_id).distinct()).scalars()
    for study_id in extracted:
        state = agreement(connection, study_id)
        current = _with_extracted(current, state.standing, state.withdrawn)
    return tuple(current[cell] for cell in sorted(current))


def _baseline(rows: Iterable[Row[tuple[object, ...]]]) -> dict[str, AcceptedValue]:
    return {
        row.cell: AcceptedValue(loaded(Value, row.data), HowAccepted.BASELINE, ()) for row in rows
    }


def _with_extracted(
    published: Mapping[str, AcceptedValue],
    accepted: Mapping[str, Accepted],
    withdrawn: frozenset[str],
) -> dict[str, AcceptedValue]:
    """Put what people extracted in the place of what was published, and take out what is gone."""
    kept = {cell: value for cell, value in published.items() if cell not in withdrawn}
    return kept | {
        cell: AcceptedValue(_as_value(entry), entry.how, entry.people)
        for cell, entry in accepted.items()
        if entry.entry.value is not None
    }


def _as_value(accepted: Accepted) -> Value:
    value, number = accepted.entry.value, accepted.entry.number
    if value is None or number is None:
        raise BadInput(f"'{accepted.cell}' holds no number")
    return replace(value, number=number)


def _describe(ledger: Ledger, stored: StoredStudy, state: Agreement) -> None:
    """Bring what is said of the study as a whole to what is accepted of it."""
    described = stored.study
    for cell, name in _describing(stored.study.id).items():
        text = state.accepted[cell].entry.text if cell in state.accepted else None
        if text is not None:
            described = _with(described, name, text)
    described = replace(
        described,
        reports=(*described.reports, *_new_reports(described, state)),
        reporting=_reporting(described, state),
        unpooled=_unpooled(described, state),
    )
    if described != stored.study:
        ledger.record(StudyDescribed(study=described))


def _reporting(study: Study, state: Agreement) -> tuple[OutcomeReporting, ...]:
    """Return what counts of each outcome: what is accepted now in the place of what was said."""
    gone = {_reported_outcome(study.id, cell) for cell in state.withdrawing}
    said = {each.outcome: each for each in study.reporting if each.outcome not in gone}
    for cell, accepted in state.accepted.items():
        outcome, text = _reported_outcome(study.id, cell), accepted.entry.text
        if outcome is not None and text is not None:
            how = f"{accepted.how}: {', '.join(accepted.people)}"
            read = Provenance(Basis.EXTRACTED, READ_IN_REPORTS, how=how)
            said[outcome] = OutcomeReporting(outcome, Reporting(text), read)
    return tuple(said.values())


def _unpooled(study: Study, state: Agreement) -> tuple[UnpooledResult, ...]:
    """Return the published results in words, and those of the last two readers who told any.

    One reader is enough: such a result adds to what is shown and takes no number away.
    """
    told = [each for each in state.rounds if each.complete and each.tells_unpooled]
    if not told:
        return study.unpooled
    published = (each for each in study.unpooled if each.provenance.basis is not Basis.EXTRACTED)
    found: dict[tuple[object, ...], UnpooledResult] = {}
    for submission in told[-1].submissions:
        for each in submission.unpooled:
            same = (each.what.casefold(), each.outcome, each.arms, each.number, each.unit)
            first = found.get(same, each)
            found[same] = replace(first, read_by=(*first.read_by, submission.person))
    return (*published, *found.values())


def _new_reports(study: Study, state: Agreement) -> list[Report]:
    """Return the reports that accepted numbers were read in and the study was not known to have."""
    read_in = {
        each.entry.value.provenance.source
        for each in state.accepted.values()
        if each.entry.value is not None
    }
    read_in |= {each.provenance.source for each in _unpooled(study, state)}
    new: list[Report] = []
    for each in (one for of in state.rounds if of.complete for one in of.submissions):
        for report in each.reports:
            known = any(same_report(report, other) for other in (*study.reports, *new))
            if not known and report_name(report) in read_in:
                new.append(report)
    return new


def report_name(report: Report) -> str:
    """Return the name under which numbers are said to be read in a report."""
    ids = report.ids
    named = [("pmid", ids.pmid), ("doi", ids.doi), *(("register", each) for each in ids.register)]
    return next((f"{kind}:{each}" for kind, each in named if each), report.citation)


def same_report(one: Report, other: Report) -> bool:
    """Whether two entries are of one document: an id in common, or without any the same words."""
    return bool(_ids(one) & _ids(other)) or one.citation == other.citation


def _ids(report: Report) -> set[str]:
    ids = report.ids
    return {each for each in (ids.pmid, ids.doi, ids.pmcid, *ids.register) if each}


def _with(study: Study, name: Described, text: str) -> Study:
    if name is Described.DESIGN:
        return replace(study, design=Design(text))
    if name is Described.ARMS:
        return replace(study, arms=tuple(text.split(", ")))
    return replace(study, participants=int(text), participants_basis=Basis.EXTRACTED)


def _reporting_cell(study_id: str, outcome: str) -> str:
    return f"{study_id}|{REPORTING}|{outcome}"


def _reported_outcome(study_id: str, cell: str) -> str | None:
    """Return the outcome of which a cell says what the reports make of it; None: of no such."""
    prefix = _reporting_cell(study_id, "")
    outcome = cell.removeprefix(prefix)
    return outcome if cell.startswith(prefix) and "|" not in outcome else None


def _describing(study_id: str) -> dict[str, Described]:
    return {f"{study_id}|{name.value}": name for name in Described}


def _check_description(cell: str, name: Described, text: str | None) -> None:
    expected = {
        Described.DESIGN: ", ".join(design.value for design in Design),
        Described.ARMS: "two or more different arms such as 'ivig, placebo'",
        Described.PARTICIPANTS: "a whole number above 0",
    }[name]
    if text is None or not _describes(name, text):
        raise BadInput(f"'{cell}': found the text {text!r}, expected {expected}")


def _describes(name: Described, text: str) -> bool:
    if name is Described.DESIGN:
        return text in set(Design)
    if name is Described.ARMS:
        arms = text.split(", ")
        return all(arms) and len(set(arms)) == len(arms) > 1
    return text.isascii() and text.isdigit() and int(text) > 0


def _check_together(study: Study, state: Agreement) -> None:
    """Refuse a ruling that cannot be true beside what is accepted of the study."""
    said = {
        name: state.accepted[cell].entry.text if cell in state.accepted else None
        for cell, name in _describing(study.id).items()
    }
    values = [
        _as_value(entry) for entry in state.accepted.values() if entry.entry.value is not None
    ]
    arms, people = said[Described.ARMS], said[Described.PARTICIPANTS]
    known = arms.split(", ") if arms else sorted({arm for each in values for arm in each.cell.arms})
    faults = contradictions(values, known, int(people) if people else None)
    if faults:
        raise BadInput("\n".join(faults))


def _check_whole(
    connection: Connection, study_id: str, state: Agreement, ruled: Sequence[Ruled]
) -> None:
    """Refuse a ruling after which a number stands without those that it needs.

    What still waits for an answer of its own may be missing until then.
    """
    mine = select(t.baseline_value).where(t.baseline_value.c.study_id == study_id)
    published = _baseline(connection.execute(mine))
    left = _with_extracted(published, state.accepted, state.withdrawing)
    waiting = {_group(difference.cell) for difference in state.differences}
    touched = {_group(each.cell) for each in ruled} - waiting
    values = [each.value for cell, each in left.items() if _group(cell) in touched]
    faults = [
        f"{fault}: leave out all of them in one answer, or give each number"
        for fault in gaps(values)
    ]
    if faults:
        raise BadInput("\n".join(faults))


def _group(cell: str) -> str:
    """Return what the numbers of one outcome, time and arm have in common."""
    return beside(cell, "")


def _may_adjudicate(connection: Connection, state: Agreement, person_id: str, cell: str) -> None:
    if cell in state.rulings:
        _check_unpublished(connection, state.rulings[cell])
    elif cell not in {difference.cell for difference in state.differences}:
        raise NotAllowed(f"there is no difference to settle at '{cell}'")
    if person_id in state.read_by:
        raise NotAllowed(f"{person_id} extracted this study; the adjudicator is a third person")


def _check_unpublished(connection: Connection, ruling: Adjudication) -> None:
    """Refuse to rule anew where a version rests on the ruling: then it takes two who read it."""
    published = select(t.event.c.seq).where(
        t.event.c.kind == VersionPublished.event_kind, t.event.c.seq > ruling.seq
    )
    if connection.execute(published.limit(1)).first() is not None:
        raise NotAllowed(
            f"'{ruling.cell}' was ruled before the newest version was published: two extractors"
            " hand it in again"
        )


def _check_belongs(
    connection: Connection, state: Agreement, person_id: str, also: Ruled, to: Ruled
) -> None:
    """Refuse what is not of the ruled cell's arm and time, and to overrule what two agreed on.

    What cannot stand alone may be left out with the cell it needs, and be given again with it.
    """
    if _group(also.cell) != _group(to.cell):
        raise BadInput(f"'{also.cell}' does not belong to '{to.cell}': settle it by itself")
    agreed = state.agreed_by_two(also.cell)
    left_out = also.number is None and to.number is None
    as_agreed = agreed is not None and agreed.number == also.number
    if agreed is None or not (left_out or as_agreed):
        _may_adjudicate(connection, state, person_id, also.cell)


def _repeats(state: Agreement, person_id: str, study_id: str, handed: Handed) -> bool:
    """Whether somebody says again what they said in the round that is in question."""
    said = _submission(0, person_id, study_id, handed)
    asked = state.in_question
    return asked is not None and any(said.repeats(each) for each in asked.submissions)


@read_once
def _submissions(connection: Connection, study_id: str) -> tuple[Submission, ...]:
    query = select(t.submission).where(t.submission.c.study_id == study_id)
    return tuple(
        _submission(row.seq, row.person_id, study_id, _handed(row))
        for row in connection.execute(query.order_by(t.submission.c.seq))
    )


def _handed(row: Row[tuple[object, ...]]) -> Handed:
    return replace(
        loaded(Handed, row.data),
        not_reported=loaded(tuple[Cell, ...], row.not_reported or "[]"),
        reports=loaded(tuple[Report, ...], row.reports or "[]"),
    )


def _submission(seq: int, person: str, study_id: str, handed: Handed) -> Submission:
    entries = _entries(study_id, handed)
    labels, typed = dict(handed.labels), dict(handed.typed)
    return Submission(seq, person, entries, labels, handed.reports, typed, handed.unpooled)


def _entries(study_id: str, handed: Handed) -> dict[str, Entry]:
    people = handed.participants
    description = {
        Described.DESIGN: handed.design.value,
        Described.ARMS: ", ".join(sorted(handed.arms)),
        Described.PARTICIPANTS: str(people) if people is not None else None,
    }
    entries = {
        f"{study_id}|{name}": Entry(None, text)
        for name, text in description.items()
        if text is not None
    }
    for outcome, state in handed.reporting.items():
        entries[_reporting_cell(study_id, outcome)] = Entry(None, state.value)
    for value in handed.values:
        entries[value.cell.key] = Entry(value.number, None, value.unit, value)
    return dict.fromkeys((cell.key for cell in handed.not_reported), NOT_REPORTED) | entries


def _adjudications(connection: Connection, study_id: str) -> tuple[Adjudication, ...]:
    query = select(t.adjudicated_value).where(t.adjudicated_value.c.study_id == study_id)
    return tuple(
        Adjudication(row.seq, row.person_id, row.cell, row.number, row.text, row.note)
        for row in connection.execute(query.order_by(t.adjudicated_value.c.seq))
    )


def _chosen_places(connection: Connection, study_id: str) -> tuple[ChosenPlace, ...]:
    query = select(t.chosen_place).where(t.chosen_place.c.study_id == study_id)
    return tuple(
        ChosenPlace(row.seq, row.cell, row.said_by)
        for row in connection.execute(query.order_by(t.chosen_place.c.seq))
    )


def _stored(row: Row[tuple[object, ...]]) -> StoredStudy:
    return StoredStudy(
        loaded(Study, row.data),
        StudyStatus(row.place),
        row.next_look_on,
        row.candidate_id,
        bool(row.baseline),
        row.added_at,
    )
