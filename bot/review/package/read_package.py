"""The files of a package to its model, whatever shape they have. Pure."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.review.package.analysis_tables import AnalysisFiles, read_analyses
from bot.review.package.archive import unpacked
from bot.review.package.cited import in_order, read_cited
from bot.review.package.json_words import DEFINITIONS
from bot.review.package.model import (
    BiasTool,
    Concept,
    NotHeld,
    Package,
    PackagedAnalysis,
    PackagedBias,
    PackagedStudy,
    StudyList,
    StudyReference,
    named_concepts,
    plain,
)
from bot.review.package.package_table import Table, decoded, diagnostic, refuse
from bot.review.package.rm5 import read_rm5
from bot.review.package.study_json import StudyData, read_study_data
from bot.review.package.study_tables import read_arms, read_bias, read_results, read_studies

_LIST = "(?:(excluded|awaiting|ongoing)-)?"
_NAMES: Mapping[str, str] = {
    "settings": r"overall-estimates-and-settings\.csv",
    "subgroups": r"subgroup-estimates\.csv",
    "rows": r"data-rows\.csv",
    "information": _LIST + r"study-information\.csv",
    "arms": r"study-arms\.csv",
    "results": r"study-results\.csv",
    "bias": r"risk-of-bias(?:-?[12])?\.csv",
    "cited": r"(included|excluded|awaiting|ongoing)\.ris",
    "other": r"(additional-references|other-published-versions|classification-pending)\.ris",
    "data": _LIST + r"stud(?:y-data|ies)\.json",
    "analysis data": r"analysis-data\.json",
    "info": r"data-package-info\.html",
    "parameters": r"parameters\.csv",
    "tests": r"study-test-data\.csv",
}
# What stands before the name of a file is the review's number; as little of it as will do.
_PATTERNS = {kind: re.compile(rf"(?:(.*?)-)??{name}", re.I) for kind, name in _NAMES.items()}
_TITLE = re.compile(r"<h1>(?:Supplementary material(?: [^:<]*)? to: )?(.*?)</h1>", re.DOTALL)
_DOI = re.compile(r"doi\.org/(10\.\d{4,9}/[^\s\"<>]+)")
Row = TypeVar("Row")
Reads = Callable[[str, bytes], tuple[tuple[Row, ...], Table]]

_MAY_REPEAT = frozenset({"info"})  # each archive may bear a page about itself
_DIAGNOSTIC = ("parameters", "tests")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a package: its path, its kind, the list that its name says."""

    path: str
    content: bytes
    kind: str
    held: str = ""

    @property
    def list(self) -> StudyList:
        return StudyList(self.held) if self.held else StudyList.INCLUDED


@dataclass(slots=True)
class _Gathered:
    """What was read of a package so far."""

    studies: dict[tuple[StudyList, str], PackagedStudy] = field(default_factory=dict)
    data: list[StudyData] = field(default_factory=list)
    included: list[StudyData] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    not_held: list[NotHeld] = field(default_factory=list)


def read_package(files: Mapping[str, bytes]) -> Package:
    """Read a data package, study data or a RevMan 5 file; its files by their paths.

    Raises PackageFaults for what is broken, for a diagnostic review, and where nothing is there
    that this program reads. What stands in the files and is kept nowhere is named in `not_held`.
    """
    found = unpacked(files)
    old = [path for path, content in found.items() if _is_rm5(path, content)]
    if len(old) > 1:
        raise refuse(old[1], 1, "file", "a second RevMan 5 file", "one review")
    if old:
        package = read_rm5(old[0], found[old[0]])
        others = tuple(NotHeld(path, "file", 1) for path in found if path != old[0])
        left = tuple(sorted((*package.not_held, *others)))
        return with_concepts(replace(_with_all_studies(package), not_held=left))
    return with_concepts(_with_all_studies(_data_package(found)))


def _is_rm5(path: str, content: bytes) -> bool:
    return path.casefold().endswith(".rm5") or b"<COCHRANE_REVIEW" in content[:2000]


def with_concepts(package: Package) -> Package:
    """Return the package with every word that its studies use among its concepts."""
    known = {(each.kind, each.name) for each in package.concepts}
    added = [each for each in named_concepts(package) if (each.kind, each.name) not in known]
    every = (*package.concepts, *added)
    kinds = tuple(DEFINITIONS.values())
    return replace(package, concepts=tuple(sorted(every, key=lambda one: kinds.index(one.kind))))


