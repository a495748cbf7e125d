"""The wire format: one Kafka message carries one chunk of a file. Knows nothing of files or Kafka.

Layout of the value: a msgpack array of ten fields (nine before OpenMSIStream 1.8.6.1), as
OpenMSIStream's DataFileChunkSerializer writes it; docs/protocol.md describes it in full.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

import msgpack

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import ChunkError

HEADER = "openmsi"
"""Name of the one Kafka header of our messages."""
RESULT_HEADER = "openmsi-result"
"""Name of the header that says which version of which file a processor made a message of; docs/protocol.md describes it."""

MAX_CHUNKS = 50_000_000
"""More chunks than this in one file cannot be meant: 25 TB at the usual chunk size."""

_HASH_BYTES = 64
_NO_DATA_BYTES, _FLOAT_BYTES = 2, 9
"""As msgpack writes them."""
_MAX_OFFSET = 2**62
_MAX_VERSION = 2**63 - 1
_RESULT_END = b"_chunk_processing_result"
_KEY_FORM = re.compile(rb"_chunk_[0-9]+_of_[0-9]+$")
_HEADER_FORM = re.compile(rb"1 ([0-9a-f]{32}) ([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one version of one file.

    index counts from 1 to total; offset is the byte position of data in the file; both hashes are
    raw SHA-512 digests (64 bytes); mtime is in seconds since 1970 or None where it is unknown.
    """

    filename: str
    file_hash: bytes
    chunk_hash: bytes
    offset: int
    index: int
    total: int
    subdir: str
    filename_append: str
    data: bytes
    mtime: float | None

    @property
    def path(self) -> str:
        """Path of the rebuilt file on the topic. Not checked: :func:`decode` does that."""
        return topic_path.join(self.subdir, topic_path.with_append(self.filename, self.filename_append))


@dataclass(frozen=True, slots=True)
class Sender:
    """What our header says: which installation sent the message, and which version of the path it is."""

    installation: str
    version: int

    def encode(self) -> bytes:
        """``1 <32 hex digits> <decimal>``: form number, installation id, version number."""
        return f"1 {self.installation} {self.version}".encode("ascii")


def decode_header(value: bytes | None) -> Sender | None:
    """Read our header; None if it is missing or not ours (a foreign header never rejects a message)."""
    found = _HEADER_FORM.fullmatch(value) if value else None
    if found is None or int(found[2]) > _MAX_VERSION:
        return None
    return Sender(found[1].decode("ascii"), int(found[2]))


def message_key(subdir: str, filename: str, *, index: int, total: int) -> bytes:
    """The message key OpenMSIStream gives a chunk: ambiguous by design, so never used to identify a file."""
    return f"{'_'.join(subdir.split('/'))}_{filename}_chunk_{index}_of_{total}".encode()


def result_key(path: str) -> bytes:
    """The message key OpenMSIStream gives what its reproducers make of a file (``ReproducerMessage``). path: on the topic."""
    subdir, filename = topic_path.split(path)
    return f"{'_'.join(subdir.split('/'))}_{filename}".encode() + _RESULT_END


def is_key_of_result(key: bytes | None) -> bool:
    """Whether :func:`result_key` may have made it: then the message is no part of a file, and nobody expects that."""
    return key is not None and key.endswith(_RESULT_END)


def check_key(chunk: Chunk, key: bytes | None) -> None:
    """No hash covers the name of a file. In messages of ours the key says it once more.

    Raises:
        ChunkError: it says another name, or another number.
    """
    if key is not None and key != message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total):
        raise ChunkError(
            f"The message with chunk {chunk.index} of {chunk.path!r} has the key of another one",
            "It was damaged on its way. Send the file again.",
        )


def is_key_of_chunk(key: bytes | None) -> bool:
    """Whether :func:`message_key` may have made it: then the message should hold a chunk."""
    return key is not None and _KEY_FORM.search(key) is not None


def encode(chunk: Chunk, *, fields: int = 10) -> bytes:
    """Value of the message. ``fields=9`` writes the form that readers up to 1.8.6 demand (no mtime)."""
    array: list[object] = [
        chunk.filename,
        chunk.file_hash,
        chunk.chunk_hash,
        chunk.offset,
        chunk.index,
        chunk.total,
        chunk.subdir,
        chunk.filename_append,
        b"",
    ]
    if fields == 10:
        array.append(float(chunk.mtime or 0.0))
    # msgpack would copy the data three times
    packed = msgpack.packb(array, use_bin_type=True)
    end = len(packed) - (_FLOAT_BYTES if fields == 10 else 0)
    return b"".join((packed[: end - _NO_DATA_BYTES], _data_head(len(chunk.data)), chunk.data, packed[end:]))


