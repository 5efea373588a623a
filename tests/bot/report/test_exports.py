from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace

from bot.report.absolute import result_json
from bot.report.exports import COLUMNS, data_csv, manifest_json, results_json
from tests.bot.report.sample import BASELINE_DOCUMENT, UPDATE_DOCUMENT


def table(document):
    return list(csv.DictReader(io.StringIO(data_csv(document).decode(), newline="")))


def test_results_have_the_keys_of_the_command_and_the_version():
    written = json.loads(results_json(UPDATE_DOCUMENT))

    assert written["version"] == "3.1"
    assert written["previous"] == "3.0"
    assert written["published_at"] is None
    assert written["analyses"] == [
        json.loads(json.dumps(result_json(each))) for each in UPDATE_DOCUMENT.results
    ]


def test_results_tell_what_changed_unrounded():
    (change,) = json.loads(results_json(UPDATE_DOCUMENT))["changes"]

    assert change["analysis"] == "1.2"
    assert change["old"] == {"estimate": 11.0, "ci_lower": 2.8641, "ci_upper": 42.247}
    assert change["studies_added"] == ["Fictum 2026"]
    assert json.loads(results_json(BASELINE_DOCUMENT))["changes"] == []


def test_the_flow_has_the_keys_of_the_prisma_csv():
    flow = json.loads(results_json(UPDATE_DOCUMENT))["flow"]

    this = flow["this_version"]
    assert (this["database_results"], this["database_specific_results"]) == (9, "pubmed, 9")
    assert this["dbr_excluded"] == "E2, 1; E3, 1"
    assert this["dbr_notretrieved_reports"] is None
    assert this["excluded_automatic"] == 0
    assert flow["cumulative"]["records_screened"] == 39


def test_every_accepted_value_is_a_row_with_its_provenance():
    rows = table(UPDATE_DOCUMENT)

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(UPDATE_DOCUMENT.values)
    assert rows[0]["basis"] == "derived"
    assert rows[0]["how"].startswith("the one set of whole-number tables")
    assert rows[-1]["extracted_by"] == "R. One; R. Two"


def test_a_cell_that_a_spreadsheet_would_run_is_made_text():
    value = replace(UPDATE_DOCUMENT.values[0], quote="=1+1", source='a, "b"\nc', number=-3.6)

    (row,) = table(replace(UPDATE_DOCUMENT, values=(value,)))

    assert row["quote"] == "'=1+1"
    assert row["source"] == 'a, "b"\nc'
    assert row["number"] == "-3.6"


def test_the_manifest_holds_the_hash_of_each_file_and_input():
    files = {"b.txt": b"two", "a.txt": b"one"}

    written = json.loads(manifest_json(files, {"protocol.toml": "ab12"}, UPDATE_DOCUMENT))

    assert written["files"]["a.txt"] == hashlib.sha256(b"one").hexdigest()
    assert written["inputs"] == {"protocol.toml": "ab12"}
    assert written["version"] == "3.1"


def test_exports_do_not_depend_on_the_order_in_which_files_are_given():
    files = {"a": b"1", "b": b"2"}
    backwards = dict(reversed(files.items()))

    assert manifest_json(files, {}, UPDATE_DOCUMENT) == manifest_json(
        backwards, {}, UPDATE_DOCUMENT
    )
    assert data_csv(UPDATE_DOCUMENT) == data_csv(replace(UPDATE_DOCUMENT))
    assert results_json(UPDATE_DOCUMENT) == results_json(replace(UPDATE_DOCUMENT))
