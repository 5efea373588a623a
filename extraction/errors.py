"""What can be wrong with bytes from outside, split by what the caller should do next.

ExtractionError            the root: whoever only reports an error names this one
├── UnreadablePayload      ask again later
│   └── ServiceFailed      ... the service itself says so
├── RateLimited            wait, then ask again
├── ExpiredHistory         do the search again
│   └── UnknownCursor      ... where a page's cursor was what was forgotten
├── RefusedPayload         mend the request or the file
└── UnclearNumber          a person reads it
"""

from __future__ import annotations


class ExtractionError(Exception):
    """The text could not be read. The message says what was read, found and expected."""


class UnreadablePayload(ExtractionError):
    """Not the answer that the source gives when it works. Ask again later; conclude nothing."""


class ServiceFailed(UnreadablePayload):
    """The service says, in so many words, that it failed. Ask again later; conclude nothing."""


class RateLimited(ExtractionError):
    """The service asks us to slow down, whatever the HTTP status said. Wait, then ask again."""


class ExpiredHistory(ExtractionError):
    """The search that this refers to is forgotten on the server. Do the search again."""


class UnknownCursor(ExpiredHistory):
    """The place in a search's answer is forgotten. Do the search again from its first page."""


class RefusedPayload(ExtractionError):
    """Understood and not taken. Asking again changes nothing: mend the request or the file."""


class UnclearNumber(ExtractionError):
    """A text that is not plainly the number asked for. A person reads it; nothing is guessed."""


def unreadable(what: str, *, found: str, expected: str) -> UnreadablePayload:
    """Say that a payload cannot be read, in the one form that all readers use."""
    return UnreadablePayload(f"{what}: found {found}, expected {expected}")


def refused(what: str, *, found: str, expected: str) -> RefusedPayload:
    """Say that a payload is not taken, in the one form that all readers use."""
    return RefusedPayload(f"{what}: found {found}, expected {expected}")
