"""What is known and decided, in open formats."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from sqlalchemy import Connection

from bot.app import App
from bot.report.copied_versions import copy_versions
from bot.report.csv_cells import spreadsheet_cell
from bot.report.decided_verdicts import decided_verdicts
from bot.report.signed_copy import write_manifest
from bot.silence.status import everything_known, status_json
from bot.synthesis import synthesise
from state import extractions, records, runs
from state.certificates import certificates
from state.events import head
from state.files import OWN_FILE, PARTIAL, in_words, make_folder, write_new
from state.log import log_lines
from state.values import AcceptedValue

LOG, ANSWERS, PAYLOADS, EXPORT = "log.jsonl", "payloads.jsonl", "payloads", "export.json"
EXPORTED = (
    "certificates.jsonl",
    LOG,
    ANSWERS,
    "records.jsonl",
    "results.json",
    "screening.jsonl",
    "searches.jsonl",
    "status.json",
    "values.csv",
)


def write_export(app: App, to: Path) -> list[str]:
    """Write what is known and decided as JSON lines, JSON and CSV; return the files' names.

    Open verdicts stay sealed. With the answers of the sources and the published versions it is
    whole: `restore` makes a data folder of it.
    """
    with in_words(to), _staged(to) as stage:
        with app.database.reading() as connection:
            _what_is_known(app, connection, stage)
            _answers(connection, stage)
            copy_versions(connection, app.files, stage)
            log = head(connection)
        write_manifest(app, stage, EXPORT, log)
    return [*EXPORTED, EXPORT]


@contextmanager
def _staged(to: Path) -> Iterator[Path]:
    """Give a folder to write into; what is whole takes the place of an earlier export."""
    make_folder(to)
    stage = Path(mkdtemp(prefix="export-", suffix=PARTIAL, dir=to))
    try:
        yield stage
        for each in sorted(stage.iterdir()):
            if (to / each.name).is_dir():
                shutil.rmtree(to / each.name)
            os.replace(each, to / each.name)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _what_is_known(app: App, connection: Connection, to: Path) -> None:
    _lines(to / "records.jsonl", everything_known(connection))
    _lines(to / "searches.jsonl", _searches(connection))
    _lines(to / "screening.jsonl", decided_verdicts(connection))
    _values(to / "values.csv", extractions.accepted_values(connection))
    write_new(to / "results.json", _results(app, connection))
    _lines(to / "certificates.jsonl", map(asdict, certificates(connection)))
    _lines(to / LOG, (each.as_json() for each in log_lines(connection)))
    said = json.dumps(status_json(app), ensure_ascii=False, indent=2)
    write_new(to / "status.json", said.encode())


def _results(app: App, connection: Connection) -> bytes:
    return synthesise.RESULTS.dump_json(synthesise.current_results(app, connection), indent=2)


def _answers(connection: Connection, to: Path) -> None:
    """Write what the sources answered, byte for byte, each under its hash."""
    make_folder(to / PAYLOADS)
    _lines(to / ANSWERS, _kept_answers(connection, to / PAYLOADS))


def _kept_answers(connection: Connection, to: Path) -> Iterator[dict[str, object]]:
    for digest, media_type, body in records.answers(connection):
        write_new(to / digest, body)
        yield {"sha256": digest, "media_type": media_type, "bytes": len(body)}


def _searches(connection: Connection) -> list[dict[str, object]]:
    """Return every search, and of each whether it was taken back."""
    gone = runs.withdrawn_searches(connection)
    found = runs.search_runs(connection, withdrawn=True)
    return [{**asdict(each), "withdrawn": each.id in gone} for each in found]


def _values(file: Path, values: tuple[AcceptedValue, ...]) -> None:
    with _own(file) as stream:
        table = csv.writer(stream)
        table.writerow(
            ["study", "outcome", "time_point", "arms", "field", "number", "unit", "basis"]
            + ["source", "locator", "quote", "how", "accepted", "people"]
        )
        for each in values:
            value, where = each.value, each.value.provenance
            cell = value.cell
            texts = [cell.study, cell.outcome, cell.time_point, "+".join(cell.arms), cell.field]
            known = [value.unit, where.basis, where.source, where.locator]
            known += [where.quote, where.how, each.how, " ".join(each.people)]
            table.writerow(
                [
                    *map(spreadsheet_cell, texts),
                    repr(value.number),
                    *map(spreadsheet_cell, known),
                ]
            )


def _lines(file: Path, rows: Iterable[Mapping[str, object]]) -> None:
    with _own(file) as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _own(file: Path) -> TextIO:
    """Open a new file that only its owner may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
