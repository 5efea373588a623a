"""The files of a package by their paths, out of archives and archives in archives. Pure."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from bot.review.package.package_table import refuse

# A download of 2023 holds an archive in an archive; one more is room enough for what people do.
DEEPEST = 3
# The largest package seen unpacks to some 30 MB; what is far beyond that is no package.
LARGEST = 512 * 1024 * 1024


def unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return all files, those of archives under the path of the archive.

    Raises PackageFaults for an archive that is damaged, locked, too deep or too large.
    """
    return dict(_each(files, DEEPEST))


def _each(files: Mapping[str, bytes], deeper: int) -> Iterator[tuple[str, bytes]]:
    for path, content in files.items():
        if path.rpartition("/")[2].startswith((".", "__MACOSX")) or "__MACOSX/" in path:
            continue
        if not content.startswith(b"PK\x03\x04") and not path.casefold().endswith(".zip"):
            yield path, content
        elif deeper == 0:
            raise refuse(path, 1, "file", "an archive in an archive too deep", "the files")
        else:
            yield from _each(_entries(path, content), deeper - 1)


def _entries(path: str, content: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = [each for each in packed.infolist() if not each.is_dir()]
            if sum(each.file_size for each in entries) > LARGEST:
                raise refuse(path, 1, "file", "an archive that is too large", "a data package")
            for each in entries:
                found[f"{path}/{each.filename}"] = packed.read(each)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError) as error:
        raise refuse(path, 1, "file", f"'{error}'", "a whole ZIP archive") from error
    return found
