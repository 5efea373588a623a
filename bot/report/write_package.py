"""The review of now gathered and written as a package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.app import App
from bot.report.as_package import ReviewNow, package_of_review
from bot.review.package.as_folder import PACKAGE_FOLDER
from bot.review.package.model import Package, StudyList
from bot.review.package.read_package import read_package
from bot.synthesis import synthesise
from state import extractions
from state.screening import StudyStatus

LISTS = {
    StudyStatus.INCLUDED: StudyList.INCLUDED,
    StudyStatus.EXCLUDED: StudyList.EXCLUDED,
    StudyStatus.AWAITING: StudyList.AWAITING,
    StudyStatus.ONGOING: StudyList.ONGOING,
}


def review_as_package(app: App) -> Package:
    """Return the review as it stands, with what it was moved in with as facts beneath."""
    with app.database.reading() as connection:
        studies = extractions.studies(connection)
        values = extractions.accepted_values(connection)
        results = synthesise.current_results(app, connection)
    return package_of_review(
        ReviewNow(
            app.protocol,
            [(each.study, LISTS[each.place]) for each in studies if each.place in LISTS],
            {each.value.cell.key: each.value.number for each in values},
            {each.id: each for each in results},
            _facts(app.config.review),
        )
    )


def _facts(review: Path) -> Package | None:
    """Read what the review was moved in with; None where it was not."""
    files = dict(_files(review / PACKAGE_FOLDER))
    return read_package(files) if files else None


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if each.is_file():
            yield each.relative_to(folder).as_posix(), each.read_bytes()
