"""In which of a study's reports a number was read: chosen among them, or added with the act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection

from bot.acts.said import AddedReport, HandIn
from bot.errors import FaultAt, FaultsOfAct
from extraction.model import Record, RecordIds, Report, Study, UnpooledResult, Value
from extraction.record_keys import own_ids
from state import extractions, records
from state.extractions import Handed, report_name


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A document that numbers of a study can be read in. name: how its numbers name it."""

    name: str
    title: str
    also: frozenset[str]  # other names under which it is found

    def called(self, name: str) -> bool:
        """Whether somebody who types this name means it."""
        return _plain(name) in self.also


def reports_of(connection: Connection, study: str) -> tuple[KnownReport, ...]:
    """Return the documents about a study: its reports, the records linked to it, its entries."""
    stored = extractions.find_study(connection, study).study
    linked = records.records_of_study(connection, study)
    return known_reports(stored, [each.record for each in linked])


def known_reports(study: Study, linked: Sequence[Record]) -> tuple[KnownReport, ...]:
    """Return each document once, whether the review names it or a search found it. Pure."""
    found: list[KnownReport] = []
    for each in (*map(_of_report, study.reports), *map(_of_record, linked)):
        twin = next((at for at, one in enumerate(found) if one.also & each.also), None)
        if twin is None:
            found.append(each)
        else:
            found[twin] = replace(found[twin], also=found[twin].also | each.also)
    named = {plain for one in found for plain in one.also}
    found += [_of_entry(each) for each in study.register_ids if _plain(each) not in named]
    if len(found) == 1:  # then the study's own name can mean no other
        found[0] = replace(found[0], also=found[0].also | {_plain(study.label)})
    return tuple(found)


def read_in(known: Sequence[KnownReport], act: HandIn, handed: Handed) -> Handed:
    """Return what was handed in with each report under its name; refuse what names none."""
    added = tuple(_added(each) for each in act.reports)
    names = _names((*known, *map(_of_report, added)))
    faults = list(_faults(names, act, known))
    if faults:
        raise FaultsOfAct(faults)
    return replace(
        handed,
        values=tuple(_read_in(each, names) for each in handed.values),
        unpooled=tuple(_read_in(each, names) for each in handed.unpooled),
        reports=added,
    )


def _faults(
    names: Mapping[str, str], act: HandIn, known: Sequence[KnownReport]
) -> Iterator[FaultAt]:
    expected = ", ".join(f"'{each.name}'" for each in known) or "none is known"
    read = [("values", "value", each.source) for each in act.values]
    read += [("unpooled", "result", each.source) for each in act.unpooled]
    for at, (section, called, source) in enumerate(read):
        if source and _plain(source) not in names:
            place = at if section == "values" else at - len(act.values)
            text = (
                f"{called} {place + 1}: source: found '{source}', expected one of the study's"
                f" reports ({expected}), or a report that is added with it"
            )
            yield FaultAt((section, place), text)


_Read = TypeVar("_Read", Value, UnpooledResult)


def _read_in(read: _Read, names: Mapping[str, str]) -> _Read:
    """Return what was read, with its report under its name."""
    origin = read.provenance
    named = replace(origin, source=names.get(_plain(origin.source), origin.source))
    return replace(read, provenance=named)


def _names(known: Sequence[KnownReport]) -> dict[str, str]:
    """Return the name of each report by all that it is called; the first of two keeps a name."""
    names: dict[str, str] = {}
    for each in known:
        for called in each.also:
            names.setdefault(called, each.name)
    return names


def _added(given: AddedReport) -> Report:
    register = (given.register_id,) if given.register_id else ()
    ids = RecordIds(pmid=given.pmid or None, doi=given.doi or None, register=register)
    return Report(given.citation, ids)


def _of_report(report: Report) -> KnownReport:
    name = report_name(report)
    also = {name, report.citation, *_called(report.ids)}
    return KnownReport(name, report.citation, frozenset(map(_plain, also)))


def _of_record(record: Record) -> KnownReport:
    name = next(iter(own_ids(record)), record.key)
    also = {name, record.key, record.title, *own_ids(record)}
    if record.entry is not None:
        also |= {record.source_id}
    return KnownReport(name, record.title, frozenset(map(_plain, also)))


def _of_entry(register_id: str) -> KnownReport:
    name = f"register:{register_id}"
    return KnownReport(name, register_id, frozenset(map(_plain, (name, register_id))))


def _called(ids: RecordIds) -> Iterator[str]:
    named = [("pmid", ids.pmid), ("doi", ids.doi), ("pmcid", ids.pmcid)]
    for kind, each in named:
        if each:
            yield from (each, f"{kind}:{each}")
    for each in ids.register:
        yield from (each, f"register:{each}")


def _plain(name: str) -> str:
    """Return a name without what people write now one way, now another."""
    return re.sub(r"\s+", " ", name.strip().removesuffix(".")).casefold()
