"""What OpenAlex answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "an error with its message": b'{"error": "Internal", "message": "something went wrong"}',
    "a list without its count": b'{"meta": {}, "results": []}',
}
