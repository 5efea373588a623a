"""A published review as a package holds it: studies, results, analyses as set and as printed. Pure.

Every shape that is read (data packages, RevMan 5 files, study data) becomes these values, and what
is written is made of them. Texts stay as they stand in the file, HTML and all; an empty text is
what the file does not say, and `None` a number that it does not give.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

Pairs = tuple[tuple[str, str], ...]

_TAG = re.compile(r"<[^<>]*>")


class StudyList(StrEnum):
    """The four lists of a Cochrane review in which a study may stand."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    AWAITING = "awaiting"
    ONGOING = "ongoing"


class DataType(StrEnum):
    """What the rows of an analysis hold, in the words of the settings file."""

    DICHOTOMOUS = "Dichotomous"
    CONTINUOUS = "Continuous"
    CONTRAST = "Contrast level"
    O_E = "O-E and variance"


class Weighing(StrEnum):
    """How RevMan weighs the studies."""

    MH = "MH"
    IV = "IV"
    PETO = "PETO"


class Applicability(StrEnum):
    """Which results a row enters."""

    BOTH = "SUBGROUP_AND_OVERALL"
    SUBGROUP = "SUBGROUP_ONLY"
    OVERALL = "OVERALL_ONLY"


class BiasTool(StrEnum):
    """The tool by which a review judged the risk of bias; a review has one."""

    ONE = "RISK_OF_BIAS_1"
    TWO = "RISK_OF_BIAS_2"


@dataclass(frozen=True, slots=True)
class StudyReference:
    """A document about a study: kind (JOURNAL_ARTICLE, …), its parts by name, its identifiers."""

    kind: str
    primary: bool = False
    parts: Pairs = ()
    ids: Pairs = ()

    def part(self, name: str) -> str:
        """Return one part, or nothing."""
        return dict(self.parts).get(name, "")


@dataclass(frozen=True, slots=True)
class PackagedStudy:
    """A study of one of the lists; `year` is a text, as files have 2024/2/2 and nothing at all."""

    name: str
    list: StudyList
    year: str = ""
    data_source: str = ""
    ids: Pairs = ()
    references: tuple[StudyReference, ...] = ()
    characteristics: Pairs = ()
    covariates: Pairs = ()


@dataclass(frozen=True, slots=True)
class PackagedArm:
    """An arm of a study and the intervention of the review's list that it stands for."""

    study: str
    arm: str
    description: str
    intervention: str


@dataclass(frozen=True, slots=True)
class PackagedResult:
    """A row of the study results: what is given, by the name of its column."""

    study: str
    outcome: str
    given: Pairs

    def of(self, column: str) -> str:
        """Return what stands in a column, or nothing."""
        return dict(self.given).get(column, "")

    @property
    def is_contrast(self) -> bool:
        """Whether an arm is told against another: those alone have a reference arm."""
        return bool(self.of("Reference arm"))


@dataclass(frozen=True, slots=True)
class BiasJudgement:
    """One judgement: of a study (tool 1), or of a result of it (tool 2, with what it is about)."""

    study: str
    domain: str
    judgement: str
    support: str = ""
    result: tuple[str, str, str] = ("", "", "")  # tool 2: outcome, data type, effect measure


