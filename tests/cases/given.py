"""Files given to a made-up review, as a person gives what a search by hand brought."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.app import App
from bot.surveillance.searched import searched_at
from bot.surveillance.slots import find_source
from extraction.errors import ExtractionError
from extraction.readers.export import read_export
from state.errors import BadInput
from state.records import all_records
from tests.bot.builders import DORA, add_team, an_app, take_import
from tests.cases.expected import Given

SOURCE = "embase"
LISTS_SOURCE = "ctis"  # a source whose strategy asks for several lists
_TAKEN_ONCE = re.compile(r"^(\d+) of \d+ records are equal to another")


@contextmanager
def a_review() -> Iterator[App]:
    """Make a review with a team, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = an_app(Path(folder) / "data")
        add_team(app)
        try:
            yield app
        finally:
            app.close()


def given(path: Path) -> Given:
    """Give a file; return what the review then holds."""
    with a_review() as app:
        try:
            run = take_import(app, DORA, path.read_bytes(), path.name, SOURCE).run
        except (BadInput, ExtractionError) as error:
            return Given(refused=str(error))
        with app.database.reading() as connection:
            stored = {each.record.key: each.record for each in all_records(connection)}
    export = read_export(path.read_bytes(), path.name, source=SOURCE)
    records = tuple(stored[each.key] for each in export.records if each.key in stored)
    repeats = sum(int(found[1]) for each in run.warnings if (found := _TAKEN_ONCE.match(each)))
    return Given(
        records=records,
        held=run.found,
        new=run.new,
        origin=export.origin,
        dialect=export.dialect,
        warnings=run.warnings,
        unaccounted=run.found - len(records) - len(export.odd) - repeats,
    )


def read_alone(path: Path) -> Given:
    """Read a file without a review to take it: what it holds, and what is said of it."""
    try:
        export = read_export(path.read_bytes(), path.name, source=SOURCE)
    except ExtractionError as error:
        return Given(refused=str(error))
    repeats = sum(int(found[1]) for each in export.warnings if (found := _TAKEN_ONCE.match(each)))
    return Given(
        records=export.records,
        held=export.held,
        new=len(export.records),
        origin=export.origin,
        dialect=export.dialect,
        warnings=export.warnings,
        unaccounted=export.held - len(export.records) - len(export.odd) - repeats,
    )


def given_lists(paths: Sequence[Path]) -> Iterator[str]:
    """Give the lists of one search one by one; say where it counts as whole too early, or never.

    The source must still be due while a list is missing, and be searched once all are there.
    """
    with a_review() as app:
        for place, path in enumerate(paths, start=1):
            try:
                take_import(app, DORA, path.read_bytes(), path.name, LISTS_SOURCE)
            except (BadInput, ExtractionError) as error:
                yield f"{path.name} is refused: {error}"
                return
            searched = _is_searched(app)
            if place < len(paths) and searched:
                yield f"searched after {place} of {len(paths)} lists"
            if place == len(paths) and not searched:
                yield "not searched though every list is there"


def _is_searched(app: App) -> bool:
    with app.database.reading() as connection:
        return searched_at(app, connection, find_source(app, LISTS_SOURCE)) is not None
