"""The past of a register entry, before our first look at it: asked of the register, and kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.errors import SourceError, SourceRejected
from bot.results.format import counted
from bot.sources.catalogue import SOURCES
from bot.sources.source import Source
from bot.sources.told_history import EntryHistory
from bot.surveillance.ask import bare_question
from extraction import identifiers
from extraction.model import HistoryStep
from extraction.record_keys import REGISTER_PREFIX
from state import records
from state.codec import Json
from state.entry_histories import KeptHistory, find_history, keep_history
from state.errors import BadInput
from state.events import Actor
from state.facts import EntryHistoryRead

NO_ENTRY = 404


@dataclass(frozen=True, slots=True)
class EntryPast:
    """What is known of an entry's past. kept: read now, or, where that failed, at an earlier time.

    watched_since: when a search of ours found the entry first; failed: why it was not read now
    """

    entry: str
    source: str
    kept: KeptHistory | None
    watched_since: str | None
    failed: str | None


def entry_past(app: App, number: str, actor: Actor) -> EntryPast:
    """Ask a register for an entry's past, and keep it; what was kept before stays where it fails.

    Raises BadInput for a number of no register that tells the past of its entries.
    """
    source, entry = register_of(number)
    failed = None
    try:
        found = _ask(app, source, entry)
    except SourceError as error:
        failed = _reason(source, entry, error)
    else:
        _keep(app, source, entry, found, actor)
    with app.database.reading() as connection:
        kept, since = find_history(connection, entry), _watched_since(connection, entry)
    return EntryPast(entry, source.name, kept, since, failed)


def register_of(number: str) -> tuple[Source, str]:
    """Return the register that an entry's number is of, and the number in its normal form."""
    entry = identifiers.register_key(number.strip()) or number.strip()
    telling = [each for each in SOURCES.values() if each.own("history:history") is not None]
    for source in telling:
        if source.holds is not None and re.fullmatch(source.holds, f"{REGISTER_PREFIX}{entry}"):
            return source, entry
    names = ", ".join(each.name for each in telling)
    raise BadInput(f"'{number}': found no number of a register that tells its past ({names})")


def _ask(app: App, source: Source, entry: str) -> EntryHistory:
    history: EntryHistory = source.part("history:history")(bare_question(app, source), entry)
    return history


def _reason(source: Source, entry: str, error: SourceError) -> str:
    if isinstance(error, SourceRejected) and error.status == NO_ENTRY:
        return f"{source.name} gives no history of {entry}: no such entry, or its service is gone"
    return f"{source.name} gives no history now: {error.reason}"


def _keep(app: App, source: Source, entry: str, found: EntryHistory, actor: Actor) -> None:
    with app.ledger(actor) as ledger:
        for each in found.payloads:
            records.keep_payload(ledger.connection, each.body, each.media_type)
        read = EntryHistoryRead(
            entry=entry,
            source=source.id,
            contents=found.contents,
            steps=found.steps,
            payloads=tuple(each.sha256 for each in found.payloads),
        )
        keep_history(ledger, read)


def _watched_since(connection: Connection, entry: str) -> str | None:
    """Return when a search found the entry itself first."""
    known = records.owners(connection, [f"{REGISTER_PREFIX}{entry}"])
    return min((each.found_at for each in known if each.record.entry is not None), default=None)


# ---- told ----------------------------------------------------------------------------------------


def past_json(past: EntryPast) -> Json:
    """Say it for programs."""
    read = past.kept.read if past.kept is not None else None
    return {
        "entry": past.entry,
        "source": past.source,
        "read_at": past.kept.at if past.kept is not None else None,
        "failed": past.failed,
        "watched_since": past.watched_since,
        "contents_known": read.contents if read is not None else None,
        "steps": [asdict(each) for each in read.steps] if read is not None else None,
    }


def past_lines(past: EntryPast) -> list[str]:
    """Say it for people."""
    lines = [past.failed] if past.failed is not None else []
    if past.kept is None:
        return [*lines, "no history of it was ever read"] if past.failed else lines
    steps = past.kept.read.steps
    first = f"{past.entry} in {past.source}: {counted(len(steps), 'version')}"
    lines.append(f"{first}, as read at {past.kept.at}")
    if not past.kept.read.contents:
        lines.append("  the register says when, and not what was changed")
    lines += [line for each in steps for line in _step_lines(each)]
    since = past.watched_since
    return [
        *lines,
        f"watched here since {since}" if since else "not watched here: no search found it",
    ]


def _step_lines(step: HistoryStep) -> Iterator[str]:
    yield f"  {step.on}  {step.version}: {step.what}"
    for each in step.changes:
        late = f", {each.late}" if each.late else ""
        yield f"    {each.field}: {each.old or '-'} → {each.new or '-'}{late}"
