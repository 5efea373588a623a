"""A package as the files of a review folder, and what people must know of the move. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

from bot.review.package.favours import disagreeing_labels
from bot.review.package.from_results import with_planned, without_effect
from bot.review.package.model import (
    Applicability,
    DataType,
    Package,
    PackagedAnalysis,
    PackagedStudy,
    Printed,
    StudyList,
    StudyReference,
    plain,
)
from bot.review.package.moved import (
    TIME_POINT,
    CellKey,
    Moved,
    MovedAnalysis,
    MovedOutcome,
    MovedRow,
    moved,
)
from bot.review.package.naming import id_of
from bot.review.package.reference_ids import reference_ids, reference_title, register_ids
from bot.review.package.skeleton import NewReview, head, query_sources, strategies, tail
from bot.review.package.toml_writing import Plain, toml_table
from bot.review.package.writing import number_text, package_files
from bot.review.planned import RATIOS, OutcomeKind
from extraction import identifiers

_YEAR = re.compile(r"1[89]\d\d|2[01]\d\d")
PACKAGE_FOLDER = "baseline/package"
PRINTED_FILE = "baseline/printed.csv"
_ENTERS: Mapping[Applicability, str] = {
    Applicability.BOTH: "both",
    Applicability.SUBGROUP: "subgroup",
    Applicability.OVERALL: "overall",
}
NO_ANALYSES = (
    "the package has no analysis: those of protocol.toml are made of its study results, or are a "
    "beginning, by RevMan's first choices; look at each of them"
)
# Numbers smaller than this print as 0.00: then three digits that say something are kept.
LARGEST_PRINTED = 1e15  # beyond it a double has no decimals
SMALLEST_OF_TWO_DECIMALS = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class FolderTexts:
    """The files of a folder by their paths; what people must look at; what is not in them."""

    files: Mapping[str, bytes]
    remarks: tuple[str, ...]
    not_held: tuple[str, ...]


def folder_of(package: Package, review: NewReview) -> FolderTexts:
    """Write a package as a review folder.

    protocol.toml with every analysis as it was set, the baseline's studies, numbers, rows and
    printed results, and under baseline/package the whole package once more, as facts.
    """
    found = moved(with_planned(package))
    covariates = _covariates(package)
    texts = {
        "protocol.toml": _protocol(package, found, review, covariates),
        "baseline/studies.toml": _studies(package, found, covariates),
        "baseline/values.csv": _values(package, found),
        "baseline/rows.csv": _rows(found),
        PRINTED_FILE: _printed(package),
        "known_items.csv": _known_items(package, found, review),
        **{f"strategies/{name}": text for name, text in strategies(review).items()},
    }
    files = {path: text.encode() for path, text in texts.items()}
    files |= {f"{PACKAGE_FOLDER}/{path}": body for path, body in package_files(package).items()}
    guessed = [each for each in found.outcomes.values() if each.guessed]
    if not package.analyses:
        found.remarks.insert(0, NO_ANALYSES)
        if left := without_effect(package):
            found.remarks.insert(1, f"{left} contrasts have no mean with its SE: they enter none")
    remarks = [
        *found.remarks,
        *_homeless(found),
        *disagreeing_labels(package),
        *map(_to_check, guessed),
    ]
    return FolderTexts(files, tuple(remarks), tuple(str(each) for each in package.not_held))


def cited_reports(package: Package) -> bool:
    """Say whether an included study has a report with an identifier that services know."""
    return any(
        {"doi", "pmid"} & reference_ids(reference).keys()
        for study in package.of(StudyList.INCLUDED)
        for reference in study.references
    )


def source_of(package: Package) -> str:
    """Return what a number's provenance names as the document it stands in."""
    doi = identifiers.doi(package.doi) if package.doi else None
    return f"doi:{doi} (data package)" if doi else f"data package of {package.id or 'the review'}"


def _to_check(outcome: MovedOutcome) -> str:
    word = "the event is bad" if outcome.kind is not OutcomeKind.CONTINUOUS else "higher is worse"
    if outcome.more_is_good:
        word = word.replace("bad", "good").replace("worse", "better")
    return f"outcome '{outcome.id}': to check: that {word} is a guess, no label of a graph says it"


