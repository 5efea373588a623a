"""Whose signatures a version takes: the protocol says how many, one of them is the lead's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.acts.act import Act
from bot.acts.perform import perform
from bot.acts.said import RequestPublication, Sign, SignatureGiven
from bot.app import AT_THE_MACHINE, App
from bot.report.publish import publish as publish_work
from bot.silence.status import status_json
from bot.synthesis.inputs_in_force import inputs_of_now
from bot.work.handlers import publish_due
from state import outbox, people, runs, versions
from state.errors import BadInput, NotAllowed
from state.events import events
from state.facts.words import RoleId, SignatureVerdict, SignedKind, VersionState
from state.outbox import Delivery
from state.people import Person
from state.values import WorkKind
from state.verify import verify
from state.versions import Signature, settled_as, still_missing
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    StoppedClock,
    actor,
    add_team,
    an_app,
    draft_of_now,
    sign_off,
)

SIGNAL = "3.1:1.2:S1"
EVE = "eve"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A program with a team and a draft of version 3.1."""
    running = an_app(tmp_path / "data")
    add_team(running)
    cast(StoppedClock, running.clock).advance(days=1)
    draft_of_now(running)
    yield running
    running.close()


def sign(
    app: App,
    person: str,
    subject: str = "3.1",
    *,
    reject: str | None = None,
    why: str | None = None,
) -> SignatureGiven:
    verdict = SignatureVerdict.ACCEPT if reject is None else SignatureVerdict.REJECT
    act = Sign(subject=subject, verdict=verdict, reason=why or reject)
    return perform(app, act, actor(person))


def state(app: App) -> VersionState:
    """Let what is due be published; return how version 3.1 stands then."""
    publish_due(app)
    with app.database.reading() as connection:
        return versions.find_version(connection, "3.1").state


def needs(app: App) -> str:
    return "\n".join(status_json(app)["needs"])


def notices(app: App, kind: str) -> list[Delivery]:
    with app.database.reading() as connection:
        return [each for each in outbox.deliveries(connection) if each.notice.kind == kind]


def with_roles(app: App, person: str, *roles: RoleId) -> None:
    with app.ledger() as ledger:
        known = {each.id for each in people.people(ledger.connection)}
        described = Person(person, person.title(), None, roles)
        (people.change_person if person in known else people.add_person)(ledger, described)


def with_signatures(app: App, needed: int) -> App:
    """The same review, whose protocol asks for another number of signatures."""
    text = app.review.protocol_text
    text = text.replace("[living]\n", f"[living]\nsignatures = {needed}\n")
    with app.ledger() as ledger:
        versions.adopt_protocol(
            ledger, version=f"1-{needed}", sha256=str(needed) * 64, body=text, reason="agreed"
        )
    return app


# ---- two hands, one of them the lead's -----------------------------------------------------------


@pytest.mark.parametrize("alone", [ADA, BEN, CY, DORA])
def test_nobody_publishes_alone(app: App, alone: str) -> None:
    given = sign(app, alone)

    assert given.waits_for
    assert state(app) is VersionState.DRAFT
    with pytest.raises(NotAllowed, match=r"version 3\.1 is not signed yet"):
        perform(app, RequestPublication(number="3.1"), actor(alone))
    with pytest.raises(NotAllowed, match=r"version 3\.1 is not signed yet"):
        perform(app, RequestPublication(), AT_THE_MACHINE)
    assert state(app) is VersionState.DRAFT


@pytest.mark.parametrize("role", RoleId)
def test_no_single_person_of_any_role_publishes(app: App, role: RoleId) -> None:
    draft_of_now(app, SIGNAL)
    with_roles(app, EVE, role)

    alone: tuple[Act[Any], ...] = (
        Sign(subject=SIGNAL),
        Sign(subject="3.1"),
        RequestPublication(number="3.1"),
        Sign(subject=SIGNAL, verdict=SignatureVerdict.REJECT, reason="chance"),
    )
    for act in alone:
        with suppress(NotAllowed):
            perform(app, act, actor(EVE))

    assert state(app) is VersionState.DRAFT


@pytest.mark.parametrize(("first", "second"), [(ADA, DORA), (DORA, ADA), (CY, DORA)])
def test_two_people_publish_where_one_is_the_lead(app: App, first: str, second: str) -> None:
    sign(app, first)
    given = sign(app, second)

    assert given == SignatureGiven(SignedKind.VERSION, ())
    assert state(app) is VersionState.PUBLISHED


