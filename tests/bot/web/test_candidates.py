from __future__ import annotations

from dataclasses import replace

from bot.app import App
from bot.web.words import of_people
from extraction.model import Correction, CorrectionKind, Direction
from state import decisions, extractions
from state.screening import Stage, StudyStatus, Verdict
from tests.bot.builders import ADA, BEN, CY, a_trial, an_entry, found, include, say
from tests.bot.web.browser import visitor, words

TRIAL = a_trial(1)
PAGE = f"/candidates/{TRIAL.key}"


def test_the_queue_shows_its_order_and_the_reasons(app: App) -> None:
    found(app, a_trial(1), a_trial(2), reasons=("motor neuropathy in the title",))

    page = words(visitor(app, ADA).get("/queue"))

    assert page.index("trial number 1") < page.index("trial number 2")
    assert "Order: the likeliest first, then the longest waiting" in page
    assert page.count("Why here: motor neuropathy in the title") == 2


def test_a_candidate_shows_all_that_a_reader_needs(app: App) -> None:
    notice = Correction(CorrectionKind.RETRACTION, Direction.OF_THIS, pmid="99", citation="J 2026")
    (key,) = found(app, replace(TRIAL, corrections=(notice,)))

    page = visitor(app, ADA).get(f"/candidates/{key}")

    for text in (
        "Doe J, Roe R",
        "nobody was treated",
        "Journal of Fictional Medicine",
        "2026 Spring",
        "Randomized Controlled Trial",
        "retraction about this record: J 2026 PMID 99",
    ):
        assert text in words(page)
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/99000001/"' in page
    assert 'href="https://doi.org/10.5555%2Ffiction.1"' in page


def test_a_register_entry_shows_its_fields(app: App) -> None:
    (key,) = found(app, an_entry(1))

    page = visitor(app, ADA).get(f"/candidates/{key}")

    assert "Status RECRUITING" in words(page)
    assert "Primary completion 2028-01" in words(page)
    assert 'href="https://clinicaltrials.gov/study/NCT99000001"' in page


def test_a_verdict_is_saved_said_and_leads_to_the_next_candidate(app: App) -> None:
    found(app, a_trial(1), a_trial(2))
    ada = visitor(app, ADA)

    page = ada.post(f"{PAGE}/verdict", stage="title_abstract", verdict="exclude", criterion="E2")

    assert "Your verdict is saved" in page
    assert f'<a href="{PAGE}">Look at it again</a>' in page
    assert "trial number 2" in words(page)
    assert "You said exclude (E2)" in words(ada.get(PAGE))


def test_a_verdict_can_be_changed_until_the_other_has_decided(app: App) -> None:
    found(app, TRIAL)
    ada = visitor(app, ADA)
    ada.post(f"{PAGE}/verdict", stage="title_abstract", verdict="exclude", criterion="E2")

    ada.post(f"{PAGE}/verdict", stage="title_abstract", verdict="include", criterion="E2")

    assert "You said include" in words(ada.get(PAGE))
    say(app, BEN, TRIAL.key, Verdict.INCLUDE)
    status, text = ada.refused(f"{PAGE}/verdict", stage="title_abstract", verdict="exclude")
    assert status == 403
    assert "is at stage full text, not title and abstract" in text


def test_an_exclusion_at_full_text_names_its_criterion(app: App) -> None:
    found(app, TRIAL)
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)

    status, text = visitor(app, ADA).refused(
        f"{PAGE}/verdict", stage="full_text", verdict="exclude"
    )

    assert status == 422
    assert "names the criterion that failed" in text


def test_both_can_place_a_study_as_ongoing_with_the_next_date_to_look(app: App) -> None:
    found(app, TRIAL)
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)
    for reader in (ADA, BEN):
        visitor(app, reader).post(
            f"{PAGE}/verdict",
            stage="full_text",
            verdict="include",
            place="ongoing",
            next_look_on="2027-06-01",
        )

    page = words(visitor(app, ADA).get("/extract"))
    assert "ongoing look again 1 June 2027" in page


