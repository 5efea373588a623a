"""What commands print: the stable JSON of docs/commands.md, and lines for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from bot.assemble import AnalysisResult, analysis_json
from bot.figures.format import sentence
from bot.review.protocol import ReviewProtocol
from bot.steps.likeness import Pair
from bot.steps.notices import KnownNotice
from extraction.corrections import NAMED
from state.codec import Json
from state.decisions import Seen
from state.people import Person
from state.runs import SearchRun
from state.screening import Decision, Ruling
from state.tasks import Task


def search_json(found: Sequence[SearchRun]) -> Json:
    """The answer of `search --json`."""
    return {
        "sources": [
            {
                "source": run.source,
                "status": run.status,
                "found": run.found,
                "new": run.new,
                "known": run.known,
                "changed": run.changed,
                "error": run.error,
                "known_items_missing": [asdict(item) for item in run.known_items_missing],
                "retry_at": run.retry_at,
                "warnings": list(run.warnings),
            }
            for run in found
        ],
        "candidates_new": sum(run.candidates_new for run in found),
    }


def search_lines(found: Sequence[SearchRun], protocol: ReviewProtocol) -> list[str]:
    """Say what a search found, one line a thing."""
    names = {plan.id: plan.name for plan in protocol.sources}
    lines = []
    for run in found:
        name = names.get(run.source, run.source)
        if run.error is not None:
            lines.append(f"{name}: FAILED: {run.error}")
            if run.retry_at is not None:
                lines.append(f"  will be tried again at {run.retry_at}")
        if run.status == "ok" or run.found:
            counts = f"{run.new} new, {run.known} known, {run.changed} changed"
            lines.append(f"{name}: {run.found} found, {counts}")
        lines += [f"  known item not re-found: {i.id} {i.title}" for i in run.known_items_missing]
        lines += [f"  warning: {warning}" for warning in run.warnings]
    lines.append(f"{sum(run.candidates_new for run in found)} new candidates queued")
    return lines


def seen_json(seen: Seen) -> Json:
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


def queue_lines(seen: Sequence[Seen]) -> list[str]:
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


def pair_json(pair: Pair) -> Json:
    """One pair of records that may be the same."""
    return {
        "record": pair.likeness.record_key,
        "other": pair.likeness.other_key,
        "title": pair.record.record.title,
        "other_title": pair.other.record.title,
        "rule": pair.likeness.rule,
        "reasons": list(pair.likeness.reasons),
        "found_at": pair.likeness.found_at,
    }


def pair_lines(pairs: Sequence[Pair]) -> list[str]:
    """List the pairs that wait for a person."""
    lines = []
    for each in pairs:
        lines.append(f"{each.likeness.record_key}  {each.record.record.title}")
        lines.append(f"{each.likeness.other_key}  {each.other.record.title}")
        lines += [f"    · {reason}" for reason in (*each.likeness.reasons, each.rule)]
    return [*lines, f"{len(pairs)} to look at"]


def task_lines(found: Sequence[Task]) -> list[str]:
    """List what waits for somebody's judgement."""
    lines = []
    for each in found:
        lines.append(f"{each.id}  [{each.kind}]{f'  {each.study}' if each.study else ''}")
        lines += [f"    {line}" for line in each.text.splitlines()]
    return [*lines, f"{len(found)} to judge"]


def correction_json(notice: KnownNotice) -> Json:
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


def correction_lines(found: Sequence[KnownNotice]) -> list[str]:
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


def said_lines(said: Sequence[Json]) -> list[str]:
    """Say what was stored, one line a thing."""
    return [", ".join(f"{key}: {value}" for key, value in each.items()) for each in said]


def extraction_lines(said: Json) -> list[str]:
    """Say how the extraction of a study stands."""
    lines = [f"{said['study']}: {said['status']}"]
    lines += [f"  differs: {each['cell']}" for each in said["differences"]]
    return lines


def analyses_json(results: Sequence[AnalysisResult]) -> Json:
    """The answer of `analyse --json`."""
    return {"analyses": [analysis_json(result) for result in results]}


def analysis_lines(results: Sequence[AnalysisResult]) -> list[str]:
    """Print the pooled results, published beside computed."""
    lines = []
    for result in results:
        lines.append(f"{result.id}  {result.outcome_label} ({result.comparison_label})")
        if result.effect is None:
            lines.append(f"     not estimable: {result.not_estimable}")
        else:
            lines.append(f"     {sentence(result.effect, result.measure)}; {result.direction}")
        lines.append(f"     {result.studies} studies, {result.participants} participants")
        if result.published is not None:
            p = result.published
            lines.append(
                f"     published: {p.estimate} ({p.ci_lower} to {p.ci_upper}), {p.certainty}"
            )
        if result.paired.effect is not None:
            lines.append(f"     paired: {sentence(result.paired.effect, result.measure)}")
        if result.derived_inputs:
            lines.append("     † rests on derived cells, not on published ones")
    return lines


def person_json(person: Person) -> Json:
    """One member of the team."""
    return {
        "id": person.id,
        "name": person.name,
        "address": person.address,
        "roles": list(person.roles),
        "deputy": person.deputy,
        "retired": person.retired,
    }


def people_lines(everybody: Sequence[Person]) -> list[str]:
    """List the team."""
    return [
        f"{each.id}  {each.name} <{each.address or 'no address'}>  {', '.join(each.roles)}"
        + (f"  deputy: {each.deputy}" if each.deputy else "")
        + ("  retired" if each.retired else "")
        for each in everybody
    ] or ["nobody yet: livingreview people add NAME --role screener --address you@example.org"]


def record_line(known: Json) -> str:
    """One record in a line."""
    return f"{known['source']}:{known['source_id']}  [{known['status']}]  {known['title']}"


def status_lines(found: Json) -> list[str]:
    """Say how everything stands."""
    lines = [f"{found['review']}, protocol version {found['protocol_version']}"]
    if found["clock_set"]:
        lines.append(f"THE CLOCK WAS SET: it is now {found['now']} (LIVINGREVIEW_NOW)")
    if not found["contact_set"]:
        lines.append("LIVINGREVIEW_EMAIL is not set: NCBI asks for a contact address")
    for source in found["sources"]:
        last, upcoming = source["last_success"] or "never", source["next"] or "not scheduled"
        lines.append(f"{source['name']}: {source['light']}, last searched {last}, next {upcoming}")
        if source["error"]:
            lines.append(f"  failed: {source['error']}")
        lines += [f"  known item missing: {i['id']} {i['title']}" for i in source["missing"]]
    if found["certificate"] is not None:
        held = found["certificate"]
        lines.append(
            f"last round of all sources: {held['verdict']}, signed {held['issued_at']},"
            f" next by {held['next_by']}{', OVERDUE' if held['overdue'] else ''}"
        )
        lines += [f"  {reason}" for reason in held["reasons"]]
    for name, count in found["counts"].items():
        lines.append(f"{name.replace('_', ' ')}: {count}")
    lines += [f"waiting for a person: {each}" for each in found["needs"]]
    return lines


def verify_lines(found: Json) -> list[str]:
    """Say what was verified."""
    lines = [f"{found['events']} events, head {found['head']}"]
    lines.append(f"{found['rows']} rows replayed, {found['payloads']} payloads and")
    lines[-1] += f" {found['files']} published files checked"
    return lines + ([f"FAULT: {fault}" for fault in found["faults"]] or ["everything agrees"])
