"""One odd record is set aside and told; the others of its answer are taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.demo.fiction import NEW, article, entry
from bot.sources.europepmc.stand_in import a_result
from bot.sources.openalex import stand_in as openalex
from bot.sources.pubmed.stand_in import Article
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from state import records
from state.facts import SearchRun
from state.tasks import Task, TaskKind, open_tasks
from state.verify import verify
from tests.bot.builders import DORA, take_import
from tests.bot.exports import ris
from tests.bot.world import World, a_world

SURROGATE = "bad \ud800 title"
DIGITS = "A trial with " + "7" * 5_000 + " people"
NUL = "a title\0with a zero"
LONG = "word " * 210_000
NESTED = "<b>" * 150 + "deep" + "</b>" * 150
# The record's own row is written by then: what is left of it must be undone.
REFUSAL = (
    "CREATE TRIGGER refusal BEFORE INSERT ON record_identifier"
    " WHEN NEW.record_key = 'openalex:W99000902' BEGIN SELECT RAISE(ABORT, 'refused'); END"
)
TODAY = "2026-11-25"  # else the chase, which asks for what is new, leaves it out
SET_ASIDE = (SURROGATE, NUL, LONG)
TAKEN = (DIGITS, NESTED)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world") / "data") as found:
        yield found


def odd_tasks(world: World, source: str) -> list[Task]:
    with world.app.database.reading() as connection:
        found = open_tasks(connection)
    of_source = [each for each in found if each.subject.startswith(f"{source}:")]
    return [each for each in of_source if each.kind is TaskKind.ODD_RECORD]


def aside(run: SearchRun) -> list[str]:
    return [each for each in run.warnings if each.startswith("set aside")]


def is_taken(world: World, key: str) -> bool:
    return any(each.record.key == key for seen in world.queue().values() for each in seen.records)


def is_kept(world: World, task: Task) -> bool:
    """Whether the answer with the odd record is there, by the hash that the task names."""
    (digest,) = re.findall(r"payload ([0-9a-f]{64})", task.text)
    with world.app.database.reading() as connection:
        return bool(records.payload(connection, digest))


def odd_article(title: str) -> Article:
    """Write an article whose title is put in as the bytes that a source might send."""
    whole = article(replace(NEW, pmid="99000901", title="HERE", register=(), doi=None))
    raw = title.encode("utf-8", "surrogatepass")
    return replace(whole, xml=whole.xml.replace(b"HERE", raw))


def in_pubmed(world: World, title: str) -> str:
    world.pubmed.add(odd_article(title))
    return "pubmed:99000901"


def in_ctgov(world: World, title: str) -> str:
    world.ctgov.add(entry("NCT99000901", title, "Multifocal Motor Neuropathy"))
    return "ctgov:NCT99000901"


def in_europepmc(world: World, title: str) -> str:
    world.europepmc.add(a_result("PPR", "PPR900901", title))
    return "europepmc:PPR:PPR900901"


def in_openalex(world: World, title: str) -> str:
    world.openalex.add(openalex.a_work("W99000901", title, cites=["W1"], publication_date=TODAY))
    return "openalex:W99000901"


ADD: dict[str, Callable[[World, str], str]] = {
    "pubmed": in_pubmed,
    "ctgov": in_ctgov,
    "europepmc": in_europepmc,
    "openalex": in_openalex,
}


@pytest.mark.parametrize("source", ADD)
def test_odd_titles_are_set_aside_once_and_taken_when_they_are_sound_again(
    world: World, source: str
) -> None:
    for title in SET_ASIDE:
        key = ADD[source](world, title)
        run = world.search(source)
        again = world.search(source)

        assert (run.status, again.status) == ("ok", "ok")
        assert any(key in each for each in run.warnings)
        (task,) = odd_tasks(world, source)
        assert task.subject == key
        assert is_kept(world, task)
        assert not is_taken(world, key)

    ADD[source](world, f"A sound title at last, in {source}")
    run = world.search(source)
    assert (run.new, aside(run)) == (1, [])
    assert is_taken(world, key)
    assert not verify(world.app.database).faults


@pytest.mark.parametrize("source", ADD)
@pytest.mark.parametrize("title", TAKEN, ids=("digits", "nested tags"))
def test_a_long_number_and_nested_tags_are_taken(world: World, source: str, title: str) -> None:
    ADD[source](world, title)

    run = world.search(source)

    assert (run.status, aside(run)) == ("ok", [])


@pytest.mark.sqlite
def test_what_raises_while_a_record_is_taken_undoes_that_record_alone(world: World) -> None:
    names = ("W99000902", "W99000903")
    world.openalex.add(
        *(
            openalex.a_work(each, f"Work {each}", cites=["W1"], publication_date=TODAY)
            for each in names
        )
    )
    with world.app.database.transaction() as connection:
        connection.execute(text(REFUSAL))

    run = world.search("openalex")

    with world.app.database.transaction() as connection:
        connection.execute(text("DROP TRIGGER refusal"))
    assert run.status == "ok"
    assert any("openalex:W99000902" in each for each in run.warnings)
    assert not is_taken(world, "openalex:W99000902")
    assert is_taken(world, "openalex:W99000903")
    assert not verify(world.app.database).faults


def test_a_whole_search_that_raises_is_stored_as_failed(world: World) -> None:
    body = b'{"esearchresult": {"count": "' + b"9" * 5_000 + b'", "idlist": []}}'
    world.pubmed.faults.add(PlayedFault(FaultKind.OTHER_BODY, body=body))

    run = world.search("pubmed")

    assert run.status == "failed"
    assert "not foreseen (ValueError" in (run.error or "")
    assert run.retry_at is not None
    assert world.notices("source_failing")


def test_an_odd_record_of_an_import_is_set_aside(world: World) -> None:
    body = ris("L901", DIGITS) + ris("L902", LONG) + ris("L903", "A sound one of the import")

    run = take_import(world.app, DORA, body, "odd.ris", "embase").run

    assert (run.status, run.found) == ("ok", 3)
    assert [each.subject for each in odd_tasks(world, "embase")] == ["embase:L902"]
    assert is_taken(world, "embase:L901")
    assert is_taken(world, "embase:L903")
    assert not verify(world.app.database).faults
