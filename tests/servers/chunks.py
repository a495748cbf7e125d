"""Files as chunks, without a file."""

from __future__ import annotations

import hashlib
import random

from openmsi_desktop.core.chunk import Chunk


def content(size: int, seed: int = 0) -> bytes:
    """Bytes that look random and are the same every time."""
    return random.Random(seed).randbytes(size)


def chunks_of(path: str, data: bytes, size: int = 100, *, mtime: float | None = 1_600_000_000.0) -> list[Chunk]:
    """The chunks that a sender makes of a file."""
    subdir, _, filename = path.rpartition("/")
    file_hash = hashlib.sha512(data).digest()
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    return [
        Chunk(
            filename=filename,
            file_hash=file_hash,
            chunk_hash=hashlib.sha512(piece).digest(),
            offset=i * size,
            index=i + 1,
            total=len(pieces),
            subdir=subdir,
            filename_append="",
            data=piece,
            mtime=mtime,
        )
        for i, piece in enumerate(pieces)
    ]
