"""The wire format: what is encoded comes back, and what cannot be a chunk is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunk import MAX_CHUNKS, Chunk, Sender, decode, decode_header, encode, message_key, result_key
from openmsi_desktop.core.errors import ChunkError

DATA = b"12.5;0.003\n"
GOOD = Chunk(
    filename="scan.xy",
    file_hash=hashlib.sha512(b"whole file").digest(),
    chunk_hash=hashlib.sha512(DATA).digest(),
    offset=20,
    index=3,
    total=4,
    subdir="2026/run 7",
    filename_append="",
    data=DATA,
    mtime=1_700_000_000.25,
)


def is_safe(path: str) -> bool:
    try:
        return topic_path.check(path) == path
    except ChunkError:
        return False


names = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=40)
appends = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), max_size=5)
folders = st.lists(names, max_size=4).map("/".join)


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    total = draw(st.integers(1, MAX_CHUNKS))
    index = draw(st.integers(1, total))
    data = draw(st.binary(min_size=0 if total == 1 else 1, max_size=300))
    return Chunk(
        filename=draw(names),
        file_hash=draw(st.binary(min_size=64, max_size=64)),
        chunk_hash=hashlib.sha512(data).digest(),
        offset=0 if index == 1 else draw(st.integers(index - 1, 2**62)),
        index=index,
        total=total,
        subdir=draw(folders),
        filename_append=draw(appends),
        data=data,
        mtime=draw(st.none() | st.floats(min_value=1e-3, max_value=4e9)),
    )


@given(chunks().filter(lambda chunk: is_safe(chunk.path)))
def test_what_is_encoded_comes_back(chunk: Chunk) -> None:
    assert decode(encode(chunk)) == chunk
    assert decode(encode(chunk, fields=9)) == replace(chunk, mtime=None)


@pytest.mark.parametrize("fields", [9, 10])
@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_535, 65_536, 524_288])
def test_a_value_is_what_msgpack_writes(size: int, fields: int) -> None:
    chunk = replace(GOOD, data=bytes(size), mtime=1.5)
    everything = [getattr(chunk, name) for name in Chunk.__dataclass_fields__]
    assert encode(chunk, fields=fields) == msgpack.packb(everything[:fields], use_bin_type=True)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_chunk_or_a_reason(value: bytes) -> None:
    try:
        decode(value)
    except ChunkError as error:
        assert error.title and error.advice


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=5) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.integers(0, 9), json_like)
def test_any_value_in_any_field_is_a_chunk_or_a_reason(field: int, value: Any) -> None:
    array = msgpack.unpackb(encode(GOOD))
    array[field] = value
    try:
        chunk = decode(msgpack.packb(array))
    except ChunkError as error:
        assert error.title and error.advice
    else:
        assert is_safe(chunk.path)


@pytest.mark.parametrize(
    "damage",
    [
        {"index": 5},
        {"index": 0},
        {"total": 0},
        {"total": MAX_CHUNKS + 1, "index": MAX_CHUNKS + 1},
        {"offset": -1},
        {"offset": 1},
        {"index": 1, "offset": 20},
        {"offset": 2**63},
        {"data": b"", "chunk_hash": hashlib.sha512(b"").digest()},
        {"data": DATA + b"!"},
        {"file_hash": b"short"},
        {"chunk_hash": b"short"},
        {"filename": ""},
        {"filename": "."},
        {"filename": "a/b"},
        {"filename": "a\\b"},
        {"filename": "nul\0"},
        {"filename": "n" * 256},
        {"filename_append": "/../../x"},
        {"filename": ".", "filename_append": "."},
        {"subdir": "/etc"},
        {"subdir": "a/../.."},
        {"subdir": "C:"},
        {"subdir": "a//b"},
        {"subdir": ".openmsi-parts"},
        {"subdir": "deep/" * 1000 + "end"},
    ],
    ids=lambda damage: repr(damage)[:40],
)
def test_chunk_that_cannot_be_is_refused(damage: dict[str, Any]) -> None:
    decode(encode(GOOD))
    with pytest.raises(ChunkError):
        decode(encode(replace(GOOD, **damage)))


@pytest.mark.parametrize("value", [None, b"", b"\xc1", b"\x90", b"\x9a" + b"\x90" * 5000, b"\xdd\xff\xff\xff\xff"])
def test_no_value_breaks_the_reader(value: bytes | None) -> None:
    with pytest.raises(ChunkError):
        decode(value)


def test_names_may_be_stored_as_byte_strings() -> None:
    array = msgpack.unpackb(encode(GOOD))
    for field in (0, 6, 7):
        array[field] = array[field].encode()
    assert decode(msgpack.packb(array)) == GOOD


def test_empty_file_is_one_chunk_without_data() -> None:
    nothing = hashlib.sha512(b"").digest()
    empty = replace(GOOD, file_hash=nothing, chunk_hash=nothing, offset=0, index=1, total=1, data=b"")
    assert decode(encode(empty)) == empty


@pytest.mark.parametrize("mtime", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_impossible_modification_time_is_unknown(mtime: float) -> None:
    array = msgpack.unpackb(encode(GOOD))
    array[9] = mtime
    assert decode(msgpack.packb(array)).mtime is None


def test_key_has_an_underscore_for_the_root() -> None:
    assert message_key("", "a.txt", index=1, total=2) == b"_a.txt_chunk_1_of_2"
    assert message_key("x/y", "a.txt", index=1, total=2) == b"x_y_a.txt_chunk_1_of_2"


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**63 - 1))
def test_header_comes_back(installation: bytes, version: int) -> None:
    sender = Sender(installation.hex(), version)
    assert decode_header(sender.encode()) == sender


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"2 " + b"a" * 32 + b" 1",
        b"1 " + b"A" * 32 + b" 1",
        b"1 " + b"a" * 31 + b" 1",
        b"1 " + b"a" * 32 + b" -1",
        b"1 " + b"a" * 32 + b" 1\n",
        b"1 " + b"a" * 32 + b" 99999999999999999999",
        b"1 " + b"a" * 32 + b" 9223372036854775808",
        b"\xff\xfe",
    ],
)
def test_foreign_header_is_ignored(value: bytes | None) -> None:
    assert decode_header(value) is None


def test_a_result_has_the_key_that_openmsistream_gives_it() -> None:
    assert result_key("a/b/scan.xy") == b"a_b_scan.xy_chunk_processing_result"
    assert result_key("scan.xy") == b"_scan.xy_chunk_processing_result"
