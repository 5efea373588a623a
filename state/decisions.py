"""What people said of candidates, and what each person may see of it.

Blinding lives here: until both have decided, `seen_by` and `queue` give a person nothing that
depends on what the other has said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    text,
)

from state import people, records
from state import tables as t
from state.bulk import one_of
from state.errors import BadInput, NotAllowed, NotFound
from state.events import Ledger
from state.facts import (
    CandidateClosed,
    CandidateReopened,
    LinkSettled,
    RulingGiven,
    VerdictGiven,
    VerdictWithdrawn,
)
from state.facts.words import CandidateOutcome, LinkVerdict, ProposalKind, RoleId, RulingKind
from state.paging import Order, Part, Seek, read_part
from state.screening import (
    SEATS,
    Answer,
    Decision,
    Ruling,
    Stage,
    StageResult,
    Verdict,
    checked_answer,
    current,
    may_adjudicate,
    may_agree,
    may_decide,
)
from state.standings import CHUNK, answer_of, candidate_of, counting, link_open, standings
from state.standings import public_status as public_status  # known to the rest by this room
from state.values import (
    Candidate,
    ConflictEnded,
    Earlier,
    PublicStatus,
    QueueEntryView,
    Reading,
    ScreeningState,
    StoredRecord,
    ToDo,
)

SCREENER, ADJUDICATOR = RoleId.SCREENER, RoleId.ADJUDICATOR

_OPEN = text(t.IS_OPEN)
_STATED_ORDER = Order((t.candidate.c.score, t.candidate.c.opened_at, t.candidate.c.id), down=1)


def candidate(connection: Connection, candidate_id: str) -> Candidate:
    """Return one candidate or raise NotFound."""
    row = connection.execute(select(t.candidate).where(t.candidate.c.id == candidate_id)).first()
    if row is None:
        raise NotFound("candidate", candidate_id)
    return candidate_of(row)


def candidates(connection: Connection, *, closed: bool | None = None) -> tuple[Candidate, ...]:
    """Return candidates in the stated order: highest score first, then oldest, then by id."""
    query = select(t.candidate).order_by(*_STATED_ORDER.directed())
    if closed is not None:
        query = query.where(text("closed = 1") if closed else _OPEN)
    return tuple(candidate_of(row) for row in connection.execute(query))


def screening_state(connection: Connection, candidate_id: str) -> ScreeningState:
    """Return a candidate with all that was said of it."""
    return standings(connection, [candidate(connection, candidate_id)])[0]


def has_been_read(connection: Connection, candidate_id: str) -> bool:
    """Whether anybody has given a verdict on a candidate, since it was opened again or before."""
    said = t.decision.c
    given = select(said.seq).where(said.candidate_id == candidate_id, said.withdrawn == 0)
    return connection.execute(given.limit(1)).first() is not None


def undecided(connection: Connection, candidates: Sequence[str]) -> frozenset[str]:
    """Return those of the open candidates of whose title and abstract nobody has said anything."""
    column, said = t.candidate.c, t.decision.c
    spoken = select(said.candidate_id).where(
        one_of(connection, said.candidate_id, candidates),
        said.stage == Stage.TITLE_ABSTRACT,
        counting(t.decision),
    )
    query = select(column.id).where(
        one_of(connection, column.id, candidates), column.closed == 0, column.id.not_in(spoken)
    )
    return frozenset(connection.execute(query).scalars())


def screening_states(
    connection: Connection, *, closed: bool | None = None
) -> tuple[ScreeningState, ...]:
    """Return all candidates with all that was said of them, in the stated order."""
    return standings(connection, candidates(connection, closed=closed))


def conflicts(connection: Connection) -> tuple[ScreeningState, ...]:
    """Return the open candidates on which two readers differ, in the stated order."""
    mine = (_OPEN, t.candidate.c.public_status == PublicStatus.CONFLICT)
    query = select(t.candidate).where(*mine).order_by(*_STATED_ORDER.directed())
    return standings(connection, [candidate_of(row) for row in connection.execute(query)])


def all_states(connection: Connection) -> Iterator[ScreeningState]:
    """Yield what `screening_states` returns, never all of it at once."""
    query = select(t.candidate).order_by(*_STATED_ORDER.directed())
    found = connection.execute(query.execution_options(yield_per=CHUNK))
    for rows in found.partitions():
        yield from standings(connection, [candidate_of(row) for row in rows])


def queue(connection: Connection, person_id: str | None = None) -> tuple[QueueEntryView, ...]:
    """Return the open candidates as a person (or nobody in particular) may see them, in order."""
    return _views(connection, candidates(connection, closed=False), person_id)


def queue_part(
    connection: Connection, person_id: str, asked: Seek, *, everything: bool = False
) -> Part[QueueEntryView]:
    """Return a part of the queue as a person may see it: what is theirs to do, or all."""
    query = select(t.candidate).where(_OPEN)
    if not everything:
        query = query.where(_asks(person_id, _roles(connection, person_id)))
    at = _place(connection, *asked.names(1)) if asked.row else None
    return read_part(
        connection,
        query,
        _STATED_ORDER,
        asked,
        at,
        lambda rows: _views(connection, [candidate_of(row) for row in rows], person_id),
    )


def asked_of(
    connection: Connection, person_id: str, *, opened_before: str
) -> tuple[QueueEntryView, ...]:
    """Return the candidates, opened before an instant, that ask something of a person."""
    asks = _asks(person_id, _roles(connection, person_id))
    query = select(t.candidate).where(_OPEN, t.candidate.c.opened_at <= opened_before, asks)
    found = connection.execute(query.order_by(*_STATED_ORDER.directed()))
    return _views(connection, [candidate_of(row) for row in found], person_id)


def to_do_count(connection: Connection, person_id: str) -> int:
    """Return how many candidates ask something of a person."""
    asks = _asks(person_id, _roles(connection, person_id))
    query = select(func.count()).select_from(t.candidate).where(_OPEN, asks)
    return connection.execute(query).scalar_one()


def next_to_do(connection: Connection, person_id: str, other_than: str) -> str | None:
    """Return the next candidate that asks something of a person, but for one."""
    asks = _asks(person_id, _roles(connection, person_id))
    query = select(t.candidate.c.id).where(_OPEN, asks, t.candidate.c.id != other_than)
    query = query.order_by(*_STATED_ORDER.directed()).limit(1)
    return connection.execute(query).scalar()


def open_by_status(connection: Connection) -> dict[PublicStatus, int]:
    """Count the open candidates by the status that anybody may see."""
    status = t.candidate.c.public_status
    query = select(status, func.count()).where(_OPEN).group_by(status)
    return {PublicStatus(name): number for name, number in connection.execute(query)}


def readings(connection: Connection) -> tuple[Reading, ...]:
    """Return every verdict that was not taken back, those set aside since too, oldest first."""
    column = t.decision.c
    query = select(t.decision).where(column.withdrawn == 0).order_by(column.seq)
    return tuple(
        Reading(row.seq, row.candidate_id, Stage(row.stage), row.person_id)
        for row in connection.execute(query)
    )


def ended_conflicts(connection: Connection) -> tuple[ConflictEnded, ...]:
    """Return the conflicts that were settled, those of a stage that was asked anew too.

    One ends with the adjudicator's ruling, or when two who agree have said the same.
    """
    agreed: dict[tuple[str, str, int], dict[str, Answer]] = {}
    ended = []
    for row in connection.execute(select(t.ruling).order_by(t.ruling.c.seq)):
        if row.kind == RulingKind.ADJUDICATION:
            ended.append(ConflictEnded(row.seq, by_a_third=True))
            continue
        said = agreed.setdefault((row.candidate_id, row.stage, row.earlier), {})
        said[row.person_id] = answer_of(row)
        if list(said.values()).count(answer_of(row)) >= SEATS:
            ended.append(ConflictEnded(row.seq, by_a_third=False))
    return tuple(ended)


def _place(connection: Connection, candidate_id: str) -> tuple[int, str, str]:
    found = candidate(connection, candidate_id)
    return found.score, found.opened_at, found.id


def _views(
    connection: Connection, found: Sequence[Candidate], person_id: str | None
) -> tuple[QueueEntryView, ...]:
    held = records.records_of_candidates(connection, [each.id for each in found])
    roles, linked = _roles(connection, person_id), links_proposed_by(connection, person_id)
    return tuple(
        _seen(entry, held[entry.candidate.id], person_id, roles, linked)
        for entry in standings(connection, found)
    )


def seen_by(connection: Connection, candidate_id: str, person_id: str | None) -> QueueEntryView:
    """Return one candidate as a person may see it."""
    held = records.records_of_candidate(connection, candidate_id)
    roles, linked = _roles(connection, person_id), links_proposed_by(connection, person_id)
    return _seen(screening_state(connection, candidate_id), held, person_id, roles, linked)


def give_verdict(
    ledger: Ledger,
    candidate_id: str,
    person_id: str,
    answer: Answer,
    *,
    stage: Stage,
    note: str | None,
    criteria: Sequence[str],
    protocol_version: str,
    next_look_on: str | None = None,
) -> StageResult:
    """Store a reader's verdict and return how the stage stands now.

    The same verdict given again changes nothing.
    """
    checked = checked_answer(stage, answer, criteria)
    said = screening_state(ledger.connection, candidate_id).at(stage)
    if Decision(person_id, checked, note, next_look_on) in current(said.decisions):
        return said.result
    entry = _open_standing(ledger.connection, candidate_id, stage)
    may_decide(person_id, entry.log.decisions)
    ledger.record(
        VerdictGiven(
            candidate=candidate_id,
            person=person_id,
            verdict=checked.verdict,
            stage=stage,
            criterion=checked.criterion,
            place=checked.place,
            next_look_on=next_look_on,
            note=note,
            protocol_version=protocol_version,
        )
    )
    return screening_state(ledger.connection, candidate_id).at(stage).result


def rule(
    ledger: Ledger,
    candidate_id: str,
    person_id: str,
    answer: Answer,
    *,
    stage: Stage,
    note: str | None,
    criteria: Sequence[str],
    protocol_version: str,
    next_look_on: str | None = None,
) -> StageResult:
    """Store an answer to a conflict: one of the two who agrees, or the adjudicator's ruling.

    The same answer given again changes nothing.
    """
    said = screening_state(ledger.connection, candidate_id).at(stage)
    given = checked_answer(stage, answer, criteria)
    mine = [ruling for ruling in said.rulings if ruling.person == person_id]
    if mine and mine[-1] == Ruling(person_id, given, mine[-1].adjudication, note, next_look_on):
        return said.result
    entry = _open_standing(ledger.connection, candidate_id, stage)
    result = entry.log.result
    agreeing = person_id in {d.person for d in current(entry.log.decisions)}
    if agreeing:
        may_agree(person_id, entry.log.decisions, result)
    else:
        may_adjudicate(person_id, entry.log.decisions, result)
    checked = _settling(stage, result, given)
    ledger.record(
        RulingGiven(
            subject=candidate_id,
            person=person_id,
            verdict=checked.verdict,
            stage=stage,
            criterion=checked.criterion,
            place=checked.place,
            next_look_on=next_look_on,
            note=note,
            ruling=RulingKind.AGREEMENT if agreeing else RulingKind.ADJUDICATION,
            protocol_version=protocol_version,
        )
    )
    return screening_state(ledger.connection, candidate_id).at(stage).result


def _settling(stage: Stage, result: StageResult, answer: Answer) -> Answer:
    if result.criterion_open and answer.verdict is not Verdict.EXCLUDE:
        raise BadInput("both excluded it; only the criterion to report is left to settle")
    if stage is Stage.FULL_TEXT and answer.verdict is Verdict.UNSURE:
        raise BadInput("a conflict at full text ends with include or exclude, not with unsure")
    return answer


def settle_link(
    ledger: Ledger, candidate_id: str, person_id: str, *, confirmed: bool, note: str | None
) -> None:
    """Confirm that a candidate is a report of a known study, or say that it is not.

    Confirmed, it joins the study and leaves the queue; refused, it is screened like any other.
    The same answer again changes nothing.
    """
    found = candidate(ledger.connection, candidate_id)
    if found.link_settled and (found.study is not None) == confirmed:
        return
    if not link_open(found):
        raise NotAllowed(f"no link of '{candidate_id}' waits to be settled")
    ledger.record(
        LinkSettled(
            candidate=candidate_id,
            person=person_id,
            verdict=LinkVerdict.CONFIRM if confirmed else LinkVerdict.REFUSE,
            note=note,
            study=found.study if confirmed else None,
        )
    )
    if confirmed:
        close(ledger, candidate_id, CandidateOutcome.REPORT_OF)


def withdraw_verdict(ledger: Ledger, candidate_id: str, person_id: str, note: str) -> None:
    """Take one's own verdict back while the other has not decided; to do so again changes nothing.

    Raises NotAllowed where nothing of one's own is open.
    """
    entry = screening_state(ledger.connection, candidate_id)
    said = current(entry.log.decisions)
    mine = person_id in {each.person for each in said}
    if not mine and _took_back(ledger.connection, candidate_id, entry.stage, person_id):
        return
    if entry.candidate.closed or not mine:
        raise NotAllowed(f"no verdict of yours on '{candidate_id}' is open")
    if len(said) >= SEATS:
        raise NotAllowed(f"both have decided on '{candidate_id}': nothing can be taken back")
    ledger.record(
        VerdictWithdrawn(candidate=candidate_id, person=person_id, stage=entry.stage, note=note)
    )


def verdict_givers(connection: Connection, candidate_id: str) -> frozenset[str]:
    """Return who has given a verdict on a candidate since it was opened, one taken back too."""
    said, name = t.decision.c, candidate(connection, candidate_id).id
    query = select(said.person_id).where(said.candidate_id == name, said.earlier == 0)
    return frozenset(connection.execute(query).scalars())


def _took_back(connection: Connection, candidate_id: str, stage: Stage, person_id: str) -> bool:
    said = t.decision.c
    query = select(said.seq).where(
        said.candidate_id == candidate_id,
        said.stage == stage,
        said.person_id == person_id,
        said.withdrawn != 0,
        said.earlier == 0,
    )
    return connection.execute(query).first() is not None


REOPENED = (
    CandidateOutcome.EXCLUDED,
    CandidateOutcome.REPORT_OF,
    CandidateOutcome.IMPORT_WITHDRAWN,
)


def reopen(ledger: Ledger, candidate_id: str, person_id: str | None, note: str) -> bool:
    """Queue a closed candidate again, at the stage at which it was closed.

    What was said at that stage is kept as earlier. Says whether anything changed: one that is open
    already stays as it is. person_id: None where a search found it again.
    """
    entry = screening_state(ledger.connection, candidate_id)
    if not entry.candidate.closed:
        return False
    if entry.candidate.outcome not in REOPENED:
        raise NotAllowed(_not_reopened(entry.candidate))
    excluded = entry.candidate.outcome is CandidateOutcome.EXCLUDED
    ledger.record(
        CandidateReopened(
            candidate=candidate_id,
            person=person_id,
            note=note,
            stage=entry.stage if excluded else None,
        )
    )
    return True


def withdrawn_among(connection: Connection, candidates: Sequence[str]) -> tuple[str, ...]:
    """Return those of the candidates that are closed because their import was taken back."""
    column = t.candidate.c
    query = select(column.id).where(
        one_of(connection, column.id, candidates),
        column.outcome == CandidateOutcome.IMPORT_WITHDRAWN,
    )
    return tuple(connection.execute(query.order_by(column.id)).scalars())


def _not_reopened(found: Candidate) -> str:
    if found.outcome is CandidateOutcome.DUPLICATE:
        return f"'{found.id}' is taken as one with another record: say that they are different"
    return f"'{found.id}' became a study: where that stands is changed with place"


def said_before(
    connection: Connection, candidate_id: str, person_id: str | None
) -> tuple[Earlier, ...]:
    """Return what was said of a candidate and counts no more: before it was opened again, or of a
    record that is one with it now. What only one of two has said is shown to nobody else."""
    said, record = t.decision.c, t.record.c
    merged = select(record.key).where(
        record.candidate_id == candidate_id, record.key != candidate_id
    )
    of_this = (said.candidate_id == candidate_id) & (said.earlier != 0)
    query = select(t.decision).where(
        or_(of_this, said.candidate_id.in_(merged)), said.withdrawn == 0
    )
    rows = connection.execute(query.order_by(said.seq)).all()
    readers: dict[tuple[str, str, int], set[str]] = {}
    for row in rows:
        readers.setdefault((row.candidate_id, row.stage, row.earlier), set()).add(row.person_id)
    return tuple(
        Earlier(Stage(row.stage), row.candidate_id, row.person_id, answer_of(row), row.note, row.at)
        for row in rows
        if len(readers[row.candidate_id, row.stage, row.earlier]) >= SEATS
        or row.person_id == person_id
    )


def close(ledger: Ledger, candidate_id: str, outcome: str) -> None:
    """Take a candidate out of the queue: nothing more is to be decided about it."""
    ledger.record(CandidateClosed(candidate=candidate_id, outcome=CandidateOutcome(outcome)))


def _open_standing(connection: Connection, candidate_id: str, stage: Stage) -> ScreeningState:
    entry = screening_state(connection, candidate_id)
    if entry.candidate.closed:
        raise NotAllowed(f"'{candidate_id}' is closed: {entry.candidate.outcome}")
    if link_open(entry.candidate):
        raise NotAllowed(
            f"'{candidate_id}' is proposed as a report of {entry.candidate.study}:"
            " confirm or refuse that link first"
        )
    if entry.stage is not stage:
        raise NotAllowed(f"'{candidate_id}' is at stage {entry.stage}, not {stage}")
    return entry


def links_proposed_by(connection: Connection, person_id: str | None) -> frozenset[str]:
    """Return the candidates whose link a person has proposed: a second one is to confirm it."""
    column = t.proposal.c
    query = select(column.subject).where(
        text(t.IS_PROPOSED), column.kind == ProposalKind.LINK, column.person_id == person_id
    )
    return frozenset(connection.execute(query).scalars())


def _roles(connection: Connection, person_id: str | None) -> frozenset[RoleId]:
    """Return which of the roles of screening a person holds now, as a deputy too."""
    return frozenset(
        role
        for role in (SCREENER, ADJUDICATOR)
        if person_id in {person.id for person in people.holders(connection, role)}
    )


def _seen(
    entry: ScreeningState,
    held: tuple[StoredRecord, ...],
    person_id: str | None,
    roles: frozenset[RoleId],
    linked: frozenset[str],
) -> QueueEntryView:
    log = entry.log
    decided = current(log.decisions)
    both = len(decided) >= SEATS
    mine = next((d for d in decided if d.person == person_id), None)
    return QueueEntryView(
        candidate=entry.candidate,
        records=held,
        stage=entry.stage,
        status=public_status(entry),
        mine=mine,
        to_do=None if entry.candidate.id in linked else _to_do(entry, person_id, mine, roles),
        revealed=decided if both else (),
        rulings=log.rulings if both else (),
        earlier=current(entry.title_abstract.decisions) if entry.stage is Stage.FULL_TEXT else (),
    )


def _to_do(
    entry: ScreeningState,
    person_id: str | None,
    mine: Decision | None,
    roles: frozenset[RoleId],
) -> ToDo | None:
    if person_id is None or entry.candidate.closed:
        return None
    seen = public_status(entry)
    if seen is PublicStatus.LINK:
        return ToDo.LINK if SCREENER in roles else None
    if seen is PublicStatus.WAITING:
        return ToDo.DECIDE if SCREENER in roles and mine is None else None
    if mine is not None:
        return _to_agree(entry, mine, roles)
    return ToDo.ADJUDICATE if ADJUDICATOR in roles else None


def _to_agree(entry: ScreeningState, mine: Decision, roles: frozenset[RoleId]) -> ToDo | None:
    signed = mine.person in {ruling.person for ruling in entry.log.rulings}
    return ToDo.AGREE if SCREENER in roles and not signed else None


def _asks(person_id: str, roles: frozenset[RoleId]) -> ColumnElement[bool]:
    """Say in SQL which open candidates ask something of a person: those with a `_to_do`."""
    column = t.candidate.c
    mine, answered = (
        exists().where(
            said.c.candidate_id == column.id,
            said.c.stage == column.stage,
            said.c.person_id == person_id,
            counting(said),
        )
        for said in (t.decision, t.ruling)
    )
    waiting, conflict = (
        column.public_status == each for each in (PublicStatus.WAITING, PublicStatus.CONFLICT)
    )
    asked: list[ColumnElement[bool]] = [false()]
    if SCREENER in roles:
        asked.append(and_(conflict, mine, ~answered))
        link = column.public_status == PublicStatus.LINK
        proposed = exists().where(
            text(t.IS_PROPOSED),
            t.proposal.c.kind == ProposalKind.LINK,
            t.proposal.c.subject == column.id,
            t.proposal.c.person_id == person_id,
        )
        asked += [and_(link, ~proposed), and_(waiting, ~mine)]
    if ADJUDICATOR in roles:
        asked.append(and_(conflict, ~mine))
    return or_(*asked)
