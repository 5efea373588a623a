"""The study tables of a package: information, arms, results, risk of bias. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.review.package.model import (
    BiasJudgement,
    BiasTool,
    PackagedArm,
    PackagedBias,
    PackagedResult,
    PackagedStudy,
    StudyList,
)
from bot.review.package.package_table import Line, Table, table

ID, CHAR, COV = "ID: ", "Char: ", "Cov: "
DOMAIN_1, SUPPORT_1 = "Domain (judgement): ", "Domain (support): "
DOMAIN_2, SUPPORT_2 = " (judgement)", " (support)"
RESULT_COLUMNS = (
    *("Study", "Outcome", "Data type", "Effect measure", "Arm", "Reference arm", "Sample size"),
    *("Cases", "Mean", "SD", "SE", "Variance", "CI level", "CI start", "CI end", "Exp mean"),
    *("Exp CI start", "Exp CI end", "t-test", "z-test", "P value", "Covariance method"),
    *("Covariance", "Other arm 1", "Other arm 2", "Correlation arm 1", "Correlation arm 2"),
    *("Correlation", "Other mean", "Other SE", "Other variance", "Other CI level"),
    *("Other CI start", "Other CI end", "Other exp mean", "Other exp CI start"),
    *("Other exp CI end", "Other t-test", "Other z-test", "Other P value", "Footnotes"),
)


@dataclass(frozen=True, slots=True)
class BiasTable:
    """What a table of the risk of bias says, and the table."""

    bias: PackagedBias
    table: Table


def read_studies(
    file: str, content: bytes, held: StudyList
) -> tuple[tuple[PackagedStudy, ...], Table]:
    """Read a table of study information."""
    read = table(file, content, ("Study",))
    return tuple(_study(line, held) for line in read.lines), read


def _study(line: Line, held: StudyList) -> PackagedStudy:
    return PackagedStudy(
        name=line.needed("Study"),
        list=held,
        year=line.word("Year"),
        data_source=line.word("Data source"),
        ids=tuple(_prefixed(line, ID)),
        characteristics=tuple(_prefixed(line, CHAR)),
        covariates=tuple(_prefixed(line, COV)),
    )


def _prefixed(line: Line, prefix: str) -> Iterator[tuple[str, str]]:
    for column in line.cells:
        if column.startswith(prefix.strip()):
            found = line.text(column)
            if found.strip():
                yield column[len(prefix.strip()) :].strip(), found


def read_arms(file: str, content: bytes) -> tuple[tuple[PackagedArm, ...], Table]:
    """Read the table of the arms of the studies."""
    read = table(file, content, ("Study", "Arm"))
    arms = [
        PackagedArm(
            line.needed("Study"),
            line.needed("Arm"),
            line.text("Description"),
            line.text("Intervention"),
        )
        for line in read.lines
    ]
    return tuple(arms), read


def read_results(file: str, content: bytes) -> tuple[tuple[PackagedResult, ...], Table]:
    """Read the table of the results of the studies."""
    read = table(file, content, ("Study", "Outcome"))
    return tuple(_result(line) for line in read.lines), read


def _result(line: Line) -> PackagedResult:
    given = ((column, line.text(column)) for column in RESULT_COLUMNS[2:])
    return PackagedResult(
        line.needed("Study"), line.needed("Outcome"), tuple(pair for pair in given if pair[1])
    )


def read_bias(file: str, content: bytes) -> BiasTable:
    """Read the table of the risk of bias, of either tool: a row a study, or a row a result."""
    read = table(file, content, ("Study",))
    if "Outcome" in read.columns:
        return BiasTable(_tool_2(read), read)
    return BiasTable(_tool_1(read), read)


def _tool_1(read: Table) -> PackagedBias:
    domains = [each.removeprefix(DOMAIN_1) for each in read.columns if each.startswith(DOMAIN_1)]
    judged = [
        BiasJudgement(line.needed("Study"), domain, judgement, support)
        for line in read.lines
        for domain in domains
        for judgement, support in [(line.word(DOMAIN_1 + domain), line.text(SUPPORT_1 + domain))]
        if judgement or support
    ]
    return PackagedBias(BiasTool.ONE, tuple(domains), tuple(judged))


def _tool_2(read: Table) -> PackagedBias:
    domains = [each.removesuffix(DOMAIN_2) for each in read.columns if each.endswith(DOMAIN_2)]
    domains = [each.removeprefix(DOMAIN_1) for each in domains]
    judged = [
        BiasJudgement(line.needed("Study"), domain, judgement, support, _about(line))
        for line in read.lines
        for domain in domains
        for judgement, support in [(line.word(domain + DOMAIN_2), line.text(domain + SUPPORT_2))]
        if judgement or support
    ]
    return PackagedBias(BiasTool.TWO, tuple(domains), tuple(judged))


def _about(line: Line) -> tuple[str, str, str]:
    return line.text("Outcome"), line.word("Data type"), line.word("Effect measure")
