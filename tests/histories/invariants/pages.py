"""No page fails, for whoever looks at it, and no report of how everything stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.acts.sign_in import new_link
from bot.silence.status import status_json
from bot.web.site import create_app
from tests.histories.chronicle import Chronicle
from tests.histories.people import ROLES, Team, active, holds
from tests.histories.scene import Scene

ADDRESSES = ("/", "/results", "/status", "/queue", "/studies")
SERVER_FAULT = 500


def failing(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each page that fails for one of each role, and a status that cannot be told."""
    status_json(scene.app)
    site = create_app(scene.app)
    yield from _looked_at(site, "a stranger", None)
    for person in sorted(_one_of_each_role(chronicle.team)):
        yield from _looked_at(site, person, new_link(scene.app, person))


def _one_of_each_role(team: Team) -> set[str]:
    return {
        next(each.id for each in active(team) if holds(team, each.id, (role,)))
        for role in ROLES
        if any(holds(team, each.id, (role,)) for each in active(team))
    }


def _looked_at(site: FastAPI, who: str, link: Any) -> Iterator[str]:
    with TestClient(site, base_url="http://testserver", raise_server_exceptions=False) as client:
        if link is not None:
            client.post(f"/sign-in/{link}")
        for address in ADDRESSES:
            status = client.get(address).status_code
            if status >= SERVER_FAULT:
                yield f"{address} gives {who} {status}"
