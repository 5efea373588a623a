"""What is kept of a register's file: everything but the people that it names."""

from __future__ import annotations

import json

import pytest

from extraction.readers.export import read_export
from extraction.readers.without_people import without_people

SOMEBODY = "left@out.example"
CTIS = {
    "ctNumber": "2024-599318-11-00",
    "authorizedApplication": {
        "authorizedPartI": {
            "trialDetails": {"clinicalTrialIdentifiers": {"fullTitle": "A trial of lamps"}},
            "sponsors": [{"publicContacts": [{"email": SOMEBODY}]}],
        }
    },
}
ISRCTN = f"""<?xml version="1.0" encoding="UTF-8"?>
<allTrials totalCount="1" xmlns="http://www.67bricks.com/isrctn"><fullTrial><trial>
<isrctn dateAssigned="2024-02-03T00:00:00Z">99000314</isrctn>
<trialDescription><title>Light</title></trialDescription></trial>
<contact id="k"><contactDetails><email>{SOMEBODY}</email></contactDetails></contact>
</fullTrial></allTrials>"""
ICTRP = f"""<?xml version="1.0" encoding="UTF-8"?><Trials_downloaded_from_ICTRP><Trial>
<TrialID>NCT99000001</TrialID><Public_title>Lamps</Public_title><Contact_Email>{SOMEBODY}
</Contact_Email></Trial></Trials_downloaded_from_ICTRP>"""
EUCTR = f"""EudraCT Number: 2015-099070-11
Trial Status: Completed
A.3 Full title of the trial: A trial of lamps
B.5.2 Functional name of contact point: {SOMEBODY}
B.5.6 E-mail: {SOMEBODY}
P. End of Trial Status: Completed
"""
FILES = {
    "an entry of CTIS": json.dumps(CTIS),
    "entries of CTIS as a list": json.dumps([CTIS]),
    "ISRCTN": ISRCTN,
    "ICTRP": ICTRP,
    "EUCTR": EUCTR,
}


@pytest.mark.parametrize("name", FILES)
def test_no_address_is_kept_and_the_records_are_the_same(name: str) -> None:
    given = FILES[name].encode()

    kept = without_people(given)

    assert SOMEBODY.encode() not in kept
    assert without_people(kept) == kept
    assert (
        read_export(kept, name, source="s").records == read_export(given, name, source="s").records
    )


def test_a_file_in_a_wider_encoding_loses_them_too() -> None:
    kept = without_people(ISRCTN.replace("UTF-8", "UTF-16").encode("utf-16"))

    assert SOMEBODY.encode() not in kept
    assert SOMEBODY.encode("utf-16-le") not in kept


@pytest.mark.parametrize(
    "given", [b"", b"TY  - JOUR\nTI  - Lamps\nER  - \n", b"{cut", b"\xff\xfe\x00"]
)
def test_any_other_file_is_kept_as_it_is(given: bytes) -> None:
    assert without_people(given) == given
