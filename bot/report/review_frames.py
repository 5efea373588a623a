"""What a review knows and has decided, as typed data frames; `frame_columns` has their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

import pandas as pd
from sqlalchemy import Connection

from bot.app import App
from bot.report import frame_columns as columns
from bot.report.decided_verdicts import decided_verdicts
from bot.results.model import (
    AnalysisResult,
    ArmNumbers,
    Heterogeneity,
    ShownEffect,
    ShownPrediction,
    StudyRow,
    SubgroupResult,
)
from bot.results.ways import how_of
from bot.silence.status import place_of
from bot.synthesis import synthesise
from state import extractions, records, runs
from state.values import AcceptedValue, PublicStatus, StoredRecord

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ReviewFrames:
    """A review as frames, all of one moment. What is not reported is missing, never 0 or "".

    records: one row a record, with its place in the review
    decisions: one row a verdict or ruling of the stages that both readers have decided
    values: one row an accepted number, with where it stands
    results: one row a pooled result, overall (without a subgroup) and of each subgroup
    rows: one row a study's line in an analysis
    searches: one row a search that was made, those taken back too
    """

    records: pd.DataFrame
    decisions: pd.DataFrame
    values: pd.DataFrame
    results: pd.DataFrame
    rows: pd.DataFrame
    searches: pd.DataFrame


def review_frames(app: App, connection: Connection) -> ReviewFrames:
    """Read the frames in one transaction. Open verdicts and hand-ins stay sealed."""
    found = synthesise.current_results(app, connection)
    return ReviewFrames(
        records=_frame("records", _records(connection)),
        decisions=_frame("decisions", decided_verdicts(connection)),
        values=_frame("values", map(_value, extractions.accepted_values(connection))),
        results=_frame("results", (row for each in found for row in _results(each))),
        rows=_frame("rows", (_row(each, row) for each in found for row in each.rows)),
        searches=_frame("searches", _searches(connection)),
    )


def _frame(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a frame that has its columns and types where there is none as well."""
    held = list(rows)
    typed = {
        column: _column([row[column] for row in held], dtype)
        for column, dtype in columns.FRAMES[name].items()
    }
    return pd.DataFrame(typed)


def _column(found: list[object], dtype: str) -> pd.Series:
    if dtype == columns.INSTANT:
        found = list(pd.to_datetime(pd.Series(found, dtype=object), utc=True, format="ISO8601"))
    return pd.Series(found, dtype=dtype)


def _joined(several: Iterable[str]) -> str | None:
    return "; ".join(several) or None


def _records(connection: Connection) -> Iterator[Row]:
    for stored, status in records.all_with_status(connection):
        yield _record(stored, status)


def _record(stored: StoredRecord, status: PublicStatus | None) -> Row:
    record = stored.record
    return {
        **asdict(record),
        "record": record.key,
        "authors": _joined(record.authors),
        "languages": _joined(record.languages),
        "publication_types": _joined(record.publication_types),
        "pmid": record.ids.pmid,
        "pmcid": record.ids.pmcid,
        "doi": record.ids.doi,
        "register_ids": _joined(record.ids.register),
        "candidate": stored.candidate,
        "study": stored.study,
        "status": place_of(stored, status),
        "found_at": stored.found_at,
    }


def _value(accepted: AcceptedValue) -> Row:
    value, cell = accepted.value, accepted.value.cell
    return {
        **asdict(cell),
        **asdict(value.provenance),
        "arms": "+".join(cell.arms),
        "stratum": cell.stratum or None,
        "number": value.number,
        "unit": value.unit,
        "accepted": accepted.how,
        "people": _joined(accepted.people),
    }


def _results(result: AnalysisResult) -> Iterator[Row]:
    how = how_of(result)
    analysis = {
        "analysis": result.id,
        "outcome": result.outcome,
        "comparison": result.comparison,
        "time_point": result.time_point,
        "measure": result.measure,
        "method": result.method,
        "model": result.model,
        "tau2_method": how.tau2,
        "level": result.level,
    }
    yield {**analysis, "subgroup": None, "interval": how.interval, **_pooled(result)}
    for each in result.subgroups:
        yield {**analysis, "subgroup": each.label, "interval": each.interval, **_pooled(each)}


def _pooled(found: AnalysisResult | SubgroupResult) -> Row:
    return {
        **_limits(found.effect),
        **_predicted(found.prediction),
        **_differing(found.heterogeneity),
        "studies": found.studies,
        "participants": found.participants,
        "not_estimable": found.not_estimable,
    }


def _limits(effect: ShownEffect | None) -> Row:
    return asdict(effect) if effect is not None else dict.fromkeys(columns.LIMITS)


def _predicted(found: ShownPrediction | None) -> Row:
    return {
        "prediction_lower": found.lower if found is not None else None,
        "prediction_upper": found.upper if found is not None else None,
    }


def _differing(found: Heterogeneity | None) -> Row:
    names = ("tau2", "i2", "q", "q_df", "q_p")
    return {name: getattr(found, name) if found is not None else None for name in names}


def _row(result: AnalysisResult, row: StudyRow) -> Row:
    return {
        "analysis": result.id,
        "study": row.study,
        "label": row.label,
        "year": row.year,
        "stratum": row.stratum or None,
        "subgroup": row.subgroup or None,
        "enters": row.enters,
        **_arm(row.arm_1, 1),
        **_arm(row.arm_2, 2),
        **_limits(row.effect),
        "weight": row.weight,
        "left_out": row.why,
        "derived": row.derived,
    }


def _arm(numbers: ArmNumbers, place: int) -> Row:
    return {f"{name}_{place}": number for name, number in asdict(numbers).items()}


def _searches(connection: Connection) -> Iterator[Row]:
    gone = runs.withdrawn_searches(connection)
    for each in runs.search_runs(connection, withdrawn=True):
        yield {**asdict(each), "search": each.id, "withdrawn": each.id in gone}
