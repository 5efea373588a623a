"""Inputs to pooled results; stored results back to values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.app import App
from bot.results.model import AnalysisResult
from bot.synthesis.inputs import Inputs, inputs_of_now
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
    """Compute the pooled results from the inputs of now."""
    inputs = inputs_of_now(app, connection)
    stored = versions.find_result(connection, inputs.hash)
    if stored is not None:
        return Synthesis(
            inputs.hash, inputs.json, RESULTS.validate_python(stored.results["analyses"])
        )
    return Synthesis(inputs.hash, inputs.json, pooled(app, inputs))


def pooled(app: App, inputs: Inputs, *, without: str | None = None) -> tuple[AnalysisResult, ...]:
    """Pool the values that count, those of one study left out where it is named."""
    studies = [each for each in inputs.studies if each.id != without]
    values = [each.value for each in inputs.values if each.value.cell.study != without]
    found: tuple[AnalysisResult, ...] = late(ASSEMBLE)(app.protocol, studies, values, inputs.apart)
    return found


def current_results(app: App, connection: Connection) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of the inputs of now."""
    return synthesise(app, connection).results


def results_of_version(connection: Connection, number: str) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of a version, as they were computed then."""
    return results_named(connection, versions.find_version(connection, number).result)


def results_named(connection: Connection, result: str) -> tuple[AnalysisResult, ...]:
    """Return the pooled results that were computed from the inputs of this hash."""
    stored = versions.find_result(connection, result)
    return RESULTS.validate_python(stored.results["analyses"]) if stored is not None else ()


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
