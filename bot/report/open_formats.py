"""What is known and decided, in open formats."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection

from bot.app import App
from bot.report.exports import spreadsheet_cell
from bot.silence.status import everything_known, status_json
from bot.synthesis import synthesise
from state import decisions, extractions, runs
from state.certificates import certificates
from state.log import log_lines
from state.screening import SEATS, Decision, Ruling
from state.values import AcceptedValue, ScreeningState, StageLog

EXPORTED = (
    "certificates.jsonl",
    "log.jsonl",
    "records.jsonl",
    "results.json",
    "screening.jsonl",
    "searches.jsonl",
    "status.json",
    "values.csv",
)


def write_export(app: App, to: Path) -> list[str]:
    """Write what is known and decided as JSON lines, JSON and CSV; return the files' names.

    Open verdicts stay sealed.
    """
    to.mkdir(parents=True, exist_ok=True)
    with app.database.reading() as connection:
        _lines(to / "records.jsonl", everything_known(connection))
        _lines(to / "searches.jsonl", _searches(connection))
        _lines(to / "screening.jsonl", _verdicts(decisions.all_states(connection)))
        values = extractions.accepted_values(connection)
        _values(to / "values.csv", values)
        results = synthesise.current_results(app, connection)
        (to / "results.json").write_bytes(synthesise.RESULTS.dump_json(results, indent=2))
        _lines(to / "certificates.jsonl", (asdict(each) for each in certificates(connection)))
        _lines(to / "log.jsonl", (each.as_json() for each in log_lines(connection)))
    (to / "status.json").write_text(
        json.dumps(status_json(app), ensure_ascii=False, indent=2), encoding="utf-8"
    )
    return list(EXPORTED)


def _searches(connection: Connection) -> list[dict[str, object]]:
    """Return every search, and of each whether it was taken back."""
    gone = runs.withdrawn_searches(connection)
    found = runs.search_runs(connection, withdrawn=True)
    return [{**asdict(each), "withdrawn": each.id in gone} for each in found]


def _verdicts(standings: Iterable[ScreeningState]) -> Iterator[dict[str, object]]:
    """Yield the verdicts of stages that both readers have decided."""
    for entry in standings:
        for log in (entry.title_abstract, entry.full_text):
            if len({each.person for each in log.decisions}) >= SEATS:
                yield from (_verdict(entry, log, "verdict", each) for each in log.decisions)
                yield from (_verdict(entry, log, "ruling", each) for each in log.rulings)


def _verdict(
    entry: ScreeningState, log: StageLog, kind: str, said: Decision | Ruling
) -> dict[str, object]:
    return {
        "candidate": entry.candidate.id,
        "stage": log.stage.value,
        "kind": kind,
        "person": said.person,
        "verdict": said.answer.verdict.value,
        "criterion": said.answer.criterion,
        "note": said.note,
    }


def _values(file: Path, values: tuple[AcceptedValue, ...]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
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
    with file.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
