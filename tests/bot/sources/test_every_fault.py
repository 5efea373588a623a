"""Every way in which a source may misbehave, at every source, met by the whole product.

The tables name the faults, the tests what the product does: a fault that lasts fails the source and
nothing is concluded from it. In any case no record is lost, none invented, nothing hangs, memory
stays bounded, and the next run heals.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.sources.catalogue import SOURCES
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import StandIn
from state.records import all_records
from state.verify import verify
from tests.bot.every_source import review_with_every_source
from tests.bot.sources.fault_table import PASSING
from tests.bot.upstreams import DEADLINE_S
from tests.bot.world import World, a_world

LASTS = 99
LARGEST_GROWTH_KB = 150 * 1024
IMPATIENT = {"TIMEOUT_S": f"{DEADLINE_S:g}", "ATTEMPTS": "1", "BODY_LIMIT_BYTES": "4000000"}
CUT_EVERY = 1_000

EVERYWHERE = (
    FaultKind.RESET,
    FaultKind.STALL,
    FaultKind.STALL_IN_BODY,
    FaultKind.DRIP,
    FaultKind.DRIP_HEADERS,
    FaultKind.TRUNCATED,
    FaultKind.TRUNCATED_GZIP,
    FaultKind.FORBIDDEN,
    FaultKind.BAD_REQUEST,
    FaultKind.TOO_MANY,
    FaultKind.SERVER_ERROR,
    FaultKind.UNAVAILABLE,
    FaultKind.REDIRECT,
    FaultKind.NO_CONTENT,
    FaultKind.HTML,
    FaultKind.EMPTY_BODY,
    FaultKind.HALF_BODY,
    FaultKind.GZIP_BOMB,
    FaultKind.BIG_BODY,
)
BODIES = {
    "deep JSON": b"[" * 200_000 + b"]" * 200_000,
    "deep XML": b"<a>" * 100_000 + b"</a>" * 100_000,
    "JSON of another kind": b'{"hello": "world"}',
    "a list": b"[]",
    "null": b"null",
    "a number without end": b'{"count": 1e999, "totalCount": NaN}',
    "bytes that are no text": bytes(range(256)) * 40,
    "UTF-16": '{"esearchresult": {}}'.encode("utf-16"),
    "an error in words": b'{"error": "the service is down for maintenance"}',
    "XML entity bomb": b'<!DOCTYPE a [<!ENTITY e0 "lol">'
    + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&e9;</a>",
}


def bodies(source: str) -> Mapping[str, bytes]:
    """Return what is no answer of a source, its own ways of saying so included."""
    return {**BODIES, **(SOURCES[source].own("faults:BODIES") or {})}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which every source was searched once; the tests leave it as it was."""
    folder = tmp_path_factory.mktemp("faults")
    with a_world(folder / "data", **_of_all(IMPATIENT), **_every_source(folder)) as found:
        found.search_all()
        before = _known(found)
        yield found
        last = {run.source: run.status for run in found.search_all()}
        assert last == dict.fromkeys(SOURCES, "ok")
        assert _known(found) == before
        assert verify(found.app.database).faults == ()


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that asks twice, in which every source was searched once."""
    settings = _of_all(IMPATIENT | {"ATTEMPTS": "2"})
    folder = tmp_path_factory.mktemp("passing")
    with a_world(folder / "data", **settings, **_every_source(folder)) as found:
        found.search_all()
        yield found


def _every_source(folder: Path) -> dict[str, str]:
    return {"LIVINGREVIEW_REVIEW": str(review_with_every_source(folder))}


def _of_all(settings: Mapping[str, str]) -> dict[str, str]:
    return {
        f"LIVINGREVIEW_{source.upper()}_{name}": value
        for source in SOURCES
        for name, value in settings.items()
    }


@pytest.fixture
def known(world: World, source: str) -> Iterator[list[str]]:
    """What is known before; afterwards it must be the same, healed, bounded and in order.

    The struck source is searched again after each fault, all of them after the last one.
    """
    before, used = _known(world), _most_memory_kb()
    begun_s, asked = world.time.at_s, _requests(world)
    yield before
    assert world.time.at_s - begun_s <= DEADLINE_S * (_requests(world) - asked)
    assert _most_memory_kb() - used < LARGEST_GROWTH_KB
    assert _known(world) == before
    for standin in world.sources.by_name.values():
        standin.faults.forget()
    assert world.search(source).status == "ok"
    assert _known(world) == before
    assert verify(world.app.database).faults == ()


def _known(world: World) -> list[str]:
    with world.app.database.reading() as connection:
        return [stored.record.key for stored in all_records(connection)]


def _requests(world: World) -> int:
    return sum(len(standin.seen) for standin in world.sources.by_name.values())


def _most_memory_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _upstream(world: World, source: str) -> StandIn:
    return world.sources.by_name[source]


@pytest.mark.parametrize("kind", EVERYWHERE, ids=str)
@pytest.mark.parametrize("source", SOURCES)
def test_a_fault_that_lasts_fails_the_source_loudly(world, known, source, kind):
    _upstream(world, source).faults.add(PlayedFault(kind, times=LASTS))

    run = world.search(source)

    assert run.status == "failed"
    assert run.error
    assert run.retry_at is not None
    assert (run.new, run.candidates_new) == (0, 0)
    assert known


@pytest.mark.parametrize("kind", PASSING, ids=str)
@pytest.mark.parametrize("source", SOURCES)
def test_a_fault_that_passes_costs_one_request_and_no_record(patient, source, kind):
    before, upstream = _known(patient), _upstream(patient, source)
    whole = len(_answers(patient, upstream, source))
    upstream.faults.add(PlayedFault(kind, after=whole - 1))  # the first may be a seed nobody knows

    asked = len(_answers(patient, upstream, source))

    assert asked == whole + 1
    assert _known(patient) == before


@pytest.mark.parametrize(("source", "name"), [(of, name) for of in SOURCES for name in bodies(of)])
def test_an_answer_of_another_kind_fails_the_source_and_is_no_empty_answer(
    world, known, source, name
):
    body = bodies(source)[name]
    _upstream(world, source).faults.add(PlayedFault(FaultKind.OTHER_BODY, times=LASTS, body=body))

    run = world.search(source)

    assert run.status == "failed"
    assert run.error
    assert known


@pytest.mark.parametrize("source", SOURCES)
def test_an_answer_cut_anywhere_is_never_taken_for_whole(world, known, source):
    upstream = _upstream(world, source)
    bodies = _answers(world, upstream, source)

    for place, body in enumerate(bodies):
        for end in range(0, len(body) - 1, CUT_EVERY):
            upstream.faults.forget()
            cut = PlayedFault(FaultKind.OTHER_BODY, after=place, times=LASTS, body=body[:end])
            upstream.faults.add(cut)
            assert world.search(source).status == "failed", f"answer {place} cut at {end}"
    assert known


def _answers(world: World, upstream: StandIn, source: str) -> list[bytes]:
    """Return the bodies of a good search's answers, in order."""
    upstream.answered.clear()
    assert world.search(source).status == "ok"
    return [each.body for each in upstream.answered]


@pytest.mark.parametrize("source", SOURCES)
def test_a_wrong_content_type_does_not_hide_a_right_answer(world, known, source):
    _upstream(world, source).faults.add(PlayedFault(FaultKind.WRONG_CONTENT_TYPE, times=LASTS))

    assert world.search(source).status == "ok"
    assert known
