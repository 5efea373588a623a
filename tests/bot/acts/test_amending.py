"""Amendments: proposed by anybody, in force when two have signed, one of them the lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.acts.perform import perform
from bot.acts.said import ProposeAmendment, RuleValue
from bot.app import App
from bot.errors import FaultsOfAct
from bot.review.drafted_amendment import WHO_SIGNS
from bot.review.protocol_file import parse_protocol
from bot.silence.status import status_json
from bot.synthesis.synthesise import current_results
from bot.work import jobs
from state import amendments, outbox, people, versions
from state.amendments import AmendmentState
from state.errors import BadInput, NotAllowed
from state.events import head
from state.facts.words import RoleId, SignedKind
from state.people import Person
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_start,
    a_trial,
    actor,
    add_team,
    an_app,
    found,
    hand_in,
    include,
    sign,
)
from tests.bot.protocols import AMENDED, IN_FORCE, amended

STUDY = "doe2026"
ARM = "arm-drugx"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A review with an included trial whose data are to extract."""
    running = an_app(tmp_path / "data")
    add_team(running)
    (trial,) = found(running, a_trial(1))
    include(running, trial)
    yield running
    running.close()


def read_out(events: int = 5, **more: Any) -> dict[str, Any]:
    """Return the shape of NCT06742190's read-out: another drug against immunoglobulin."""
    place = {"source": "pmid:99000001", "locator": "outcome 1"}
    worse, change = {**place, "outcome": "disability_worse"}, {**place, "outcome": "grip_worse"}
    return {
        "design": "parallel",
        "arms": ["drugx", "ivig"],
        "participants": 154,
        "labels": {"drugx": "Drug X"},
        "values": [
            {**worse, "arm": "drugx", "events": events, "total": 77},
            {**worse, "arm": "ivig", "events": 10, "total": 77},
            {**change, "arm": "drugx", "events": 4, "total": 77},
        ],
        **more,
    }


def extracted(app: App, **more: Any) -> None:
    for person in (ADA, BEN):
        hand_in(app, person, STUDY, read_out(**more))


def propose(app: App, body: str, person: str = BEN) -> str:
    return perform(app, ProposeAmendment(body=body), actor(person))


def states(app: App) -> dict[str, AmendmentState]:
    with app.database.reading() as connection:
        return {
            each.id: amendments.amendment_state(connection, each)
            for each in versions.amendments(connection)
        }


def body(app: App, amendment: str) -> str:
    with app.database.reading() as connection:
        proposal = amendments.find_proposal(connection, amendment)
    assert proposal is not None
    return proposal.body


def waits(app: App, amendment: str) -> tuple[str, ...]:
    with app.database.reading() as connection:
        return amendments.waits_for(connection, amendment)


def shown(app: App) -> dict[str, str]:
    with app.database.reading() as connection:
        return {each.id: each.comparison_label for each in current_results(app, connection)}


def last(app: App) -> int:
    with app.database.reading() as connection:
        return head(connection)[0]


# ---- the read-out --------------------------------------------------------------------------------


def test_what_the_protocol_lacks_is_proposed_when_the_values_are_accepted(app: App) -> None:
    hand_in(app, ADA, STUDY, read_out(5))
    assert states(app) == {}
    hand_in(app, BEN, STUDY, read_out(6))
    assert states(app) == {}

    cell = f"{STUDY}|disability_worse|end of maintenance period|drugx|events"
    perform(app, RuleValue(subject=STUDY, cell=cell, number=5, note="table 2"), actor(CY))

    assert states(app) == {ARM: AmendmentState.OPEN}
    missing = "the lead's signature and one more signature"
    wanted = f"amendment {ARM}: to accept or reject; it waits for {missing}"
    assert wanted in status_json(app)["needs"]


