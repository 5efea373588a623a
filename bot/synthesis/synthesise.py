"""Inputs to pooled results; stored results back to values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.app import App
from bot.results.model import AnalysisResult
from bot.synthesis.inputs_in_force import Inputs, hash_of_now, inputs_of_now, pooled_from
from bot.synthesis.moved_analyses import moved_analyses
from state import versions
from state.codec import Json
from state.events import Ledger
from state.late import late

RESULTS = TypeAdapter(tuple[AnalysisResult, ...])
# What computes is loaded when there is something to compute.
ASSEMBLE = "bot.synthesis.assemble:assemble"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Pooled results with the inputs they were computed from; `id` is the inputs' hash."""

    id: str
    inputs: Json
    results: tuple[AnalysisResult, ...]


def synthesise(app: App, connection: Connection) -> Synthesis:
    """Compute the pooled results from the inputs of now, where no stored ones are of them.

    What nothing is computed from (where a study without values stands, say) computes nothing anew.
    """
    inputs = inputs_of_now(app, connection)
    for each in (inputs.hash, versions.newest_result(connection)):
        stored = versions.find_result(connection, each) if each is not None else None
        if stored is not None and pooled_from(stored.inputs) == pooled_from(inputs.json):
            return Synthesis(inputs.hash, inputs.json, _read(stored.results))
    return Synthesis(inputs.hash, inputs.json, pooled_anew(app, connection, inputs))


def _read(results: Json) -> tuple[AnalysisResult, ...]:
    return RESULTS.validate_python(results["analyses"])


def pooled_anew(app: App, connection: Connection, inputs: Inputs) -> tuple[AnalysisResult, ...]:
    """Pool the values that count; an analysis that the newest result has of them is taken of it."""
    newest = versions.newest_result(connection)
    stored = versions.find_result(connection, newest) if newest is not None else None
    if stored is None:
        return pooled(app, inputs)
    moved = moved_analyses(app.protocol, stored.inputs, inputs.json)
    as_stored = [each for each in stored.results["analyses"] if each["id"] not in moved]
    kept = {each.id: each for each in RESULTS.validate_python(as_stored)}
    anew = {each.id: each for each in pooled(app, inputs, only=moved)}
    return tuple((anew | kept)[each.id] for each in app.protocol.analyses)


def pooled(
    app: App, inputs: Inputs, *, without: str | None = None, only: frozenset[str] | None = None
) -> tuple[AnalysisResult, ...]:
    """Pool the values that count, those of one study left out where it is named.

    only: the analyses that are asked for, where not all are.
    """
    studies = [each for each in inputs.studies if each.id != without]
    values = [each.value for each in inputs.values if each.value.cell.study != without]
    found: tuple[AnalysisResult, ...] = late(ASSEMBLE)(
        app.protocol, studies, values, inputs.apart, only=only
    )
    return found


def current_results(app: App, connection: Connection) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of the inputs of now: those stored of them, or computed anew."""
    newest = versions.newest_result(connection)
    if newest is not None and newest == hash_of_now(app, connection):
        return results_named(connection, newest)
    return synthesise(app, connection).results


def results_of_version(connection: Connection, number: str) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of a version, as they were computed then."""
    return results_named(connection, versions.find_version(connection, number).result)


def results_named(connection: Connection, result: str) -> tuple[AnalysisResult, ...]:
    """Return the pooled results that were computed from the inputs of this hash."""
    stored = versions.find_results(connection, result)
    return _read(stored) if stored is not None else ()


def store(ledger: Ledger, found: Synthesis) -> None:
    """Store a synthesis under the hash of its inputs."""
    analyses = RESULTS.dump_python(found.results, mode="json")
    versions.record_result(
        ledger,
        result_id=found.id,
        engine=found.inputs["engine"],
        inputs=found.inputs,
        results={"analyses": analyses},
    )


def refused_lines(results: Iterable[AnalysisResult]) -> list[str]:
    """Name what of each analysis is not estimable, and why."""
    return [
        f"{each.id} {each.outcome_label}: not estimable: {why}"
        for each in results
        for why in each.refused
    ]
