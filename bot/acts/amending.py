"""Amendments: a whole new protocol is proposed, and in force when two have signed, one the lead.

What is signed is the text that comes in force. Nothing is merged: an amendment of a protocol that
is in force no more is proposed again.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.said import ProposeAmendment
from bot.app import App
from bot.errors import FaultAt, FaultsOfAct, ProtocolFaults
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.review.drafted_amendment import as_signed, next_version, write_out
from bot.review.folder import read_review
from bot.review.protocol import ReviewProtocol
from bot.review.protocol_diff import changes_in_words, unified_diff
from bot.review.protocol_file import parse_protocol
from bot.review.read_out import Lacking, ReadOut, lacking, lacking_in_words
from bot.surveillance.adopted_strategies import adopt_if_strategy
from bot.surveillance.folder_protocol import NOT_TAKEN, FolderState, folder_protocol
from state import amendments, extractions, outbox, people, versions
from state.amendments import AmendmentState
from state.errors import BadInput, NotAllowed
from state.events import Ledger
from state.facts import ProtocolProposed
from state.facts.words import RoleId, SignedKind
from state.versions import ProtocolVersion

FOLDER = "protocol.toml"  # the cause of what the folder proposes
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
TOLD_OF_THE_FILE = (RoleId.LEAD, RoleId.OPERATOR)


@dataclass(frozen=True, slots=True)
class Proposing:
    """A whole new protocol to be proposed. said: what comes before its words."""

    text: str
    protocol: ReviewProtocol
    reason: str
    id: str
    cause: str
    said: tuple[str, ...] = ()


def read_proposal(app: App, act: ProposeAmendment) -> ReviewProtocol:
    """Read a proposed protocol with the folder it is for; raise FaultsOfAct naming every fault."""
    return _whole(app, act.body)


def propose(saying: Saying, act: ProposeAmendment, protocol: ReviewProtocol) -> str:
    """Propose a whole new protocol; return the amendment's id. The same again is its echo."""
    now = _in_force(saying.ledger.connection)
    reason = _reason(saying.ledger.connection, now, protocol, act.body)
    given = Proposing(act.body, protocol, reason, f"protocol-{protocol.version}", saying.person)
    return _propose(saying.app, saying.ledger, now, given)


def take_up_folder(app: App) -> None:
    """Propose the folder's protocol where it is a new version; once tell why it is not taken."""
    with app.database.reading() as connection:
        found = folder_protocol(app, connection)
        notice = messages.protocol_not_taken(found.said, found.token, page_address(app))
        told = outbox.written_at(connection, notice.key) is not None
    if found.state is FolderState.NEW and app.review.file_text is not None:
        _propose_folder(app, app.review.file_text)
    elif found.state in NOT_TAKEN and not told:
        with app.ledger() as ledger:
            to = outbox.recipients(ledger.connection, *TOLD_OF_THE_FILE)
            outbox.write(ledger, notice, to)


def _propose_folder(app: App, text: str) -> None:
    protocol = _whole(app, text)
    with app.ledger() as ledger:
        now = _in_force(ledger.connection)
        reason = _reason(ledger.connection, now, protocol, text)
        given = Proposing(text, protocol, reason, f"protocol-{protocol.version}", FOLDER)
        _propose(app, ledger, now, given)


def propose_read_out(app: App, ledger: Ledger, study: str) -> None:
    """Propose what an accepted study reports and the protocol in force lacks, ready to sign."""
    now = _in_force(ledger.connection)
    protocol = parse_protocol(now.body)
    found = _read_out(ledger.connection, study)
    missing = lacking(protocol, found)
    if not missing:
        return
    known = [each.version for each in versions.protocols(ledger.connection)]
    version = next_version(now.version, known)
    drafted = write_out(protocol, now.body, found, version=version, day=ledger.at[:10])
    if drafted is None:
        for each in missing:
            _ask(app, ledger, study, _named(each), lacking_in_words(found, each))
        return
    if _decided(ledger.connection, study, drafted.reason):
        return
    said = (*(lacking_in_words(found, each) for each in missing), *drafted.to_check)
    own = _named(missing[0])
    given = Proposing(drafted.text, drafted.protocol, drafted.reason, own, study, said)
    _propose(app, ledger, now, given)


def check_can_be_signed(connection: Connection, amendment: str, *, accepted: bool) -> None:
    """Raise NotAllowed where an amendment was settled, or overtaken by another."""
    stored = versions.find_amendment(connection, amendment)
    state = amendments.amendment_state(connection, stored) if stored is not None else None
    if state is AmendmentState.IN_FORCE:
        raise NotAllowed(f"amendment {amendment} is in force already")
    if state is AmendmentState.REJECTED:
        raise NotAllowed(f"amendment {amendment} was rejected: propose it again to ask anew")
    proposal = amendments.find_proposal(connection, amendment)
    if accepted and state is AmendmentState.OVERTAKEN and proposal is not None:
        raise NotAllowed(
            f"amendment {amendment} changes protocol version {proposal.based_on}, and version"
            f" {_in_force(connection).version} is in force since: propose it again on that"
            " version (livingreview amend FILE --as PERSON), and reject this one"
        )


