"""What was computed and published: results, signals, versions, amendments, and who signed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, select

from state import tables as t
from state.codec import Json, canonical
from state.errors import BadInput, NotAllowed, NotFound, Tampered
from state.events import Ledger, stored_event
from state.facts import (
    AmendmentProposed,
    DraftWithdrawn,
    Fact,
    ProtocolAdopted,
    ResultsComputed,
    SignalRaised,
    Signed,
    VersionDrafted,
    VersionPublished,
    VersionPutUpAgain,
    VersionRejected,
)
from state.facts.words import SignatureVerdict, SignedKind, VersionKind, VersionState


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A recompute: `id` is the hash of its inputs, `inputs` and `results` are JSON values."""

    id: str
    computed_at: str
    engine: str
    inputs: Json
    results: Json


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the review; the first one is the review as it was begun."""

    number: str
    state: VersionState
    kind: VersionKind
    cause: str
    result: str
    drafted_at: str
    published_at: str | None
    manifest_sha256: str | None
    ordinal: int


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A rule that fired between two versions."""

    id: str
    version: str
    rule: str
    analysis: str
    text: str
    changes_conclusions: bool


@dataclass(frozen=True, slots=True)
class StoredAmendment:
    """A proposed change of the protocol; it waits for signatures until it is in force."""

    id: str
    text: str
    cause: str
    proposed_at: str
    in_force_at: str | None


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's acceptance or rejection of a signal, a draft version or an amendment."""

    subject_kind: SignedKind
    subject_id: str
    person: str
    verdict: SignatureVerdict
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    version: str
    sha256: str
    body: str
    adopted_at: str
    reason: str


def adopt_protocol(ledger: Ledger, *, version: str, sha256: str, body: str, reason: str) -> None:
    """Put a protocol version into force."""
    ledger.record(
        ProtocolAdopted(protocol_version=version, sha256=sha256, body=body, reason=reason)
    )


def protocols(connection: Connection) -> tuple[ProtocolVersion, ...]:
    """Return the protocol versions that were in force, in the order of the log."""
    query = _ADOPTED.order_by(t.event.c.seq)
    return tuple(_protocol(row) for row in connection.execute(query))


def protocol_in_force(connection: Connection) -> ProtocolVersion | None:
    """Return the protocol that was adopted last; None before the first start."""
    row = connection.execute(_ADOPTED.order_by(t.event.c.seq.desc()).limit(1)).first()
    return _protocol(row) if row is not None else None


# Two may be adopted within one tick of a clock: the log knows which was the later.
_ADOPTED = select(t.protocol_version).join(
    t.event,
    (t.event.c.kind == ProtocolAdopted.event_kind)
    & (t.event.c.subject == t.protocol_version.c.version),
)


def _protocol(row: Row[tuple[object, ...]]) -> ProtocolVersion:
    return ProtocolVersion(row.version, row.sha256, row.body, row.adopted_at, row.reason)


def record_result(
    ledger: Ledger, *, result_id: str, engine: str, inputs: Json, results: Json
) -> None:
    """Store a recompute under the hash of its inputs, unless it is the newest already.

    One that was made before is recorded again where its inputs are again those in force.
    """
    if newest_result(ledger.connection) != result_id:
        ledger.record(
            ResultsComputed(result=result_id, engine=engine, inputs=inputs, results=results)
        )


def newest_result(connection: Connection) -> str | None:
    """Return the hash of the inputs of the newest recompute."""
    column = t.event.c
    query = select(column.subject).where(column.kind == ResultsComputed.event_kind)
    found: str | None = connection.execute(query.order_by(column.seq.desc()).limit(1)).scalar()
    return found


def find_result(connection: Connection, result_id: str) -> StoredResult | None:
    """Return the recompute with this input hash, if it was made.

    Raises Tampered where the log says another thing of it than its table (so does `find_results`).
    Two copies lie in the database, and a fault of the disk strikes one of them. `verify` holds the
    log against its chain, and every table against the log.
    """
    row = connection.execute(select(t.result).where(t.result.c.id == result_id)).first()
    if row is None:
        return None
    _check_as_logged(connection, result_id, row.data, row.inputs)
    return StoredResult(
        row.id, row.computed_at, row.engine, json.loads(row.inputs), json.loads(row.data)
    )


