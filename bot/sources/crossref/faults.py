"""What Crossref says, with status 200, when it does not work: the table of faults plays it."""

from __future__ import annotations

BODIES = {
    "a status that failed": b'{"status": "failed", "message-type": "exception", "message": []}',
    "a list without its count": b'{"status": "ok", "message-type": "work-list", "message": {}}',
}