def test_it_is_written_out_ready_to_sign_and_told_to_everybody(app: App) -> None:
    extracted(app)

    protocol = parse_protocol(body(app, ARM))
    (comparison,) = [each for each in protocol.comparisons if "drugx" in each.arms]
    (analysis,) = [each for each in protocol.analyses if each.comparison == comparison.id]
    assert (analysis.id, analysis.outcome, analysis.measure, analysis.method, analysis.model) == (
        ("5.1", "disability_worse", "RR", "MH", "common")
    )
    assert (analysis.arm_1, analysis.arm_2) == ("drugx", "ivig")
    assert analysis.direction == "above 1 favours ivig"
    with app.database.reading() as connection:
        told = [d for d in outbox.deliveries(connection) if d.notice.key == f"amendment:{ARM}"]
    assert {each.recipient for each in told} == {ADA, BEN, CY, DORA}
    assert "the arm 'Drug X', which the protocol does not have. Add it?" in told[0].notice.body
    assert "Analysis added: Disability increased (5.1" in told[0].notice.body
    assert f"/amendments/{ARM}" in told[0].notice.body


def test_signed_by_two_its_rows_stand_in_the_results_and_in_a_draft_with_signals(app: App) -> None:
    extracted(app)
    jobs.work_off(app)
    assert "5.1" not in shown(app)

    sign(app, ADA, ARM)
    assert (app.protocol.version, waits(app, ARM)) == ("1", ("the lead's signature",))
    sign(app, DORA, ARM)
    assert app.protocol.version == "2"
    jobs.work_off(app)

    assert shown(app)["5.1"] == "Drug X v IVIg"
    with app.database.reading() as connection:
        draft = versions.open_draft(connection)
        raised = {(each.analysis, each.rule) for each in versions.signals(connection)}
        result = versions.find_result(connection, draft.result) if draft is not None else None
    assert draft is not None
    assert (draft.number, draft.kind) == ("3.0.1", "amendment")
    assert raised == {("5.1", "S6")}
    assert result is not None
    assert result.inputs["protocol"] == "2"
    assert not [each for each in status_json(app)["needs"] if each.startswith("amendment")]
    assert verify(app.database).faults == ()


def test_the_day_and_the_names_of_who_signed_stand_in_the_protocol(app: App) -> None:
    extracted(app)
    assert parse_protocol(body(app, ARM)).amendments[-1].agreed_by == (WHO_SIGNS,)

    for person in (DORA, BEN):
        sign(app, person, ARM)

    entry = app.protocol.amendments[-1]
    assert (entry.version, entry.decided_on, entry.agreed_by) == (
        ("2", "2026-11-25", ("Dora Maar", "Ben Okri"))
    )
    assert entry.reason == "Doe 2026 reports the arm 'Drug X'"


def test_the_protocol_in_force_lies_beside_the_data_and_comes_back_where_it_was_lost(
    app: App,
) -> None:
    extracted(app)
    jobs.work_off(app)
    files = app.amendment(ARM)
    assert (files / "protocol.toml").read_text() == body(app, ARM)
    for person in (DORA, BEN):
        sign(app, person, ARM)
    (files / "protocol.diff").unlink()

    jobs.work_off(app)

    assert (files / "protocol.toml").read_text() == app.review.protocol_text
    lines = (files / "protocol.diff").read_text().splitlines()
    assert '+id = "drugx"' in lines
    assert '+agreed_by = ["Dora Maar", "Ben Okri"]' in lines
    assert [each for each in lines if each.startswith("-") and each[1:2] != "-"] == (
        ['-version = "1"']
    )


def test_an_outcome_that_the_protocol_lacks_is_proposed_with_what_is_to_check(app: App) -> None:
    place = {
        "outcome": "itch",
        "source": "pmid:99000001",
        "locator": "table 2",
        "time_point": "week 4",
    }
    rows = [{**place, "arm": arm, "events": 2, "total": 9} for arm in ("scig", "ivig")]
    extracted(app, arms=["scig", "ivig"], values=rows, labels={"itch": "Itch"}, participants=18)

    protocol = parse_protocol(body(app, "outcome-itch"))
    assert (protocol.outcomes[-1].label, protocol.outcomes[-1].time_point) == ("Itch", "week 4")
    new = protocol.analyses[-1]
    assert (new.id, new.comparison) == ("4.3", "ivig-scig-maintenance")
    assert [each.id for each in protocol.comparisons] == (
        [each.id for each in app.protocol.comparisons]
    )
    with app.database.reading() as connection:
        (proposed,) = versions.amendments(connection)
    assert "To check: that an event is bad in 'Itch' is a guess" in proposed.text


