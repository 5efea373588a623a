"""What ClinicalTrials.gov says, with status 200, when it does not work: the table of faults plays it."""

from __future__ import annotations

BODIES = {
    "an error in a message": b'{"message": "the service cannot answer at this time"}',
    "the answer of the old API": b'{"FullStudiesResponse": {"NStudiesFound": 0, "FullStudies": []}}',
    "a page without its count": b'{"studies": []}',
}
