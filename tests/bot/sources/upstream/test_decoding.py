from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from bot.errors import BodyCut, BodyRefused
from bot.sources.upstream.decoding import BodyDecoder

LIMIT = 100_000


def fed(encoding: str, *chunks: bytes, limit: int = LIMIT) -> BodyDecoder:
    body = BodyDecoder(encoding, limit)
    for chunk in chunks:
        body.feed(chunk)
    return body


def in_bytes(packed: bytes) -> list[bytes]:
    return [packed[place : place + 1] for place in range(len(packed))]


def test_a_plain_body_is_kept_as_it_came():
    assert fed("", b"ab", b"", b"c").whole() == b"abc"
    assert fed("Identity", b"abc").whole() == b"abc"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_packed_body_is_unpacked_however_it_is_cut_into_chunks(pack):
    text = b"multifocal " * 1000

    assert fed("gzip", *in_bytes(pack(text))).whole() == text


def test_a_long_body_is_unpacked_piece_by_piece():
    text = b"x" * 3_000_000

    assert fed("gzip", gzip.compress(text), limit=3_000_000).whole() == text
    assert fed("gzip", *in_bytes(gzip.compress(text)), limit=3_000_000).whole() == text


def test_members_that_follow_each_other_are_one_body():
    assert fed("gzip", gzip.compress(b"one ") + gzip.compress(b"two")).whole() == b"one two"


def test_a_body_exactly_at_the_limit_is_kept():
    assert len(fed("gzip", gzip.compress(b" " * LIMIT)).whole()) == LIMIT


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_one_byte_above_the_limit_is_refused(encoding):
    text = b" " * (LIMIT + 1)

    with pytest.raises(BodyRefused, match="larger than 100000 bytes"):
        fed(encoding, gzip.compress(text) if encoding else text)


def test_a_bomb_is_refused_without_being_unpacked():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * 1_000_000
    bomb = b"".join([*(packer.compress(block) for _ in range(100)), packer.flush()])
    body = BodyDecoder("gzip", LIMIT)
    tracemalloc.start()

    with pytest.raises(BodyRefused):
        body.feed(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 5 * LIMIT


@pytest.mark.parametrize("missing", [1, 9, 20])
def test_a_packed_body_that_breaks_off_is_not_taken_for_whole(missing):
    packed = gzip.compress(b"multifocal motor neuropathy")

    with pytest.raises(BodyCut, match="broke off"):
        fed("gzip", packed[:-missing]).whole()


def test_a_damaged_packed_body_says_so():
    with pytest.raises(BodyCut, match="damaged"):
        fed("gzip", b"<html>not packed at all</html>")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_packing_that_was_not_asked_for_is_refused_by_name(encoding):
    with pytest.raises(BodyRefused, match=encoding):
        BodyDecoder(encoding, LIMIT)


def test_an_empty_packed_body_is_empty():
    assert fed("gzip").whole() == b""
