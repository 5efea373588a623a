from __future__ import annotations

from dataclasses import replace

import pytest

from bot.report import notice_words, prose, search_words
from bot.report.document import (
    ByTwo,
    CorrectionLine,
    ProcessFacts,
    SignalLine,
    SinceLast,
    StudyCorrections,
)
from bot.results.diff import changes
from bot.review.protocol import Amendment
from state.facts.words import SignatureVerdict, VersionKind
from tests.bot.report.sample import (
    BASELINE,
    BASELINE_DOCUMENT,
    FLOW,
    LABELS,
    NO_WORK,
    PROTOCOL,
    UPDATE_DOCUMENT,
    WAITING_FOR_DATA,
    asked,
)

WEIGHTY = SignalLine("S1", "1.1", "The interval newly excludes no effect.", True)
LIGHT = SignalLine(
    "S2", "1.2", "The effect changed by half.", False, "L. Ead", SignatureVerdict.ACCEPT
)


NOTHING = SinceLast(searches=0, failed=0, sources=0, found=0, new=0)
RETRACTED = CorrectionLine(
    kind="retraction",
    happened="was retracted",
    grave=True,
    cited="J Ex 2027;1:1, doi:10.1/r",
    told_by="told by crossref",
    seen_at="2027-03-03T06:50:00Z",
)
CORRECTED = replace(RETRACTED, kind="erratum", happened="was corrected by an erratum")


def about(study, *notices):
    return (StudyCorrections(study, LABELS[study], notices),)


def news(document):
    return prose.whats_new(document, changes(BASELINE, document.results))


def test_a_new_study_and_what_it_moved_come_first():
    entered, first, second, third = news(UPDATE_DOCUMENT)

    assert entered == "New in the review: Fictum 2026 and Figmentum 2026."
    assert first == "New in the pooled results: Fictum 2026."
    assert second == (
        "Muscle strength improved (IVIg v placebo, induction): RR 5.14 (2.54 to 10.42); before,"
        " 11.00 (2.86 to 42.25)."
    )
    assert third == "Unchanged: 7 other results."


def test_nothing_new_is_said_plainly():
    assert news(replace(UPDATE_DOCUMENT, results=BASELINE, since_last=NOTHING)) == (
        "No study entered or left the review.",
        "Unchanged: 8 results.",
    )


def test_the_baseline_says_how_far_agreement_is_a_check():
    reproduced, caution = news(BASELINE_DOCUMENT)

    assert reproduced == (
        "2 of 8 published results come out with every printed digit from numbers that were read."
    )
    assert caution.startswith("6 more agree because the numbers of the single studies were solved")
    assert "(1.1, 1.2, 1.3, 3.1, 4.1 and 4.2)" in caution
    assert caution.endswith("no independent check.")


def test_a_title_without_the_word_living_gets_it():
    named = asked(PROTOCOL, title="Tea: a Living review")

    assert prose.heading(PROTOCOL).endswith(": a living systematic review")
    assert prose.heading(named) == "Tea: a Living review"


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ((), "No rule of the protocol fired"),
        ((LIGHT,), "Results moved; no conclusion changed by the rules of the protocol."),
        ((WEIGHTY, LIGHT), "A conclusion may have changed: 1 signal"),
        (
            (replace(WEIGHTY, verdict=SignatureVerdict.REJECT, signed_by="L. Ead"),),
            "Results moved; no conclusion",
        ),
        (
            (replace(WEIGHTY, verdict=SignatureVerdict.ACCEPT, signed_by="L. Ead"),),
            "Conclusions changed: The",
        ),
    ],
)
def test_a_conclusion_changes_only_when_a_person_has_signed(signals, said):
    assert prose.conclusion(replace(UPDATE_DOCUMENT, signals=signals)).startswith(said)


def test_results_that_did_not_move_are_not_said_to_have_moved():
    corrected = replace(LIGHT, rule="S7", text="Harbo 2009 retracted.")
    document = replace(UPDATE_DOCUMENT, results=BASELINE, signals=(corrected,))

    assert prose.conclusion(document) == (
        "No result moved; no conclusion changed by the rules of the protocol."
    )


