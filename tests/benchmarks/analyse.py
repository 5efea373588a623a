"""What `analyse` costs of a large review: 200 studies of 40 outcomes, 36,000 numbers.

Measured are the first start with its report (the tables of methods among it), pooling alone,
`analyse` when nothing moved, and what one new value costs beside the whole.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

from bot.app import open_app
from bot.config import read_config
from bot.synthesis import synthesise
from bot.synthesis.inputs_in_force import Inputs, inputs_of_now
from bot.work.begin import begin
from extraction.model import Field
from state.codec import dumped
from tests.benchmarks.commands import PROGRAM, used_s
from tests.benchmarks.figures import Figure
from tests.bot.a_review import PROTOCOL

STUDIES, OUTCOMES = 200, 40
FIRST_WITH_TABLES_S, POOLING_S, UNMOVED_S = 60.0, 5.0, 1.0
ONE_VALUE_SHARE = 0.25  # of pooling all of them: one analysis of forty, and looking which it is
AGAIN = 5  # times that nothing moved: the least of them is the least that others disturbed
ANALYSE = (*PROGRAM, "analyse")
ROOT = Path(__file__).parents[2]
SEED = 20_261_201


def figures() -> Iterator[Figure]:
    """Measure the command and its parts, in seconds of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        review, data = write_large_review(Path(folder) / "review"), Path(folder) / "data"
        around = {
            **os.environ,
            "LIVINGREVIEW_DATA": str(data),
            "LIVINGREVIEW_REVIEW": str(review),
            "PYTHONPATH": str(ROOT),
        }
        around.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start compiles what was changed
        of = f"analyse, {STUDIES} studies of {OUTCOMES} outcomes"
        first, *again = (used_s(ANALYSE, around, must_end_well=True) for _ in range(AGAIN + 1))
        yield Figure(f"{of}: first start, report and all", first, FIRST_WITH_TABLES_S, "s", 1.0)
        yield Figure(f"{of}: nothing moved", min(again), UNMOVED_S, "s", 1.0)
        pooling, one_value = _pooling(around, data)
    yield Figure(f"{of}: pooling", pooling, POOLING_S, "s", 1.0)
    yield Figure(f"{of}: one value moved, to pooling all", one_value, pooling, "s", ONE_VALUE_SHARE)


def _pooling(around: dict[str, str], data: Path) -> tuple[float, float]:
    """Return the seconds that pooling everything takes, and those after one value changed."""
    app = open_app(read_config(around, data))
    try:
        begin(app)
        with app.database.reading() as connection:
            inputs = inputs_of_now(app, connection)
            whole = _spent(lambda: synthesise.pooled(app, inputs))
            moved = _with_one_value_moved(inputs)
            one = _spent(lambda: synthesise.pooled_anew(app, connection, moved))
    finally:
        app.close()
    return whole, one


def _spent(work: Callable[[], object]) -> float:
    begun = process_time()
    work()
    return process_time() - begun


def _with_one_value_moved(inputs: Inputs) -> Inputs:
    """Return inputs in which one study had one event more."""
    at = next(at for at, each in enumerate(inputs.values) if each.value.cell.field is Field.EVENTS)
    one = inputs.values[at]
    more = replace(one, value=replace(one.value, number=one.value.number + 1))
    values = (*inputs.values[:at], more, *inputs.values[at + 1 :])
    said = [*inputs.json["values"]]
    said[at] = said[at] | {"value": dumped(more.value)}
    return replace(inputs, values=values, json=inputs.json | {"values": said})


def write_large_review(folder: Path) -> Path:
    """Write the folder of a made-up review; the same numbers each time."""
    chance = random.Random(SEED)
    lines = ["study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how"]
    for study in range(STUDIES):
        for outcome in range(OUTCOMES):
            lines += _values(study, outcome, chance)
    files = {
        "protocol.toml": _protocol(),
        "strategies/pubmed.txt": "tea AND tired*\n",
        "strategies/library.txt": "tea\n",
        "known_items.csv": "id,title,sources,study,confirmed\n",
        "baseline/studies.toml": "".join(map(_study, range(STUDIES))),
        "baseline/values.csv": "\n".join([*lines, ""]),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _protocol() -> str:
    """Return the protocol of the small review with many outcomes, by turns of three kinds."""
    head, _, rest = PROTOCOL.partition("[[outcomes]]")
    tail = rest[rest.index("[[signal_rules]]") :].replace('preceding_doi = "10.1000/tea.1"\n', "")
    outcomes = "".join(map(_outcome, range(OUTCOMES)))
    comparison = '[[comparisons]]\nid = "tea-water"\nlabel = "Tea"\narms = ["tea", "water"]\n\n'
    return head + outcomes + comparison + "".join(map(_analysis, range(OUTCOMES))) + tail


def _is_of_means(outcome: int) -> bool:
    return outcome % 4 == 3


def _outcome(number: int) -> str:
    kind = (
        'kind = "continuous"\nhigher_is = "better"\nunit = "points"'
        if _is_of_means(number)
        else 'kind = "events"\nevent_is = "good"'
    )
    return (
        f'[[outcomes]]\nid = "o{number}"\nlabel = "Outcome {number}"\n{kind}\n'
        'time_point = "one hour"\n\n'
    )


def _analysis(number: int) -> str:
    ways = {
        0: 'measure = "RR"\nmethod = "MH"\nmodel = "common"\ndirection = "above 1 favours tea"',
        1: 'measure = "OR"\nmethod = "IV"\nmodel = "random"\ndirection = "above 1 favours tea"',
        2: 'measure = "RR"\nmethod = "IV"\nmodel = "random"\ndirection = "above 1 favours tea"',
        3: 'measure = "MD"\nmethod = "IV"\nmodel = "random"\ndirection = "above 0 favours tea"',
    }
    return (
        f'[[analyses]]\nid = "{number + 1}"\noutcome = "o{number}"\ncomparison = "tea-water"\n'
        f'arm_1 = "tea"\narm_2 = "water"\n{ways[number % 4]}\n\n'
    )


def _study(number: int) -> str:
    return (
        f'[[studies]]\nid = "s{number}"\nlabel = "Made up {1980 + number % 45}, {number}"\n'
        'design = "parallel"\narms = ["tea", "water"]\n\n'
        f'[[studies.reports]]\ncitation = "Tea number {number}. A Journal"\n\n'
    )


def _unit(field: str) -> str:
    return "points" if field in ("mean", "sd") else ""


def _values(study: int, outcome: int, chance: random.Random) -> list[str]:
    risk, effect = 0.05 + 0.4 * (outcome / OUTCOMES), chance.gauss(0.2, 0.3)
    people = chance.randint(20, 400)
    found: list[str] = []
    for arm, shift in (("tea", effect), ("water", 0.0)):
        if _is_of_means(outcome):
            numbers = {
                "mean": round(20 + 4 * shift + chance.gauss(0, 1), 2),
                "sd": round(chance.uniform(3, 9), 2),
                "n": people,
            }
        else:
            share = min(0.95, risk * 2.718**shift)
            numbers = {"events": sum(chance.random() < share for _ in range(people))}
            numbers |= {"total": people}
        place = f"s{study},o{outcome},one hour,{arm}"
        found += [
            f"{place},{field},{number},{_unit(field)},published,a leaflet,,,"
            for field, number in numbers.items()
        ]
    return found