def test_two_who_differ_see_both_answers_and_may_agree(app: App) -> None:
    found(app, TRIAL)
    say(app, ADA, TRIAL.key, Verdict.INCLUDE, note="eligible")
    say(app, BEN, TRIAL.key, Verdict.EXCLUDE, criterion="E2")
    ada, ben = visitor(app, ADA), visitor(app, BEN)
    assert "What both said Ada Byron include “eligible” Ben Okri exclude (E2)" in words(
        ada.get(PAGE)
    )

    ada.post(f"{PAGE}/settle", verdict="exclude", criterion="E2")
    assert "You have signed an answer" in words(ada.get(PAGE))
    assert "Would agree on Ada Byron exclude (E2)" in words(ben.get(PAGE))
    page = ben.post(f"{PAGE}/settle", verdict="exclude", criterion="E2")

    assert "This candidate is settled: excluded" in words(page)


def test_a_third_person_rules_where_the_two_do_not_agree(app: App) -> None:
    found(app, TRIAL)
    say(app, ADA, TRIAL.key, Verdict.INCLUDE)
    say(app, BEN, TRIAL.key, Verdict.EXCLUDE)
    cy = visitor(app, CY)
    assert "Your ruling" in cy.get(PAGE)

    page = cy.post(f"{PAGE}/settle", verdict="include", note="it is randomised")

    assert "stage: full text" in words(page)


def test_only_the_criterion_is_asked_where_both_excluded_for_different_reasons(app: App) -> None:
    found(app, TRIAL)
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)
    say(app, ADA, TRIAL.key, Verdict.EXCLUDE, stage=Stage.FULL_TEXT, criterion="E1")
    say(app, BEN, TRIAL.key, Verdict.EXCLUDE, stage=Stage.FULL_TEXT, criterion="E2")
    cy = visitor(app, CY)
    assert "Only the criterion to report is left to settle" in cy.get(PAGE)

    page = cy.post(f"{PAGE}/settle", verdict="exclude", criterion="E2")

    assert "This candidate is settled: excluded" in words(page)


def test_a_proposed_link_is_shown_with_its_study_and_confirmed(app: App) -> None:
    found(app, TRIAL, study="harbo2009")
    ada = visitor(app, ADA)
    assert "Is it a report of Harbo 2009?" in ada.get(PAGE)

    first = ada.post(f"{PAGE}/link", link="confirm")
    waiting = ada.get("/extract/harbo2009")
    second = visitor(app, BEN).post(f"{PAGE}/link", link="confirm")

    assert "A link waits for a second person" in first
    assert TRIAL.title not in waiting
    assert "it is in force now" in second
    assert TRIAL.title in ada.get("/extract/harbo2009")


def test_a_refused_link_is_screened_like_any_other_record(app: App) -> None:
    found(app, TRIAL, study="harbo2009")

    page = visitor(app, ADA).post(f"{PAGE}/link", link="refuse", note="another trial")

    assert "Your verdict on title and abstract" in page


def test_an_included_study_waits_for_its_extraction(app: App) -> None:
    found(app, TRIAL)

    include(app, TRIAL.key)

    with app.database.reading() as connection:
        assert extractions.find_study(connection, "doe2026").place is StudyStatus.INCLUDED
    assert "Doe 2026 your extraction" in words(visitor(app, ADA).get("/"))


def test_somebody_who_is_no_screener_is_refused_and_asked_nothing(app: App) -> None:
    found(app, TRIAL)
    cy = visitor(app, CY)

    assert "There is nothing for you to decide here" in cy.get(PAGE)
    status, _ = cy.refused(f"{PAGE}/verdict", stage="title_abstract", verdict="include")

    assert status == 403
    with app.database.reading() as connection:
        assert decisions.seen_by(connection, TRIAL.key, CY).mine is None


def test_a_form_that_makes_no_sense_is_refused_with_what_was_expected(app: App) -> None:
    found(app, TRIAL)

    status, text = visitor(app, ADA).refused(f"{PAGE}/verdict", stage="title_abstract")

    assert status == 422
    assert "found no 'verdict', expected one of include, exclude, unsure" in text


def test_a_refusal_names_people_and_stages_in_words() -> None:
    known = {"ada-byron": "Ada Byron", "will": "Will Hay"}
    text = "both seats are taken by ada-byron; it will be at full_text, not title_abstract"

    said = of_people(text, known)

    assert said == (
        "both seats are taken by Ada Byron; it will be at full text, not title and abstract"
    )
