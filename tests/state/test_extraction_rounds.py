"""Two people's numbers, round for round, and the third who settles what they differ on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.model import (
    Basis,
    Cell,
    Design,
    Field,
    Provenance,
    Reporting,
    Study,
    UnpooledResult,
    Value,
)
from state import extractions
from state.agreement import Agreement
from state.database import Database
from state.errors import BadInput, NotAllowed, NotFound
from state.events import events, head
from state.extractions import Handed
from state.facts import ValueAdjudicated
from state.facts.words import HowAccepted
from state.screening import StudyStatus
from tests.state.builders import (
    EVENTS,
    TRIAL,
    described,
    differ_on,
    hand_in_as,
    load_baseline,
    numbers_that_count,
    publish,
    rule_value,
    standing_of,
    without,
)
from tests.state.helpers import CANDIDATE, hand_in, handed, ledger, value

TOTAL = EVENTS.replace("events", "total")
DESIGN, ARMS, PARTICIPANTS = (f"{TRIAL}|{name}" for name in ("design", "arms", "participants"))


def last_event(db: Database) -> int:
    with db.reading() as connection:
        return head(connection)[0]


# ---- handing in ----------------------------------------------------------------------------------


def test_what_one_handed_in_is_their_own_until_both_have(to_extract: Database) -> None:
    hand_in(to_extract, "ada")

    with to_extract.reading() as connection:
        own = extractions.own_submission(connection, TRIAL, "ada")
        others = extractions.own_submission(connection, TRIAL, "ben")
    assert own is not None
    assert own.entries[EVENTS].number == 9
    assert others is None


def test_nothing_of_an_open_round_is_accepted_or_differs(to_extract: Database) -> None:
    state = hand_in(to_extract, "ada")

    assert (dict(state.accepted), state.differences, state.settled) == ({}, (), False)
    assert numbers_that_count(to_extract) == {}
    assert described(to_extract).design is Design.OTHER


def test_one_may_replace_what_is_still_sealed(to_extract: Database) -> None:
    hand_in(to_extract, "ada", events=9)
    hand_in(to_extract, "ada", events=8)

    state = hand_in(to_extract, "ben", events=8)

    assert state.settled
    assert state.accepted[EVENTS].entry.number == 8


def test_the_same_again_while_the_round_is_open_is_not_stored(to_extract: Database) -> None:
    hand_in(to_extract, "ada")
    before = last_event(to_extract)

    hand_in(to_extract, "ada")

    assert last_event(to_extract) == before


def test_two_who_agree_stand_both_behind_each_number(to_extract: Database) -> None:
    hand_in(to_extract, "ada")
    state = hand_in(to_extract, "ben")

    assert {each.people for each in state.accepted.values()} == {("ada", "ben")}
    assert {each.how for each in state.accepted.values()} == {HowAccepted.DOUBLE_EXTRACTION}


def test_the_order_in_which_arms_are_named_is_no_difference(to_extract: Database) -> None:
    differ_on(to_extract, arms=("placebo", "ivig"))

    assert standing_of(to_extract).differences == ()
    assert described(to_extract).arms == ("ivig", "placebo")


def test_labels_and_provenance_may_differ(to_extract: Database) -> None:
    elsewhere = Provenance(Basis.EXTRACTED, "pmid:1", "figure 1", quote="nine of twelve")
    values = tuple(replace(each, provenance=elsewhere) for each in handed().values)

    differ_on(to_extract, values=values, labels={"ivig": "Immunoglobulin"})

    assert standing_of(to_extract).settled


@pytest.mark.parametrize(
    ("changed", "cell"),
    [
        ({"design": Design.CROSSOVER}, DESIGN),
        ({"arms": ("ivig", "placebo", "none")}, ARMS),
        ({"participants": 25}, PARTICIPANTS),
        ({"participants": None}, PARTICIPANTS),
    ],
    ids=["design", "arms", "participants", "no-participants"],
)
def test_a_description_that_differs_waits_for_a_third(
    to_extract: Database, changed: dict[str, object], cell: str
) -> None:
    differ_on(to_extract, **changed)

    assert [each.cell for each in standing_of(to_extract).differences] == [cell]


def test_a_number_that_only_one_gives_waits_for_a_third(to_extract: Database) -> None:
    hand_in_as(to_extract, "ada", handed())
    state = hand_in_as(to_extract, "ben", without(handed(), Field.EVENTS))

    assert [each.cell for each in state.differences] == [EVENTS, EVENTS.replace("ivig", "placebo")]
    assert state.differences[0].entries["ben"] is None


def test_differences_stand_in_the_order_of_their_cells(to_extract: Database) -> None:
    differ_on(to_extract, design=Design.CROSSOVER, participants=25, arms=("ivig", "none"))

    cells = [each.cell for each in standing_of(to_extract).differences]
    assert cells == sorted(cells) == [ARMS, DESIGN, PARTICIPANTS]


@pytest.mark.parametrize("place", [StudyStatus.ONGOING, StudyStatus.AWAITING])
def test_nothing_is_taken_from_a_study_that_has_no_results_yet(
    to_extract: Database, place: StudyStatus
) -> None:
    with ledger(to_extract) as book:
        extractions.move_study(book, TRIAL, place, "2027-06-01")

    with pytest.raises(NotAllowed, match=f"'trial2026' is {place}: nothing is to be extracted"):
        hand_in(to_extract, "ada")


def test_an_unknown_study_is_named(to_extract: Database) -> None:
    with pytest.raises(NotFound, match="no study 'lost2020'"):
        hand_in_as(to_extract, "ada", handed(), study="lost2020")
    with pytest.raises(NotFound, match="no study 'lost2020'"), ledger(to_extract) as book:
        extractions.move_study(book, "lost2020", StudyStatus.INCLUDED, None)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_cannot_be_written_down_is_not_handed_in(
    to_extract: Database, number: float
) -> None:
    values = (value("ivig", Field.EVENTS, number),)

    with pytest.raises(BadInput, match=r"values_submitted: values\.0\.number"):
        hand_in_as(to_extract, "ada", replace(handed(), values=values))


# ---- later rounds --------------------------------------------------------------------------------


@pytest.fixture
def settled(to_extract: Database) -> Database:
    """Ada and Ben agreed on nine events."""
    hand_in(to_extract, "ada", events=9)
    hand_in(to_extract, "ben", events=9)
    return to_extract


def test_a_third_hand_in_begins_a_round_of_its_own(settled: Database) -> None:
    state = hand_in(settled, "ben", events=8)

    assert state.open_round is not None
    assert state.open_round.people == ("ben",)
    assert [each.complete for each in state.rounds] == [True, False]
    assert numbers_that_count(settled)[EVENTS] == 9


def test_a_second_round_takes_the_place_of_the_first(settled: Database) -> None:
    hand_in(settled, "ben", events=8)
    state = hand_in(settled, "ada", events=8)

    assert state.accepted[EVENTS].people == ("ben", "ada")
    assert numbers_that_count(settled)[EVENTS] == 8


def test_a_reading_that_confirms_an_earlier_one_completes_the_round(settled: Database) -> None:
    hand_in(settled, "ben", events=8)

    state = hand_in(settled, "ada", events=9)  # as she read it the first time

    assert state.open_round is None
    assert [each.cell for each in state.differences] == [EVENTS]
    assert [each.entries["ada"] for each in state.differences] != [None]


def test_a_reading_that_repeats_an_earlier_round_of_others_begins_one(settled: Database) -> None:
    hand_in(settled, "cy", events=8)
    hand_in(settled, "ben", events=8)

    state = hand_in(settled, "ada", events=9)

    assert state.open_round is not None
    assert state.open_round.people == ("ada",)


def test_a_hand_in_typed_again_after_its_round_changes_nothing(settled: Database) -> None:
    before = last_event(settled)

    for person in ("ada", "ben"):
        assert hand_in(settled, person, events=9).settled

    assert last_event(settled) == before


def gone(of: Handed, *, arm: str = "ivig") -> Handed:
    """What is handed in, with what it says of an arm taken back."""
    cells = tuple(Cell(TRIAL, "strength", "end", (arm,), field) for field in Field)
    values = tuple(each for each in of.values if each.cell.arms != (arm,))
    return replace(of, values=values, not_reported=cells)


def test_a_number_is_withdrawn_by_two(settled: Database) -> None:
    hand_in_as(settled, "ada", gone(handed()))
    assert numbers_that_count(settled)[EVENTS] == 9

    state = hand_in_as(settled, "ben", gone(handed()))

    assert state.settled
    assert not {EVENTS, TOTAL} & numbers_that_count(settled).keys()
    assert EVENTS.replace("ivig", "placebo") in numbers_that_count(settled)


@pytest.mark.parametrize("other", [handed(), replace(gone(handed()), not_reported=())])
def test_a_number_that_only_one_withdraws_waits_for_a_third(
    settled: Database, other: Handed
) -> None:
    hand_in_as(settled, "ada", gone(handed()))
    state = hand_in_as(settled, "cy", other)

    assert [each.cell for each in state.differences] == [EVENTS, TOTAL]
    assert numbers_that_count(settled)[EVENTS] == 9


def test_a_withdrawn_number_comes_back_with_a_later_round(settled: Database) -> None:
    for person in ("ada", "ben"):
        hand_in_as(settled, person, gone(handed()))
    for person in ("ada", "ben"):
        hand_in(settled, person, events=7)

    assert numbers_that_count(settled)[EVENTS] == 7


def test_a_published_number_is_withdrawn_by_two(to_extract: Database) -> None:
    published = value("ivig", Field.EVENTS, 5, study="old1995")
    total = value("ivig", Field.TOTAL, 12, study="old1995")
    load_baseline(to_extract, "old1995", published, total)
    cells = tuple(Cell("old1995", "strength", "end", ("ivig",), field) for field in Field)
    placebo = tuple(
        value("placebo", field, 12, study="old1995") for field in (Field.EVENTS, Field.TOTAL)
    )
    given = replace(handed(), values=placebo, not_reported=cells)

    hand_in_as(to_extract, "ada", given, study="old1995")
    assert published.cell.key in numbers_that_count(to_extract)
    hand_in_as(to_extract, "ben", given, study="old1995")

    assert numbers_that_count(to_extract).keys() == {each.cell.key for each in placebo}


# ---- places --------------------------------------------------------------------------------------


def elsewhere(locator: str | None, source: str = "pmid:1", quote: str | None = None) -> Handed:
    place = Provenance(Basis.EXTRACTED, source, locator, quote=quote)
    return replace(
        handed(), values=tuple(replace(each, provenance=place) for each in handed().values)
    )


@pytest.fixture
def two_places(to_extract: Database) -> Database:
    """Ada and Ben read equal numbers, she in table 2, he in figure 1."""
    hand_in(to_extract, "ada")
    hand_in_as(to_extract, "ben", elsewhere("figure 1"))
    return to_extract


def origin(db: Database) -> Provenance:
    with db.reading() as connection:
        return extractions.counting(connection, TRIAL)[EVENTS].value.provenance


@pytest.mark.parametrize(
    "other",
    [
        elsewhere("Table 2."),
        elsewhere(None, quote="nine of twelve"),
        elsewhere("TABLE  2", "PMID: 1"),
    ],
    ids=["worded-otherwise", "only-quoted", "spaced-otherwise"],
)
def test_one_place_worded_in_two_ways_is_one_place(to_extract: Database, other: Handed) -> None:
    hand_in(to_extract, "ada")

    assert hand_in_as(to_extract, "ben", other).places == ()


@pytest.mark.parametrize("other", [elsewhere("figure 1"), elsewhere("table 2", "pmid:2")])
def test_two_who_name_different_places_are_asked(to_extract: Database, other: Handed) -> None:
    hand_in(to_extract, "ada")
    state = hand_in_as(to_extract, "ben", other)

    assert state.settled
    assert len(state.places) == 4
    assert set(state.places[0].said) == {"ada", "ben"}


def test_until_one_place_is_chosen_both_are_named(two_places: Database) -> None:
    assert numbers_that_count(two_places)[EVENTS] == 9
    assert origin(two_places).how == (
        "read in two places (ada: pmid:1, table 2; ben: pmid:1, figure 1)"
    )


def choose(db: Database, said_by: str, cell: str = EVENTS, person: str = "ada") -> Agreement:
    with ledger(db) as book:
        return extractions.choose_place(book, TRIAL, person, cell, said_by, note=None)


def test_the_chosen_place_counts_for_all_that_were_read_alike(two_places: Database) -> None:
    state = choose(two_places, "ben")
    before = last_event(two_places)

    assert state.places == ()
    assert (origin(two_places).locator, origin(two_places).how) == ("figure 1", None)
    assert choose(two_places, "ben") == state
    assert last_event(two_places) == before


def test_a_place_is_chosen_where_two_are_named(two_places: Database) -> None:
    with pytest.raises(BadInput, match="found 'cy', expected one of: ada, ben"):
        choose(two_places, "cy")
    with pytest.raises(NotAllowed, match="there are no two places"):
        choose(two_places, "ada", f"{TRIAL}|design")


def test_others_may_take_the_seats_of_a_later_round(settled: Database) -> None:
    hand_in(settled, "cy", events=8)
    state = hand_in(settled, "ada", events=8)

    assert [each.people for each in state.rounds] == [("ada", "ben"), ("cy", "ada")]
    assert numbers_that_count(settled)[EVENTS] == 8


def test_nobody_who_sat_in_any_round_adjudicates(settled: Database) -> None:
    hand_in(settled, "cy", events=8)
    hand_in(settled, "ada", events=7)

    for person in ("ada", "ben", "cy"):
        with pytest.raises(NotAllowed, match="the adjudicator is a third person"):
            rule_value(settled, EVENTS, 8, person=person)


def test_a_seat_that_one_left_passes_to_the_deputy(to_extract: Database) -> None:
    hand_in(to_extract, "ada", events=9)

    state = hand_in(to_extract, "cy", events=9)  # for Ben, who retired

    assert state.settled
    assert state.accepted[EVENTS].people == ("ada", "cy")


def test_a_later_difference_leaves_the_earlier_number_standing(settled: Database) -> None:
    hand_in(settled, "ada", events=7)
    hand_in(settled, "ben", events=8)
    assert numbers_that_count(settled)[EVENTS] == 9

    rule_value(settled, EVENTS, 8)

    assert numbers_that_count(settled)[EVENTS] == 8


# ---- rulings -------------------------------------------------------------------------------------


@pytest.fixture
def differing(to_extract: Database) -> Database:
    """Ada counted nine events, Ben eight."""
    hand_in(to_extract, "ada", events=9)
    hand_in(to_extract, "ben", events=8)
    return to_extract


def test_a_ruling_names_who_ruled_and_keeps_where_it_was_read(differing: Database) -> None:
    state = rule_value(differing, EVENTS, 8)

    accepted = state.accepted[EVENTS]
    assert (accepted.people, accepted.how) == (("cy",), HowAccepted.ADJUDICATED)
    assert accepted.entry.value is not None
    assert accepted.entry.value.provenance.locator == "table 2"


def test_a_ruling_may_be_a_number_that_neither_gave(differing: Database) -> None:
    rule_value(differing, EVENTS, 10)

    assert numbers_that_count(differing)[EVENTS] == 10


def test_a_number_may_be_ruled_out_with_those_that_need_it(differing: Database) -> None:
    state = rule_value(differing, EVENTS, also={TOTAL: None})

    assert state.settled
    assert not {EVENTS, TOTAL} & numbers_that_count(differing).keys()


@pytest.mark.parametrize("left", [{}, {TOTAL: 12.0}], ids=["alone", "with-its-total-kept"])
def test_a_ruling_never_leaves_a_number_without_its_partner(
    differing: Database, left: dict[str, float | None]
) -> None:
    before = last_event(differing)

    with pytest.raises(BadInput, match="total is given without events: leave out all of them"):
        rule_value(differing, EVENTS, also=left)

    assert last_event(differing) == before


@pytest.mark.parametrize(
    "fields",
    [
        (Field.EVENTS, Field.TOTAL),
        (Field.MEAN, Field.SD, Field.N),
        (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER),
    ],
    ids=["events", "means", "a-joint-table"],
)
def test_no_field_of_any_kind_is_left_out_by_itself(
    to_extract: Database, fields: tuple[Field, ...]
) -> None:
    arms = ("ivig", "placebo") if Field.BOTH in fields else ("ivig",)

    def read(last: float) -> Handed:
        numbers = [*(5.0 for _ in fields[1:]), last]
        cells = [Cell(TRIAL, "power", "end", arms, field) for field in fields]
        given = zip(cells, numbers, strict=True)
        values = tuple(Value(each, n, Provenance(Basis.EXTRACTED, "1", "2")) for each, n in given)
        return replace(handed(), values=values)

    hand_in_as(to_extract, "ada", read(6))
    hand_in_as(to_extract, "ben", read(7))
    *others, disputed = (f"{TRIAL}|power|end|{'+'.join(arms)}|{field}" for field in fields)

    with pytest.raises(BadInput, match="leave out all of them"):
        rule_value(to_extract, disputed)
    state = rule_value(to_extract, disputed, also=dict.fromkeys(others))

    assert state.settled
    assert numbers_that_count(to_extract) == {}


def test_what_two_agreed_on_is_not_overruled_beside_a_difference(differing: Database) -> None:
    with pytest.raises(NotAllowed, match="no difference to settle at 'trial2026.*total'"):
        rule_value(differing, EVENTS, 8, also={TOTAL: 13})
    with pytest.raises(NotAllowed, match="no difference to settle at 'trial2026.*total'"):
        rule_value(differing, EVENTS, 8, also={TOTAL: None})


def test_only_the_same_arm_and_time_is_ruled_with_a_number(differing: Database) -> None:
    with pytest.raises(BadInput, match="does not belong to"):
        rule_value(differing, EVENTS, also={EVENTS.replace("ivig", "placebo"): None})


def test_a_pair_that_was_left_out_is_given_again_with_its_partner(differing: Database) -> None:
    rule_value(differing, EVENTS, also={TOTAL: None})

    state = rule_value(differing, EVENTS, 8, also={TOTAL: 12})

    assert state.settled
    assert numbers_that_count(differing)[TOTAL] == 12


def test_the_same_ruling_again_changes_nothing(differing: Database) -> None:
    rule_value(differing, EVENTS, 8)
    before = last_event(differing)

    assert rule_value(differing, EVENTS, 8).settled
    assert last_event(differing) == before


def test_a_ruling_is_superseded_by_another_and_stays_in_the_log(differing: Database) -> None:
    rule_value(differing, EVENTS, 8)

    rule_value(differing, EVENTS, 9)

    assert numbers_that_count(differing)[EVENTS] == 9
    with differing.reading() as connection:
        said = [e.fact.number for e in events(connection) if isinstance(e.fact, ValueAdjudicated)]
    assert said == [8, 9]


def test_what_a_version_rests_on_is_ruled_by_nobody_alone(differing: Database) -> None:
    rule_value(differing, EVENTS, 8)
    publish(differing, "3.1")

    with pytest.raises(NotAllowed, match="two extractors hand it in again"):
        rule_value(differing, EVENTS, 9)

    assert numbers_that_count(differing)[EVENTS] == 8


def test_the_same_ruling_answers_the_same_question_of_a_later_round(differing: Database) -> None:
    rule_value(differing, EVENTS, 8)
    hand_in(differing, "ben", events=7)
    hand_in(differing, "ada", events=9)

    state = rule_value(differing, EVENTS, 8)

    assert state.settled
    assert numbers_that_count(differing)[EVENTS] == 8


def test_a_ruling_of_a_later_round_counts_only_with_the_rest_of_that_round(
    to_extract: Database,
) -> None:
    hand_in(to_extract, "ada", events=9)
    hand_in(to_extract, "ben", events=9)
    hand_in(to_extract, "ada", events=7)
    hand_in_as(to_extract, "ben", replace(handed(events=8), participants=25))

    rule_value(to_extract, EVENTS, 8)

    assert numbers_that_count(to_extract)[EVENTS] == 9


def test_a_cell_on_which_both_agree_is_not_ruled(differing: Database) -> None:
    with pytest.raises(NotAllowed, match="no difference to settle at"):
        rule_value(differing, EVENTS.replace("ivig", "placebo"), 3)


def test_a_number_is_not_ruled_by_a_text(differing: Database) -> None:
    with pytest.raises(BadInput, match="takes a number, not a text"):
        rule_value(differing, EVENTS, text="nine")


def test_a_ruling_may_be_given_anew_while_another_difference_waits(to_extract: Database) -> None:
    differ_on(to_extract, values=handed(events=8).values, participants=25)
    rule_value(to_extract, EVENTS, 9)

    rule_value(to_extract, EVENTS, 8)
    rule_value(to_extract, PARTICIPANTS, text="25")

    assert numbers_that_count(to_extract)[EVENTS] == 8
    assert described(to_extract).participants == 25


# Ruled of arms of twelve people in a study of 24: what no table could say.
IMPOSSIBLE = (
    ("ivig", Field.EVENTS, -1, "a whole number of 0 or more"),
    ("ivig", Field.EVENTS, 8.5, "a whole number of 0 or more"),
    ("ivig", Field.EVENTS, 13, "13 events among 12 participants"),
    ("ivig", Field.EVENTS, float("inf"), "found inf, expected a number"),
    ("ivig", Field.EVENTS, float("nan"), "found nan, expected a number"),
    ("ivig", Field.TOTAL, 0, "at least one person"),
    ("ivig", Field.TOTAL, -12, "a whole number of 0 or more"),
    ("ivig", Field.TOTAL, 11.5, "a whole number of 0 or more"),
    ("ivig", Field.TOTAL, 8, "9 events among 8 participants"),
    ("ivig", Field.TOTAL, 25, "25 people in an arm of a study with 24 participants"),
)


@pytest.mark.parametrize(("arm", "field", "number", "words"), IMPOSSIBLE)
def test_a_number_that_cannot_be_is_refused_and_not_stored(
    to_extract: Database, arm: str, field: Field, number: float, words: str
) -> None:
    cell = value(arm, field, 0).cell.key
    values = [replace(v, number=10) if v.cell.key == cell else v for v in handed().values]
    differ_on(to_extract, values=tuple(values))
    before = last_event(to_extract)

    with pytest.raises(BadInput, match=words):
        rule_value(to_extract, cell, number)

    assert last_event(to_extract) == before


@pytest.mark.parametrize(
    "text", ["0", "00", "-3", "+3", "2.0", "3 people", "twelve", "²", "٣", " 3", "", None]
)
def test_a_study_of_nobody_or_of_letters_is_refused(to_extract: Database, text: str | None) -> None:
    differ_on(to_extract, participants=25)
    before = last_event(to_extract)

    with pytest.raises(BadInput, match="expected a whole number above 0"):
        rule_value(to_extract, PARTICIPANTS, text=text)

    assert last_event(to_extract) == before


@pytest.mark.parametrize("text", ["ivig", "ivig, ivig", "ivig, ", ", placebo", "", None])
def test_arms_are_two_or_more_that_differ(to_extract: Database, text: str | None) -> None:
    differ_on(to_extract, arms=("ivig", "placebo", "none"))

    with pytest.raises(BadInput, match="expected two or more different arms"):
        rule_value(to_extract, ARMS, text=text)


def test_arms_without_one_that_has_numbers_are_refused(to_extract: Database) -> None:
    differ_on(to_extract, arms=("ivig", "placebo", "none"))

    with pytest.raises(BadInput, match="the study has no arm 'placebo'"):
        rule_value(to_extract, ARMS, text="ivig, none")

    rule_value(to_extract, ARMS, text="ivig, none, placebo")
    assert described(to_extract).arms == ("ivig", "none", "placebo")


def test_fewer_people_than_an_arm_holds_are_refused(to_extract: Database) -> None:
    differ_on(to_extract, participants=25)

    with pytest.raises(BadInput, match="12 people in an arm of a study with 11 participants"):
        rule_value(to_extract, PARTICIPANTS, text="11")

    rule_value(to_extract, PARTICIPANTS, text="12")
    assert described(to_extract).participants == 12


@pytest.mark.parametrize("text", ["parallel", "crossover", "other"])
def test_each_design_may_be_ruled(to_extract: Database, text: str) -> None:
    differ_on(to_extract, design=Design.CROSSOVER)

    rule_value(to_extract, DESIGN, text=text)

    assert described(to_extract).design == text


def test_a_study_of_which_nothing_is_known_has_no_difference(to_extract: Database) -> None:
    with pytest.raises(NotFound, match="no study"), ledger(to_extract) as book:
        extractions.adjudicate(
            book, "lost2020", "cy", "lost2020|design", number=None, text="other", note=""
        )


# ---- what counts ---------------------------------------------------------------------------------


def test_the_published_numbers_count_until_two_have_read_them_again(team: Database) -> None:
    published = value("ivig", Field.EVENTS, 5, study="old1995")
    load_baseline(team, "old1995", published)
    again = replace(handed(), values=(replace(published, number=4),))

    hand_in_as(team, "ada", again, study="old1995")
    assert numbers_that_count(team) == {published.cell.key: 5}

    hand_in_as(team, "ben", again, study="old1995")
    assert numbers_that_count(team) == {published.cell.key: 4}


def test_a_published_number_that_two_do_not_name_stays(team: Database) -> None:
    events = value("ivig", Field.EVENTS, 5, study="old1995")
    other = value("placebo", Field.EVENTS, 2, study="old1995")
    load_baseline(team, "old1995", events, other)

    for person in ("ada", "ben"):
        hand_in_as(team, person, replace(handed(), values=(events,)), study="old1995")

    with team.reading() as connection:
        how = {v.value.cell.key: v.how for v in extractions.accepted_values(connection)}
    assert how == {
        events.cell.key: HowAccepted.DOUBLE_EXTRACTION,
        other.cell.key: HowAccepted.BASELINE,
    }


def test_values_stand_in_the_order_of_their_cells(to_extract: Database) -> None:
    load_baseline(to_extract, "old1995", value("ivig", Field.EVENTS, 5, study="old1995"))
    hand_in(to_extract, "ada")
    hand_in(to_extract, "ben")

    cells = list(numbers_that_count(to_extract))
    assert cells == sorted(cells)
    assert cells[0].startswith("old1995")


def test_a_unit_is_part_of_what_is_agreed(to_extract: Database) -> None:
    cell = Cell(TRIAL, "grip", "end", ("ivig",), Field.MEAN)
    source = Provenance(Basis.EXTRACTED, "pmid:1")
    for person, unit in (("ada", "kg"), ("ben", "kPa")):
        given = replace(handed(), values=(Value(cell, 3.1, source, unit),))
        state = hand_in_as(to_extract, person, given)

    assert [each.cell for each in state.differences] == [cell.key]


# ---- studies -------------------------------------------------------------------------------------


def test_the_studies_of_the_baseline_come_first(to_extract: Database) -> None:
    load_baseline(to_extract, "zhu1999")

    with to_extract.reading() as connection:
        found = [(each.study.id, each.baseline) for each in extractions.studies(connection)]

    assert found == [("zhu1999", True), (TRIAL, False)]


def test_a_study_is_moved_with_the_day_to_look_again(to_extract: Database) -> None:
    with ledger(to_extract) as book:
        extractions.move_study(book, TRIAL, StudyStatus.AWAITING, "2027-06-01")
        moved = extractions.find_study(book.connection, TRIAL)
        extractions.move_study(book, TRIAL, StudyStatus.INCLUDED, None)
        back = extractions.find_study(book.connection, TRIAL)

    assert (moved.place, moved.next_look_on) == (StudyStatus.AWAITING, "2027-06-01")
    assert (back.place, back.next_look_on, back.candidate) == (
        StudyStatus.INCLUDED,
        None,
        CANDIDATE,
    )


def test_a_study_is_described_only_where_something_changed(to_extract: Database) -> None:
    differ_on(to_extract)
    before = last_event(to_extract)

    hand_in(to_extract, "ada", events=8)
    hand_in(to_extract, "ben", events=8)

    assert last_event(to_extract) == before + 2  # two hand-ins, no description


def test_a_description_keeps_what_nobody_was_asked_about(queued: Database) -> None:
    study = Study(TRIAL, "Trial 2026", Design.OTHER, (), register_ids=("NCT1",), notes=("n",))
    with ledger(queued) as book:
        extractions.add_study(
            book,
            study,
            identifiers=[],
            place=StudyStatus.INCLUDED,
            next_look_on=None,
            candidate=CANDIDATE,
        )
    differ_on(queued)

    now = described(queued)

    assert (now.label, now.register_ids, now.notes) == ("Trial 2026", ("NCT1",), ("n",))
    assert (now.participants, now.participants_basis) == (24, Basis.EXTRACTED)


QUALITY = "trial2026|reporting|quality"
WHERE = Provenance(Basis.EXTRACTED, "pmid:1", "table 3")
NAUSEA = UnpooledResult("Nausea", WHERE, "harms", ("ivig",), 2, "people")


def test_what_two_say_of_an_outcome_without_numbers_describes_the_study(
    to_extract: Database,
) -> None:
    said = replace(handed(), reporting={"quality": Reporting.NOT_REPORTED})

    hand_in_as(to_extract, "ada", said)
    assert described(to_extract).reporting == ()
    hand_in_as(to_extract, "ben", said)

    (found,) = described(to_extract).reporting
    assert (found.outcome, found.state) == ("quality", Reporting.NOT_REPORTED)
    assert found.provenance.how == "double extraction: ada, ben"


def test_what_two_say_differently_of_an_outcome_waits_for_a_third(to_extract: Database) -> None:
    hand_in_as(to_extract, "ada", replace(handed(), reporting={"quality": Reporting.UNCLEAR}))
    state = hand_in_as(to_extract, "ben", handed())

    assert [each.cell for each in state.differences] == [QUALITY]
    with pytest.raises(BadInput, match="not_measured"):
        rule_value(to_extract, QUALITY, text="perhaps")
    rule_value(to_extract, QUALITY, text="not_measured")

    (found,) = described(to_extract).reporting
    assert found.state is Reporting.NOT_MEASURED

    rule_value(to_extract, QUALITY)
    assert described(to_extract).reporting == ()


def test_a_result_in_words_that_one_tells_is_kept_with_whose_it_is(to_extract: Database) -> None:
    rash = replace(NAUSEA, what="Rash")

    hand_in_as(to_extract, "ada", replace(handed(), unpooled=(NAUSEA, rash)))
    assert described(to_extract).unpooled == ()
    hand_in_as(to_extract, "ben", replace(handed(), unpooled=(replace(NAUSEA, what="nausea"),)))

    assert [(each.what, each.read_by) for each in described(to_extract).unpooled] == [
        ("Nausea", ("ada", "ben")),
        ("Rash", ("ada",)),
    ]


def test_a_later_round_without_results_in_words_leaves_those_of_before(
    to_extract: Database,
) -> None:
    for who in ("ada", "ben"):
        hand_in_as(to_extract, who, replace(handed(), unpooled=(NAUSEA,)))
    for who in ("ada", "ben"):
        hand_in_as(to_extract, who, handed(events=8))

    assert [each.what for each in described(to_extract).unpooled] == ["Nausea"]
