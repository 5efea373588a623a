"""What a file of 28,000 records costs the people who use the page meanwhile.

The real main job serves the page in a process of its own. A reader asks for pages, first at rest,
then while the file is taken in: once by the command, once given on the page for another source.
Measured is the time that passes until the whole answer has come; on a machine that does other
work at the same time, the figure at rest says what of it is the machine's.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import httpx2

from bot.acts.sign_in import new_link
from bot.sources.upstream.clock import Clock
from tests.benchmarks.figures import Figure
from tests.benchmarks.intake import a_record
from tests.bot.builders import DORA, NOWHERE, SERVICES, add_team, an_app
from tests.end_to_end.programs import Program
from tests.safety import SAFETY_S

RECORDS = 28_000
WORDS_OF_ABSTRACT = 60  # so that the file may be given on the page
AT_REST = 30
SLOWEST_MS = 100.0
PAUSE_S = 0.05  # between two pages: a reader, no flood
PAGES = ("/", "/queue", "/records", "/status")


def figures() -> Iterator[Figure]:
    """Yield how slow the page is at rest and while much is taken in, and how long that takes."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        file = Path(folder) / "large.ris"
        file.write_text("".join(_ris(number) for number in range(RECORDS)))
        app = an_app(data, clock=Clock())
        add_team(app)
        link = new_link(app, DORA)
        app.close()
        settings = {f"LIVINGREVIEW_{service}_URL": NOWHERE for service in SERVICES}
        program = Program(data, settings)
        with program.running() as address, httpx2.Client(base_url=address, timeout=SAFETY_S) as web:
            web.post(f"/sign-in/{link}")
            _meanwhile(web, lambda: time.sleep(PAUSE_S * AT_REST))
            at_rest, _ = _meanwhile(web, lambda: time.sleep(PAUSE_S * AT_REST))
            yield _figure("at rest", at_rest, goal=None)
            yield from _of("by the command", web, lambda: _by_command(program, file))
            yield from _of("on the page", web, lambda: _on_the_page(address, web, file))


def _of(how: str, web: httpx2.Client, doing: Callable[[], object]) -> Iterator[Figure]:
    waited, seconds = _meanwhile(web, doing)
    yield _figure(f"while {RECORDS:,} records are imported {how}", waited, goal=1.0)
    yield Figure(f"import: {RECORDS:,} records {how}", seconds, RECORDS / 1_000, "s", None)


def _figure(when: str, waited: list[float], *, goal: float | None) -> Figure:
    slowest = quantiles(waited, n=20)[-1]
    return Figure(f"import: the page {when}, slowest of twenty", slowest, SLOWEST_MS, "ms", goal)


def _meanwhile(web: httpx2.Client, doing: Callable[[], object]) -> tuple[list[float], float]:
    """Read pages while something is done; return how long each took (ms), and how long that (s)."""
    failed: list[BaseException] = []

    def do() -> None:
        try:
            doing()
        except BaseException as error:  # noqa: BLE001 - told to whoever measures
            failed.append(error)

    thread, begun = threading.Thread(target=do), time.perf_counter()
    thread.start()
    waited: list[float] = []
    while thread.is_alive() or len(waited) < len(PAGES):
        for path in PAGES:
            waited.append(_ms(web, path))
            time.sleep(PAUSE_S)
    thread.join()
    if failed:
        raise failed[0]
    return waited, time.perf_counter() - begun


def _ms(web: httpx2.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = web.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path}: expected 200, found {answer.status_code}")
    return (time.perf_counter() - begun) * 1000


def _by_command(program: Program, file: Path) -> None:
    found = program.ask("import", str(file), "--source", "embase")
    if found["sources"][0]["found"] != RECORDS:
        raise AssertionError(f"{found['sources'][0]} of {RECORDS} records were taken")


def _on_the_page(address: str, web: httpx2.Client, file: Path) -> None:
    page = web.get("/imports").text
    proof = {name: _hidden(page, name) for name in ("csrf", "page")}
    with httpx2.Client(base_url=address, timeout=SAFETY_S, cookies=web.cookies) as other:
        answer = other.post(
            "/imports/central",
            data={**proof, "shown": str(RECORDS)},
            files={"file": (file.name, file.read_bytes())},
            headers={"Sec-Fetch-Site": "same-origin"},
            follow_redirects=True,
        )
    if answer.status_code != 200 or f"{RECORDS} record" not in answer.text.replace(",", ""):
        raise AssertionError(f"the page answered {answer.status_code}: {answer.text[:500]}")


def _hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def _ris(number: int) -> str:
    record = a_record(number)
    first, _, last = (record.pages or "").partition("-")
    abstract = " ".join((record.abstract or "").split()[:WORDS_OF_ABSTRACT])
    fields = [
        ("TY", "JOUR"), ("U2", f"L{number}"), ("T1", record.title),
        *(("A1", each.replace(" ", ", ")) for each in record.authors),
        ("JF", record.journal), ("Y1", record.year), ("VL", record.volume),
        ("SP", first), ("EP", last), ("DO", record.ids.doi), ("N2", abstract),
        ("DB", "Embase"), ("ER", ""),
    ]  # fmt: skip
    return "".join(f"{tag}  - {text}\n" for tag, text in fields) + "\n"
