"""Facts of results, versions, signals, amendments, signatures and notices."""

from __future__ import annotations

from state.codec import Json
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.facts.words import NoticeKind, SignatureVerdict, SignedKind, VersionKind


class ResultsComputed(Fact, kind="results_computed", about="result", version=3):
    """A recompute. result: the hash of its inputs; results: the numbers."""

    result: str
    engine: str
    inputs: Json
    results: Json

    def sentence(self) -> str:
        return f"computed the results {self.result[:12]} with {self.engine}"


@upcast(ResultsComputed, since=1)
def _nothing_was_kept_apart(old: Json) -> Json:
    """Version 2 may name studies kept apart and values refused; without them it reads as before."""
    return old


@upcast(ResultsComputed, since=2)
def _was_pooled_in_one_way(old: Json) -> Json:
    """Version 3 may say how it was pooled, by which groups; without it, it reads as before."""
    return old


class VersionDrafted(Fact, kind="version_drafted", about="number"):
    """A version was drafted; an earlier draft gives way to it."""

    number: str
    version_kind: VersionKind
    cause: str
    result: str
    ordinal: int

    def sentence(self) -> str:
        return f"drafted version {self.number} ({self.version_kind}): {self.cause}"


class DraftWithdrawn(Fact, kind="draft_withdrawn", about="number"):
    """A draft was taken back by the program: nothing of it is news any more."""

    number: str
    reason: str

    def sentence(self) -> str:
        return f"withdrew the draft {self.number}: {self.reason}"


class VersionPublished(Fact, kind="version_published", about="number"):
    """A version was published, under the hash of the manifest of its files."""

    number: str
    published_at: str
    manifest_sha256: str

    def sentence(self) -> str:
        return f"published version {self.number}"


class VersionRejected(Fact, kind="version_rejected", about="number"):
    """A draft was rejected."""

    number: str

    def sentence(self) -> str:
        return f"rejected version {self.number}"


class VersionPutUpAgain(Fact, kind="version_put_up_again", about="number"):
    """A rejected draft is a draft again: it and its signals are to be signed anew."""

    number: str
    person: str
    reason: str

    def sentence(self) -> str:
        return f"put up the rejected version {self.number} again: {self.reason}"


class SignalRaised(Fact, kind="signal_raised", about="signal"):
    """A rule fired between two versions. number: the later one's."""

    signal: str
    number: str
    rule: str
    analysis: str
    text: str
    changes_conclusions: bool

    def sentence(self) -> str:
        return f"raised the signal {self.signal}: {self.text}"


class AmendmentProposed(Fact, kind="amendment_proposed", about="amendment"):
    """A change of the protocol was proposed."""

    amendment: str
    text: str
    cause: str

    def sentence(self) -> str:
        return f"proposed the amendment {self.amendment}: {self.text}"


class ProtocolProposed(Fact, kind="protocol_proposed", about="amendment"):
    """An amendment's whole new protocol, in the place of version `based_on`; words, diff: how."""

    amendment: str
    protocol_version: str
    sha256: str
    body: str
    reason: str
    based_on: str
    based_on_sha256: str
    words: tuple[str, ...]
    diff: str

    def sentence(self) -> str:
        return (
            f"wrote the amendment {self.amendment} out as protocol version"
            f" {self.protocol_version}, in the place of {self.based_on}: {'; '.join(self.words)}"
        )


class AmendmentInForce(Fact, kind="amendment_in_force", about="amendment"):
    """Enough people accepted an amendment. signed_by: who; protocol_version: None where what it
    changed is no text of the protocol (a strategy)."""

    amendment: str
    signed_by: tuple[str, ...]
    protocol_version: str | None

    def sentence(self) -> str:
        version = f" as protocol version {self.protocol_version}" if self.protocol_version else ""
        return f"put the amendment {self.amendment} in force{version}: {', '.join(self.signed_by)}"


class Signed(Fact, kind="signed", about="subject", version=2):
    """Somebody accepted or rejected a signal, a draft version or an amendment.

    result: the results that the page showed them; None where they signed by command.
    """

    subject: str
    subject_kind: SignedKind
    person: str
    verdict: SignatureVerdict
    reason: str | None
    result: str | None

    def sentence(self) -> str:
        said = "accepted" if self.verdict is SignatureVerdict.ACCEPT else "rejected"
        why = f": {self.reason}" if self.reason else ""
        return f"{said} the {self.subject_kind} {self.subject}{why}"


@upcast(Signed, since=1)
def _signed_2(fact: Json) -> Json:
    """Version 1 did not say what the signer had seen."""
    return {**fact, "result": None}


class NoticeWritten(Fact, kind="notice_written", about="notice", version=2):
    """Something is to be told. recipients: who is told, and the Message-ID of their message."""

    notice: str
    notice_kind: NoticeKind
    subject: str
    body: str
    recipients: dict[str, str]

    def sentence(self) -> str:
        return f"caused a message to {', '.join(self.recipients) or 'nobody'}: {self.subject}"


@upcast(NoticeWritten, since=1)
def _kinds_were_any_words(old: Json) -> Json:
    """Version 2 knows the kinds of notices; those that were ever written are among them."""
    return old


class NoticeAddressed(Fact, kind="notice_addressed", about="notice"):
    """A notice is told in one more place, which many read."""

    notice: str
    recipient: str
    message_id: str

    def sentence(self) -> str:
        return f"caused the notice {self.notice} to be told in {self.recipient} as well"


class NoticeDelivered(Fact, kind="notice_delivered", about="notice"):
    """A message reached one recipient's way out."""

    notice: str
    recipient: str
    channel: str

    def sentence(self) -> str:
        return f"delivered the notice {self.notice} to {self.recipient} ({self.channel})"


class LogRestored(Fact, kind="log_restored", about="head"):
    """A log was put back from an open export. lost: the numbers of the events sealed in it."""

    head: str
    events: int
    lost: tuple[int, ...]

    def sentence(self) -> str:
        back = f"put the log of {self.events} events back from an open export"
        if not self.lost:
            return back
        which = ", ".join(map(str, self.lost))
        return f"{back}; sealed in it, and lost: {which}. Who said them says them again"
