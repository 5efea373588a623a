"""The web page: every route, its doors and what is the same for all answers."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from bot.app import App
from bot.web import (
    candidates,
    duplicates,
    entrance,
    fault_pages,
    hands,
    home,
    imports,
    machines,
    reading,
    signing,
    studies,
    tasks,
    team,
)
from bot.web.pages import load_pages
from bot.web.security import Guard
from bot.web.visit import sent, visit
from state.records import KnownRecords


def create_app(app: App) -> FastAPI:
    """Build the page of one running program."""
    site = FastAPI(
        title=app.protocol.short_title,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=not app.config.root,  # it would lead out of the root
    )
    site.state.app = app
    site.state.pages = load_pages(app)
    site.state.known = KnownRecords()
    site.add_middleware(Guard, root=app.config.root)
    site.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    site.include_router(machines.open_to_all)
    site.include_router(entrance.open_to_all)
    for room in (home, candidates, duplicates, studies, reading, signing, tasks, team, imports):
        site.include_router(room.pages, dependencies=[Depends(visit)])
    for room in (entrance, candidates, duplicates, studies, hands, signing, tasks, team, imports):
        site.include_router(room.changes, dependencies=[Depends(sent)])
    site.include_router(imports.given)
    fault_pages.install(site)
    return site
