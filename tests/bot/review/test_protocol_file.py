from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import Fault, ProtocolFaults
from bot.review.protocol_file import parse_protocol
from bot.sources.catalogue import SOURCES
from tests.bot.a_review import PROTOCOL, changed, line_of

FIRST = '\nid = "1"\noutcome = "awake"\n'
SECOND = '\nid = "2"\noutcome = "spilled"\n'
THIRD = '\nid = "3"\noutcome = "vigour"\n'


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ProtocolFaults) as caught:
        parse_protocol(text)
    return caught.value.faults


def the_fault(text: str) -> Fault:
    faults = faults_of(text)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def in_analysis(marker: str, old: str, new: str) -> str:
    """Change a line of one analysis."""
    head, tail = PROTOCOL.split(marker)
    own, rest = tail.split("[[", 1)
    return head + marker + changed(old, new, own) + "[[" + rest


def test_a_good_protocol_is_read_whole() -> None:
    protocol = parse_protocol(PROTOCOL)

    assert protocol.time_zone == "Europe/Dublin"
    assert [source.schedule for source in protocol.sources] == ["10 6 * * mon", "0 9 1 3,9 *"]
    assert protocol.outcomes[2].unit == "points"
    assert protocol.analyses[0].published is not None
    assert protocol.analyses[0].published.estimate == "1.50"
    assert protocol.analyses[1].time_point == "one hour"
    assert protocol.signal_rules[0].parameter == 0.5


def test_all_faults_are_reported_at_once_each_with_its_line() -> None:
    text = changed('seats = 2\ntext = "Screens."', 'seats = 1\ntext = "Screens."')
    text = changed("Europe/Dublin", "Europe/Dublinn", text)
    text = changed('label = "Milk"\n', "", text)
    text = changed("parameter = 0.5", "parameter = 0.5\nthreshold = 1", text)

    faults = faults_of(text)

    assert [fault.line for fault in faults] == [
        line_of("time_zone", text),
        line_of("seats = 1", text),
        line_of('[[arms]]\nid = "milk"', text),
        line_of("threshold", text),
    ]


def test_a_message_names_the_thing_what_was_found_and_what_was_expected() -> None:
    text = in_analysis(FIRST, 'arm_1 = "tea"', 'arm_1 = "milk"')

    message = str(the_fault(text))

    assert message == (
        "protocol.toml line 103: analysis '1', arm_1: "
        "found 'milk', expected one of tea, water, the arms of 'tea-water'"
    )


BY_HAND, PUBMED = 'strategy = "library.txt"', 'strategy = "pubmed.txt"'


