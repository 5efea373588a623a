"""A light that stands for many shows the worst of them, and nobody is called told who was not."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from bot.silence.certificate import lines
from bot.silence.status import NO_MAIL, status_json
from bot.surveillance.lateness import Light, worst
from tests.bot.builders import ADA, DORA, add_team, an_app
from tests.bot.web.browser import stranger, visitor, words
from tests.bot.world import a_world

A_SERVER = {"LIVINGREVIEW_SMTP_URL": "smtp://127.0.0.1:9"}


@pytest.mark.parametrize("three", list(product(Light, repeat=3)))
def test_one_light_for_many_is_the_worst_of_them(three: tuple[Light, ...]) -> None:
    found = worst(three)

    assert found in three
    assert all(list(Light).index(each) <= list(Light).index(found) for each in three)


def test_of_nothing_no_silence_can_be_trusted() -> None:
    assert worst([]) is Light.RED


def test_sources_that_nobody_searched_keep_the_whole_from_being_green(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        world.search_all()
        found = status_json(world.app)
        home = words(visitor(world.app, ADA).get("/"))
        status = words(visitor(world.app, ADA).get("/status"))

    never = [each["name"] for each in found["sources"] if each["last_success"] is None]
    assert never
    assert found["light"] == "red"
    assert set(found["certificate"]["overdue_by_hand"]) <= set(never)
    assert found["certificate"]["overdue_by_hand"]
    for page in (home, status):
        assert "sources were not searched, or not for too long" in page
        assert all(name in page.partition("Look at ")[2] for name in never)
    assert "Not searched when due, by hand: " in status


def test_a_certificate_in_words_names_what_was_not_searched_by_hand() -> None:
    said = {
        "verdict": "silent",
        "since": None,
        "reasons": [],
        "sources": [],
        "by_hand": [
            {"name": "CENTRAL", "last_searched": None, "due": "2026-09-01", "overdue": True},
            {"name": "Embase", "last_searched": "2026-10-01", "due": None, "overdue": False},
        ],
        "id": "c",
        "key": {"id": "k"},
        "log": {"events": 1, "head": "h"},
        "next_by": "2026-12-01T00:00:00.000000Z",
    }

    assert lines(json.loads(json.dumps(said)))[1] == "Not searched when due, by hand: CENTRAL."


def test_a_source_without_known_items_is_called_unguarded(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    add_team(app)
    guarded = {each["source"]: each["guarded"] for each in status_json(app)["sources"]}
    page = visitor(app, ADA).get("/status")
    app.close()

    assert guarded["pubmed"]
    assert not all(guarded.values())
    assert page.count("Unguarded: ") == sum(not each for each in guarded.values())


@pytest.mark.parametrize(("settings", "reached"), [({}, False), (A_SERVER, True)])
def test_where_no_mail_leaves_those_who_see_to_it_read_so_on_every_page(
    tmp_path: Path, settings: dict[str, str], reached: bool
) -> None:
    app = an_app(tmp_path / "data", settings)
    add_team(app)
    found = status_json(app)
    told = {
        person: "No mail service is set up." in words(visitor(app, person).get(page))
        for person in (DORA, ADA)
        for page in ("/", "/queue", "/notices")
    }
    door = stranger(app)
    asked = words(door.client.post("/sign-in", data={"address": "ada@example.org"}).text)
    app.close()

    assert found["mail_set"] is reached
    assert (NO_MAIL in found["needs"]) is not reached
    assert told == {DORA: not reached, ADA: False}
    assert ("no mail will come" in asked) is not reached
    assert ("a link is on its way" in asked) is reached
