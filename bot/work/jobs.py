"""What runs by itself: due searches, recomputes, publications, hooks and notices.

Every piece of work is claimed in the database, so any number of processes may call these.
"""

from __future__ import annotations

from bot.acts.sign_in import with_link
from bot.app import App
from bot.notify.delivery import deliver
from bot.report.hooks import fire_hooks
from bot.report.publish import publish_due
from bot.silence.certify import certify
from bot.silence.static_status import keep_status
from bot.surveillance.ask import ask, ask_for
from bot.surveillance.changed_strategies import propose_changed_strategies
from bot.surveillance.hand_searches import remind
from bot.surveillance.search import automatic_sources, search, search_now
from bot.surveillance.slots import PULSE, enqueue_slots
from bot.surveillance.watch_entries import look_at_registers
from bot.synthesis.synthesise import recompute_due
from state import runs
from state.facts import SearchRun


def compare_due(app: App) -> None:
    """Compare changed strategies with those in force, and propose them."""
    propose_changed_strategies(app, ask_for)


def search_due(app: App, source: str) -> None:
    """Search a source if it is due, and certify the round that this may complete."""
    if search(app, source, ask) is not None:
        certify(app)


def search_at_once(app: App, source: str) -> SearchRun:
    """Search a source now, due or not, and certify the round that this may complete."""
    run = search_now(app, source, ask)
    certify(app)
    return run


def search_all_due(app: App) -> None:
    """Search every automatic source that is due."""
    for source in automatic_sources(app):
        search_due(app, source)


def work_off(app: App) -> None:
    """Do all that is due except searching: recompute, publish, fire hooks, tell, write status."""
    recompute_due(app)
    publish_due(app)
    fire_hooks(app)
    deliver(app, with_link)
    keep_status(app)


def tick(app: App) -> None:
    """Make due what the schedules say, and do what is due except searching."""
    enqueue_slots(app)
    remind(app)
    look_at_registers(app)
    certify(app)
    work_off(app)
    with app.database.transaction() as connection:
        runs.beat(connection, PULSE, now=app.clock.now())
