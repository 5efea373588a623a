"""A package of the shape of 2026, written so that reading it gives the same model again. Pure."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from bot.review.package.cited import cited_text
from bot.review.package.json_words import FILE_OF
from bot.review.package.json_writing import study_data_text
from bot.review.package.model import (
    BiasTool,
    Package,
    PackagedAnalysis,
    PackagedRow,
    PackagedStudy,
    Printed,
    StudyList,
)
from bot.review.package.package_table import NOT_APPLICABLE
from bot.review.package.settings_words import EFFECTS, FIGURES, KEPT_TEXTS, PRINTED
from bot.review.package.study_tables import (
    CHAR,
    COV,
    DOMAIN_1,
    DOMAIN_2,
    ID,
    RESULT_COLUMNS,
    SUPPORT_1,
    SUPPORT_2,
)

Cells = Sequence[str]

ONLY_OVERALL = ("between_chi2", "between_df", "between_p", "between_i2")
ONLY_SUBGROUPS = ("weight",)
NOT_OF_SUBGROUPS = ("prediction_lower", "prediction_upper", *ONLY_OVERALL)
_INFO = """<html><head><title>Data package</title></head><body>
{title}{doi}<div><h1>Data package</h1>
<p>Written by livingreview in the shape of the Cochrane review data package.</p></div>
</body></html>
"""
_TITLE_LINE = "<h1>Supplementary material to: {0}</h1>\n"
_DOI_LINE = (
    '<p><span class="doi"><a href="https://doi.org/{0}">https://doi.org/{0}</a></span></p>\n'
)


def package_files(package: Package) -> dict[str, bytes]:
    """Return the files of a package by their paths; a file without rows is left out."""
    own = f"{package.id}-" if package.id else ""
    files = {
        f"{own}analysis-data/{own}overall-estimates-and-settings.csv": _settings(package),
        f"{own}analysis-data/{own}subgroup-estimates.csv": _subgroups(package),
        f"{own}analysis-data/{own}data-rows.csv": _rows(package),
        f"{own}study-data/{own}study-arms.csv": _arms(package),
        f"{own}study-data/{own}study-results.csv": _results(package),
        f"{own}study-data/{own}risk-of-bias.csv": _bias(package),
        f"{own}data-package-info.html": _info(package),
    }
    for held in StudyList:
        mark = "" if held is StudyList.INCLUDED else f"{held}-"
        path = f"{own}study-data/{own}"
        files[f"{path}{mark}study-information.csv"] = _studies(package.of(held))
        files[f"{path}{held}.ris"] = _ris(package.of(held))
        if package.of(held):
            files[f"{path}{FILE_OF[held]}.json"] = study_data_text(package, held)
    for name, references in package.other_references:
        text = cited_text([("", each) for each in references])
        files[f"{own}other-references/{own}{name}.ris"] = text
    return {path: text.encode() for path, text in files.items() if text}


def number_text(number: float | None) -> str:
    """Write a number with every digit that it has; a whole one without a point."""
    if number is None:
        return ""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    mantissa, mark, exponent = repr(number).partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def _text(columns: Cells, rows: Iterable[Cells], *, empty: bool = False) -> str:
    """Write a table; nothing where it has no row, but for one whose head says something."""
    listed = list(rows)
    if not listed and not empty:
        return ""
    stream = io.StringIO(newline="")
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(columns)
    table.writerows(listed)
    return stream.getvalue()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _percent(level: float) -> str:
    return f"{round(level * 100, 6):g}%"


# The settings file, column by column: what stands there of an analysis.
_SETTINGS_ORDER = (
    *("Analysis group", "Analysis number", "Analysis name", "Analysis group name", "Data source"),
    *("Data source eligibility", "Data type", "Log-scale data", "Outcome"),
    *("Intervention grouping", "Experimental intervention", "Control intervention"),
    *("Subgroup by", "Filter criteria", "Experimental group label", "Control group label"),
    *("Statistical method", "Effect measure", "Unit of effect measure", "Analysis model"),
    *("Heterogeneity estimator", "Tau² CI", "Subgroup estimates", "Overall estimates"),
    *("Test for subgroup differences", "Prediction interval", "Swap event and non-event"),
    *("CI method", "CI/PI level", "Sort studies by", "Graph label (left)"),
    *("Graph label (right)", "Graph scale", "Show risk of bias"),
)
ROW_LEVEL = "Study CI"  # as version 1 has it: only where rows have another level than results


def _settings(package: Package) -> str:
    apart = [ROW_LEVEL] if any(a.row_level != a.level for a in package.analyses) else []
    printed = {name: column for name, column in PRINTED.items() if name not in ONLY_SUBGROUPS}
    columns = [*_SETTINGS_ORDER, *apart, *printed.values(), "ID"]
    rows = []
    for each in package.analyses:
        cells = (
            _setting_cells(each)
            | _printed_cells(each.printed)
            | {ROW_LEVEL: _percent(each.row_level)}
        )
        rows.append([cells.get(column, "") for column in columns])
    return _text(columns, rows)


def _setting_cells(analysis: PackagedAnalysis) -> dict[str, str]:
    more = dict(analysis.more)
    return {
        **{name: more.get(name, "") for name in KEPT_TEXTS},
        "Analysis group": analysis.group,
        "Analysis number": analysis.number,
        "Analysis name": analysis.name,
        "Analysis group name": analysis.group_name,
        "Data type": analysis.data_type,
        "Log-scale data": _flag(analysis.log_scale),
        "Experimental group label": analysis.label_1,
        "Control group label": analysis.label_2,
        "Statistical method": analysis.weighing,
        "Effect measure": analysis.measure,
        "Unit of effect measure": analysis.unit,
        "Analysis model": "Random effect" if analysis.random else "Fixed effect",
        "Heterogeneity estimator": analysis.tau2 or NOT_APPLICABLE,
        "Tau² CI": _flag(analysis.tau2_interval),
        "Subgroup estimates": _flag(analysis.subgroup_estimates),
        "Overall estimates": _flag(analysis.overall),
        "Test for subgroup differences": _flag(analysis.subgroup_test),
        "Prediction interval": _flag(analysis.prediction),
        "Swap event and non-event": _flag(analysis.swap_events),
        "CI method": analysis.interval,
        "CI/PI level": _percent(analysis.level),
        "Graph label (left)": analysis.graph_1,
        "Graph label (right)": analysis.graph_2,
        "ID": analysis.id,
    }


def _printed_cells(printed: Printed) -> dict[str, str]:
    return {column: number_text(getattr(printed, name)) for name, column in PRINTED.items()}


def _subgroups(package: Package) -> str:
    printed = {name: column for name, column in PRINTED.items() if name not in NOT_OF_SUBGROUPS}
    leading = ("Analysis group", "Analysis number", "Subgroup", "Subgroup number")
    rows = [
        [
            *(analysis.group, analysis.number, each.name, each.number),
            *(number_text(getattr(each.printed, name)) for name in printed),
            each.id,
        ]
        for analysis in package.analyses
        for each in analysis.subgroups
    ]
    return _text([*leading, *printed.values(), "ID"], rows)


def _rows(package: Package) -> str:
    domains = list(
        dict.fromkeys(
            domain for a in package.analyses for row in a.rows for domain, _, _ in row.bias
        )
    )
    columns = [
        *("Analysis group", "Analysis number", "Analysis name", "Subgroup", "Subgroup number"),
        *("Applicability", "Study", "Study year", *FIGURES.values(), *EFFECTS.values()),
        "Footnotes",
        *(f"{domain}{mark}" for domain in domains for mark in (DOMAIN_2, SUPPORT_2)),
    ]
    rows = [
        [*_row(analysis, row), *_judged(row, domains)]
        for analysis in package.analyses
        for row in analysis.rows
    ]
    return _text(columns, rows)


def _row(analysis: PackagedAnalysis, row: PackagedRow) -> Cells:
    subgroup = analysis.subgroup_of(row)
    return [
        *(analysis.group, analysis.number, analysis.name),
        *((subgroup.name, subgroup.number) if subgroup else ("", "")),
        *(row.applicability, row.study, row.year),
        *(number_text(getattr(row, name)) for name in (*FIGURES, *EFFECTS)),
        row.footnote,
    ]


def _judged(row: PackagedRow, domains: Sequence[str]) -> Iterator[str]:
    known = {domain: (judgement, support) for domain, judgement, support in row.bias}
    for domain in domains:
        yield from known.get(domain, ("", ""))


# What is told of a study in columns of its own, by how their names begin.
_TOLD: dict[str, Callable[[PackagedStudy], Sequence[tuple[str, str]]]] = {
    ID: attrgetter("ids"),
    CHAR: attrgetter("characteristics"),
    COV: attrgetter("covariates"),
}


def _studies(studies: Sequence[PackagedStudy]) -> str:
    columns = [column for kind in _TOLD for column in _columns(kind, studies)]
    rows = [_study_row(each, columns) for each in studies]
    return _text(["Study", "Year", "Data source", *columns], rows)


def _columns(kind: str, studies: Sequence[PackagedStudy]) -> list[str]:
    return _names(f"{kind}{name}" for each in studies for name, _ in _TOLD[kind](each))


def _study_row(study: PackagedStudy, columns: Sequence[str]) -> list[str]:
    told = {f"{kind}{name}": text for kind, of in _TOLD.items() for name, text in of(study)}
    return [study.name, study.year, study.data_source, *(told.get(each, "") for each in columns)]


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _ris(studies: Sequence[PackagedStudy]) -> str:
    return cited_text([(each.name, one) for each in studies for one in each.references])


def _arms(package: Package) -> str:
    rows = [[each.study, each.arm, each.description, each.intervention] for each in package.arms]
    return _text(["Study", "Arm", "Description", "Intervention"], rows)


def _results(package: Package) -> str:
    rows = [
        [each.study, each.outcome, *(each.of(column) for column in RESULT_COLUMNS[2:])]
        for each in package.results
    ]
    return _text(RESULT_COLUMNS, rows)


def _bias(package: Package) -> str:
    """Write the risk of bias: a row a study by tool 1, a row a result by tool 2."""
    bias = package.bias
    second = bias.tool is BiasTool.TWO
    about = ["Outcome", "Data type", "Effect measure"] if second else []
    known = {
        (each.study, each.result, each.domain): (each.judgement, each.support)
        for each in bias.judgements
    }
    headed = [
        head
        for domain in bias.domains
        for head in (
            (f"{domain}{DOMAIN_2}", f"{domain}{SUPPORT_2}")
            if second
            else (f"{DOMAIN_1}{domain}", f"{SUPPORT_1}{domain}")
        )
    ]
    rows = [
        [
            study,
            *(result if second else ()),
            *(cell for d in bias.domains for cell in known.get((study, result, d), ("", ""))),
        ]
        for study, result in dict.fromkeys((each.study, each.result) for each in bias.judgements)
    ]
    return _text(["Study", *about, *headed], rows, empty=bool(headed))


def _info(package: Package) -> str:
    doi = _DOI_LINE.format(html.escape(package.doi)) if package.doi else ""
    title = _TITLE_LINE.format(html.escape(package.title)) if package.title else ""
    return _INFO.format(title=title, doi=doi)
