"""The history of one register entry, as a register gives it: a part that some sources have."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sources.upstream.reply import Payload
from extraction.model import HistoryStep


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """What happened to an entry, oldest first, and the answers that say so.

    contents: whether the steps tell what changed, or only that something did.
    """

    steps: tuple[HistoryStep, ...]
    payloads: tuple[Payload, ...]
    contents: bool
