"""What runs by itself: due searches, recomputes, publications, hooks and notices.

Every piece of work is claimed in the database, so any number of processes may call these. Each step
stands behind a firewall of its own (bot/work/steps.py).
"""

from __future__ import annotations

import time
from datetime import timedelta

from bot.acts.sign_in import with_link
from bot.app import PULSE, App
from bot.notify.delivery import deliver
from bot.notify.page_address import program_address
from bot.report.amendment_files import write_amendments
from bot.silence.certify import certify
from bot.silence.static_status import keep_status
from bot.silence.third_people import tell_of_third_people
from bot.surveillance.hand_searches import remind
from bot.surveillance.slots import automatic_sources, enqueue_slots, find_source, take_slot
from bot.surveillance.watch_entries import look_at_registers
from bot.work import handlers
from bot.work.resume import look_at_folder
from bot.work.steps import take_steps
from state import runs
from state.codec import instant
from state.errors import BadInput
from state.events import head
from state.facts import SearchRun
from state.values import WorkKind

# A monitor that asks every few minutes sees a program that is not asleep for good.
BEAT_EVERY = timedelta(minutes=1)
POLL_S = 0.2
LONGEST_POLL = timedelta(minutes=20)


def compare_due(app: App) -> None:
    """Compare changed strategies with those in force, and propose them."""
    take_steps(app, {"compare strategies": handlers.compare_due})


def search_due(app: App, source: str) -> None:
    """Search a source if it is due, and certify the round that this may complete."""
    with app.database.reading() as connection:
        due = any(
            each.key == source
            for each in runs.due(connection, WorkKind.SEARCH, now=app.clock.now())
        )
    if due:
        handlers.search_due(app, source)
        take_steps(app, {"certify": certify})


def search_at_once(app: App, source: str) -> SearchRun:
    """Search a source now, due or not; where another process is at it, wait for that run."""
    with app.database.transaction() as connection:
        take_slot(app, connection, find_source(app, source))
        asked_at, _ = head(connection)
        runs.request(connection, WorkKind.SEARCH, source, due_at=instant(app.clock.now()))
    until = app.clock.now() + LONGEST_POLL
    while app.clock.now() < until:
        handlers.search_due(app, source)
        with app.database.reading() as connection:
            run = runs.next_run(connection, source, after=asked_at)
        if run is not None:
            take_steps(app, {"certify": certify})
            return run
        time.sleep(POLL_S)
    raise BadInput(f"another process has been searching {source} for too long")


def search_all_due(app: App) -> None:
    """Search every automatic source that is due."""
    for source in automatic_sources(app):
        search_due(app, source)


def fire_hooks(app: App) -> None:
    """Fire the hooks that are due."""
    take_steps(app, {"hooks": handlers.fire_hooks})


def take_alerts(app: App) -> None:
    """Take in the alerts that lie in the folders or came by mail."""
    steps = {
        "alert folders": handlers.take_from_folders,
        "alert mailbox": handlers.read_mailbox_due,
    }
    take_steps(app, steps)


def send(app: App) -> None:
    """Deliver the notices that are due."""
    take_steps(app, {"deliver": lambda each: deliver(each, with_link)})


def work_off(app: App) -> None:
    """Do all that is due except searching: recompute, publish, fire hooks, tell, write status."""
    compute(app)
    fire_hooks(app)
    send(app)
    write_status_file(app)


def write_status_file(app: App) -> None:
    """Keep the file for other machines fresh."""
    take_steps(app, {"status file": keep_status})


def compute(app: App) -> None:
    """Recompute and publish what is due: work of the database and the folder of files."""
    steps = {
        "recompute": handlers.recompute_due,
        "publish": handlers.publish_due,
        "amendments": write_amendments,
    }
    take_steps(app, steps)


def make_due(app: App) -> None:
    """Make due what the schedules say."""
    steps = {
        "look at the folder": look_at_folder,
        "schedules": enqueue_slots,
        "remind": remind,
        "remind people": handlers.remind_due,
        "third people": tell_of_third_people,
        "look at registers": look_at_registers,
        "certify": certify,
    }
    take_steps(app, steps)


def own_work(app: App) -> None:
    """Do all that waits for nobody else: the database and the folder of files."""
    make_due(app)
    compute(app)
    write_status_file(app)


def tick(app: App) -> None:
    """Make due what the schedules say, and do what is due except searching."""
    make_due(app)
    take_alerts(app)
    work_off(app)
    say_it_lives(app)


def say_it_lives(app: App) -> None:
    """Beat, where the last one is a minute old."""
    take_steps(app, {"beat": beat})


def beat(app: App) -> None:
    """Say once a minute that the program lives; between two beats nothing is written.

    The beat of a process that is gone is no reason to wait: commands look at who beats.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        last = runs.last_beat(connection, PULSE)
    if last is not None and last.holder_lives and timedelta(0) <= now - last.at < BEAT_EVERY:
        return
    with app.database.transaction() as connection:
        runs.beat(connection, PULSE, now=now, root=app.config.root, address=program_address(app))