def find_results(connection: Connection, result_id: str) -> Json | None:
    """Return the results of a recompute alone: its inputs may be many."""
    data = connection.execute(select(t.result.c.data).where(t.result.c.id == result_id)).scalar()
    if data is None:
        return None
    _check_as_logged(connection, result_id, data)
    found: Json = json.loads(data)
    return found


def _check_as_logged(
    connection: Connection, result_id: str, data: str, inputs: str | None = None
) -> None:
    """Hold the texts of a result against the fact by which it was stored last."""
    column = t.event.c
    of_it = (column.kind == ResultsComputed.event_kind, column.subject == result_id)
    query = select(t.event).where(*of_it).order_by(column.seq.desc()).limit(1)
    row = connection.execute(query).first()
    ending = f'"result":"{result_id}","results":{data}}}'
    if inputs is not None:
        ending = f'"inputs":{inputs},{ending}'
    # A fact that an older program wrote in other signs is read; that takes its time.
    if row is None or not (
        row.payload.endswith(ending) or _says(stored_event(row).fact, data, inputs)
    ):
        raise Tampered(
            f"result {result_id}: found in its table other numbers than the log has, expected the"
            " same: `livingreview verify` names all that is damaged, and a backup brings it back"
        )


def _says(fact: Fact, data: str, inputs: str | None) -> bool:
    if not isinstance(fact, ResultsComputed) or canonical(fact.results) != data:
        return False
    return inputs is None or canonical(fact.inputs) == inputs


def draft_version(
    ledger: Ledger, *, number: str, kind: str, cause: str, result_id: str, ordinal: int
) -> None:
    """Draft a version; a draft that was not signed yet gives way to it."""
    ledger.record(
        VersionDrafted(
            number=number,
            version_kind=VersionKind(kind),
            cause=cause,
            result=result_id,
            ordinal=ordinal,
        )
    )


def put_up_again(ledger: Ledger, number: str, person_id: str, *, reason: str) -> None:
    """Make a rejected version a draft again; what was signed of it and its signals is to sign anew.

    The log keeps the rejection.
    """
    rejected = newest_rejected(ledger.connection)
    if rejected is None or rejected.number != number:
        raise NotAllowed(f"version {number} is not the newest, or was not rejected")
    ledger.record(VersionPutUpAgain(number=number, person=person_id, reason=reason))


def withdraw_draft(ledger: Ledger, number: str, reason: str) -> None:
    """Take a draft back that shows nothing any more which the published version does not."""
    ledger.record(DraftWithdrawn(number=number, reason=reason))


def publish_version(
    ledger: Ledger, number: str, *, published_at: str, manifest_sha256: str
) -> None:
    """Mark a version as published, with the hash of the manifest of its files."""
    ledger.record(
        VersionPublished(number=number, published_at=published_at, manifest_sha256=manifest_sha256)
    )


def versions(connection: Connection) -> tuple[Version, ...]:
    """Return every version, oldest first."""
    query = select(t.version).order_by(t.version.c.ordinal)
    return tuple(_version(row) for row in connection.execute(query))


def find_version(connection: Connection, number: str) -> Version:
    """Return one version or raise NotFound."""
    row = connection.execute(select(t.version).where(t.version.c.number == number)).first()
    if row is None:
        raise NotFound("version", number)
    return _version(row)


def last_published(connection: Connection) -> Version | None:
    """Return the version that is in force."""
    published = [each for each in versions(connection) if each.state is VersionState.PUBLISHED]
    return published[-1] if published else None


def publication(connection: Connection, number: str) -> int:
    """Return the event by which a version was published, 0 where none was."""
    column = t.event.c
    mine = (column.kind == VersionPublished.event_kind, column.subject == number)
    return connection.execute(select(func.max(column.seq)).where(*mine)).scalar() or 0


