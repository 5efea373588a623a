from __future__ import annotations

from pathlib import Path

from bot.acts.sign_in import first_link, new_link, with_link
from bot.app import App
from bot.notify.delivery import deliver
from state import outbox, people
from state.facts.words import RoleId
from tests.bot.builders import ADA, StoppedClock, an_app
from tests.bot.web.browser import Visitor, stranger, visitor, words

PROTECTED = (
    "/",
    "/queue",
    "/candidates/pubmed:1",
    "/extract",
    "/extract/harbo2009",
    "/results",
    "/versions",
    "/versions/3.0",
    "/versions/3.0/report.html",
    "/signals",
    "/people",
    "/people/ada",
    "/notices",
    "/status",
    "/records",
)


def test_every_page_sends_a_stranger_to_the_door_and_remembers_where_they_wanted_to_go(
    app: App,
) -> None:
    them = stranger(app)

    for path in PROTECTED:
        answer = them.client.get(path, follow_redirects=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in?then="), path


def test_machines_may_ask_for_health_and_status_without_signing_in(app: App) -> None:
    them = stranger(app)

    assert them.client.get("/healthz").json()["status"] == "ok"
    assert them.client.get("/status.json").json()["review_id"] == "mmn"


def test_looking_at_a_link_does_not_spend_it_but_the_button_does_once(app: App) -> None:
    them, secret = stranger(app), new_link(app, ADA)

    for _ in range(3):
        assert "Press the button" in them.get(f"/sign-in/{secret}")
    page = them.client.post(f"/sign-in/{secret}", data={"then": "/queue"})

    assert page.url.path == "/queue"
    assert "Ada Byron" in page.text
    assert stranger(app).client.post(f"/sign-in/{secret}").status_code == 403


def test_a_link_leads_nowhere_outside_this_site(app: App) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "evil"):
        answer = stranger(app).client.post(
            f"/sign-in/{new_link(app, ADA)}", data={"then": elsewhere}, follow_redirects=False
        )
        assert answer.headers["location"] == "/?saved=signed-in"


def test_an_old_link_is_refused(app: App) -> None:
    secret = new_link(app, ADA)
    assert isinstance(app.clock, StoppedClock)
    app.clock.advance(days=2)

    assert stranger(app).client.post(f"/sign-in/{secret}").status_code == 403


def test_asking_for_a_link_answers_the_same_for_known_and_unknown_addresses(app: App) -> None:
    known = stranger(app).client.post("/sign-in", data={"address": "ADA@example.org"})
    unknown = stranger(app).client.post("/sign-in", data={"address": "nobody@example.org"})

    assert known.text == unknown.text
    with app.database.reading() as connection:
        (sent,) = outbox.deliveries_to(connection, ADA, 10)
    assert "/sign-in/" not in sent.notice.body  # the log keeps it for ever
    deliver(app, with_link)
    (mail,) = app.mailbox.glob("*sign_in*.eml")
    assert "/sign-in/" in mail.read_text()


def test_a_flood_of_requests_sends_one_link(app: App) -> None:
    for _ in range(5):
        stranger(app).client.post("/sign-in", data={"address": "ada@example.org"})

    with app.database.reading() as connection:
        assert len(outbox.deliveries_to(connection, ADA, 10)) == 1


def test_nobody_else_is_shown_the_link_that_waits_to_be_delivered(app: App) -> None:
    stranger(app).client.post("/sign-in", data={"address": "ada@example.org"})

    page = visitor(app, "dora").get("/notices")

    assert "Your link to sign in" in page
    assert "/sign-in/" not in page


def test_the_first_start_link_makes_the_first_account_with_every_role(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    link = first_link(app)
    assert link is not None
    secret = link.rpartition("/")[2]
    them = stranger(app)

    assert "Make the first account" in them.get(f"/sign-in/{secret}")
    page = them.client.post(
        f"/first-account/{secret}", data={"name": "Ada Byron", "address": "ada@example.org"}
    )

    assert "Your account is made" in words(page.text)
    with app.database.reading() as connection:
        (person,) = people.people(connection)
    assert person.roles == tuple(role.id for role in app.protocol.roles)
    assert first_link(app) is None
    app.close()


def test_a_first_start_link_makes_no_second_account(app: App) -> None:
    secret = new_link(app, None)

    answer = stranger(app).client.post(f"/first-account/{secret}", data={"name": "Eve"})

    assert answer.status_code == 403
    with app.database.reading() as connection:
        assert "eve" not in {person.id for person in people.people(connection)}


def test_signing_out_ends_the_session_on_the_server(app: App) -> None:
    them = visitor(app, ADA)
    cookie = dict(them.client.cookies)

    them.post("/sign-out")

    thief = stranger(app)
    thief.client.cookies.update(cookie)
    assert thief.status("/queue") == 303


def test_a_retired_person_is_signed_out_at_once(app: App) -> None:
    them, lead = visitor(app, ADA), visitor(app, "dora")

    lead.post("/people/ada/retire")

    assert them.status("/queue") == 303


def cookie_of(them: Visitor, app: App) -> str:
    answer = them.client.post(f"/sign-in/{new_link(app, ADA)}", follow_redirects=False)
    return answer.headers["set-cookie"].lower()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: App) -> None:
    cookie = cookie_of(stranger(app), app)

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_the_cookie_travels_encrypted_only_where_the_address_is_https(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data", {"LIVINGREVIEW_PUBLIC_URL": "https://review.example"})
    with app.ledger() as ledger:
        people.add_person(ledger, people.Person(ADA, "Ada", None, (RoleId.LEAD,)))

    assert "; secure" in cookie_of(stranger(app), app)
    app.close()
