"""What Europe PMC answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "an error by its number": b'{"errCode": 503, "errMsg": "The service is unavailable."}',
    "the version alone": b'{"version": "6.9"}',  # of a cursor that is forgotten
}
