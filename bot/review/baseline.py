"""The review as published (studies, numbers) and its known items: texts to checked values. Pure.

docs/protocol.md describes the three files. Each is read in the terms of the protocol, and the
numbers and known items in those of the studies.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from bot.errors import Fault, ProtocolFaults
from bot.review.checked_csv import CheckedCsv
from bot.review.faults import wrong
from bot.review.field_types import CLOSED, Count, Flag, Id, Text, Texts, different
from bot.review.outcome_fields import FIELDS_OF_A_PAIR
from bot.review.planned import CovariateKind
from bot.review.protocol import Outcome, ReviewProtocol
from bot.review.published import PUBLISHED
from bot.review.reported_outcomes import BASES, PrintedBasis, ReportingTable, UnpooledTable
from bot.review.toml_page import TomlPage
from bot.review.wanted import Wants, is_one_of
from extraction import identifiers
from extraction.checks import impossible
from extraction.model import (
    Basis,
    Cell,
    Clusters,
    Design,
    EntersInto,
    Provenance,
    RecordIds,
    Report,
    Reporting,
    Study,
    StudyEntry,
    Value,
)
from extraction.model import Field as NumberField

STUDIES = "baseline/studies.toml"
VALUES = "baseline/values.csv"
ROWS = "baseline/rows.csv"
KNOWN_ITEMS = "known_items.csv"
# The review as published: read at the first start and never again.
LOADED_ONCE = (STUDIES, VALUES, ROWS, PUBLISHED)

PARTS = {
    "studies": "study",
    "reports": "report",
    "outcomes": "outcome",
    "unpooled": "result",
}
# Numbers that have a unit.
MEASURED = frozenset({NumberField.MEAN, NumberField.SD, NumberField.SD_DIFFERENCE})

NormalForm = Callable[[str], str | None]
NORMAL_FORMS: Mapping[str, NormalForm] = {
    "pmid": identifiers.pmid,
    "pmcid": identifiers.pmcid,
    "doi": identifiers.doi,
    "register": identifiers.register_key,
}


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A report that every complete search of the named sources must re-find.

    Where `confirmed` is false, an answer that bears the id confirms it only if its title is this.
    """

    id: str  # "pmid:8145910" or "register:NCT00268788", as records are known by their ids
    title: str
    sources: tuple[str, ...]
    study: str | None
    confirmed: bool


@dataclass(frozen=True)
class _Terms:
    """What the rows and tables of a baseline may name."""

    protocol: ReviewProtocol
    studies: Mapping[str, Study] = field(default_factory=dict)
    any_study: bool = False

    @property
    def arms(self) -> list[str]:
        return [each.id for each in self.protocol.arms]

    @property
    def sources(self) -> list[str]:
        return [each.id for each in self.protocol.sources]

    @property
    def outcomes(self) -> list[str]:
        return [each.id for each in self.protocol.outcomes]

    def outcome(self, named: str | None) -> Outcome | None:
        return self._outcomes.get(named or "")

    @cached_property
    def _outcomes(self) -> dict[str, Outcome]:
        return {each.id: each for each in self.protocol.outcomes}


def _terms(info: ValidationInfo) -> _Terms:
    terms = info.context
    if not isinstance(terms, _Terms):
        raise TypeError("a baseline is read in the terms of a protocol")
    return terms


def _wanted(kind: str, normal: str | None) -> str:
    return f"'{normal}'" if normal is not None else f"a {kind}"


def _normal(found: str, info: ValidationInfo) -> str:
    """An id is written as records are known by it."""
    kind = str(info.field_name)
    normal = NORMAL_FORMS[kind](found)
    if normal != found:
        raise wrong(f"'{found}'", _wanted(kind, normal))
    return found


def _register_id(found: str) -> str:
    normal = identifiers.register_key(found)
    if normal != found:
        raise wrong(f"'{found}'", f"'{normal}'")
    return found


def _is_number(found: str) -> bool:
    try:
        return math.isfinite(float(found))
    except ValueError:
        return False


Year = Annotated[int, Field(strict=True, ge=1800, le=2200), Wants("a year such as 1994")]
Icc = Annotated[float, Field(ge=0, le=1), Wants("a correlation from 0 to 1")]
Above1 = Annotated[float, Field(ge=1), Wants("a number of 1 or more")]
RegisterId = Annotated[Text, AfterValidator(_register_id)]
OwnId = Annotated[Text, AfterValidator(_normal)]
RegisterIds = Annotated[tuple[RegisterId, ...], AfterValidator(different)]


