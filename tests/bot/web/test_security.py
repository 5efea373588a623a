from __future__ import annotations

import re

from bot.app import App
from bot.web.security import BODY_LIMIT_BYTES
from bot.web.site import create_app
from state import people
from tests.bot.builders import ADA, a_trial, found
from tests.bot.web.browser import stranger, visitor

DOORS = ("/sign-in", "/first-account")
SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def test_every_answer_carries_the_headers_of_safety(app: App) -> None:
    them = visitor(app, ADA)

    for path in ("/", "/status.json", "/static/site.css", "/nowhere", "/healthz", "/sign-in"):
        headers = them.client.get(path).headers
        assert SAFE.items() <= dict(headers).items(), path
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy


def test_no_page_needs_a_script_or_a_style_of_its_own(app: App) -> None:
    them = visitor(app, ADA)

    for path in ("/", "/queue", "/extract", "/results", "/status", "/people", "/signals"):
        page = them.get(path)
        assert "<script" not in page, path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path


def test_every_changing_route_refuses_a_form_without_the_sessions_token(app: App) -> None:
    them, other = visitor(app, ADA), visitor(app, "ben")
    changing = [
        path
        for path, methods in create_app(app).openapi()["paths"].items()
        if "post" in methods and not path.startswith(DOORS)
    ]
    assert len(changing) >= 9

    for path in (re.sub(r"\{\w+\}", "x", path) for path in changing):
        for token in ("", "0" * 64, other.csrf):
            them.csrf = token
            status, text = them.refused(path)
            assert (status, "does not belong to your session" in text) == (403, True), path


def test_a_form_sent_from_another_site_is_refused_even_with_the_token(app: App) -> None:
    them = visitor(app, ADA)
    foreign = (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver:81"},
    )

    for headers in foreign:
        for path in ("/sign-out", "/sign-in"):
            answer = them.client.post(path, data={"csrf": them.csrf}, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert them.status("/queue") == 200


def test_a_form_of_our_own_page_is_taken(app: App) -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}):
        them = visitor(app, ADA)
        answer = them.client.post(
            "/sign-out", data={"csrf": them.csrf}, headers=headers, follow_redirects=False
        )
        assert answer.status_code == 303


def test_a_body_that_is_too_long_is_refused_before_it_is_read(app: App) -> None:
    them = visitor(app, ADA)

    answer = them.client.post("/people", content=b"x" * (BODY_LIMIT_BYTES + 1))

    assert answer.status_code == 413


def test_a_body_of_unknown_length_is_refused(app: App) -> None:
    answer = visitor(app, ADA).client.post("/people", content=iter([b"name=x"]))

    assert answer.status_code == 411


def test_what_people_and_sources_wrote_is_never_markup(app: App) -> None:
    (candidate,) = found(app, a_trial(1, "<script>alert(1)</script> & <b>bold</b>"))
    them = visitor(app, ADA)

    for path in ("/queue", f"/candidates/{candidate}", "/records", "/"):
        page = them.get(path)
        assert "<script>" not in page
        assert "&lt;script&gt;" in page, path


def test_an_error_is_a_page_with_its_reason_and_the_right_status(app: App) -> None:
    them = visitor(app, ADA)

    assert them.client.get("/candidates/pubmed:404").status_code == 404
    assert "no candidate" in them.client.get("/candidates/pubmed:404").text
    assert them.client.get("/no/such/page").status_code == 404
    assert them.client.get("/queue?page=zero").status_code == 422
    assert them.refused("/people", name="Eve", roles=["screener"])[0] == 403


def test_a_version_folder_gives_nothing_from_outside_it(app: App) -> None:
    them = visitor(app, ADA)

    for file in ("..%2f..%2freview.sqlite", "%2e%2e/%2e%2e/review.sqlite", "%2fetc%2fpasswd", ""):
        assert them.status(f"/versions/3.0/{file}") in (404, 307), file
    assert them.status("/versions/..%2f..%2f/review.sqlite") == 404


def test_a_stranger_cannot_add_people(app: App) -> None:
    answer = stranger(app).client.post("/people", data={"name": "Eve"}, follow_redirects=False)

    assert answer.status_code == 303
    with app.database.reading() as connection:
        assert "eve" not in {person.id for person in people.people(connection)}
