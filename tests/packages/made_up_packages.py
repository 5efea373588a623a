"""Packages with odd but legal contents, by chance: each number of a seed is the same package again.

Arms without people, everybody or nobody with the event, one study alone, subgroups without a name,
rows that count in one result alone, two analyses of one name with other numbers, rows without any.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.review.package.model import (
    Applicability,
    DataType,
    Package,
    PackagedAnalysis,
    PackagedRow,
    PackagedStudy,
    PackagedSubgroup,
    StudyList,
    Weighing,
    with_figures,
)

STUDIES = (
    *("Müller 2001", "O'Neill & Søn 2002", "李 2003", "Ashby 2004", "Ashby 2004a", "stratum"),
    *('Doe, J. "JD" 2005', "a|b 2006", "<i>Trial</i> 2007", "=SUM(A1) 2010", "Naïve  2011"),
)
SUBGROUPS = ("Strong", "Strong ", "", "Naïve & old", "Total", "not stated")
ANALYSES = ("Awake", "Awake", "awake &amp; well", "<b>Sleep</b>", "痛み", "")
TABLES = (("Risk Ratio", True), ("Odds Ratio", True), ("Risk Difference", False))
MEANS = (("Mean Difference", False), ("Std. Mean Difference", False))
GIVEN = (("Rate Ratio", True), ("Hazard Ratio", True), ("Effect", False), ("An odd one", True))
OF_O_E = (("Hazard Ratio", True), ("Peto Odds Ratio", True))
MEASURES: Mapping[DataType, Sequence[tuple[str, bool]]] = {
    DataType.DICHOTOMOUS: TABLES,
    DataType.CONTINUOUS: MEANS,
    DataType.CONTRAST: GIVEN,
    DataType.O_E: OF_O_E,
}
WEIGHINGS: Mapping[DataType, Sequence[Weighing]] = {
    DataType.DICHOTOMOUS: tuple(Weighing),
    DataType.CONTINUOUS: (Weighing.IV,),
    DataType.CONTRAST: (Weighing.IV,),
    DataType.O_E: (Weighing.PETO, Weighing.IV),
}
PEOPLE = ((10, 10), (1, 10), (20, 23), (100, 3), (1, 1), (0, 10), (15.5, 20))
Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Chance:
    """What falls out of a seed."""

    drawn: random.Random

    def one(self, *of: float | None) -> float | None:
        """Return one of some numbers, as files have them."""
        found = self.drawn.choice(of)
        return None if found is None else float(found)

    def happens(self, share: float) -> bool:
        return self.drawn.random() < share

    def people(self) -> tuple[float, float]:
        usual = (self.drawn.randint(5, 300), self.drawn.randint(5, 300))
        one, two = self.drawn.choice((*PEOPLE, *[usual] * len(PEOPLE)))
        return float(one), float(two)


def made_up_package(seed: int) -> Package:
    """Return the package of a seed."""
    chance = Chance(random.Random(seed))
    names = chance.drawn.sample(STUDIES, chance.drawn.randint(1, len(STUDIES)))
    studies = tuple(PackagedStudy(each, StudyList.INCLUDED) for each in names)
    numbers = [(group, number) for group in "12" for number in "123"]
    analyses = tuple(_analysis(chance, *each, names) for each in numbers)
    return Package(id="CD1", title="Tea", studies=studies, analyses=analyses)


def _analysis(chance: Chance, group: str, number: str, names: Sequence[str]) -> PackagedAnalysis:
    draw = chance.drawn
    kind = draw.choice(list(DataType))
    weighing = draw.choice(WEIGHINGS[kind])
    is_peto = weighing is Weighing.PETO
    measure, log_scale = draw.choice(MEASURES[kind])
    if is_peto and kind is DataType.DICHOTOMOUS:
        measure, log_scale = "Peto Odds Ratio", True
    is_random = not is_peto and chance.happens(0.5)
    tau2 = "DL" if weighing is Weighing.MH else draw.choice(["DL", "REML"])
    subgroups = tuple(
        PackagedSubgroup(str(at), name)
        for at, name in enumerate(draw.sample(SUBGROUPS, draw.choice([0, 0, 1, 3])), start=1)
    )
    level = draw.choice([0.95, 0.95, 0.9, 0.99])
    return PackagedAnalysis(
        group=group,
        number=number,
        name=draw.choice(ANALYSES),
        group_name=draw.choice(["Tea v water", ""]),
        data_type=kind,
        weighing=weighing,
        measure=measure,
        log_scale=log_scale,
        random=is_random,
        tau2=tau2 if is_random else "",
        interval=draw.choice(["Wald", "HKSJ"]) if is_random else "Wald",
        level=level,
        row_level=level,
        overall=chance.happens(0.8),
        subgroup_estimates=chance.happens(0.8),
        subgroup_test=chance.happens(0.7),
        prediction=is_random and chance.happens(0.5),
        swap_events=kind is DataType.DICHOTOMOUS and chance.happens(0.2),
        label_1=draw.choice(["Tea", "Water", "", "Tee & Milch"]),
        label_2=draw.choice(["Water", "Tea", "Placebo"]),
        graph_2=draw.choice(["", "Favours water"]),
        subgroups=subgroups,
        rows=tuple(_rows(chance, kind, names, subgroups)),
    )


def _rows(
    chance: Chance, kind: DataType, names: Sequence[str], subgroups: Sequence[PackagedSubgroup]
) -> list[PackagedRow]:
    draw = chance.drawn
    some = min(draw.choice([0, 1, 1, 2, 5, 8]), len(names))
    twice = chance.happens(0.3)
    studies = draw.choices(names, k=some) if twice else draw.sample(list(names), some)
    return [_row(chance, kind, each, subgroups) for each in studies]


def _row(
    chance: Chance, kind: DataType, study: str, subgroups: Sequence[PackagedSubgroup]
) -> PackagedRow:
    draw = chance.drawn
    subgroup = draw.choice(subgroups).number if subgroups and chance.happens(0.9) else ""
    counts = list(Applicability) if subgroup else [Applicability.BOTH, Applicability.OVERALL]
    figures = FIGURES[kind](chance)
    if chance.happens(0.1):
        figures[draw.choice(list(figures))] = None
    row = PackagedRow(
        study=study,
        year=draw.choice(["", "2001", "2024/2/2"]),
        subgroup=subgroup,
        applicability=draw.choice([Applicability.BOTH, Applicability.BOTH, *counts]),
        footnote=draw.choice(["", "", "a note | b", "<p>rich</p>"]),
    )
    return with_figures(row, figures)


def _tables(chance: Chance) -> Figures:
    n_1, n_2 = chance.people()

    def cases(people: float) -> float | None:
        return chance.one(0, people, min(people, 1), people // 2, people // 3)

    return {"cases_1": cases(n_1), "n_1": n_1, "cases_2": cases(n_2), "n_2": n_2}


def _means(chance: Chance) -> Figures:
    n_1, n_2 = chance.people()
    draw = chance.drawn
    return {
        "mean_1": chance.one(0, draw.gauss(0, 5), 1e-5, 12345.678),
        "sd_1": chance.one(draw.uniform(0.1, 5), 1e-3, 0, 2, 3),
        "n_1": n_1,
        "mean_2": draw.gauss(0, 5),
        "sd_2": draw.uniform(0.1, 5),
        "n_2": n_2,
    }


def _given(chance: Chance) -> Figures:
    draw = chance.drawn
    return {
        "giv_mean": draw.gauss(0, 1),
        "giv_se": chance.one(draw.uniform(0.05, 2), 0.3, 0.5, 0),
        "n_1": chance.one(None, 20, 0),
        "n_2": chance.one(None, 30),
    }


def _o_e(chance: Chance) -> Figures:
    draw = chance.drawn
    return {
        "o_e": draw.gauss(0, 3),
        "variance": chance.one(draw.uniform(0.5, 10), 1, 2, 0),
        **{"cases_1": chance.one(None, 3, 0), "n_1": chance.one(None, 20)},
        **{"cases_2": chance.one(None, 5), "n_2": chance.one(None, 20)},
    }


FIGURES: Mapping[DataType, Callable[[Chance], Figures]] = {
    DataType.DICHOTOMOUS: _tables,
    DataType.CONTINUOUS: _means,
    DataType.CONTRAST: _given,
    DataType.O_E: _o_e,
}
