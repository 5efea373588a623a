"""What can be wrong with a payload, split by what the caller should do next."""

from __future__ import annotations


class ExtractionError(Exception):
    """The root of this package's errors; its message is fit to be shown to a person."""


class UnreadablePayload(ExtractionError):
    """The payload is not what its source should have sent: keep it, ask again later."""

    def __init__(self, what: str, found: str, expected: str) -> None:
        super().__init__(f"{what}: found {found}, expected {expected}")
        self.what = what
        self.found = found
        self.expected = expected


class RefusedPayload(ExtractionError):
    """The source says, or the payload shows, that asking the same again will not help."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


class ExpiredHistory(ExtractionError):
    """The stored search at PubMed is gone: search again, then fetch."""


class RateLimited(ExtractionError):
    """The source is too busy for us: wait, then ask again."""


class UnreadableExport(ExtractionError):
    """A file cannot be read whole, so nothing of it is taken; the message names the line."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(f"line {line}: found {found}, expected {expected}")
        self.line = line
