"""The certificate of silence: when it is signed, what it claims, and what breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import commands
from bot.certificate import Verdict
from bot.demo.faults import Fault, FaultKind
from bot.demo.fiction import fictional_trial
from bot.signing_key import KEY_FILE, open_key, signature_holds
from bot.steps.certify import verify_certificates
from bot.steps.search import automatic_sources
from state.certificates import StoredCertificate, certificates
from state.tasks import TaskKind, open_tasks
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


def a_round(world: World, *, days: float = 32) -> None:
    world.clock.advance(days=days)
    world.search_all()


def test_a_round_of_all_sources_is_signed_once(world: World) -> None:
    world.search("pubmed")
    assert kept(world) == ()

    for source in automatic_sources(world.app):
        world.search(source)

    (only,) = kept(world)
    key = open_key(world.app.config.data)
    assert signature_holds(key.public, only.body, only.signature)
    assert {line["source"] for line in body(world)["sources"]} == set(automatic_sources(world.app))
    world.tick()
    assert len(kept(world)) == 1


def test_new_records_are_no_silence_and_the_next_round_is(world: World) -> None:
    world.search_all()
    a_round(world)

    assert [body(world, place)["verdict"] for place in (0, 1)] == [Verdict.NEW, Verdict.SILENT]
    assert body(world)["reasons"] == []


def test_silence_is_told_with_the_certificate_and_once_a_month(world: World) -> None:
    world.search_all()
    a_round(world)
    a_round(world, days=1)

    told = {each.notice.key: each.notice for each in world.notices("nothing_new")}
    assert len(told) == 1
    (notice,) = told.values()
    proof = json.loads(notice.body[notice.body.index("{") :])
    assert signature_holds(proof["public_key"], proof["body"], proof["signature"])
    assert "known items re-found" in notice.body


def test_a_source_that_fails_holds_the_certificate_up_and_is_named_when_it_is_late(
    world: World,
) -> None:
    world.search_all()
    world.clock.advance(days=32)
    world.ctgov.faults.add(Fault(FaultKind.FORBIDDEN, times=99))
    world.search_all()
    assert len(kept(world)) == 1

    world.clock.advance(days=40)
    world.tick()

    assert body(world)["verdict"] == Verdict.INCOMPLETE
    assert any("ClinicalTrials.gov" in reason for reason in body(world)["reasons"])
    assert world.notices("nothing_new") == []


def test_a_known_item_that_is_missing_is_no_silence(world: World) -> None:
    world.search_all()
    world.pubmed.remove("24725024")
    a_round(world)

    assert body(world)["verdict"] == Verdict.INCOMPLETE
    assert "pmid:24725024" in body(world)["reasons"][0]


def test_a_count_that_falls_is_put_to_a_person_and_no_silence(world: World) -> None:
    world.europepmc.add(*({"id": str(n), "source": "PPR", "title": f"P {n}"} for n in range(40)))
    for _ in range(4):
        a_round(world)
    with world.europepmc._lock:
        for number in range(20):
            del world.europepmc._results[f"PPR:{number}"]
    a_round(world)

    assert body(world)["verdict"] == Verdict.INCOMPLETE
    with world.app.database.reading() as connection:
        (task,) = open_tasks(connection)
    assert (task.kind, task.subject) == (TaskKind.IMPLAUSIBLE_COUNT, "europepmc")
    lights = {each["source"]: each["light"] for each in commands.status(world.app)["sources"]}
    assert lights["europepmc"] == "amber"


def test_certificates_name_the_one_before(world: World) -> None:
    for _ in range(3):
        a_round(world)

    assert verify_certificates(world.app) == []
    assert body(world, 0)["previous"] is None


def test_a_new_key_is_made_where_the_old_one_is_gone_and_old_ones_stay_in_the_chain(
    world: World,
) -> None:
    world.search_all()
    (world.app.config.data / KEY_FILE).unlink()
    a_round(world)

    assert len({body(world, place)["key"] for place in (0, 1)}) == 2
    assert verify_certificates(world.app) == []


def test_the_key_is_readable_by_its_owner_only_and_in_no_backup(
    world: World, tmp_path: Path
) -> None:
    world.search_all()

    assert (world.app.config.data / KEY_FILE).stat().st_mode & 0o077 == 0
    copy = commands.backup(world.app, tmp_path / "copy")
    assert not list(copy.rglob(KEY_FILE))


def test_a_certificate_says_nothing_of_titles_or_people(world: World) -> None:
    world.pubmed.add(fictional_trial())
    world.search_all()

    assert "Fictional" not in kept(world)[-1].body
    assert "ada" not in kept(world)[-1].body.split('"sources"')[0]
