from __future__ import annotations

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from bot.demo.fiction import NEW_PMID
from bot.report.published_files import verify_files
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.slots import automatic_sources
from bot.synthesis.synthesise import current_results
from bot.work import jobs
from state import processes, runs, tables, versions
from state.values import WorkKind
from state.verify import verify
from tests.bot.builders import ADA, BEN, CY, DORA, hand_in, include, sign, sign_off
from tests.bot.world import World, a_world

CANDIDATE = f"pubmed:{NEW_PMID}"
STUDY = "fictional2026"
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def data(events: int = 9) -> dict[str, object]:
    place = {"source": f"pmid:{NEW_PMID}", "locator": "abstract", "outcome": "strength_improved"}
    return {
        "study": STUDY,
        "design": "parallel",
        "arms": ["ivig", "placebo"],
        "participants": 24,
        "values": [
            {**place, "arm": "ivig", "events": events, "total": 12},
            {**place, "arm": "placebo", "events": 2, "total": 12},
        ],
    }


def include_the_trial(world: World) -> None:
    world.a_trial_appears()
    world.search_all()
    include(world.app, CANDIDATE)


def extract_it(world: World) -> None:
    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, data())


def numbers(world: World) -> list[versions.Version]:
    with world.app.database.reading() as connection:
        return list(versions.versions(connection))


def strength(world: World) -> float:
    with world.app.database.reading() as connection:
        results = current_results(world.app, connection)
    effect = next(each.effect for each in results if each.id == "1.2")
    assert effect is not None
    return effect.estimate


def test_a_first_start_searches_each_source_once_by_itself(world: World) -> None:
    world.tick()
    world.tick()

    assert sorted(run.source for run in world.runs()) == sorted(automatic_sources(world.app))


def test_a_machine_asleep_for_a_month_searches_each_source_once(world: World) -> None:
    world.tick()
    world.clock.at += timedelta(days=70)

    world.tick()
    world.tick()

    assert len(world.runs("pubmed")) == 2
    assert len(world.runs("ctgov")) == 2


def test_a_slot_does_not_hurry_a_source_that_asked_for_time(world: World) -> None:
    world.pubmed.faults.add(PlayedFault(FaultKind.TOO_MANY, retry_after="86400"))
    world.tick()
    asked = world.runs("pubmed")[0].retry_at

    with world.app.database.transaction() as connection:
        runs.request(connection, WorkKind.SEARCH, "pubmed", due_at="2026-11-25T07:00", sooner=False)

    with world.app.database.reading() as connection:
        work = runs.find_work(connection, WorkKind.SEARCH, "pubmed")
    assert work is not None
    assert work.due_at == asked


