"""The three tables of a package's analyses: settings, subgroups, rows. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.review.package.model import (
    Applicability,
    NotHeld,
    PackagedAnalysis,
    PackagedRow,
    PackagedSubgroup,
    same_name,
)
from bot.review.package.package_table import Line, Table, table
from bot.review.package.settings_words import (
    DATA_TYPES,
    EFFECTS,
    ESTIMATORS,
    FIGURES,
    INTERVALS,
    KEPT_TEXTS,
    OF_KIND,
    PRINTED,
    RANDOM,
    WEIGHINGS,
    not_computed,
    one_of,
    printed,
    share,
)

NUMBERED = ("Analysis group", "Analysis number")
OF_SETTINGS = (*NUMBERED, "Analysis name", "Data type", "Statistical method", "Effect measure")
OF_ROWS = (*NUMBERED, "Study")
OF_SUBGROUPS = (*NUMBERED, "Subgroup", "Subgroup number")
JUDGEMENT, SUPPORT = " (judgement)", " (support)"
_APPLICABLE = {each.value.casefold(): each for each in Applicability}
_APPLICABLE[""] = Applicability.BOTH


@dataclass(frozen=True, slots=True)
class ReadAnalyses:
    """The analyses of a package, and what of their tables is not held."""

    analyses: tuple[PackagedAnalysis, ...]
    not_held: tuple[NotHeld, ...]


@dataclass(frozen=True, slots=True)
class AnalysisFiles:
    """The bytes of the three tables, each with its file's name; None where there is none."""

    settings: tuple[str, bytes] | None = None
    subgroups: tuple[str, bytes] | None = None
    rows: tuple[str, bytes] | None = None


def read_analyses(files: AnalysisFiles) -> ReadAnalyses:
    """Read the tables of the analyses; raise PackageFaults for what is no table or no number."""
    settings = table(*files.settings, OF_SETTINGS) if files.settings else None
    subgroups = table(*files.subgroups, OF_SUBGROUPS) if files.subgroups else None
    rows = table(*files.rows, OF_ROWS) if files.rows else None
    analyses = [_analysis(line) for line in settings.lines] if settings else []
    _each_once(settings, analyses)
    of_subgroups = _by_analysis(subgroups)
    of_rows = _by_analysis(rows)
    whole = [
        _with_rows(each, of_subgroups.pop(each.key, []), of_rows.pop(each.key, []))
        for each in analyses
    ]
    not_held = [each for read in (settings, subgroups, rows) if read for each in read.unread()]
    not_held += _without_settings(of_subgroups) + _without_settings(of_rows)
    not_held += _of_another_kind(analyses, rows)
    return ReadAnalyses(tuple(whole), tuple(not_held))


def _each_once(settings: Table | None, analyses: Sequence[PackagedAnalysis]) -> None:
    seen: set[str] = set()
    for line, each in zip(settings.lines if settings else (), analyses, strict=True):
        if each.key in seen:
            raise line.wrong("Analysis number", f"'{each.key}' a second time", "each once")
        seen.add(each.key)


def _by_analysis(read: Table | None) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in read.lines if read else ():
        found[".".join(line.needed(column) for column in NUMBERED)].append(line)
    return found


def _without_settings(left: Mapping[str, Sequence[Line]]) -> list[NotHeld]:
    return [
        NotHeld(lines[0].file, f"rows of analysis {key}, which has no settings", len(lines))
        for key, lines in left.items()
    ]


