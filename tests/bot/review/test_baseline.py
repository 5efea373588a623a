from __future__ import annotations

import pytest

from bot.errors import ProtocolFaults
from bot.review.baseline import parse_known_items, parse_studies, parse_values
from bot.review.protocol_file import parse_protocol
from extraction.model import Basis, Design, Field
from tests.bot.a_review import PROTOCOL

STUDIES = """\
[[studies]]
id = "mug2020"
label = "Mug 2020"
design = "crossover"
arms = ["tea", "water"]
participants = 20
participants_basis = "published"
register_ids = ["NCT00000001"]

[[studies.reports]]
citation = "Tea for the tired. J Tea 2020;1:1-9"
pmid = "12345"
doi = "10.1000/tea.2020"
register = ["NCT00000001"]

[[studies.reports]]
citation = "An abstract. Tea Days 2019"
unconfirmed = true
"""

HEADER = "study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how\n"
VALUES = (
    HEADER
    + 'mug2020,awake,one hour,tea,events,12,,published,the report,table 2,"12, of 20",\n'
    + "mug2020,awake,one hour,tea,total,20,,published,the report,,,\n"
    + "mug2020,vigour,one hour,tea+water,sd_difference,1.5,points,derived,the report,,,from p\n"
)

ITEMS = """\
id,title,sources,study,confirmed
pmid:12345,Tea for the tired,pubmed,mug2020,yes
register:NCT00000001,"Tea, at last",library pubmed,,no
"""

PLAN = parse_protocol(PROTOCOL)
MUG = parse_studies(STUDIES, PLAN)


def messages_of(read, text, *known):
    with pytest.raises(ProtocolFaults) as caught:
        read(text, *known)
    return [str(fault) for fault in caught.value.faults]


def test_studies_are_read_with_their_reports():
    (study,) = MUG

    assert study.design is Design.CROSSOVER
    assert study.participants_basis is Basis.PUBLISHED
    assert study.reports[0].ids.register == ("NCT00000001",)
    assert [report.unconfirmed for report in study.reports] == [False, True]


def test_values_are_read_with_their_provenance():
    values = parse_values(VALUES, PLAN, MUG)

    assert [value.number for value in values] == [12, 20, 1.5]
    assert values[0].provenance.quote == "12, of 20"
    assert values[2].cell.arms == ("tea", "water")
    assert values[2].cell.field is Field.SD_DIFFERENCE
    assert values[2].provenance.how == "from p"


def test_known_items_are_read_with_the_sources_that_can_find_them():
    items = parse_known_items(ITEMS, PLAN, MUG)

    assert [item.sources for item in items] == [("pubmed",), ("library", "pubmed")]
    assert [item.study for item in items] == ["mug2020", None]
    assert [item.confirmed for item in items] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ('design = "crossover"', 'design = "cross-over"', 4, "one of parallel, crossover, other"),
        ('["tea", "water"]', '["tea", "gin"]', 5, "one of tea, water, milk"),
        ('participants_basis = "published"\n', "", 1, "one of published, derived"),
        ('["NCT00000001"]\n\n', '["nct 00000001"]\n\n', 8, "'NCT00000001'"),
        ('pmid = "12345"', 'pmid = "PMID 12345"', 12, "'12345'"),
        ('pmid = "12345"', 'pmid = "twelve"', 12, "a pmid"),
        ("10.1000/tea.2020", "https://doi.org/10.1000/tea.2020", 13, "'10.1000/tea.2020'"),
        ('citation = "An', 'quotation = "An', 16, "a text"),
    ],
)
def test_a_study_at_fault_is_refused_with_its_line(old, new, line, expected):
    messages = messages_of(parse_studies, STUDIES.replace(old, new, 1), PLAN)

    assert any(each.endswith(f"expected {expected}") or expected in each for each in messages)
    if "participants_basis" not in old:
        assert messages[0].startswith(f"baseline/studies.toml line {line}:")


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("mug2020,awake,one hour,tea,total", "mug2021,awake,one hour,tea,total", 3, "mug2020"),
        ("awake,one hour,tea,total", "asleep,one hour,tea,total", 3, "one of awake"),
        ("one hour,tea,total", "two hours,tea,total", 3, "'one hour'"),
        ("tea,total,20", "milk,total,20", 3, "an arm of mug2020 (tea, water)"),
        ("tea,total,20", "tea,number,20", 3, "one of events"),
        ("tea,total,20", "tea,total,twenty", 3, "a number such as"),
        ("tea,total,20", "tea,total,inf", 3, "a number such as"),
        ("tea,total,20", "tea+water,total,20", 3, "one arm for 'total'"),
        ("tea+water,sd_diff", "tea,sd_diff", 4, "two arms such as"),
        ("1.5,points", "1.5,metres", 4, "'points'"),
        ("the report,,,from p", "the report,,,", 4, "how the derived number was found"),
        ("derived,the report", "derived,", 4, "a text"),
        ("points,derived", "points,guessed", 4, "one of published, derived"),
        ("tea,events,12,", "tea,events,12,,", 2, "12"),
        ("events,12", "events,22", 3, "numbers that can be true together"),
    ],
)
def test_a_value_at_fault_is_refused_with_its_line(old, new, line, expected):
    messages = messages_of(parse_values, VALUES.replace(old, new, 1), PLAN, MUG)

    assert any(
        each.startswith(f"baseline/values.csv line {line}:") and expected in each
        for each in messages
    ), messages


def test_a_value_given_twice_is_refused():
    twice = VALUES + VALUES.splitlines()[2] + "\n"

    assert any(
        "total is given twice" in each for each in messages_of(parse_values, twice, PLAN, MUG)
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("pmid:12345", "12345", 2, "pmid:…"),
        ("pmid:12345", "pmid:0012345", 2, "'pmid:12345'"),
        ("register:NCT00000001", "register:nct00000001", 3, "'register:NCT00000001'"),
        ("register:NCT00000001", "pmid:12345", 3, "each id once"),
        ("library pubmed", "library medline", 3, "one of pubmed, library"),
        ("library pubmed", "", 3, "one or more of"),
        ("pubmed,mug2020", "pubmed,jug2020", 2, "nothing, or one of mug2020"),
        (",yes", ",true", 2, "one of yes, no"),
        ("Tea for the tired", "", 2, "a title"),
        ("id,title", "title,id", 1, "id,title,sources,study,confirmed"),
        ('"Tea, at last"', '"Tea, at last', 3, "CSV"),
    ],
)
def test_a_known_item_at_fault_is_refused_with_its_line(old, new, line, expected):
    messages = messages_of(parse_known_items, ITEMS.replace(old, new, 1), PLAN, MUG)

    assert any(
        each.startswith(f"known_items.csv line {line}:") and expected in each for each in messages
    ), messages


def test_a_review_may_begin_with_no_study_at_all():
    assert parse_studies("", PLAN) == ()
    assert parse_values(HEADER, PLAN, ()) == ()
