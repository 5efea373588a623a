"""No command, export or notice differs by what the first reader has said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.app import App
from bot.cli import analysing, standing, waiting
from bot.report.open_formats import write_export
from bot.silence.status import status_json
from state.outbox import deliveries
from state.screening import Verdict
from tests.bot.builders import ADA, BEN, CY, a_trial, add_team, an_app, found, hand_in, include, say

TRIAL = a_trial(1)


def a_world(folder: Path) -> App:
    app = an_app(folder)
    add_team(app)
    found(app, TRIAL, a_trial(2))
    return app


def seen(app: App, folder: Path) -> dict[str, str]:
    """Return everything that commands, exports and notices say to anybody but the first reader."""
    said = {
        f"queue of {person}": json.dumps(
            [waiting.seen_json(each) for each in waiting.waiting_candidates(app, person)]
        )
        for person in (BEN, CY, None)
    }
    said["records"] = json.dumps(list(standing.all_known(app)))
    said["status"] = json.dumps(status_json(app))
    said["analyse"] = json.dumps(analysing.analyses_json(analysing.pooled_results(app, None)))
    with app.database.reading() as connection:
        said["notices"] = repr([(each.notice, each.recipient) for each in deliveries(connection)])
    for name in write_export(app, folder):
        said[f"export {name}"] = without_chance((folder / name).read_text(encoding="utf-8"))
    said["log"] = repr([line.sentence() for line in standing.everything_that_happened(app, 0)])
    return said


def without_chance(log: str) -> str:
    """Take out what differs by chance (a nonce is random), the hashes over it, and a signature.

    The manifest of a version names the newest hash of the log: so does its own hash.
    """
    return re.sub(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b|[\w+/]{86}==", "", log)


@pytest.mark.parametrize("other", [Verdict.EXCLUDE, Verdict.UNSURE])
def test_no_command_tells_what_the_first_reader_said(tmp_path: Path, other: Verdict) -> None:
    worlds = []
    for verdict in (Verdict.INCLUDE, other):
        app = a_world(tmp_path / verdict)
        say(app, ADA, TRIAL.key, verdict, note=f"I say {verdict}")
        worlds.append(seen(app, tmp_path / f"{verdict}-export"))
        app.close()

    assert worlds[0] == worlds[1]


def test_no_command_tells_what_the_first_extractor_read(tmp_path: Path) -> None:
    worlds = []
    for events in (3, 7):
        app = a_world(tmp_path / str(events))
        include(app, TRIAL.key)
        place = {"outcome": "strength_improved", "source": "Doe 2026", "locator": "p. 1"}
        values = [
            {**place, "arm": "ivig", "events": events, "total": 12},
            {**place, "arm": "placebo", "events": 2, "total": 12},
        ]
        hand_in(
            app,
            ADA,
            "doe2026",
            {"design": "parallel", "arms": ["ivig", "placebo"], "values": values},
        )
        worlds.append(seen(app, tmp_path / f"{events}-export"))
        app.close()

    assert worlds[0] == worlds[1]
