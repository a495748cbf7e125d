"""What was received, for people to look at. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.deliveries import PARKED, Done
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


class SinkProgress(StrEnum):
    """How far one sink (the folder, a bucket, a processor) is with a version."""

    WAITING = "waiting"
    FAILED = "failed"
    DELIVERED = "delivered"
    DECLINED = "declined"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class SinkState:
    """A version at one sink. Times in seconds since 1970, None where unknown.

    title, advice: why it failed or was given up, or (title) why it was not wanted. tries: how often it failed. due_at: when it is
    tried again. note: what it said of the delivery. local: where it put it, a path or a URL. output: the end of what a program
    printed. at: when that was.
    """

    sink: str
    state: SinkProgress
    title: str = ""
    advice: str = ""
    tries: int = 0
    due_at: float | None = None
    note: str = ""
    local: str = ""
    output: str = ""
    at: float | None = None


def sinks_of(journal: Journal, number: int) -> list[SinkState]:
    """What is known of a version at each of its sinks, by their names.

    Empty if it has a single one that has nothing to say but what is in its row; a sink that was not asked yet is missing.
    """
    return sinks_of_all(journal, [number]).get(number, [])


def sinks_of_all(journal: Journal, numbers: Collection[int]) -> dict[int, list[SinkState]]:
    """:func:`sinks_of` for many versions; those without any are missing."""
    out: dict[int, list[SinkState]] = {}
    listed = ",".join(map(str, numbers))
    for row in journal.query(f"SELECT * FROM deliveries WHERE incoming_id IN ({listed}) ORDER BY incoming_id, sink"):
        out.setdefault(row["incoming_id"], []).append(_sink(row))
    return out


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
def _sink(row: sqlite3.Row) -> SinkState:
    done = Done(row["done"])
    if done is Done.NO:
        state = SinkProgress.FAILED if row["tries"] else SinkProgress.WAITING
    elif done is Done.GAVE_UP:
        state = SinkProgress.GIVEN_UP
    else:
        state = SinkProgress.DECLINED if row["declined"] else SinkProgress.DELIVERED
    due = row["due_at"] if done is Done.NO and 0 < row["due_at"] < PARKED else None
    return SinkState(
        row["sink"],
        state,
        row["title"] or row["declined"],
        row["advice"],
        row["tries"],
        due,
        row["note"],
        name_of(row["local"]),
        row["output"],
        row["updated_at"] or None,
    )


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
