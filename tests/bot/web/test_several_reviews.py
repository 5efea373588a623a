"""Several reviews in one program: people, logs, versions, leases and pages apart."""

from __future__ import annotations

import io
import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.acts.sign_in import new_link
from bot.app import App, log
from bot.cli.opened import opened
from bot.cli.running import open_reviews
from bot.notify.log_lines import FORMAT, OfItsReview
from bot.notify.page_address import page_address
from bot.web import machines, program
from bot.web.machines import last_tick
from bot.web.program import create_program
from bot.web.security import BODY_LIMIT_BYTES
from bot.work import jobs
from bot.work.trigger import start_clock
from state import outbox, people, records, runs, versions
from state.errors import DatabaseDamaged, DataFolderFault
from state.events import head
from state.verify import verify
from tests.bot.builders import ADA, TEAM, a_trial, found
from tests.bot.world import World, a_world
from tests.end_to_end.programs import until
from tests.safety import SAFETY_S

MMN = Path("reviews/mmn")
OTHER = "made-up"
MOST_PAGES = 60


def another_review(folder: Path) -> Path:
    """Write a second review: the first one under another name."""
    shutil.copytree(MMN, folder)
    protocol = folder / "protocol.toml"
    protocol.write_text(protocol.read_text().replace('id = "mmn"', f'id = "{OTHER}"', 1))
    return folder


def under(world: World, root: str) -> World:
    config = world.app.config.model_copy(update={"root": root})
    return replace(world, app=replace(world.app, config=config))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    folder = tmp_path_factory.mktemp("several")
    review = {"LIVINGREVIEW_REVIEW": str(another_review(folder / "review"))}
    with ExitStack() as stack:
        one = stack.enter_context(a_world(folder / "one"))
        two = stack.enter_context(a_world(folder / "two", **review))
        yield under(one, "/r/mmn"), under(two, f"/r/{OTHER}")


@pytest.fixture
def site(worlds: tuple[World, World]) -> TestClient:
    return TestClient(create_program([each.app for each in worlds]), base_url="http://testserver")


def signed_in(site: TestClient, app: App, person: str = ADA) -> None:
    answer = site.post(f"{app.config.root}/sign-in/{new_link(app, person)}", follow_redirects=False)
    assert answer.headers["location"].startswith(f"{app.config.root}/?")
    assert f"Path={app.config.root};" in answer.headers["set-cookie"]


def test_the_first_page_leads_to_each_review(site: TestClient) -> None:
    page = site.get("/").text

    for root in ("/r/mmn/", f"/r/{OTHER}/"):
        assert f'href="{root}"' in page
        assert site.get(root).status_code == 200
    assert set(site.get("/healthz").json()["reviews"]) == {"mmn", OTHER}
    assert site.get("/r/lost/").status_code == 404
    assert site.get("/queue").status_code == 404


def test_who_is_signed_in_to_one_review_is_a_stranger_to_the_other(
    site: TestClient, worlds: tuple[World, World]
) -> None:
    one, two = (each.app for each in worlds)
    signed_in(site, one)

    assert site.get("/r/mmn/queue", follow_redirects=False).status_code == 200
    elsewhere = site.get(f"{two.config.root}/queue", follow_redirects=False)
    assert elsewhere.headers["location"] == f"{two.config.root}/sign-in?then=%2Fqueue"


def test_every_link_and_form_of_a_review_stays_under_its_root(
    site: TestClient, worlds: tuple[World, World]
) -> None:
    one = worlds[0].app
    (candidate,) = found(one, a_trial(7))
    signed_in(site, one)
    seen, open_pages = set(), ["/r/mmn/", f"/r/mmn/candidates/{candidate}"]

    while open_pages:
        path = open_pages.pop()
        seen.add(path)
        page = site.get(path)
        assert page.status_code == 200, path
        for link in led_to(page.text, "action", "href", "src"):
            assert link.startswith(("/r/mmn/", "#", "http")), (path, link)
        followed = {link.partition("#")[0] for link in led_to(page.text, "href")}
        new = {link for link in followed if link.startswith("/r/mmn/")} - seen - set(open_pages)
        open_pages += sorted(new) if len(seen) < MOST_PAGES else []

    assert len(seen) > 20
    assert worlds[1].app.database.url != one.database.url


def led_to(page: str, *names: str) -> list[str]:
    return [
        unescape(part.partition('"')[0]) for name in names for part in page.split(f'{name}="')[1:]
    ]


def test_what_happens_in_one_review_is_nowhere_in_the_other(
    worlds: tuple[World, World],
) -> None:
    one, two = (each.app for each in worlds)
    before = state_of(two)

    (candidate,) = found(one, a_trial(8))
    with one.ledger() as ledger:
        people.add_person(ledger, replace(TEAM[0], id="eve", name="Eve", address=None))

    assert state_of(two) == before
    with one.database.reading() as mine, two.database.reading() as theirs:
        assert candidate in {each.record.key for each in records.all_records(mine)}
        assert candidate not in {each.record.key for each in records.all_records(theirs)}
    assert verify(one.database).faults == verify(two.database).faults == ()


def state_of(app: App) -> object:
    with app.database.reading() as connection:
        return (
            head(connection),
            people.people(connection),
            versions.versions(connection),
            outbox.deliveries(connection),
            runs.search_runs(connection),
        )


