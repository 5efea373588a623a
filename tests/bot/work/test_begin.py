from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.cli.opened import opened
from bot.errors import ProtocolChanged
from bot.silence.status import status_json
from state import people
from tests.bot.builders import ADA, add_team, an_app

REVIEW = Path(__file__).parent.parent.parent.parent / "reviews" / "mmn"


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose review folder was changed without an amendment."""
    review, data = tmp_path / "review", tmp_path / "data"
    shutil.copytree(REVIEW, review)
    monkeypatch.setenv("LIVINGREVIEW_REVIEW", str(review))
    with opened(data):
        pass
    file = review / "protocol.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    return data


def test_nothing_is_decided_under_a_protocol_that_no_amendment_explains(changed: Path) -> None:
    with pytest.raises(ProtocolChanged, match="a change is an amendment"):
        opened(changed).__enter__()


def test_what_is_known_can_still_be_read(changed: Path) -> None:
    with opened(changed, reading=True) as app:
        assert status_json(app)["version"] == "3.0"


def test_a_seat_that_nobody_fills_is_named(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    add_team(app)
    assert not [each for each in status_json(app)["needs"] if each.startswith("role")]

    with app.ledger() as ledger:
        people.retire_person(ledger, ADA)

    needs = status_json(app)["needs"]
    app.close()
    assert "role screener: 1 of 2 seats filled" in needs
