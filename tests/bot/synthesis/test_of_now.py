"""Inputs and answer are never apart: whatever an input becomes, one round makes its result."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.acts.perform import perform
from bot.acts.said import SettleLink
from bot.app import App
from bot.review.baseline import STUDIES, VALUES
from bot.review.published import PUBLISHED
from bot.silence.status import status_json
from bot.synthesis import inputs_in_force as inputs
from bot.synthesis.synthesise import current_results
from bot.synthesis.the_published import published_review
from bot.work import begin
from bot.work.handlers import publish_due, recompute_due
from extraction.model import CorrectionKind
from state import extractions, runs, tables, versions
from state.corrections import see_correction
from state.facts.words import LinkVerdict, VersionState
from state.outbox import deliveries
from state.screening import EligiblePlace, StudyStatus
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    DORA,
    a_start,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    sign,
)
from tests.bot.web.browser import visitor
from tests.state import examples

REVIEW = Path(__file__).parents[3] / "reviews" / "mmn"
NEW = "doe2026"
DECISION = """
[[open_decisions]]
id = "doe-or-not"
question = "May Doe enter?"
default = "Not pooled until the authors decide."
concerns = ["pmid:99000001"]
"""
ANALYSIS = """
[[analyses]]
id = "9.1"
outcome = "strength_improved"
comparison = "ivig-placebo-induction"
measure = "OR"
method = "MH"
model = "common"
arm_1 = "ivig"
arm_2 = "placebo"
direction = "above 1 favours ivig"
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def move(app: App, study: str, place: StudyStatus) -> App:
    with app.ledger() as ledger:
        extractions.move_study(ledger, study, place, None)
    return app


def enter(app: App, place: EligiblePlace = StudyStatus.INCLUDED) -> App:
    (candidate,) = found(app, a_trial(1))
    include(app, candidate, place=place)
    return app


def extract(app: App, *, events: int = 9, outcome: str | None = None, arms: int = 2) -> App:
    data = an_extraction(events)
    values = [dict(each) for each in data["values"]][:arms]  # type: ignore[attr-defined]
    if outcome is not None:
        values = [{**each, "outcome": outcome} for each in values]
    for person in (ADA, BEN):
        hand_in(app, person, NEW, {**data, "values": values})
    return app


def amended(app: App, text: str, version: str = "2") -> App:
    """Put another protocol in force, as a program that starts under it."""
    text = re.sub(r'version = "\d"', f'version = "{version}"', text, count=1)
    with app.ledger() as ledger:
        versions.adopt_protocol(
            ledger, version=version, sha256=version * 64, body=text, reason="agreed"
        )
    return app


def with_decision(app: App) -> App:
    text = app.review.protocol_text
    return amended(app, text.replace("[living]", f"{DECISION}\n[living]", 1))


def without_decision(app: App) -> App:
    return amended(app, app.review.protocol_text.replace(DECISION, "", 1), version="3")


def with_analysis(app: App) -> App:
    text = app.review.protocol_text
    return amended(app, text.replace("[[signal_rules]]", f"{ANALYSIS}\n[[signal_rules]]", 1))


def retracted(app: App) -> App:
    with app.ledger() as ledger:
        see_correction(
            ledger,
            "notice-1",
            study="leger2001",
            record_key="pubmed:1",
            kind=CorrectionKind.RETRACTION,
            doi="10.5555/gone",
            pmid=None,
            citation="Gone. 2026",
            source="crossref",
        )
    return app


def linked(app: App) -> App:
    (key,) = found(app, a_trial(2), study="leger2001")
    for person in (ADA, BEN):
        perform(app, SettleLink(candidate=key, verdict=LinkVerdict.CONFIRM), actor(person))
    return app


def a_round(app: App) -> App:
    recompute_due(app)
    return app


def entered_and_extracted(app: App) -> App:
    return extract(enter(app))


