"""The page in a real browser: scripts off, by keyboard, on a phone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bot.acts.perform import perform
from bot.acts.said import ProposeAmendment
from bot.acts.sign_in import new_link
from bot.app import App
from bot.web.site import create_app
from bot.work import jobs
from state import versions
from tests.bot.builders import ADA, BEN, CY, DORA, a_trial, actor, add_team, an_app, found
from tests.bot.protocols import AMENDED
from tests.engines import engines
from tests.safety import SAFETY_S

CHROMIUM = Path("/usr/bin/chromium")
DESK: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
TRIAL = a_trial(1)
PAGES = (
    "/",
    "/queue",
    f"/candidates/{TRIAL.key}",
    "/extract",
    "/extract/harbo2009",
    "/results",
    "/versions",
    "/versions/3.0",
    "/signals",
    "/amendments/protocol-2",
    "/people",
    "/people/ada",
    "/notices",
    "/status",
    "/imports",
    "/records",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser; the tests are skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("no browser: `apt-get install chromium` has these tests run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped review, its team and one new record."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    running = an_app(folder)
    add_team(running)
    found(running, TRIAL)
    perform(running, ProposeAmendment(body=AMENDED), actor(BEN))
    running.close()
    return folder


@pytest.fixture
def app(begun: Path, tmp_path: Path) -> Iterator[App]:
    """The program on a data folder of its own."""
    running = an_app(engines.copy(begun, tmp_path / "data"))
    yield running
    running.close()


@pytest.fixture
def address(app: App) -> Iterator[str]:
    """The page, served on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(app), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


def signed_in(
    browser: Browser, app: App, address: str, person: str, *, scripts: bool, on: ViewportSize
) -> Page:
    context = browser.new_context(
        viewport=on, java_script_enabled=scripts, base_url=address, has_touch=on is PHONE
    )
    page = context.new_page()
    page.set_default_timeout(SAFETY_S * 1000)
    page.goto(f"/sign-in/{new_link(app, person)}")
    page.get_by_role("button", name="Sign in").click()
    return page


def plain(browser: Browser, app: App, address: str, person: str) -> Page:
    """A browser with scripts off."""
    return signed_in(browser, app, address, person, scripts=False, on=DESK)


def give_verdict(page: Page, verdict: str, criterion: str | None = None) -> None:
    page.goto(f"/candidates/{TRIAL.key}")
    page.get_by_role("radio", name=verdict).check()
    if criterion is not None:
        page.get_by_role("radio", name=criterion).check()
    page.get_by_role("button", name="verdict").click()
    assert "Your verdict is saved" in page.inner_text("[role=status]")


def hand_in(page: Page, events: int) -> None:
    page.goto("/extract/doe2026")
    page.get_by_role("radio", name="cross-over").check()
    for arm in ("IVIg", "Placebo"):
        page.get_by_role("checkbox", name=arm, exact=True).check()
    page.get_by_label("Participants").fill("20")
    page.get_by_role("button", name="Show the form for these arms").click()
    page.locator("#block-0 > summary").click()
    block = page.locator("#block-0")
    for arm, number in (("ivig", events), ("placebo", 3)):
        block.locator(f'[name="b0|{arm}|events"]').fill(str(number))
        block.locator(f'[name="b0|{arm}|total"]').fill("20")
    block.get_by_label("Report").select_option(index=1)
    block.get_by_label("Page or table").fill("Table 2")
    page.get_by_role("button", name="Hand in my extraction").click()
    assert "Your extraction is saved" in page.inner_text("[role=status]")


def sign_signals(page: Page) -> None:
    """Accept every signal that waits for this person."""
    page.goto("/signals")
    waiting = page.locator('form[action*="/sign/"][action*=":"]')
    while waiting.count():
        waiting.first.get_by_role("button", name="Accept").click()
        page.goto("/signals")


def test_a_record_goes_from_the_queue_to_a_published_version_without_a_script(
    chromium: Browser, app: App, address: str
) -> None:
    ada, ben, cy, dora = (plain(chromium, app, address, who) for who in (ADA, BEN, CY, DORA))

    give_verdict(ada, "Include")
    give_verdict(ben, "Exclude", "E2")
    cy.goto(f"/candidates/{TRIAL.key}")
    cy.get_by_role("radio", name="Include").check()
    cy.get_by_label("Note").fill("it is randomised")
    cy.get_by_role("button", name="Rule").click()
    for reader in (ada, ben):
        give_verdict(reader, "Include")

    hand_in(ada, 12)
    hand_in(ben, 11)
    cy.goto("/extract/doe2026")
    cy.get_by_role("radio", name="as Ada Byron: 12").check()
    cy.get_by_label("Reason").fill("Table 2 says 12")
    cy.get_by_role("button", name="Settle this value").click()
    jobs.work_off(app)

    dora.goto("/results")
    assert "Doe 2026" in dora.inner_text("#a-1\\.1")
    for signer in (ada, dora):
        sign_signals(signer)
    for signer in (ada, dora):
        signer.goto("/")
        signer.get_by_role("link", name="Draft version").click()
        signer.get_by_role("button", name="Accept").click()
    jobs.work_off(app)
    with app.database.reading() as connection:
        published = versions.last_published(connection)
    assert published is not None
    assert published.number != "3.0"
    dora.goto("/versions")
    assert f"Version {published.number}\n\npublished" in dora.inner_text("main")


def test_a_verdict_is_given_by_keyboard_alone(chromium: Browser, app: App, address: str) -> None:
    page = signed_in(chromium, app, address, ADA, scripts=True, on=DESK)
    page.goto(f"/candidates/{TRIAL.key}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "verdict":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")

    page.wait_for_selector("[role=status]")
    assert "You said unsure" in page.inner_text("main")


# What is wider than the place it stands in, but for code, which may be moved to and fro.
RUNS_OUT = """() => [...document.querySelectorAll("main *, header *")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => !each.matches("pre, input, select, option, textarea, thead, thead *"))
  .map((each) => `${each.className || each.tagName}: ${each.textContent.trim().slice(0, 60)}`)"""


def test_every_page_fits_a_phone_and_breaks_no_rule_of_its_policy(
    chromium: Browser, app: App, address: str
) -> None:
    page = signed_in(chromium, app, address, ADA, scripts=True, on=PHONE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    for path in PAGES:
        page.goto(path)
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, path
        assert page.evaluate(RUNS_OUT) == [], path
    assert complaints == []


def test_every_page_has_one_heading_and_a_label_for_everything_to_fill_in(
    chromium: Browser, app: App, address: str
) -> None:
    page = signed_in(chromium, app, address, DORA, scripts=True, on=DESK)

    for path in (*PAGES, "/nowhere"):
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate(UNLABELLED) == [], path
        assert page.evaluate(TWICE) == [], path


UNLABELLED = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
    .filter(each => !each.labels.length && !each.getAttribute('aria-label'))
    .map(each => each.name)"""
TWICE = """(ids => ids.filter((id, place) => ids.indexOf(id) !== place))(
    [...document.querySelectorAll('[id]')].map(each => each.id))"""


def test_the_report_shows_its_own_styles_under_its_policy(
    chromium: Browser, app: App, address: str
) -> None:
    page = signed_in(chromium, app, address, ADA, scripts=True, on=DESK)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto("/versions/3.0/report.html")

    assert complaints == []
    assert page.evaluate("document.styleSheets.length") >= 1