@pytest.mark.parametrize(
    ("old", "new", "at", "expected"),
    [
        ('question = "Does tea help tired people?"', "", "[review]", "a text"),
        ('id = "tea"\nversion', 'id = "a tea"\nversion', 'id = "a tea"', "letters"),
        ('version = "1"', "version = 1", "version = 1", "a text"),
        (
            'kind = "manual"',
            'kind = "maunal"',
            "maunal",
            f"one of {', '.join(SOURCES)}, manual",
        ),
        ('id = "library"', 'id = "ctgov"', 'id = "ctgov"', "another id"),
        ('id = "pubmed"', 'id = "medline"', 'id = "medline"', "'pubmed', as its kind"),
        ('strategy = "library.txt"', 'strategy = "../x.txt"', "../x.txt", "strategies/"),
        (BY_HAND, f'{BY_HAND}\nalerts = [{{ from = "*" }}]', "alerts", "not every mail has"),
        (BY_HAND, f'{BY_HAND}\nalerts = [{{ form = "x" }}]', "alerts", "from, subject"),
        (PUBMED, f'{PUBMED}\nalerts = [{{ from = "x@y" }}]', "alerts", "the program alone"),
        ("10 6 * * mon", "10 6 * *", "10 6 * *", "five fields"),
        ("10 6 * * mon", "10 6 * * 1", "10 6 * * 1", "by name"),
        ("10 6 * * mon", "10 26 * * mon", "10 26", "cron"),
        ("10 6 * * mon", "10 6 31 2 *", "10 6 31 2", "a time that comes"),
        ('arms = ["tea", "water"]', 'arms = ["tea", "gin"]', '"gin"', "one of tea, water, milk"),
        ('arms = ["tea", "water"]', 'arms = ["tea"]', 'arms = ["tea"]', "at least 2"),
        ('id = "S2"', 'id = "S9"', 'id = "S9"', "one of S1"),
        ("parameter = 0.5", "", 'id = "S2"', "the threshold of S2"),
        ("parameter = 0.5", "parameter = 0", "parameter = 0", "the threshold of S2"),
        ("parameter = 0.5", "parameter = 50", "parameter = 50", "the threshold of S2"),
        ("parameter = 0.5", "parameter = inf", "parameter = inf", "a finite number"),
        ("parameter = 0.5", "parameter = 1" + "0" * 400, "parameter = 1", "a finite number"),
        ('id = "S2"', 'id = "S1"', "parameter = 0.5", "none: S1 has no threshold"),
        ('mode = "trigger"', 'mode = "weekly"', "weekly", "one of trigger, fixed"),
        ("10.1000/tea.1", "doi.org", "doi.org", "a DOI"),
        ('higher_is = "better"', 'higher_is = "good"', 'higher_is = "good"', "better, worse"),
        ('estimate = "1.50"', "estimate = 1.50", "estimate = 1.50", "a text"),
        ('estimate = "1.50"', 'estimate = "2.50"', "2.50", "between 1.01 and 2.20"),
        ('certainty = "low"', 'certainty = "so-so"', "so-so", "very low"),
        ("studies = 2", "studies = 0", "studies = 0", "1 or more"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(old: str, new: str, at: str, expected: str) -> None:
    text = changed(old, new)

    faults = faults_of(text)

    near = [fault for fault in faults if abs(fault.line - line_of(at, text)) <= 1]
    assert any(expected in fault.expected for fault in near), [str(each) for each in faults]


@pytest.mark.parametrize(
    ("marker", "old", "new", "expected"),
    [
        (FIRST, 'comparison = "tea-water"', 'comparison = "tea-milk"', "one of tea-water"),
        (
            FIRST,
            'measure = "RR"',
            'measure = "MD"',
            "RR or OR or RD or PETO or AS: 'awake' is of kind events",
        ),
        (
            THIRD,
            'measure = "MD"',
            'measure = "OR"',
            "MD or SMD or SMD1 or ROM: 'vigour' is of kind continuous",
        ),
        (THIRD, 'method = "IV"', 'method = "MH"', "IV: 'vigour' is of kind continuous"),
        (FIRST, 'method = "MH"', 'method = "Peto"', "one of MH, IV"),
        (FIRST, 'model = "common"', 'model = "fixed"', "one of common, random"),
        (FIRST, 'arm_2 = "water"', 'arm_2 = "tea"', "the other arm"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    marker: str, old: str, new: str, expected: str
) -> None:
    fault = the_fault(in_analysis(marker, old, new))

    assert expected in fault.expected


def test_an_analysis_of_an_outcome_that_is_not_there_is_refused() -> None:
    fault = the_fault(changed(FIRST, '\nid = "1"\noutcome = "asleep"\n'))

    assert fault.found == "'asleep'"
    assert fault.expected == "one of awake, spilled, vigour"


def test_the_direction_is_computed_from_the_outcome_and_the_order_of_the_arms() -> None:
    protocol = parse_protocol(PROTOCOL)

    assert [analysis.direction for analysis in protocol.analyses] == [
        "above 1 favours tea",
        "above 1 favours tea",
        "above 0 favours tea",
    ]


def test_a_direction_may_be_said_from_the_other_side_of_no_effect() -> None:
    text = in_analysis(SECOND, "above 1 favours tea", "below 1 favours water")

    assert parse_protocol(text).analyses[1].direction == "above 1 favours tea"


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        (FIRST, "above 1 favours water"),
        (FIRST, "above 0 favours tea"),
        (FIRST, "below 1 favours tea"),
        (SECOND, "above 1 favours water"),
        (FIRST, "good"),
    ],
)
def test_a_direction_that_contradicts_the_arms_is_refused(marker: str, said: str) -> None:
    text = in_analysis(marker, "above 1 favours tea", said)

    fault = the_fault(text)

    assert fault.found == f"'{said}'"
    assert "'above 1 favours tea'" in fault.expected
    assert fault.line == line_of(f'direction = "{said}"', text)


def test_turning_the_arms_round_turns_the_direction() -> None:
    text = in_analysis(FIRST, 'arm_1 = "tea"\narm_2 = "water"', 'arm_1 = "water"\narm_2 = "tea"')

    assert "'above 1 favours water'" in the_fault(text).expected


def test_an_id_may_be_given_once() -> None:
    text = changed('id = "milk"', 'id = "tea"')

    fault = the_fault(text)

    assert fault.found == "'tea' a second time"
    assert fault.line == line_of('id = "tea"\nlabel = "Milk"', text)


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    fault = the_fault(changed('event_is = "bad"', 'event_is = "bad"\ncolour = "red"'))

    assert fault.found == "unknown key 'colour'"
    assert "event_is" in fault.expected


def test_a_key_of_the_other_kind_of_outcome_is_refused() -> None:
    fault = the_fault(changed('event_is = "bad"', 'event_is = "bad"\nhigher_is = "worse"'))

    assert fault.expected == "no 'higher_is' in an outcome of kind events"


def test_an_outcome_at_fault_does_not_bring_false_faults_of_its_analyses() -> None:
    fault = the_fault(changed('kind = "continuous"', 'kind = "contnuous"'))

    assert fault.found == "'contnuous'"


def test_a_missing_role_is_named() -> None:
    fault = the_fault(changed('[[roles]]\nid = "lead"\nseats = 1\ntext = "Leads."\n', ""))

    assert fault.found == "no role 'lead'"
    assert fault.line == line_of("[[roles]]")


def test_a_missing_section_is_named() -> None:
    text = PROTOCOL[: PROTOCOL.index("[living]")]

    fault = the_fault(text)

    assert fault.found == "no 'living'"


def test_broken_toml_is_one_fault_with_its_line() -> None:
    text = changed('kind = "manual"', 'kind = "manual')

    fault = the_fault(text)

    assert fault.line == line_of('kind = "manual')
    assert fault.place == "syntax"


def test_an_empty_file_is_refused() -> None:
    assert len(faults_of("")) > 5


AMENDMENT = """
[[amendments]]
version = "2"
decided_on = 2026-11-25
reason = "Milk was asked for."
agreed_by = ["the lead", "a screener"]
"""


def test_an_amendment_has_a_date_a_reason_and_who_agreed() -> None:
    protocol = parse_protocol(changed('version = "1"', 'version = "2"') + AMENDMENT)

    assert protocol.amendments[0].decided_on == "2026-11-25"
    assert protocol.amendments[0].agreed_by == ("the lead", "a screener")


def test_the_last_amendment_made_the_version_in_force() -> None:
    fault = the_fault(PROTOCOL + AMENDMENT)

    assert fault.found == "version '2'"
    assert "'1'" in fault.expected


def test_an_amendment_without_a_real_date_is_refused() -> None:
    text = changed('version = "1"', 'version = "2"') + AMENDMENT.replace(
        "2026-11-25", '"November 2026"'
    )

    assert "a date" in the_fault(text).expected


def with_value(text: str, place: int, written: str) -> str:
    lines = text.splitlines()
    lines[place] = f"{lines[place].split('=')[0]}= {written}"
    return "\n".join(lines) + "\n"


KEY_LINES = [place for place, line in enumerate(PROTOCOL.splitlines()) if " = " in line]


@pytest.mark.parametrize("place", KEY_LINES)
def test_a_value_of_the_wrong_type_is_reported_on_its_own_line(place: int) -> None:
    faults = faults_of(with_value(PROTOCOL, place, "07:30:00"))

    assert place + 1 in {fault.line for fault in faults}


@pytest.mark.parametrize("place", KEY_LINES)
def test_a_key_that_is_left_out_is_missed_unless_it_may_be(place: int) -> None:
    lines = PROTOCOL.splitlines()
    key = lines[place].split(" = ")[0]
    text = "\n".join(lines[:place] + lines[place + 1 :]) + "\n"

    may_be = (
        "unit",
        "changes_conclusions",
        "preceding_doi",
        "certainty",
        "studies",
        "participants",
    )
    if key in may_be:
        parse_protocol(text)
    else:
        assert any(f"'{key}'" in fault.found or key in str(fault) for fault in faults_of(text))


@given(st.integers(0, PROTOCOL.count("\n") - 1), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_whatever_a_line_holds_the_answer_is_a_protocol_or_its_faults(
    place: int, line: str
) -> None:
    lines = PROTOCOL.splitlines()
    text = "\n".join([*lines[:place], line, *lines[place + 1 :]])

    with contextlib.suppress(ProtocolFaults):
        assert parse_protocol(text).id


WORDS = 'direction = "above 1 favours tea"\n\n[analyses.published]'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[1]", "a ratio above 0, not 1"),
        ("[-0.5]", "a ratio above 0, not 1"),
        ('["much"]', "a finite number"),
    ],
)
def test_a_threshold_is_an_effect(written: str, expected: str) -> None:
    text = changed(WORDS, WORDS.replace("\n\n", f"\nthresholds = {written}\n\n"))

    (fault,) = faults_of(text)

    assert expected in fault.expected


def test_an_analysis_may_have_thresholds_and_the_rule_of_direction_a_margin() -> None:
    text = changed(WORDS, WORDS.replace("\n\n", "\nthresholds = [0.8, 1.25]\n\n"))
    text = changed('id = "S2"', 'id = "S3"', text)

    protocol = parse_protocol(text)

    assert protocol.thresholds("1") == (0.8, 1.25)
    assert protocol.thresholds("2") == ()
    assert protocol.signal_rules[0].parameter == 0.5
    assert parse_protocol(changed("parameter = 0.5\n", "", text)).signal_rules[0].parameter is None


def test_the_example_in_the_documentation_is_a_whole_protocol():
    text = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()

    example = text.split("```toml\n")[1].split("```")[0]

    assert parse_protocol(example) == parse_protocol(PROTOCOL)


def test_what_does_not_fit_is_reported_beside_what_has_the_wrong_shape() -> None:
    text = in_analysis(FIRST, 'arm_1 = "tea"', 'arm_1 = "milk"')
    text = changed("Europe/Dublin", "Europe/Dublinn", text)
    text = changed('mode = "trigger"', 'mode = "weekly"', text)

    assert [(fault.line, fault.found) for fault in faults_of(text)] == [
        (line_of("Europe/Dublinn", text), "'Europe/Dublinn'"),
        (line_of('arm_1 = "milk"', text), "'milk'"),
        (line_of("weekly", text), "'weekly'"),
    ]


def test_a_ratio_below_0_is_refused_on_the_line_of_the_limit() -> None:
    text = changed('ci_lower = "1.01"', 'ci_lower = "-1.01"')

    fault = the_fault(text)

    assert (fault.line, fault.expected) == (line_of('"-1.01"', text), "0 or more, as every RR")
    assert fault.place == "analysis '1', published, ci_lower"


def test_a_comparison_is_of_two_different_arms() -> None:
    faults = faults_of(changed('arms = ["tea", "water"]', 'arms = ["tea", "tea"]'))

    assert faults[0].found == "'tea' twice"


def test_a_protocol_that_was_read_cannot_be_changed() -> None:
    protocol = parse_protocol(PROTOCOL)

    with pytest.raises(ValidationError, match="frozen"):
        protocol.review.version = "2"


def test_a_rule_for_alerts_fits_mails_by_sender_and_subject_whatever_the_case() -> None:
    text = changed(BY_HAND, f'{BY_HAND}\nalerts = [{{ from = "*@Ovid.com", subject = "*Tea*" }}]')

    (rule,) = next(each for each in parse_protocol(text).sources if each.id == "library").alerts

    assert rule.fits("alerts@OVID.com", "AutoAlert: tea (weekly)")
    assert not rule.fits("alerts@ovid.com.example.org", "AutoAlert: tea")
    assert not rule.fits("alerts@ovid.com", "AutoAlert: gin")
