"""What rests on a study: every result as it would be without it, and the values read from it."""

from __future__ import annotations

from sqlalchemy import Connection

from analysis.errors import AnalysisError
from bot.app import App
from bot.review.cell_words import cell_writer
from bot.synthesis.impact import Impact
from bot.synthesis.inputs_in_force import inputs_of_now
from bot.synthesis.synthesise import current_results, pooled
from state import extractions
from state.late import late


def impact_of(app: App, connection: Connection, study: str) -> Impact:
    """Compute every result without a study; nothing is excluded and nothing is stored."""
    try:
        now = current_results(app, connection)
        then = pooled(app, inputs_of_now(app, connection), without=study)
    except AnalysisError as error:
        return Impact(failed=str(error))
    found: Impact = late("bot.synthesis.with_and_without:impact")(app.protocol, study, now, then)
    return found


def touched_lines(app: App, connection: Connection, study: str, names: frozenset[str]) -> list[str]:
    """List a study's accepted values in words, first those read in the report with these ids."""
    said = cell_writer(app.protocol, extractions.agreement(connection, study).labels)
    own = [
        each.value
        for each in extractions.accepted_values(connection)
        if each.value.cell.study == study
    ]
    read_there = [value for value in own if _names_any(value.provenance.source, names)]
    lines = [
        f"  {said(value.cell.key)}: {value.number:g} ({value.provenance.source})"
        for value in (*read_there, *(value for value in own if value not in read_there))
    ]
    return lines or ["  none was accepted yet"]


def _names_any(source: str, names: frozenset[str]) -> bool:
    words = source.casefold().replace(";", " ").split()
    return any(name.casefold() in words for name in names)
