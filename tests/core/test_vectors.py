"""OpenMSIStream's messages, byte for byte: what it wrote we read, and what we write is the same bytes.

tests/vectors/README.md says what the files hold.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from openmsi_desktop.core.chunk import Chunk, decode, encode, message_key
from openmsi_desktop.core.errors import ChunkError

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def description(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / case / "description.json").read_text(encoding="utf-8"))
    return found


CASES = sorted(path.parent.name for path in VECTORS.glob("*/description.json"))
MESSAGES = [
    pytest.param(case, message, id=f"{case}-{number}")
    for case in CASES
    for number, message in enumerate(lines(VECTORS / case / "messages.jsonl"))
]
MALFORMED = lines(VECTORS / "15_malformed" / "values.jsonl")
HOSTILE = lines(VECTORS / "16_hostile_paths" / "values.jsonl")
OTHERS = lines(VECTORS / "17_other_messages" / "messages.jsonl")


def value_of(message: dict[str, Any]) -> bytes:
    return base64.b64decode(message["value_b64"])


def test_all_cases_are_here() -> None:
    listed = json.loads((VECTORS / "index.json").read_text(encoding="utf-8"))
    others = {"15_malformed", "16_hostile_paths", "17_other_messages", "18_registry_csv"}
    assert set(listed) == set(CASES) | others
    assert len(MESSAGES) > 20


@pytest.mark.parametrize(("case", "message"), MESSAGES)
def test_every_field_is_read(case: str, message: dict[str, Any]) -> None:
    chunk, fields = decode(value_of(message)), message["fields"]
    assert chunk.filename == fields["filename"]
    assert chunk.subdir == fields["subdir"]
    assert chunk.filename_append == fields["filename_append"]
    assert (chunk.index, chunk.total) == (fields["chunk_i"], fields["n_total_chunks"])
    assert chunk.offset == fields["chunk_offset_write"]
    assert chunk.file_hash.hex() == fields["file_hash_hex"]
    assert chunk.chunk_hash.hex() == fields["chunk_hash_hex"]
    assert len(chunk.data) == fields["data_len"]
    assert hashlib.sha512(chunk.data).hexdigest() == fields["data_sha512_hex"]
    assert chunk.mtime == (fields.get("file_mtime") or None)


@pytest.mark.parametrize(("case", "message"), MESSAGES)
def test_written_again_it_is_the_same_message(case: str, message: dict[str, Any]) -> None:
    value, legacy = value_of(message), case == "14_legacy_nine_fields"
    chunk = decode(value)
    again = encode(chunk, fields=9 if legacy else 10)
    if legacy:
        assert decode(again) == chunk  # that writer stored its names as byte strings
    else:
        assert again == value
    key = message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
    assert key == base64.b64decode(message["key_b64"])


@pytest.mark.parametrize("case", [case for case in CASES if case != "14_legacy_nine_fields"])
def test_source_file_gives_exactly_these_messages(case: str) -> None:
    told = description(case)
    if "rel_path" not in told:
        assert lines(VECTORS / case / "messages.jsonl") == []  # the empty file: OpenMSIStream sends nothing
        return
    data = (VECTORS / case / told["sources"][0]).read_bytes()
    append = "_sel" if case == "10_filename_append" else ""
    pieces = cut(data, told["chunk_size"], [(0, 300), (1000, 1500)] if case == "09_select_bytes" else [(0, len(data))])
    subdir, _, filename = told["rel_path"].rpartition("/")
    whole = hashlib.sha512(b"".join(pieces)).digest()
    assert case == "09_select_bytes" or whole.hex() == told["file_sha512_hex"]  # there it is the untouched source's
    ours, offset = {}, 0
    for index, piece in enumerate(pieces, 1):
        chunk = Chunk(
            filename=filename,
            file_hash=whole,
            chunk_hash=hashlib.sha512(piece).digest(),
            offset=offset,
            index=index,
            total=len(pieces),
            subdir=subdir,
            filename_append=append,
            data=piece,
            mtime=None if case == "08_mtime_not_captured" else told["mtime"],
        )
        ours[index] = encode(chunk)
        offset += len(piece)
        assert chunk.path == told["reconstructed_rel_path"]
    theirs = {m["fields"]["chunk_i"]: value_of(m) for m in lines(VECTORS / case / "messages.jsonl")}
    assert len(ours) == told["n_messages"]
    assert {index: ours[index] for index in theirs} == theirs


def cut(data: bytes, size: int, ranges: list[tuple[int, int]]) -> list[bytes]:
    """Chunks of at most ``size`` bytes; none crosses the end of a range."""
    return [data[at : min(at + size, end)] for start, end in ranges for at in range(start, end, size)]


@pytest.mark.parametrize("message", MALFORMED, ids=[m["name"] for m in MALFORMED])
def test_malformed_message_is_rejected_with_a_reason(message: dict[str, Any]) -> None:
    with pytest.raises(ChunkError) as caught:
        decode(value_of(message))
    assert caught.value.title
    assert caught.value.advice


@pytest.mark.parametrize("message", HOSTILE, ids=[f"{m['subdir']}|{m['filename']}" for m in HOSTILE])
def test_message_that_aims_outside_is_rejected(message: dict[str, Any]) -> None:
    with pytest.raises(ChunkError, match="path|slash"):
        decode(value_of(message))


@pytest.mark.parametrize("message", OTHERS, ids=[m["kind"] for m in OTHERS])
def test_message_of_another_kind_is_rejected(message: dict[str, Any]) -> None:
    with pytest.raises(ChunkError):
        decode(message["value"].encode("utf-8"))
