"""The review as published (studies, numbers) and its known items: texts to checked values. Pure.

docs/protocol.md describes the three files.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from bot.faults import Fault
from bot.protocol import KnownItem, Outcome, ReviewProtocol
from bot.protocol_reader import ProtocolFaults
from bot.rows import Row, Rows
from bot.tables import Notes, Table
from extraction import identifiers
from extraction.checks import impossible
from extraction.model import (
    Basis,
    Cell,
    Design,
    Field,
    Provenance,
    RecordIds,
    Report,
    Study,
    Value,
)

STUDIES = "baseline/studies.toml"
VALUES = "baseline/values.csv"
KNOWN_ITEMS = "known_items.csv"

VALUE_COLUMNS = (
    "study",
    "outcome",
    "time_point",
    "arms",
    "field",
    "number",
    "unit",
    "basis",
    "source",
    "locator",
    "quote",
    "how",
)
ITEM_COLUMNS = ("id", "title", "sources", "study", "confirmed")
BASES = (Basis.PUBLISHED, Basis.DERIVED)
NormalForm = Callable[[str], str | None]
NORMAL_FORMS: dict[str, NormalForm] = {
    "pmid": identifiers.pmid,
    "pmcid": identifiers.pmcid,
    "doi": identifiers.doi,
    "register": identifiers.register_key,
}
PAIRED = frozenset(
    {
        Field.BOTH,
        Field.FIRST_ONLY,
        Field.SECOND_ONLY,
        Field.NEITHER,
        Field.SD_DIFFERENCE,
        Field.CORRELATION,
    }
)


def parse_studies(text: str, protocol: ReviewProtocol) -> tuple[Study, ...]:
    """Read baseline/studies.toml; raise ProtocolFaults naming everything wrong in it."""
    notes = Notes(STUDIES, text)
    document = notes.document()
    studies: list[Study] = []
    if document is not None:
        arms = tuple(arm.id for arm in protocol.arms)
        for table in document.each("studies", "study", least=0):
            studies.append(_study(table, arms, {each.id for each in studies}))
        document.close()
    _refuse(notes.faults)
    return tuple(studies)


def _study(table: Table, arms: Collection[str], known: Collection[str]) -> Study:
    own = table.identifier()
    if own in known:
        table.fault("id", f"'{own}' a second time", "each id once")
    has = table.texts("arms", least=2)
    for arm in has:
        if arm not in arms:
            table.fault("arms", f"'{arm}'", f"one of {', '.join(arms)}")
    people = table.optional_whole("participants")
    basis = table.optional_one_of("participants_basis", BASES)
    if people is not None and basis is None:
        table.fault("participants_basis", "none", f"one of {', '.join(BASES)}")
    design = table.one_of("design", tuple(Design))
    return Study(
        id=own,
        label=table.text("label"),
        design=Design(design) if design else Design.OTHER,
        arms=has,
        reports=tuple(_report(each) for each in table.each("reports", f"{table.name}, report")),
        register_ids=_register_ids(table, "register_ids"),
        participants=people,
        participants_basis=Basis(basis) if basis is not None else None,
        notes=table.texts("notes"),
    )


def _report(table: Table) -> Report:
    ids = RecordIds(
        pmid=_normal(table, "pmid", identifiers.pmid),
        pmcid=_normal(table, "pmcid", identifiers.pmcid),
        doi=_normal(table, "doi", identifiers.doi),
        register=_register_ids(table, "register"),
    )
    return Report(table.text("citation"), ids, table.flag("unconfirmed"))


def _normal(table: Table, key: str, normal_form: NormalForm) -> str | None:
    """Read an id that is written as records are known by it."""
    found = table.optional_text(key)
    if found is not None and normal_form(found) != found:
        table.fault(key, f"'{found}'", _wanted(key, normal_form(found)))
    return found


def _register_ids(table: Table, key: str) -> tuple[str, ...]:
    found = table.texts(key)
    for each in found:
        normal = identifiers.register_key(each)
        if normal != each:
            table.fault(key, f"'{each}'", f"'{normal}'")
    return found


def _wanted(kind: str, normal: str | None) -> str:
    return f"'{normal}'" if normal is not None else f"a {kind}"


def parse_values(
    text: str, protocol: ReviewProtocol, studies: Sequence[Study]
) -> tuple[Value, ...]:
    """Read baseline/values.csv; raise ProtocolFaults naming everything wrong in it.

    Besides each cell's own faults, numbers that cannot be true together are refused.
    """
    rows = Rows(VALUES, text, VALUE_COLUMNS)
    by_id = {study.id: study for study in studies}
    outcomes = {outcome.id: outcome for outcome in protocol.outcomes}
    read = [(row, _value(rows, row, by_id, outcomes)) for row in rows]
    broken = {row["study"] for row, value in read if value is None}
    values = [(row.line, value) for row, value in read if value is not None]
    for study in studies:
        if study.id not in broken:
            _possible(rows, study, values)
    _refuse(rows.faults)
    return tuple(value for _, value in values)


def _possible(rows: Rows, study: Study, values: Sequence[tuple[int, Value]]) -> None:
    """Note what cannot be true together, on the last line of the outcome it is about."""
    outcomes: dict[tuple[str, str], list[tuple[int, Value]]] = defaultdict(list)
    for line, value in values:
        if value.cell.study == study.id:
            outcomes[value.cell.outcome, value.cell.time_point].append((line, value))
    for own in outcomes.values():
        for fault in impossible([value for _, value in own], study.arms):
            rows.fault(own[-1][0], study.id, fault, "numbers that can be true together")


def _value(
    rows: Rows, row: Row, studies: dict[str, Study], outcomes: dict[str, Outcome]
) -> Value | None:
    known = len(rows.faults)
    study = _one_of(rows, row, "study", tuple(studies))
    outcome = _one_of(rows, row, "outcome", tuple(outcomes))
    field = _one_of(rows, row, "field", tuple(Field))
    basis = _one_of(rows, row, "basis", BASES)
    number = _number(rows, row)
    arms = _arms(rows, row, studies.get(study), field)
    for column in ("time_point", "source"):
        if not row[column]:
            rows.fault(row.line, column, "nothing", "a text")
    _as_planned(rows, row, outcomes.get(outcome))
    if basis == Basis.DERIVED and not row["how"]:
        rows.fault(row.line, "how", "nothing", "how the derived number was found")
    if len(rows.faults) > known or number is None:
        return None
    cell = Cell(study, outcome, row["time_point"], arms, Field(field))
    provenance = Provenance(
        Basis(basis),
        row["source"],
        row["locator"] or None,
        row["quote"] or None,
        row["how"] or None,
    )
    return Value(cell, number, provenance, row["unit"] or None)


def _one_of(rows: Rows, row: Row, column: str, allowed: Sequence[str]) -> str:
    if row[column] not in allowed:
        expected = f"one of {', '.join(allowed) or '(none is defined)'}"
        rows.fault(row.line, column, f"'{row[column]}'", expected)
    return row[column]


def _number(rows: Rows, row: Row) -> float | None:
    try:
        number = float(row["number"])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        rows.fault(row.line, "number", f"'{row['number']}'", "a number such as 4 or 7.285")
        return None
    return number


def _arms(rows: Rows, row: Row, study: Study | None, field: str) -> tuple[str, ...]:
    """Read 'ivig', or 'ivig+placebo' for a number about the same people on both."""
    arms = tuple(arm.strip() for arm in row["arms"].split("+"))
    wanted = 2 if field in PAIRED else 1
    if field in tuple(Field) and len(set(arms)) != wanted:
        expected = "two arms such as ivig+placebo" if wanted == 2 else "one arm"
        rows.fault(row.line, "arms", f"'{row['arms']}'", f"{expected} for '{field}'")
    for arm in arms:
        if study is not None and arm not in study.arms:
            expected = f"an arm of {study.id} ({', '.join(study.arms)})"
            rows.fault(row.line, "arms", f"'{arm}'", expected)
    return arms


def _as_planned(rows: Rows, row: Row, outcome: Outcome | None) -> None:
    """A number at another time point or in another unit would never be used."""
    if outcome is None:
        return
    if row["time_point"] and row["time_point"] != outcome.time_point:
        rows.fault(row.line, "time_point", f"'{row['time_point']}'", f"'{outcome.time_point}'")
    measured = row["field"] in (Field.MEAN, Field.SD, Field.SD_DIFFERENCE)
    if measured and outcome.unit is not None and row["unit"] != outcome.unit:
        rows.fault(row.line, "unit", f"'{row['unit']}'", f"'{outcome.unit}'")


def parse_known_items(
    text: str, protocol: ReviewProtocol, studies: Sequence[Study]
) -> tuple[KnownItem, ...]:
    """Read known_items.csv; raise ProtocolFaults naming everything wrong in it."""
    rows = Rows(KNOWN_ITEMS, text, ITEM_COLUMNS)
    items: list[KnownItem] = []
    for row in rows:
        _item_id(rows, row, {item.id for item in items})
        items.append(_item(rows, row, protocol, {study.id for study in studies}))
    _refuse(rows.faults)
    return tuple(items)


def _item_id(rows: Rows, row: Row, known: Collection[str]) -> None:
    kind, _, name = row["id"].partition(":")
    if kind not in NORMAL_FORMS:
        expected = "pmid:…, pmcid:…, doi:… or register:…"
        rows.fault(row.line, "id", f"'{row['id']}'", expected)
    elif NORMAL_FORMS[kind](name) != name:
        normal = NORMAL_FORMS[kind](name)
        expected = _wanted(kind, f"{kind}:{normal}" if normal is not None else None)
        rows.fault(row.line, "id", f"'{row['id']}'", expected)
    if row["id"] in known:
        rows.fault(row.line, "id", f"'{row['id']}' a second time", "each id once")


def _item(rows: Rows, row: Row, protocol: ReviewProtocol, studies: Collection[str]) -> KnownItem:
    sources = tuple(row["sources"].split())
    known = [plan.id for plan in protocol.sources]
    if not sources:
        rows.fault(row.line, "sources", "nothing", f"one or more of {', '.join(known)}")
    for source in sources:
        if source not in known:
            rows.fault(row.line, "sources", f"'{source}'", f"one of {', '.join(known)}")
    if row["study"] and row["study"] not in studies:
        expected = f"nothing, or one of {', '.join(sorted(studies))}"
        rows.fault(row.line, "study", f"'{row['study']}'", expected)
    if not row["title"]:
        rows.fault(row.line, "title", "nothing", "a title")
    return KnownItem(
        id=row["id"],
        title=row["title"],
        sources=sources,
        study=row["study"] or None,
        confirmed=_one_of(rows, row, "confirmed", ("yes", "no")) == "yes",
    )


def _refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise ProtocolFaults(found)
