"""Where the page is: the start of every link in a notice."""

from __future__ import annotations

from dataclasses import replace

from bot.app import PULSE, App
from state import runs


def page_address(app: App) -> str:
    """Return the address of a review's page, without a closing slash."""
    return f"{program_address(app)}{app.config.root}"


def program_address(app: App) -> str:
    """Return the address of the program that serves it, without a closing slash."""
    if app.config.public_url is not None:
        return app.config.public_url.rstrip("/")
    host = app.config.host
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{app.config.port}"


def as_served(app: App) -> App:
    """Return a command's review with the address and path at which its page was last served.

    The settings win where they name one: whoever set it knows of a service that has not beaten yet.
    """
    with app.database.reading() as connection:
        beat = runs.last_beat(connection, PULSE)
    if beat is None:
        return app
    known = {"root": app.config.root or beat.root or ""}
    if app.config.public_url is None and beat.address:
        known["public_url"] = beat.address
    return replace(app, config=app.config.model_copy(update=known))
