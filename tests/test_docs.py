"""The documents say what the program does: keys, settings, commands, links, and the tour typed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from bot import VERSION, config
from bot.acts.said import HandIn, ReadValue
from bot.cli import (
    analysing,
    cli,
    extracting,
    keeping,
    screening,
    searching,
    signing,
    standing,
    team,
    waiting,
    what_if,
)
from bot.demo.fiction import fictional_trial
from bot.silence.status import status_json
from bot.sources.pubmed.stand_in import Article
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from state import likeness
from state.tasks import TaskKind, raise_task
from tests.bot.builders import ADA, BEN, CY, DORA, NOWHERE, SERVICES, actor, sign_signals
from tests.bot.notices import HARBO, NOTICE_DOI, in_crossref, with_notice
from tests.bot.surveillance.test_what_if import stored_otherwise
from tests.bot.world import World, a_world

ROOT = Path(__file__).parent.parent
COMMANDS = ROOT / "docs" / "commands.md"
SETTINGS = ROOT / "docs" / "settings.md"
DATA_MODEL = ROOT / "docs" / "data-model.md"
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

TRIAL = "pubmed:99000001"
ERRATUM = (
    b'<CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn"><RefSource>J Made-up Neurol'
    b"</RefSource></CommentsCorrections></CommentsCorrectionsList></MedlineCitation>"
)


def documented(heading: str) -> list[Any]:
    """Return the JSON examples of docs/commands.md under a heading."""
    section = COMMANDS.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1]
    section = re.split(r"\n##+ ", section)[0]
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", section, re.S)]


def keys(value: Any, place: str = "") -> set[str]:
    """Return every key of a JSON value with its place; the items of a list share one place."""
    if isinstance(value, list):
        return set().union(*(keys(item, f"{place}[]") for item in value))
    if not isinstance(value, dict):
        return set()
    return set().union(
        *({f"{place}.{name}"} | keys(item, f"{place}.{name}") for name, item in value.items())
    )


def an_erratum_of(article: Article) -> Article:
    return replace(article, xml=article.xml.replace(b"</MedlineCitation>", ERRATUM))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world in which everything has something to show: a known item is missing, an erratum is
    there, and two readers differ of whom one has come round."""
    with a_world(tmp_path / "data") as found:
        found.a_trial_appears()
        found.pubmed.add(an_erratum_of(fictional_trial()))
        found.pubmed.remove("11133795")
        found.europepmc.remove("MED", "11133795")
        yield found


def say(world: World, person: str, **entry: str) -> Any:
    return screening.give_verdicts(world.app, actor(person), {"candidate": TRIAL} | entry)


def include(world: World) -> None:
    for stage in ("title_abstract", "full_text"):
        for person in (ADA, BEN):
            say(world, person, verdict="include", stage=stage)


def test_the_json_of_search_is_as_documented(world: World) -> None:
    world.ctgov.faults.add(PlayedFault(FaultKind.FORBIDDEN))

    printed = searching.search_json(searching.search_now(world.app, None))

    missing, failed = documented("The JSON of search")
    assert keys(printed) == keys(missing)
    assert keys(failed) < keys(missing)
    status = {run["source"]: run["status"] for run in printed["sources"]}
    assert [each for each, said in status.items() if said == "failed"] == ["ctgov"]


def test_the_json_of_records_is_as_documented(world: World) -> None:
    world.search_all()

    printed = list(standing.all_known(world.app))

    assert keys(printed) == keys(documented("The JSON of records"))


def test_the_json_of_the_queue_is_as_documented(world: World) -> None:
    world.search_all()
    say(world, ADA, verdict="include", note="randomised")
    say(world, BEN, verdict="exclude", criterion="E2")
    agreed = {"subject": TRIAL, "verdict": "exclude", "criterion": "E2"}
    extracting.settle_conflicts(world.app, actor(ADA), agreed)

    printed = [waiting.seen_json(each) for each in waiting.waiting_candidates(world.app, BEN)]

    (example,) = documented("The JSON of queue")
    assert keys(printed) == keys(example)


def test_the_json_of_duplicates_is_as_documented(world: World) -> None:
    world.search_all()
    with world.app.ledger() as ledger:
        likeness.find_likeness(
            ledger, TRIAL, "pubmed:8145910", likeness.MAYBE, rule="M4", reasons=["a reason"]
        )

    printed = [waiting.pair_json(each) for each in waiting.waiting_pairs(world.app)]

    (example,) = documented("The JSON of duplicates")
    assert keys(printed) == keys(example)


