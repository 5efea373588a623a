"""What CTIS answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "the portal's page": b"<!doctype html><html><head><title>Clinical Trials</title></head></html>",
    "an empty object": b"{}",
    "a list without its count": b'{"pagination": {}, "data": []}',
    "a count without its list": b'{"pagination": {"totalRecords": 3}}',
    "a row without a number": b'{"pagination": {"totalRecords": 1}, "data": [{"ctTitle": "x"}]}',
    "the shape of before June 2024": b'{"elements": [], "totalSize": 0}',
}
