"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from state.database import Database, open_database, sqlite_url

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SHARED = Path(__file__).parent.parent.parent / "shared"


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
