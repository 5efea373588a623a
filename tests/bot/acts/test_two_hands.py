"""What takes two people: nothing is changed by the first, and everything is defined between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.acts.act import Act
from bot.acts.perform import perform
from bot.acts.said import (
    ChangePerson,
    PlaceStudy,
    RejectProposal,
    Reopen,
    RetirePerson,
    SaySame,
    SettleLink,
    WithdrawProposal,
)
from bot.app import App
from bot.silence.status import status_json
from bot.synthesis.synthesise import current_results
from extraction.model import CorrectionKind
from state import decisions, extractions, likeness, outbox, proposals, records
from state.corrections import see_correction
from state.errors import BadInput, NotAllowed
from state.events import events
from state.facts import StudyMoved
from state.facts.words import CandidateOutcome, LinkVerdict, ProposalEnding
from state.screening import Stage, StudyStatus, Verdict
from state.values import PublicStatus, ToDo
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    move,
    say,
    say_whether_same,
)

POOLED = "azulay1994"
ONE = a_trial(1)
TWO = replace(a_trial(2), source="embase", source_id="L2")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    found(running, ONE, TWO)
    with running.ledger() as ledger:
        likeness.find_likeness(
            ledger, TWO.key, ONE.key, likeness.MAYBE, rule="M4", reasons=["one title"]
        )
    yield running
    assert verify(running.database).faults == ()
    running.close()


def results(app: App) -> dict[str, int]:
    with app.database.reading() as connection:
        return {each.id: each.studies for each in current_results(app, connection)}


def place(app: App, study: str = POOLED) -> StudyStatus:
    with app.database.reading() as connection:
        return extractions.find_study(connection, study).place


def ending(app: App, proposal: str) -> tuple[ProposalEnding | None, str | None]:
    with app.database.reading() as connection:
        kept = proposals.find_proposal(connection, proposal)
    return kept.ended, kept.ended_note


def told(app: App, kind: str) -> list[str]:
    with app.database.reading() as connection:
        return sorted(
            each.recipient for each in outbox.deliveries(connection) if each.notice.kind == kind
        )


def seen(app: App, candidate: str, person: str | None = None) -> PublicStatus:
    with app.database.reading() as connection:
        return decisions.seen_by(connection, candidate, person).status


def to_do(app: App, candidate: str, person: str) -> ToDo | None:
    with app.database.reading() as connection:
        return decisions.seen_by(connection, candidate, person).to_do


# ---- a study that is moved -----------------------------------------------------------------------


@pytest.mark.parametrize("where", [each for each in StudyStatus if each != "included"])
def test_one_person_takes_no_study_out_of_the_pool_and_two_do(app: App, where: StudyStatus) -> None:
    before = results(app)

    move(app, POOLED, where, ADA)
    between = results(app)
    move(app, POOLED, where, DORA)

    assert before == between
    assert place(app) is where
    assert results(app)["1.1"] == before["1.1"] - 1


def test_a_proposal_is_told_once_to_those_who_can_confirm_it_and_stands_in_the_needs(
    app: App,
) -> None:
    for _ in range(2):  # the second is the echo of the first
        move(app, POOLED, StudyStatus.AWAITING, ADA)

    assert told(app, "proposal") == [BEN, DORA]
    wanted = (
        "proposal move-1: move Azulay 1994 from included to awaiting classification:"
        " a second person is to confirm it"
    )
    assert [each for each in status_json(app)["needs"] if "proposal" in each] == [wanted]
    assert place(app) is StudyStatus.INCLUDED


def test_what_is_in_force_names_both_people_and_the_reason_and_is_told_to_everybody(
    app: App,
) -> None:
    move(app, POOLED, StudyStatus.EXCLUDED, ADA, BEN)

    with app.database.reading() as connection:
        (moved,) = (e.fact for e in events(connection) if isinstance(e.fact, StudyMoved))
    assert (moved.people, moved.note) == ((ADA, BEN), "a reason")
    assert told(app, "proposal_ended") == [ADA, CY, DORA]


def test_a_confirmation_repeated_by_either_changes_nothing(app: App) -> None:
    move(app, POOLED, StudyStatus.AWAITING, ADA, BEN)
    with app.database.reading() as connection:
        before = list(events(connection))

    move(app, POOLED, StudyStatus.AWAITING, ADA, BEN)

    with app.database.reading() as connection:
        assert list(events(connection)) == before


def test_there_is_one_proposal_of_a_study_at_a_time(app: App) -> None:
    move(app, POOLED, StudyStatus.AWAITING, ADA)

    with pytest.raises(NotAllowed, match="the proposal move-1 on 'azulay1994' waits"):
        move(app, POOLED, StudyStatus.EXCLUDED, BEN)
    with pytest.raises(NotAllowed, match="move-1"):
        move(app, POOLED, StudyStatus.AWAITING, BEN, look="2027-12-01")

    assert place(app) is StudyStatus.INCLUDED


def test_the_second_person_rejects_it_and_all_stays(app: App) -> None:
    move(app, POOLED, StudyStatus.AWAITING, ADA)

    perform(app, RejectProposal(proposal="move-1", note="it has results"), actor(DORA))

    assert ending(app, "move-1") == (ProposalEnding.REJECTED, "it has results")
    assert told(app, "proposal_ended") == [ADA]
    move(app, POOLED, StudyStatus.AWAITING, BEN)
    assert place(app) is StudyStatus.INCLUDED


def test_who_proposed_takes_it_back_and_rejects_nothing_of_their_own(app: App) -> None:
    move(app, POOLED, StudyStatus.AWAITING, ADA)
    with pytest.raises(NotAllowed, match="made this proposal"):
        perform(app, RejectProposal(proposal="move-1", note="no"), actor(ADA))

    for _ in range(2):
        perform(app, WithdrawProposal(proposal="move-1", note="misread"), actor(ADA))

    assert ending(app, "move-1") == (ProposalEnding.WITHDRAWN, "misread")
    with pytest.raises(NotAllowed, match="waits no more"):
        perform(app, RejectProposal(proposal="move-1", note="no"), actor(BEN))


@pytest.mark.parametrize(
    "gone",
    [RetirePerson(person=ADA), ChangePerson(person=ADA, name="Ada Byron", roles=("extractor",))],
    ids=["retired", "without the role"],
)
def test_a_hand_counts_only_while_who_gave_it_may_still_give_it(app: App, gone: Act[Any]) -> None:
    move(app, POOLED, StudyStatus.AWAITING, ADA)
    perform(app, gone, actor(DORA))

    move(app, POOLED, StudyStatus.AWAITING, BEN)

    assert place(app) is StudyStatus.INCLUDED
    assert ending(app, "move-1") == (
        ProposalEnding.LAPSED,
        "Ada Byron may no longer propose it",
    )
    move(app, POOLED, StudyStatus.AWAITING, DORA)
    assert place(app) is StudyStatus.AWAITING


def test_a_proposal_that_events_have_overtaken_lapses(app: App) -> None:
    move(app, POOLED, StudyStatus.EXCLUDED, ADA)
    with app.ledger() as ledger:
        extractions.move_study(ledger, POOLED, StudyStatus.ONGOING, None)

    move(app, POOLED, StudyStatus.EXCLUDED, BEN)

    assert ending(app, "move-1")[0] is ProposalEnding.LAPSED
    assert place(app) is StudyStatus.ONGOING


def test_a_study_included_by_mistake_is_excluded_and_comes_back_by_two(app: App) -> None:
    include(app, ONE.key)
    move(app, "doe2026", StudyStatus.EXCLUDED, ADA, BEN)
    with pytest.raises(NotAllowed, match="'doe2026' is excluded: nothing is to be extracted$"):
        hand_in(app, ADA, "doe2026", an_extraction(9))

    move(app, "doe2026", StudyStatus.INCLUDED, DORA, ADA)

    assert place(app, "doe2026") is StudyStatus.INCLUDED


def test_a_retraction_that_is_known_is_cited_by_the_move_without_being_asked(app: App) -> None:
    with app.ledger() as ledger:
        see_correction(
            ledger,
            "notice",
            study=POOLED,
            record_key="pmid:8145910",
            kind=CorrectionKind.RETRACTION,
            doi="10.5555/notice",
            pmid=None,
            citation="Retraction: J Made-up Neurol. 2026;1:1",
            source="crossref",
        )

    move(app, POOLED, StudyStatus.EXCLUDED, ADA, BEN)

    with app.database.reading() as connection:
        (moved,) = (e.fact for e in events(connection) if isinstance(e.fact, StudyMoved))
        bodies = [
            each.notice.body
            for each in outbox.deliveries(connection)
            if each.notice.kind == "proposal"
        ]
    assert len(moved.cites) == 1
    assert "J Made-up Neurol. 2026;1:1" in moved.cites[0]
    assert "known of its reports" in bodies[0]


def test_who_says_so_alone_is_told_that_nobody_can_be_the_second(app: App) -> None:
    for person in (BEN, DORA):
        perform(app, ChangePerson(person=ADA, name="Ada", roles=("lead", "screener")), actor(DORA))
        act = ChangePerson(person=person, name=person, roles=("extractor",))
        perform(app, act, actor(DORA))

    given = perform(
        app, PlaceStudy(study=POOLED, place=StudyStatus.AWAITING, note="why"), actor(ADA)
    )

    assert given.waits
    assert given.waits_for == ()


# ---- two records that are one --------------------------------------------------------------------


def test_two_records_that_nobody_has_judged_are_merged_by_one_hand_and_stay_queued(
    app: App,
) -> None:
    say_whether_same(app, ADA, TWO.key, ONE.key, same=True)

    assert seen(app, ONE.key) is PublicStatus.WAITING
    assert seen(app, TWO.key) is PublicStatus.DUPLICATE


@pytest.mark.parametrize("judged", [ONE.key, TWO.key])
def test_a_record_that_somebody_has_judged_is_merged_by_two_and_no_verdict_is_lost(
    app: App, judged: str
) -> None:
    say(app, ADA, judged, Verdict.INCLUDE)

    for person in (BEN, BEN):
        say_whether_same(app, person, TWO.key, ONE.key, same=True)
    between = seen(app, TWO.key)
    say_whether_same(app, ADA, TWO.key, ONE.key, same=True)

    assert between is PublicStatus.WAITING
    assert to_do(app, ONE.key, ADA) is None
    assert to_do(app, ONE.key, BEN) is ToDo.DECIDE
    say(app, BEN, ONE.key, Verdict.INCLUDE)
    assert to_do(app, ONE.key, BEN) is ToDo.DECIDE  # at full text


def test_a_verdict_of_before_a_record_was_opened_again_asks_for_two_as_well(app: App) -> None:
    for person in (ADA, BEN):
        say(app, person, TWO.key, Verdict.EXCLUDE)
    perform(app, Reopen(candidate=TWO.key, note="look again"), actor(DORA))

    say_whether_same(app, ADA, TWO.key, ONE.key, same=True)
    between = seen(app, TWO.key)
    say_whether_same(app, BEN, TWO.key, ONE.key, same=True)

    assert between is PublicStatus.WAITING
    assert seen(app, TWO.key) is PublicStatus.DUPLICATE


def test_two_verdicts_that_meet_by_a_merge_decide_and_what_follows_is_written(app: App) -> None:
    say(app, ADA, ONE.key, Verdict.EXCLUDE)
    say(app, BEN, TWO.key, Verdict.INCLUDE)

    for person in (ADA, BEN):
        say_whether_same(app, person, TWO.key, ONE.key, same=True)

    assert seen(app, ONE.key) is PublicStatus.CONFLICT
    assert told(app, "conflict") == [ADA, BEN, CY]


def test_a_record_merged_into_one_that_is_excluded_keeps_its_verdict_in_sight(app: App) -> None:
    for person in (ADA, BEN):
        say(app, person, ONE.key, Verdict.EXCLUDE)
    say(app, ADA, TWO.key, Verdict.INCLUDE)

    say_whether_same(app, ADA, TWO.key, ONE.key, same=True)
    assert seen(app, TWO.key) is PublicStatus.WAITING
    say_whether_same(app, BEN, TWO.key, ONE.key, same=True)

    with app.database.reading() as connection:
        mine = decisions.said_before(connection, ONE.key, ADA)
        others = decisions.said_before(connection, ONE.key, BEN)
    assert [(each.candidate, each.answer.verdict) for each in mine] == [(TWO.key, Verdict.INCLUDE)]
    assert others == ()  # what one of two has said stays sealed


def test_to_say_that_they_differ_ends_the_proposal_by_one_hand(app: App) -> None:
    say(app, ADA, ONE.key, Verdict.INCLUDE)
    say_whether_same(app, ADA, TWO.key, ONE.key, same=True)

    say_whether_same(app, DORA, TWO.key, ONE.key, same=False)

    assert ending(app, "merge-1")[0] is ProposalEnding.REJECTED
    assert seen(app, TWO.key) is PublicStatus.WAITING


def test_a_merge_that_waits_lapses_when_the_record_becomes_a_study(app: App) -> None:
    say(app, ADA, TWO.key, Verdict.INCLUDE)
    perform(app, SaySame(record=TWO.key, other=ONE.key), actor(ADA))
    say(app, BEN, TWO.key, Verdict.INCLUDE)
    for person in (ADA, BEN):
        say(app, person, TWO.key, Verdict.INCLUDE, stage=Stage.FULL_TEXT)

    assert ending(app, "merge-1")[0] is ProposalEnding.LAPSED


def test_a_study_that_a_record_was_taken_off_stays_in_the_pool(app: App) -> None:
    include(app, ONE.key)
    for person in (ADA, BEN):
        say_whether_same(app, person, TWO.key, ONE.key, same=True)

    say_whether_same(app, DORA, TWO.key, ONE.key, same=False)

    assert place(app, "doe2026") is StudyStatus.INCLUDED
    assert seen(app, TWO.key) is PublicStatus.WAITING


# ---- a second report of a study ------------------------------------------------------------------


def link(app: App, person: str, verdict: LinkVerdict = LinkVerdict.CONFIRM) -> None:
    perform(app, SettleLink(candidate="central:r", verdict=verdict), actor(person))


@pytest.fixture
def report(app: App) -> str:
    (name,) = found(app, replace(a_trial(3), source="central", source_id="r"), study=POOLED)
    return name


def test_a_link_takes_two_and_asks_nothing_more_of_the_first(app: App, report: str) -> None:
    link(app, ADA)

    assert seen(app, report) is PublicStatus.LINK
    assert (to_do(app, report, ADA), to_do(app, report, BEN)) == (None, ToDo.LINK)
    with app.database.reading() as connection:
        assert decisions.next_to_do(connection, ADA, ONE.key) != report
        assert records.records_of_study(connection, POOLED) == ()

    link(app, BEN)

    assert seen(app, report) is PublicStatus.REPORT_OF


def test_one_person_is_enough_to_have_a_report_screened(app: App, report: str) -> None:
    link(app, ADA)

    link(app, BEN, LinkVerdict.REFUSE)

    assert ending(app, "link-1")[0] is ProposalEnding.REJECTED
    assert seen(app, report) is PublicStatus.WAITING


def test_a_linked_report_is_opened_again_and_its_study_stays(app: App, report: str) -> None:
    link(app, ADA)
    link(app, BEN)
    before = results(app)

    perform(app, Reopen(candidate=report, note="another trial"), actor(DORA))

    assert seen(app, report) is PublicStatus.LINK
    assert results(app) == before
    link(app, ADA)
    link(app, BEN)
    assert seen(app, report) is PublicStatus.REPORT_OF


# ---- what is opened again ------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_an_excluded_candidate_is_judged_again_at_its_stage_by_readers_who_are_blind(
    app: App, stage: Stage
) -> None:
    if stage is Stage.FULL_TEXT:
        for person in (ADA, BEN):
            say(app, person, ONE.key, Verdict.INCLUDE)
    for person in (ADA, BEN):
        say(app, person, ONE.key, Verdict.EXCLUDE, stage=stage, criterion="E2")

    for _ in range(2):
        perform(app, Reopen(candidate=ONE.key, note="look again"), actor(DORA))

    with app.database.reading() as connection:
        seen_again = decisions.seen_by(connection, ONE.key, BEN)
        earlier = decisions.said_before(connection, ONE.key, BEN)
    assert (seen_again.stage, seen_again.status) == (stage, PublicStatus.WAITING)
    assert seen_again.revealed == ()
    assert [each.person for each in earlier] == [ADA, BEN]
    assert told(app, "reopened") == [ADA, BEN]
    say(app, ADA, ONE.key, Verdict.EXCLUDE, stage=stage, criterion="E2")
    assert seen(app, ONE.key) is PublicStatus.WAITING
    say(app, BEN, ONE.key, Verdict.EXCLUDE, stage=stage, criterion="E2")
    assert seen(app, ONE.key) is PublicStatus.EXCLUDED


def test_what_is_open_is_left_so_and_a_study_is_no_candidate_to_open(app: App) -> None:
    include(app, ONE.key)

    perform(app, Reopen(candidate=TWO.key, note="look again"), actor(DORA))

    assert told(app, "reopened") == []
    with pytest.raises(NotAllowed, match="became a study"):
        perform(app, Reopen(candidate=ONE.key, note="look again"), actor(DORA))


def test_what_two_have_excluded_counts_for_the_queued_record_that_two_say_it_is(app: App) -> None:
    for person in (ADA, BEN):
        say(app, person, TWO.key, Verdict.EXCLUDE)

    for person in (ADA, BEN):
        say_whether_same(app, person, TWO.key, ONE.key, same=True)

    assert seen(app, ONE.key) is PublicStatus.EXCLUDED
    with app.database.reading() as connection:
        kept = decisions.candidate(connection, TWO.key)
    assert kept.outcome is CandidateOutcome.DUPLICATE


def test_a_move_says_why_in_words(app: App) -> None:
    with pytest.raises(BadInput, match="note: found none"):
        perform(app, PlaceStudy(study=POOLED, place=StudyStatus.EXCLUDED), actor(ADA))