def test_two_without_the_lead_wait_for_the_lead(app: App) -> None:
    sign(app, ADA)

    assert sign(app, BEN).waits_for == ("the lead's signature",)
    assert state(app) is VersionState.DRAFT


def test_the_same_hand_twice_is_one(app: App) -> None:
    sign(app, DORA)

    assert sign(app, DORA).waits_for == ("one more signature",)
    assert state(app) is VersionState.DRAFT


def test_a_publication_that_was_asked_for_too_early_waits_for_the_hands(app: App) -> None:
    sign(app, DORA)
    with app.ledger() as ledger:  # as a program of before asked for it
        runs.enqueue(ledger.connection, WorkKind.PUBLISH, f"3.1@{ledger.at}", due_at=ledger.at)

    assert state(app) is VersionState.DRAFT
    assert not (app.files / "3.1").exists()
    sign(app, ADA)
    assert state(app) is VersionState.PUBLISHED


def test_a_rejection_while_the_files_are_written_is_not_published(app: App) -> None:
    sign_off(app, "3.1")
    with app.database.reading() as connection:
        (work,) = runs.waiting(connection, WorkKind.PUBLISH)
    drawn = publish_work(app, work)

    sign(app, CY, reject="one arm twice")
    with app.ledger() as ledger:
        assert drawn.store(ledger) is not None

    assert state(app) is VersionState.REJECTED
    assert not (app.files / "3.1").exists()


@pytest.mark.parametrize(
    ("needed", "signatories"),
    [(1, (DORA,)), (3, (ADA, BEN, DORA))],
)
def test_the_protocol_says_how_many_sign(
    app: App, needed: int, signatories: tuple[str, ...]
) -> None:
    asking = with_signatures(app, needed)
    for person in signatories[:-1]:
        sign(asking, person)
        assert state(asking) is VersionState.DRAFT

    sign(asking, signatories[-1])

    assert state(asking) is VersionState.PUBLISHED


def test_where_one_suffices_it_is_the_lead(app: App) -> None:
    asking = with_signatures(app, 1)

    assert sign(asking, ADA).waits_for == ("the lead's signature",)
    assert state(asking) is VersionState.DRAFT


# ---- signals first -------------------------------------------------------------------------------


def test_signals_are_signed_before_their_version(app: App) -> None:
    draft_of_now(app, SIGNAL)

    with pytest.raises(NotAllowed, match=f"3.1 is signed after its signals, .* {SIGNAL} waits"):
        sign(app, DORA)
    assert sign(app, DORA, SIGNAL).waits_for == ("one more signature",)
    with pytest.raises(NotAllowed, match="signed after its signals"):
        sign(app, DORA)
    assert sign(app, ADA, SIGNAL).waits_for == ()

    sign_off(app, "3.1")
    assert state(app) is VersionState.PUBLISHED


def test_a_version_signed_before_a_signal_was_settled_waits_for_it(app: App) -> None:
    draft_of_now(app, SIGNAL)
    with app.ledger() as ledger:  # as programs of before took it
        for person in (ADA, DORA):
            versions.sign(ledger, "3.1", person, verdict="accept", reason=None)

    assert state(app) is VersionState.DRAFT
    with pytest.raises(NotAllowed, match=f"waits for the signatures of signal {SIGNAL}"):
        perform(app, RequestPublication(number="3.1"), actor(DORA))
    sign(app, ADA, SIGNAL)
    sign(app, DORA, SIGNAL)
    assert state(app) is VersionState.PUBLISHED


def test_a_signal_is_rejected_by_as_many_as_accept_it(app: App) -> None:
    draft_of_now(app, SIGNAL)

    assert sign(app, DORA, SIGNAL, reject="chance").waits_for
    with pytest.raises(NotAllowed, match="signed after its signals"):
        sign(app, DORA)
    assert sign(app, ADA, SIGNAL, reject="chance").waits_for == ()

    sign_off_version(app)
    assert state(app) is VersionState.PUBLISHED
    found = json.loads((app.files / "3.1" / "results.json").read_text())
    (signal,) = found["signals"]
    assert (signal["verdict"], signal["signed_by"]) == ("reject", "Dora Maar and Ada Byron")


