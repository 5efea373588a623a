"""Where full texts lie: asked when a report is read whole, each service once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import AT_THE_MACHINE
from bot.sources.europepmc.stand_in import a_result
from bot.sources.openalex.stand_in import a_work
from bot.sources.unpaywall.stand_in import UnpaywallStandIn
from bot.surveillance.full_text_locations import (
    LocatorAnswer,
    ReportLocations,
    locate,
    locations_json,
    locations_lines,
)
from extraction.model import RecordIds
from state.errors import BadInput
from state.screening import StudyStatus, Verdict
from tests.bot.builders import ADA, BEN, a_trial, found, include, say
from tests.bot.world import World, a_world

DOI = "10.1000/open"
PLACE = "https://example.org/open.pdf"
OPEN = {"url_for_pdf": PLACE, "license": "cc-by", "version": "publishedVersion"}
TRIAL = replace(a_trial(1), ids=RecordIds(doi=DOI))


@pytest.fixture
def unpaywall() -> Iterator[UnpaywallStandIn]:
    with UnpaywallStandIn({DOI: {"oa_locations": [OPEN]}}) as served:
        yield served


@pytest.fixture
def world(tmp_path: Path, unpaywall: UnpaywallStandIn) -> Iterator[World]:
    settings = {
        "LIVINGREVIEW_UNPAYWALL_URL": unpaywall.url,
        "LIVINGREVIEW_UNPAYWALL_INTERVAL_S": "0",
        "LIVINGREVIEW_UNPAYWALL_ATTEMPTS": "1",
        "LIVINGREVIEW_EMAIL": "team@example.org",
    }
    with a_world(tmp_path / "data", **settings) as started:
        found(started.app, TRIAL)
        yield started


def to_full_text(world: World) -> None:
    for each in (ADA, BEN):
        say(world.app, each, TRIAL.key, Verdict.INCLUDE)


def located(world: World) -> ReportLocations:
    return locate(world.app, TRIAL.key, AT_THE_MACHINE)


def test_before_full_text_nothing_is_asked(world: World) -> None:
    with pytest.raises(BadInput, match="nobody reads it whole yet"):
        located(world)


def test_each_service_is_told_with_what_it_answered(world: World) -> None:
    to_full_text(world)
    world.openalex.add(
        a_work("W7", "Open", doi=f"https://doi.org/{DOI}", locations=[{"pdf_url": PLACE}])
    )
    lines = locations_lines(located(world))

    assert "  Europe PMC: none" in lines
    assert "  OpenAlex: 1 place" in lines
    assert f"    {PLACE} (PDF, open, publishedVersion, cc-by)" in lines
    assert f"    {PLACE} (PDF, for subscribers, version not told, no licence told)" in lines


def test_what_a_service_answered_is_not_asked_again(
    world: World, unpaywall: UnpaywallStandIn
) -> None:
    to_full_text(world)
    located(world)
    first = locations_json(located(world))
    world.clock.advance(days=1)

    assert locations_json(located(world)) == first
    assert len(unpaywall.seen) == 1


def test_a_service_that_fails_is_told_and_asked_again(
    world: World, unpaywall: UnpaywallStandIn
) -> None:
    to_full_text(world)
    world.europepmc.add(a_result("MED", "1", "Open", doi=DOI, fullTextUrlList={"fullTextUrl": []}))
    unpaywall.__exit__(None, None, None)
    services = {each.service: each for each in located(world).services}

    assert services["Unpaywall"].answered is LocatorAnswer.FAILED
    assert services["Unpaywall"].why is not None
    assert services["Europe PMC"].answered is LocatorAnswer.NONE
    assert [each.service for each in located(world).services] == [*services]


def test_without_an_address_unpaywall_is_not_asked(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        found(world.app, TRIAL)
        include(world.app, TRIAL.key, place=StudyStatus.AWAITING)
        services = {each.service: each for each in located(world).services}

    assert services["Unpaywall"].answered is LocatorAnswer.NOT_ASKED
    assert "LIVINGREVIEW_EMAIL" in str(services["Unpaywall"].why)


def test_a_report_without_a_doi_cannot_be_looked_up(world: World) -> None:
    bare = replace(a_trial(2), ids=RecordIds())
    found(world.app, bare)
    with pytest.raises(BadInput, match="found no DOI"):
        locate(world.app, bare.key, AT_THE_MACHINE)