def _protocol(
    package: Package, found: Moved, review: NewReview, covariates: Mapping[str, str]
) -> str:
    tables = [
        head(review),
        *(toml_table("arms", {"id": own, "label": label}) for own, label in found.arms.items()),
        *(_outcome_table(each) for each in found.outcomes.values()),
        *(
            toml_table("comparisons", {"id": own, "label": label, "arms": arms})
            for own, (label, arms) in found.comparisons.items()
        ),
        *(toml_table("covariates", {"id": own, "label": n}) for n, own in covariates.items()),
        *(_analysis_tables(package, found, each, covariates) for each in found.analyses),
        tail(review),
    ]
    return "\n".join(tables)


def _outcome_table(outcome: MovedOutcome) -> str:
    more = (
        {"higher_is": "better" if outcome.more_is_good else "worse"}
        if outcome.kind is OutcomeKind.CONTINUOUS
        else {"event_is": "good" if outcome.more_is_good else "bad"}
    )
    unit = outcome.unit if outcome.kind is OutcomeKind.CONTINUOUS else ""
    return toml_table(
        "outcomes",
        {
            "id": outcome.id,
            "label": outcome.label,
            "kind": outcome.kind.value,
            **more,
            "time_point": TIME_POINT,
            "unit": unit or None,
        },
    )


def _analysis_tables(
    package: Package, found: Moved, analysis: MovedAnalysis, covariates: Mapping[str, str]
) -> str:
    set_as = analysis.packaged
    values: dict[str, Plain | None] = {
        "id": set_as.key,
        "outcome": analysis.outcome,
        "comparison": analysis.comparison,
        "measure": analysis.measure.value,
        **_method(set_as),
        "convention": "revman",
        "arm_1": analysis.arms[0],
        "arm_2": analysis.arms[1],
        "label_1": plain(set_as.label_1) or None,
        "label_2": plain(set_as.label_2) or None,
        "direction": _direction(analysis, found.outcomes[analysis.outcome]),
        **_groups(set_as, covariates),
    }
    return toml_table("analyses", values) + _published(package, analysis)


def _method(set_as: PackagedAnalysis) -> dict[str, Plain | None]:
    """Return how an analysis is computed; O - E with random effects is inverse variance."""
    of_o_e = set_as.data_type is DataType.O_E and set_as.random
    return {
        "method": "IV" if of_o_e else set_as.weighing.value,
        "model": "random" if set_as.random else "common",
        "tau2": set_as.tau2 or None,
        "interval": "hartung-knapp" if set_as.interval == "HKSJ" else "wald",
        "prediction": "as-tested" if set_as.prediction and set_as.random else "none",
        "level": None if set_as.level == 0.95 else set_as.level,
    }


def _groups(set_as: PackagedAnalysis, covariates: Mapping[str, str]) -> dict[str, Plain | None]:
    """Return what is exchanged, grouped, pooled and tested where that is not the rule."""
    by = plain(dict(set_as.more).get("Subgroup by", ""))
    return {
        "swap_events": True if set_as.swap_events else None,
        "subgroup": covariates.get(by) if set_as.subgroups else None,
        "overall": None if set_as.overall else False,
        "subgroup_test": None if set_as.subgroup_test else False,
    }


def _direction(analysis: MovedAnalysis, outcome: MovedOutcome) -> str:
    """Say what a result above no effect means; the folder's reader computes the same."""
    null = 1 if analysis.measure in RATIOS else 0
    first = outcome.more_is_good is not analysis.packaged.swap_events
    return f"above {null} favours {analysis.arms[0] if first else analysis.arms[1]}"


def _published(package: Package, analysis: MovedAnalysis) -> str:
    """Write the overall result as the published review prints it: to two decimals."""
    printed = analysis.packaged.printed
    found = [_as_printed(each) for each in (printed.lower, printed.estimate, printed.upper)]
    if not all(found) or sorted(found, key=Decimal) != found:
        return ""  # no interval of an estimate: printed.csv has it as it stands
    studies = len({row.study for row in analysis.packaged.rows if row.estimate is not None})
    values: dict[str, Plain | None] = {
        "estimate": found[1],
        "ci_lower": found[0],
        "ci_upper": found[2],
        "source": source_of(package),
        "studies": studies or None,
        "participants": _people(printed),
    }
    return "\n" + toml_table("analyses.published", values, of_list=False)


