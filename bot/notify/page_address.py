"""Where the page is: the start of every link in a notice."""

from __future__ import annotations

from bot.app import App


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
