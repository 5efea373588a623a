"""The list of commands, and what a command's failure says and exits with.

Exit status: 0 done, 1 failed, 2 wrong use, 3 finished but something needs a person.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from analysis.errors import AnalysisError
from bot import VERSION
from bot.cli.lazy import Listed, lazy_group
from bot.errors import BotError, FaultsOfInput
from bot.notify.log_lines import FORMAT, OfItsReview
from extraction.errors import ExtractionError
from state.errors import BadInput, NotFound, StateError
from state.files import OTHERS, file_fault

FAILED, WRONG_USE = 1, 2
# What loading makes stays, some 100 000 objects: at Python's own 700 its collector looks through it
# again and again, for a tenth of what a command costs; at 50 000 twice, for a twentieth.
OBJECTS_A_COLLECTION = 200_000

COMMANDS = {
    "run": Listed("Search on schedule and serve the page: the main job.", "bot.cli.running"),
    "search": Listed("Search all automatic sources (or one) now.", "bot.cli.searching"),
    "import": Listed(
        "Take in what a person found in a source that has no interface, or that it was nothing.",
        "bot.cli.searching",
    ),
    "alerts": Listed(
        "Take in what providers sent between two searches: watched folders, and the mailbox.",
        "bot.cli.alerts",
    ),
    "queue": Listed(
        "Show what waits to be screened, in order, with the reasons.", "bot.cli.waiting"
    ),
    "screen": Listed("Give a verdict on a candidate.", "bot.cli.screening"),
    "duplicates": Listed(
        "Show the pairs of records that may be the same and wait for a person.", "bot.cli.waiting"
    ),
    "same": Listed(
        "Say that two records are one; where somebody has judged one of them it takes a second.",
        "bot.cli.screening",
    ),
    "different": Listed(
        "Say that two records are not one: a merged one gets its own place in the queue again.",
        "bot.cli.screening",
    ),
    "strategy": Listed(
        "Show what the folder's strategy gains and loses against the one in force, and its lint.",
        "bot.cli.searching",
    ),
    "coverage": Listed(
        "Say which source had each included report, when first, and what all of them may miss.",
        "bot.cli.covering",
    ),
    "probe": Listed(
        "Ask a live service what the program assumes of it; print what was seen, change nothing.",
        "bot.cli.probing",
    ),
    "history": Listed(
        "Ask a register what an entry said before our first look at it, and keep the answer.",
        "bot.cli.past",
    ),
    "locations": Listed(
        "Ask where the full text of a report lies, once it is read whole, and keep the answer.",
        "bot.cli.locating",
    ),
    "what-if": Listed(
        "Show what today's program would make of what a source once answered; change nothing.",
        "bot.cli.what_if",
    ),
    "tasks": Listed(
        "Show what the program noticed and only a person can judge.", "bot.cli.waiting"
    ),
    "corrections": Listed(
        "Show what was published about the reports of known studies: retractions, errata, ...",
        "bot.cli.waiting",
    ),
    "settle": Listed("Store what a person concluded of a task.", "bot.cli.screening"),
    "reopen": Listed(
        "Have what is closed judged again: a candidate (excluded, linked, withdrawn), or a task.",
        "bot.cli.hands",
    ),
    "withdraw": Listed(
        "Take back an act of one's own: a proposal, a verdict, a search by hand or its import.",
        "bot.cli.hands",
    ),
    "reject": Listed(
        "Refuse what another person has proposed: all stays as it is.", "bot.cli.hands"
    ),
    "place": Listed(
        "Say where a study is to stand: one person proposes it, a second puts it in force.",
        "bot.cli.extracting",
    ),
    "extract": Listed(
        "Hand in the data of an included study, or print the form for it.", "bot.cli.extracting"
    ),
    "adjudicate": Listed(
        "Settle a conflict: the two readers' agreement, or a third person's ruling.",
        "bot.cli.extracting",
    ),
    "analyse": Listed("Pool the accepted values by the protocol.", "bot.cli.analysing"),
    "amend": Listed(
        "Propose a new version of the protocol; two sign it, one of them the lead.",
        "bot.cli.amending",
    ),
    "sign": Listed(
        "Accept or reject what the machine proposes; the last signature needed puts it in force.",
        "bot.cli.signing",
    ),
    "publish": Listed("Publish a signed draft as an immutable version.", "bot.cli.signing"),
    "records": Listed("Print everything known, one record a line.", "bot.cli.standing"),
    "status": Listed(
        "Say what is known, pending and overdue, and when each source was and will be searched.",
        "bot.cli.standing",
    ),
    "watchdog": Listed(
        "Complain (exit 1) if the program is silent, its certificate late, or its signature wrong.",
        "bot.cli.watching",
    ),
    "verify": Listed(
        "Replay the log and compare it with every table, payload and published file.",
        "bot.cli.keeping",
    ),
    "log": Listed(
        "Print what happened, an event a line; what only one of two has said stays sealed.",
        "bot.cli.standing",
    ),
    "backup": Listed(
        "Write a safety copy of the database and the published versions while the program runs.",
        "bot.cli.keeping",
    ),
    "restore": Listed(
        "Put a backup or an export into an empty data folder, after looking at all of it.",
        "bot.cli.keeping",
    ),
    "export": Listed(
        "Write everything in open formats: records, decided verdicts, values, results, runs.",
        "bot.cli.exporting",
    ),
    "new": Listed(
        "Write a review folder: out of a published review's package, or out of a few answers.",
        "bot.cli.moving",
    ),
    "compare": Listed(
        "Hold each number of a baseline against a package: confirmed, contradicted, or not found.",
        "bot.cli.comparing",
    ),
    "demo": Listed(
        "Play the whole loop offline in about a minute, with a plainly fictional trial.",
        "bot.cli.trying",
    ),
    "people": Listed("Accounts, roles and deputies.", "bot.cli.team"),
}

cli = typer.Typer(
    name="livingreview",
    help="Keep a systematic review true: search, screen, extract, pool, report, tell.",
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"livingreview {VERSION}")
        raise typer.Exit


AskedForVersion = Annotated[
    bool,
    typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True),
]


@cli.callback()
def _whole(version: AskedForVersion = False) -> None:
    """Stand for the group: its commands are those of the list."""


def main() -> None:
    """Run the command line; what it writes is for its own user to read."""
    os.umask(OTHERS)
    gc.set_threshold(OBJECTS_A_COLLECTION)
    lines = logging.StreamHandler(sys.stderr)
    lines.addFilter(OfItsReview())
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=[lines])
    for chatty in ("apscheduler", "httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    try:
        cli(prog_name="livingreview")
    except (StateError, BotError, AnalysisError, ExtractionError) as error:
        typer.echo(f"livingreview: {error}", err=True)
        sys.exit(exit_status(error))
    except UnicodeEncodeError as error:
        sign = error.object[error.start : error.end]
        typer.echo(f"livingreview: found {sign!a}, which is no text in {error.encoding}", err=True)
        sys.exit(WRONG_USE)
    except OSError as error:
        typer.echo(
            f"livingreview: {file_fault(error, Path(error.filename or 'the data folder'))}",
            err=True,
        )
        sys.exit(FAILED)


def exit_status(error: Exception) -> int:
    """Say whether what was typed was wrong, or what was asked did not succeed."""
    return WRONG_USE if isinstance(error, BadInput | NotFound | FaultsOfInput) else FAILED
