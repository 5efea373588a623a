"""What another review includes, taken from its package or its list of references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.acts.act import Saying
from bot.acts.said import GiveSisterList, TakenList
from bot.app import AT_THE_MACHINE, App
from bot.review.package.archive import unpacked
from bot.review.package.model import Package, StudyList, plain
from bot.review.package.read_package import read_package
from bot.review.package.reference_ids import reference_ids, reference_title, register_ids
from extraction.errors import ExtractionError
from extraction.model import Record, RecordKind
from extraction.readers.export import read_export
from extraction.record_keys import own_ids
from state import records
from state.elsewhere import sister_lists, take_sister_list
from state.errors import BadInput
from state.facts import ElsewhereItem, SisterListTaken

PACKAGES = {".json", ".rm5", ".zip"}
Read = tuple[tuple[ElsewhereItem, ...], tuple[str, ...]]  # with what should be known of it
Written = tuple[Iterator[ElsewhereItem], tuple[str, ...]]


def read_list(app: App, act: GiveSisterList) -> Read:
    """Read the included reports of a package or a list, with what should be known of the reading.

    Raises BadInput, or PackageFaults, for a file that is neither.
    """
    is_package = PurePosixPath(act.name).suffix.casefold() in PACKAGES
    items, warnings = _of_package(act) if is_package else _of_export(act)
    found: dict[str, ElsewhereItem] = {}
    for each in items:
        found.setdefault(each.name.casefold(), each)
    if not found:
        raise BadInput(f"{act.name}: found no included report, expected at least one")
    return tuple(found.values()), warnings


def take_list(saying: Saying, act: GiveSisterList, read: Read) -> TakenList:
    """Store what the other review includes; the same file again changes nothing."""
    items, warnings = read
    ledger = saying.ledger
    before = {each.sister: each for each in sister_lists(ledger.connection)}
    known = {name for each in items for name in each.ids}
    bearers = records.bearers(ledger.connection, sorted(known))
    have = tuple(each for each in items if any(name in bearers for name in each.ids))
    again = act.sister in before and before[act.sister].items == items
    if not again:
        person = None if saying.actor == AT_THE_MACHINE else saying.person
        digest = records.keep_payload(ledger.connection, act.body, "application/octet-stream")
        take_sister_list(
            ledger,
            SisterListTaken(
                sister=act.sister,
                file=act.name,
                payload_sha256=digest,
                items=items,
                person=person,
            ),
        )
    return TakenList(act.sister, items, have, warnings, again)


def _of_package(act: GiveSisterList) -> Written:
    return _included(read_package(unpacked({act.name: act.body}))), ()


def _included(package: Package) -> Iterator[ElsewhereItem]:
    for study in package.of(StudyList.INCLUDED):
        for reference in study.references:
            named = reference_ids(reference)
            ids = tuple(f"{kind}:{each}" for kind, each in named.items())
            entries = tuple(f"register:{each}" for each in register_ids(reference))
            title = reference_title(reference) or plain(study.name)
            is_entry = not ids and bool(entries)
            yield ElsewhereItem(plain(study.name), title, ids or entries[:1], is_entry)


def _of_export(act: GiveSisterList) -> Written:
    try:
        export = read_export(act.body, act.name, source="elsewhere")
    except ExtractionError as error:
        raise BadInput(str(error)) from error
    unread = tuple(f"{each.source_id} could not be read: {each.reason}" for each in export.odd)
    return map(_of_record, export.records), (*export.warnings, *unread)


def _of_record(record: Record) -> ElsewhereItem:
    year = f" {record.year}" if record.year is not None else ""
    surname = record.authors[0].rpartition(" ")[0] or record.authors[0] if record.authors else ""
    study = f"{surname}{year}" if surname else record.title
    entry = record.kind is RecordKind.REGISTER_ENTRY
    return ElsewhereItem(study, record.title, tuple(own_ids(record)), entry)