def test_two_programs_on_one_folder_never_search_the_same_slot_twice(world: World) -> None:
    jobs.tick(world.app)
    threads = [threading.Thread(target=jobs.search_all_due, args=(world.app,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(world.runs("pubmed")) == 1
    assert len(world.runs("ctgov")) == 1


def test_work_of_a_dead_process_is_taken_over_at_once(world: World) -> None:
    jobs.tick(world.app)
    with world.app.database.transaction() as connection:
        work = runs.find_work(connection, WorkKind.SEARCH, "pubmed")
        assert work is not None
        runs.claim(connection, work, now=world.clock.now())
        dead = processes.this_holder().rsplit(":", 2)[0] + ":999999:0"
        connection.execute(tables.work.update().values(holder=dead))

    jobs.search_all_due(world.app)

    assert len(world.runs("pubmed")) == 1


def test_hand_searched_sources_are_reminded_of_with_the_text_to_paste(world: World) -> None:
    world.tick()

    told = {each.notice.key.split(":")[1]: each.notice.body for each in world.notices("source_due")}
    assert {"central", "embase", "ictrp"} <= set(told)
    assert "multifocal" in told["central"]


def test_the_last_accepted_value_leads_to_the_result_the_draft_and_the_notice(
    world: World,
) -> None:
    include_the_trial(world)
    extract_it(world)

    world.tick()

    assert strength(world) == pytest.approx(7.75, rel=1e-12)
    draft = numbers(world)[-1]
    assert (draft.number, draft.state, draft.kind) == ("3.1", "draft", "update")
    assert (world.app.files / "3.1-draft" / "report.html").is_file()
    assert {each.recipient for each in world.notices("new_result")} == {ADA, BEN, CY, DORA}


def test_nothing_moves_while_only_one_has_extracted(world: World) -> None:
    include_the_trial(world)
    hand_in(world.app, ADA, STUDY, data())

    world.tick()

    assert strength(world) == pytest.approx(11, rel=1e-12)
    assert [each.number for each in numbers(world)] == ["3.0"]


def test_two_signatures_publish_and_nothing_can_be_changed_unseen(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()

    sign_off(world.app, "3.1")
    world.tick()

    assert numbers(world)[-1].state == "published"
    assert verify_files(world.app)[1] == []
    report = world.app.files / "3.1" / "report.html"
    report.write_text(report.read_text() + " ")
    assert verify_files(world.app)[1] == ["version 3.1: report.html was changed after publication"]


def test_publishing_again_changes_nothing(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()
    sign_off(world.app, "3.1")
    world.tick()
    before = (world.app.files / "3.1" / "manifest.json").read_bytes()

    sign_off(world.app, "3.1")
    world.tick()

    assert (world.app.files / "3.1" / "manifest.json").read_bytes() == before
    assert len(world.notices("published")) == len({d.recipient for d in world.notices("published")})


def test_a_rejected_draft_is_not_published(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()

    sign(world.app, DORA, "3.1", reject="the total is wrong")
    world.tick()

    assert numbers(world)[-1].state == "rejected"
    assert not (world.app.files / "3.1").exists()


def test_a_draft_made_anew_is_told_anew_and_waits_for_its_own_signatures(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()
    sign(world.app, DORA, "3.1", reject="the total is wrong")
    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, data(events=8))
    world.tick()

    assert numbers(world)[-1].state == "draft"
    assert len({each.notice.key for each in world.notices("new_result")}) == 2
    sign_off(world.app, "3.1")
    world.tick()
    assert numbers(world)[-1].state == "published"
    assert verify(world.app.database).faults == ()


def test_signatures_do_not_publish_a_draft_made_after_it(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()

    sign_off(world.app, "3.1")
    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, data(events=8))
    world.tick()

    assert numbers(world)[-1].state == "draft"
    assert not (world.app.files / "3.1").exists()


def test_a_correction_of_values_alone_is_an_amendment(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()
    sign_off(world.app, "3.1")
    world.tick()

    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, data(events=8))
    world.tick()

    draft = numbers(world)[-1]
    assert (draft.number, draft.kind) == ("3.1.1", "amendment")
    assert "corrected" in draft.cause


def test_an_outcome_that_the_protocol_lacks_is_kept_and_proposed(world: World) -> None:
    include_the_trial(world)
    lacking = data()
    lacking["arms"] = ["ivig", "empasiprubart"]
    lacking["labels"] = {"empasiprubart": "Empasiprubart"}
    values = lacking["values"]
    assert isinstance(values, list)
    values[1]["arm"] = "empasiprubart"

    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, lacking)

    with world.app.database.reading() as connection:
        proposed = [each.id for each in versions.amendments(connection)]
    assert proposed == ["arm-empasiprubart"]
    assert world.notices("amendment_proposed")


def test_the_command_hook_is_told_the_version_and_its_folder(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    script = tmp_path / "hook.py"
    script.write_text(
        "import json, os, sys\n"
        "keys = ('LIVINGREVIEW_VERSION', 'LIVINGREVIEW_VERSION_FOLDER')\n"
        "json.dump([os.environ[k] for k in keys], open(sys.argv[1], 'w'))\n"
    )
    command = shlex.join([sys.executable, str(script), str(told)])
    with a_world(tmp_path / "data", LIVINGREVIEW_HOOK_COMMAND=command) as world:
        include_the_trial(world)
        extract_it(world)
        world.tick()
        sign_off(world.app, "3.1")
        world.tick()

        number, folder = json.loads(told.read_text())

    assert number == "3.1"
    assert (Path(folder) / "report.html").is_file()


class _Listener(BaseHTTPRequestHandler):
    """Takes webhooks: refuses the first, checks the signature of the next."""

    got: list[dict[str, object]] = []
    ids: list[str] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.ids.append(self.headers["webhook-id"])
        if len(self.ids) > 1:
            self.got.append(Webhook(SECRET).verify(body, dict(self.headers)))
        self.send_response(503 if len(self.ids) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_the_signed_webhook_is_repeated_with_the_same_id_until_it_is_taken(
    tmp_path: Path,
) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    settings = {"LIVINGREVIEW_WEBHOOK_URL": url, "LIVINGREVIEW_WEBHOOK_SECRET": SECRET}
    with a_world(tmp_path / "data", **settings) as world:
        world.clock.at = datetime.now(UTC)  # a receiver refuses an old timestamp
        include_the_trial(world)
        extract_it(world)
        world.tick()
        sign_off(world.app, "3.1")
        world.tick()
        assert world.notices("hook_failed")

        world.clock.at += timedelta(minutes=2)
        world.tick()

    server.shutdown()
    server.server_close()
    assert _Listener.ids == ["mmn-3.1", "mmn-3.1"]
    assert _Listener.got[0]["version"] == "3.1"


def test_the_whole_loop_can_be_replayed(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()
    sign_off(world.app, "3.1")
    world.tick()

    assert verify(world.app.database).faults == ()