class ReportTable(BaseModel):
    """A report of a study, as baseline/studies.toml has it."""

    model_config = CLOSED

    citation: Text
    pmid: OwnId | None = None
    pmcid: OwnId | None = None
    doi: OwnId | None = None
    register_ids: RegisterIds = Field((), validation_alias="register")
    unconfirmed: Flag = False

    def report(self) -> Report:
        """Return the report with its identifiers."""
        ids = RecordIds(self.pmid, self.pmcid, self.doi, self.register_ids)
        return Report(self.citation, ids, self.unconfirmed)


class StudyTable(BaseModel):
    """A study, as baseline/studies.toml has it."""

    model_config = CLOSED

    id: Id
    label: Text
    design: Design
    arms: Annotated[Texts, Field(min_length=1)]
    participants: Count | None = None
    participants_basis: Annotated[PrintedBasis | None, Field(validate_default=True)] = None
    register_ids: RegisterIds = ()
    notes: Texts = ()
    year: Year | None = None
    covariates: dict[str, Text] = Field(default_factory=dict)
    icc: Icc | None = None
    cluster_size: Above1 | None = None
    design_effect: Annotated[Above1 | None, Field(validate_default=True)] = None
    turned: Texts = ()
    changes: Texts = ()
    outcomes: tuple[ReportingTable, ...] = ()
    unpooled: tuple[UnpooledTable, ...] = ()
    reports: Annotated[tuple[ReportTable, ...], Field(min_length=1)]

    @field_validator("arms")
    @classmethod
    def _defined(cls, arms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = _terms(info).arms
        if strange := [f"'{arm}'" for arm in arms if arm not in known]:
            raise wrong(", ".join(strange), is_one_of(known))
        return arms

    @field_validator("covariates", mode="before")
    @classmethod
    def _as_texts(cls, found: object) -> object:
        """A number is written plainly, and kept as a text like every covariate."""
        if not isinstance(found, dict):
            return found
        plain = {k: f"{v:g}" for k, v in found.items() if type(v) in (int, float)}
        return {**found, **plain}

    @field_validator("covariates")
    @classmethod
    def _planned(cls, found: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        known = {each.id: each for each in _terms(info).protocol.covariates}
        for named, value in found.items():
            if named not in known:
                raise wrong(f"'{named}'", is_one_of(known))
            if known[named].kind is CovariateKind.NUMBER and not _is_number(value):
                raise wrong(f"'{value}'", f"a number: covariate '{named}' is of kind number", named)
        return found

    @field_validator("design_effect")
    @classmethod
    def _one_way(cls, found: float | None, info: ValidationInfo) -> float | None:
        """A design effect is given, or made from the correlation and the size of the clusters."""
        given = [info.data.get(each) is not None for each in ("icc", "cluster_size")]
        if any(given) and found is None and not all(given):
            raise wrong("half of it", "'icc' and 'cluster_size', or 'design_effect'")
        return found

    @field_validator("turned", "changes")
    @classmethod
    def _outcomes(cls, found: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = _terms(info).outcomes
        if strange := [f"'{each}'" for each in found if each not in known]:
            raise wrong(", ".join(strange), is_one_of(known))
        return found

    @field_validator("outcomes")
    @classmethod
    def _each_once(
        cls, found: tuple[ReportingTable, ...], info: ValidationInfo
    ) -> tuple[ReportingTable, ...]:
        known, seen = _terms(info).outcomes, set[str]()
        for place, each in enumerate(found):
            if each.outcome not in known:
                raise wrong(f"'{each.outcome}'", is_one_of(known), place, "outcome")
            if each.outcome in seen:
                raise wrong(f"'{each.outcome}' a second time", "each once", place, "outcome")
            seen.add(each.outcome)
        return found

    @field_validator("unpooled")
    @classmethod
    def _of_the_study(
        cls, found: tuple[UnpooledTable, ...], info: ValidationInfo
    ) -> tuple[UnpooledTable, ...]:
        known, arms = _terms(info).outcomes, info.data.get("arms", ())
        said = {each.outcome: each.state for each in info.data.get("outcomes", ())}
        for place, each in enumerate(found):
            if each.outcome is not None and each.outcome not in known:
                raise wrong(f"'{each.outcome}'", is_one_of(known), place, "outcome")
            if said.get(each.outcome, Reporting.REPORTED) is not Reporting.REPORTED:
                stated = f"a result, and '{said[each.outcome]}' under outcomes"
                raise wrong(stated, f"one of the two for '{each.outcome}'", place, "outcome")
            if strange := [f"'{arm}'" for arm in each.arms if arm not in arms]:
                raise wrong(", ".join(strange), is_one_of(arms), place, "arms")
        return found

    @field_validator("participants_basis")
    @classmethod
    def _said(cls, found: Basis | None, info: ValidationInfo) -> Basis | None:
        if found is None and info.data.get("participants") is not None:
            raise wrong("none", is_one_of(BASES))
        return found

    def study(self) -> Study:
        """Return the study with its reports."""
        return Study(
            id=self.id,
            label=self.label,
            design=self.design,
            arms=self.arms,
            reports=tuple(each.report() for each in self.reports),
            register_ids=self.register_ids,
            participants=self.participants,
            participants_basis=self.participants_basis,
            notes=self.notes,
            year=self.year,
            covariates=tuple(sorted(self.covariates.items())),
            clusters=self._clusters(),
            turned=self.turned,
            changes=self.changes,
            reporting=tuple(each.reporting() for each in self.outcomes),
            unpooled=tuple(each.result() for each in self.unpooled),
        )

    def _clusters(self) -> Clusters | None:
        if self.design_effect is None and self.icc is None:
            return None
        return Clusters(self.design_effect, self.icc, self.cluster_size)


class StudiesFile(BaseModel):
    """The whole of baseline/studies.toml."""

    model_config = CLOSED

    studies: tuple[StudyTable, ...] = ()


def parse_studies(text: str, protocol: ReviewProtocol) -> tuple[Study, ...]:
    """Read baseline/studies.toml; raise ProtocolFaults naming everything wrong in it."""
    page = TomlPage(STUDIES, text, PARTS)
    read = page.read(StudiesFile, _Terms(protocol)) if not page.faults else None
    page.note(page.given_twice("studies"))
    _refuse(page.faults)
    return tuple(each.study() for each in read.studies) if read is not None else ()


def _number(found: str) -> float:
    try:
        number = float(found)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise wrong(f"'{found}'", "a number such as 4 or 7.285")
    return number


def _no_bar(found: str) -> str:
    if "|" in found:  # it parts the names in Cell.key
        raise wrong(f"'{found}'", "a text without '|'")
    return found


def _known_study(found: str, info: ValidationInfo) -> str:
    if found not in _terms(info).studies:
        raise wrong(f"'{found}'", is_one_of(_terms(info).studies))
    return found


def _split(found: str) -> tuple[str, ...]:
    return tuple(arm.strip() for arm in found.split("+"))


VALUE_COLUMNS = (
    *("study", "outcome", "time_point", "arms", "field", "number", "unit", "basis"),
    *("source", "locator", "quote", "how"),
)
STRATUM = ("stratum",)  # may be left out where no study is reported in parts


class ValueRow(BaseModel):
    """One row of baseline/values.csv: a number, the cell it belongs to and where it comes from."""

    model_config = CLOSED

    study: str
    outcome: str
    field: NumberField
    time_point: Text
    arms: Annotated[tuple[str, ...], BeforeValidator(_split)]
    number: Annotated[float, BeforeValidator(_number)]
    unit: str
    basis: PrintedBasis
    source: Text
    locator: str
    quote: str
    how: str
    stratum: Annotated[str, AfterValidator(_no_bar)] = ""

    @field_validator("study")
    @classmethod
    def _study(cls, found: str, info: ValidationInfo) -> str:
        return _known_study(found, info)

    @field_validator("outcome")
    @classmethod
    def _outcome(cls, found: str, info: ValidationInfo) -> str:
        if _terms(info).outcome(found) is None:
            raise wrong(f"'{found}'", is_one_of(_terms(info).outcomes))
        return found

    @field_validator("time_point")
    @classmethod
    def _as_planned(cls, found: str, info: ValidationInfo) -> str:
        """A number at another time point would never be used."""
        outcome = _terms(info).outcome(info.data.get("outcome"))
        if outcome is not None and found != outcome.time_point:
            raise wrong(f"'{found}'", f"'{outcome.time_point}'")
        return found

    @field_validator("arms")
    @classmethod
    def _arms(cls, arms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        of = info.data.get("field")
        if of is not None and len(set(arms)) != (2 if of in FIELDS_OF_A_PAIR else 1):
            expected = "two arms such as ivig+placebo" if of in FIELDS_OF_A_PAIR else "one arm"
            raise wrong(f"'{'+'.join(arms)}'", f"{expected} for '{of}'")
        study = _terms(info).studies.get(info.data.get("study", ""))
        strange = [f"'{arm}'" for arm in arms if study is not None and arm not in study.arms]
        if study is not None and strange:
            raise wrong(", ".join(strange), f"an arm of {study.id} ({', '.join(study.arms)})")
        return arms

    @field_validator("unit")
    @classmethod
    def _unit(cls, found: str, info: ValidationInfo) -> str:
        """A number in another unit would be pooled with numbers that it is no like of."""
        outcome = _terms(info).outcome(info.data.get("outcome"))
        unit = outcome.unit if outcome is not None else None
        if info.data.get("field") in MEASURED and unit is not None and found != unit:
            raise wrong(f"'{found}'", f"'{unit}'")
        return found

    @field_validator("how")
    @classmethod
    def _how(cls, found: str, info: ValidationInfo) -> str:
        if info.data.get("basis") is Basis.DERIVED and not found:
            raise wrong("nothing", "how the derived number was found")
        return found

    def value(self) -> Value:
        """Return the number in its cell with its provenance."""
        provenance = Provenance(
            self.basis, self.source, self.locator or None, self.quote or None, self.how or None
        )
        cell = Cell(self.study, self.outcome, self.time_point, self.arms, self.field, self.stratum)
        return Value(cell, self.number, provenance, self.unit or None)


def parse_values(
    text: str, protocol: ReviewProtocol, studies: Sequence[Study]
) -> tuple[Value, ...]:
    """Read baseline/values.csv; raise ProtocolFaults naming everything wrong in it.

    Besides each cell's own faults, numbers that cannot be true together are refused.
    """
    terms = _Terms(protocol, {study.id: study for study in studies})
    read = CheckedCsv(VALUES, text, VALUE_COLUMNS, ValueRow, terms, STRATUM)
    values = [(row.line, row.values.value()) for row in read.rows if row.values is not None]
    broken = {row.cells["study"] for row in read.rows if row.values is None}
    by_study: dict[str, list[tuple[int, Value]]] = defaultdict(list)
    for line, value in values:
        by_study[value.cell.study].append((line, value))
    for study in studies:
        if study.id not in broken:
            _possible(read, study, by_study[study.id])
    _refuse(read.faults)
    return tuple(value for _, value in values)


def _possible(
    read: CheckedCsv[ValueRow], study: Study, values: Sequence[tuple[int, Value]]
) -> None:
    """Note what of a study cannot be true together, on the last line of the outcome it is about."""
    outcomes: dict[tuple[str, str], list[tuple[int, Value]]] = defaultdict(list)
    for line, value in values:
        outcomes[value.cell.outcome, value.cell.time_point].append((line, value))
    for own in outcomes.values():
        for fault in impossible([value for _, value in own], study.arms):
            read.fault(own[-1][0], study.id, fault, "numbers that can be true together")
    said = {each.outcome: each.state for each in study.reporting}
    for (outcome, _), own in outcomes.items():
        if said.get(outcome, Reporting.REPORTED) is not Reporting.REPORTED:
            found = f"numbers of '{outcome}', and '{said[outcome]}' in {STUDIES}"
            read.fault(own[-1][0], study.id, found, "one of the two")


ROW_COLUMNS = ("analysis", "study", "stratum", "subgroup", "enters", "footnote")


class EntryRow(BaseModel):
    """One row of baseline/rows.csv: a study, or a part of one, in an analysis."""

    model_config = CLOSED

    analysis: str
    study: str
    stratum: Annotated[str, AfterValidator(_no_bar)]
    subgroup: str
    enters: Annotated[EntersInto, BeforeValidator(lambda found: found or EntersInto.BOTH)]
    footnote: str

    @field_validator("analysis")
    @classmethod
    def _analysis(cls, found: str, info: ValidationInfo) -> str:
        known = [each.id for each in _terms(info).protocol.analyses]
        if found not in known:
            raise wrong(f"'{found}'", is_one_of(known))
        return found

    @field_validator("study")
    @classmethod
    def _study(cls, found: str, info: ValidationInfo) -> str:
        return _known_study(found, info)

    @field_validator("enters")
    @classmethod
    def _of_a_subgroup(cls, found: EntersInto, info: ValidationInfo) -> EntersInto:
        if found is not EntersInto.BOTH and info.data.get("subgroup") == "":
            raise wrong(f"'{found}'", "'both', or a subgroup")
        return found


def parse_rows(
    text: str, protocol: ReviewProtocol, studies: Sequence[Study]
) -> tuple[tuple[str, StudyEntry], ...]:
    """Read baseline/rows.csv; raise ProtocolFaults naming everything wrong in it.

    Returns each row with the id of its study, in the order of the file.
    """
    terms = _Terms(protocol, {study.id: study for study in studies})
    read = CheckedCsv(ROWS, text, ROW_COLUMNS, EntryRow, terms)
    seen: set[tuple[str, str, str, str]] = set()
    found: list[tuple[str, StudyEntry]] = []
    for row in read.rows:
        each = row.values
        if each is None:
            continue
        own = (each.analysis, each.study, each.stratum, each.subgroup)
        if own in seen:
            read.fault(row.line, each.study, "the same row a second time", "each row once")
        seen.add(own)
        entry = StudyEntry(
            each.analysis, len(found), each.stratum, each.subgroup, each.enters, each.footnote
        )
        found.append((each.study, entry))
    _refuse(read.faults)
    return tuple(found)


def with_rows(
    studies: Sequence[Study], rows: Sequence[tuple[str, StudyEntry]]
) -> tuple[Study, ...]:
    """Give each study its rows; without a file of rows the values speak for themselves."""
    if not rows:
        return tuple(studies)
    return tuple(
        replace(study, entries=tuple(entry for of, entry in rows if of == study.id))
        for study in studies
    )


ITEM_COLUMNS = ("id", "title", "sources", "study", "confirmed")


class Confirmed(StrEnum):
    """Whether an identifier of a known item was looked up."""

    YES = "yes"
    NO = "no"


class KnownItemRow(BaseModel):
    """One row of known_items.csv."""

    model_config = CLOSED

    id: str
    title: Annotated[Text, Wants("a title")]
    sources: Annotated[tuple[str, ...], BeforeValidator(str.split)]
    study: str
    confirmed: Confirmed

    @field_validator("id")
    @classmethod
    def _normal(cls, found: str) -> str:
        kind, _, name = found.partition(":")
        if kind not in NORMAL_FORMS:
            raise wrong(f"'{found}'", "pmid:…, pmcid:…, doi:… or register:…")
        normal = NORMAL_FORMS[kind](name)
        if normal != name:
            whole = f"{kind}:{normal}" if normal is not None else None
            raise wrong(f"'{found}'", _wanted(kind, whole))
        return found

    @field_validator("sources")
    @classmethod
    def _of_the_protocol(cls, found: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = _terms(info).sources
        if not found:
            raise wrong("nothing", f"one or more of {', '.join(known)}")
        if strange := [f"'{each}'" for each in found if each not in known]:
            raise wrong(", ".join(strange), is_one_of(known))
        return found

    @field_validator("study")
    @classmethod
    def _study(cls, found: str, info: ValidationInfo) -> str:
        terms = _terms(info)
        if found and found not in terms.studies and not terms.any_study:
            raise wrong(f"'{found}'", f"nothing, or {is_one_of(sorted(terms.studies))}")
        return found

    def item(self) -> KnownItem:
        """Return the known item."""
        confirmed = self.confirmed is Confirmed.YES
        return KnownItem(self.id, self.title, self.sources, self.study or None, confirmed)


def parse_known_items(
    text: str, protocol: ReviewProtocol, studies: Sequence[Study] | None
) -> tuple[KnownItem, ...]:
    """Read known_items.csv; raise ProtocolFaults naming everything wrong in it.

    studies: None where they cannot be read now; then an item may name any.
    """
    named = {study.id: study for study in studies or ()}
    terms = _Terms(protocol, named, any_study=studies is None)
    read = CheckedCsv(KNOWN_ITEMS, text, ITEM_COLUMNS, KnownItemRow, terms)
    seen: set[str] = set()
    for row in read.rows:
        own = row.cells["id"]
        if own in seen:
            read.fault(row.line, "id", f"'{own}' a second time", "each id once")
        seen.add(own)
    _refuse(read.faults)
    return tuple(row.values.item() for row in read.rows if row.values is not None)


def _refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise ProtocolFaults(found)
