"""However a form is sent, it is taken or refused in words: no form breaks the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from bot.app import App
from bot.web.site import create_app
from state.events import head
from state.facts.words import TaskKind
from state.screening import StudyStatus, Verdict
from state.tasks import raise_task
from tests.bot.builders import (
    ADA,
    BEN,
    DORA,
    a_trial,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    move,
    say,
)
from tests.bot.web.browser import Visitor, visitor

WAITS, DISPUTED, STUDY, TASK = "pubmed:99000002", "pubmed:99000003", "doe2026", "task"
THERE = {
    "candidate": DISPUTED,
    "study": STUDY,
    "source": "central",
    "run": "central-1",
    "proposal": "move-1",
    "subject": "3.0",
    "task": TASK,
    "person": BEN,
    "secret": "s",
}
# Fields of every form, each with a value that its own form takes or refuses.
FIELDS: dict[str, str] = {
    "verdict": "include",
    "stage": "title_abstract",
    "criterion": "E2",
    "place": "awaiting",
    "next_look_on": "2027-01-31",
    "link": "refuse",
    "record": WAITS,
    "other": DISPUTED,
    "cell": f"{STUDY}|strength_improved|after induction|ivig|events",
    "choice": "number:9",
    "design": "parallel",
    "participants": "24",
    "name": "Eve",
    "roles": "screener",
    "deputy": ADA,
    "stated": "yes",
    "reason": "why",
    "do": "save",
}
NOT_OURS = {"/sign-in", "/sign-in/{secret}", "/first-account/{secret}", "/sign-out"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = an_app(tmp_path_factory.mktemp("forms") / "data")
    add_team(running)
    found(running, *(a_trial(number) for number in (1, 2, 3)))
    include(running, "pubmed:99000001")
    hand_in(running, ADA, STUDY, an_extraction(9))
    hand_in(running, BEN, STUDY, an_extraction(8))
    say(running, ADA, DISPUTED, Verdict.INCLUDE)
    say(running, BEN, DISPUTED, Verdict.EXCLUDE)
    move(running, "leger2001", StudyStatus.AWAITING, ADA)
    with running.ledger() as ledger:
        raise_task(ledger, TASK, TaskKind.CORRECTION, subject="x", text="odd", study=None)
    yield running
    running.close()


def forms(app: App) -> list[str]:
    """Return the addresses that take a form of somebody signed in."""
    paths = create_app(app).openapi()["paths"]
    found = [path for path, ways in paths.items() if "post" in ways and path not in NOT_OURS]
    assert len(found) > 10
    return found


def log_of(app: App) -> tuple[int, str]:
    with app.database.reading() as connection:
        return head(connection)


def answers(
    who: Visitor, app: App, there: Mapping[str, str], fields: Mapping[str, object]
) -> dict[str, int]:
    """Send the same fields to every form; a status for each address."""
    return {path: who.refused(path.format_map(there), **fields)[0] for path in forms(app)}


def test_an_empty_form_is_refused_or_needs_no_field(app: App) -> None:
    found = answers(visitor(app, DORA), app, THERE, {})

    assert {path for path, status in found.items() if status == 303} == {"/people/{person}/retire"}
    assert not {path: status for path, status in found.items() if status >= 500}


@pytest.mark.parametrize("name", FIELDS)
def test_two_answers_to_one_question_are_refused_and_nothing_is_kept(app: App, name: str) -> None:
    if name == "roles":  # ticked more than once, as it should be
        return
    dora = visitor(app, DORA)
    before = log_of(app)

    found = answers(dora, app, THERE, {**FIELDS, name: [FIELDS[name], "another"]})

    assert not {path: status for path, status in found.items() if status >= 500}
    assert before <= log_of(app)


@pytest.mark.parametrize(
    "text", ["a\x00b", "%ed%a0%80", "x" * 100_000, "9" * 5_000, "\u202e", "'", "{}", "NaN"]
)
def test_no_text_in_a_field_breaks_the_page(app: App, text: str) -> None:
    odd = dict.fromkeys(FIELDS, text)

    found = answers(visitor(app, DORA), app, THERE, odd)
    found |= answers(visitor(app, DORA), app, THERE, FIELDS | {"note": text})

    assert not {path: status for path, status in found.items() if status >= 500}


@pytest.mark.parametrize("name", ["%00", "%ed%a0%80", "%2e%2e", "nobody-there", "a%00b"])
def test_no_name_of_what_is_not_there_breaks_the_page(app: App, name: str) -> None:
    before = log_of(app)

    found = answers(visitor(app, DORA), app, dict.fromkeys(THERE, name), FIELDS)

    assert {path for path, status in found.items() if not 400 <= status < 500} <= {"/people"}
    assert log_of(app)[0] <= before[0] + 1
