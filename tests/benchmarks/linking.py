"""How well records find their study: every labelled record comes with its own report left out.

A labelled record is what a search would bring: title, year, ids, and authors where a reference
list gives them. Of a report of an included trial, its own report and the register id that is all it
is are first taken out of the study.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extraction import identifiers
from extraction.linkage import Link, LinkKind, cited_title, link, plain
from extraction.model import Design, Record, RecordIds, RecordKind, Report, Study
from tests.benchmarks.figures import Figure

LABELLED = Path(__file__).parents[3] / "shared" / "domain" / "mmn_records.json"
REFERENCES = "mmn_references.json"  # in the folder of the labelled records
BASELINE = Path(__file__).parents[2] / "reviews" / "mmn" / "baseline" / "studies.toml"


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled record and the study it belongs to, if to any."""

    key: str
    record: Record
    study: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What linking made of a case."""

    case: Case
    link: Link | None

    @property
    def missed(self) -> bool:
        """A report of an included trial that came as unlinked, or to another trial."""
        expected = self.case.study
        return expected is not None and (self.link is None or self.link.study != expected)

    @property
    def false(self) -> bool:
        """A record of another trial that was linked."""
        return self.case.study is None and self.link is not None

    @property
    def falsely_sure(self) -> bool:
        """A record of another trial that was linked by more than evidence."""
        return self.false and self.link is not None and self.link.kind is not LinkKind.PROPOSED


def measure(labelled: Path) -> list[Result]:
    """Link every labelled record."""
    studies = baseline()
    known = {study.id for study in studies}
    references = references_beside(labelled)
    cases = [
        Case(row["key"], labelled_record(row, references), _study(row, known))
        for row in labelled_rows(labelled)
    ]
    return [
        Result(case, link(case.record, [_without(study, case.record) for study in studies]))
        for case in cases
    ]


def labelled_rows(labelled: Path) -> list[dict[str, Any]]:
    """Read the rows of a labelled file."""
    found = json.loads(labelled.read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = found["records"] if isinstance(found, dict) else found
    return rows


def references_beside(labelled: Path) -> list[dict[str, Any]]:
    """Read the reference lists that give authors: beside the file, else beside the shared one."""
    for folder in (labelled.parent, LABELLED.parent):
        file = folder / REFERENCES
        if file.exists():
            rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["records"]
            return rows
    return []


def baseline() -> list[Study]:
    """Read the baseline's studies."""
    tables = tomllib.loads(BASELINE.read_text())["studies"]
    return [
        Study(
            id=table["id"],
            label=table["label"],
            design=Design(table["design"]),
            arms=tuple(table["arms"]),
            reports=tuple(_report(each) for each in table["reports"]),
            register_ids=tuple(table.get("register_ids", ())),
            notes=tuple(table.get("notes", ())),
        )
        for table in tables
    ]


def _report(table: dict[str, Any]) -> Report:
    ids = RecordIds(
        pmid=table.get("pmid"), doi=table.get("doi"), register=tuple(table.get("register", ()))
    )
    return Report(table["citation"], ids, table.get("unconfirmed", False))


def _study(row: dict[str, Any], known: set[str]) -> str | None:
    study: str | None = row.get("study_id")
    return study if study in known else None


def labelled_record(row: dict[str, Any], references: list[dict[str, Any]]) -> Record:
    """Return a labelled row as a search would bring it."""
    ids = row.get("ids") or {}
    register = identifiers.register_ids_in(
        ids[kind] for kind in ("nct", "eudract", "ctis", "jrct", "ntr") if kind in ids
    )
    registered = row["key"].startswith(("nct", "euctr", "ctis", "jrct"))
    return Record(
        source="labelled",
        source_id=row["key"],
        title=row["title"],
        kind=RecordKind.REGISTER_ENTRY if registered else RecordKind.ARTICLE,
        year=row.get("year"),
        authors=_authors(row, references),
        ids=RecordIds(
            pmid=identifiers.pmid(ids.get("pmid", "")),
            pmcid=identifiers.pmcid(ids.get("pmcid", "")),
            doi=identifiers.doi(ids.get("doi", "")),
            register=register,
        ),
    )


def _authors(row: dict[str, Any], references: list[dict[str, Any]]) -> tuple[str, ...]:
    cited = next((each for each in references if _cites(each, row)), None)
    names = (cited["authors"] or "").split(", ") if cited is not None else []
    return tuple(name for name in names if name and name != "et al.")


def _cites(reference: dict[str, Any], row: dict[str, Any]) -> bool:
    ids = row.get("ids") or {}
    by_id = any(reference[kind] and reference[kind] == ids.get(kind) for kind in ("pmid", "doi"))
    return by_id or plain(reference["title"]) == plain(row["title"])


def _without(study: Study, record: Record) -> Study:
    """Leave a record's own report out of a study; of a register entry, its number too."""
    reports = tuple(each for each in study.reports if not _is_report(each, record))
    if record.kind is not RecordKind.REGISTER_ENTRY:
        return replace(study, reports=reports)
    register = tuple(each for each in study.register_ids if each not in record.ids.register)
    return replace(study, reports=reports, register_ids=register)


def _is_report(report: Report, record: Record) -> bool:
    same_pmid = record.ids.pmid is not None and record.ids.pmid == report.ids.pmid
    return same_pmid or plain(cited_title(report)) == plain(record.title)


def figures(labelled: Path = LABELLED) -> Iterator[Figure]:
    """Yield what was missed and what was linked wrongly, each of how many; name each error."""
    results = measure(labelled)
    _name_errors(results)
    reports = [each for each in results if each.case.study is not None]
    others = [each for each in results if each.case.study is None]
    for name, of, wrong in (
        ("reports of included trials missed", reports, sum(each.missed for each in reports)),
        ("other records linked by an id", others, sum(each.falsely_sure for each in others)),
        ("other records proposed", others, sum(each.false for each in others)),
    ):
        yield Figure(f"linking: {name}", wrong, len(of), "records", goal=0)


def _name_errors(results: list[Result]) -> None:
    wrong = [each for each in results if each.missed or each.false]
    sys.stderr.writelines(f"{each.case.key}: {each.link}\n" for each in wrong)