def test_the_json_of_what_if_is_as_documented(world: World) -> None:
    stored_otherwise(world.app)

    printed = asdict(what_if.what_would_differ(world.app, "embase"))

    (example,) = documented("The JSON of what-if")
    any_field = re.compile(r"fields\.[a-z_]+")
    shown, told = (
        {any_field.sub("fields.*", key) for key in keys(each)} for each in (example, printed)
    )
    of_what_is_not_taken = {key for key in shown if ".not_taken[]" in key}
    assert told == shown - of_what_is_not_taken


def test_the_json_of_strategy_is_as_documented(world: World) -> None:
    printed = searching.compared(world.app, "pubmed")

    (example,) = documented("The JSON of strategy")
    assert {key for key in keys(example) if "[]" not in key} == keys(printed)


def test_the_json_of_tasks_is_as_documented(world: World) -> None:
    with world.app.ledger() as ledger:
        raise_task(
            ledger, "a", TaskKind.UNUSUAL_CHANGE, subject="ctgov:NCT1", text="odd", study=None
        )

    printed = [asdict(each) for each in waiting.waiting_tasks(world.app)]

    (example,) = documented("The JSON of tasks")
    assert keys(printed) == keys(example)


def test_the_json_of_corrections_is_as_documented(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "RetractionIn", cited=f"doi: {NOTICE_DOI}"))
    in_crossref(world, "correction")
    world.search_all()

    printed = [waiting.correction_json(each) for each in waiting.published_corrections(world.app)]

    (example,) = documented("The JSON of corrections")
    assert keys(printed) == keys(example)


def test_the_json_of_analyse_is_as_documented(world: World) -> None:
    printed = analysing.analyses_json(analysing.pooled_results(world.app, None))

    (example,) = documented("The JSON of analyse")
    assert keys(printed) == keys(example)


def test_the_json_of_status_is_as_documented(world: World) -> None:
    world.search_all()

    printed = status_json(world.app)

    (example,) = documented("The JSON of status")
    assert keys(printed) == keys(example)


def test_the_json_of_verify_is_as_documented(world: World) -> None:
    (example,) = documented("The JSON of verify")

    assert keys(keeping.verified(world.app)) == keys(example)


def test_the_json_of_people_is_as_documented(world: World) -> None:
    printed = [team.person_json(each) for each in team.everybody(world.app)]

    (example,) = documented("The JSON of people list")
    assert keys(printed) == keys(example)


def test_the_file_of_screen_is_taken_and_answered_as_documented(world: World) -> None:
    world.search_all()
    (entries,) = documented("The file of screen")

    said = screening.give_verdicts(world.app, actor(ADA), entries)

    assert [said] == documented("The answer of screen")


def test_the_files_of_extract_adjudicate_and_sign_drive_a_review(world: World) -> None:
    world.search_all()
    include(world)
    (extraction,) = documented("The file of extract")
    study = extraction["study"]
    other = json.loads(json.dumps(extraction))
    other["values"][0]["events"] = 8

    extracting.hand_in(world.app, actor(ADA), study, extraction)
    differ = extracting.hand_in(world.app, actor(BEN), study, other)
    value = documented("The file of adjudicate")[1]
    settled = extracting.settle_conflicts(world.app, actor(CY), value)
    (signatures,) = documented("The file of sign")
    sign_signals(world.app, signatures[0]["subject"])
    signed = signing.give_signatures(world.app, actor(DORA), signatures)
    signing.give_signatures(world.app, actor(ADA), signatures)
    published = signing.publish_draft(world.app, actor(DORA), signatures[0]["subject"])

    (example,) = documented("The answer of extract")
    cells = [each["cell"] for each in differ["differences"]]
    assert cells == [each["cell"] for each in example["differences"]]
    assert keys(differ) - keys(example) == {f".differences[].said.{who}" for who in (ADA, BEN)}
    assert settled == documented("The answer of adjudicate")[1]
    assert [signed] == documented("The answer of sign")
    assert [keys(published)] == [keys(each) for each in documented("The answer of publish")]


def test_the_file_of_adjudicate_settles_a_conflict_of_screening(world: World) -> None:
    world.search_all()
    say(world, ADA, verdict="include")
    say(world, BEN, verdict="exclude", criterion="E2")
    ruling = documented("The file of adjudicate")[0]

    said = extracting.settle_conflicts(world.app, actor(CY), ruling)

    assert said == documented("The answer of adjudicate")[0]


