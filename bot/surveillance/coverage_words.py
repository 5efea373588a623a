"""What each source brought, as JSON, as lines and as sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from analysis.capture import CaptureEstimate
from bot.results.format import counted, decimal, listed
from bot.surveillance.report_finds import Delay, FoundReport, ReportOrigin
from bot.surveillance.source_coverage import (
    Brought,
    DroppedSource,
    MissedArticles,
    SisterCoverage,
    SourceCoverage,
)

Told = dict[str, object]

LIMITS = (
    "Sources take their records from each other, so that what one has another is likelier to have:"
    " the figure is the least that there may be, not how much there is.",
    "The searches were written with reports of the published review at hand and are held to find"
    " them again, so that the sources look more alike than they are.",
)
_FROM_KNOWN = "asked about known documents"
_BEYOND = (
    "What the words of the searches miss in every source, and what is in none of them, no figure"
    " of this kind can see."
)


# ---- JSON ----------------------------------------------------------------------------------------


def coverage_json(found: SourceCoverage) -> Told:
    """Say it for programs."""
    return {
        "reports": [_report_json(each) for each in found.reports],
        "sources": [_brought_json(each) for each in found.brought],
        "missing": _missing_json(found.missing),
        "elsewhere": [_sister_json(each) for each in found.sisters],
        "sentences": coverage_sentences(found),
    }


def without_json(lost: DroppedSource) -> Told:
    """Say for programs what would be lost without a source."""
    return {
        "source": lost.source,
        "reports_lost": [_named(each) for each in lost.reports],
        "studies_lost": list(lost.studies),
        "found_later": [
            {**_named(each.report), "days": each.days, "by": list(each.by)} for each in lost.later
        ],
    }


def _named(report: FoundReport) -> Told:
    return {"study": report.study, "label": report.label, "report": report.cited}


def _report_json(report: FoundReport) -> Told:
    delay = report.delay
    return {
        **_named(report),
        "origin": report.origin.value,
        "register_entry": report.register_entry,
        "published_on": report.published_on,
        "found": [
            {
                "source": each.source,
                "record": each.record.key,
                "first_found_on": each.found_on,
                "asked_about_known_documents": each.from_known,
            }
            for each in report.finds
        ],
        "first": list(report.first),
        "alone": report.alone is not None,
        "delay_days": None if delay is None else {"fewest": delay.fewest, "most": delay.most},
    }


def _brought_json(brought: Brought) -> Told:
    source = brought.source
    return {
        "source": source.id,
        "name": source.name,
        "register": source.register,
        "asked_about_known_documents": source.seeds,
        "searched": source.searched,
        "can_hold": brought.of,
        "reports": brought.reports,
        "alone": brought.alone,
        "first": brought.first,
    }


def _missing_json(missing: MissedArticles) -> Told:
    return {
        "databases": [each.id for each in missing.lists],
        "articles_found": missing.found,
        "estimate": _estimate_json(missing.estimate),
        "beside": _estimate_json(missing.beside),
        "not_computed_because": missing.why,
        "limits": [*LIMITS, _BEYOND],
    }


def _sister_json(sister: SisterCoverage) -> Told:
    return {
        "sister": sister.sister,
        "items": len(sister.reports),
        "asked": len(sister.asked),
        "found": len(sister.asked) - len(sister.missed),
        "missed": [
            {"id": each.name, "title": each.title, "asked": list(each.asked)}
            for each in sister.missed
        ],
    }


def _estimate_json(found: CaptureEstimate | None) -> Told | None:
    if found is None:
        return None
    return {
        "method": found.method.value,
        "in_all": found.estimate,
        "se": found.se,
        "ci_lower": found.lower,
        "ci_upper": found.upper,
        "missed": found.missed,
        "found_by_two_or_more": found.shared,
    }


# ---- sentences -----------------------------------------------------------------------------------


def coverage_sentences(found: SourceCoverage) -> list[str]:
    """Say what the sources brought together, and what may be missing."""
    sisters = (sentence for each in found.sisters for sentence in _sister_sentences(each))
    return [*_counts(found), *_missing_sentences(found.missing), *sisters]


def _counts(found: SourceCoverage) -> Iterator[str]:
    reports = found.reports
    if not reports:
        yield "No study is included, so that no source has brought a report."
        return
    by_none = [each for each in reports if not each.finds]
    alone = sum(each.alone is not None for each in reports)
    yield (
        f"Of {counted(len(reports), 'report')} of the included studies, searches of this review"
        f" have found {len(reports) - len(by_none)}, {alone} of them in one source alone."
    )
    if by_none:
        published = sum(each.origin is ReportOrigin.PUBLISHED for each in by_none)
        named = len(by_none) - published
        parts = [f"{published} from the published review"] if published else []
        parts += [f"{named} from people who named them"] if named else []
        yield f"{counted(len(by_none), 'report')} no search has found: {listed(tuple(parts))}."


def _missing_sentences(missing: MissedArticles) -> Iterator[str]:
    if missing.estimate is None:
        yield f"How many articles all sources may miss is not computed: {missing.why}."
        return
    databases = listed(tuple(each.name for each in missing.lists))
    yield (
        f"By what {databases} have in common, at least"
        f" {_figure(missing.estimate)} are to be expected, of which {missing.found} were found"
        f" ({missing.estimate.method})."
    )
    if missing.beside is not None:
        yield (
            f"Were the databases independent of each other, they would be"
            f" {_figure(missing.beside)}."
        )
    yield from (*LIMITS, _BEYOND)


def _sister_sentences(sister: SisterCoverage) -> Iterator[str]:
    asked, missed = len(sister.asked), sister.missed
    named = f"{sister.sister} includes {counted(len(sister.reports), 'report')}"
    if not asked:
        yield f"{named}; no whole search since its list was taken could have found one of them."
        return
    yield (
        f"{named}; {asked} of them could be in a source that was searched whole since, and"
        f" {asked - len(missed)} of those were found."
    )
    if missed:
        titles = "; ".join(each.title for each in missed)
        yield (
            f"Not found, though {sister.sister} includes them: {titles}. Whether they concern the"
            " question of this review, people have to say."
        )


def _figure(found: CaptureEstimate) -> str:
    lower, upper = decimal(found.lower, 1), decimal(found.upper, 1)
    return f"{decimal(found.estimate, 1)} articles (95% CI {lower} to {upper})"


# ---- lines ---------------------------------------------------------------------------------------


def coverage_lines(found: SourceCoverage) -> list[str]:
    """Say it for people, a line a thing."""
    lines = [line for each in found.reports for line in _report_lines(each, found.names)]
    lines += [_brought_line(each) for each in found.brought]
    return lines + coverage_sentences(found)


def without_lines(lost: DroppedSource, names: Mapping[str, str]) -> list[str]:
    """Say what would be lost without a source."""
    name = names.get(lost.source, lost.source)
    lines = [
        f"without {name}: {counted(len(lost.reports), 'report')} lost,"
        f" {counted(len(lost.studies), 'study', 'studies')} unseen,"
        f" {counted(len(lost.later), 'report')} found later"
    ]
    lines += [f"  lost: {each.label}: {each.cited}{_also(each, names)}" for each in lost.reports]
    lines += [f"  unseen: {each}, of which no other source has a report" for each in lost.studies]
    return lines + [
        f"  {counted(each.days, 'day')} later, by {in_words(each.by, names)}:"
        f" {each.report.label}: {each.report.cited}"
        for each in lost.later
    ]


def _also(report: FoundReport, names: Mapping[str, str]) -> str:
    had = [each.source for each in report.finds if each.from_known and each.source != report.alone]
    return f" ({in_words(had, names)} had it, {_FROM_KNOWN})" if had else ""


def in_words(sources: Iterable[str], names: Mapping[str, str]) -> str:
    """Join the names of sources; one that is no longer in the protocol is called by its id."""
    return listed(tuple(names.get(each, each) for each in sources))


def _report_lines(report: FoundReport, names: Mapping[str, str]) -> Iterator[str]:
    yield f"{report.label}: {report.cited}"
    if not report.finds:
        yield f"  found by no search; known from {origin_in_words(report.origin)}"
        return
    for each in report.finds:
        how = f", {_FROM_KNOWN}" if each.from_known else ""
        yield f"  {names.get(each.source, each.source)}: first on {each.found_on}{how}"
    yield f"  {delay_in_words(report.delay)}"


def origin_in_words(origin: ReportOrigin) -> str:
    """Say by whom a report came into the review."""
    return {
        ReportOrigin.PUBLISHED: "the published review",
        ReportOrigin.SEARCHES: "searches of this review",
        ReportOrigin.PEOPLE: "people who named it with the data",
    }[origin]


def delay_in_words(delay: Delay | None) -> str:
    """Say how many days passed from publication to the first find."""
    if delay is None:
        return "delay not known: published before the first search, or no date that could be read"
    if delay.fewest == delay.most:
        return f"found {_after(delay.most)} publication"
    return f"found {delay.fewest} to {delay.most} days after publication"


def _after(days: int) -> str:
    return f"{counted(days, 'day')} after" if days >= 0 else f"{counted(-days, 'day')} before"


def _brought_line(brought: Brought) -> str:
    source = brought.source
    if not source.searched:
        return f"{source.name}: never searched whole"
    said = f"{source.name}: {brought.reports} of {brought.of}"
    if source.seeds:
        said += f", {_FROM_KNOWN}"
    return f"{said}, {brought.alone} alone, {brought.first} first"