def sign_off_version(app: App) -> None:
    for person in (ADA, DORA):
        sign(app, person)


def test_a_signal_of_which_two_say_different_things_stays_open(app: App) -> None:
    draft_of_now(app, SIGNAL)

    sign(app, DORA, SIGNAL)
    assert sign(app, ADA, SIGNAL, reject="chance").waits_for == ("one more signature",)
    assert sign(app, CY, SIGNAL).waits_for == ()


def test_what_settled_a_signal_first_counts() -> None:
    said = [
        Signature(SignedKind.SIGNAL, "s", person, verdict, None, "at")
        for person, verdict in (
            ("ada", SignatureVerdict.ACCEPT),
            ("dora", SignatureVerdict.REJECT),
            ("eve", SignatureVerdict.REJECT),
            ("fay", SignatureVerdict.ACCEPT),
        )
    ]
    leads = {"dora", "fay"}

    assert settled_as(said, needed=2, leads=leads) is SignatureVerdict.REJECT
    assert settled_as(said[:2], needed=2, leads=leads) is None


@pytest.mark.parametrize(
    ("signed", "needed", "missing"),
    [
        ((), 2, ("the lead's signature", "one more signature")),
        ((), 4, ("the lead's signature", "3 more signatures")),
        ((), 1, ("the lead's signature",)),
        (("ada",), 2, ("the lead's signature",)),
        (("dora",), 2, ("one more signature",)),
        (("dora",), 4, ("3 more signatures",)),
        (("ada", "ben", "cy"), 2, ("the lead's signature",)),
        (("ada", "dora"), 2, ()),
    ],
)
def test_what_is_missing_is_said_in_words(
    signed: tuple[str, ...], needed: int, missing: tuple[str, ...]
) -> None:
    accepted = [
        Signature(SignedKind.VERSION, "3.1", each, SignatureVerdict.ACCEPT, None, "at")
        for each in signed
    ]

    assert still_missing(accepted, needed=needed, leads={"dora"}) == missing


# ---- who left, who lost a role -------------------------------------------------------------------


def test_the_signature_of_a_lead_who_retired_stays_a_leads(app: App) -> None:
    with_roles(app, EVE, RoleId.LEAD)
    sign(app, DORA)
    with app.ledger() as ledger:
        people.retire_person(ledger, DORA)

    assert sign(app, ADA).waits_for == ()
    assert state(app) is VersionState.PUBLISHED


def test_who_lost_the_role_before_the_second_signed_is_no_lead_any_more(app: App) -> None:
    with_roles(app, EVE, RoleId.LEAD)
    sign(app, DORA)
    with_roles(app, DORA, RoleId.SCREENER)

    assert sign(app, ADA).waits_for == ("the lead's signature",)
    assert state(app) is VersionState.DRAFT
    assert sign(app, EVE).waits_for == ()
    assert state(app) is VersionState.PUBLISHED


def test_what_two_signed_of_whom_one_becomes_the_lead_is_published(app: App) -> None:
    for person in (ADA, BEN):
        sign(app, person)
    assert state(app) is VersionState.DRAFT

    with_roles(app, BEN, RoleId.SCREENER, RoleId.LEAD)

    assert state(app) is VersionState.PUBLISHED


# ---- rejected ------------------------------------------------------------------------------------


def test_one_rejection_keeps_a_draft_back_and_everybody_is_told(app: App) -> None:
    sign(app, DORA)
    sign(app, CY, reject="one arm twice")

    assert state(app) is VersionState.REJECTED
    told = notices(app, "draft_rejected")
    assert {each.recipient for each in told} == {ADA, BEN, CY, DORA}
    assert "Cy Twombly rejected the draft of version 3.1:\n\n  one arm twice" in told[0].notice.body
    assert "version 3.1 was rejected by Cy Twombly (one arm twice)" in needs(app)
    with pytest.raises(NotAllowed, match="is rejected: it is not published"):
        perform(app, RequestPublication(number="3.1"), actor(DORA))