def published(app: App) -> App:
    a_round(app)
    draft = draft_of(app)
    assert draft is not None
    for person in (DORA, ADA):
        sign(app, person, draft.number)
    publish_due(app)
    with app.database.reading() as connection:
        last = versions.last_published(connection)
    assert last is not None
    assert last.number == draft.number
    return app


def published_with_it(app: App) -> App:
    return published(entered_and_extracted(app))


Change = Callable[[App], App]


def nothing(app: App) -> App:
    return app


# What is there before, what changes, and what the draft says of it.
SHOWN: dict[str, tuple[Change, Change, str]] = {
    "a published study moved out": (
        nothing,
        lambda app: move(app, "leger2001", StudyStatus.AWAITING),
        "Leger 2001 moved from included to awaiting classification",
    ),
    "a study listed as ongoing": (
        nothing,
        lambda app: enter(app, StudyStatus.ONGOING),
        "Doe 2026 listed as ongoing",
    ),
    "an ongoing study moved": (
        lambda app: published(enter(app, StudyStatus.ONGOING)),
        lambda app: move(app, NEW, StudyStatus.AWAITING),
        "Doe 2026 moved from ongoing to awaiting classification",
    ),
    "a new study with its values": (nothing, entered_and_extracted, "Doe 2026 added"),
    "a study that no analysis uses": (
        nothing,
        lambda app: extract(enter(app), outcome="treatment_side_effects"),
        "Doe 2026 included, not yet in an analysis",
    ),
    "a value corrected": (
        published_with_it,
        lambda app: extract(app, events=8),
        "data of Doe 2026 corrected",
    ),
    "an amended protocol": (nothing, with_analysis, "protocol version 1 → 2"),
    "a decision opened": (
        published_with_it,
        with_decision,
        "Doe 2026 kept apart until the open decision doe-or-not is settled",
    ),
    "a decision settled": (
        lambda app: published(with_decision(entered_and_extracted(app))),
        without_decision,
        "open decision doe-or-not settled: Doe 2026 no longer kept apart; protocol version 2 → 3",
    ),
    "a decision settled before anybody published": (
        lambda app: with_decision(entered_and_extracted(app)),
        lambda app: without_decision(a_round(app)),
        "Doe 2026 added; protocol version 1 → 3",
    ),
    "a retraction": (nothing, retracted, "a report of Leger 2001 was retracted"),
}


def newest(app: App) -> str | None:
    with app.database.reading() as connection:
        return versions.newest_result(connection)


def of_now(app: App) -> str:
    with app.database.reading() as connection:
        return inputs.inputs_of_now(app, connection).hash


def draft_of(app: App) -> versions.Version | None:
    with app.database.reading() as connection:
        return versions.open_draft(connection)


@pytest.mark.parametrize("kind", SHOWN)
def test_a_changed_input_leads_to_the_result_of_now_and_a_draft_that_names_it(
    app: App, kind: str
) -> None:
    before, change, cause = SHOWN[kind]
    app = change(before(app))

    a_round(app)

    draft = draft_of(app)
    assert newest(app) == of_now(app)
    assert draft is not None
    assert cause in draft.cause
    assert draft.result == of_now(app)
    with app.database.reading() as connection:
        told = {each.notice.body for each in deliveries(connection)}
    assert any(cause in body for body in told)
    assert verify(app.database).faults == ()


def moved_back(app: App) -> App:
    a_round(move(app, "leger2001", StudyStatus.AWAITING))
    assert draft_of(app) is not None
    return move(app, "leger2001", StudyStatus.INCLUDED)


# What changes, and why nothing is drafted for it.
NOT_SHOWN: dict[str, tuple[Change, str]] = {
    "a study whose data are to come": (
        enter,
        "Doe 2026 included, its data are still to be extracted",
    ),
    "a further report": (linked, "a further report linked to Leger 2001"),
}


