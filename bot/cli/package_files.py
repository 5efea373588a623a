"""The files of a package on the disk, and a folder of files written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.review.folder import read_review
from state.errors import BadInput
from state.files import beside, in_words


def files_of(place: Path) -> dict[str, bytes]:
    """Return the files of a package by their paths: of a folder, or the one file itself."""
    if not place.exists():
        raise BadInput(f"{place}: found nothing, expected a package: a folder, a ZIP, an .rm5")
    with in_words(place):
        if place.is_dir():
            return {
                each.relative_to(place).as_posix(): each.read_bytes()
                for each in sorted(place.rglob("*"))
                if each.is_file()
            }
        return {place.name: place.read_bytes()}


def check_is_free(folder: Path) -> None:
    """Refuse a place where something stands: nothing of anybody's is written over."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise BadInput(f"{folder}: found something there, expected a new or empty folder")


def write_review(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a review folder that was read as the program reads it: whole, or not at all."""
    _write_checked(folder, files, check=True)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files: whole, or not at all."""
    _write_checked(folder, files, check=False)


def _write_checked(folder: Path, files: Mapping[str, bytes], *, check: bool) -> None:
    check_is_free(folder)
    with in_words(folder):
        partial = beside(folder.absolute())
        shutil.rmtree(partial, ignore_errors=True)
        try:
            for path, body in files.items():
                place = partial / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(body)
            if check:
                read_review(partial)
            os.replace(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
