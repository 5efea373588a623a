"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from state.database import Database, open_database, sqlite_url
from tests.engines import ENGINES, SQLITE, engines

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What makes a module slow: it meets files, sockets, processes, or the program as a whole.
SHELL = re.compile(
    r"^(?:from|import) (?:subprocess|socket|threading|urllib|sqlalchemy"
    r"|bot\.(?:app|cli|config|demo|sources(?!\.(?:catalogue|finding|source)\b)|web|work)"
    r"|tests\.(?:end_to_end|engines|reliability|state\.helpers|bot\.(?:builders|notices|upstreams|world)))\b",
    re.MULTILINE,
)
TOUCHING = {"db", "httpserver", "shared", "tmp_path", "tmp_path_factory"}

# Where there is one. The tests leave behind a gigabyte for each of two processes at most: of those
# that passed, nothing.
MEMORY, ROOM = "/dev/shm", 4 * 1024**3

SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast",
        action="store_true",
        help="only the pure rooms, without made-up cases",
    )
    parser.addoption(
        "--engine",
        choices=ENGINES,
        default=SQLITE,
        help="where the reviews of the tests are kept",
    )


def pytest_configure(config: pytest.Config) -> None:
    engines.chosen = config.getoption("--engine")
    if is_roomy(MEMORY) and "TMPDIR" not in os.environ:
        # No commit of thousands waits for a disk that is thrown away. Programs that are started
        # inherit it.
        os.environ["TMPDIR"] = tempfile.tempdir = MEMORY


def is_roomy(folder: str) -> bool:
    """Whether a folder takes what the tests write, and runs the programs among it."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC


def pytest_collection_finish() -> None:
    """Never look again through what thousands of tests and the program are made of."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    engines.close()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the modules that meet the outside unread under --fast; None leaves the choice open."""
    if not config.getoption("--fast") or collection_path.suffix != ".py":
        return None
    return SHELL.search(collection_path.read_text(encoding="utf-8")) is not None or None


@pytest.hookimpl(trylast=True)  # hypothesis marks its own tests in this hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = {each for each in items if _is_left_out(config, each)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [each for each in items if each not in left_out]


def _is_left_out(config: pytest.Config, item: pytest.Item) -> bool:
    of_sqlite = engines.chosen != SQLITE and item.get_closest_marker("sqlite") is not None
    return of_sqlite or (bool(config.getoption("--fast")) and _is_slow(item))


def _is_slow(item: pytest.Item) -> bool:
    """Whether a test touches files, or tries hundreds of made-up cases."""
    touches = TOUCHING & set(getattr(item, "fixturenames", ()))
    made_up = any(item.get_closest_marker(name) for name in ("hypothesis", "made_up"))
    return bool(touches) or made_up


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A real database in a fresh folder."""
    database = open_database(sqlite_url(tmp_path / "review.sqlite"))
    yield database
    database.close()


@pytest.fixture
def shared() -> Path:
    """The folder of real payloads beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared, the folder of real payloads, is not beside this checkout")
    return SHARED
