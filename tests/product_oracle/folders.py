"""A review folder made of a table of studies: what a person would write for a data set."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.results.result_json import analysis_json
from bot.review.folder import read_review
from bot.synthesis.assemble import assemble

HERE = Path(__file__).parent
Row = Mapping[str, str]

HEAD = """\
[review]
id = "oracle"
version = "1"
title = "A data set"
short_title = "A data set"
question = "What does metafor say?"
time_zone = "Europe/London"

[[criteria]]
id = "E1"
text = "Everybody."

[[sources]]
id = "library"
kind = "manual"
name = "The library"
schedule = "0 9 1 3,9 *"
strategy = "library.txt"
"""
ROLES = {
    "screener": 2,
    "extractor": 2,
    "adjudicator": 1,
    "lead": 1,
    "information_specialist": 1,
    "operator": 1,
}
TAIL = """
[living]
mode = "trigger"
rationale = "To be held against metafor."
retirement = "Never."
updating_policy = "None."
"""
SIDE = {
    "events": 'event_is = "bad"',
    "rates": 'event_is = "bad"',
    "o_e": 'event_is = "bad"',
    "generic": 'event_is = "bad"',
    "continuous": 'higher_is = "worse"',
    "proportion": "",
}
RATIOS = ("RR", "OR", "PETO", "HR", "IRR", "ROM", "RATIO")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one study, or a part of one, reports: by arm (or pair) the number of each field."""

    study: str
    fields: Mapping[str, Mapping[str, float]]
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Set:
    """A data set: its kind, its studies, and what the protocol says of its analyses."""

    kind: str
    numbers: Sequence[Numbers]
    analyses: Mapping[str, Mapping[str, object]]
    covariates: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    arms: tuple[str, ...] = ("new", "old")
    parts: Mapping[str, str] = field(default_factory=dict)
    studies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    rows: Sequence[str] = ()


def table(name: str) -> list[Row]:
    """Return the rows of a data set."""
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected() -> dict[str, dict[str, Any]]:
    """Return what metafor gave, by the name of the call."""
    return {each["id"]: each for each in json.loads((HERE / "metafor.json").read_text("utf-8"))}


def study_id(label: str) -> str:
    """Return an id for a study of this name."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", label).strip("-._") or "study"


def written(found: Set, folder: Path) -> Path:
    """Write a data set as a review folder."""
    (folder / "baseline").mkdir(parents=True)
    (folder / "strategies").mkdir()
    (folder / "strategies" / "library.txt").write_text("everything\n", encoding="utf-8")
    (folder / "known_items.csv").write_text("id,title,sources,study,confirmed\n", encoding="utf-8")
    (folder / "protocol.toml").write_text(_protocol(found), encoding="utf-8")
    (folder / "baseline" / "studies.toml").write_text(_studies(found), encoding="utf-8")
    (folder / "baseline" / "values.csv").write_text(_values(found), encoding="utf-8")
    if found.rows:
        head = "analysis,study,stratum,subgroup,enters,footnote"
        text = "\n".join([head, *found.rows]) + "\n"
        (folder / "baseline" / "rows.csv").write_text(text, encoding="utf-8")
    return folder


def results(found: Set, folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the product prints of a data set's folder, by analysis."""
    review = read_review(written(found, folder))
    computed = assemble(review.protocol, review.studies, review.values)
    return {each.id: analysis_json(each) for each in computed}


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _block(section: str, keys: Mapping[str, object]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
    return "\n".join(["", f"[[{section}]]", *lines, ""])


def _protocol(found: Set) -> str:
    compares = found.kind != "proportion"
    parts = [HEAD]
    parts += [_block("roles", {"id": r, "seats": n, "text": r}) for r, n in ROLES.items()]
    for arm in (*found.arms, *found.parts):
        of = {"part_of": found.parts[arm]} if arm in found.parts else {}
        parts.append(_block("arms", {"id": arm, "label": arm, **of}))
    outcome = {"id": "it", "label": "It", "kind": found.kind, "time_point": "the end"}
    parts.append(_block("outcomes", outcome).rstrip() + f"\n{SIDE[found.kind]}\n")
    if compares:
        compared = {"id": "pair", "label": "The two", "arms": list(found.arms)}
        parts.append(_block("comparisons", compared))
    names = {name for each in found.covariates.values() for name in each}
    for name in sorted(names):
        kind = found.kinds.get(name, "category")
        parts.append(_block("covariates", {"id": name, "label": name, "kind": kind}))
    parts += [_analysis(own, found, keys) for own, keys in found.analyses.items()]
    return "".join([*parts, TAIL])


def _analysis(own: str, found: Set, keys: Mapping[str, object]) -> str:
    planned: dict[str, object] = {"id": own, "outcome": "it", "method": "IV", "model": "random"}
    planned |= {"arm_1": found.arms[0]}
    if found.kind != "proportion":
        null = 1 if keys["measure"] in RATIOS else 0
        good = found.arms[0] if keys.get("swap_events") else found.arms[1]
        planned |= {"comparison": "pair", "arm_2": found.arms[1]}
        planned |= {"direction": f"above {null} favours {good}"}
    return _block("analyses", {**planned, **keys})


def _studies(found: Set) -> str:
    parts = []
    for label in dict.fromkeys(each.study for each in found.numbers):
        fields = [each.fields for each in found.numbers if each.study == label]
        arms = sorted({arm for each in fields for of in each for arm in of.split("+")})
        keys: dict[str, object] = {"id": study_id(label), "label": label, "design": "parallel"}
        keys |= {"arms": arms, **found.studies.get(label, {})}
        if label in found.covariates:
            keys["covariates"] = found.covariates[label]
        parts.append(_block("studies", keys) + f'[[studies.reports]]\ncitation = "{label}"\n')
    return "".join(parts)


def _values(found: Set) -> str:
    lines = [
        "study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how,stratum"
    ]
    for each in found.numbers:
        for arms, fields in each.fields.items():
            lines += [
                f"{study_id(each.study)},it,the end,{arms},{name},{number!r},,published,the paper,"
                f",,,{each.stratum}"
                for name, number in fields.items()
            ]
    return "\n".join(lines) + "\n"


def two_arms(
    rows: Iterable[Row], label: Sequence[str], one: Mapping[str, str], two: Mapping[str, str]
) -> list[Numbers]:
    """Return the numbers of tables with a column for each field of each arm."""
    return [
        Numbers(
            " ".join(row[each] for each in label),
            {
                "new": {name: float(row[column]) for name, column in one.items()},
                "old": {name: float(row[column]) for name, column in two.items()},
            },
        )
        for row in rows
    ]
