"""Alerts: what providers send between two searches, taken in now from folders and the mailbox."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import NEEDS_A_PERSON, answer, opened
from bot.errors import SourceError
from bot.results.format import counted
from bot.surveillance.alert_folders import folders, look_into_folders, make_folders
from bot.surveillance.alert_mailbox import look_into_mailbox
from bot.surveillance.taking_alerts import PlaceLookedAt
from bot.work.outgoing import end_command
from state.codec import Json

group = typer.Typer()


@group.command()
def alerts(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Take in what providers sent between two searches: watched folders, and the mailbox."""
    with opened(data) as app:
        make_folders(app)
        looked, error = list(look_into_folders(app)), None
        try:
            looked += look_into_mailbox(app)
        except SourceError as failure:
            error = str(failure)
        end_command(app)
        found = alerts_json(app, looked, error)
    answer(as_json, found, alert_lines(found))
    if error is not None or any(each.refused for each in looked):
        raise typer.Exit(NEEDS_A_PERSON)


def alerts_json(app: App, looked: Sequence[PlaceLookedAt], error: str | None) -> Json:
    """The answer of `alerts --json`. error: why the mailbox could not be read."""
    return {
        "folders": [str(each) for each in folders(app)],
        "mailbox": app.config.alerts_imap_url is not None,
        "mailbox_error": error,
        "taken": [each.model_dump(mode="json") for one in looked for each in one.taken],
        "again": [
            {"name": each.sent.part.name, "source": each.sent.plan.id, "as": each.run,
             "day": each.day, "taken_at": each.taken_at}
            for one in looked
            for each in one.again
        ],
        "refused": [
            {"task": each.key, "name": each.name, "reason": each.reason}
            for one in looked
            for each in one.refused
        ],
    }  # fmt: skip


def alert_lines(found: Json) -> list[str]:
    """Say what was taken, what was known, what was refused, and where alerts are put."""
    lines = [
        f"{each['source']}, alert of {each['day']}: {counted(each['found'], 'record')},"
        f" {each['new']} new, {each['known']} known ({each['name']})"
        for each in found["taken"]
    ]
    lines += [f"  warning: {said}" for each in found["taken"] for said in each["warnings"]]
    lines += [
        f"{each['name']}: taken before, as {each['as']} of {each['day']}"
        f" (stored {each['taken_at']}): nothing was changed"
        for each in found["again"]
    ]
    lines += [f"NOT TAKEN: {each['name']}: {each['reason']}" for each in found["refused"]]
    if found["mailbox_error"] is not None:
        lines.append(f"the mailbox could not be read: {found['mailbox_error']}")
    if not lines:
        lines = ["nothing new was sent"]
    return lines + [f"files are taken from {each}" for each in found["folders"]]