@pytest.mark.parametrize("kind", NOT_SHOWN)
def test_what_a_version_would_not_show_is_said_by_status(app: App, kind: str) -> None:
    change, why = NOT_SHOWN[kind]
    app = change(app)
    before = status_json(app)["result"]

    a_round(app)

    result = status_json(app)["result"]
    assert before["of_now"] is False
    assert before["differs_in"] == [why]
    assert (result["hash"], result["of_now"]) == (of_now(app), True)
    assert result["unpublished"] == [why]
    assert "the next version takes it in" in result["why_unpublished"]
    assert draft_of(app) is None


def test_another_engine_computes_anew_and_drafts_only_what_moved(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "ENGINE", "living-review-bot 9.9.9")
    app.looked.at = None  # another program is another process

    a_round(app)

    assert newest(app) == of_now(app)
    assert draft_of(app) is None
    (said,) = status_json(app)["result"]["unpublished"]
    assert said.startswith("computed by living-review-bot 9.9.9, before by")


def test_a_draft_of_which_nothing_is_left_is_taken_back_and_told(app: App) -> None:
    moved_back(app)

    a_round(app)

    result = status_json(app)["result"]
    assert draft_of(app) is None
    assert (result["of_now"], result["unpublished"]) == (True, [])
    with app.database.reading() as connection:
        told = [each for each in deliveries(connection) if each.notice.kind == "draft_withdrawn"]
    assert {each.recipient for each in told} == {"ada", "ben", "cy", "dora"}
    assert verify(app.database).faults == ()


def test_a_rejected_draft_is_not_drafted_again_until_something_changes(app: App) -> None:
    a_round(entered_and_extracted(app))
    draft = draft_of(app)
    assert draft is not None
    sign(app, DORA, draft.number, reject="the total is wrong")

    a_round(a_round(app))

    result = status_json(app)["result"]
    assert draft_of(app) is None
    assert result["unpublished"] == ["Doe 2026 added"]
    assert result["why_unpublished"] == (
        f"draft version {draft.number} was rejected by dora: the total is wrong"
    )

    a_round(move(app, "leger2001", StudyStatus.AWAITING))

    anew = draft_of(app)
    assert anew is not None
    assert anew.state is VersionState.DRAFT
    assert anew.cause == (
        "Leger 2001 moved from included to awaiting classification; Doe 2026 added"
    )


def test_a_round_over_nothing_new_reads_no_inputs_and_locks_nothing(app: App) -> None:
    a_round(app)
    asked: list[str] = []
    event.listen(app.database.reader, "before_cursor_execute", lambda *said: asked.append(said[2]))
    event.listen(app.database.writer, "begin", lambda _: asked.append("the lock"))

    a_round(app)

    assert not [each for each in asked if "baseline_value" in each or each == "the lock"]


def test_what_is_undecided_is_said_wherever_one_looks(app: App) -> None:
    app = with_decision(entered_and_extracted(app))
    a_round(app)
    publish_due(app)
    draft = draft_of(app)
    assert draft is not None

    page = visitor(app, ADA)

    for place in (page.get("/results"), page.get(f"/extract/{NEW}"), page.get("/status")):
        assert "doe-or-not" in place
    report = (app.files / f"{draft.number}-draft" / "report.html").read_text("utf-8")
    assert report.count("doe-or-not") >= 3
    said = status_json(app)
    assert said["result"]["kept_apart"] == [{"label": "Doe 2026", "decision": "doe-or-not"}]
    assert any("doe-or-not" in each for each in said["needs"])


def test_a_search_makes_an_update_of_a_draft_that_said_there_was_none(app: App) -> None:
    a_round(entered_and_extracted(app))
    first = draft_of(app)
    assert first is not None
    assert (first.number, first.kind) == ("3.0.1", "amendment")

    with app.ledger() as ledger:
        runs.record_search(ledger, examples.RUN)
    a_round(app)

    draft = draft_of(app)
    assert draft is not None
    assert (draft.number, draft.kind) == ("3.1", "update")


# ------------------------------------------------------------ the files of the baseline