def test_an_export_may_be_as_long_as_where_there_is_one_review(
    site: TestClient, worlds: tuple[World, World]
) -> None:
    signed_in(site, worlds[0].app)
    export = b"TY  - JOUR\nER  -\n" + b" " * BODY_LIMIT_BYTES

    answer = site.post("/r/mmn/imports/central", files={"file": ("export.ris", export)})

    assert answer.status_code == 403  # no token of the session: it was read, and not too long
    assert site.post("/r/mmn/tasks", content=export).status_code == 413
    assert site.post("/", content=export).status_code == 413


def test_mails_lead_to_their_own_review(worlds: tuple[World, World]) -> None:
    one, two = (page_address(each.app) for each in worlds)

    assert one.endswith("/r/mmn")
    assert two.endswith(f"/r/{OTHER}")


def test_a_search_of_one_does_not_wait_for_the_other(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = worlds
    asked, go_on = threading.Event(), threading.Event()
    answer = one.pubmed._serve

    def hang(*request: object) -> None:
        asked.set()
        go_on.wait(SAFETY_S)
        answer(*request)  # type: ignore[arg-type]

    monkeypatch.setattr(one.pubmed, "_serve", hang)
    hanging = threading.Thread(target=jobs.search_at_once, args=(one.app, "pubmed"))
    hanging.start()
    assert asked.wait(SAFETY_S)

    run = two.search()

    assert run.status == "ok"
    assert hanging.is_alive()
    go_on.set()
    hanging.join()


def test_a_review_that_cannot_be_looked_at_is_named_beside_the_others(
    site: TestClient, worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tick(app: App) -> str | None:
        if app is worlds[0].app:
            raise DatabaseDamaged("review.sqlite", "not a database")
        return last_tick(app)

    monkeypatch.setattr(program, "last_tick", tick)

    answer = site.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["faults"] == ["mmn"]
    assert "review.sqlite" not in answer.text
    assert set(answer.json()["reviews"]) == {OTHER}


# ---- how they are opened -------------------------------------------------------------------------


def test_each_review_is_opened_under_its_own_name(tmp_path: Path) -> None:
    apps = open_reviews([tmp_path / "one", written(tmp_path / "two", tmp_path)], {})

    assert [app.config.root for app in apps] == ["/r/mmn", f"/r/{OTHER}"]
    for app in apps:
        app.close()


def test_one_review_alone_is_at_the_root(tmp_path: Path) -> None:
    (app,) = open_reviews([tmp_path / "one"], {})

    assert app.config.root == ""
    app.close()


def test_two_reviews_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFolderFault, match="called 'mmn', as another one here"):
        open_reviews([tmp_path / "one", tmp_path / "two"], {})

    assert list(tmp_path.iterdir()) == []  # no empty folder is left of it


def test_two_reviews_on_one_database_are_refused(tmp_path: Path) -> None:
    shared = {"LIVINGREVIEW_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite'}"}

    with pytest.raises(DataFolderFault, match="its database is that of another review here"):
        open_reviews([tmp_path / "one", written(tmp_path / "two", tmp_path)], shared)

    assert not (tmp_path / "one").exists()


def test_a_command_leads_to_the_path_under_which_its_review_was_last_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "one"
    with opened(folder) as app:
        assert page_address(app) == "http://127.0.0.1:8004"
    (served, other) = open_reviews([folder, written(tmp_path / "two", tmp_path)], {})
    jobs.beat(served)
    served.close()
    other.close()

    with opened(folder) as app:
        assert page_address(app) == "http://127.0.0.1:8004/r/mmn"
    monkeypatch.setenv("LIVINGREVIEW_ROOT", "/elsewhere")
    with opened(folder) as app:
        assert page_address(app) == "http://127.0.0.1:8004/elsewhere"


def test_each_line_of_the_log_names_the_review_that_it_is_about(
    worlds: tuple[World, World], site: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_app: App) -> None:
        raise RuntimeError("on purpose")

    for step in ("own_work", "send"):  # one in the loop's thread, one in a job's
        monkeypatch.setattr(jobs, step, fail)
    monkeypatch.setattr(machines, "last_tick", fail)
    with lines_of_the_log() as lines:
        for world in worlds:
            loop = start_clock(world.app)
            review = world.app.protocol.id
            until(partial(said_in, lines, f" {review}: looking at"))
            loop.shutdown()
            quiet = TestClient(site.app, base_url=str(site.base_url), raise_server_exceptions=False)
            quiet.get(f"{world.app.config.root}/healthz")
            assert f" {review}: the page" in lines.getvalue()


def said_in(lines: io.StringIO, words: str) -> bool:
    return words in lines.getvalue()


@contextmanager
def lines_of_the_log() -> Iterator[io.StringIO]:
    """Give what the program's log says, as the command line writes it."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(OfItsReview())
    handler.setFormatter(logging.Formatter(FORMAT))
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


def written(data: Path, place: Path) -> Path:
    """Make a data folder whose settings name another review."""
    data.mkdir()
    settings = data / "settings.toml"
    settings.write_text(f'review = "{another_review(place / "review")}"\n')
    settings.chmod(0o600)
    return data
