"""What a person concludes of a task that the program raised, and how that is undone."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.said import ReopenTask, SettleTask
from state import tasks


def settle_task(saying: Saying, act: SettleTask) -> None:
    """Store what was concluded."""
    tasks.settle_task(saying.ledger, act.task, saying.person, act.note)


def reopen_task(saying: Saying, act: ReopenTask) -> None:
    """Have a task judged again."""
    tasks.reopen_task(saying.ledger, act.task, saying.person, act.note)