def _data_package(found: Mapping[str, bytes]) -> Package:
    files = [_kind(path, content) for path, content in sorted(found.items())]
    own = [each for each in files if each.kind]
    if not own:
        names = ", ".join(sorted(found)) or "no file"
        raise refuse("the package", 1, "files", f"'{names[:80]}'", "a Cochrane data package")
    for each in own:
        if each.kind in _DIAGNOSTIC:
            raise diagnostic(each.path, "file", "a review of diagnostic tests")
    _one_of_each(own)
    by_kind: dict[str, list[_File]] = defaultdict(list)
    for each in own:
        by_kind[each.kind].append(each)
    gathered = _Gathered(not_held=[NotHeld(f.path, "file", 1) for f in files if not f.kind])
    return _whole(by_kind, gathered)


def _kind(path: str, content: bytes) -> _File:
    name = path.rpartition("/")[2]
    for kind, pattern in _PATTERNS.items():
        named = pattern.fullmatch(name)
        if named is not None:
            groups = named.groups()
            held = groups[1].lower() if len(groups) > 1 and groups[1] else ""
            return _File(path, content, kind, held)
    if name.casefold().endswith(".json") and b'"studies"' in content:
        return _File(path, content, "data")
    return _File(path, content, "")


def _one_of_each(files: Sequence[_File]) -> None:
    """Refuse what holds two reviews: their rows would be told for those of one."""
    seen: dict[tuple[str, str], str] = {}
    for each in files:
        first = seen.setdefault((each.kind, each.held), each.path)
        if first != each.path and each.kind not in _MAY_REPEAT:
            raise refuse(
                each.path, 1, "file", f"a second '{each.kind}' beside {first}", "one review"
            )


def _whole(files: Mapping[str, Sequence[_File]], gathered: _Gathered) -> Package:
    analyses = read_analyses(
        AnalysisFiles(*(_first(files, kind) for kind in ("settings", "subgroups", "rows")))
    )
    gathered.not_held += analyses.not_held
    if not files.get("settings"):
        what = "analyses, of which the tables are missing"
        gathered.not_held += [NotHeld(f.path, what, 1) for f in files.get("analysis data", ())]
    _informed(files, gathered)
    arms = _kept(gathered, read_arms, files.get("arms", ()))
    results = _kept(gathered, read_results, files.get("results", ()))
    bias = _bias(files, gathered)
    _cited(files, gathered)
    title, doi = _told(files)
    gathered.not_held += [left for each in gathered.tables for left in each.unread()]
    data = gathered.data
    return Package(
        id=_review_id(files),
        title=title,
        doi=doi,
        studies=tuple(gathered.studies.values()),
        arms=arms or tuple(each for one in data for each in one.arms),
        results=results or tuple(each for one in data for each in one.results),
        bias=_of_rows(bias, analyses.analyses),
        analyses=analyses.analyses,
        concepts=tuple(_concepts(gathered.included)),
        other_references=tuple(_others(files)),
        not_held=tuple(sorted(set(gathered.not_held))),
    )


def _first(files: Mapping[str, Sequence[_File]], kind: str) -> tuple[str, bytes] | None:
    return next(((each.path, each.content) for each in files.get(kind, ())), None)


def _kept(gathered: _Gathered, read: Reads[Row], files: Sequence[_File]) -> tuple[Row, ...]:
    found: list[Row] = []
    for each in files:
        rows, table = read(each.path, each.content)
        gathered.tables.append(table)
        found += rows
    return tuple(found)


def _informed(files: Mapping[str, Sequence[_File]], gathered: _Gathered) -> None:
    """Read the studies of the tables, then what the study data know more of them."""
    for each in files.get("information", ()):
        rows, table = read_studies(each.path, each.content, each.list)
        gathered.tables.append(table)
        for study in rows:
            if (each.list, study.name) in gathered.studies:
                place = next(
                    line.number
                    for line in reversed(table.lines)
                    if line.word("Study") == study.name
                )
                found = f"'{study.name}' a second time"
                raise refuse(each.path, place, "Study", found, "each study once")
            gathered.studies[each.list, study.name] = study
    for each in files.get("data", ()):
        read = read_study_data(each.path, each.content, each.list)
        gathered.data.append(read)
        if each.list is StudyList.INCLUDED:
            gathered.included.append(read)
        gathered.not_held += read.not_held
        for study in read.studies:
            known = gathered.studies.get((each.list, study.name))
            gathered.studies[each.list, study.name] = _joined(known, study)