def test_nobody_signs_over_a_rejection_in_silence(app: App) -> None:
    with_roles(app, EVE, RoleId.LEAD)
    sign(app, CY, reject="one arm twice")

    for person, refusal in ((ADA, "a lead may put it up again"), (EVE, "say why")):
        with pytest.raises((NotAllowed, BadInput), match=f"Cy Twombly: one arm twice.*{refusal}"):
            sign(app, person)

    assert state(app) is VersionState.REJECTED


def test_a_lead_puts_a_rejected_draft_up_again_and_everybody_signs_anew(app: App) -> None:
    draft_of_now(app, SIGNAL)
    for person in (ADA, DORA):
        sign(app, person, SIGNAL)
    sign(app, ADA)
    sign(app, CY, reject="one arm twice")

    given = sign(app, DORA, why="the arms are two: see table 2")

    assert given.waits_for[0] == f"the signatures of signal {SIGNAL}"
    assert state(app) is VersionState.DRAFT
    told = notices(app, "draft_again")
    assert {each.recipient for each in told} == {ADA, BEN, CY, DORA}
    assert "the arms are two" in told[0].notice.body
    sign_off(app, "3.1")
    assert state(app) is VersionState.PUBLISHED
    with app.database.reading() as connection:
        kinds = [each.kind for each in events(connection, subject="3.1")]
    assert {"version_rejected", "version_put_up_again"} <= set(kinds)
    assert verify(app.database).faults == ()


def test_what_is_not_of_now_is_not_put_up_again(app: App) -> None:
    with app.ledger() as ledger:
        versions.record_result(
            ledger, result_id="other", engine="bot", inputs={}, results={"analyses": []}
        )
        versions.draft_version(
            ledger, number="3.1", kind="update", cause="x", result_id="other", ordinal=9
        )
    sign(app, CY, reject="one arm twice")

    with pytest.raises(NotAllowed, match="not of now"):
        sign(app, DORA, why="it is right")


def test_a_draft_made_anew_since_it_was_shown_is_not_signed(app: App) -> None:
    with pytest.raises(NotAllowed, match=r"version 3\.1 was made anew since you opened it"):
        perform(app, Sign(subject="3.1", result="of yesterday"), actor(DORA))

    assert sign(app, DORA).waits_for == ("one more signature",)


# ---- in words ------------------------------------------------------------------------------------


def test_status_says_whose_signatures_are_missing(app: App) -> None:
    draft_of_now(app, SIGNAL)
    assert f"signal {SIGNAL}: to accept or reject; it waits for the lead's signature" in needs(app)

    for person in (ADA, DORA):
        sign(app, person, SIGNAL)
    sign(app, ADA)

    assert "draft version 3.1: to sign or reject; it waits for the lead's signature" in needs(app)


def test_status_says_whom_the_team_lacks(tmp_path: Path) -> None:
    app = an_app(tmp_path / "alone")
    with_roles(app, ADA, RoleId.SCREENER)
    draft_of_now(app)

    assert "nobody is lead, and no version is published without the lead's signature" in needs(app)
    assert "takes the signatures of 2 people, and the team has 1 person who may sign" in needs(app)
    app.close()


def test_the_report_says_who_signed_and_how_much_came_by_command(app: App) -> None:
    perform(app, Sign(subject="3.1"), replace(actor(ADA), authenticated=False))
    sign(app, DORA)
    assert state(app) is VersionState.PUBLISHED

    report = (app.files / "3.1" / "report.html").read_text()
    found = json.loads((app.files / "3.1" / "results.json").read_text())
    assert "Published with 2 signatures: Ada Byron and Dora Maar (lead)." in report
    assert "1 of 2 acts of people came by command line" in report
    assert [(each["name"], each["lead"]) for each in found["signatures"]] == [
        ("Ada Byron", False),
        ("Dora Maar", True),
    ]
    assert found["acts"] == {"all": 2, "unauthenticated": 1}


@pytest.mark.parametrize("verdict", SignatureVerdict)
def test_the_review_as_it_was_begun_is_neither_accepted_nor_rejected(
    app: App, verdict: SignatureVerdict
) -> None:
    with app.ledger() as ledger:
        result = inputs_of_now(app, ledger.connection).hash
        versions.draft_version(
            ledger, number="2.9", kind="baseline", cause="", result_id=result, ordinal=99
        )

    with pytest.raises(NotAllowed, match="the review as it was begun"):
        perform(app, Sign(subject="2.9", verdict=verdict, reason="why"), actor(DORA))
