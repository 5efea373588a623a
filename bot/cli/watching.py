"""The watchdog: needs the status and nothing else of the program."""

from __future__ import annotations

import typer

from bot.silence.watchdog_command import watchdog

group = typer.Typer()


group.command()(watchdog)