def test_what_no_table_can_hold_is_asked_of_people_and_never_stops_the_values(app: App) -> None:
    values = read_out()["values"]
    rows = [{**each, "arm": "ivig" if each["arm"] == "ivig" else "drug x"} for each in values]
    later = [{**each, "time_point": "week 52"} for each in rows]

    extracted(app, arms=["drug x", "ivig"], labels={}, values=later)

    assert set(states(app)) == {
        "arm-drug-x",
        "time-point-disability_worse-week-52",
        "time-point-grip_worse-week-52",
    }
    with app.database.reading() as connection:
        assert amendments.proposals(connection) == ()
    for person in (ADA, DORA):
        sign(app, person, "arm-drug-x")
    assert app.protocol.version == "1"
    wanted = "amendment arm-drug-x: agreed, and no protocol has it yet"
    assert any(each.startswith(wanted) for each in status_json(app)["needs"])


def test_a_rejected_one_stays_in_the_log_and_is_not_proposed_again(app: App) -> None:
    extracted(app)
    sign(app, CY, ARM, reject="not our question")
    extracted(app, events=6)

    assert states(app) == {ARM: AmendmentState.REJECTED}
    for person in (ADA, DORA):
        with pytest.raises(NotAllowed, match="was rejected: propose it again"):
            sign(app, person, ARM)
    assert app.protocol.version == "1"
    assert not [each for each in status_json(app)["needs"] if ARM in each]


def test_one_overtaken_by_another_is_refused_and_written_out_anew_on_the_new_version(
    app: App,
) -> None:
    extracted(app)
    sign(app, ADA, ARM)
    other = propose(app, AMENDED)
    for person in (ADA, DORA):
        sign(app, person, other)

    assert app.protocol.version == "2"
    with pytest.raises(NotAllowed, match="changes protocol version 1, and version 2 is in force"):
        sign(app, DORA, ARM)
    anew = f"{ARM}-2"
    assert states(app) == {
        ARM: AmendmentState.OVERTAKEN,
        other: AmendmentState.IN_FORCE,
        anew: AmendmentState.OPEN,
    }
    assert any(f"amendment {ARM}: overtaken" in each for each in status_json(app)["needs"])
    assert waits(app, anew) == ("the lead's signature", "one more signature")
    for person in (ADA, DORA):
        sign(app, person, anew)
    assert app.protocol.version == "3"
    assert {"coffee", "drugx"} <= {each.id for each in app.protocol.arms}
    sign(app, BEN, ARM, reject="it is in force as another")
    assert states(app)[ARM] is AmendmentState.REJECTED


# ---- hands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signers", "missing"),
    [
        ((), ("the lead's signature", "one more signature")),
        ((ADA,), ("the lead's signature",)),
        ((DORA,), ("one more signature",)),
        ((ADA, BEN), ("the lead's signature",)),
        ((ADA, BEN, CY), ("the lead's signature",)),
    ],
)
def test_too_few_hands_put_nothing_in_force(
    app: App, signers: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    named = propose(app, AMENDED)

    for person in signers:
        sign(app, person, named)

    assert (app.protocol.version, waits(app, named)) == ("1", missing)
    assert states(app)[named] is AmendmentState.OPEN


def test_the_same_signature_again_is_an_echo(app: App) -> None:
    named = propose(app, AMENDED)
    for _ in range(3):
        sign(app, DORA, named)
    assert app.protocol.version == "1"
    sign(app, ADA, named)
    before = last(app)

    sign(app, DORA, named)
    sign(app, ADA, named)

    assert last(app) == before
    with pytest.raises(NotAllowed, match="is in force already"):
        sign(app, BEN, named)


def test_whoever_leads_later_changes_nothing_of_what_came_in_force(app: App) -> None:
    named = propose(app, AMENDED)
    for person in (ADA, DORA):
        sign(app, person, named)
    eve = Person("eve", "Eve", None, (RoleId.LEAD,))
    with app.ledger() as ledger:
        people.add_person(ledger, eve)
        people.retire_person(ledger, DORA)

    assert states(app)[named] is AmendmentState.IN_FORCE


# ---- proposing -----------------------------------------------------------------------------------


def test_the_same_proposal_again_is_an_echo(app: App) -> None:
    named = propose(app, AMENDED)
    before = last(app)

    assert propose(app, AMENDED, CY) == named == "protocol-2"
    assert last(app) == before


def test_another_text_of_the_same_version_is_another_proposal(app: App) -> None:
    propose(app, AMENDED)
    other = propose(app, AMENDED.replace("Coffee", "Strong coffee"))

    assert other == "protocol-2-2"
    for person in (ADA, DORA):
        sign(app, person, other)
    assert states(app)["protocol-2"] is AmendmentState.OVERTAKEN


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (IN_FORCE, "protocol version 1, which is in force"),
        (amended("1"), "found '1', which is or was in force"),
        (
            amended("2").replace('id = "mmn"', 'id = "other"'),
            "review, id: found 'other', expected 'mmn'",
        ),
        (AMENDED[: AMENDED.rindex("[[amendments]]")], "amendments: found none of version '2'"),
        (AMENDED.replace('kind = "events"', 'kind = "event"', 1), "kind: found 'event'"),
        (AMENDED.replace('id = "scig"', 'id = "sc"'), "'scig'"),
        (AMENDED.replace("pubmed.txt", "lost.txt"), "lost.txt"),
        ("[review\n", "syntax"),
    ],
)
def test_what_can_be_no_amendment_is_refused_and_stores_nothing(
    app: App, given: str, said: str
) -> None:
    before = last(app)

    with pytest.raises(BadInput, match=said):
        propose(app, given)

    assert last(app) == before


