"""A page shows nobody a form whose act would be refused them, whatever their role."""

from __future__ import annotations

import re

import pytest

from bot.acts.perform import perform
from bot.acts.rights import allowed
from bot.acts.said import AddPerson, ChangePerson
from bot.app import App
from state import extractions
from state.facts.words import RoleId
from state.screening import Verdict
from tests.bot.builders import ADA, BEN, CY, DORA, a_trial, actor, found, include, say
from tests.bot.web.browser import visitor

# The act behind each address that a form is sent to.
ACTS = {
    r"/duplicates": ("SaySame", "SayDifferent"),
    r"/candidates/.*/verdict": ("GiveVerdict",),
    r"/candidates/.*/settle": ("SettleConflict",),
    r"/candidates/.*/link": ("SettleLink",),
    r"/candidates/.*/reopen": ("Reopen",),
    r"/extract/[^/]*/place": ("PlaceStudy",),
    r"/extract/[^/]*/settle": ("RuleValue",),
    r"/extract/[^/]*": ("HandIn",),
    r"/imports/[^/]*": ("GiveExport",),
    r"/imports/.*/nothing": ("SayNothingFound",),
    r"/people": ("AddPerson",),
    r"/people/.*": ("ChangePerson",),
    r"/sign/.*": ("Sign",),
}
ANYBODY = re.compile(r"/sign-out|/tasks/.*|/kept-forms/discard|/records")
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')


def offered(app: App, person: str, *pages: str) -> set[str]:
    """Return the addresses of the forms that a person is shown."""
    them = visitor(app, person)
    return {action for page in pages for action in _FORM.findall(them.get(page))}


def may_send(app: App, person: str, action: str) -> bool:
    if ANYBODY.fullmatch(action):
        return True
    acts = next(names for address, names in ACTS.items() if re.fullmatch(address, action))
    with app.database.reading() as connection:
        can = {name for name, _ in allowed(connection, person)}
    return not can.isdisjoint(acts)


def a_busy_review(app: App) -> list[str]:
    """Have a study, a conflict, an open candidate and one that was excluded; return the pages."""
    study, conflict, still_open, excluded = found(app, *map(a_trial, range(1, 5)))
    include(app, study)
    say(app, ADA, conflict, Verdict.INCLUDE)
    say(app, BEN, conflict, Verdict.EXCLUDE)
    for person in (ADA, BEN):
        say(app, person, excluded, Verdict.EXCLUDE)
    with app.database.reading() as connection:
        included = next(
            each.study.id for each in extractions.studies(connection) if each.candidate == study
        )
    candidates = [f"/candidates/{each}" for each in (conflict, still_open, excluded)]
    return ["/", "/queue", "/imports", "/people", "/signals", f"/extract/{included}", *candidates]


@pytest.mark.parametrize("role", RoleId)
def test_who_holds_one_role_is_shown_what_this_role_may_do(app: App, role: RoleId) -> None:
    pages = a_busy_review(app)
    joining = AddPerson(person="eva", name="Eva", address=None, roles=(role,), deputy=None)
    perform(app, joining, actor(DORA))

    shown = offered(app, "eva", *pages)

    assert {each for each in shown if not may_send(app, "eva", each)} == set()


def test_an_adjudicator_is_shown_the_ruling_and_no_move_or_hand_search(app: App) -> None:
    pages = a_busy_review(app)

    shown = offered(app, CY, *pages)

    assert any(each.endswith("/settle") for each in shown)
    assert not any(each.endswith("/place") or each.startswith("/imports") for each in shown)


def test_who_is_a_screener_no_more_is_not_asked_to_agree(app: App) -> None:
    pages = a_busy_review(app)
    change = ChangePerson(
        person=ADA, name="Ada Byron", address="ada@example.org", roles=("extractor",), deputy=None
    )
    perform(app, change, actor(DORA))

    shown = offered(app, ADA, *pages)

    assert not any(each.endswith("/settle") for each in shown)
    assert "Agree on one answer" not in visitor(app, ADA).get("/queue")
