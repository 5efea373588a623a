"""Facts of results, versions, signals, amendments, signatures and notices."""

from __future__ import annotations

from state.codec import Json
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.facts.words import SignatureVerdict, SignedKind, VersionKind


class ResultsComputed(Fact, kind="results_computed", about="result", version=2):
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


class Signed(Fact, kind="signed", about="subject"):
    """Somebody accepted or rejected a signal, a draft version or an amendment."""

    subject: str
    subject_kind: SignedKind
    person: str
    verdict: SignatureVerdict
    reason: str | None

    def sentence(self) -> str:
        said = "accepted" if self.verdict is SignatureVerdict.ACCEPT else "rejected"
        why = f": {self.reason}" if self.reason else ""
        return f"{said} the {self.subject_kind} {self.subject}{why}"


class NoticeWritten(Fact, kind="notice_written", about="notice"):
    """Something is to be told. recipients: who is told, and the Message-ID of their message."""

    notice: str
    notice_kind: str
    subject: str
    body: str
    recipients: dict[str, str]

    def sentence(self) -> str:
        return f"caused a message to {', '.join(self.recipients) or 'nobody'}: {self.subject}"


class NoticeDelivered(Fact, kind="notice_delivered", about="notice"):
    """A message reached one recipient's way out."""

    notice: str
    recipient: str
    channel: str

    def sentence(self) -> str:
        return f"delivered the notice {self.notice} to {self.recipient} ({self.channel})"
