"""What ClinicalTrials.gov answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "an error in a message": b'{"message": "the service cannot answer at this time"}',
    "the answer of the old API": b'{"FullStudiesResponse": {"FullStudies": []}}',
    "a page without its count": b'{"studies": []}',
}
