"""One's own act, taken back: a verdict, a search by hand, an import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import (
    ChangePerson,
    Reopen,
    RetirePerson,
    SayNothingFound,
    TakenBack,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from bot.report.flow import FlowSource, flow_counts
from bot.silence.status import status_json
from state import decisions, extractions, outbox, people, records, runs
from state.errors import NotAllowed
from state.events import events
from state.facts.words import CandidateOutcome, RoleId
from state.log import log_lines
from state.people import Person
from state.screening import Verdict
from state.values import PublicStatus
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    DORA,
    a_trial,
    actor,
    add_team,
    an_app,
    found,
    say,
    take_import,
)
from tests.bot.exports import TWO_RECORDS

ONE = a_trial(1)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    found(running, ONE)
    yield running
    assert verify(running.database).faults == ()
    running.close()


def take_back(app: App, run: str, person: str = DORA) -> TakenBack:
    return perform(app, WithdrawSearch(run=run, note="the wrong file"), actor(person))


def last_success(app: App, source: str) -> str | None:
    found: dict[str, str | None] = {
        each["source"]: each["last_success"] for each in status_json(app)["sources"]
    }
    return found[source]


def queue(app: App) -> set[str]:
    with app.database.reading() as connection:
        return {each.candidate.id for each in decisions.queue(connection)} - {ONE.key}


# ---- a verdict -----------------------------------------------------------------------------------


def test_a_verdict_is_taken_back_until_the_second_has_decided(app: App) -> None:
    say(app, ADA, ONE.key, Verdict.INCLUDE)
    act = WithdrawVerdict(candidate=ONE.key, note="misread")

    for _ in range(2):
        perform(app, act, actor(ADA))

    with app.database.reading() as connection:
        assert decisions.seen_by(connection, ONE.key, ADA).mine is None
    say(app, BEN, ONE.key, Verdict.INCLUDE)
    with app.database.reading() as connection:
        assert decisions.seen_by(connection, ONE.key, ADA).status is PublicStatus.WAITING
    say(app, ADA, ONE.key, Verdict.EXCLUDE)
    with pytest.raises(NotAllowed, match="both have decided"):
        perform(app, act, actor(ADA))


def test_nobody_takes_back_what_they_have_not_said(app: App) -> None:
    say(app, ADA, ONE.key, Verdict.INCLUDE)

    with pytest.raises(NotAllowed, match="not Ben Okri's to take back"):
        perform(app, WithdrawVerdict(candidate=ONE.key, note="why"), actor(BEN))


def test_what_was_taken_back_and_why_stays_sealed_until_both_have_decided(app: App) -> None:
    def printed() -> str:
        with app.database.reading() as connection:
            return "\n".join(each.sentence() for each in log_lines(connection))

    say(app, ADA, ONE.key, Verdict.INCLUDE)
    perform(app, WithdrawVerdict(candidate=ONE.key, note="no trial at all"), actor(ADA))
    before = printed()
    for person in (ADA, BEN):
        say(app, person, ONE.key, Verdict.EXCLUDE)

    assert "no trial at all" not in before
    assert "no trial at all" in printed()


# ---- a search ------------------------------------------------------------------------------------


def test_a_source_counts_as_not_searched_by_what_was_taken_back(app: App) -> None:
    never = last_success(app, "embase")
    run = perform(app, SayNothingFound(source="embase"), actor(DORA))
    assert last_success(app, "embase") != never

    for _ in range(2):
        take_back(app, run.id)

    assert last_success(app, "embase") == never
    with app.database.reading() as connection:
        kept = runs.withdrawal_of(connection, run.id)
        lines = [each.kind for each in events(connection, subject=run.id)]
    assert kept is not None
    assert (kept.person, kept.note) == (DORA, "the wrong file")
    assert lines == ["search_finished", "search_withdrawn"]


def test_only_who_made_a_search_takes_it_back_or_for_the_retired_their_successors(
    app: App,
) -> None:
    run = perform(app, SayNothingFound(source="embase"), actor(DORA))
    with pytest.raises(NotAllowed, match="not Ada Byron's to take back"):
        take_back(app, run.id, ADA)

    perform(app, RetirePerson(person=DORA, deputy=BEN), actor(DORA))

    take_back(app, run.id, BEN)
    assert last_success(app, "embase") is None


def test_a_search_of_one_who_may_search_no_more_is_taken_back_by_those_who_may(app: App) -> None:
    run = perform(app, SayNothingFound(source="embase"), actor(DORA))
    for person, roles in ((BEN, ("lead",)), (DORA, ("screener",))):
        act = ChangePerson(person=person, name=person, roles=roles)
        perform(app, act, actor(DORA))

    with pytest.raises(NotAllowed, match="dora has none of the roles"):
        take_back(app, run.id)
    take_back(app, run.id, BEN)

    assert last_success(app, "embase") is None


def test_an_import_that_nobody_judged_closes_what_it_alone_brought_and_can_be_undone(
    app: App,
) -> None:
    run = take_import(app, DORA, TWO_RECORDS, "a.ris", "central").run
    brought = queue(app)

    came = take_back(app, run.id)

    assert set(came.closed) == brought
    assert queue(app) == set()
    with app.database.reading() as connection:
        known = {each.record.key for each in records.all_records(connection)}
        outcomes = {decisions.candidate(connection, each).outcome for each in brought}
    assert brought <= known
    assert outcomes == {CandidateOutcome.IMPORT_WITHDRAWN}
    one = min(brought)
    perform(app, Reopen(candidate=one, note="it was right"), actor(ADA))
    assert queue(app) == {one}


def test_the_same_file_given_again_queues_its_records_again(app: App) -> None:
    run = take_import(app, DORA, TWO_RECORDS, "a.ris", "central").run
    brought = queue(app)
    take_back(app, run.id)

    again = take_import(app, DORA, TWO_RECORDS, "a.ris", "central")

    assert not again.again
    assert queue(app) == brought
    assert again.run.candidates_new == len(brought)


def test_an_import_of_which_somebody_has_judged_a_record_stays(app: App) -> None:
    run = take_import(app, DORA, TWO_RECORDS, "a.ris", "central").run
    say(app, ADA, min(queue(app)), Verdict.INCLUDE)

    with pytest.raises(NotAllowed, match="1 record of this search were judged already"):
        take_back(app, run.id)

    assert last_success(app, "central") is not None


def test_records_of_an_import_taken_back_have_their_own_box_in_the_flow(app: App) -> None:
    run = take_import(app, DORA, TWO_RECORDS, "a.ris", "central").run
    brought = len(take_back(app, run.id).closed)

    with app.database.reading() as connection:
        known = tuple(records.all_records(connection))
        states = decisions.screening_states(connection)
        studies = extractions.studies(connection)
    flow = flow_counts(FlowSource(known, states, studies, frozenset()))
    assert (flow.excluded_other, flow.records_waiting) == (brought, 1)


def test_the_lead_is_told_of_a_search_by_hand_and_of_its_withdrawal(app: App) -> None:
    with app.ledger() as ledger:
        people.add_person(ledger, Person("eve", "Eve", None, (RoleId.INFORMATION_SPECIALIST,)))
    run = perform(app, SayNothingFound(source="neuromuscular"), actor("eve"))

    take_back(app, run.id, "eve")

    with app.database.reading() as connection:
        told = {each.notice.kind: each.recipient for each in outbox.deliveries(connection)}
    assert told == {"searched_by_hand": DORA, "search_withdrawn": DORA}
