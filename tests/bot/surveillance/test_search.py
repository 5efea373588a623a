from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from bot.demo.fiction import NEW, NEW_NCT, NEW_PMID, article, fictional_entry
from bot.sources.answer import SourceAnswer
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.intake import Taken
from bot.surveillance.search import Heartbeat, run_of
from bot.surveillance.slots import find_source
from state import extractions, records, runs
from state.codec import instant, moment
from state.errors import LeaseLost
from state.events import events, head
from state.facts import SearchFinished
from state.values import WorkKind
from state.verify import verify
from tests.bot.world import World, a_world

JOINT = f"pubmed:{NEW_PMID}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def test_reports_that_the_review_has_are_known_and_not_queued(world: World) -> None:
    run = world.search("pubmed")

    assert run.known == 6
    assert run.known_items_missing == ()
    assert not {"pubmed:8145910", "pubmed:24725024"} & set(world.queue())


def test_an_unconfirmed_identifier_is_confirmed_by_the_answer_with_its_title(world: World) -> None:
    world.search("pubmed")

    with world.app.database.reading() as connection:
        assert {"pmid:7673950", "pmid:11133795"} <= records.confirmed_items(connection)
        stored = records.stored(connection, ["pubmed:7673950"])
    assert stored["pubmed:7673950"].study == "vandenberg1995"


def test_an_unconfirmed_identifier_with_another_title_is_queued_and_said(world: World) -> None:
    world.pubmed.remove("7673950")
    world.pubmed.add(article(replace(NEW, pmid="7673950", title="Quite another thing.")))

    run = world.search("pubmed")

    assert [item.id for item in run.known_items_missing] == ["pmid:7673950"]
    reasons = world.queue()["pubmed:7673950"].candidate.reasons
    assert any("unconfirmed" in reason and "title differs" in reason for reason in reasons)


def test_a_new_trial_in_both_sources_is_one_candidate(world: World) -> None:
    world.search_all()
    before = set(world.queue())
    world.a_trial_appears()

    world.search_all()

    assert set(world.queue()) - before == {JOINT}
    keys = {each.record.key for each in world.queue()[JOINT].records}
    assert keys == {JOINT, f"ctgov:{NEW_NCT}"}


def test_the_second_search_adds_its_run_record_and_nothing_else(world: World) -> None:
    world.search_all()
    world.search_all()
    with world.app.database.reading() as connection:
        before, _ = head(connection)

    run = world.search("pubmed")

    with world.app.database.reading() as connection:
        after, _ = head(connection)
    assert (run.new, run.changed) == (0, 0)
    assert after - before == 1


def test_nothing_new_is_told_once_a_month(world: World) -> None:
    for _ in range(3):
        world.clock.advance(minutes=5)
        world.search_all()

    assert len({each.notice.key for each in world.notices("nothing_new")}) == 1


def test_nothing_new_is_not_said_beside_new_candidates_of_the_other_source(world: World) -> None:
    world.ctgov.add(fictional_entry())

    world.search_all()
    with_news = world.notices("nothing_new")
    world.clock.advance(minutes=5)
    world.search_all()

    assert with_news == []
    assert world.notices("nothing_new")


def test_a_record_that_names_a_known_study_is_queued_as_its_second_report(world: World) -> None:
    world.pubmed.add(article(replace(NEW, pmid="99000009", register=("NCT00666263",))))

    world.search("pubmed")

    seen = world.queue("ada")["pubmed:99000009"]
    assert seen.candidate.kind == "second_report"
    assert seen.candidate.study == "hahn2013"
    assert seen.to_do == "link"
    assert world.notices("second_report")


def test_a_known_item_that_is_not_re_found_is_named_and_told(world: World) -> None:
    world.pubmed.remove("24725024")

    run = world.search("pubmed")

    assert run.status == "ok"
    assert [item.id for item in run.known_items_missing] == ["pmid:24725024"]
    assert any("known items missing" in each.notice.subject for each in world.notices())


def test_one_source_fails_while_the_other_goes_on(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.HTML))

    failed, *fine = world.search_all()

    assert failed.status == "failed"
    assert "HTML" in (failed.error or "")
    assert failed.retry_at is not None
    assert {run.status for run in fine} == {"ok"}
    assert world.notices("source_failing")


def test_an_outage_of_all_sources_is_one_message_to_each_who_is_told(world: World) -> None:
    world.tick()
    before = set(world.app.mailbox.iterdir())
    world.clock.at += timedelta(days=32)
    for source in world.sources.by_name.values():
        source.faults.add(PlayedFault(FaultKind.UNAVAILABLE, times=99))

    world.tick()

    failed = world.notices("source_failing")
    told = Counter(
        message_from_bytes(each.read_bytes())["To"]
        for each in set(world.app.mailbox.iterdir()) - before
        if b"could not be searched" in each.read_bytes()
    )
    assert len(failed) > 3
    assert set(told.values()) == {1}
    assert all(each.delivered_at for each in failed)


def test_a_guard_that_turns_us_away_is_left_alone_for_a_day(world: World) -> None:
    world.ctgov.faults.add(PlayedFault(FaultKind.FORBIDDEN))

    run = world.search("ctgov")

    assert run.retry_at == instant(world.clock.now() + timedelta(days=1))


