"""What versions print is what the log says, counted by another hand; a wrong word is seen."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import second_lists, second_log, second_reader, second_searches, second_words
from tests.mutations import MUTATIONS
from tests.second_reader_check import amiss, names_of, played, read

READER = (second_reader, second_log, second_lists, second_searches, second_words)
SEED = 20261201
MOST_LINES = 300  # of a module: it is to be read by who doubts the program

Year = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return played(tmp_path_factory.mktemp("year") / "data")


def test_nothing_that_the_versions_of_a_year_print_differs_from_the_log(year: Year) -> None:
    log, versions = year

    assert [each["version"] for each in versions] == ["3.0", "3.1", "3.2"]
    assert read(log, versions) == []


def test_the_year_has_what_it_is_to_be_read_for(year: Year) -> None:
    log, (_, first, second) = year

    assert first["since_last"]["failed"] == 1
    assert [each["withdrawn"] for each in first["searches"]].count(True) == 1
    assert (first["process"]["conflicts"], first["process"]["adjudicated"]) == (2, 1)
    assert {each["how"] for each in first["excluded"]} == {
        "independently",
        "agreed after a conflict",
    }
    assert {each["notices"][0]["kind"] for each in second["notices"]} == {"retraction", "erratum"}
    assert second["since_last"]["taken_out"] == [["Azulay 1994", "excluded"]]
    assert (second["protocol_version"], second["previous"]) == ("2", "3.1")
    assert any(each["sealed"] for each in log)
    assert "version_rejected" in {each["kind"] for each in log}


@pytest.mark.parametrize("place", range(len(MUTATIONS)), ids=[each.name for each in MUTATIONS])
def test_one_wrong_word_in_the_log_turns_its_lines_false_and_no_other(
    year: Year, place: int
) -> None:
    log, versions = year

    assert list(amiss(log, versions, SEED + place, [MUTATIONS[place]])) == [], f"seed {SEED}"


def test_every_kind_that_the_reader_takes_up_has_its_mutation() -> None:
    mutated = {each.kind for each in MUTATIONS}
    # In no year so far: nobody's name changes, nobody retires or leaves work waiting, no draft is
    # put up again, no task is opened again, and no strategy of several searches comes into force.
    not_played = {"person_changed", "person_retired", "version_put_up_again", "task_reopened"}
    not_played |= {"work_passed", "work_returned", "strategy_adopted"}

    assert set(second_log.TAKEN) - mutated == not_played


def test_a_line_that_is_printed_falsely_is_found(year: Year) -> None:
    log, (_, _, version) = year
    people = [{**version["people"][0], "did": "6 verdicts"}, *version["people"][1:]]
    flow = {**version["flow"], "this_version": {**version["flow"]["this_version"], "duplicates": 9}}

    found = read(log, [{**version, "people": people, "flow": flow, "notices": []}])

    names = names_of(found)
    assert names[:2] == ["flow.this_version.duplicates", "notices.n"]
    assert {"people[Ada Byron].did"} == {each for each in names if each.startswith("people")}


def test_what_is_said_of_numbers_is_held_against_the_changes_that_a_version_lists(
    year: Year,
) -> None:
    log, (_, version, _) = year
    light = [{"changes_conclusions": False}]
    lines = {**version, "signals": light, "since_last": {"included": [], "taken_out": []}}
    lines["notices"] = []
    moved: list[dict[str, list[str]]] = [{"studies_added": [], "studies_removed": []}]
    pooled = [{"studies_added": [], "studies_removed": ["Doe 2026"]}]

    assert [second_words.conclusion(lines, each).split(";")[0] for each in ([], moved)] == [
        "No result moved",
        "Results moved",
    ]
    steady = ["No study entered or left the review."]
    assert [list(second_words.whats_new(lines, each)) for each in ([], moved, pooled)] == [
        steady,
        steady,
        [],
    ]


def test_every_notice_up_to_an_erratum_is_grave_and_an_update_is_not() -> None:
    later = {"update", "comment"}

    assert set(second_lists.GRAVE) == set(second_log.HAPPENED) - later


def test_a_task_that_is_opened_again_is_judged_no_more(year: Year) -> None:
    log, (*_, version) = year
    settled = next(
        e for e in log if e["kind"] == "task_settled" and e["subject"].startswith("notice:")
    )
    again = {**settled, "kind": "task_reopened"}

    review = second_log.Review([*log[: settled["seq"]], again])

    assert settled["subject"] not in review.tasks
    assert second_log.Review(log[: settled["seq"]]).tasks[settled["subject"]]


def test_a_log_in_which_three_read_what_two_read_is_told_of_and_stops_nothing(year: Year) -> None:
    log, versions = year
    again = next(i for i, e in enumerate(log) if e["kind"] == "ruling_given")
    of = log[again]["subject"]
    given = next(e for e in log if e["kind"] == "verdict_given" and e["subject"] == of)
    third = {**given, "fact": {**given["fact"], "person": "a third"}}

    assert "people.n" in names_of(read([*log[:again], third, *log[again + 1 :]], versions))


def test_the_reader_imports_nothing_of_ours_and_can_be_read() -> None:
    own = {each.__name__ for each in READER}

    for each in READER:
        text = Path(str(each.__file__)).read_text("utf-8")
        assert text.count("\n") <= MOST_LINES
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
        named = {str(node.module) for node in nodes}
        names = {
            name.name
            for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.Import)
            for name in n.names
        }
        assert {name for name in named | names if name.split(".")[0] not in STANDARD} <= own


STANDARD = sys.stdlib_module_names


def test_the_reader_says_what_differs_and_ends_with_1(
    year: Year, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, (_, version, _) = year
    paths = tmp_path / "log.jsonl", tmp_path / "results.json"
    paths[0].write_text("".join(f"{json.dumps(each)}\n" for each in log))
    paths[1].write_text(json.dumps(version))
    assert second_reader.main(paths) == 0
    paths[1].write_text(json.dumps({**version, "cause": "no cause"}))

    assert second_reader.main(paths) == 1

    assert "3.1 cause: printed 'no cause', by the log 'Doe 2026 listed" in capsys.readouterr().out
