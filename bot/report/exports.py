"""The version's data for other programs: results.json, data.csv and manifest.json."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.figures.flow_counts import Counted, FlowCounts
from bot.report import notice_words, prose, search_words, signal_words
from bot.report.absolute import result_json
from bot.report.csv_cells import spreadsheet_cell
from bot.report.document import ReviewDocument, ValueLine
from bot.report.outcome_reporting import reporting_sentences
from bot.results.diff import Change, changes
from bot.results.format import plain
from bot.results.model import ShownEffect
from bot.surveillance.coverage_words import coverage_json

COLUMNS = (
    *("study", "outcome", "time_point", "arm", "field", "number", "unit", "basis"),
    *("source", "locator", "quote", "how", "extracted_by", "accepted_by"),
)


def results_json(document: ReviewDocument) -> bytes:
    """Write the results with the keys of `analyse --json`, what they changed, and the flow."""
    before = () if document.previous is None else document.previous.results
    moved = () if document.previous is None else changes(before, document.results)
    return _json(
        {
            **_version(document),
            "analyses": [result_json(each) for each in document.results],
            "changes": [_change(each) for each in moved],
            "signals": [asdict(each) for each in document.signals],
            "signatures": [asdict(each) for each in document.signatures],
            "acts": {
                "all": document.facts.acts,
                "unauthenticated": document.facts.unauthenticated,
            },
            "certainty": [asdict(each) for each in document.certainty],
            "flow": {
                "this_version": _flow(document.flow),
                "cumulative": _flow(document.flow_cumulative),
            },
            **_told(document, moved),
        }
    )


def _told(document: ReviewDocument, moved: Sequence[Change]) -> dict[str, object]:
    """Write what the report says in sentences, and the facts that each was chosen from."""
    world = document.published
    return {
        "published_review": None if world is None else world.model_dump(mode="json"),
        "since_last": None if document.since_last is None else asdict(document.since_last),
        "process": asdict(document.facts),
        "people": _each(document.roster),
        "searches": _each(document.searches),
        "sources": _each(document.schedules),
        "studies": _each(document.studies),
        "excluded": _each(document.excluded),
        "notices": _each(document.notices),
        "reporting": _each(document.reporting),
        "reported_not_pooled": _each(document.unpooled),
        "coverage": None if document.coverage is None else coverage_json(document.coverage),
        "alarm_rates": _each(document.alarm_rates),
        "sentences": {
            "opening": prose.opening(document),
            "searched": search_words.searched(document),
            "standing_notices": notice_words.standing_notices(document),
            "whats_new": prose.whats_new(document, moved),
            "not_in_results": prose.incorporation(document),
            "compared_with": signal_words.compared_with(document),
            "conclusion": prose.conclusion(document),
            "methods": prose.methods(document),
            "limits": prose.limitations(document),
            "reporting": reporting_sentences(document),
        },
    }


def _each(values: Sequence[Any]) -> list[dict[str, object]]:
    return list(map(asdict, values))


def data_csv(document: ReviewDocument) -> bytes:
    """Write every accepted number with its provenance, a row each, as UTF-8.

    A last column names the parts of studies, where one is reported in parts.
    """
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    in_parts = any(each.stratum for each in document.values)
    table.writerow((*COLUMNS, "stratum") if in_parts else COLUMNS)
    for each in document.values:
        part = (spreadsheet_cell(each.stratum),) if in_parts else ()
        table.writerow((*_csv_row(each), *part))
    return written.getvalue().encode()


def manifest_json(
    files: Mapping[str, bytes], inputs: Mapping[str, str], document: ReviewDocument
) -> bytes:
    """Write the SHA-256 of each file of the version and of each of its inputs."""
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    return _json({**_version(document), "files": hashes, "inputs": dict(inputs)})


def _version(document: ReviewDocument) -> dict[str, object]:
    return {
        "review": document.protocol.id,
        "title": document.protocol.title,
        "protocol_version": document.protocol.version,
        "version": document.number,
        "kind": document.kind.value,
        "cause": document.cause,
        "drafted_at": document.drafted_at,
        "published_at": document.published_at,
        "previous": None if document.previous is None else document.previous.number,
        "engine": document.engine,
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "analysis": change.analysis,
        "outcome": change.outcome_label,
        "comparison": change.comparison_label,
        "measure": change.measure,
        "old": _interval(None if change.old is None else change.old.effect),
        "new": _interval(None if change.new is None else change.new.effect),
        "studies_added": list(change.studies_added),
        "studies_removed": list(change.studies_removed),
        "studies_corrected": list(change.studies_corrected),
    }


def _interval(effect: ShownEffect | None) -> dict[str, float] | None:
    return None if effect is None else asdict(effect)


def _flow(counts: FlowCounts) -> dict[str, object]:
    """Give the counts the keys of the PRISMA 2020 CSV, with its texts for the specific ones."""
    numbers = {
        name: value for name, value in asdict(counts).items() if isinstance(value, int | None)
    }
    return {
        **numbers,
        "database_results": sum(each.n for each in counts.database_results),
        "database_specific_results": _specific(counts.database_results),
        "register_results": sum(each.n for each in counts.register_results),
        "register_specific_results": _specific(counts.register_results),
        "dbr_excluded": _specific(counts.dbr_excluded),
    }


def _specific(counted: tuple[Counted, ...]) -> str:
    return "; ".join(f"{each.name}, {each.n}" for each in counted)


def _csv_row(value: ValueLine) -> tuple[str, ...]:
    texts = (value.study, value.outcome, value.time_point, value.arm, value.field)
    known = (value.unit, value.basis.value, value.source, value.locator, value.quote, value.how)
    people = ("; ".join(value.extracted_by), value.accepted_by)
    return (
        *(spreadsheet_cell(each) for each in texts),
        plain(value.number),
        *(spreadsheet_cell(each) for each in (*known, *people)),
    )


def _json(value: object) -> bytes:
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
