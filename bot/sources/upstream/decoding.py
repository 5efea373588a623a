"""Answer bodies gathered within a limit, unpacked no further than the limit either."""

from __future__ import annotations

import zlib

from bot.errors import BodyCut, BodyRefused

# What we say we accept; an answer packed in any other way is refused, not guessed at.
ACCEPTED_ENCODING = "gzip"
_PACKED = {"gzip", "x-gzip", "deflate"}
_PLAIN = {"", "identity"}
_PIECE_BYTES = 256 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class BodyDecoder:
    """Gathers the raw chunks of one answer; never holds more than `limit` bytes and one piece."""

    def __init__(self, encoding: str, limit: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in _PACKED | _PLAIN:
            raise BodyRefused(f"packed as '{encoding}', expected {ACCEPTED_ENCODING} or nothing")
        self._packed = encoding in _PACKED
        self._limit = limit
        self._bytes = bytearray()
        self._unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, raw: bytes) -> None:
        """Take the next chunk as it came over the line."""
        if not self._packed:
            self._keep(raw)
            return
        try:
            self._unpack(raw)
        except zlib.error as error:
            raise BodyCut(f"damaged {ACCEPTED_ENCODING} body: {error}") from error

    def whole(self) -> bytes:
        """Return the body; raise BodyCut where a packed one did not end."""
        if self._packed and self._begun:
            raise BodyCut(f"the {ACCEPTED_ENCODING} body broke off")
        return bytes(self._bytes)

    def _unpack(self, raw: bytes) -> None:
        more = True
        while raw or more:  # the unpacker may hold back more than one piece of what it was given
            self._begun = self._begun or bool(raw)
            most = min(_PIECE_BYTES, self._limit - len(self._bytes) + 1)
            piece = self._unpacker.decompress(raw, most)
            self._keep(piece)
            more = len(piece) == most
            raw = self._unpacker.unconsumed_tail
            if self._unpacker.eof:  # another member may follow
                raw = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
                self._begun = False

    def _keep(self, piece: bytes) -> None:
        if len(self._bytes) + len(piece) > self._limit:
            raise BodyRefused(f"body larger than {self._limit} bytes")
        self._bytes += piece
