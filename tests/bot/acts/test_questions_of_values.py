"""Who is asked about two extractions, and how often: once for what two hand-ins leave open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.acts.perform import perform
from bot.acts.said import RuleValue
from bot.app import App
from state import outbox
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
)

STUDY = "doe2026"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A review with an included trial whose data are to extract."""
    running = an_app(tmp_path / "data")
    add_team(running)
    (trial,) = found(running, a_trial(1))
    include(running, trial)
    yield running
    running.close()


def read_as(app: App, person: str, ivig: int, placebo: int, locator: str = "table 2") -> None:
    data: dict[str, Any] = an_extraction(ivig, locator)
    data["values"][1]["events"] = placebo
    hand_in(app, person, STUDY, data)


def rule(app: App, arm: str, number: int) -> None:
    cell = f"{STUDY}|strength_improved|after induction|{arm}|events"
    perform(app, RuleValue(subject=STUDY, cell=cell, number=number, note="table 2"), actor(CY))


def asked(app: App, person: str, subject: str) -> list[str]:
    with app.database.reading() as connection:
        told = outbox.deliveries_to(connection, person, 50)
    return [each.notice.body for each in told if subject in each.notice.subject]


def test_an_adjudicator_is_not_asked_again_by_each_answer(app: App) -> None:
    read_as(app, ADA, 9, 2)
    read_as(app, BEN, 8, 3)

    rule(app, "ivig", 9)

    (body,) = asked(app, CY, "values to settle")
    assert "differ in 2 values" in body


def test_the_same_numbers_that_differ_in_another_round_are_asked_about_again(app: App) -> None:
    read_as(app, ADA, 9, 2)
    read_as(app, BEN, 8, 2)
    rule(app, "ivig", 9)
    read_as(app, ADA, 7, 2)
    read_as(app, BEN, 6, 2)

    assert len(asked(app, CY, "values to settle")) == 2


def test_the_two_are_asked_once_which_of_two_places_counts(app: App) -> None:
    read_as(app, ADA, 9, 2, "table 2")
    read_as(app, BEN, 8, 2, "table 3")

    rule(app, "ivig", 9)

    assert [len(asked(app, each, "two places named")) for each in (ADA, BEN)] == [1, 1]
