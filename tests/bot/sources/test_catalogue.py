"""What every source that declares itself keeps."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval

import pytest

from bot.config import setting_names
from bot.review.protocol import KINDS
from bot.review.strategy_lint import lint
from bot.sources.catalogue import REGISTERS, SOURCES, names_a_register
from bot.sources.stand_ins.server import StandIn

# What asks, parses or stores is loaded with the first search, not with the declarations.
HEAVY = frozenset({"Bio", "httpx", "lxml", "pydantic", "sqlalchemy"})


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_called_as_its_folder_and_has_its_parts(name: str) -> None:
    source = SOURCES[name]

    parts = [source.part(each) for each in ("search:search", "read:read_again")]

    assert {each.__module__.rpartition(".")[0] for each in parts} == {f"bot.sources.{name}"}
    assert source.name
    assert issubclass(source.part("stand_in:STAND_IN"), StandIn)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_known_to_the_settings_the_protocol_and_the_lint(name: str) -> None:
    assert {f"{name}_url", f"{name}_interval_s"} <= set(setting_names())
    assert name in KINDS
    assert lint("", name)


@pytest.mark.parametrize(
    ("name", "register"),
    [
        ("ictrp WHO ICTRP", True),
        ("ctis CTIS (EU, since 2023)", True),
        ("euctr EU Clinical Trials Register", True),
        ("neuromuscular Cochrane Neuromuscular Specialised Register", True),
        ("isrctn-hand ISRCTN registry", True),
        ("central CENTRAL (Cochrane Library)", False),
        ("embase Embase", False),
        ("lilacs LILACS", False),
    ],
)
def test_a_source_searched_by_hand_is_a_register_by_its_name(name: str, register: bool) -> None:
    assert names_a_register(name) is register


def test_a_part_that_a_source_need_not_have_may_be_missing() -> None:
    assert SOURCES["pubmed"].own("lint:odd_in_line") is not None
    assert SOURCES["openalex"].own("lint:odd_in_line") is None


def test_the_registers_are_those_that_say_so() -> None:
    assert len(SOURCES) >= 5
    assert "ctgov" in REGISTERS
    assert "pubmed" not in REGISTERS


def test_what_the_sources_say_of_themselves_loads_nothing_else() -> None:
    began = "import sys, bot.sources.catalogue; print(sorted(sys.modules))"

    done = subprocess.run([sys.executable, "-c", began], capture_output=True, text=True, check=True)

    loaded = {name.partition(".")[0] for name in literal_eval(done.stdout)}
    assert not HEAVY & loaded
