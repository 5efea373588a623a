"""Every proposed protocol as a file, with the lines that differ: for whoever keeps the folder.

They are written from the log, so that a start, or a round of work, writes what is missing.
"""

from __future__ import annotations

from bot.app import App
from bot.review.protocol_diff import unified_diff
from bot.review.protocol_file import FILE
from state import amendments, versions
from state.files import write_folder

DIFF = "protocol.diff"


def write_amendments(app: App) -> None:
    """Write the files of every amendment that carries a protocol, where they are not there."""
    with app.database.reading() as connection:
        adopted = {each.version: each.body for each in versions.protocols(connection)}
        in_force = {a.id for a in versions.amendments(connection) if a.in_force_at is not None}
        proposed = amendments.proposals(connection)
    for each in proposed:
        body = adopted[each.version] if each.id in in_force else each.body
        diff = unified_diff(adopted[each.based_on], body, each.based_on, each.version)
        files = {FILE: body.encode(), DIFF: diff.encode()}
        place = app.amendment(each.id)
        if any(not (place / name).exists() for name in files) or (
            (place / FILE).read_bytes() != files[FILE]
        ):
            write_folder(place, files)
