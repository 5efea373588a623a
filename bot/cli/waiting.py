"""What waits for people: the queue, pairs of records, tasks, corrections. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened
from bot.synthesis.known_corrections import KnownCorrection, known_corrections
from extraction.sightings import NAMED
from state import decisions, people
from state.codec import Json
from state.late import late
from state.screening import Decision, Ruling
from state.tasks import Task, open_tasks
from state.values import QueueEntryView

if TYPE_CHECKING:  # what tells likenesses is loaded by `duplicates` alone
    from bot.surveillance.alike import Pair, Series

group = typer.Typer()


@group.command()
def queue(
    data: Data = DEFAULT_DATA,
    person: Annotated[str | None, typer.Option("--as", help="Whose queue.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits to be screened, in order, with the reasons."""
    with opened(data, reading=True) as app:
        seen = waiting_candidates(app, person)
    answer(as_json, [seen_json(each) for each in seen], queue_lines(seen))


@group.command()
def duplicates(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show the pairs of records that may be the same and wait for a person."""
    with opened(data, reading=True) as app:
        pairs = waiting_pairs(app)
        series = waiting_series(app)
    answer(as_json, [pair_json(each, series) for each in pairs], pair_lines(pairs, series))


@group.command()
def tasks(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show what the program noticed and only a person can judge."""
    with opened(data, reading=True) as app:
        found = waiting_tasks(app)
    answer(as_json, [asdict(each) for each in found], task_lines(found))


@group.command()
def corrections(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show what was published about the reports of known studies: retractions, errata, ..."""
    with opened(data, reading=True) as app:
        found = published_corrections(app)
    answer(as_json, [correction_json(each) for each in found], correction_lines(found))


def waiting_candidates(app: App, person: str | None) -> tuple[QueueEntryView, ...]:
    """Return the queue, as this person may see it."""
    with app.database.reading() as connection:
        if person is not None:
            people.find_person(connection, person)
        return decisions.queue(connection, person)


def waiting_pairs(app: App) -> tuple[Pair, ...]:
    """Return the pairs of records that may be the same and wait for a person."""
    with app.database.reading() as connection:
        found: tuple[Pair, ...] = late("bot.surveillance.alike:open_pairs")(connection)
    return found


def waiting_series(app: App) -> tuple[Series, ...]:
    """Return the series of records of which no more is asked for now."""
    with app.database.reading() as connection:
        found: tuple[Series, ...] = late("bot.surveillance.alike:full_series")(connection)
    return found


def waiting_tasks(app: App) -> tuple[Task, ...]:
    """Return what waits for somebody's judgement."""
    with app.database.reading() as connection:
        return open_tasks(connection)


def published_corrections(app: App) -> tuple[KnownCorrection, ...]:
    """Return what was published about the reports of known studies."""
    with app.database.reading() as connection:
        return known_corrections(connection)


def seen_json(seen: QueueEntryView) -> Json:
    """One candidate as a person may see it."""
    return {
        "candidate": seen.candidate.id,
        "kind": seen.candidate.kind,
        "stage": seen.stage.value,
        "status": seen.status,
        "to_do": seen.to_do,
        "title": seen.records[0].record.title if seen.records else None,
        "records": [each.record.key for each in seen.records],
        "score": seen.candidate.score,
        "lane": seen.candidate.lane,
        "reasons": list(seen.candidate.reasons),
        "flags": list(seen.candidate.flags),
        "study": seen.candidate.study,
        "link_reason": seen.candidate.link_reason,
        "opened_at": seen.candidate.opened_at,
        "mine": _decision(seen.mine) if seen.mine is not None else None,
        "revealed": [_decision(each) for each in seen.revealed],
        "rulings": [
            {"person": each.person, "adjudication": each.adjudication, **_answer(each)}
            for each in seen.rulings
        ],
    }


def _decision(decision: Decision) -> Json:
    return {"person": decision.person, **_answer(decision)}


def _answer(said: Decision | Ruling) -> Json:
    answer = said.answer
    return {
        "verdict": answer.verdict.value,
        "criterion": answer.criterion,
        "place": answer.place.value if answer.place is not None else None,
        "note": said.note,
    }


def queue_lines(seen: Sequence[QueueEntryView]) -> list[str]:
    """List the queue in its order, with the reasons."""
    lines = []
    for each in seen:
        title = each.records[0].record.title if each.records else ""
        todo = f" — to do: {each.to_do}" if each.to_do else ""
        lines.append(f"{each.candidate.id}  [{each.status}, {each.stage.value}]{todo}")
        lines.append(f"    {title}")
        lines += [f"    · {reason}" for reason in each.candidate.reasons]
    lines.append(f"{len(seen)} open")
    return lines


def pair_json(pair: Pair, series: Sequence[Series] = ()) -> Json:
    """One pair of records that may be the same; series: those of which no more is asked now."""
    keys = (pair.likeness.record_key, pair.likeness.other_key)
    full = next((each for each in series if keys in each.pairs), None)
    return {
        "record": pair.likeness.record_key,
        "other": pair.likeness.other_key,
        "title": pair.record.record.title,
        "other_title": pair.other.record.title,
        "reasons": list(pair.likeness.reasons),
        "rule": pair.likeness.rule,
        "found_at": pair.likeness.found_at,
        "series": full.words if full is not None else None,
        "series_records": full.records if full is not None else None,
    }


def pair_lines(pairs: Sequence[Pair], series: Sequence[Series] = ()) -> list[str]:
    """List the pairs that wait for a person."""
    lines = []
    for each in pairs:
        lines.append(f"{each.likeness.record_key}  {each.record.record.title}")
        lines.append(f"{each.likeness.other_key}  {each.other.record.title}")
        lines += [f"    · {reason}" for reason in (*each.likeness.reasons, each.rule)]
    return [*lines, *(each.words for each in series), f"{len(pairs)} to look at"]


def task_lines(found: Sequence[Task]) -> list[str]:
    """List what waits for somebody's judgement."""
    lines = []
    for each in found:
        lines.append(f"{each.id}  [{each.kind}]{f'  {each.study}' if each.study else ''}")
        lines += [f"    {line}" for line in each.text.splitlines()]
    return [*lines, f"{len(found)} to judge"]


def correction_json(notice: KnownCorrection) -> Json:
    """One notice of `corrections --json`."""
    stored, task = notice.stored, notice.task
    return {
        "study": stored.study,
        "report": stored.record_key,
        "kind": stored.kind.value,
        "citation": stored.citation,
        "doi": stored.doi,
        "pmid": stored.pmid,
        "sources": list(stored.sources),
        "otherwise": [
            {"kind": each.kind.value, "sources": list(each.sources)} for each in notice.lesser
        ],
        "seen_at": stored.seen_at,
        "task": {"id": task.id, "settled_at": task.settled_at, "note": task.note} if task else None,
    }


def correction_lines(found: Sequence[KnownCorrection]) -> list[str]:
    """List what was published about the reports of known studies, and whether it is judged."""
    lines = []
    for each in found:
        lines.append(f"{each.stored.study}  [{NAMED[each.stored.kind]}]  {each.stored.record_key}")
        lines.append(f"    {each.cited}")
        lines.append(f"    {each.told_by}, first {each.stored.seen_at[:10]}")
        if each.task is not None:
            lines.append(f"    {_judged(each.task)}")
    return [*lines, f"{len(found)} published about reports of known studies"]


def _judged(task: Task) -> str:
    return f"to judge: {task.id}" if task.settled_at is None else f"judged: {task.note}"