def edit(file: Path) -> None:
    """Change a number: the joint table of that trial no longer goes with it."""
    text = file.read_text("utf-8")
    assert ",events,17," in text
    file.write_text(text.replace(",events,17,", ",events,7,"), "utf-8")


def cut(file: Path) -> None:
    """Leave half of the file."""
    text = file.read_text("utf-8")
    file.write_text(text[: len(text) // 2], "utf-8")


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (VALUES, edit),
        (VALUES, cut),
        (VALUES, Path.unlink),
        (STUDIES, cut),
        (STUDIES, Path.unlink),
    ],
)
def test_whatever_becomes_of_the_baseline_the_program_goes_on(
    tmp_path: Path, file: str, what: Callable[[Path], None]
) -> None:
    review = tmp_path / "review"
    shutil.copytree(REVIEW, review)
    settings = {"LIVINGREVIEW_REVIEW": str(review)}
    an_app(tmp_path / "data", settings).close()
    what(review / file)

    app = a_start(tmp_path / "data", settings)

    assert status_json(app)["not_taken"] == [file]
    assert status_json(app)["result"]["of_now"] is True
    app.close()


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[App]:
    """A review begun, whose values were edited since."""
    review = tmp_path / "review"
    shutil.copytree(REVIEW, review)
    settings = {"LIVINGREVIEW_REVIEW": str(review)}
    an_app(tmp_path / "data", settings).close()
    edit(review / VALUES)
    running = a_start(tmp_path / "data", settings)
    add_team(running)
    yield running
    running.close()


def test_an_edited_baseline_is_not_taken_and_is_said_in_words(edited: App) -> None:
    begin.begin(edited)

    said = status_json(edited)

    assert said["not_taken"] == [VALUES]
    assert any(f"{VALUES} was changed" in each for each in said["needs"])
    with edited.database.reading() as connection:
        told = [each for each in deliveries(connection) if each.notice.kind == "baseline_changed"]
        effects = {each.id: each.effect for each in current_results(edited, connection)}
    assert len({each.notice.key for each in told}) == 1
    assert round(effects["2.1"].estimate, 2) == 2.43  # type: ignore[union-attr]


@pytest.mark.parametrize("after", ["searched_on = 2019-01-01", ""], ids=["another day", "broken"])
def test_what_the_world_knows_of_the_review_stays_as_it_was_loaded(
    tmp_path: Path, after: str
) -> None:
    review = tmp_path / "review"
    shutil.copytree(REVIEW, review)
    settings = {"LIVINGREVIEW_REVIEW": str(review)}
    an_app(tmp_path / "data", settings).close()
    page = review / PUBLISHED
    page.write_text(page.read_text("utf-8").replace("searched_on = 2021-04-20", after), "utf-8")

    app = a_start(tmp_path / "data", settings)

    with app.database.reading() as connection:
        known = published_review(connection)
    assert known is not None
    assert (known.published_on, known.searched_on) == ("2022-01-11", "2021-04-20")
    assert status_json(app)["not_taken"] == [PUBLISHED]
    app.close()


def test_a_version_claims_no_hash_of_a_file_that_was_not_used(edited: App) -> None:
    published_with_it(edited)

    manifest = json.loads((edited.files / "3.0.1" / "manifest.json").read_text("utf-8"))

    first = json.loads((edited.files / "3.0" / "manifest.json").read_text("utf-8"))
    assert manifest["inputs"][VALUES] == first["inputs"][VALUES]
    assert manifest["inputs"][VALUES] != edited.review.file_hashes[VALUES]


def test_a_folder_that_kept_no_hashes_is_compared_with_its_log(edited: App) -> None:
    with edited.database.transaction() as connection:
        for each in (tables.baseline_file, tables.published_review):  # as an older program left it
            connection.execute(each.delete())

    begin.begin(edited)

    with edited.database.reading() as connection:
        assert set(extractions.baseline_files(connection)) == {STUDIES, PUBLISHED}
    assert status_json(edited)["not_taken"] == [VALUES]
