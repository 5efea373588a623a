"""What is known not to hold yet.

A name is taken out with the change that mends it; none comes in.
"""

from __future__ import annotations

TOO_BRANCHED = frozenset(
    {
        "OpenAlexStandIn._chosen",
        "_Comparison._against",
        "_Comparison._printed_as_one",
        "_Comparison._same",
        "_Comparison._unlike",
        "_Comparison._worth_a_look",
        "_alone",
        "_article",
        "_lacking",
        "_of_http",
        "_record",
        "draft_again",
        "status_lines",
    }
)
TOO_LONG: frozenset[str] = frozenset()
CLASSES_TWICE = frozenset(
    {
        "Agreement",
        "Answer",
        "Fault",
        "Pair",
        "Seen",
        "Submission",
    }
)
ERRORS_ELSEWHERE = frozenset(
    {
        "BodyCut",
        "BodyRefused",
        "ConfigFaults",
        "DeliveryFailed",
        "DemoFailed",
        "HookFailed",
        "NeedsSignIn",
        "ProtocolChanged",
        "ProtocolFaults",
        "StrategyFault",
        "SubmissionFaults",
        "UnknownCursor",
    }
)
MODULES_TWICE = frozenset(
    {
        "corrections",
        "document",
        "faults",
        "hand_searches",
        "likeness",
        "robustness",
        "schedule",
        "signals",
        "strategies",
        "team",
        "words",
    }
)
# Modules in bot/ that still wait for their rooms.
LOOSE_TODAY = 52
COMPARED_WITH_TEXT = 75
STATE_TESTS_A_LINE = 0.14
