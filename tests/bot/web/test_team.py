from __future__ import annotations

from bot.acts.sign_in import with_link
from bot.app import App
from bot.notify.delivery import deliver
from state import people
from state.events import events
from state.facts.words import RoleId
from state.screening import Verdict
from tests.bot.builders import ADA, BEN, DORA, a_trial, found, say
from tests.bot.web.browser import visitor, words


def person(app: App, name: str) -> people.Person:
    with app.database.reading() as connection:
        return people.find_person(connection, name)


def test_a_lead_adds_a_person_with_roles_and_a_deputy(app: App) -> None:
    page = visitor(app, DORA).post(
        "/people",
        name="Émile Zola",
        address="emile@example.org",
        roles=["screener", "extractor"],
        deputy=ADA,
    )

    assert "The person is added" in page
    assert person(app, "emile-zola") == people.Person(
        "emile-zola", "Émile Zola", "emile@example.org", (RoleId.SCREENER, RoleId.EXTRACTOR), ADA
    )


def test_what_is_done_on_the_page_is_logged_in_the_name_of_who_did_it(app: App) -> None:
    visitor(app, DORA).post("/people", name="Eve", roles=["screener"])

    with app.database.reading() as connection:
        (added,) = events(connection, subject="eve")
    assert (added.actor, added.authenticated) == (DORA, True)


def test_a_lead_changes_roles_and_deputy(app: App) -> None:
    page = visitor(app, DORA).post(
        "/people/ben", name="Ben Okri", address="", roles=["screener"], deputy=DORA
    )

    assert "The change is saved" in page
    assert person(app, BEN) == people.Person(BEN, "Ben Okri", None, (RoleId.SCREENER,), DORA)


def test_a_retired_persons_open_seat_passes_to_the_deputy(app: App) -> None:
    lead = visitor(app, DORA)
    lead.post("/people/ben", name="Ben Okri", roles=["screener"], deputy=DORA)
    found(app, a_trial(1))

    page = lead.post("/people/ben/retire")

    assert "The person is retired" in page
    assert "your verdict" in visitor(app, DORA).get("/queue")


def test_only_a_lead_or_an_operator_changes_the_team(app: App) -> None:
    ada = visitor(app, ADA)
    assert "A lead changes who is on the team" in ada.get("/people")

    for path in ("/people", "/people/ben", "/people/ben/retire"):
        assert ada.refused(path, name="Ben", roles=["lead"])[0] == 403


def test_a_role_that_the_protocol_lacks_is_refused(app: App) -> None:
    status, text = visitor(app, DORA).refused("/people", name="Eve", roles=["emperor"])

    assert status == 422
    assert "found 'emperor', expected one of screener" in text


def test_an_empty_seat_is_said(app: App) -> None:
    visitor(app, DORA).post("/people/ben/retire")

    assert "1 seat empty" in visitor(app, DORA).get("/people")


def test_one_reads_ones_own_notices_and_what_waits(app: App) -> None:
    found(app, a_trial(1))
    say(app, ADA, a_trial(1).key, Verdict.INCLUDE)
    say(app, BEN, a_trial(1).key, Verdict.EXCLUDE)
    ada = visitor(app, ADA)
    page = words(ada.get("/notices"))
    assert "A disagreement to settle" in page
    assert "not delivered yet" in page
    assert "to Ben Okri" in page

    deliver(app, with_link)

    page = words(ada.get("/notices"))
    assert "written to the mailbox folder" in page
    assert "nobody was sent a mail" in page


def test_who_is_given_another_address_is_signed_out(app: App) -> None:
    ben = visitor(app, BEN)
    assert ben.status("/queue") == 200

    visitor(app, DORA).post(
        "/people/ben", name="Ben Okri", address="b@example.org", roles=["screener", "extractor"]
    )

    assert ben.status("/queue") == 303


def test_a_person_added_on_the_page_is_invited(app: App) -> None:
    visitor(app, DORA).post("/people", name="Eve", address="eve@example.org", roles=["screener"])

    deliver(app, with_link)

    (invitation,) = app.mailbox.glob("*_invitation_*.eml")
    assert "To: eve@example.org" in invitation.read_text()
    assert "/sign-in/" in invitation.read_text()


def test_the_last_lead_is_told_why_they_stay(app: App) -> None:
    dora = visitor(app, DORA)

    for path in ("/people/dora/retire", "/people/dora"):
        status, said = dora.refused(path, name="Dora Maar", roles=["operator"])
        assert status == 403
        assert "'dora' is the last lead" in said

    assert person(app, DORA).roles == ("lead", "operator", "information_specialist")