def _people(printed: Printed) -> int | None:
    """Return the people of both arms, where they are a whole number and some."""
    people = (printed.n_1 or 0) + (printed.n_2 or 0)
    return int(people) if people >= 1 and float(people).is_integer() else None


def _as_printed(number: float | None) -> str:
    if number is None or abs(number) > LARGEST_PRINTED:
        return ""
    exact = Decimal(repr(number))
    decimals = 2
    if exact and abs(exact) < SMALLEST_OF_TWO_DECIMALS:
        decimals = max(2, 2 - exact.adjusted())
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def _covariates(package: Package) -> dict[str, str]:
    """Return the covariates of studies by their names, each with its id."""
    found: dict[str, str] = {}
    for study in package.of(StudyList.INCLUDED):
        for name, _ in study.covariates:
            if plain(name) and plain(name) not in found:
                found[plain(name)] = id_of(name, set(found.values()) | {"stratum"}, "covariate")
    return found


def _studies(package: Package, found: Moved, covariates: Mapping[str, str]) -> str:
    arms_of: dict[str, dict[str, None]] = {}
    for analysis in found.analyses:
        for row in analysis.rows:
            arms_of.setdefault(row.study, {}).update(dict.fromkeys(analysis.arms))
    every = tuple(found.arms)[:2]
    text = ["# The studies of the review as published.\n"]
    for study in package.of(StudyList.INCLUDED):
        own = found.studies[study.name]
        text.append(_study_table(study, own, tuple(arms_of.get(own, {})) or every, covariates))
    return "\n".join(text)


def _study_table(
    study: PackagedStudy, own: str, arms: Sequence[str], covariates: Mapping[str, str]
) -> str:
    said = {covariates[plain(n)]: plain(v) for n, v in study.covariates if plain(n) and plain(v)}
    values: dict[str, Plain | None] = {
        "id": own,
        "label": plain(study.name) or own,
        "design": "other",  # no package says how people were allocated
        "arms": arms,
        "year": _year(study.year),
        "covariates": said or None,
        "register_ids": list(dict.fromkeys(_registered(study))) or None,
    }
    reports = [_report(each, study) for each in study.references] or [_report(None, study)]
    tables = [toml_table("studies.reports", each) for each in reports]
    return "\n".join([toml_table("studies", values), *tables])


def _year(text: str) -> int | None:
    """Return a year that is one; files have 2024/2/2 and nothing at all as well."""
    return int(text) if _YEAR.fullmatch(text) else None


def _registered(study: PackagedStudy) -> Iterator[str]:
    for reference in study.references:
        yield from register_ids(reference)


def _report(reference: StudyReference | None, study: PackagedStudy) -> dict[str, Plain | None]:
    if reference is None:
        return {"citation": f"{plain(study.name)}."}
    ids = reference_ids(reference)
    return {
        "citation": _citation(reference) or f"{plain(study.name)}.",
        "pmid": ids.get("pmid"),
        "pmcid": ids.get("pmcid"),
        "doi": ids.get("doi"),
        "register": list(register_ids(reference)) or None,
    }


def _citation(reference: StudyReference) -> str:
    """Return the title up to a full stop, then who, where and when."""
    part = reference.part
    title = reference_title(reference).rstrip(".")
    where = " ".join(filter(None, (plain(part("source")), plain(part("publication-date")))))
    issue = f"({part('issue')})" if part("issue") else ""
    pages = f":{part('pages')}" if part("pages") else ""
    where += f";{part('volume')}{issue}{pages}" if part("volume") else ""
    pieces = (title, plain(part("authors")).rstrip("."), where.strip().rstrip("."))
    return " ".join(f"{piece}." for piece in pieces if piece)


