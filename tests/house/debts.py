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
        "_evidence_limits",
        "_of_http",
        "_record",
        "conclusion",
        "render_report",
    }
)
TOO_LONG: frozenset[str] = frozenset()
CLASSES_TWICE = frozenset(
    {
        "Agreement",
        "Answer",
        "Certainty",
        "Correction",
        "Fault",
        "Interval",
        "Moved",
        "NotEstimable",
        "Pair",
        "Row",
        "Seen",
        "Stage",
        "Submission",
        "VersionKind",
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
        "IncompleteCells",
        "SourceMoved",
        "NeedsSignIn",
        "NotDrawn",
        "NotEstimable",
        "ProtocolFaults",
        "StrategyFault",
        "UnknownCursor",
    }
)
MODULES_TWICE = frozenset(
    {
        "corrections",
        "document",
        "faults",
        "flow",
        "hand_searches",
        "impact",
        "likeness",
        "robustness",
        "schedule",
        "sequential",
        "signals",
        "strategies",
        "tables",
        "team",
        "words",
    }
)
# Modules in bot/ that still wait for their rooms.
LOOSE_TODAY = 52
COMPARED_WITH_TEXT = 0
STATE_TESTS_A_LINE = 0.14