def _data_head(size: int) -> bytes:
    """What msgpack writes before so many bytes."""
    if size < 2**8:
        return struct.pack(">BB", 0xC4, size)
    return struct.pack(">BH", 0xC5, size) if size < 2**16 else struct.pack(">BI", 0xC6, size)


def decode(value: bytes | None) -> Chunk:
    """Read and check one message value: its form, its numbers, its path and the hash of its data.

    Raises:
        ChunkError: anything about it is wrong; the title says what.
    """
    if value is None:
        raise ChunkError("The message has no value (a tombstone)", _NOT_A_CHUNK)
    try:
        array = msgpack.unpackb(value, raw=True, strict_map_key=False)
    # TypeError: a map whose key is an array
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise ChunkError("The message is not msgpack", _NOT_A_CHUNK) from error
    if not isinstance(array, list):
        raise ChunkError(f"The message holds a {type(array).__name__}, not an array", _NOT_A_CHUNK)
    if len(array) not in (9, 10):
        raise ChunkError(f"The message has {len(array)} fields instead of 9 or 10", _NOT_A_CHUNK)
    chunk = Chunk(
        filename=_text(array[0], "file name"),
        file_hash=_digest(array[1], "file hash"),
        chunk_hash=_digest(array[2], "chunk hash"),
        offset=_number(array[3], "offset", low=0, high=_MAX_OFFSET),
        index=_number(array[4], "chunk number", low=1, high=MAX_CHUNKS),
        total=_number(array[5], "number of chunks", low=1, high=MAX_CHUNKS),
        subdir=_text(array[6], "folder"),
        filename_append=_text(array[7], "appended name"),
        data=_bytes(array[8], "data"),
        mtime=_mtime(array[9]) if len(array) == 10 else None,
    )
    _check_numbers(chunk)
    if not chunk.filename:
        raise ChunkError("The file name is empty", _NOT_A_CHUNK)
    if "/" in chunk.filename or "/" in chunk.filename_append:
        raise ChunkError(f"The file name {chunk.filename!r} contains a slash", _NOT_A_CHUNK)
    topic_path.check(chunk.path)
    if hashlib.sha512(chunk.data).digest() != chunk.chunk_hash:
        raise ChunkError(
            f"Chunk {chunk.index} of {chunk.path!r} does not match its hash",
            "It was damaged on its way. Send the file again.",
        )
    return chunk


_NOT_A_CHUNK = "It is no part of a file in OpenMSIStream's format. Another program may be writing to this topic."


def _check_numbers(chunk: Chunk) -> None:
    if chunk.index > chunk.total:
        raise ChunkError(f"Chunk number {chunk.index} is above the number of chunks, {chunk.total}", _NOT_A_CHUNK)
    if not chunk.data and chunk.total != 1:
        raise ChunkError("A chunk without data in a file of several chunks", _NOT_A_CHUNK)
    # every chunk before this one holds at least one byte, the first starts at the beginning
    if chunk.offset < chunk.index - 1 or (chunk.index == 1 and chunk.offset != 0):
        raise ChunkError(f"Chunk {chunk.index} cannot start at byte {chunk.offset}", _NOT_A_CHUNK)


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, bytes):
        raise ChunkError(f"The {what} is not a byte string", _NOT_A_CHUNK)
    return value


def _text(value: object, what: str) -> str:
    try:
        return _bytes(value, what).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ChunkError(f"The {what} is not UTF-8", _NOT_A_CHUNK) from error


def _digest(value: object, what: str) -> bytes:
    raw = _bytes(value, what)
    if len(raw) != _HASH_BYTES:
        raise ChunkError(f"The {what} has {len(raw)} bytes instead of {_HASH_BYTES}", _NOT_A_CHUNK)
    return raw


def _number(value: object, what: str, *, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ChunkError(f"The {what} cannot be {value!r}", _NOT_A_CHUNK)
    return value


def _mtime(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ChunkError("The modification time is not a number", _NOT_A_CHUNK)
    # the reference reads zero and below as "unknown"; NaN and absurd times are treated alike
    return float(value) if 0 < value < 253_402_300_800 else None
