"""Another review's included reports: taken from a list or a package, held against every search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import GiveSisterList, TakenList
from bot.surveillance.coverage_words import coverage_sentences
from bot.surveillance.covered import source_coverage
from state import decisions
from state.elsewhere import sister_lists
from state.errors import BadInput, NotAllowed
from tests.bot.builders import BEN, DORA, actor
from tests.bot.review.package.made_up import archive, of_2026
from tests.bot.world import World, a_world

# One that PubMed's stand-in knows (Azulay 1994), one that nobody does, and an entry.
INCLUDED = b"""TY  - JOUR
TI  - Intravenous immunoglobulin in motor neuron syndromes
AU  - Azulay, JP
PY  - 1994
AN  - 8145910
DB  - PubMed
ID  - 8145910
ER  -

TY  - JOUR
TI  - A made-up trial of immunoglobulin in another neuropathy
AU  - Poe, P
PY  - 2020
DO  - 10.1000/poe
ER  -
"""
SISTER = "Immunoglobulin for made-up neuropathy"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def give(world: World, person: str = DORA, **changes: object) -> TakenList:
    said = {"sister": SISTER, "name": "included.ris", "body": INCLUDED, **changes}
    return perform(world.app, GiveSisterList.model_validate(said), actor(person))


def test_a_list_is_taken_and_nothing_of_it_is_queued(world: World) -> None:
    taken = give(world)

    assert [each.study for each in taken.items] == ["Azulay 1994", "Poe 2020"]
    with world.app.database.reading() as connection:
        assert [each.sister for each in sister_lists(connection)] == [SISTER]
        assert decisions.candidates(connection) == ()


def test_every_search_from_then_on_says_what_it_missed_of_what_it_could_find(
    world: World,
) -> None:
    before = world.search("europepmc")
    give(world)
    world.clock.advance(days=1)
    (check,) = world.search("europepmc").elsewhere

    assert before.elsewhere == ()
    assert [each.id for each in check.missing] == ["doi:10.1000/poe"]
    assert (check.items, check.asked) == (2, 2)


def test_what_no_source_found_is_told_with_its_denominator(world: World) -> None:
    give(world)
    with world.app.database.reading() as connection:
        assert coverage_sentences(source_coverage(world.app, connection))[-1] == (
            f"{SISTER} includes 2 reports; no whole search since its list was taken could have"
            " found one of them."
        )
    world.search("europepmc")
    with world.app.database.reading() as connection:
        said = coverage_sentences(source_coverage(world.app, connection))

    assert said[-2] == (
        f"{SISTER} includes 2 reports; 2 of them could be in a source that was searched whole"
        " since, and 1 of those were found."
    )
    assert said[-1].startswith(f"Not found, though {SISTER} includes them: A made-up trial")


def test_the_same_list_again_changes_nothing_and_another_takes_its_place(world: World) -> None:
    give(world)

    assert give(world).again
    assert not give(world, body=INCLUDED.split(b"\n\n")[0]).again
    with world.app.database.reading() as connection:
        (held,) = sister_lists(connection)
    assert len(held.items) == 1


def test_a_package_gives_the_references_of_its_included_studies(world: World) -> None:
    taken = give(world, name="package.zip", body=archive(of_2026()))

    assert taken.items
    assert all(each.title for each in taken.items)


def test_a_file_without_a_report_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="empty.csv"):
        give(world, name="empty.csv", body=b"")


def test_who_searches_takes_lists_and_nobody_else(world: World) -> None:
    with pytest.raises(NotAllowed):
        give(world, BEN)