def test_a_protocol_under_which_the_baseline_cannot_be_read_is_refused_with_the_place(
    app: App,
) -> None:
    without = AMENDED.replace('id = "grip_worse"', 'id = "grip_weaker"').replace(
        'outcome = "grip_worse"', 'outcome = "grip_weaker"'
    )

    with pytest.raises(FaultsOfAct, match=r"values.csv line \d+.*grip_worse"):
        propose(app, without)


def test_a_settled_open_decision_is_said_in_words(app: App) -> None:
    start, end = AMENDED.index('[[open_decisions]]\nid = "ig-v-ig"'), AMENDED.index("[living]")
    named = propose(app, AMENDED[:start] + AMENDED[end:])

    with app.database.reading() as connection:
        proposal = amendments.find_proposal(connection, named)
    assert proposal is not None
    assert any(each.startswith("Open decision settled: May a trial") for each in proposal.words)
    assert "Arm added: Coffee (coffee)" in proposal.words
    for person in (ADA, DORA):
        sign(app, person, named)
    assert [each.id for each in app.protocol.open_decisions] == ["ig-as-comparator"]


def test_a_source_of_a_new_protocol_is_searched_by_its_first_strategy(
    tmp_path: Path, app: App
) -> None:
    again = AMENDED.replace('id = "neuromuscular"', 'id = "muscle"')
    named = propose(app, again)
    for person in (ADA, DORA):
        sign(app, person, named)

    assert "muscle" in {each["source"] for each in status_json(app)["sources"]}
    assert app.review.queries["muscle"]


# ---- several processes ---------------------------------------------------------------------------


def test_another_process_on_the_folder_takes_the_new_protocol_up_without_a_restart(
    tmp_path: Path, app: App
) -> None:
    other = a_start(tmp_path / "data")
    assert other.protocol.version == "1"

    named = propose(app, AMENDED)
    for person in (ADA, DORA):
        sign(app, person, named)

    assert status_json(other)["protocol_version"] == "2"
    assert other.protocol.version == "2"
    hand_in(other, ADA, STUDY, read_out())
    with other.database.reading() as connection:
        said = versions.signatures(connection, SignedKind.AMENDMENT, named)
    assert [each.person for each in said] == [ADA, DORA]
    other.close()


def test_a_start_after_an_amendment_is_under_the_protocol_of_the_log(
    tmp_path: Path, app: App
) -> None:
    extracted(app)
    for person in (ADA, DORA):
        sign(app, person, ARM)
    jobs.work_off(app)
    before = shown(app)

    again = a_start(tmp_path / "data")

    assert (again.protocol.version, shown(again)) == ("2", before)
    assert status_json(again)["protocol"]["folder"] == "behind"
    assert "copy" in status_json(again)["protocol"]["folder_said"]
    again.close()
