"""The watched folders: a file that is put into the folder of a source is taken in as an alert.

A file is read once it has come to rest, stored, and only then moved beside the others that were
taken. One that is refused stays where it is. Whatever is cut off on the way is found by the next
look: the same bytes are known.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.surveillance.alert_mail import MailPart, read_mail
from bot.surveillance.given_files import LARGEST_MAIL_BYTES, digest_of
from bot.surveillance.taking_alerts import (
    PlaceLookedAt,
    Reading,
    Refusal,
    SentPart,
    day_of,
    read_mail_parts,
    read_part,
    store_readings,
    too_large,
)
from state import tasks
from state.codec import storable
from state.errors import DataFolderFault
from state.facts.words import AlertWay
from state.files import PARTIAL, file_fault, make_folder

TAKEN = "taken"
# A program that writes a file writes to it more often than this.
AT_REST_S = 15.0
UNFINISHED = (PARTIAL, ".tmp", ".crdownload", ".partial", ".filepart", "~")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it lay there: what tells it from itself once changed."""

    path: Path
    size: int
    changed_ns: int

    @classmethod
    def at(cls, path: Path) -> FoundFile:
        """Look at a file."""
        found = path.stat()
        return cls(path, found.st_size, found.st_mtime_ns)

    @property
    def changed_at(self) -> datetime:
        """When it was changed last."""
        return datetime.fromtimestamp(self.changed_ns / 1e9, UTC)

    @property
    def at_rest(self) -> bool:
        """Whether nobody writes to it any more; the time of files is the machine's."""
        return time.time() - self.changed_ns / 1e9 >= AT_REST_S


def folders(app: App) -> tuple[Path, ...]:
    """Return where alerts can be put: the folders, there or not, of the sources that take them."""
    return tuple(app.alerts / plan.id for plan in app.protocol.sources if plan.takes_alerts)


def make_folders(app: App) -> None:
    """Make the folders into which alerts can be put."""
    for folder in folders(app):
        make_folder(folder)


def look_into_folders(app: App) -> tuple[PlaceLookedAt, ...]:
    """Take in what lies in the folders; raise DataFolderFault at the end where one is closed to us.

    One file's fault holds up no other.
    """
    looked: list[PlaceLookedAt] = []
    faults: list[str] = []
    for file, plan in _waiting(app):
        try:
            looked += _look(app, file, plan)
        except FileNotFoundError:
            continue  # another process has taken it
        except OSError as error:
            faults.append(str(file_fault(error, Path(error.filename or file.path))))
    if faults:
        raise DataFolderFault("; ".join(faults))
    return tuple(looked)


def _waiting(app: App) -> Iterator[tuple[FoundFile, SourcePlan | None]]:
    """Yield the files that have come to rest, with the source in whose folder they lie."""
    plans = {plan.id: plan for plan in app.protocol.sources if plan.takes_alerts}
    if not app.alerts.is_dir():
        return
    for place in sorted(app.alerts.iterdir()):
        if place.is_dir() and not place.name.startswith("."):
            inside = sorted(place.iterdir())
            yield from ((each, plans.get(place.name)) for each in _at_rest(inside))
        else:
            yield from ((each, None) for each in _at_rest([place]))


def _at_rest(places: list[Path]) -> Iterator[FoundFile]:
    for path in places:
        hidden = path.name.startswith(".") or path.name.endswith(UNFINISHED)
        if not hidden and path.is_file() and not path.is_symlink():
            found = FoundFile.at(path)
            if found.at_rest:
                yield found


def _look(app: App, file: FoundFile, plan: SourcePlan | None) -> Iterator[PlaceLookedAt]:
    """Take in one file; one that was refused before is not read again."""
    body = file.path.read_bytes() if file.size <= LARGEST_MAIL_BYTES else None
    key = _key(file, body)
    with app.database.reading() as connection:
        refused = tasks.is_task(connection, key)
    if refused or FoundFile.at(file.path) != file:  # it has grown while it was read
        return
    read = _read(app, file, plan, body)
    if all(isinstance(each, Refusal) for each in read):
        read = (_in_one(key, file, [each for each in read if isinstance(each, Refusal)]),)
    looked = store_readings(app, str(file.path.relative_to(app.alerts)), read)
    if looked.taken or looked.again:
        _move(file)
    yield looked


def _key(file: FoundFile, body: bytes | None) -> str:
    """Return the name under which the refusal of a file is known."""
    told = f"{file.path.name}:{file.size}" if body is None else digest_of(body)[:16]
    return storable(f"alert:{file.path.parent.name}:{told}")


def _in_one(key: str, file: FoundFile, refused: list[Refusal]) -> Refusal:
    reasons = "; ".join(each.reason for each in refused)
    return Refusal(key, storable(file.path.name), reasons, refused[0].where)


def _read(
    app: App, file: FoundFile, plan: SourcePlan | None, body: bytes | None
) -> tuple[Reading, ...]:
    name, where = storable(file.path.name), f"in the folder {_shown(app, file)}"
    if plan is None:
        return (Refusal("", name, _nobodys(app, file), where),)
    if body is None:
        return (Refusal("", name, too_large(name, file.size), where),)
    if file.path.suffix.lower() == ".eml":
        mail = read_mail(body)
        return read_mail_parts(app, plan, mail, day_of(app, mail.sent_at or file.changed_at))
    sent = SentPart(plan, MailPart(name, body), day_of(app, file.changed_at), AlertWay.FOLDER)
    return (read_part(app, sent, where),)


def _shown(app: App, file: FoundFile) -> str:
    return storable(str(file.path.parent.relative_to(app.alerts.parent)))


def _nobodys(app: App, file: FoundFile) -> str:
    names = ", ".join(each.name for each in folders(app)) or "(no source takes alerts)"
    return (
        f"found it in the folder {_shown(app, file)}, expected the folder of a source that takes"
        f" alerts: {names}"
    )


def _move(file: FoundFile) -> None:
    """Put a file beside those that were taken, unless it has changed since it was read."""
    if FoundFile.at(file.path) != file:
        return
    folder = file.path.parent / TAKEN
    make_folder(folder)
    place, number = folder / file.path.name, 1
    while place.exists():
        number += 1
        place = folder / f"{file.path.stem} ({number}){file.path.suffix}"
    os.rename(file.path, place)
