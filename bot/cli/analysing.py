"""The pooled results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened, say
from bot.results.format import sentence
from bot.results.model import AnalysisResult
from bot.results.result_json import analysis_json
from bot.results.ways import counts_in_words, more_in_words, people_in_words
from bot.synthesis import synthesise
from state.codec import Json

group = typer.Typer()


@group.command()
def analyse(
    data: Data = DEFAULT_DATA,
    as_of: Annotated[str | None, typer.Option(help="The results of a version.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pool the accepted values by the protocol."""
    with opened(data, reading=True) as app:
        results = pooled_results(app, as_of)
    if as_json:
        answer(as_json, analyses_json(results), ())
    else:
        say(*analysis_lines(results))


def pooled_results(app: App, as_of: str | None) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of the accepted values, or of a version."""
    with app.database.reading() as connection:
        if as_of is not None:
            return synthesise.results_of_version(connection, as_of)
        return synthesise.current_results(app, connection)


def analyses_json(results: Sequence[AnalysisResult]) -> Json:
    """The answer of `analyse --json`."""
    return {"analyses": [analysis_json(each) for each in results]}


def analysis_lines(results: Sequence[AnalysisResult]) -> list[str]:
    """Print the pooled results, published beside computed."""
    lines = []
    for result in results:
        lines.append(f"{result.id}  {result.outcome_label} ({result.comparison_label})")
        if result.effect is None:
            lines.append(f"     not estimable: {result.not_estimable}")
        else:
            said = sentence(result.effect, result.measure, result.level)
            lines.append("     " + "; ".join(filter(None, [said, result.direction])))
        lines += [f"     {each}" for each in more_in_words(result)]
        lines.append(f"     {counts_in_words(result)}, {people_in_words(result, 'participant')}")
        if result.published is not None:
            p = result.published
            lines.append(
                f"     published: {p.estimate} ({p.ci_lower} to {p.ci_upper})"
                + (f", {p.certainty}" if p.certainty is not None else "")
            )
        if (paired := result.paired.effect) is not None:
            lines.append(f"     paired: {sentence(paired, result.measure, result.level)}")
        if result.derived_inputs:
            lines.append("     † rests on derived cells, not on published ones")
    return lines
