"""A visitor of the page, as a browser without scripts: cookies, forms, redirects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.acts.sign_in import new_link
from bot.app import App
from bot.web.site import create_app

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Visitor:
    """Somebody in front of the page."""

    client: TestClient
    csrf: str = ""

    def get(self, path: str) -> str:
        """Read a page that must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def status(self, path: str) -> int:
        """Return the status of a page, without following redirects."""
        return self.client.get(path, follow_redirects=False).status_code

    def post(self, path: str, **fields: object) -> str:
        """Send a form with its token, follow the redirect and return the page that it leads to."""
        answer = self.client.post(path, data={"csrf": self.csrf, **fields})
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def refused(self, path: str, **fields: object) -> tuple[int, str]:
        """Send a form that is not taken; return the status and the words of the page."""
        answer = self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=False)
        return answer.status_code, words(answer.text)


# The site of the program visited last: its visitors share it, as they share the one that runs.
_open: list[tuple[App, FastAPI]] = []


def stranger(app: App) -> Visitor:
    """Somebody who has not signed in."""
    if not _open or _open[0][0] is not app:
        _open[:] = [(app, create_app(app))]
    return Visitor(TestClient(_open[0][1], base_url="http://testserver"))


def visitor(app: App, person: str) -> Visitor:
    """A member of the team who has just signed in by a link."""
    them = stranger(app)
    them.client.post(f"/sign-in/{new_link(app, person)}")
    token = _TOKEN.search(them.get("/people"))
    assert token is not None
    them.csrf = token[1]
    return them


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that a page sends to an address."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form is not None, f"no form for {action}"
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {name: unescape(value) for name, value in found}


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
