"""How protocol.toml of the folder stands to the protocol in force: what it says is not yet so.

The log says which protocol is in force; the file proposes. What cannot be proposed is said in
words, and the program goes on with the one in force.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from bot.app import App
from bot.errors import ProtocolFaults
from bot.review.folder import read_review
from bot.review.protocol import ReviewProtocol
from bot.review.protocol_file import FILE as PROTOCOL
from state import amendments, versions
from state.amendments import AmendmentState, StoredProposal
from state.versions import ProtocolVersion


class FolderState(StrEnum):
    """What the folder's protocol.toml is, beside the protocol in force."""

    SAME = "in force"
    BEHIND = "behind"
    UNREADABLE = "cannot be read"
    SAME_VERSION = "changed without a new version"
    UNEXPLAINED = "a new version without a reason"
    NEW = "a new version"
    PROPOSED = "proposed"
    REJECTED = "rejected"


# What the program cannot propose by itself: a person must mend the file.
NOT_TAKEN = frozenset({FolderState.UNREADABLE, FolderState.SAME_VERSION, FolderState.UNEXPLAINED})


@dataclass(frozen=True, slots=True)
class FolderProtocol:
    """The folder's protocol.toml. said: what is wrong with it, or what it waits for; "" where it is
    the one in force. token: names its content."""

    state: FolderState
    said: str
    token: str = ""


def folder_protocol(app: App, connection: Connection) -> FolderProtocol:
    """Look at the folder's protocol.toml as it was at the start of this program."""
    now, text = versions.protocol_in_force(connection), app.review.file_text
    if now is None or (text is None and app.review.unreadable is None):
        return FolderProtocol(FolderState.SAME, "")
    state, said = _looked_at(app, connection, now, text)
    token = hashlib.sha256((text or app.review.unreadable or "").encode()).hexdigest()[:12]
    if state is not FolderState.BEHIND:
        said = f"{said}; protocol version {now.version} stays in force"
    return FolderProtocol(state, f"protocol.toml of the review folder {said}", token)


def _looked_at(
    app: App, connection: Connection, now: ProtocolVersion, text: str | None
) -> tuple[FolderState, str]:
    if text is None:
        return FolderState.UNREADABLE, f"cannot be read: {app.review.unreadable}"
    if _was_in_force(connection, text):
        return FolderState.BEHIND, f"is behind: {_copy(app, connection, now)}"
    try:
        found = read_review(app.config.review, text).protocol
    except ProtocolFaults as faults:
        more = len(faults.faults) - 1
        rest = f" (and {more} more)" if more else ""
        return FolderState.UNREADABLE, f"is not taken: {faults.faults[0]}{rest}"
    return _as_amendment(connection, now, found, text)


def _as_amendment(
    connection: Connection, now: ProtocolVersion, found: ReviewProtocol, text: str
) -> tuple[FolderState, str]:
    if found.version in {each.version for each in versions.protocols(connection)}:
        return FolderState.SAME_VERSION, (
            f"was changed but its version is still '{found.version}': a change is an amendment;"
            " give it a new version and an [[amendments]] entry with date, reason and who agreed"
        )
    if found.version not in {each.version for each in found.amendments}:
        return FolderState.UNEXPLAINED, (
            f"has the new version '{found.version}' and no [[amendments]] entry that gives it"
            " date, reason and who agreed"
        )
    proposal, state = _proposed(connection, text, now)
    if proposal is None:
        return FolderState.NEW, (
            f"has the new version '{found.version}', which is not proposed yet"
            " (livingreview amend --from-folder --as PERSON)"
        )
    if state is AmendmentState.REJECTED:
        return FolderState.REJECTED, f"was rejected as amendment {proposal.id}"
    return FolderState.PROPOSED, f"is proposed as amendment {proposal.id}, which two people sign"


def _proposed(
    connection: Connection, text: str, now: ProtocolVersion
) -> tuple[StoredProposal | None, AmendmentState | None]:
    """Return the newest proposal of this very text for the protocol in force."""
    states = {each.id: each for each in versions.amendments(connection)}
    for each in reversed(amendments.proposals(connection)):
        if each.body == text and each.based_on_sha256 == now.sha256:
            return each, amendments.amendment_state(connection, states[each.id])
    return None, None


def _was_in_force(connection: Connection, text: str) -> bool:
    """Whether this text is an older protocol's, or what became one when it was signed."""
    *older, _ = versions.protocols(connection)
    if any(each.body == text for each in older):
        return True
    adopted = {each.id for each in versions.amendments(connection) if each.in_force_at is not None}
    return any(p.body == text and p.id in adopted for p in amendments.proposals(connection))


def _copy(app: App, connection: Connection, now: ProtocolVersion) -> str:
    """Say how the folder catches up."""
    adopted = {each.id for each in versions.amendments(connection) if each.in_force_at is not None}
    for each in amendments.proposals(connection):
        if each.version == now.version and each.id in adopted:
            file = app.amendment(each.id) / PROTOCOL
            return f"in force is version {now.version}; copy {file} over it"
    return f"in force is version {now.version}, whose text is in the log"
