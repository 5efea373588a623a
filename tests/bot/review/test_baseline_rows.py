"""Parts of studies, what tells studies apart, and the rows of the published analyses."""

from __future__ import annotations

import pytest

from bot.errors import ProtocolFaults
from bot.review.baseline import parse_rows, parse_studies, parse_values, with_rows
from bot.review.protocol import ReviewProtocol
from bot.review.protocol_file import parse_protocol
from extraction.model import Clusters, EntersInto, Field, Reporting, Study
from tests.bot.a_review import changed

COVARIATES = """\
[[covariates]]
id = "sort"
label = "Sort of tea"

[[covariates]]
id = "sugar"
label = "Grams of sugar"
kind = "number"

[[analyses]]
id = "1"
"""
STUDY = """\
[[studies]]
id = "mug2020"
label = "Mug 2020"
design = "parallel"
arms = ["tea", "water"]
year = 2019
covariates = { sort = "green", sugar = 12.5 }
icc = 0.05
cluster_size = 21
turned = ["vigour"]

[[studies.reports]]
citation = "Tea for the tired"
"""
VALUES = """\
study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how,stratum
mug2020,awake,one hour,tea,events,5,,published,the report,,,,women
mug2020,awake,one hour,tea,total,10,,published,the report,,,,women
mug2020,awake,one hour,tea,events,7,,published,the report,,,,men
mug2020,awake,one hour,tea,total,10,,published,the report,,,,men
"""
ROWS = "analysis,study,stratum,subgroup,enters,footnote\n"


@pytest.fixture
def plan() -> ReviewProtocol:
    return parse_protocol(changed('[[analyses]]\nid = "1"\n', COVARIATES))


@pytest.fixture
def studies(plan: ReviewProtocol) -> tuple[Study, ...]:
    return parse_studies(STUDY, plan)


def test_a_study_says_what_it_is_told_apart_by(studies):
    (mug,) = studies

    assert mug.year == 2019
    assert mug.covariate("sort") == "green"
    assert mug.covariate("sugar") == "12.5"
    assert mug.covariate("milk") is None
    assert mug.turned == ("vigour",)


def test_a_trial_that_allocated_groups_says_what_its_design_effect_is_made_of(studies):
    (mug,) = studies

    assert mug.clusters == Clusters(icc=0.05, size=21)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('sort = "green"', 'colour = "green"', "one of sort, sugar"),
        ("sugar = 12.5", 'sugar = "much"', "of kind number"),
        ("icc = 0.05\n", "", "'icc' and 'cluster_size'"),
        ("icc = 0.05\n", "icc = 5\n", "a correlation from 0 to 1"),
        ('turned = ["vigour"]', 'turned = ["temper"]', "one of awake"),
        ("year = 2019", "year = 19", "a year such as 1994"),
    ],
)
def test_what_does_not_fit_the_protocol_is_refused(plan, old, new, expected):
    with pytest.raises(ProtocolFaults) as caught:
        parse_studies(STUDY.replace(old, new), plan)

    assert expected in str(caught.value)


def test_parts_of_a_study_have_numbers_of_their_own(plan, studies):
    values = parse_values(VALUES, plan, studies)

    assert [value.cell.stratum for value in values] == ["women", "women", "men", "men"]
    assert values[0].cell.key == "mug2020|awake|one hour|tea|events|women"
    assert values[0].cell.field is Field.EVENTS


def test_a_part_with_more_events_than_people_is_named(plan, studies):
    with pytest.raises(ProtocolFaults) as caught:
        parse_values(VALUES.replace("events,7", "events,17"), plan, studies)

    assert "'men'" in str(caught.value)


def test_rows_say_what_enters_which_analysis(plan, studies):
    rows = parse_rows(
        ROWS + "1,mug2020,men,hot,,\n1,mug2020,women,cold,subgroup,not all\n", plan, studies
    )
    (mug,) = with_rows(studies, rows)

    assert mug.entries is not None
    assert [(each.stratum, each.subgroup) for each in mug.entries] == [
        ("men", "hot"),
        ("women", "cold"),
    ]
    assert [each.enters for each in mug.entries] == [EntersInto.BOTH, EntersInto.SUBGROUP]
    assert mug.entries[1].footnote == "not all"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("9,mug2020,,,,", "one of 1, 2, 3"),
        ("1,jug2020,,,,", "mug2020"),
        ("1,mug2020,,,subgroup,", "'both', or a subgroup"),
        ("1,mug2020,,,twice,", "one of both, subgroup, overall"),
        ("1,mug2020,,,,\n1,mug2020,,,,", "each row once"),
    ],
)
def test_a_row_at_fault_is_refused(plan, studies, row, expected):
    with pytest.raises(ProtocolFaults) as caught:
        parse_rows(f"{ROWS}{row}\n", plan, studies)

    assert expected in str(caught.value)


BESIDE = """\
[[studies.outcomes]]
outcome = "vigour"
state = "not_measured"
basis = "published"
source = "the report"
locator = "page 2"

[[studies.unpooled]]
what = "Scalded tongue"
outcome = "awake"
arms = ["tea"]
number = 2
unit = "people"
basis = "published"
source = "the report"

[[studies.reports]]
"""


def beside(text: str, **changes: str) -> str:
    """Return the study with what stands beside its numbers, with texts of that changed."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return STUDY.replace("[[studies.reports]]\n", text)


def test_an_outcome_that_was_not_measured_and_a_result_in_words_are_read(plan):
    (study,) = parse_studies(beside(BESIDE), plan)

    (said,), (told,) = study.reporting, study.unpooled
    assert (said.outcome, said.state) == ("vigour", Reporting.NOT_MEASURED)
    assert said.provenance.locator == "page 2"
    assert (told.what, told.arms, told.number, told.unit) == (
        *("Scalded tongue", ("tea",), 2, "people"),
    )


BESIDE_WRONG = [
    pytest.param({'"not_measured"': '"unknown"'}, "found 'unknown'", id="no such state"),
    pytest.param({'"vigour"': '"sleep"'}, "found 'sleep'", id="no such outcome"),
    pytest.param({'"vigour"': '"awake"'}, "expected one of the two", id="a result of it as well"),
    pytest.param({'["tea"]': '["milk"]'}, "found 'milk'", id="no arm of the study"),
    pytest.param({'unit = "people"\n': ""}, "what the number counts", id="a number of nothing"),
]


@pytest.mark.parametrize(("changes", "said"), BESIDE_WRONG)
def test_what_cannot_be_said_beside_the_numbers_is_refused(plan, changes, said):
    with pytest.raises(ProtocolFaults, match=said):
        parse_studies(beside(BESIDE, **changes), plan)


def test_numbers_of_an_outcome_that_is_said_not_to_be_measured_are_refused(plan):
    studies = parse_studies(
        beside(BESIDE, **{'"vigour"': '"awake"', 'outcome = "awake"\narms': "arms"}), plan
    )

    with pytest.raises(ProtocolFaults, match="numbers of 'awake', and 'not_measured'"):
        parse_values(VALUES, plan, studies)
