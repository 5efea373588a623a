"""What the programs load when they come to need it.

A process that begins them by forking has it loaded once for all.
"""

from __future__ import annotations

LOADED_LATE = (
    "_strptime",
    "bot.acts.amending",
    "bot.acts.spreads",
    "bot.report.publish",
    "bot.surveillance.ask",
    "bot.synthesis.recompute",
    "bot.web.site",
    "bot.work.begin",
    "bot.work.jobs",
    "bot.work.outgoing",
    "email.policy",
    "h11",
    "httpcore",
)
