"""What a study reports and the protocol lacks, written out by the protocol's own conventions."""

from __future__ import annotations

import tomllib
from itertools import product

import pytest

from bot.review.drafted_amendment import (
    WHO_SIGNS,
    Drafted,
    as_signed,
    next_version,
    write_out,
)
from bot.review.protocol_diff import unified_diff
from bot.review.protocol_file import parse_protocol
from bot.review.read_out import ReadOut, lacking
from extraction.model import Cell, Design, Field, Study
from tests.bot.a_review import PROTOCOL, changed

EVENTS = (Field.EVENTS, Field.TOTAL)
MEANS = (Field.MEAN, Field.SD, Field.N)


def cells(
    outcome: str, fields: tuple[Field, ...], *arms: str, at: str = "one hour"
) -> tuple[Cell, ...]:
    return tuple(Cell("doe", outcome, at, (arm,), each) for arm, each in product(arms, fields))


def read_out(arms: tuple[str, ...], *found: tuple[Cell, ...], **labels: str) -> ReadOut:
    study = Study("doe", "Doe 2026", Design.PARALLEL, arms)
    return ReadOut(study, tuple(cell for each in found for cell in each), labels)


def written(found: ReadOut, text: str = PROTOCOL) -> Drafted:
    drafted = write_out(parse_protocol(text), text, found, version="2", day="2026-11-25")
    assert drafted is not None
    return drafted


def test_nothing_is_lacking_of_what_the_protocol_has() -> None:
    found = read_out(("tea", "water"), cells("awake", EVENTS, "tea", "water"))

    assert lacking(parse_protocol(PROTOCOL), found) == ()
    assert write_out(parse_protocol(PROTOCOL), PROTOCOL, found, version="2", day="") is None


def test_a_new_arm_is_compared_with_the_other_arm_of_its_trial_in_what_both_report() -> None:
    found = read_out(
        ("gin", "tea"),
        cells("awake", EVENTS, "gin", "tea"),
        cells("vigour", MEANS, "gin", "tea"),
        cells("spilled", EVENTS, "gin"),
        gin="Gin",
    )

    protocol = written(found).protocol

    assert [(each.id, each.label) for each in protocol.arms][-1] == ("gin", "Gin")
    (comparison,) = protocol.comparisons[1:]
    assert (comparison.id, comparison.label, comparison.arms) == (
        ("gin-tea", "Gin v Tea", ("gin", "tea"))
    )
    new = protocol.analyses[3:]
    assert [(a.id, a.outcome, a.measure, a.method, a.model, a.direction) for a in new] == [
        ("4", "awake", "RR", "MH", "common", "above 1 favours gin"),
        ("5", "vigour", "MD", "IV", "random", "above 0 favours gin"),
    ]


def test_every_pair_with_a_new_arm_is_compared_and_no_other() -> None:
    arms = ("gin", "milk", "tea")
    protocol = written(read_out(arms, cells("awake", EVENTS, *arms))).protocol

    assert [each.id for each in protocol.comparisons] == ["tea-water", "gin-milk", "gin-tea"]
    assert [(each.id, each.comparison) for each in protocol.analyses[3:]] == [
        ("4", "gin-milk"),
        ("5", "gin-tea"),
    ]


def test_two_known_arms_that_nobody_compared_get_their_comparison() -> None:
    found = read_out(("milk", "tea"), cells("awake", EVENTS, "milk", "tea"))
    drafted = written(found)

    assert [each.id for each in drafted.protocol.comparisons] == ["tea-water", "milk-tea"]
    assert drafted.reason == "Doe 2026 reports the comparison 'milk v tea'"


def test_the_numbers_of_analyses_go_on_in_the_way_of_the_existing_ones() -> None:
    text = PROTOCOL
    for old, new in (("1", "1.1"), ("2", "1.2"), ("3", "2.1")):
        text = changed(f'[[analyses]]\nid = "{old}"', f'[[analyses]]\nid = "{new}"', text)
    found = read_out(
        ("gin", "tea"), cells("awake", EVENTS, "gin", "tea"), cells("spilled", EVENTS, "gin", "tea")
    )

    assert [each.id for each in written(found, text).protocol.analyses[3:]] == ["3.1", "3.2"]


def test_an_id_that_is_taken_is_counted_on() -> None:
    text = changed('id = "tea-water"\nlabel', 'id = "gin-tea"\nlabel')
    text = text.replace('comparison = "tea-water"', 'comparison = "gin-tea"')
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))

    assert written(found, text).protocol.comparisons[-1].id == "gin-tea-2"


