"""The page of searches by hand: what is due, the text to paste, the file, and what became of it."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.web import imports
from bot.web.security import UPLOAD_LIMIT_BYTES
from state import runs
from state.events import events, head
from tests.bot.builders import ADA, DORA
from tests.bot.exports import TWO_RECORDS
from tests.bot.web.browser import Visitor, stranger, visitor, words


def give(
    them: Visitor, body: bytes, *, name: str = "embase.ris", source: str = "embase"
) -> tuple[int, str]:
    """Choose a file and send it; return the status and the words of the page it leads to."""
    answer = them.client.post(
        f"/imports/{source}", data={"csrf": them.csrf}, files={"file": (name, body)}
    )
    return answer.status_code, words(answer.text)


def log_of(app: App) -> tuple[int, str]:
    with app.database.reading() as connection:
        return head(connection)


def test_every_source_is_shown_with_its_dates_and_the_text_to_paste(app: App) -> None:
    dora = visitor(app, DORA)

    page = words(dora.get("/imports"))

    assert "7 searches by hand are due" in page
    assert "Embase due for 84 days" in page
    assert "Last searched never" in page
    assert "Due since 1 Sep 2026, 09:00 BST: overdue" in page
    assert "Next 1 Mar 2027, 09:00 GMT" in page
    text = app.review.queries["embase"].strip()
    assert " ".join(text.split()) in page
    assert "Export as RIS" in page
    assert dora.get("/imports/embase/strategy.txt").strip() == text


def test_a_file_shows_at_once_what_was_read(app: App) -> None:
    dora = visitor(app, DORA)

    status, page = give(dora, TWO_RECORDS)

    assert status == 200
    assert "Embase: 2 records" in page
    assert "imported embase.ris (RIS, Embase)" in page
    assert "by Dora Maar" in page
    assert "New 2: 2 candidates to screen" in page
    assert "Known before 0" in page
    after = words(dora.get("/imports"))
    assert "6 searches by hand are due" in after
    assert "25 Nov 2026, 06:00 GMT , 2 records found" in after
    with app.database.reading() as connection:
        run = runs.last_run(connection, "embase")
        assert run is not None
        (said,) = (each for each in events(connection, subject=run.id))
    assert (said.actor, said.authenticated) == (DORA, True)


def test_the_day_of_the_search_may_be_earlier_than_today(app: App) -> None:
    dora = visitor(app, DORA)
    fields = {"csrf": dora.csrf, "searched_on": "2026-11-20"}

    answer = dora.client.post(
        "/imports/embase", data=fields, files={"file": ("x.ris", TWO_RECORDS)}
    )

    assert "Searched 20 Nov 2026, 12:00 GMT" in words(answer.text)
    assert "Stored 25 Nov 2026, 06:00 GMT, by Dora Maar" in words(answer.text)
    assert "Last searched 20 Nov 2026, 12:00 GMT" in words(dora.get("/imports"))


def test_a_file_is_given_by_those_who_search_by_hand_and_by_the_lead(app: App) -> None:
    before = log_of(app)

    status, page = give(visitor(app, ADA), TWO_RECORDS)

    assert status == 403
    assert "Ada Byron has none of the roles 'lead', 'information_specialist'" in page
    assert log_of(app) == before


def test_the_same_file_again_changes_nothing_unless_it_is_a_new_search(app: App) -> None:
    dora = visitor(app, DORA)
    give(dora, TWO_RECORDS)
    before = log_of(app)

    _, page = give(dora, TWO_RECORDS, name="again.ris")

    assert "This very file was imported before: nothing was changed." in page
    assert "Did you search again?" in page
    assert log_of(app) == before
    with app.database.reading() as connection:
        run = runs.last_run(connection, "embase")
    assert run is not None
    page = words(dora.post(f"/imports/embase/{run.id}/again"))
    assert f"the file is that of {run.id} (stated by Dora Maar)" in page
    assert "Known before 2" in page


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        (TWO_RECORDS[:-12], "embase.ris", ["embase.ris, line", "it is cut off"]),
        (b"", "empty.ris", ["empty.ris", "Found"]),
        (b"Title,Year\n", "table.csv", ["no record", "say so"]),
        (b"<!doctype html><title>Sign in</title>", "x.ris", ["Sign in"]),
    ],
)
def test_a_refused_file_says_where_and_why_and_stores_nothing(
    app: App, body: bytes, name: str, said: list[str]
) -> None:
    dora, before = visitor(app, DORA), log_of(app)
    before = log_of(app)

    status, page = give(dora, body, name=name)

    assert status == 422
    assert "The file was not taken" in page
    assert "nothing was stored" in page
    for each in said:
        assert each in page
    assert log_of(app) == before


def test_no_file_and_too_large_a_file_are_refused_in_plain_words(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = visitor(app, DORA)
    status, page = dora.refused("/imports/embase")
    assert (status, "no file was chosen" in page) == (422, True)

    monkeypatch.setattr(imports, "LARGEST_BYTES", 1_000_000)
    status, page = give(dora, b" " * 1_500_000, name="large.ris")

    assert status == 422
    assert "1.5 MB" in page
    assert "at most 1 MB" in page
    assert "export it in parts" in page


def test_only_the_page_of_exports_takes_more_than_a_form(app: App) -> None:
    dora = visitor(app, DORA)

    for form in ("/people", "/imports/embase/nothing"):
        assert dora.refused(form, name="x" * 1_100_000)[0] == 413
    answer = dora.client.post(
        "/imports/embase", content=b"", headers={"content-length": str(UPLOAD_LIMIT_BYTES + 1)}
    )
    assert answer.status_code == 413


def test_a_person_may_say_that_nothing_was_found(app: App) -> None:
    dora = visitor(app, DORA)
    assert dora.refused("/imports/embase/nothing")[0] == 422

    page = words(dora.post("/imports/embase/nothing", stated="yes"))

    assert "Embase: nothing found" in page
    assert "stated by Dora Maar" in page
    imports = words(dora.get("/imports"))
    assert "6 searches by hand are due" in imports
    assert "Embase look at this" in imports  # as under Status: its known items were not found again
    assert "known items, named under Status" in imports


def test_who_searches_by_hand_finds_on_the_first_page_what_is_due(app: App) -> None:
    dora = visitor(app, DORA)
    assert "Embase due for 84 days" in words(dora.get("/"))
    assert "To search by hand" not in words(visitor(app, ADA).get("/"))

    dora.post("/imports/embase/nothing", stated="yes")

    assert "Embase due for" not in words(dora.get("/"))


def test_a_file_from_a_stranger_or_without_the_token_is_not_read(app: App) -> None:
    before = log_of(app)
    answer = stranger(app).client.post(
        "/imports/embase", files={"file": ("x.ris", TWO_RECORDS)}, follow_redirects=False
    )
    assert answer.headers["location"].startswith("/sign-in")

    dora = visitor(app, DORA)
    before = log_of(app)
    dora.csrf = "0" * 64
    assert give(dora, TWO_RECORDS)[0] == 403
    assert log_of(app) == before


def test_a_source_or_a_search_that_does_not_exist_is_not_found(app: App) -> None:
    dora = visitor(app, DORA)

    assert give(dora, TWO_RECORDS, source="nowhere")[0] == 404
    assert dora.status("/imports/embase/no-run") == 404
    assert dora.status("/imports/nowhere/strategy.txt") == 404
