"""The command line: one file for each group of commands, loaded when one of them is asked for.

A file holds all of its commands: what is typed, what is done, what is printed. `main` has the list
of names, which needs none of those files.
"""

from __future__ import annotations

from bot.cli.main import cli, main

__all__ = ["cli", "main"]
