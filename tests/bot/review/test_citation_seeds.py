"""Strategies that list documents."""

from __future__ import annotations

from datetime import date

import pytest

from bot.errors import StrategyFault
from bot.review.citation_seeds import parse_seeds, seeds
from extraction.model import Design, RecordIds, Report, Study

STRATEGY = """\
# the review
doi:10.1002/14651858.CD000001.PUB2
pmid:15846714
included reports
citing since 2020-04-20
"""


def a_study(*reports: Report) -> Study:
    return Study("one", "One 2001", Design.PARALLEL, ("a", "b"), reports)


def test_a_strategy_of_identifiers_is_read_in_normal_form():
    plan = parse_seeds(STRATEGY)
    assert plan.named == ("doi:10.1002/14651858.cd000001.pub2", "pmid:15846714")
    assert plan.citing_since == date(2020, 4, 20)


def test_included_reports_are_named_by_doi_before_pmid_and_once():
    study = a_study(
        Report("A. 2001", RecordIds(pmid="1", doi="10.1/a")),
        Report("B. 2002", RecordIds(pmid="2")),
        Report("C. 2003", RecordIds(pmid="3"), unconfirmed=True),
        Report("D. 2004"),
    )
    records = [RecordIds(doi="10.1/a"), RecordIds(pmid="4")]
    plan = parse_seeds("included reports")
    assert seeds(plan, [study], records) == ["doi:10.1/a", "pmid:2", "pmid:4"]


@pytest.mark.parametrize(
    "strategy",
    ["", "# nothing", "doi:not-a-doi", "motor neuropathy", "doi:10.5555/a\nciting since May"],
)
def test_what_names_no_document_is_refused_with_its_line(strategy):
    with pytest.raises(StrategyFault) as fault:
        parse_seeds(strategy)
    assert fault.value.line == len(strategy.splitlines()) or fault.value.line == 1
