"""What was received, for people to look at. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, legible, name_of, text_of
from openmsi_desktop.core.part import Stage
from openmsi_desktop.core.part_rows import reached_of


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """A version as people see it. Times in seconds since 1970; size None as long as it is not known."""

    id: int
    task: str
    topic: str
    path: str
    local: str
    state: FileState
    reason: str
    size: int | None
    sha512: bytes
    version: int
    installation: str
    mtime: float | None
    chunks_done: int
    chunks_total: int
    reached: Mapping[int, tuple[int, int]]
    began_at: float
    updated_at: float
    chunks: bytes | None

    def missing(self, limit: int = 1000) -> tuple[int, ...]:
        """The numbers of the first chunks that have not arrived."""
        if self.chunks_done == self.chunks_total:
            return ()
        return ChunkSet.load(self.chunks).missing(self.chunks_total, limit=limit)


def rows(
    journal: Journal,
    *,
    task: str | None = None,
    state: FileState | None = None,
    path: str | None = None,
) -> Iterator[IncomingRow]:
    """Versions in the journal, of all reading tasks or one, in the order in which they began."""
    found = journal.query(
        """SELECT incoming.*, sources.task, sources.topic FROM incoming JOIN sources ON sources.id = incoming.source
        WHERE (? IS NULL OR sources.task = ?) AND (? IS NULL OR state = ?) AND (? IS NULL OR path = ?) ORDER BY incoming.id""",
        task,
        task,
        state,
        state,
        None if path is None else text_of(path),
        None if path is None else text_of(path),
    )
    yield from map(_row, found)


@legible
def _row(row: sqlite3.Row) -> IncomingRow:
    return IncomingRow(
        row["id"],
        row["task"],
        row["topic"],
        name_of(row["path"]),
        name_of(row["local"]),
        FileState(row["state"]),
        row["reason"],
        row["size"] if row["stage"] != Stage.OPEN else None,
        row["sha512"],
        row["version"],
        row["installation"],
        row["mtime"],
        row["chunks_done"],
        row["chunks_total"],
        reached_of(row["reached"]),
        row["began_at"],
        row["updated_at"],
        row["chunks"],
    )