def test_every_field_of_an_extraction_is_in_its_schema() -> None:
    schema = COMMANDS.read_text(encoding="utf-8").split("### The file of extract")[1]
    schema = schema.split("### The answer of extract")[0]
    rows = " ".join(line.split("|")[1] for line in schema.splitlines() if line.startswith("| `"))
    named = {name.removeprefix("values[].") for name in re.findall(r"`([^`]+)`", rows)}

    assert named == set(HandIn.model_fields) | set(ReadValue.model_fields)


def test_every_command_and_option_is_documented() -> None:
    text = COMMANDS.read_text(encoding="utf-8")

    for name, command in every_command(get_command(cli), "livingreview"):
        assert f"\n{name} " in text, name
        for parameter in command.params:
            for option in parameter.opts:
                assert option in text or not option.startswith("--"), f"{name} {option}"


def test_every_command_is_found_from_the_list_at_the_top() -> None:
    top = COMMANDS.read_text(encoding="utf-8").split("\n## ")[0]
    words = set(re.findall(r"[\w-]+", " ".join(re.findall(r"\[([^]]+)]\(#", top))))

    for name, _ in every_command(get_command(cli), "livingreview"):
        assert set(name.split()[1:]) <= words, name


def every_command(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the commands below one, each with its whole name."""
    for word, below in getattr(command, "commands", {}).items():
        yield from every_command(below, f"{name} {word}")
    if not hasattr(command, "commands"):
        yield name, command


def test_every_setting_is_documented() -> None:
    read = {name.upper() for name in config.setting_names()}

    documented_ones = set(re.findall(r"`LIVINGREVIEW_([A-Z_]+)`", SETTINGS.read_text("utf-8")))

    assert read == documented_ones - {"VERSION", "VERSION_FOLDER"}


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["version"] == VERSION


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.S)
    links = re.findall(r"\]\(([^)\s]+)\)", text)

    for link in links:
        name, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = document.parent / name if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


def test_every_decision_is_in_the_table_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    rows = re.findall(
        r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \|$", (folder / "README.md").read_text(), re.M
    )

    decided = [(file.name[:4], file.name) for file in sorted(folder.glob("[0-9]*.md"))]
    assert [(number, name) for number, name, _ in rows] == decided


def test_every_page_of_the_documents_is_reached_from_the_readme() -> None:
    text = README.read_text("utf-8")

    for document in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{document.name})" in text


def test_the_pictures_are_small_enough_to_load_on_a_phone() -> None:
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size < 250_000, picture.name


def typed(document: Path, *, word: str) -> list[tuple[str, list[str]]]:
    """Return what a document says was typed ('$ …'), with what it says was printed."""
    blocks = re.findall(r"```\w*\n(\$ .*?)\n```", document.read_text("utf-8"), re.S)
    found: list[tuple[str, list[str]]] = []
    for line in "\n".join(blocks).splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return [each for each in found if each[0].startswith(word)]


def test_the_tour_of_the_readme_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tour = typed(README, word="livingreview ")
    places = {"LIVINGREVIEW_DATA": str(tmp_path / "tour")}
    sources = {f"LIVINGREVIEW_{each}_URL": NOWHERE for each in SERVICES}
    monkeypatch.chdir(ROOT)

    assert len(tour) > 15
    for command, expected in tour:
        words = [word.replace("/tmp/", f"{tmp_path}/") for word in shlex.split(command)[1:]]
        done = CliRunner().invoke(cli, words, env=places | sources)
        assert done.exit_code == 0, f"{command}: {done.output}"
        printed = done.stdout.replace(f"{tmp_path}/", "/tmp/").rstrip().splitlines()
        assert matches(printed, expected), f"{command}\n{done.stdout}"


def matches(printed: list[str], expected: list[str]) -> bool:
    """Whether lines are as a document has them; '…' stands for anything, alone for any lines."""
    pattern = "\n".join(expected)
    return bool(re.fullmatch(re.escape(pattern).replace("…", r"[\s\S]*"), "\n".join(printed)))


def test_the_log_is_read_with_nothing_but_python(world: World, tmp_path: Path) -> None:
    world.search_all()
    for name, program in zip(
        ("chain.py", "read.py"),
        re.findall(r"```python\n(.*?)\n```", DATA_MODEL.read_text("utf-8"), re.S),
        strict=True,
    ):
        (tmp_path / name).write_text(program, encoding="utf-8")
    database = str(world.app.config.data / "review.sqlite")

    chain, read = (
        subprocess.run(
            [sys.executable, "-I", name, database],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("chain.py", "read.py")
    )

    verified = keeping.verified(world.app)
    assert chain == f"{verified['events']} events, head {verified['head']}\n"
    assert len(read.splitlines()) == verified["payloads"]