def put_in_force(saying: Saying, amendment: str) -> None:
    """Put an amendment in force where enough people have accepted it, one of them the lead."""
    ledger, connection = saying.ledger, saying.ledger.connection
    if amendments.waits_for(connection, amendment):
        return
    signed = versions.signatures(connection, SignedKind.AMENDMENT, amendment)
    who = versions.accepted_by(signed)
    proposal = amendments.find_proposal(connection, amendment)
    if proposal is not None:
        names = [people.find_person(connection, each).name for each in who]
        body = as_signed(proposal.body, day=ledger.at[:10], names=names)
        _whole(saying.app, body)  # the folder may have lost what it names since
        versions.adopt_protocol(
            ledger,
            version=proposal.version,
            sha256=_hash(body),
            body=body,
            reason=proposal.reason,
        )
    adopt_if_strategy(ledger, amendment)
    amendments.put_in_force(ledger, amendment, who, proposal)
    if proposal is not None:
        _propose_overtaken(saying)


def _propose_overtaken(saying: Saying) -> None:
    """Write out anew, on the protocol now in force, what studies report and it still lacks."""
    connection = saying.ledger.connection
    known = {each.study.id for each in extractions.studies(connection)}
    causes = {
        each.cause: None
        for each in versions.amendments(connection)
        if each.cause in known
        and amendments.amendment_state(connection, each) is AmendmentState.OVERTAKEN
    }
    for study in causes:
        propose_read_out(saying.app, saying.ledger, study)


def _propose(app: App, ledger: Ledger, now: ProtocolVersion, given: Proposing) -> str:
    again = _open_echo(ledger.connection, now, given.text)
    if again is not None:
        return again
    own = _free(ledger.connection, given.id)
    words = changes_in_words(parse_protocol(now.body), given.protocol)
    first = given.said or (f"Protocol version {given.protocol.version}: {given.reason}.",)
    text = "\n".join((*first, *words))
    ledger.record(
        ProtocolProposed(
            amendment=own,
            protocol_version=given.protocol.version,
            sha256=_hash(given.text),
            body=given.text,
            reason=given.reason,
            based_on=now.version,
            based_on_sha256=now.sha256,
            words=(*given.said, *words),
            diff=unified_diff(now.body, given.text, now.version, given.protocol.version),
        )
    )
    versions.propose_amendment(ledger, own, text=text, cause=given.cause)
    _tell(app, ledger, own, text)
    return own


def _named(what: Lacking) -> str:
    """Name the amendment that adds something: it is typed, and stands in an address."""
    return _NO_NAME.sub("-", f"{what.kind}-{what.id}")


def _ask(app: App, ledger: Ledger, study: str, own: str, text: str) -> None:
    """Ask for what no table can be written out for, once."""
    said = f"{text}\nThe program cannot write it out: livingreview amend FILE proposes it."
    versions.propose_amendment(ledger, own, text=said, cause=study)
    _tell(app, ledger, own, said)


def _tell(app: App, ledger: Ledger, amendment: str, text: str) -> None:
    notice = messages.amendment_proposed(amendment, text, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *EVERYBODY))


def _whole(app: App, text: str) -> ReviewProtocol:
    """Read the folder under a protocol that is not in force, to see that everything fits it."""
    try:
        return read_review(app.config.review, text).protocol
    except ProtocolFaults as faults:
        named = [FaultAt((each.file, each.line), str(each)) for each in faults.faults]
        raise FaultsOfAct(named) from faults


def _reason(
    connection: Connection, now: ProtocolVersion, protocol: ReviewProtocol, text: str
) -> str:
    """Return why a protocol is proposed; raise BadInput where it cannot amend the one in force."""
    if text == now.body:
        raise BadInput(f"this is protocol version {now.version}, which is in force")
    own = parse_protocol(now.body).id
    if protocol.id != own:
        raise BadInput(f"review, id: found '{protocol.id}', expected '{own}', as ever")
    if protocol.version in {each.version for each in versions.protocols(connection)}:
        raise BadInput(
            f"review, version: found '{protocol.version}', which is or was in force; expected a new"
            " one, with an [[amendments]] entry"
        )
    entry = next((e for e in protocol.amendments if e.version == protocol.version), None)
    if entry is None:
        raise BadInput(
            f"amendments: found none of version '{protocol.version}', expected one with date,"
            " reason and who agreed"
        )
    return entry.reason


def _read_out(connection: Connection, study: str) -> ReadOut:
    read = extractions.agreement(connection, study)
    values = [each.entry.value for each in read.standing.values() if each.entry.value is not None]
    return ReadOut(
        study=extractions.find_study(connection, study).study,
        cells=tuple(value.cell for value in values),
        labels=read.labels,
        units={value.cell.outcome: value.unit for value in values if value.unit is not None},
    )


def _decided(connection: Connection, study: str, reason: str) -> bool:
    """Whether this read-out waits to be signed, or people have rejected it."""
    return any(
        each.cause == study
        and (proposal := amendments.find_proposal(connection, each.id)) is not None
        and proposal.reason == reason
        and amendments.amendment_state(connection, each)
        in (AmendmentState.OPEN, AmendmentState.REJECTED)
        for each in versions.amendments(connection)
    )


def _open_echo(connection: Connection, now: ProtocolVersion, text: str) -> str | None:
    """Return the open amendment that proposes this very text for the protocol in force."""
    stored = {each.id: each for each in versions.amendments(connection)}
    for each in amendments.proposals(connection):
        state = amendments.amendment_state(connection, stored[each.id])
        if (each.body, state) == (text, AmendmentState.OPEN):
            return each.id
    return None


def _free(connection: Connection, wanted: str) -> str:
    taken = {each.id for each in versions.amendments(connection)}
    numbers = range(2, len(taken) + 3)
    names = [wanted, *(f"{wanted}-{number}" for number in numbers)]
    return next(each for each in names if each not in taken)


def _in_force(connection: Connection) -> ProtocolVersion:
    found = versions.protocol_in_force(connection)
    if found is None:
        raise NotAllowed("no protocol is in force yet: start the program once")
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
