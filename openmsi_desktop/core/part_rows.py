"""A part as a row of the table ``incoming``, and back.

reached is text: ``partition:first-last`` with commas between. Little-endian and compressed are extents: number of the chunk
(32 bits), first byte and end (64 bits each); and seen: number of the chunk, partition (32 bits each), offset and time stamp
(64 bits each, -1: none).
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from typing import Any

from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import legible, name_of, text_of
from openmsi_desktop.core.part import Part, Seen, Stage

FIXED = ("source", "path", "installation", "version", "repeat", "sha512", "chunks_total", "mtime", "began_at")
"""Columns that never change."""

CHANGING = (
    "chunk_size",
    "timestamp_ms",
    "stage",
    "state",
    "reason",
    "latest",
    "chunks",
    "extents",
    "chunks_done",
    "size",
    "reached",
    "spool",
    "losses",
    "wrongs",
    "had",
    "seen",
    "updated_at",
)
"""Columns that follow the part."""

_EXTENT = struct.Struct("<IQQ")
_SEEN = struct.Struct("<IIqq")


def fixed(part: Part) -> tuple[Any, ...]:
    """The values of FIXED."""
    return (
        part.source,
        text_of(part.path),
        part.installation,
        part.version,
        part.repeat,
        part.sha512,
        part.total,
        part.mtime,
        part.began_at,
    )


def changing(part: Part) -> tuple[Any, ...]:
    """The values of CHANGING. The set of chunks is kept only as long as one is missing."""
    return (
        part.chunk_size,
        part.timestamp_ms,
        int(part.stage),
        part.state.value,
        part.reason,
        int(part.latest),
        None if part.has_all else part.chunks.dump(),
        _dump_extents(part.extents) if part.extents and not part.has_all else None,
        part.total if part.has_all else len(part.chunks),
        part.size,
        ",".join(f"{p}:{first}-{last}" for p, (first, last) in part.reached.items()),
        part.spool,
        part.losses,
        part.wrongs,
        part.had,
        _dump_seen(part.seen) if part.seen and not part.has_all else None,
        part.updated_at,
    )


@legible
def part_of(row: sqlite3.Row, topic: str) -> Part:
    """The part of a row."""
    return Part(
        source=row["source"],
        topic=topic,
        path=name_of(row["path"]),
        installation=row["installation"],
        version=row["version"],
        sha512=row["sha512"],
        total=row["chunks_total"],
        chunk_size=row["chunk_size"],
        repeat=row["repeat"],
        mtime=row["mtime"],
        timestamp_ms=row["timestamp_ms"],
        began_at=row["began_at"],
        id=row["id"],
        stage=Stage(row["stage"]),
        state=FileState(row["state"]),
        reason=row["reason"],
        latest=bool(row["latest"]),
        chunks=ChunkSet.load(row["chunks"]),
        extents=_load_extents(row["extents"]),
        reached={p: [first, last] for p, (first, last) in reached_of(row["reached"]).items()},
        size=row["size"],
        spool=row["spool"],
        losses=row["losses"],
        wrongs=row["wrongs"],
        seen=_load_seen(row["seen"]),
        had=row["had"],
        updated_at=row["updated_at"],
        has_all=row["chunks_done"] == row["chunks_total"],
    )


@legible
def reached_of(text: str) -> dict[int, tuple[int, int]]:
    """Partition -> first and last offset."""
    out = {}
    for item in text.split(",") if text else []:
        partition, _, ends = item.partition(":")
        first, _, last = ends.partition("-")
        out[int(partition)] = (int(first), int(last))
    return out


def _dump_extents(extents: dict[int, tuple[int, int]]) -> bytes:
    return zlib.compress(b"".join(_EXTENT.pack(i, first, end) for i, (first, end) in extents.items()), 1)


def _load_extents(blob: bytes | None) -> dict[int, tuple[int, int]]:
    return {i: (first, end) for i, first, end in _EXTENT.iter_unpack(zlib.decompress(blob))} if blob else {}


def _dump_seen(seen: dict[int, Seen]) -> bytes:
    return zlib.compress(
        b"".join(_SEEN.pack(i, p, offset, -1 if ms is None else ms) for i, (p, offset, ms) in seen.items()), 1
    )


def _load_seen(blob: bytes | None) -> dict[int, Seen]:
    if not blob:
        return {}
    return {i: (p, offset, None if ms < 0 else ms) for i, p, offset, ms in _SEEN.iter_unpack(zlib.decompress(blob))}