def open_draft(connection: Connection) -> Version | None:
    """Return the draft that waits for signatures, if there is one."""
    drafts = [each for each in versions(connection) if each.state is VersionState.DRAFT]
    return drafts[-1] if drafts else None


def newest_rejected(connection: Connection) -> Version | None:
    """Return the draft that was rejected, unless another version was made since."""
    newest = versions(connection)[-1:]
    return next((each for each in newest if each.state is VersionState.REJECTED), None)


def next_ordinal(connection: Connection) -> int:
    """Return the place of the next version in the order of all."""
    return (
        int(
            connection.execute(
                select(func.coalesce(func.max(t.version.c.ordinal), -1))
            ).scalar_one()
        )
        + 1
    )


def raise_signal(ledger: Ledger, signal: StoredSignal) -> None:
    """Store that a rule fired (once for each signal id)."""
    known = select(t.signal.c.id).where(t.signal.c.id == signal.id)
    if ledger.connection.execute(known).first() is None:
        ledger.record(
            SignalRaised(
                signal=signal.id,
                number=signal.version,
                rule=signal.rule,
                analysis=signal.analysis,
                text=signal.text,
                changes_conclusions=signal.changes_conclusions,
            )
        )


def signals(connection: Connection, version: str | None = None) -> tuple[StoredSignal, ...]:
    """Return the signals raised, of one version or of all."""
    query = select(t.signal).order_by(t.signal.c.id)
    if version is not None:
        query = query.where(t.signal.c.version == version)
    return tuple(
        StoredSignal(
            row.id, row.version, row.rule, row.analysis, row.text, bool(row.changes_conclusions)
        )
        for row in connection.execute(query)
    )


def propose_amendment(ledger: Ledger, amendment_id: str, *, text: str, cause: str) -> None:
    """Propose a change of the protocol (once for each id)."""
    known = select(t.amendment.c.id).where(t.amendment.c.id == amendment_id)
    if ledger.connection.execute(known).first() is None:
        ledger.record(AmendmentProposed(amendment=amendment_id, text=text, cause=cause))


def amendments(connection: Connection) -> tuple[StoredAmendment, ...]:
    """Return the proposed amendments, oldest first."""
    query = select(t.amendment).order_by(t.amendment.c.proposed_at, t.amendment.c.id)
    return tuple(_amendment(row) for row in connection.execute(query))


def find_amendment(connection: Connection, amendment_id: str) -> StoredAmendment | None:
    """Return one proposed amendment, if there is one of this id."""
    query = select(t.amendment).where(t.amendment.c.id == amendment_id)
    row = connection.execute(query).first()
    return _amendment(row) if row is not None else None


def _amendment(row: Row[tuple[object, ...]]) -> StoredAmendment:
    return StoredAmendment(row.id, row.text, row.cause, row.proposed_at, row.in_force_at)


def sign(
    ledger: Ledger,
    subject_id: str,
    person_id: str,
    *,
    verdict: str,
    reason: str | None,
    result: str | None = None,
) -> SignedKind:
    """Store a signature under a signal, a draft version or an amendment; return which it was.

    result: the results that were shown to the signer; a draft made anew since is not signed.
    Signing the same again changes nothing; a signature is never taken back, nor is a publication.
    """
    kind = _signable(ledger.connection, subject_id)
    if verdict not in set(SignatureVerdict):
        raise BadInput(f"a signature accepts or rejects; '{verdict}' is neither")
    if verdict == SignatureVerdict.REJECT and not reason:
        raise BadInput("a rejection gives its reason")
    before = {each.person: each for each in signatures(ledger.connection, kind, subject_id)}
    if person_id in before:
        if before[person_id].verdict == verdict:
            return kind
        raise NotAllowed(
            f"{person_id} has signed '{subject_id}' already: {before[person_id].verdict}"
        )
    _check_was_seen(ledger.connection, kind, subject_id, result)
    if kind is SignedKind.VERSION and verdict == SignatureVerdict.REJECT:
        _check_is_draft(ledger.connection, subject_id)
    ledger.record(
        Signed(
            subject=subject_id,
            subject_kind=kind,
            person=person_id,
            verdict=SignatureVerdict(verdict),
            reason=reason,
            result=result,
        )
    )
    if kind is SignedKind.VERSION and verdict == SignatureVerdict.REJECT:
        ledger.record(VersionRejected(number=subject_id))
    return kind


