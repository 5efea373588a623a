"""From facts to the tables of results, versions, signals, amendments, signatures and notices."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from state import tables as t
from state.codec import canonical
from state.facts import (
    AmendmentInForce,
    AmendmentProposed,
    DraftWithdrawn,
    LogRestored,
    NoticeAddressed,
    NoticeDelivered,
    NoticeWritten,
    ProtocolProposed,
    ResultsComputed,
    SignalRaised,
    Signed,
    Stored,
    VersionDrafted,
    VersionPublished,
    VersionPutUpAgain,
    VersionRejected,
)
from state.facts.words import SignedKind, VersionState
from state.projections.rows import add, projects, taken


@projects(ResultsComputed)
def _results_computed(connection: Connection, event: Stored[ResultsComputed]) -> None:
    same = t.result.c.id == event.fact.result
    connection.execute(delete(t.result).where(same))  # its inputs are in force again
    add(
        connection,
        t.result,
        id=event.fact.result,
        computed_at=event.at,
        engine=event.fact.engine,
        inputs=canonical(event.fact.inputs),
        data=canonical(event.fact.results),
    )


@projects(VersionDrafted)
def _version_drafted(connection: Connection, event: Stored[VersionDrafted]) -> None:
    fact = event.fact
    drafts = t.version.c.state == VersionState.DRAFT
    connection.execute(update(t.version).where(drafts).values(state=VersionState.SUPERSEDED))
    _clear_signatures(connection, fact.number)
    connection.execute(delete(t.signal).where(t.signal.c.version == fact.number))
    connection.execute(delete(t.version).where(t.version.c.number == fact.number))
    add(
        connection,
        t.version,
        number=fact.number,
        state=VersionState.DRAFT,
        kind=fact.version_kind,
        cause=fact.cause,
        result_id=fact.result,
        drafted_at=event.at,
        published_at=None,
        manifest_sha256=None,
        ordinal=fact.ordinal,
    )


def _clear_signatures(connection: Connection, number: str) -> None:
    """Clear what was signed of an earlier draft of this number and of its signals.

    The log keeps it all.
    """
    raised = select(t.signal.c.id).where(t.signal.c.version == number)
    of_signals = t.signature.c.subject_kind == SignedKind.SIGNAL
    of_version = t.signature.c.subject_kind == SignedKind.VERSION
    connection.execute(delete(t.signature).where(of_signals, t.signature.c.subject_id.in_(raised)))
    connection.execute(delete(t.signature).where(of_version, t.signature.c.subject_id == number))


@projects(DraftWithdrawn)
def _draft_withdrawn(connection: Connection, event: Stored[DraftWithdrawn]) -> None:
    connection.execute(
        update(t.version)
        .where(t.version.c.number == event.fact.number)
        .values(state=VersionState.SUPERSEDED)
    )


@projects(VersionPublished)
def _version_published(connection: Connection, event: Stored[VersionPublished]) -> None:
    connection.execute(
        update(t.version)
        .where(t.version.c.number == event.fact.number)
        .values(
            state=VersionState.PUBLISHED,
            **taken(event.fact, "published_at", "manifest_sha256"),
        )
    )


@projects(VersionRejected)
def _version_rejected(connection: Connection, event: Stored[VersionRejected]) -> None:
    connection.execute(
        update(t.version)
        .where(t.version.c.number == event.fact.number)
        .values(state=VersionState.REJECTED)
    )


@projects(VersionPutUpAgain)
def _version_put_up_again(connection: Connection, event: Stored[VersionPutUpAgain]) -> None:
    _clear_signatures(connection, event.fact.number)
    connection.execute(
        update(t.version)
        .where(t.version.c.number == event.fact.number)
        .values(state=VersionState.DRAFT)
    )


@projects(SignalRaised)
def _signal_raised(connection: Connection, event: Stored[SignalRaised]) -> None:
    add(
        connection,
        t.signal,
        id=event.fact.signal,
        version=event.fact.number,
        changes_conclusions=int(event.fact.changes_conclusions),
        **taken(event.fact, "rule", "analysis", "text"),
    )


@projects(AmendmentProposed)
def _amendment_proposed(connection: Connection, event: Stored[AmendmentProposed]) -> None:
    add(
        connection,
        t.amendment,
        id=event.fact.amendment,
        proposed_at=event.at,
        in_force_at=None,
        **taken(event.fact, "text", "cause"),
    )


@projects(AmendmentInForce)
def _amendment_in_force(connection: Connection, event: Stored[AmendmentInForce]) -> None:
    mine = t.amendment.c.id == event.fact.amendment
    connection.execute(update(t.amendment).where(mine).values(in_force_at=event.at))


@projects(ProtocolProposed)
def _protocol_proposed(connection: Connection, event: Stored[ProtocolProposed]) -> None:
    fact = event.fact
    add(
        connection,
        t.protocol_proposal,
        id=fact.amendment,
        version=fact.protocol_version,
        words=canonical(fact.words),
        proposed_at=event.at,
        **taken(fact, "sha256", "body", "reason", "based_on", "based_on_sha256", "diff"),
    )


@projects(Signed)
def _signed(connection: Connection, event: Stored[Signed]) -> None:
    add(
        connection,
        t.signature,
        seq=event.seq,
        subject_id=event.fact.subject,
        person_id=event.fact.person,
        at=event.at,
        **taken(event.fact, "subject_kind", "verdict", "reason"),
    )


@projects(NoticeWritten)
def _notice_written(connection: Connection, event: Stored[NoticeWritten]) -> None:
    fact = event.fact
    add(
        connection,
        t.notice,
        key=fact.notice,
        kind=fact.notice_kind,
        written_at=event.at,
        **taken(fact, "subject", "body"),
    )
    for recipient, message_id in fact.recipients.items():
        _to(connection, fact.notice, recipient, message_id)


@projects(NoticeAddressed)
def _notice_addressed(connection: Connection, event: Stored[NoticeAddressed]) -> None:
    fact = event.fact
    _to(connection, fact.notice, fact.recipient, fact.message_id)


def _to(connection: Connection, notice: str, recipient: str, message_id: str) -> None:
    add(
        connection,
        t.delivery,
        notice_key=notice,
        recipient=recipient,
        message_id=message_id,
        delivered_at=None,
        channel=None,
    )


@projects(NoticeDelivered)
def _notice_delivered(connection: Connection, event: Stored[NoticeDelivered]) -> None:
    fact = event.fact
    mine = (t.delivery.c.notice_key == fact.notice, t.delivery.c.recipient == fact.recipient)
    connection.execute(
        update(t.delivery).where(*mine).values(delivered_at=event.at, channel=fact.channel)
    )


@projects(LogRestored)
def _log_restored(_connection: Connection, _event: Stored[LogRestored]) -> None:
    """Nothing: what was put back stands in the log, and what is lost in no table."""
