"""What can go wrong between numbers and a result; each class says what its caller should do.

AnalysisError                the root: catch it to catch all of this package
├── InvalidInput             mend the data of the study named
├── InvalidOption            mend the call
├── NotEstimable             sound data, no estimate: report the reason in place of a number
│   └── InsufficientStudies  report that, or choose another method
└── NotConverged             report it, and use another estimator
"""

from __future__ import annotations


class AnalysisError(Exception):
    """Anything this package refuses; catch this to catch all of it."""


class InvalidInput(AnalysisError):
    """A number cannot be what it claims to be: mend the data of the study named."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(f"{where}: found {found}, expected {expected}")
        self.where = where
        self.found = found
        self.expected = expected


class InvalidOption(AnalysisError):
    """Options that do not go together were asked for: mend the call."""


class NotEstimable(AnalysisError):
    """The data are sound but hold no estimate: report the reason in place of a number."""

    def __init__(self, reason: str, *, studies: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.studies = studies


class InsufficientStudies(NotEstimable):
    """Fewer studies than the method needs: report that, or choose another method."""

    def __init__(self, *, needed: int, found: int) -> None:
        studies = "study" if found == 1 else "studies"
        super().__init__(f"{found} {studies} with an effect, {needed} needed", studies=found)
        self.needed = needed
        self.found = found


class NotConverged(AnalysisError):
    """An iteration ended without its answer: report it, and use another estimator."""

    def __init__(self, what: str, after: int) -> None:
        super().__init__(f"{what}: no solution after {after} iterations")
        self.what = what
        self.after = after
