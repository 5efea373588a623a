"""The program's own Ed25519 key: made at the first start, kept in the data folder, never copied.

A backup leaves it out: whoever holds a copy could sign in the program's name. A data folder that is
restored elsewhere makes a key of its own, and a watchdog that was told the old one says so.
"""

from __future__ import annotations

import base64
import hashlib
import os
from binascii import Error as NotBase64
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from state.errors import DataFolderFault
from state.files import KEY_FILE as KEY_FILE  # known to the rest by this room
from state.files import beside, in_words, make_durable, write_new


class SigningKey:
    """Signs; `public` is the raw public key in base64, `id` a short name for it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        self.id = key_id(self.public)

    def sign(self, text: str) -> str:
        """Return the signature of a text in base64."""
        return base64.b64encode(self._private.sign(text.encode())).decode()


def key_id(public: str) -> str:
    """Return the short name of a public key: the beginning of its hash."""
    return hashlib.sha256(public.encode()).hexdigest()[:16]


def open_key(folder: Path) -> SigningKey:
    """Read the data folder's key, or make it; two processes at once agree on one."""
    file = folder / KEY_FILE
    try:
        if not file.exists():
            with in_words(file):
                _make(file)
        raw = base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True)
        return SigningKey(Ed25519PrivateKey.from_private_bytes(raw))
    except (OSError, ValueError) as error:
        raise DataFolderFault(
            f"{file}: found no Ed25519 key ({error}), expected 32 bytes in base64; put the right"
            " file back, or move this one away and a new key is made (docs/certificate.md)"
        ) from error


def _make(file: Path) -> None:
    """Write a new key beside its place and link it there; who comes second finds the first's."""
    partial = beside(file)
    secret = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw())
    try:
        write_new(partial, secret + b"\n")
        with suppress(FileExistsError):
            os.link(partial, file)
        make_durable(file.parent)
    finally:
        partial.unlink(missing_ok=True)


def is_public_key(text: str) -> bool:
    """Whether a text is a public key as this program writes it."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (NotBase64, ValueError):
        return False
    return True


def signature_holds(public: str, text: str, signature: str) -> bool:
    """Whether a text was signed by the owner of a public key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, NotBase64, ValueError):
        return False
    return True
