"""What ISRCTN answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "trials without their count": b'<allTrials xmlns="http://www.67bricks.com/isrctn"/>',
    "a count that is none": b'<allTrials totalCount="many" xmlns="http://www.67bricks.com/isrctn"/>',
    "another vocabulary": b'<allTrials totalCount="0" xmlns="urn:other"/>',
    "a count without its trials": b'<allTrials totalCount="2" xmlns="http://www.67bricks.com/isrctn"/>',
}
