"""Pages that only show: results, versions and their files, status, records."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlalchemy import Connection

from bot.app import App
from bot.figures.forest import forest_svg
from bot.report.drafts import DRAFT_SUFFIX
from bot.results.diff import changes
from bot.silence.status import status_json
from bot.synthesis.drafting import moved_lines
from bot.synthesis.result_standing import result_standing
from bot.synthesis.synthesise import results_of_version
from bot.synthesis.the_published import published_review
from bot.web.paging import Turning, leaf
from bot.web.security import report_policy
from bot.web.signing import papers
from bot.web.visit import Visiting, the_known
from state import people, records, runs, versions
from state.errors import NotFound
from state.facts.words import VersionState
from state.late import late
from state.values import StoredRecord
from state.versions import Version

RECORDS_ON_A_PAGE = 100
MATCHES_COUNTED = 1_000  # what a reader looks through; to count on would read all that is known
RUNS_SHOWN = 30
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

pages = APIRouter()


@pages.get("/results")
def results_page(visit: Visiting) -> HTMLResponse:
    """Show each analysis with its forest plot, the published and the paired result beside it."""
    with visit.app.database.reading() as connection:
        standing = result_standing(visit.app, connection)
        results = standing.results
    per_thousand = late("bot.report.summary:per_thousand")  # the engine, which no other page needs
    return visit.page(
        "results.html",
        results=results,
        standing=standing,
        questions={each.id: each.question for each in visit.app.protocol.open_decisions},
        wide={each.id: forest_svg(each) for each in results},
        narrow={each.id: forest_svg(each, narrow=True) for each in results},
        absolute={each.id: per_thousand(each) for each in results},
    )


@pages.get("/versions")
def versions_page(visit: Visiting) -> HTMLResponse:
    """List every version of the review, the newest first."""
    with visit.app.database.reading() as connection:
        return visit.page(
            "versions.html",
            versions=versions.versions(connection)[::-1],
            world=published_review(connection),
        )


@pages.get("/versions/{number}")
def version_page(visit: Visiting, number: str) -> HTMLResponse:
    """Show one version: its cause, signals, signatures and files."""
    with visit.app.database.reading() as connection:
        version = versions.find_version(connection, number)
        to_sign = papers(visit.app, connection, visit.person.id)
        rejected = versions.newest_rejected(connection)
        return visit.page(
            "version.html",
            world=published_review(connection),
            version=version,
            paper=next((each for each in to_sign if each.id == number), None),
            moved=_moved(connection, version),
            signals=versions.signals(connection, number),
            signal_papers={each.id: each for each in to_sign if each.version == number},
            may_put_up=version == rejected and visit.person.id in people.leads(connection),
            signed=versions.signatures(connection, "version", number),
            names={person.id: person.name for person in people.people(connection)},
            files=_files(_folder(visit.app, version)),
        )


def _moved(connection: Connection, version: Version) -> list[str]:
    """Say what a draft moves: for those who are to sign it."""
    last = versions.last_published(connection)
    if last is None or version.state is VersionState.PUBLISHED:
        return []
    old, new = (results_of_version(connection, each.number) for each in (last, version))
    return moved_lines(changes(old, new)) or ["No pooled result moved."]


@pages.get("/versions/{number}/{file:path}")
def version_file(visit: Visiting, number: str, file: str) -> Response:
    """Send a file of a version's folder."""
    with visit.app.database.reading() as connection:
        version = versions.find_version(connection, number)
    path = _inside(_folder(visit.app, version), file)
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    headers = (
        {"Content-Security-Policy": report_policy(path.read_text(encoding="utf-8"))}
        if path.suffix == ".html"
        else {}
    )
    return FileResponse(path, media_type=media_type, headers=headers)


def _folder(app: App, version: Version) -> Path:
    """Return where a version's files are: a draft's lie apart until it is published."""
    suffix = "" if version.state is VersionState.PUBLISHED else DRAFT_SUFFIX
    return app.files / f"{version.number}{suffix}"


def _files(folder: Path) -> list[tuple[str, int]]:
    if not folder.is_dir():
        return []
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in found]


def _inside(folder: Path, file: str) -> Path:
    try:
        path = (folder / file).resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path
    except (OSError, ValueError):  # no file has such a name: too long, or NUL in it
        pass
    raise NotFound("file", file)


@pages.get("/status")
def status_page(visit: Visiting) -> HTMLResponse:
    """Show each source's last and next search, what failed, what is missing, what waits."""
    with visit.app.database.reading() as connection:
        done = runs.search_runs(connection, limit=RUNS_SHOWN)
    return visit.page(
        "status.html",
        status=status_json(visit.app),
        runs=done,
        plans=visit.app.protocol.sources,
        names={plan.id: plan.name for plan in visit.app.protocol.sources},
        strategies=visit.app.review.strategies,
        zone=visit.app.protocol.time_zone,
    )


@pages.get("/records")
def records_page(visit: Visiting, turned: Turning, q: str = "", source: str = "") -> HTMLResponse:
    """List everything known, searchable by words of title, author or identifier."""
    with visit.app.database.reading() as connection:
        asked = turned.asked(RECORDS_ON_A_PAGE)
        part = records.records_part(connection, asked, words=q, source=source)
        known = total = the_known(visit.request).count(connection)
        if q.strip() or source:
            total = records.count_matching(
                connection, words=q, source=source, at_most=MATCHES_COUNTED
            )
        sources = records.sources(connection)
    return visit.page(
        "records.html",
        shown=part.shown,
        leaf=leaf(turned, RECORDS_ON_A_PAGE, part, _named, "/records", q=q, source=source),
        total=total,
        known=known,
        counted_to=MATCHES_COUNTED if total != known else None,
        q=q,
        source=source,
        sources=sources,
    )


def _named(stored: StoredRecord) -> tuple[str]:
    return (stored.record.key,)