def test_two_authors_independently_is_said_only_if_it_was_so_every_time():
    every, some, one, *_ = prose.methods(UPDATE_DOCUMENT)

    assert "two authors independently screened every record (10 of 10" in every
    assert "two authors independently" not in some
    assert "3 of 4 reports were assessed by two people independently" in some
    assert "two authors independently extracted every study (1 of 1" in one


def test_no_work_is_not_called_independent_work():
    said = prose.methods(replace(UPDATE_DOCUMENT, facts=NO_WORK))

    assert said[0] == "Titles and abstracts: none were screened for this version."
    assert not any("independently" in each for each in said)


def test_entries_without_a_sign_in_are_told():
    facts = ProcessFacts(ByTwo(1, 1), ByTwo(1, 1), ByTwo(1, 1), acts=9, unauthenticated=6)

    assert prose.methods(replace(UPDATE_DOCUMENT, facts=facts))[-1].startswith(
        "6 of 9 acts of people came by command line"
    )


def test_more_work_by_two_than_was_done_is_refused():
    with pytest.raises(ValueError, match="found 3, expected 0 to 2"):
        ByTwo(2, 3)


def test_each_source_older_than_its_schedule_is_named_and_no_other():
    said = " ".join(prose.limitations(UPDATE_DOCUMENT))

    assert "on 20 April 2021, though the schedule asks for it: CENTRAL." in said
    assert "PubMed: last searched" not in said


def test_only_a_failure_that_was_not_made_good_is_a_limit():
    failed = tuple(each for each in UPDATE_DOCUMENT.searches if each.status == "failed")

    mended = " ".join(prose.limitations(UPDATE_DOCUMENT))
    broken = " ".join(prose.limitations(replace(UPDATE_DOCUMENT, searches=failed)))

    assert "failed" not in mended
    assert "ClinicalTrials.gov (16 November 2026) failed: status 503 after 5 attempts." in broken


def test_a_known_item_that_was_not_found_again_is_a_limit():
    said = " ".join(prose.limitations(UPDATE_DOCUMENT))

    assert "did not find again: NCT00268788" in said


def test_derived_inferred_and_unrated_findings_are_limits():
    said = " ".join(prose.limitations(UPDATE_DOCUMENT))

    assert "† in 1.1, 1.2, 1.3, 3.1, 4.1 and 4.2 were derived" in said
    assert "arm comes first in 4.2 was inferred" in said
    assert "Certainty of 1.2 was rated on other data" in said


def test_a_flow_that_does_not_add_up_is_a_limit():
    broken = replace(UPDATE_DOCUMENT, flow=replace(FLOW, records_screened=9))

    assert any(each.startswith("The flow does not add up") for each in prose.limitations(broken))


def test_amendments_since_the_version_before_are_the_changes_to_methods():
    first, second = (
        Amendment(version=version, decided_on=day, reason=reason, agreed_by=("L. Ead",))
        for version, day, reason in (
            ("2", "2026-10-10", "A comparison was added."),
            ("3", "2026-11-10", "An outcome was added."),
        )
    )
    amended = PROTOCOL.model_copy(update={"amendments": (first, second)})
    protocol = asked(amended, version="3")
    document = replace(UPDATE_DOCUMENT, protocol=protocol)
    assert document.previous is not None

    since_first = replace(document, previous=replace(document.previous, protocol_version="2"))

    assert prose.amendments_since(document) == (first, second)
    assert prose.amendments_since(since_first) == (second,)
    assert prose.amendments_since(BASELINE_DOCUMENT) == ()


def test_a_version_says_what_was_searched_for_it_whatever_its_kind():
    amended = replace(
        UPDATE_DOCUMENT, kind=VersionKind.AMENDMENT, cause="data of Hahn 2013 corrected"
    )

    assert prose.opening(UPDATE_DOCUMENT).endswith(
        "Since version 3.0, 2 searches of 2 sources brought 12 new records. 1 search failed."
    )
    assert prose.opening(amended).startswith("An amendment. Why now: data of Hahn 2013 corrected.")
    assert "without" not in prose.opening(amended)
    assert prose.opening(replace(amended, since_last=NOTHING)).endswith(
        "No search was completed since version 3.0."
    )