def test_a_part_that_never_comes_is_asked_for_ever_more_rarely(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.SHORT_PAGE, times=99))

    waits = []
    for _ in range(3):
        run = world.search("pubmed")
        assert run.retry_at is not None
        waits.append(moment(run.retry_at) - world.clock.now())

    assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60)]


def test_a_failed_source_is_tried_again_and_heals(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.HTML))
    world.search("pubmed")

    again = world.search("pubmed")

    assert again.status == "ok"
    assert len(world.runs("pubmed")) == 2


def test_a_failed_source_is_left_alone_until_its_next_try(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.HTML))
    world.tick()
    asked = len(world.pubmed.seen)

    world.clock.advance(minutes=14)
    world.tick()

    assert [run.status for run in world.runs("pubmed")] == ["failed"]
    assert len(world.pubmed.seen) == asked


def test_a_failed_source_is_tried_again_by_itself_when_its_time_comes(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.HTML))
    world.tick()

    world.clock.advance(minutes=16)
    world.tick()

    assert [run.status for run in world.runs("pubmed")] == ["ok", "failed"]


def test_a_changed_entry_of_a_known_study_is_told_with_old_and_new(world: World) -> None:
    world.search_all()
    changed = fictional_entry()
    identification = changed["protocolSection"]["identificationModule"]
    identification["nctId"] = "NCT00666263"
    changed["protocolSection"]["statusModule"]["overallStatus"] = "TERMINATED"
    world.ctgov.add(changed)

    run = world.search("ctgov")

    assert run.changed == 1
    told = [each.notice.body for each in world.notices("registry_change")]
    assert told
    assert "overall status: UNKNOWN → TERMINATED" in told[0] or "→ TERMINATED" in told[0]


def test_everything_a_search_stores_can_be_replayed(world: World) -> None:
    world.a_trial_appears()
    world.search_all()

    assert verify(world.app.database).faults == ()


def test_every_record_keeps_the_payload_it_was_read_from(world: World) -> None:
    world.search("pubmed")

    with world.app.database.reading() as connection:
        for stored in records.all_records(connection):
            body = records.payload(connection, stored.payload_sha256)
            assert stored.record.source_id.encode() in body


def test_a_candidate_under_an_open_decision_is_marked(world: World) -> None:
    world.search("ctgov")

    assert "open decision ig-as-comparator" in world.queue()["ctgov:NCT06742190"].candidate.flags


def test_a_search_that_somebody_asked_for_serves_the_newest_slot(world: World) -> None:
    asked = len(world.search_all())

    world.tick()

    assert len(world.runs()) == asked


def test_each_search_answers_with_its_own_run_however_the_clock_goes(world: World) -> None:
    stood_still = [world.search().id for _ in range(25)]
    world.clock.advance(days=-40)
    put_back = world.search().id

    with world.app.database.reading() as connection:
        log = [told.fact for told in events(connection)]
    assert [*stood_still, put_back] == [f.run.id for f in log if isinstance(f, SearchFinished)]


def test_the_baseline_is_there_before_any_search(world: World) -> None:
    with world.app.database.reading() as connection:
        labels = [stored.study.label for stored in extractions.studies(connection)]

    assert len(labels) == 6
    assert "Hahn 2013" in labels


def test_a_long_search_keeps_its_lease(world: World) -> None:
    with world.app.database.transaction() as connection:
        runs.request(connection, WorkKind.SEARCH, "pubmed", due_at=instant(world.clock.now()))
        due = runs.find_work(connection, WorkKind.SEARCH, "pubmed")
        assert due is not None
        work = runs.claim(connection, due, now=world.clock.now())
        assert work is not None
    beat = Heartbeat(world.app, work)

    for _ in range(30):
        world.clock.at += timedelta(minutes=2)
        beat("pubmed", 200, 9_000)

    with world.app.database.reading() as connection:
        assert runs.due(connection, WorkKind.SEARCH, now=world.clock.now()) == ()


def runs_on(world: World, slow: runs.Work) -> None:
    beat = Heartbeat(world.app, slow)
    world.clock.at += timedelta(minutes=2)
    beat("pubmed", 200, 9_000)


def test_a_search_whose_lease_was_taken_over_stops(world: World) -> None:
    with world.app.database.transaction() as connection:
        runs.request(connection, WorkKind.SEARCH, "pubmed", due_at=instant(world.clock.now()))
        due = runs.find_work(connection, WorkKind.SEARCH, "pubmed")
        assert due is not None
        slow = runs.claim(connection, due, now=world.clock.now())
        later = world.clock.now() + timedelta(hours=1)
        assert slow is not None
        assert runs.claim(connection, slow, now=later) is not None
    world.clock.at = later

    with pytest.raises(LeaseLost, match="taken over"):
        runs_on(world, slow)


def test_a_run_that_lacks_something_says_all_that_it_lacks(world: World) -> None:
    problems = ("3 of 10 records did not come", "one record has no id")
    partly = SourceAnswer((), (), {}, query="q", found=10, pages=1, requests=1, problems=problems)
    plan, now = find_source(world.app, "pubmed"), world.clock.now()

    run = run_of(world.app, plan, now, partly, Taken("pubmed-1"))
    whole = run_of(world.app, plan, now, replace(partly, problems=()), Taken("pubmed-2"))

    assert (run.status, run.error) == (
        "failed",
        "3 of 10 records did not come; one record has no id",
    )
    assert (whole.status, whole.error) == ("ok", None)
