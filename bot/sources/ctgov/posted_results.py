"""The results that ClinicalTrials.gov posted with an entry, in an answer that we keep."""

from __future__ import annotations

from extraction.ctgov_results import PostedResults, read_results
from extraction.readers.ctgov import WHAT
from extraction.readers.payload import parse_json


def posted_results(entry: str, payload: bytes) -> PostedResults | None:
    """Read an entry's posted results; None where the answer does not hold the entry."""
    answer = parse_json(payload, WHAT, expected="a page of studies, or one study")
    for study in answer.get("studies", [answer]):
        if study["protocolSection"]["identificationModule"]["nctId"] == entry:
            return read_results(study)
    return None
