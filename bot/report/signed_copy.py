"""The manifest of a copy of a review (a backup, an export): its files with their hashes, signed.

The key that signs is the installation's; it is in no copy. So a copy that somebody altered is known
by its signature, as long as one knows by whom it should be signed (`restore --signed-by`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import VERSION
from bot.app import App
from bot.app import log as log_of_program
from bot.silence.signing_key import key_id, open_key, signature_holds
from state.codec import Json, canonical, instant
from state.errors import DataFolderFault
from state.files import write_new

BLOCK = 1 << 20
# What a name in a copy may be: on every system a file inside the folder, and no other.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """A copy as its manifest describes it. signed_by: the key's id, None where nothing is signed.

    faults: what the copy is not, by name; left: files that are there and not named.
    """

    files: Mapping[str, str]
    signed_by: str | None
    faults: tuple[str, ...]
    left: tuple[str, ...]


def write_manifest(app: App, folder: Path, name: str, log: tuple[int, str]) -> None:
    """Sign what a copy holds. log: the number and hash of the last event in it.

    A copy without a signature is better than none: where the key cannot be read, that is logged.
    """
    said: Json = {
        "files": {each: file_hash(folder / each) for each in names_in(folder)},
        "log": {"events": log[0], "head": log[1]},
        "made_at": instant(app.clock.now()),
        "program": VERSION,
    }
    try:
        key = open_key(app.config.data)
        said["key"] = {"id": key.id, "public": key.public}
        said["signature"] = key.sign(canonical(said))
    except DataFolderFault as fault:
        log_of_program.error("the copy is not signed: %s", fault)
    write_new(folder / name, canonical(said).encode())


def read_copy(folder: Path, name: str) -> SignedCopy:
    """Look at a copy, every byte of it; raise DataFolderFault where it has no manifest."""
    try:
        said = json.loads((folder / name).read_text(encoding="utf-8"))
        files = {str(each): str(digest) for each, digest in said["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFolderFault(f"{folder} is no backup: {error}") from error
    faults = [*_signature_faults(said, name), *_name_faults(folder, files)]
    if not faults:
        faults = list(_file_faults(folder, files))
    left = sorted(set(names_in(folder)) - {*files, name})
    return SignedCopy(files, _signer(said), tuple(faults), tuple(left))


def names_in(folder: Path) -> list[str]:
    """Return the files below a folder by their names in a copy; a link is none."""
    return sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    )


def check_name(name: str, folder: Path) -> None:
    """Raise DataFolderFault for a name that could mean a file outside a folder, or an odd one."""
    parts = name.split("/")
    plain = all(NAME.fullmatch(each) and not RESERVED.fullmatch(each) for each in parts)
    if not plain or len(parts) > DEEPEST or any(each.endswith(".") for each in parts):
        raise DataFolderFault(f"'{name}' leads out of {folder}, or is no name of a copy's file")


def file_hash(file: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _signer(said: Json) -> str | None:
    return key_id(said["key"]["public"]) if said.get("signature") else None


def _signature_faults(said: Json, name: str) -> Iterator[str]:
    if "signature" not in said:
        return
    signed = {key: value for key, value in said.items() if key != "signature"}
    try:
        holds = signature_holds(said["key"]["public"], canonical(signed), said["signature"])
    except (KeyError, TypeError, ValueError):
        holds = False
    if not holds:
        yield f"{name}: its signature does not hold, so it was altered after it was written"


def _name_faults(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in files:
        try:
            check_name(name, folder)
        except DataFolderFault as fault:
            yield str(fault)
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            yield f"'{name}' and '{twin}' are one file where case makes no difference"


def _file_faults(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    for name, digest in files.items():
        file = folder / name
        inner = [folder / each for each in Path(name).parents]
        if any(each.is_symlink() for each in (file, *inner)):
            yield f"{file} is a link, and a copy holds files"
        elif not file.is_file():
            yield f"{file} is missing"
        elif file_hash(file) != digest:
            yield f"{file} is not what was backed up: it was altered"