@dataclass(frozen=True, slots=True)
class PackagedBias:
    """The risk of bias of a review: its tool, its domains in order, its judgements."""

    tool: BiasTool = BiasTool.ONE
    domains: tuple[str, ...] = ()
    judgements: tuple[BiasJudgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """A result as the package prints it: natural scale, I² in per cent, weight in per cent."""

    cases_1: float | None = None
    n_1: float | None = None
    cases_2: float | None = None
    n_2: float | None = None
    weight: float | None = None
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    prediction_lower: float | None = None
    prediction_upper: float | None = None
    tau2: float | None = None
    tau2_lower: float | None = None
    tau2_upper: float | None = None
    chi2: float | None = None
    df: float | None = None
    p: float | None = None
    i2: float | None = None
    z: float | None = None
    t: float | None = None
    p_effect: float | None = None
    between_chi2: float | None = None
    between_df: float | None = None
    between_p: float | None = None
    between_i2: float | None = None


@dataclass(frozen=True, slots=True)
class PackagedRow:
    """A row of an analysis: the figures of a study, and its effect as printed.

    subgroup: the number of its subgroup, or "". bias: domain, judgement and support of tool 2.
    """

    study: str
    year: str = ""
    subgroup: str = ""
    applicability: Applicability = Applicability.BOTH
    giv_mean: float | None = None
    giv_se: float | None = None
    mean_1: float | None = None
    sd_1: float | None = None
    cases_1: float | None = None
    n_1: float | None = None
    mean_2: float | None = None
    sd_2: float | None = None
    cases_2: float | None = None
    n_2: float | None = None
    o_e: float | None = None
    variance: float | None = None
    weight: float | None = None
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    footnote: str = ""
    bias: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PackagedSubgroup:
    """A subgroup of an analysis, and its result as printed."""

    number: str
    name: str
    printed: Printed = Printed()
    id: str = ""


@dataclass(frozen=True, slots=True)
class PackagedAnalysis:
    """An analysis: its settings, its rows, its results as printed.

    group, number: the "1" and the "2" of analysis 1.2. measure: in the words of the settings file
    ("Risk Ratio"). level, row_level: of the pooled results and of the rows, as shares. more: texts
    of the settings that change no number, by column.
    """

    group: str
    number: str
    name: str
    group_name: str
    data_type: DataType
    weighing: Weighing
    measure: str
    log_scale: bool
    random: bool
    tau2: str = ""  # DL or REML; "" where one effect is common
    interval: str = "Wald"  # or HKSJ
    level: float = 0.95
    row_level: float = 0.95
    overall: bool = True
    subgroup_estimates: bool = True
    subgroup_test: bool = True
    prediction: bool = False
    tau2_interval: bool = False
    swap_events: bool = False
    label_1: str = ""
    label_2: str = ""
    graph_1: str = ""
    graph_2: str = ""
    unit: str = ""
    more: Pairs = ()
    rows: tuple[PackagedRow, ...] = ()
    subgroups: tuple[PackagedSubgroup, ...] = ()
    printed: Printed = Printed()
    id: str = ""

    @property
    def key(self) -> str:
        """The analysis as the review numbers it."""
        return f"{self.group}.{self.number}"

    def subgroup_of(self, row: PackagedRow) -> PackagedSubgroup | None:
        """Return the subgroup of a row."""
        return next((each for each in self.subgroups if each.number == row.subgroup), None)


class ConceptKind(StrEnum):
    """What a word of the review's own list names."""

    CHARACTERISTIC = "characteristic"
    COVARIATE = "covariate"
    INTERVENTION = "intervention"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of the review's own list: a characteristic, covariate, intervention or outcome."""

    kind: ConceptKind
    name: str
    description: str = ""
    type: str = ""  # of an outcome: DICHOTOMOUS, CONTINUOUS, …
    values: tuple[str, ...] = ()  # of a covariate


@dataclass(frozen=True, slots=True, order=True)
class NotHeld:
    """What stands in a file and is kept nowhere: what it is, in which file, how many of it."""

    file: str
    what: str
    count: int

    def __str__(self) -> str:
        return f"{self.file}: {self.what} ({self.count})"


@dataclass(frozen=True, slots=True)
class Package:
    """A published review as a package holds it, and what of the package is not held.

    other_references: by the list they stand in (additional, other-published-versions, …).
    """

    id: str
    title: str = ""
    doi: str = ""
    studies: tuple[PackagedStudy, ...] = ()
    arms: tuple[PackagedArm, ...] = ()
    results: tuple[PackagedResult, ...] = ()
    bias: PackagedBias = PackagedBias()
    analyses: tuple[PackagedAnalysis, ...] = ()
    concepts: tuple[Concept, ...] = ()
    other_references: tuple[tuple[str, tuple[StudyReference, ...]], ...] = ()
    not_held: tuple[NotHeld, ...] = field(default=(), compare=False)

    def of(self, held: StudyList) -> tuple[PackagedStudy, ...]:
        """Return the studies of a list."""
        return tuple(each for each in self.studies if each.list is held)


def with_figures(row: PackagedRow, figures: Mapping[str, float | None]) -> PackagedRow:
    """Return a row with other figures, each by its name."""
    changed: dict[str, Any] = dict(figures)
    return replace(row, **changed)


def plain(text: str) -> str:
    """Return a name without HTML, its blanks collapsed: for readers, and to compare two names."""
    return " ".join(html.unescape(_TAG.sub(" ", text) if "<" in text else text).split())


def same_name(one: str, other: str) -> bool:
    """Say whether two names are one but for HTML, blanks and capitals."""
    return plain(one).casefold() == plain(other).casefold()


def named_concepts(package: Package) -> Iterator[Concept]:
    """Give every word that the studies and results use, each once, in the order of its use."""
    included = package.of(StudyList.INCLUDED)
    used = {
        ConceptKind.CHARACTERISTIC: [n for each in included for n, _ in each.characteristics],
        ConceptKind.COVARIATE: [n for each in included for n, _ in each.covariates],
        ConceptKind.INTERVENTION: [each.intervention for each in package.arms],
        ConceptKind.OUTCOME: [each.outcome for each in package.results],
    }
    for kind, names in used.items():
        yield from (Concept(kind, name) for name in dict.fromkeys(names) if name)
