"""The main job: the clock in the background, the page in front."""

from __future__ import annotations

import logging
import socket

import typer
import uvicorn

from bot.acts.sign_in import first_link
from bot.app import App
from bot.errors import CannotListen
from bot.notify.page_address import page_address
from bot.web.site import create_app
from bot.work.trigger import start_clock


def serve(app: App) -> None:
    """Print the address (and, while nobody is known, a one-time sign-in link), then serve.

    The port is taken first: nothing is searched, and no link made, for a page that cannot be.
    """
    listening = _listen(app)
    typer.echo(f"{app.protocol.short_title}: {page_address(app)}/")
    link = first_link(app)
    if link is not None:
        typer.echo(f"Nobody has an account yet. Sign in once with: {link}")
    if app.config.email is None:
        typer.echo("LIVINGREVIEW_EMAIL is not set: NCBI asks for a contact address.")
    loop = start_clock(app)
    try:
        server = uvicorn.Config(create_app(app), log_level=logging.WARNING, access_log=False)
        uvicorn.Server(server).run(sockets=[listening])
    finally:
        loop.shutdown()
        app.close()


def _listen(app: App) -> socket.socket:
    """Return a socket at the address of the settings; raise CannotListen where there is none."""
    host, port = app.config.host, app.config.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise CannotListen(f"cannot serve at {host}, port {port}: {error}") from error
