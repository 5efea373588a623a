"""Which outcomes the included studies report, and what they report that is not pooled. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.report.document import (
    ReportingLine,
    ReviewDocument,
    StatedLine,
    UnpooledLine,
    ValueLine,
)
from bot.results.format import counted, listed, plain
from bot.results.model import AnalysisResult
from bot.review.protocol import Outcome, ReviewProtocol
from extraction.model import Provenance, Reporting, Study, UnpooledResult

# Of more studies than these a table says how many there are; results.json names them all.
MOST_NAMED = 12


def reporting_lines(
    protocol: ReviewProtocol, included: Sequence[Study], values: Sequence[ValueLine]
) -> tuple[ReportingLine, ...]:
    """Say of each outcome which studies report it, and what was said of the others.

    A study with a number or a result in words reports the outcome, whatever was said before it
    came; of a study of which nobody said anything nothing is supposed.
    """
    given = {(each.study, each.outcome) for each in values}
    given |= {
        (study.id, each.outcome) for study in included for each in study.unpooled if each.outcome
    }
    return tuple(_line(each, included, given) for each in protocol.outcomes)


def _line(
    outcome: Outcome, included: Sequence[Study], given: set[tuple[str, str]]
) -> ReportingLine:
    places: dict[Reporting | None, list[str]] = defaultdict(list)
    stated: list[StatedLine] = []
    for study in included:
        said = next((each for each in study.reporting if each.outcome == outcome.id), None)
        if (study.id, outcome.id) in given:
            places[Reporting.REPORTED].append(study.id)
            continue
        places[said.state if said is not None else None].append(study.id)
        if said is not None:
            stated.append(StatedLine(study.id, said.state, said.provenance))
    return ReportingLine(
        outcome=outcome.id,
        label=outcome.label,
        key=outcome.key,
        reported=tuple(places[Reporting.REPORTED]),
        not_reported=tuple(places[Reporting.NOT_REPORTED]),
        not_measured=tuple(places[Reporting.NOT_MEASURED]),
        unclear=tuple(places[Reporting.UNCLEAR]),
        not_said=tuple(places[None]),
        stated=tuple(stated),
    )


def unpooled_lines(
    included: Sequence[Study], values: Sequence[ValueLine], results: Sequence[AnalysisResult]
) -> tuple[UnpooledLine, ...]:
    """Return what the included studies report and no analysis shows: in words, and as numbers."""
    shown = {
        (row.study, each.outcome, each.time_point)
        for each in results
        for row in (*each.rows, *(apart.row for apart in each.apart))
    }
    found = []
    for study in included:
        found += [_in_words(study.id, each) for each in study.unpooled]
        own = [each for each in values if each.study == study.id]
        found += _in_numbers(
            [each for each in own if (each.study, each.outcome, each.time_point) not in shown]
        )
    return tuple(found)


def _in_words(study: str, told: UnpooledResult) -> UnpooledLine:
    number = "" if told.number is None else f"{plain(float(told.number))} {told.unit or ''}".strip()
    return UnpooledLine(
        study=study,
        outcome=told.outcome,
        what=told.what,
        arm="+".join(told.arms),
        told=number,
        number=told.number,
        unit=told.unit,
        read_by=told.read_by,
        provenance=told.provenance,
    )


def _in_numbers(values: Sequence[ValueLine]) -> Iterator[UnpooledLine]:
    """Yield one line for the numbers of each arm at each time."""
    places: dict[tuple[str, ...], list[ValueLine]] = defaultdict(list)
    for each in values:
        places[each.outcome, each.time_point, each.stratum, each.arm].append(each)
    for (outcome, time_point, stratum, arm), own in places.items():
        first = own[0]
        yield UnpooledLine(
            study=first.study,
            outcome=outcome,
            what=", ".join(filter(None, [time_point, stratum])),
            arm=arm,
            told=", ".join(f"{each.field.replace('_', ' ')} {plain(each.number)}" for each in own),
            provenance=Provenance(first.basis, first.source, first.locator, first.quote, first.how),
            read_by=first.extracted_by,
        )


@dataclass(frozen=True, slots=True)
class ReportingRow:
    """A line as the report's table shows it: names of studies, or how many there are."""

    outcome: str
    reported: str
    not_reported: str
    not_measured: str
    unclear: str
    not_said: str


def reporting_rows(document: ReviewDocument) -> tuple[ReportingRow, ...]:
    """Return the lines for the report, studies by their labels."""
    labels = {each.id: each.label for each in document.studies}
    return tuple(
        ReportingRow(
            _named(each),
            *(
                _studies(getattr(each, state), labels)
                for state in ("reported", "not_reported", "not_measured", "unclear", "not_said")
            ),
        )
        for each in document.reporting
    )


def _named(line: ReportingLine) -> str:
    return f"{line.label} (key outcome)" if line.key else line.label


def _studies(ids: Sequence[str], labels: Mapping[str, str]) -> str:
    if len(ids) > MOST_NAMED:
        return counted(len(ids), "study", "studies")
    return ", ".join(labels.get(each, each) for each in ids)


def reporting_sentences(document: ReviewDocument) -> tuple[str, ...]:
    """Say what is not there: measured and not reported is another thing than not measured."""
    labels = {each.id: each.label for each in document.studies}
    said = []
    for each in document.reporting:
        who = tuple(labels.get(one, one) for one in each.not_reported)
        if who:
            said.append(
                f"{each.label}: measured and not reported by {listed(who)}. Results may be missing"
                " because of what they were (possible reporting bias)."
            )
        who = tuple(labels.get(one, one) for one in each.unclear)
        if who:
            said.append(
                f"{each.label}: no result of {listed(who)}, and whether it was measured is not"
                " told. A result may be missing because of what it was."
            )
        who = tuple(labels.get(one, one) for one in each.not_measured)
        if who:
            said.append(f"{each.label}: not measured by {listed(who)}, so no result is missing.")
    return tuple(said)
