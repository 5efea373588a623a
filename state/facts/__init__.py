"""Facts: one frozen type per kind of event, its version, its upcasters, the registry.

To add a kind of fact: a class in the module of its room here, a projector for it in
`state.projections`, and `python -m tests.state.schemas`, which writes its JSON Schema into
docs/data-model.md and into the snapshot that the tests hold.
To change one: raise its version, write an upcaster, run the same command. Tests say what is left.
"""

from __future__ import annotations

from state.facts.extraction import (
    PlaceChosen,
    StudyAdded,
    StudyDescribed,
    StudyMoved,
    ValueAdjudicated,
    ValuesSubmitted,
)
from state.facts.fact import TYPES, Fact, Stored
from state.facts.hands import LinkProposed, MergeProposed, MoveProposed, ProposalEnded
from state.facts.people import (
    BaselineLoaded,
    KnownStudy,
    PersonAdded,
    PersonChanged,
    PersonRetired,
    ProtocolAdopted,
)
from state.facts.publication import (
    AmendmentInForce,
    AmendmentProposed,
    LogRestored,
    NoticeAddressed,
    NoticeDelivered,
    NoticeWritten,
    ProtocolProposed,
    ResultsComputed,
    SignalRaised,
    Signed,
    VersionDrafted,
    VersionPublished,
    VersionPutUpAgain,
    VersionRejected,
)
from state.facts.reading import check_readable, missing_upcasters, normal, read_fact, upcast
from state.facts.screening import (
    CandidateClosed,
    CandidateReopened,
    LinkSettled,
    RulingGiven,
    VerdictGiven,
    VerdictWithdrawn,
)
from state.facts.surveillance import (
    CertificateSigned,
    CorrectionSeen,
    ItemConfirmed,
    KnownItemMissing,
    LikenessFound,
    LikenessSettled,
    QueueEntry,
    RecordChanged,
    RecordFound,
    SearchFinished,
    SearchRun,
    SearchWithdrawn,
    StrategyAdopted,
    StrategyProposed,
    TaskRaised,
    TaskSettled,
)

__all__ = [
    "TYPES",
    "AmendmentInForce",
    "AmendmentProposed",
    "BaselineLoaded",
    "CandidateClosed",
    "CandidateReopened",
    "CertificateSigned",
    "CorrectionSeen",
    "Fact",
    "ItemConfirmed",
    "KnownItemMissing",
    "KnownStudy",
    "LikenessFound",
    "LikenessSettled",
    "LinkProposed",
    "LinkSettled",
    "MergeProposed",
    "MoveProposed",
    "LogRestored",
    "NoticeDelivered",
    "NoticeAddressed",
    "NoticeWritten",
    "PersonAdded",
    "PersonChanged",
    "PersonRetired",
    "ProposalEnded",
    "PlaceChosen",
    "ProtocolAdopted",
    "ProtocolProposed",
    "QueueEntry",
    "RecordChanged",
    "RecordFound",
    "ResultsComputed",
    "RulingGiven",
    "SearchFinished",
    "SearchRun",
    "SearchWithdrawn",
    "SignalRaised",
    "Signed",
    "Stored",
    "StrategyAdopted",
    "StrategyProposed",
    "StudyAdded",
    "StudyDescribed",
    "StudyMoved",
    "TaskRaised",
    "TaskSettled",
    "ValueAdjudicated",
    "ValuesSubmitted",
    "VerdictGiven",
    "VerdictWithdrawn",
    "VersionDrafted",
    "VersionPublished",
    "VersionPutUpAgain",
    "VersionRejected",
    "check_readable",
    "missing_upcasters",
    "normal",
    "read_fact",
    "upcast",
]
