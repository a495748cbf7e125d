"""A file -> its plan (hashes) -> its chunks. Notices a file that changes underneath. Sends nothing.

The wire format wants the SHA-512 of the whole file in every chunk, so a file is read before it is
sent. Up to :data:`SMALL` bytes it is read once, into memory. A bigger one is read twice: the first
pass computes all hashes and a cheap guard (xxh3) of every chunk, the second one compares the guards
and hands out the chunks with the hashes of the first. A difference withdraws the version.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import xxhash

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunk import Chunk
from openmsi_desktop.core.errors import FileChanged
from openmsi_desktop.core.open_file import file_id, open_for_reading

SMALL = 16 * 1024 * 1024
"""Files up to this many bytes are read once and kept in memory while they are being sent."""

HASH_BYTES = 64
GUARD_BYTES = 16
_FIRST_NS, _LAST_NS = -(2**63), 2**63 - 1
_AHEAD = 4
"""Chunks that may wait for the hashing thread in the first pass."""

NEVER: Callable[[], bool] = lambda: False


class Stopped(Exception):
    """Planning was given up because the program stops."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells without reading whether a file is still the same. size in bytes, times in nanoseconds since 1970."""

    size: int
    mtime_ns: int
    ctime_ns: int
    file_id: str

    @classmethod
    def of(cls, stat: os.stat_result, *, changed_ns: int | None = None) -> Fingerprint:
        """From a stat result; the file id tells files of one name apart.

        changed_ns: when it last changed, if ``stat`` does not tell that. Compare only what was made in the same way.
        """
        ctime_ns = stat.st_ctime_ns if changed_ns is None else changed_ns
        return cls(stat.st_size, in_64_bits(stat.st_mtime_ns), in_64_bits(ctime_ns), file_id(stat))

    @property
    def mtime(self) -> float:
        """Seconds since 1970, rounded exactly as ``os.stat_result.st_mtime`` is, which is what goes on the wire."""
        seconds, nanoseconds = divmod(self.mtime_ns, 1_000_000_000)
        return seconds + 1e-9 * nanoseconds


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One version of one file, ready to be cut into chunks.

    size: bytes to send; less than fingerprint.size when only a prefix is sent (is_prefix).
    chunk_hashes: SHA-512 of every chunk, 64 bytes each, in order. guards: xxh3-128, 16 bytes each, empty for small files.
    data: the contents of a small file, None for a big one. copy: a file with the same bytes that nobody changes, to be
    read instead as long as it is there; empty if there is none.
    """

    local: str
    path: str
    fingerprint: Fingerprint
    size: int
    is_prefix: bool
    sha512: bytes
    chunk_size: int
    chunk_hashes: bytes
    guards: bytes
    data: bytes | None
    copy: str = ""

    @property
    def total(self) -> int:
        """Number of chunks; an empty file has one without data."""
        return chunks_in(self.size, self.chunk_size)


def chunks_in(size: int, chunk_size: int) -> int:
    """Number of chunks of a file of ``size`` bytes."""
    return -(-size // chunk_size) or 1


def plan(
    local: Path | str,
    path: str,
    *,
    chunk_size: int,
    prefix: int | None = None,
    expected: Fingerprint | None = None,
    pool: Executor | None = None,
    stopped: Callable[[], bool] = NEVER,
    copy: Callable[[bytes], None] | None = None,
) -> FilePlan:
    """Read a file and compute everything that its messages need.

    prefix: send only this many bytes from the beginning; growth is then no change.
    expected: the fingerprint with which the file settled; another one is a change.
    pool: hashes the chunks of big files, while the calling thread reads and hashes the file.
    copy: gets the bytes of a big file, in order.

    Raises:
        FileChanged: the file is not, or does not stay, what was expected.
        RetryableError, NeedsYou: it cannot be opened (see :mod:`open_file`).
        Stopped: ``stopped`` returned True.
    """
    with open_for_reading(local) as file:
        before = Fingerprint.of(os.fstat(file.fileno()))
        if expected is not None and not _same(expected, before, prefix):
            raise changed(local)
        size = before.size if prefix is None else prefix
        if size <= SMALL:
            data = _read_exactly(file, size, local)
            sha512, chunk_hashes = _hash_small(data, chunk_size)
            guards = b""
            kept: bytes | None = data
        else:
            sha512, chunk_hashes, guards = _hash_big(file, size, chunk_size, local, pool, stopped, copy)
            kept = None
        if not _same(before, Fingerprint.of(os.fstat(file.fileno())), prefix):
            raise changed(local)
    return FilePlan(
        local=str(local),
        path=path,
        fingerprint=before,
        size=size,
        is_prefix=prefix is not None,
        sha512=sha512,
        chunk_size=chunk_size,
        chunk_hashes=chunk_hashes,
        guards=guards,
        data=kept,
    )


def chunks(plan: FilePlan, indexes: Iterable[int] | None = None) -> Generator[Chunk]:
    """The chunks with these numbers (from 1; default all), read, compared with the plan, in the order given.

    A big file is opened when the iteration starts and closed when it, or the generator, ends; after the last chunk its
    fingerprint is compared once more.

    Raises:
        FileChanged: the bytes are not those of the plan.
    """
    numbers = range(1, plan.total + 1) if indexes is None else indexes
    if plan.data is not None:
        view = memoryview(plan.data)
        for index in numbers:
            start = (index - 1) * plan.chunk_size
            yield _chunk(plan, index, bytes(view[start : start + plan.chunk_size]))
        return
    prefix = plan.size if plan.is_prefix else None
    has_copy = bool(plan.copy) and os.path.exists(plan.copy)
    with open_for_reading(plan.copy if has_copy else plan.local) as file:
        if not has_copy and not _same(plan.fingerprint, Fingerprint.of(os.fstat(file.fileno())), prefix):
            raise changed(plan.local)
        position = 0
        for index in numbers:
            start = (index - 1) * plan.chunk_size
            if start != position:
                file.seek(start)
            data = _read_exactly(file, min(plan.chunk_size, plan.size - start), plan.local)
            position = start + len(data)
            at = (index - 1) * GUARD_BYTES
            if xxhash.xxh3_128_digest(data) != plan.guards[at : at + GUARD_BYTES]:
                raise changed(plan.local)
            yield _chunk(plan, index, data)
        if not has_copy and not _same(plan.fingerprint, Fingerprint.of(os.fstat(file.fileno())), prefix):
            raise changed(plan.local)


def changed(local: Path | str) -> FileChanged:
    """The error that withdraws an attempt."""
    return FileChanged(
        "The file changed while it was being read",
        "This attempt is withdrawn; the file is sent once it is finished.",
        path=local,
    )


def in_64_bits(time_ns: int) -> int:
    """File systems know times after 2262, and before 1677: the journal stores their nanoseconds in 64 bits."""
    return time_ns if _FIRST_NS <= time_ns <= _LAST_NS else max(_FIRST_NS, min(time_ns, _LAST_NS))


def _same(before: Fingerprint, after: Fingerprint, prefix: int | None) -> bool:
    if prefix is None:
        return before == after
    return before.file_id == after.file_id and after.size >= prefix


def _chunk(plan: FilePlan, index: int, data: bytes) -> Chunk:
    subdir, name = topic_path.split(plan.path)
    at = (index - 1) * HASH_BYTES
    return Chunk(
        filename=name,
        file_hash=plan.sha512,
        chunk_hash=plan.chunk_hashes[at : at + HASH_BYTES],
        offset=(index - 1) * plan.chunk_size,
        index=index,
        total=plan.total,
        subdir=subdir,
        filename_append="",
        data=data,
        mtime=plan.fingerprint.mtime,
    )


def _read_exactly(file: BinaryIO, size: int, local: Path | str) -> bytes:
    data = file.read(size)
    if len(data) == size:
        return data
    parts = [data]
    missing = size - len(data)
    while missing:
        data = file.read(missing)
        if not data:
            raise changed(local)
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _hash_small(data: bytes, chunk_size: int) -> tuple[bytes, bytes]:
    sha512 = hashlib.sha512(data).digest()
    if len(data) <= chunk_size:
        return sha512, sha512
    view = memoryview(data)
    starts = range(0, len(data), chunk_size)
    return sha512, b"".join(hashlib.sha512(view[s : s + chunk_size]).digest() for s in starts)


def _hash_chunk(data: bytes) -> tuple[bytes, bytes]:
    return hashlib.sha512(data).digest(), xxhash.xxh3_128_digest(data)


def _hash_big(
    file: BinaryIO,
    size: int,
    chunk_size: int,
    local: Path | str,
    pool: Executor | None,
    stopped: Callable[[], bool],
    copy: Callable[[bytes], None] | None,
) -> tuple[bytes, bytes, bytes]:
    whole = hashlib.sha512()
    hashes, guards = bytearray(), bytearray()
    waiting: deque[Future[tuple[bytes, bytes]]] = deque()

    def keep(result: tuple[bytes, bytes]) -> None:
        hashes.extend(result[0])
        guards.extend(result[1])

    for start in range(0, size, chunk_size):
        if stopped():
            raise Stopped
        data = _read_exactly(file, min(chunk_size, size - start), local)
        if pool is None:
            keep(_hash_chunk(data))
        else:
            waiting.append(pool.submit(_hash_chunk, data))
            if len(waiting) >= _AHEAD:
                keep(waiting.popleft().result())
        whole.update(data)
        if copy is not None:
            copy(data)
    while waiting:
        keep(waiting.popleft().result())
    return whole.digest(), bytes(hashes), bytes(guards)
