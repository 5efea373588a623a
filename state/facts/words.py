"""The closed sets of words that facts use; those of screening are in `state.screening`."""

from __future__ import annotations

from enum import StrEnum


class CandidateKind(StrEnum):
    """Why a candidate waits."""

    NEW = "new"
    SECOND_REPORT = "second_report"  # proposed as a report of a known study


class CandidateOutcome(StrEnum):
    """Why nothing more is to be decided about a candidate."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    REPORT_OF = "report_of"
    DUPLICATE = "duplicate"
    IMPORT_WITHDRAWN = "import_withdrawn"  # who gave the file took it back before anybody judged


class ProposalKind(StrEnum):
    """What two people have to say before it is so."""

    MOVE = "move"  # of a study from one place to another
    MERGE = "merge"  # of two records into one
    LINK = "link"  # of a candidate to a known study, as its report


class ProposalEnding(StrEnum):
    """What became of a proposal."""

    CONFIRMED = "confirmed"  # by a second person: it is in force
    REJECTED = "rejected"  # by somebody else
    WITHDRAWN = "withdrawn"  # by who made it
    LAPSED = "lapsed"  # who made it may no longer say so, or it was overtaken


class LinkVerdict(StrEnum):
    """What a person says of a proposed link to a known study."""

    CONFIRM = "confirm-link"
    REFUSE = "refuse-link"


class RulingKind(StrEnum):
    """Who answers a conflict: one of the two who agrees, or a third person."""

    AGREEMENT = "agreement"
    ADJUDICATION = "adjudication"


class LikenessAnswer(StrEnum):
    """What the program says of a pair of records."""

    SAME = "same"
    MAYBE = "maybe"


class PairVerdict(StrEnum):
    """What a person says of a pair of records."""

    SAME = "same"
    DIFFERENT = "different"


class HowAccepted(StrEnum):
    """How a value came to count."""

    BASELINE = "baseline"
    DOUBLE_EXTRACTION = "double extraction"
    ADJUDICATED = "adjudicated"


class RunStatus(StrEnum):
    """How a search ended."""

    OK = "ok"
    FAILED = "failed"


class TaskKind(StrEnum):
    """Why a person is asked."""

    UNUSUAL_CHANGE = "unusual_change"  # a register entry did what entries do not do
    RESULTS_OVERDUE = "results_overdue"  # 12 months after primary completion, none posted
    CORRECTION = "correction"  # a retraction, erratum or concern about an included report
    RE_EXTRACTION = "re_extraction"  # values that a correction may touch
    IMPLAUSIBLE_COUNT = "implausible_count"  # a source gave far fewer or more than its history
    IMPLAUSIBLE_VALUE = "implausible_value"  # numbers that two agree on and that are seldom right
    ODD_RECORD = "odd_record"  # a record that cannot be taken, or the notices on a study
    REFUSED_ALERT = "refused_alert"  # what a provider sent that could not be read, or is nobody's


class AlertWay(StrEnum):
    """How an alert came."""

    FOLDER = "folder"
    MAIL = "mail"


class VersionKind(StrEnum):
    """Why a version of the review exists: only a new search makes an update."""

    BASELINE = "baseline"
    UPDATE = "update"
    AMENDMENT = "amendment"


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    PUBLISHED = "published"


class SignedKind(StrEnum):
    """What can be signed."""

    SIGNAL = "signal"
    VERSION = "version"
    AMENDMENT = "amendment"


class SignatureVerdict(StrEnum):
    """What a signature says."""

    ACCEPT = "accept"
    REJECT = "reject"


class RoleId(StrEnum):
    """The roles people hold."""

    SCREENER = "screener"
    EXTRACTOR = "extractor"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    INFORMATION_SPECIALIST = "information_specialist"
    OPERATOR = "operator"


class NoticeKind(StrEnum):
    """What a message tells of."""

    ACCOUNT_CHANGED = "account_changed"
    ALERT_REFUSED = "alert_refused"
    AMENDMENT_PROPOSED = "amendment_proposed"
    BASELINE_CHANGED = "baseline_changed"
    COMMENTED = "commented"
    CONFLICT = "conflict"
    CORRECTED = "corrected"
    DAY = "day"  # what waited for the morning, together
    DELIVERY_REFUSED = "delivery_refused"
    DRAFT_AGAIN = "draft_again"
    DRAFT_REJECTED = "draft_rejected"
    DRAFT_WITHDRAWN = "draft_withdrawn"
    EMPTY_ROLE = "empty_role"
    EXTRACTION_DUE = "extraction_due"
    FULL_TEXT = "full_text"
    HOOK_FAILED = "hook_failed"
    INVITATION = "invitation"
    NEW_CANDIDATES = "new_candidates"
    NEW_RESULT = "new_result"
    NOTHING_NEW = "nothing_new"
    OPEN_WORK = "open_work"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_RETIRED = "person_retired"
    PROPOSAL = "proposal"
    PROPOSAL_ENDED = "proposal_ended"
    PROTOCOL_NOT_TAKEN = "protocol_not_taken"
    PUBLISHED = "published"
    RECOMPUTE_FAILED = "recompute_failed"
    REGISTRY_CHANGE = "registry_change"
    REOPENED = "reopened"
    RESULTS_POSTED = "results_posted"
    SEARCH_WITHDRAWN = "search_withdrawn"
    SEARCHED_BY_HAND = "searched_by_hand"
    SECOND_REPORT = "second_report"
    SIGN_IN = "sign_in"
    SOURCE_DUE = "source_due"
    SOURCE_FAILING = "source_failing"
    SOURCE_OVERDUE = "source_overdue"
    THIRD_PERSON = "third_person"
    WORK_FAILING = "work_failing"
    WORK_PASSED = "work_passed"