def test_a_new_outcome_says_what_is_a_guess_and_takes_the_convention_of_its_kind() -> None:
    found = read_out(
        ("tea", "water"),
        cells("itch", EVENTS, "tea", "water", at="reported"),
        cells("joy", MEANS, "tea", "water", at="week 4"),
        itch="Itch",
    )
    drafted = written(found)

    itch, joy = drafted.protocol.outcomes[3:]
    assert (itch.label, itch.kind, itch.event_is, itch.time_point) == (
        ("Itch", "events", "bad", "reported")
    )
    assert (joy.label, joy.kind, joy.higher_is) == ("joy", "continuous", "better")
    assert [each.split(" in ")[0] for each in drafted.to_check] == [
        "To check: that an event is bad",
        "To check: that higher is better",
    ]
    new = drafted.protocol.analyses[3:]
    assert [(each.outcome, each.measure, each.comparison) for each in new] == [
        ("itch", "RR", "tea-water"),
        ("joy", "MD", "tea-water"),
    ]


@pytest.mark.parametrize(
    "found",
    [
        read_out(("gin and tonic", "tea"), cells("awake", EVENTS, "gin and tonic", "tea")),
        read_out(("tea", "water"), cells("awake", EVENTS, "tea", "water", at="week 4")),
        read_out(("tea", "water"), cells("itch", EVENTS, "tea", "water", at="a|b")),
        read_out(("tea", "water"), cells("itch", EVENTS, "tea", "water", at=" ")),
    ],
    ids=["an arm without an id", "another time", "a time in two parts", "no time"],
)
def test_what_no_table_can_hold_is_not_written_out(found: ReadOut) -> None:
    protocol = parse_protocol(PROTOCOL)

    assert lacking(protocol, found)
    assert write_out(protocol, PROTOCOL, found, version="2", day="2026-11-25") is None


@pytest.mark.parametrize(
    "label", ["  ", 'Gin "dry"', "Gin\\tonic", "Gin\nand tonic", "\x7f", "Génépi"]
)
def test_any_label_is_written_as_it_was_given(label: str) -> None:
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"), gin=label)

    read = tomllib.loads(written(found).text)

    assert read["arms"][-1]["label"] == label.strip() or read["arms"][-1]["label"] == "gin"


def test_everything_that_stood_in_the_file_stands_in_it_still() -> None:
    text = changed('version = "1"', 'version = "1" # of "old"')
    text = f"# before\n{text}# at the end\n"
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))

    lines = unified_diff(text, written(found, text).text, "1", "2").splitlines()

    gone = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    assert gone == ['-version = "1" # of "old"']
    assert '+version = "2" # of "old"' in lines


def test_who_signed_and_when_takes_the_place_of_who_will() -> None:
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))
    text = written(found).text

    signed = as_signed(text, day="2026-12-24", names=['Ada "A" Byron', "Dora"])

    entry = parse_protocol(signed).amendments[-1]
    assert (entry.decided_on, entry.agreed_by) == ("2026-12-24", ('Ada "A" Byron', "Dora"))
    assert WHO_SIGNS not in signed
    assert parse_protocol(signed).arms == parse_protocol(text).arms


def test_what_people_wrote_of_an_amendment_stays_as_they_wrote_it() -> None:
    assert as_signed(PROTOCOL, day="2026-12-24", names=["Ada"]) == PROTOCOL


@pytest.mark.parametrize(
    ("version", "known", "expected"),
    [("1", ["1"], "2"), ("1", ["1", "2"], "3"), ("1.9", [], "1.10"), ("first", [], "first-2")],
)
def test_the_next_version_counts_the_last_number_up(
    version: str, known: list[str], expected: str
) -> None:
    assert next_version(version, known) == expected


DECISION = """
[[open_decisions]]
id = "gin-too"
question = "May gin enter?"
default = "Not pooled."
concerns = [{concerns}]
"""


def asked(*concerns: str) -> str:
    named = ", ".join(f'"{each}"' for each in concerns)
    return PROTOCOL.rstrip("\n") + "\n" + DECISION.format(concerns=named)


@pytest.mark.parametrize("name", ["doe", "DOE"])
def test_to_sign_a_comparison_answers_the_question_that_kept_its_trial_apart(name: str) -> None:
    text = asked(name)
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))

    drafted = written(found, text)

    assert parse_protocol(text).open_decisions
    assert drafted.protocol.open_decisions == ()
    assert any("'gin-too'" in each and "May gin enter?" in each for each in drafted.to_check)


def test_a_question_about_other_trials_too_stays_open_for_those() -> None:
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))

    drafted = written(found, asked("pmid:7", "doe", "NCT01"))

    (left,) = drafted.protocol.open_decisions
    assert left.concerns == ("pmid:7", "NCT01")


def test_a_question_about_others_alone_is_left_as_it_is() -> None:
    found = read_out(("gin", "tea"), cells("awake", EVENTS, "gin", "tea"))

    drafted = written(found, asked("NCT01"))

    assert drafted.protocol.open_decisions == parse_protocol(asked("NCT01")).open_decisions
    assert not any("open decision" in each for each in drafted.to_check)
