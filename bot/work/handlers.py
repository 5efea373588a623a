"""Every kind of work: how a piece is done, and when a failed one is tried again.

What does a piece is named and loaded when one is due: whoever looks and finds nothing to do has not
loaded what searches, computes or draws.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.app import App
from bot.report.drafts import request_lost_draft, request_signed_draft
from bot.report.hooks import hook_failed
from bot.silence.reminding import request_reminding
from bot.surveillance.adopted_strategies import request_comparisons
from bot.surveillance.alert_requests import MAILBOX_RETRY, request_reading
from bot.surveillance.slots import SEARCH_RETRY
from bot.synthesis.recompute import recompute_failed, request_recompute
from bot.work.worker import Handler, do_due, tell_failing
from state import versions
from state.attempts import FailedTry, Retry, ToStore
from state.events import Ledger
from state.late import late
from state.runs import Work
from state.values import WorkKind

if TYPE_CHECKING:  # what compares is loaded when a strategy was changed
    from bot.surveillance.changed_strategies import AskFor

# As a search: an outage is looked at four times a day.
AGAIN = timedelta(hours=6)
COMPARE_RETRY = Retry(first=AGAIN, longest=AGAIN)
# The disk of a published folder is mended within the hour or needs a person anyway.
FILES_RETRY = Retry(first=timedelta(minutes=1), longest=timedelta(hours=1))
# Values that cannot be pooled are corrected by people, who ask for the next try themselves.
RECOMPUTE_RETRY = Retry(first=timedelta(hours=1), longest=timedelta(hours=6))
# A receiver that is down for a weekend is still told on the Monday after.
HOOK_RETRY = Retry(first=timedelta(minutes=1), longest=timedelta(minutes=2**12))


def _when_due(place: str, *given: str) -> Callable[[App, Work], ToStore]:
    """Return what does a piece of work: the function of that place, with what those places hold."""

    def run(app: App, work: Work) -> ToStore:
        found: ToStore = late(place)(app, work, *map(late, given))
        return found

    return run


def _tell_search(app: App, ledger: Ledger, failed: FailedTry) -> None:
    late("bot.surveillance.search:search_failed")(app, ledger, failed)


def _tell_recompute(app: App, ledger: Ledger, failed: FailedTry) -> None:
    if not recompute_failed(ledger, failed):
        tell_failing(app, ledger, failed)


SEARCHING = Handler(
    _when_due("bot.surveillance.search:search", "bot.surveillance.ask:ask"),
    SEARCH_RETRY,
    _tell_search,
)
RECOMPUTING = Handler(
    _when_due("bot.synthesis.recompute:recompute"), RECOMPUTE_RETRY, _tell_recompute
)
RENDERING = Handler(_when_due("bot.report.publish:render_draft"), FILES_RETRY)
PUBLISHING = Handler(_when_due("bot.report.publish:publish"), FILES_RETRY)
REMINDING = Handler(_when_due("bot.silence.reminders:remind_people"), FILES_RETRY)
READING_MAIL = Handler(_when_due("bot.surveillance.alert_mailbox:read_mailbox"), MAILBOX_RETRY)
CALLING_HOOKS = Handler(_when_due("bot.report.hooks:fire_hook"), HOOK_RETRY, hook_failed)


def search_due(app: App, source: str) -> None:
    """Search a source if it is due."""
    do_due(app, WorkKind.SEARCH, SEARCHING, source)


def take_from_folders(app: App) -> None:
    """Take in the alerts that were put into the watched folders."""
    if app.alerts.is_dir():
        late("bot.surveillance.alert_folders:look_into_folders")(app)


def read_mailbox_due(app: App) -> None:
    """Take in the alerts that came by mail, where there is a mailbox and it is time to look."""
    request_reading(app)
    do_due(app, WorkKind.MAILBOX, READING_MAIL)


def compare_due(app: App, asked: AskFor | None = None) -> None:
    """Compare every changed strategy with the one in force, and propose it."""
    request_comparisons(app)
    do_due(app, WorkKind.COMPARE, Handler(partial(_compare, asked=asked), COMPARE_RETRY))


def _compare(app: App, work: Work, asked: AskFor | None) -> ToStore:
    ask_for = asked or late("bot.surveillance.ask:ask_for")
    found: ToStore = late("bot.surveillance.changed_strategies:propose_changed_strategy")(
        app, work, ask_for
    )
    return found


def recompute_due(app: App) -> None:
    """Compute the results anew where the newest are not of the inputs of now.

    It waits until there is a published version for the results to be compared with.
    """
    with app.database.reading() as connection:
        if versions.last_published(connection) is None:
            return
    request_recompute(app)
    do_due(app, WorkKind.RECOMPUTE, RECOMPUTING)


def remind_due(app: App) -> None:
    """Once a day, remind people of what waits for them, and have left work pass to deputies."""
    request_reminding(app)
    do_due(app, WorkKind.REMIND, REMINDING)


def publish_due(app: App) -> None:
    """Render the drafts and publish the versions that are asked for."""
    request_lost_draft(app)
    request_signed_draft(app)
    do_due(app, WorkKind.RENDER, RENDERING)
    do_due(app, WorkKind.PUBLISH, PUBLISHING)


def fire_hooks(app: App) -> None:
    """Fire every hook that is due."""
    do_due(app, WorkKind.HOOK, CALLING_HOOKS)
