"""What Europe PMC says, with status 200, when it does not work: the table of faults plays it."""

from __future__ import annotations

BODIES = {
    "an error by its number": b'{"errCode": 503, "errMsg": "The service is unavailable."}',
    "the version alone": b'{"version": "6.9"}',  # of a cursor that is forgotten
}