def signatures(
    connection: Connection, subject_kind: str, subject_id: str | None = None
) -> tuple[Signature, ...]:
    """Return signatures, oldest first."""
    column = t.signature.c
    query = select(t.signature).where(column.subject_kind == subject_kind).order_by(column.seq)
    if subject_id is not None:
        query = query.where(column.subject_id == subject_id)
    return tuple(
        Signature(
            SignedKind(row.subject_kind),
            row.subject_id,
            row.person_id,
            SignatureVerdict(row.verdict),
            row.reason,
            row.at,
        )
        for row in connection.execute(query)
    )


def accepted_by(signed: Sequence[Signature]) -> tuple[str, ...]:
    """Return who accepted."""
    return tuple(each.person for each in signed if each.verdict is SignatureVerdict.ACCEPT)


def still_missing(
    signed: Sequence[Signature], *, needed: int, leads: Collection[str]
) -> tuple[str, ...]:
    """Say in words which acceptances are missing; nothing, once it has taken effect.

    needed: of so many different people. leads: who they are of whom one is among these.
    """
    return _missing(accepted_by(signed), needed, leads)


def settled_as(
    signed: Sequence[Signature], *, needed: int, leads: Collection[str]
) -> SignatureVerdict | None:
    """Return what enough people said of a signal alike, one of them a lead; None: it is open."""
    alike: dict[SignatureVerdict, list[str]] = defaultdict(list)
    for each in signed:
        alike[each.verdict].append(each.person)
        if not _missing(alike[each.verdict], needed, leads):
            return each.verdict
    return None


def _missing(people: Sequence[str], needed: int, leads: Collection[str]) -> tuple[str, ...]:
    by_lead = any(person in leads for person in people)
    others = needed - len(people) - (not by_lead)
    lead = () if by_lead else ("the lead's signature",)
    if others < 1:
        return lead
    return (*lead, "one more signature" if others == 1 else f"{others} more signatures")


def _signable(connection: Connection, subject_id: str) -> SignedKind:
    if connection.execute(select(t.signal.c.id).where(t.signal.c.id == subject_id)).first():
        return SignedKind.SIGNAL
    if connection.execute(select(t.amendment.c.id).where(t.amendment.c.id == subject_id)).first():
        return SignedKind.AMENDMENT
    row = connection.execute(
        select(t.version.c.state, t.version.c.kind).where(t.version.c.number == subject_id)
    ).first()
    if row is None:
        raise NotFound("signal, draft version or amendment", subject_id)
    if row.kind == VersionKind.BASELINE and row.state == VersionState.DRAFT:
        raise NotAllowed(f"version {subject_id} is the review as it was begun: it is not signed")
    if row.state not in (VersionState.DRAFT, VersionState.PUBLISHED):
        raise NotAllowed(f"version {subject_id} is {row.state}: it cannot be signed")
    return SignedKind.VERSION


def _check_was_seen(
    connection: Connection, kind: SignedKind, subject_id: str, result: str | None
) -> None:
    if result is None or kind is SignedKind.AMENDMENT:
        return
    of_signals = {each.id: each.version for each in signals(connection)}
    number = subject_id if kind is SignedKind.VERSION else of_signals[subject_id]
    if find_version(connection, number).result != result:
        raise NotAllowed(
            f"version {number} was made anew since you opened it: look at what moved, then sign"
        )


def _check_is_draft(connection: Connection, number: str) -> None:
    if find_version(connection, number).state is VersionState.PUBLISHED:
        raise NotAllowed(
            f"version {number} is published: it stays, and what is wrong in it is put right by the"
            " next one"
        )


def _version(row: Row[tuple[object, ...]]) -> Version:
    return Version(
        row.number,
        VersionState(row.state),
        VersionKind(row.kind),
        row.cause,
        row.result_id,
        row.drafted_at,
        row.published_at,
        row.manifest_sha256,
        row.ordinal,
    )
