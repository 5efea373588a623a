"""Published versions copied into a backup or an export: their files never change."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Connection

from bot.report.published_files import MANIFEST
from bot.report.signed_copy import check_name
from state import versions
from state.facts.words import VersionState
from state.files import VERSIONS, make_folder, write_new


def copy_versions(connection: Connection, files: Path, to: Path) -> None:
    """Copy the versions that a log knows as published, and of each what its manifest names."""
    for each in versions.versions(connection):
        if each.state is VersionState.PUBLISHED:
            check_name(each.number, files)
            _copy(files / each.number, to / VERSIONS / each.number)


def _copy(folder: Path, to: Path) -> None:
    manifest = (folder / MANIFEST).read_bytes()
    make_folder(to.parent)
    make_folder(to)
    for name in json.loads(manifest)["files"]:
        check_name(name, folder)
        write_new(to / name, (folder / name).read_bytes())
    write_new(to / MANIFEST, manifest)
