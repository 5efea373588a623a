"""Signatures under what the machine proposes, and the word to publish."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.amending import check_can_be_signed, put_in_force
from bot.acts.said import RequestPublication, Sign, SignatureGiven
from bot.notify import messages
from bot.notify.messages import EVERYBODY, Why
from bot.notify.page_address import page_address
from bot.report.drafts import enqueue_publication
from bot.results.format import listed
from bot.synthesis.awaited import (
    is_signed,
    missing_of_signal,
    missing_of_version,
    open_signals,
)
from bot.synthesis.inputs_in_force import hash_of_now
from state import amendments, outbox, people, versions
from state.errors import BadInput, NotAllowed
from state.facts.words import SignatureVerdict, SignedKind, VersionState
from state.values import Notice


def sign(saying: Saying, act: Sign) -> SignatureGiven:
    """Store a signature; the last one that a draft waits for has it published."""
    if act.verdict is SignatureVerdict.ACCEPT:
        if _is_rejected(saying, act.subject):
            return _put_up_again(saying, act)
        _check_signals_first(saying, act.subject)
    first = _signs_an_amendment_first(saying, act)
    kind = versions.sign(
        saying.ledger,
        act.subject,
        saying.person,
        verdict=act.verdict.value,
        reason=act.reason,
        result=act.result,
    )
    if kind is SignedKind.AMENDMENT:
        return _after_an_amendment(saying, act, first=first)
    if kind is SignedKind.SIGNAL:
        return _after_a_signal(saying, act)
    return _after_a_version(saying, act)


def _signs_an_amendment_first(saying: Saying, act: Sign) -> bool:
    """Whether a person signs an amendment, and not again: the same again is an echo."""
    connection = saying.ledger.connection
    if versions.find_amendment(connection, act.subject) is None:
        return False
    signed = versions.signatures(connection, SignedKind.AMENDMENT, act.subject)
    if saying.person in {each.person for each in signed}:
        return False
    accepted = act.verdict is SignatureVerdict.ACCEPT
    check_can_be_signed(connection, act.subject, accepted=accepted)
    return True


def _after_an_amendment(saying: Saying, act: Sign, *, first: bool) -> SignatureGiven:
    """Put an amendment in force that enough people have accepted."""
    connection = saying.ledger.connection
    if first and act.verdict is SignatureVerdict.ACCEPT:
        put_in_force(saying, act.subject)
    return SignatureGiven(SignedKind.AMENDMENT, amendments.waiting(connection, act.subject))


def request_publication(saying: Saying, act: RequestPublication) -> str:
    """Make the publication due; return the version's number."""
    connection = saying.ledger.connection
    draft = versions.open_draft(connection)
    named = act.number or (draft.number if draft is not None else None)
    if named is None:
        raise BadInput("there is no draft version to publish")
    state = versions.find_version(connection, named).state
    if state is VersionState.PUBLISHED:
        return named
    if state is not VersionState.DRAFT:
        raise NotAllowed(f"version {named} is {state}: it is not published")
    if waits_for := missing_of_version(saying.app, connection, named):
        raise NotAllowed(
            f"version {named} is not signed yet, it waits for {listed(waits_for)}:"
            f" livingreview sign {named} --as …"
        )
    enqueue_publication(saying.ledger, named)
    return named


def _after_a_signal(saying: Saying, act: Sign) -> SignatureGiven:
    connection = saying.ledger.connection
    draft = versions.open_draft(connection)
    if draft is not None and is_signed(saying.app, connection, draft.number):
        enqueue_publication(saying.ledger, draft.number)
    waits_for = missing_of_signal(saying.app, connection, act.subject)
    return SignatureGiven(SignedKind.SIGNAL, waits_for)


def _after_a_version(saying: Saying, act: Sign) -> SignatureGiven:
    connection = saying.ledger.connection
    version = versions.find_version(connection, act.subject)
    if version.state is VersionState.REJECTED:
        _tell(saying, messages.rejected(version.number, _why(saying, act)))
    if version.state is not VersionState.DRAFT:
        return SignatureGiven(SignedKind.VERSION)
    waits_for = missing_of_version(saying.app, connection, act.subject)
    if not waits_for:
        enqueue_publication(saying.ledger, act.subject)
    return SignatureGiven(SignedKind.VERSION, waits_for)


def _check_signals_first(saying: Saying, subject: str) -> None:
    connection = saying.ledger.connection
    draft = versions.open_draft(connection)
    if draft is None or subject != draft.number:
        return
    waiting = [each.id for each in open_signals(saying.app, connection, subject)]
    if waiting:
        raise NotAllowed(
            f"version {subject} is signed after its signals, and of these"
            f" {listed(tuple(waiting))} {'waits' if len(waiting) == 1 else 'wait'}:"
            f" livingreview sign {waiting[0]} --as …"
        )


def _is_rejected(saying: Saying, subject: str) -> bool:
    rejected = versions.newest_rejected(saying.ledger.connection)
    return rejected is not None and rejected.number == subject


def _put_up_again(saying: Saying, act: Sign) -> SignatureGiven:
    """Let a lead put up again, with a reason, what was rejected; everybody signs anew."""
    reason = _reason_to_put_up(saying, act)
    versions.put_up_again(saying.ledger, act.subject, saying.person, reason=reason)
    _tell(saying, messages.drafted_again(act.subject, _why(saying, act)))
    waits_for = missing_of_version(saying.app, saying.ledger.connection, act.subject)
    return SignatureGiven(SignedKind.VERSION, waits_for)


def _reason_to_put_up(saying: Saying, act: Sign) -> str:
    """Return why a rejected draft is put up again; refuse where it is not to be."""
    connection = saying.ledger.connection
    rejected = versions.find_version(connection, act.subject)
    by = [
        f"{people.find_person(connection, each.person).name}: {each.reason}"
        for each in versions.signatures(connection, SignedKind.VERSION, rejected.number)
        if each.verdict is SignatureVerdict.REJECT
    ]
    was = f"version {rejected.number} was rejected ({'; '.join(by)})"
    if saying.person not in people.leads(connection):
        raise NotAllowed(f"{was}: a lead may put it up again, with a reason")
    if not act.reason:
        raise BadInput(f"{was}: to put it up again, say why (--reason)")
    if hash_of_now(saying.app, connection) != rejected.result:
        raise NotAllowed(f"{was}, and its result is not of now: the next draft takes its place")
    return act.reason


def _why(saying: Saying, act: Sign) -> Why:
    """Return who says why, and when: for those who are told of it."""
    who = people.find_person(saying.ledger.connection, saying.person)
    return Why(who.name, act.reason or "", saying.ledger.at, page_address(saying.app))


def _tell(saying: Saying, notice: Notice) -> None:
    outbox.write(saying.ledger, notice, outbox.recipients(saying.ledger.connection, *EVERYBODY))
