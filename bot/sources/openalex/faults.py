"""What OpenAlex says, with status 200, when it does not work: the table of faults plays it."""

from __future__ import annotations

BODIES = {
    "an error with its message": b'{"error": "Internal", "message": "something went wrong"}',
    "a list without its count": b'{"meta": {}, "results": []}',
}