def test_the_head_names_each_source_and_last_those_that_nobody_has_searched_since():
    assert search_words.searched(UPDATE_DOCUMENT) == (
        "Searched on 1 November 2026: PubMed.",
        "Searched on 23 November 2026: ClinicalTrials.gov.",
        "Not searched since the published review, whose last search was on 20 April 2021: CENTRAL.",
    )


def test_a_review_that_follows_none_says_which_sources_were_not_searched_yet():
    own = replace(UPDATE_DOCUMENT, published=None)

    assert search_words.searched(own)[-1] == "Not searched yet: CENTRAL."


def test_a_source_that_is_late_is_named_at_the_head():
    late = tuple(replace(each, overdue=True) for each in UPDATE_DOCUMENT.schedules)

    said = search_words.searched(replace(UPDATE_DOCUMENT, schedules=late))

    assert "Longer ago than the schedule allows: PubMed and ClinicalTrials.gov." in said


def test_a_retraction_is_the_first_thing_that_is_new_and_stands_at_the_head_for_good():
    new = replace(UPDATE_DOCUMENT, notices=about("harbo2009", replace(RETRACTED, is_new=True)))
    known = replace(UPDATE_DOCUMENT, notices=about("harbo2009", RETRACTED))
    said = (
        "A report of Harbo 2009 was retracted (J Ex 2027;1:1, doi:10.1/r; told by crossref;"
        " seen on 3 March 2027)."
    )

    assert news(new)[0] == said
    assert said not in news(known)
    assert notice_words.standing_notices(new) == notice_words.standing_notices(known) == (said,)


def test_an_erratum_is_not_called_a_retraction_and_leaves_the_head_when_it_was_judged():
    waits = replace(UPDATE_DOCUMENT, notices=about("harbo2009", CORRECTED))
    judged = about("harbo2009", replace(CORRECTED, judged="no number touched"))

    (said,) = notice_words.standing_notices(waits)

    assert "was corrected by an erratum" in said
    assert "retract" not in said
    assert notice_words.standing_notices(replace(waits, notices=judged)) == ()


def test_each_result_that_rests_on_the_trial_bears_the_notice_and_no_other():
    document = replace(UPDATE_DOCUMENT, notices=about("harbo2009", RETRACTED))

    bearing = {each.id: notice_words.banners(document, each) for each in document.results}

    said = ("Rests on Harbo 2009, of which a report was retracted; not judged yet.",)
    assert {key for key, value in bearing.items() if value} == {"4.1", "4.2"}
    assert bearing["4.1"] == bearing["4.2"] == said


def test_a_study_that_was_taken_out_is_said_with_where_it_stands():
    taken = replace(NOTHING, taken_out=(("Harbo 2009", "excluded"),))

    assert news(replace(UPDATE_DOCUMENT, results=BASELINE, since_last=taken))[0] == (
        "Harbo 2009 was moved from the included studies: excluded."
    )


def test_an_included_study_in_no_result_is_disclosed_with_the_reason():
    in_no_analysis = replace(WAITING_FOR_DATA, label="Nowhere 2026", not_yet_incorporated=False)
    studies = (*UPDATE_DOCUMENT.studies, in_no_analysis)

    assert prose.incorporation(replace(UPDATE_DOCUMENT, studies=studies)) == (
        "Figmentum 2026 (NCT99999902): included, its data are not accepted yet, so no result here"
        " rests on it.",
        "Nowhere 2026 (NCT99999902): included, and no analysis of the protocol uses its data.",
    )


def test_what_one_of_two_has_said_counts_for_nobody_until_the_second_has():
    facts = replace(NO_WORK, sealed=2)

    said = prose.methods(replace(UPDATE_DOCUMENT, facts=facts))

    assert said[0] == "Titles and abstracts: none were screened for this version."
    assert said[-1] == (
        "2 entries of the log are sealed: what one of two people has said counts for nobody until"
        " the second has said theirs."
    )
