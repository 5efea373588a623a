"""The certificate of silence: when it is signed, what it claims, and what breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.cli import keeping, searching
from bot.demo.fiction import BASELINE, article, entry, fictional_trial
from bot.report.open_formats import write_export
from bot.silence.certificate import RoundVerdict
from bot.silence.certify import verify_certificates
from bot.silence.signing_key import KEY_FILE, open_key, signature_holds
from bot.silence.status import status_json
from bot.sources.pubmed.stand_in import Article
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.slots import automatic_sources
from bot.work.backup import write_backup
from state.certificates import StoredCertificate, certificates
from state.events import events
from state.tasks import Task, TaskKind, open_tasks, settle_task
from tests.bot.builders import DORA, actor
from tests.bot.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def kept(world: World) -> tuple[StoredCertificate, ...]:
    with world.app.database.reading() as connection:
        return certificates(connection)


def body(world: World, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept(world)[place].body)
    return found


def verdicts(world: World) -> list[str]:
    return [json.loads(each.body)["verdict"] for each in kept(world)]


def line(world: World, source: str, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [each for each in body(world, place)["sources"] if each["source"] == source]
    return found


def a_round(world: World, *, days: float = 32) -> None:
    world.clock.advance(days=days)
    world.search_all()


def questions(world: World) -> tuple[Task, ...]:
    with world.app.database.reading() as connection:
        return open_tasks(connection)


def retracted(facts: Any) -> Article:
    """Write a baseline article as PubMed has it once it is retracted."""
    link = (
        b'<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn">'
        b'<RefSource>J Made-up Neurol. 2026;1:1</RefSource><PMID Version="1">99000077</PMID>'
        b"</CommentsCorrections></CommentsCorrectionsList></MedlineCitation>"
    )
    found = article(facts)
    return replace(found, xml=found.xml.replace(b"</MedlineCitation>", link))


def forty_preprints(world: World) -> None:
    world.europepmc.add(*({"id": str(n), "source": "PPR", "title": f"P {n}"} for n in range(40)))


def twenty_preprints_vanish(world: World) -> None:
    with world.europepmc._lock:
        for number in range(20):
            del world.europepmc._results[f"PPR:{number}"]


def test_a_round_of_all_sources_is_signed_once(world: World) -> None:
    world.search("pubmed")
    assert kept(world) == ()

    for source in automatic_sources(world.app):
        world.search(source)

    (only,) = kept(world)
    key = open_key(world.app.config.data)
    assert signature_holds(key.public, only.body, only.signature)
    assert {each["source"] for each in body(world)["sources"]} == set(automatic_sources(world.app))
    world.tick()
    assert len(kept(world)) == 1


def test_a_certificate_says_what_was_asked_and_what_came(world: World) -> None:
    world.search_all()

    said, of_pubmed = body(world), line(world, "pubmed")
    (run,) = world.runs("pubmed")
    with world.app.database.reading() as connection:
        log = {each.seq: each.hash for each in events(connection)}
    assert of_pubmed["query"] == run.query
    assert (of_pubmed["run"], of_pubmed["found"], of_pubmed["new"]) == (run.id, run.found, run.new)
    assert of_pubmed["known_items_found"] == list(run.known_items_found)
    assert (of_pubmed["bounds"], of_pubmed["earlier_runs"]) == (None, 0)
    assert log[said["log"]["events"]] == said["log"]["head"]
    assert said["id"] == kept(world)[-1].id
    assert said["next_by"] > said["issued_at"]
    by_hand = {each["source"]: each for each in said["by_hand"]}
    assert (by_hand["embase"]["last_searched"], by_hand["embase"]["overdue"]) == (None, True)


def test_new_records_are_no_silence_and_the_next_round_is(world: World) -> None:
    world.search_all()
    a_round(world)

    assert verdicts(world) == [RoundVerdict.NEW, RoundVerdict.SILENT]
    assert body(world)["reasons"] == []
    assert body(world)["since"] == body(world, 0)["issued_at"]


def test_a_record_that_came_in_the_middle_of_the_period_is_no_silence(world: World) -> None:
    world.search_all()
    world.a_trial_appears()
    world.clock.advance(days=7)
    world.search("ctgov")
    a_round(world, days=25)

    assert line(world, "ctgov")["new"] == 0
    assert line(world, "ctgov")["candidates_new"] == 1
    assert verdicts(world)[-1] == RoundVerdict.NEW


def test_what_a_person_imports_is_no_silence(world: World, tmp_path: Path) -> None:
    world.search_all()
    world.clock.advance(days=1)
    file = tmp_path / "export.ris"
    file.write_text("TY  - JOUR\nTI  - A fictional trial of nothing\nPY  - 2026\nER  - \n")
    searching.import_file(world.app, actor(DORA), file, "central")
    a_round(world)

    by_hand = {each["source"]: each for each in body(world)["by_hand"]}
    assert by_hand["central"]["candidates_new"] == 1
    assert verdicts(world)[-1] == RoundVerdict.NEW


def test_a_changed_register_entry_of_a_known_study_is_no_silence(world: World) -> None:
    watched = entry("NCT00666263", "An entry that is watched", "Multifocal Motor Neuropathy")
    world.ctgov.add(watched)
    world.search_all()
    a_round(world)
    assert verdicts(world)[-1] == RoundVerdict.SILENT

    watched["protocolSection"]["statusModule"] |= {"overallStatus": "COMPLETED"}
    world.ctgov.add(watched)
    a_round(world)

    assert body(world)["news"]["register_changes"] == 1
    assert verdicts(world)[-1] == RoundVerdict.NEW


def test_a_retraction_of_a_known_report_is_no_silence(world: World) -> None:
    world.search_all()
    world.pubmed.add(retracted(next(each for each in BASELINE if each.pmid == "8145910")))
    a_round(world)

    assert body(world)["news"] == {"register_changes": 0, "notices": 1, "questions": 1}
    assert verdicts(world)[-1] == RoundVerdict.NEW


def test_silence_is_told_with_the_certificate_and_once_a_month(world: World) -> None:
    world.search_all()
    a_round(world)
    a_round(world, days=1)

    told = {each.notice.key: each.notice for each in world.notices("nothing_new")}
    assert len(told) == 1
    (notice,) = told.values()
    proof = json.loads(notice.body[notice.body.index('{"id"') :])
    said = json.loads(proof["body"])
    assert signature_holds(said["key"]["public"], proof["body"], proof["signature"])
    for words in ("known items re-found", proof["id"], said["key"]["id"], said["log"]["head"]):
        assert words in notice.body.split('{"id"')[0]


def test_a_source_that_fails_holds_the_certificate_up_and_is_named_when_it_is_late(
    world: World,
) -> None:
    world.search_all()
    world.clock.advance(days=32)
    world.ctgov.faults.add(PlayedFault(FaultKind.FORBIDDEN, times=99))
    world.search_all()
    assert len(kept(world)) == 1

    world.clock.advance(days=40)
    world.tick()

    assert verdicts(world)[-1] == RoundVerdict.INCOMPLETE
    assert any("ClinicalTrials.gov" in reason for reason in body(world)["reasons"])
    assert world.notices("nothing_new") == []


def test_a_source_that_recovers_brings_the_certificate_at_once(world: World) -> None:
    world.search_all()
    world.clock.advance(days=32)
    world.ctgov.faults.add(PlayedFault(FaultKind.FORBIDDEN, times=99))
    world.search_all()
    world.clock.advance(days=9)
    world.tick()
    assert verdicts(world)[-1] == RoundVerdict.INCOMPLETE

    world.ctgov.faults.forget()
    world.clock.advance(days=2)
    world.tick()
    world.tick()

    assert verdicts(world)[-2:] == [RoundVerdict.INCOMPLETE, RoundVerdict.SILENT]
    assert body(world)["since"] == body(world, 0)["issued_at"]
    assert len(kept(world)) == 3


def test_a_program_that_slept_searches_before_it_certifies(world: World) -> None:
    world.search_all()
    world.clock.advance(days=90)

    world.tick()
    world.tick()

    assert verdicts(world) == [RoundVerdict.NEW, RoundVerdict.SILENT]


def test_a_known_item_that_is_missing_is_no_silence(world: World) -> None:
    world.search_all()
    world.pubmed.remove("24725024")
    a_round(world)

    assert verdicts(world)[-1] == RoundVerdict.INCOMPLETE
    assert "pmid:24725024" in body(world)["reasons"][0]
    world.tick()
    assert len(kept(world)) == 2


def test_a_count_that_falls_is_put_to_a_person_once_and_never_becomes_usual(world: World) -> None:
    forty_preprints(world)
    for _ in range(4):
        a_round(world)
    twenty_preprints_vanish(world)
    a_round(world)
    a_round(world)

    assert verdicts(world)[-2:] == [RoundVerdict.INCOMPLETE, RoundVerdict.INCOMPLETE]
    assert line(world, "europepmc")["plausible"] is False
    (task,) = questions(world)
    assert (task.kind, task.subject) == (TaskKind.IMPLAUSIBLE_COUNT, "europepmc")
    lights = {each["source"]: each["light"] for each in status_json(world.app)["sources"]}
    assert lights["europepmc"] == "amber"


def test_a_count_that_a_person_judged_is_the_new_usual_one(world: World) -> None:
    forty_preprints(world)
    for _ in range(4):
        a_round(world)
    twenty_preprints_vanish(world)
    a_round(world)
    (task,) = questions(world)

    with world.app.ledger(actor(DORA)) as ledger:
        settle_task(ledger, task.id, DORA, "Europe PMC moved its preprints")
    world.tick()
    a_round(world)

    assert verdicts(world)[-3:] == [
        RoundVerdict.INCOMPLETE,
        RoundVerdict.SILENT,
        RoundVerdict.SILENT,
    ]
    assert questions(world) == ()


def test_certificates_name_the_one_before(world: World) -> None:
    for _ in range(3):
        a_round(world)

    assert verify_certificates(world.app) == []
    assert body(world, 0)["previous"] is None
    assert body(world)["previous"]["id"] == kept(world)[-2].id


def test_verify_sees_a_certificate_that_was_changed(world: World) -> None:
    for _ in range(2):
        a_round(world)
    with world.app.database.transaction() as connection:
        connection.execute(
            text("UPDATE certificate SET body = replace(body, 'new', 'old') WHERE id = :id"),
            {"id": kept(world)[0].id},
        )

    faults = keeping.verified(world.app)["faults"]

    assert any("its signature does not hold" in each for each in faults)
    assert any("does not follow the one before" in each for each in faults)


def test_a_new_key_is_made_where_the_old_one_is_gone_and_the_certificate_says_so(
    world: World,
) -> None:
    world.search_all()
    old = open_key(world.app.config.data)
    (world.app.config.data / KEY_FILE).unlink()
    a_round(world)
    a_round(world)

    changed = [body(world, place)["key"]["changed_from"] for place in range(3)]
    assert changed == [None, old.id, None]
    assert verify_certificates(world.app) == []


def test_a_key_that_cannot_be_read_costs_the_certificate_and_not_the_search(world: World) -> None:
    (world.app.config.data / KEY_FILE).write_text("not a key")

    found = world.search_all()
    world.tick()

    assert {run.status for run in found} == {"ok"}
    assert kept(world) == ()


def test_the_key_is_readable_by_its_owner_only_and_in_no_copy(world: World, tmp_path: Path) -> None:
    world.search_all()
    file = world.app.config.data / KEY_FILE

    assert file.stat().st_mode & 0o077 == 0
    copy = write_backup(world.app, tmp_path / "copy")
    write_export(world.app, tmp_path / "export")
    secret = file.read_bytes().strip()
    copies = [*copy.rglob("*"), *(tmp_path / "export").rglob("*")]
    assert not any(secret in each.read_bytes() for each in copies if each.is_file())


def test_certificates_are_exported(world: World, tmp_path: Path) -> None:
    world.search_all()

    write_export(world.app, tmp_path / "export")

    (exported,) = (tmp_path / "export" / "certificates.jsonl").read_text("utf-8").splitlines()
    assert json.loads(exported)["signature"] == kept(world)[0].signature


def test_a_certificate_says_nothing_of_titles_or_people(world: World) -> None:
    world.pubmed.add(fictional_trial())
    world.search_all()

    said = kept(world)[-1].body
    for private in ("Fictional", "Ada", "example.org"):
        assert private not in said
