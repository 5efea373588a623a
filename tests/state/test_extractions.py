from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.model import Basis, Cell, Design, Field, Provenance, Study, Value
from state import extractions
from state.database import Database
from state.errors import BadInput, NotAllowed
from tests.state.helpers import add_study, add_team, hand_in, handed, ledger, queue_record


@pytest.fixture
def world(db: Database) -> Database:
    add_team(db)
    queue_record(db)
    add_study(db)
    return db


def accepted(db: Database) -> dict[str, float]:
    with db.reading() as connection:
        values = extractions.accepted_values(connection)
    return {each.value.cell.key: each.value.number for each in values}


def test_values_count_once_two_people_agree(world: Database) -> None:
    hand_in(world, "ada")
    assert accepted(world) == {}

    hand_in(world, "ben")

    assert accepted(world)["trial2026|strength|end|ivig|events"] == 9


def test_agreed_arms_and_design_describe_the_study(world: Database) -> None:
    hand_in(world, "ada")
    hand_in(world, "ben")

    with world.reading() as connection:
        study = extractions.find_study(connection, "trial2026").study
    assert (study.design, study.arms, study.participants) == (
        Design.PARALLEL,
        ("ivig", "placebo"),
        24,
    )


def test_a_study_with_a_difference_does_not_count_until_it_is_settled(world: Database) -> None:
    hand_in(world, "ada", events=9)
    hand_in(world, "ben", events=8)
    assert accepted(world) == {}

    with ledger(world) as book:
        extractions.adjudicate(
            book,
            "trial2026",
            "cy",
            "trial2026|strength|end|ivig|events",
            number=8,
            text=None,
            note="table 2",
        )

    assert accepted(world)["trial2026|strength|end|ivig|events"] == 8


def test_an_extractor_does_not_adjudicate_an_own_difference(world: Database) -> None:
    hand_in(world, "ada", events=9)
    hand_in(world, "ben", events=8)

    with pytest.raises(NotAllowed, match="adjudicator"), ledger(world) as book:
        extractions.adjudicate(
            book,
            "trial2026",
            "ada",
            "trial2026|strength|end|ivig|events",
            number=9,
            text=None,
            note="mine",
        )


def test_the_same_submission_again_changes_nothing(world: Database) -> None:
    hand_in(world, "ada")
    hand_in(world, "ben")

    after = hand_in(world, "ben")

    assert after.settled
    assert after.open_round is None


def test_a_correction_by_two_supersedes_a_value_of_the_baseline(world: Database) -> None:
    cell = Cell("old1995", "strength", "end", ("ivig",), Field.EVENTS)
    published = Value(cell, 5, Provenance(Basis.DERIVED, "abstract"))
    with ledger(world) as book:
        study = Study("old1995", "Old 1995", Design.CROSSOVER, ("ivig", "placebo"))
        extractions.load_baseline(book, "review", [(study, ["pmid:7"])], [published])
    assert accepted(world)[cell.key] == 5

    corrected = Value(cell, 4, Provenance(Basis.EXTRACTED, "pmid:7", "table 1"))
    for person in ("ada", "ben"):
        with ledger(world) as book:
            given = extractions.Handed(Design.CROSSOVER, ("ivig", "placebo"), None, (corrected,))
            extractions.submit(book, "old1995", person, given, protocol_version="1")

    assert accepted(world)[cell.key] == 4


def rule(db: Database, cell: str, number: float | None = None, text: str | None = None) -> None:
    with ledger(db) as book:
        extractions.adjudicate(
            book, "trial2026", "cy", f"trial2026|{cell}", number=number, text=text, note="p. 3"
        )


@pytest.mark.parametrize("number", [-1, 2.5, 13])
def test_a_ruling_that_cannot_be_true_is_refused(world: Database, number: float) -> None:
    hand_in(world, "ada", events=9)
    hand_in(world, "ben", events=8)

    with pytest.raises(BadInput, match=r"whole number|among 12 participants"):
        rule(world, "strength|end|ivig|events", number)

    assert accepted(world) == {}
    rule(world, "strength|end|ivig|events", 8)
    assert accepted(world)["trial2026|strength|end|ivig|events"] == 8


@pytest.mark.parametrize("text", ["rct", "", None])
def test_a_design_is_ruled_by_one_of_its_words(world: Database, text: str | None) -> None:
    hand_in(world, "ada")
    with ledger(world) as book:
        other = replace(handed(), design=Design.CROSSOVER)
        extractions.submit(book, "trial2026", "ben", other, protocol_version="1")

    with pytest.raises(BadInput, match="expected parallel, crossover, other"):
        rule(world, "design", text=text)


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "twelve", "²", "", None])
def test_a_number_of_people_is_ruled_by_a_whole_number_above_nought(
    world: Database, text: str | None
) -> None:
    hand_in(world, "ada")
    with ledger(world) as book:
        other = replace(handed(), participants=25)
        extractions.submit(book, "trial2026", "ben", other, protocol_version="1")

    with pytest.raises(BadInput, match="expected a whole number above 0"):
        rule(world, "participants", text=text)

    rule(world, "participants", text="25")
    with world.reading() as connection:
        assert extractions.find_study(connection, "trial2026").study.participants == 25


def test_a_ruling_may_be_replaced_while_other_differences_wait(world: Database) -> None:
    hand_in(world, "ada", events=9)
    with ledger(world) as book:
        other = replace(handed(events=8), design=Design.CROSSOVER)
        extractions.submit(book, "trial2026", "ben", other, protocol_version="1")

    rule(world, "strength|end|ivig|events", 9)
    rule(world, "strength|end|ivig|events", 8)
    rule(world, "design", text="parallel")

    assert accepted(world)["trial2026|strength|end|ivig|events"] == 8


def test_what_was_accepted_counts_while_a_later_round_has_differences(world: Database) -> None:
    hand_in(world, "ada", events=9)
    hand_in(world, "ben", events=9)
    before = accepted(world)

    hand_in(world, "ada", events=7)
    hand_in(world, "ben", events=8)
    assert accepted(world) == before

    rule(world, "strength|end|ivig|events", 7)
    assert accepted(world)["trial2026|strength|end|ivig|events"] == 7
