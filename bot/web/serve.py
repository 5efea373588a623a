"""The main job: the clock in the background, the page in front."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence

import typer
import uvicorn

from bot.acts.sign_in import first_link
from bot.app import App
from bot.errors import CannotListen
from bot.notify.page_address import page_address
from bot.web.program import create_program
from bot.work.trigger import start_clock


def serve(apps: Sequence[App]) -> None:
    """Print each review's address (while nobody is known, a one-time sign-in link), then serve.

    The port is taken first: nothing is searched, and no link made, for a page that cannot be. Each
    review has a clock of its own, so that none waits for another.
    """
    listening = _listen(apps[0])
    for app in apps:
        _greet(app)
    loops = [start_clock(app) for app in apps]
    try:
        server = uvicorn.Config(create_program(apps), log_level=logging.WARNING, access_log=False)
        uvicorn.Server(server).run(sockets=[listening])
    finally:
        for loop in loops:
            loop.shutdown()


def _greet(app: App) -> None:
    typer.echo(f"{app.protocol.short_title}: {page_address(app)}/")
    link = first_link(app)
    if link is not None:
        typer.echo(f"Nobody has an account yet. Sign in once with: {link}")
    if app.config.email is None:
        typer.echo("LIVINGREVIEW_EMAIL is not set: NCBI asks for a contact address.")


def _listen(app: App) -> socket.socket:
    """Return a socket at the address of the settings; raise CannotListen where there is none."""
    host, port = app.config.host, app.config.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise CannotListen(f"cannot serve at {host}, port {port}: {error}") from error
