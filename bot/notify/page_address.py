"""Where the page is: the start of every link in a notice."""

from __future__ import annotations

from bot.app import App


def page_address(app: App) -> str:
    """Return the page's address without a closing slash."""
    if app.config.public_url is not None:
        return app.config.public_url.rstrip("/")
    host = app.config.host
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{app.config.port}"