def _analysis(line: Line) -> PackagedAnalysis:
    random = one_of(line, "Analysis model", RANDOM) if line.word("Analysis model") else False
    level = share(line, "CI/PI level", "Estimate CI") or 0.95
    estimator = one_of(line, "Heterogeneity estimator", ESTIMATORS)
    return PackagedAnalysis(
        group=line.needed("Analysis group"),
        number=line.needed("Analysis number"),
        name=line.text("Analysis name"),
        group_name=line.text("Analysis group name"),
        data_type=one_of(line, "Data type", DATA_TYPES),
        weighing=one_of(line, "Statistical method", WEIGHINGS),
        measure=line.needed("Effect measure"),
        log_scale=line.flag("Log-scale data", otherwise=False),
        random=random,
        tau2=(estimator or "DL") if random else "",
        interval=one_of(line, "CI method", INTERVALS),
        level=level,
        row_level=share(line, "Study CI") or level,
        overall=line.flag("Overall estimates", otherwise=True),
        subgroup_estimates=line.flag("Subgroup estimates", otherwise=True),
        subgroup_test=line.flag("Test for subgroup differences", otherwise=True),
        prediction=line.flag("Prediction interval", otherwise=False),
        tau2_interval=line.flag("Tau² CI", otherwise=False),
        swap_events=line.flag("Swap event and non-event", otherwise=False),
        label_1=line.text("Experimental group label"),
        label_2=line.text("Control group label"),
        graph_1=line.text("Graph label (left)"),
        graph_2=line.text("Graph label (right)"),
        unit=line.text("Unit of effect measure"),
        more=tuple((name, line.text(name)) for name in KEPT_TEXTS if line.text(name)),
        printed=printed(_numbers(line, PRINTED)),
        id=line.word("ID"),
    )


def _numbers(line: Line, columns: Mapping[str, str]) -> dict[str, float | None]:
    return {name: line.number_of(column) for name, column in columns.items()}


def _with_rows(
    analysis: PackagedAnalysis, subgroups: Sequence[Line], rows: Sequence[Line]
) -> PackagedAnalysis:
    named = [_subgroup(line) for line in subgroups]
    read = [_row(line, analysis, named) for line in rows]
    return replace(analysis, subgroups=tuple(named), rows=tuple(read))


def _subgroup(line: Line) -> PackagedSubgroup:
    return PackagedSubgroup(
        number=line.needed("Subgroup number"),
        name=line.text("Subgroup"),
        printed=printed(_numbers(line, PRINTED)),
        id=line.word("ID"),
    )


def _row(line: Line, analysis: PackagedAnalysis, named: list[PackagedSubgroup]) -> PackagedRow:
    """Read a row; a subgroup that only rows name is added to those of its analysis."""
    line.read.add("Analysis name")  # that of its settings
    figures = _numbers(line, FIGURES)
    effect = _numbers(line, EFFECTS)
    if not_computed(effect):
        effect = {}
    kept = {name: figures[name] for name in FIGURES if name in OF_KIND[analysis.data_type]}
    return PackagedRow(
        study=line.needed("Study"),
        year=line.word("Study year"),
        subgroup=_subgroup_number(line, named),
        applicability=one_of(line, "Applicability", _APPLICABLE),
        footnote=line.text("Footnotes"),
        bias=tuple(_judged(line)),
        **kept,
        **effect,
    )


def _subgroup_number(line: Line, named: list[PackagedSubgroup]) -> str:
    name, given = line.text("Subgroup"), line.word("Subgroup number")
    if not name.strip() and not given:
        return ""
    for each in named:
        if each.number == given or (not given and same_name(each.name, name)):
            return each.number
    added = given or str(len(named) + 1)
    named.append(PackagedSubgroup(added, name))
    return added


def _judged(line: Line) -> Iterator[tuple[str, str, str]]:
    """Give the judgements of tool 2, which stand in the row of the result that they are about."""
    for column in line.cells:
        if column.endswith(JUDGEMENT):
            domain = column.removesuffix(JUDGEMENT)
            judged, support = line.word(column), line.text(domain + SUPPORT)
            if judged or support:
                yield domain, judged, support


def _of_another_kind(analyses: Sequence[PackagedAnalysis], rows: Table | None) -> Iterator[NotHeld]:
    """Name the figures that stand in rows of another kind of data, zeros apart."""
    kinds = {each.key: each.data_type for each in analyses}
    counted: Counter[tuple[str, str]] = Counter()
    for line in rows.lines if rows else ():
        kind = kinds.get(".".join(line.needed(column) for column in NUMBERED))
        for name, column in FIGURES.items():
            if kind is not None and name not in OF_KIND[kind] and line.number_of(column):
                counted[column, kind.value] += 1
    for (column, named), count in counted.items():
        yield NotHeld(rows.file if rows else "", f"'{column}' in rows of kind {named}", count)