def _values(package: Package, found: Moved) -> str:
    columns = (
        *("study", "outcome", "time_point", "arms", "field", "number", "unit", "basis"),
        *("source", "locator", "quote", "how", "stratum"),
    )
    source = source_of(package)
    rows = [_value(found, key, *entry, source) for key, entry in found.cells.items()]
    return _csv(columns, rows)


def _value(found: Moved, key: CellKey, number: float, analysis: str, source: str) -> Sequence[str]:
    """Write a number; people and events that are not whole were made by somebody."""
    study, outcome, arms, field_name, stratum = key
    measured = field_name in ("mean", "sd")
    unit = found.outcomes[outcome].unit if measured else ""
    whole = float(number).is_integer() or field_name not in ("events", "total", "n")
    how = "" if whole else "an effective number, as the package has it"
    return (
        *(study, outcome, TIME_POINT, arms, field_name, number_text(number), unit),
        *("published" if whole else "derived", source, f"analysis {analysis}", "", how, stratum),
    )


def _rows(found: Moved) -> str:
    rows = []
    for analysis in found.analyses:
        names = subgroup_labels(analysis.packaged)
        for each in analysis.rows:
            subgroup = names.get(each.row.subgroup, "")
            enters = _ENTERS[each.row.applicability] if subgroup else "both"
            if _stands_nowhere(each, subgroup):
                continue
            footnote = " ".join(each.row.footnote.split())
            rows.append(
                (analysis.packaged.key, each.study, each.stratum, subgroup, enters, footnote)
            )
    return _csv(("analysis", "study", "stratum", "subgroup", "enters", "footnote"), rows)


def _stands_nowhere(row: MovedRow, subgroup: str) -> bool:
    """Whether a row counts in its subgroup alone, and has none."""
    return not subgroup and row.row.applicability is Applicability.SUBGROUP


def _homeless(found: Moved) -> Iterator[str]:
    for analysis in found.analyses:
        names = subgroup_labels(analysis.packaged)
        for each in analysis.rows:
            if _stands_nowhere(each, names.get(each.row.subgroup, "")):
                yield (
                    f"analysis {analysis.packaged.key}, {each.row.study}: the row counts in its"
                    " subgroup alone and stands in none: it enters nothing"
                )


def subgroup_labels(analysis: PackagedAnalysis) -> dict[str, str]:
    """Return what the folder calls each subgroup, by its number: as printed, each once."""
    found: dict[str, str] = {}
    for each in analysis.subgroups:
        name = " ".join(each.name.split()) or f"Subgroup {each.number}"
        found[each.number] = f"{name} ({each.number})" if name in found.values() else name
    return found


def _printed(package: Package) -> str:
    """Write every result as printed, overall and of subgroups, apart from what is computed."""
    names = [each.name for each in fields(Printed)]
    rows = [
        [analysis.key, subgroup, *(number_text(getattr(printed, name)) for name in names)]
        for analysis in package.analyses
        for subgroup, printed in _all_printed(analysis)
    ]
    return _csv(("analysis", "subgroup", *names), rows)


def _all_printed(analysis: PackagedAnalysis) -> Iterator[tuple[str, Printed]]:
    yield "", analysis.printed
    labels = subgroup_labels(analysis)
    yield from ((labels[each.number], each.printed) for each in analysis.subgroups)


def _known_items(package: Package, found: Moved, review: NewReview) -> str:
    """List the reports that sources asked a query must find again, by the id that articles bear."""
    asked = [
        each.id for each in query_sources() if review.queries.get(each.id) and not each.register
    ]
    rows: dict[str, Sequence[str]] = {}
    for study in package.of(StudyList.INCLUDED) if asked else ():
        for reference in study.references:
            pmid = reference_ids(reference).get("pmid")
            title = reference_title(reference)
            if pmid and title:
                own = f"pmid:{pmid}"
                known = (own, title, " ".join(asked), found.studies[study.name], "no")
                rows.setdefault(own, known)
    return _csv(("id", "title", "sources", "study", "confirmed"), rows.values())


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO(newline="")
    written = csv.writer(stream, lineterminator="\n")
    written.writerow(columns)
    written.writerows(rows)
    return stream.getvalue()