def _joined(known: PackagedStudy | None, more: PackagedStudy) -> PackagedStudy:
    if known is None:
        return more
    return replace(
        known,
        ids=known.ids or more.ids,
        references=more.references,
        characteristics=known.characteristics or more.characteristics,
        covariates=known.covariates or more.covariates,
    )


def _bias(files: Mapping[str, Sequence[_File]], gathered: _Gathered) -> PackagedBias:
    for each in files.get("bias", ()):
        read = read_bias(each.path, each.content)
        gathered.tables.append(read.table)
        return read.bias
    return next((each.bias for each in gathered.data if each.bias.judgements), PackagedBias())


def _of_rows(bias: PackagedBias, analyses: Sequence[PackagedAnalysis]) -> PackagedBias:
    """Say that the tool is the second where the rows of analyses carry its judgements."""
    in_rows = [domain for a in analyses for row in a.rows for domain, _, _ in row.bias]
    if bias.judgements or not in_rows:
        return bias
    return PackagedBias(BiasTool.TWO, tuple(dict.fromkeys(in_rows)))


def _cited(files: Mapping[str, Sequence[_File]], gathered: _Gathered) -> None:
    """Give the studies the references of the RIS files, where the study data have none."""
    for each in files.get("cited", ()):
        by_study: dict[str, list[StudyReference]] = defaultdict(list)
        for name, reference in read_cited(each.path, each.content):
            by_study[name].append(reference)
        for name, references in by_study.items():
            study = gathered.studies.get((each.list, name))
            if study is None and name:
                study = PackagedStudy(name, each.list)
            if study is None:
                what = "references that name no study"
                gathered.not_held.append(NotHeld(each.path, what, len(references)))
            else:
                gathered.studies[each.list, name] = replace(
                    study, references=_more_parts(study.references, references)
                )


def _more_parts(
    known: Sequence[StudyReference], cited: Sequence[StudyReference]
) -> tuple[StudyReference, ...]:
    """Keep what the study data say; RIS adds the parts that they have no name for."""
    if not known:
        return tuple(each for each in cited)
    if len(known) != len(cited):
        return tuple(known)
    return tuple(
        replace(one, parts=in_order({**dict(_unnamed(other)), **dict(one.parts)}))
        for one, other in zip(known, cited, strict=True)
    )


def _unnamed(reference: StudyReference) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in reference.parts if name == "notes" or name.isupper())


def _others(
    files: Mapping[str, Sequence[_File]],
) -> Iterator[tuple[str, tuple[StudyReference, ...]]]:
    for each in files.get("other", ()):
        found = tuple(reference for _, reference in read_cited(each.path, each.content))
        if found:
            yield each.held, found


def _told(files: Mapping[str, Sequence[_File]]) -> tuple[str, str]:
    """Return the title and the DOI that the page of a package bears."""
    for each in files.get("info", ()):
        text = decoded(each.path, each.content)
        title, doi = _TITLE.search(text), _DOI.search(text)
        said = plain(title[1]) if title else ""
        return ("" if said == "Data package" else said), (html.unescape(doi[1]) if doi else "")
    return "", ""


def _review_id(files: Mapping[str, Sequence[_File]]) -> str:
    """Return what the names of the files begin with: the review's number."""
    for kind, found in files.items():
        for each in found:
            named = _PATTERNS[kind].fullmatch(each.path.rpartition("/")[2])
            if named is not None and named[1]:
                return named[1]
            if named is None:
                return each.path.rpartition("/")[2].rpartition(".")[0]
    return ""


def _concepts(data: Sequence[StudyData]) -> Iterator[Concept]:
    seen: set[tuple[str, str]] = set()
    for each in data:
        for concept in each.concepts:
            if (concept.kind, concept.name) not in seen:
                seen.add((concept.kind, concept.name))
                yield concept


def _with_all_studies(package: Package) -> Package:
    """Give a study that only rows know a place among the included ones, with the row's year."""
    known = {each.name for each in package.of(StudyList.INCLUDED)}
    added = {
        row.study: PackagedStudy(row.study, StudyList.INCLUDED, row.year)
        for analysis in package.analyses
        for row in analysis.rows
        if row.study not in known
    }
    every = (*package.studies, *added.values())
    ordered = tuple(each for held in StudyList for each in every if each.list is held)
    return replace(package, studies=ordered)
