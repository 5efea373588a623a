"""The main job: the clock in the background, the page in front."""

from __future__ import annotations

import logging

import typer
import uvicorn

from bot.acts.sign_in import first_link
from bot.app import App
from bot.notify.page_address import page_address
from bot.web.site import create_app
from bot.work.trigger import start_clock


def serve(app: App) -> None:
    """Print the address (and, while nobody is known, a one-time sign-in link), then serve."""
    typer.echo(f"{app.protocol.short_title}: {page_address(app)}/")
    link = first_link(app)
    if link is not None:
        typer.echo(f"Nobody has an account yet. Sign in once with: {link}")
    if app.config.email is None:
        typer.echo("LIVINGREVIEW_EMAIL is not set: NCBI asks for a contact address.")
    loop = start_clock(app)
    try:
        uvicorn.run(
            create_app(app),
            host=app.config.host,
            port=app.config.port,
            log_level=logging.WARNING,
            access_log=False,
        )
    finally:
        loop.shutdown()
        app.close()
