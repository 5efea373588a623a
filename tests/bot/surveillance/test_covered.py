"""Where the included reports were found, by the log of real searches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.surveillance.alert_folders import look_into_folders
from bot.surveillance.covered import source_coverage
from bot.surveillance.report_finds import Delay, FoundReport, ReportOrigin
from bot.surveillance.source_coverage import SourceCoverage
from tests.bot.exports import ris
from tests.bot.surveillance.alert_files import put
from tests.bot.world import World, a_world

LEGER_2001 = (
    "Intravenous immunoglobulin therapy in multifocal motor neuropathy: a double-blind,"
    " placebo-controlled study"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def covered(world: World) -> SourceCoverage:
    with world.app.database.reading() as connection:
        return source_coverage(world.app, connection)


def known_by(found: SourceCoverage, name: str) -> FoundReport:
    return next(each for each in found.reports if name in each.cited)


def test_before_the_first_search_every_report_is_the_published_reviews(world: World) -> None:
    found = covered(world)

    assert found.reports
    assert {each.origin for each in found.reports} == {ReportOrigin.PUBLISHED}
    assert not any(each.finds for each in found.reports)
    assert not any(each.source.searched for each in found.brought)


def test_a_search_tells_which_of_them_its_source_has(world: World) -> None:
    world.search("pubmed")
    world.clock.advance(days=1)
    world.search("europepmc")
    found = covered(world)

    brought = {each.source.id: each for each in found.brought}
    both = [each for each in found.reports if set(each.sources) == {"pubmed", "europepmc"}]
    assert both
    assert {each.first for each in both} == {("pubmed",)}
    assert {each.delay for each in both} == {None}
    assert brought["pubmed"].reports >= len(both)
    assert Delay(0, 0) not in {each.delay for each in found.reports}


def test_an_alert_has_found_what_it_brought(world: World) -> None:
    paper = ris("L1", LEGER_2001, author="Leger, J M", journal="Brain", year="2001")
    put(world.app.alerts / "embase" / "week.ris", paper.replace(b"DB  -", b"C5  - 11133795\nDB  -"))

    look_into_folders(world.app)

    (found,) = (each for each in covered(world).reports if each.sources)
    assert found.sources == ("embase",)
    assert not any(each.source.searched for each in covered(world).brought)
