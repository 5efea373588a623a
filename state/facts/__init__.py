"""Facts: one frozen type per kind of event, its version, its upcasters, the registry.

To add a kind of fact: a class in the module of its room here, a projector for it in
`state.projections`, and `python -m tests.state.schemas`, which writes its JSON Schema into
docs/data-model.md and into the snapshot that the tests hold.
To change one: raise its version, write an upcaster, run the same command. Tests say what is left.
"""

from __future__ import annotations

from state.facts.extraction import (
    StudyAdded,
    StudyDescribed,
    StudyMoved,
    ValueAdjudicated,
    ValuesSubmitted,
)
from state.facts.fact import TYPES, Fact, Stored
from state.facts.people import (
    BaselineFilesTaken,
    BaselineLoaded,
    KnownStudy,
    PersonAdded,
    PersonChanged,
    PersonRetired,
    ProtocolAdopted,
)
from state.facts.publication import (
    AmendmentProposed,
    DraftWithdrawn,
    NoticeDelivered,
    NoticeWritten,
    ResultsComputed,
    SignalRaised,
    Signed,
    VersionDrafted,
    VersionPublished,
    VersionRejected,
)
from state.facts.reading import check_readable, missing_upcasters, normal, read_fact, upcast
from state.facts.screening import CandidateClosed, LinkSettled, RulingGiven, VerdictGiven
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
    StrategyAdopted,
    StrategyProposed,
    TaskRaised,
    TaskSettled,
)

__all__ = [
    "TYPES",
    "AmendmentProposed",
    "BaselineFilesTaken",
    "BaselineLoaded",
    "CandidateClosed",
    "CertificateSigned",
    "CorrectionSeen",
    "DraftWithdrawn",
    "Fact",
    "ItemConfirmed",
    "KnownItemMissing",
    "KnownStudy",
    "LikenessFound",
    "LikenessSettled",
    "LinkSettled",
    "NoticeDelivered",
    "NoticeWritten",
    "PersonAdded",
    "PersonChanged",
    "PersonRetired",
    "ProtocolAdopted",
    "QueueEntry",
    "RecordChanged",
    "RecordFound",
    "ResultsComputed",
    "RulingGiven",
    "SearchFinished",
    "SearchRun",
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
    "VersionDrafted",
    "VersionPublished",
    "VersionRejected",
    "check_readable",
    "missing_upcasters",
    "normal",
    "read_fact",
    "upcast",
]
