"""What Crossref answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "a status that failed": b'{"status": "failed", "message-type": "exception", "message": []}',
    "a list without its count": b'{"status": "ok", "message-type": "work-list", "message": {}}',
}
