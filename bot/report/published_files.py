"""Whether the published files are still those that were published."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bot.app import App
from state import versions
from state.database import Database

MANIFEST = "manifest.json"


def verify_files(app: App) -> tuple[int, list[str]]:
    """Compare every published file with its version's manifest; return how many and the faults."""
    return verify_versions(app.database, app.files)


def verify_versions(database: Database, files: Path) -> tuple[int, list[str]]:
    """Compare the published files in a folder with what a log says of them."""
    with database.reading() as connection:
        published = [each for each in versions.versions(connection) if each.manifest_sha256]
    checked, faults = 0, []
    for version in published:
        count, found = _verify_folder(files / version.number, version.manifest_sha256 or "")
        checked += count
        faults += [f"version {version.number}: {fault}" for fault in found]
    return checked, faults


def _verify_folder(folder: Path, manifest_sha256: str) -> tuple[int, list[str]]:
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError:
        return 0, [f"{MANIFEST} is missing"]
    if hashlib.sha256(manifest).hexdigest() != manifest_sha256:
        return 1, [f"{MANIFEST} is not the one that was published"]
    faults = []
    listed = json.loads(manifest)["files"]
    for name, digest in listed.items():
        file = folder / name
        if not file.is_file():
            faults.append(f"{name} is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            faults.append(f"{name} was changed after publication")
    extra = sorted({file.name for file in folder.iterdir()} - {*listed, MANIFEST})
    return len(listed) + 1, faults + [f"{name} was added after publication" for name in extra]
