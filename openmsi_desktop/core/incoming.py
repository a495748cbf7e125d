"""What a reader has received: positions, versions under way, complete and delivered. Tables of schema.INCOMING.

:class:`IncomingFiles` belongs to the thread that owns its Journal. What people look at is in :func:`rows` and :func:`counts`.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, name_of, text_of
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.part import Part, Stage

_EXTENT = struct.Struct("<IQQ")

_INSERT = """INSERT INTO incoming (source, path, installation, version, repeat, sha512, chunks_total, mtime, began_at,
    chunk_size, timestamp_ms, stage, state, reason, latest, chunks, extents, chunks_done, size, reached, spool, losses,
    had, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = """UPDATE incoming SET chunk_size = ?, timestamp_ms = ?, stage = ?, state = ?, reason = ?, latest = ?, chunks = ?,
    extents = ?, chunks_done = ?, size = ?, reached = ?, spool = ?, losses = ?, had = ?, updated_at = ? WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class Position:
    """position: the next offset to read. start: the offset at which this reader began. seen_ms: time of the last message."""

    position: int
    start: int
    seen_ms: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A complete version that is not delivered to all sinks yet.

    done: sinks that have it. tries: of those that failed. reason: what the last of them said.
    """

    id: int
    topic: str
    path: str
    installation: str
    order: Order
    sha512: bytes
    size: int
    mtime: float | None
    chunks_total: int
    spool: str
    is_verified: bool
    local: str
    reason: str
    done: frozenset[str]
    tries: Mapping[str, int]


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


class IncomingFiles:
    """The incoming files of one reading task."""

    def __init__(self, journal: Journal, task: str) -> None:
        self.journal = journal
        self.task = task
        self._topics: dict[int, tuple[str, str]] = {}  # source -> topic, stream
        self._sources: dict[str, int] = {}  # topic -> the source it is now
        for row in journal.query("SELECT id, topic, stream FROM sources WHERE task = ?", task):
            self._topics[row[0]] = (row[1], row[2])

    # -- sources and positions

    def open_source(self, topic: str, stream: str) -> None:
        """From now on ``topic`` is this stream (cluster id/topic id). Inside a transaction."""
        with self.journal.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO sources (task, topic, stream) VALUES (?, ?, ?)", (self.task, topic, stream)
            )
            (source,) = db.execute(
                "SELECT id FROM sources WHERE task = ? AND topic = ? AND stream = ?", (self.task, topic, stream)
            ).fetchone()
        self._sources[topic] = source
        self._topics[source] = (topic, stream)

    def source(self, topic: str) -> int:
        """The number of the stream that ``topic`` is now."""
        return self._sources[topic]

    def stream(self, source: int) -> str:
        return self._topics[source][1]

    def positions(self, topic: str) -> dict[int, Position]:
        """Of each partition that was ever read."""
        rows = self.journal.query(
            "SELECT partition, position, start, seen_ms FROM positions WHERE task = ? AND topic = ?", self.task, topic
        )
        return {row[0]: Position(row[1], row[2], row[3]) for row in rows}

    def begin_at(self, topic: str, starts: Mapping[int, int]) -> None:
        """These partitions are read from these offsets on."""
        with self.journal.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO positions (task, topic, partition, position, start) VALUES (?, ?, ?, ?, ?)",
                [(self.task, topic, partition, start, start) for partition, start in starts.items()],
            )

    def move_to(self, positions: Mapping[tuple[str, int], tuple[int, int | None]]) -> None:
        """Everything before these offsets is in the tables; with the time stamp of the last message, if it has one."""
        with self.journal.transaction() as db:
            db.executemany(
                """UPDATE positions SET position = ?, seen_ms = coalesce(?, seen_ms)
                WHERE task = ? AND topic = ? AND partition = ?""",
                [(*reached, self.task, topic, partition) for (topic, partition), reached in positions.items()],
            )

    def forget_positions(self, topic: str, partition: int | None = None) -> None:
        """Begin anew with this topic, or with one partition of it."""
        self.journal.execute(
            "DELETE FROM positions WHERE task = ? AND topic = ? AND (? IS NULL OR partition = ?)",
            self.task,
            topic,
            partition,
            partition,
        )

    def floors(self, *, since: float) -> dict[tuple[str, int], int]:
        """Of each partition the first offset of a version that is still wanted: complete but not delivered to all sinks,
        or incomplete with a chunk since that moment."""
        found = self.journal.query(
            f"""SELECT source, reached FROM incoming INDEXED BY incoming_open WHERE stage = 0 AND updated_at >= ?
            AND state != 'ignored' AND source IN ({self._of_task()})
            UNION ALL SELECT source, reached FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2)
            AND source IN ({self._of_task()})""",
            since,
        )
        floors: dict[tuple[str, int], int] = {}
        for source, reached in found:
            for partition, (first, _) in _load_reached(reached).items():
                where = (self._topics[source][0], partition)
                floors[where] = min(first, floors.get(where, first))
        return floors

    def delete(self, part: Part) -> None:
        """Forget a version that is not complete."""
        self.journal.execute("DELETE FROM incoming WHERE id = ? AND stage = 0", part.id)

    # -- versions under way

    def family(
        self, topic: str, path: str, *, installation: str, version: int, sha512: bytes, total: int
    ) -> list[Part]:
        """All parts of one version: usually one; more if it was sent repeatedly, or its chunks contradict each other."""
        return self._parts(
            "source = ? AND path = ? AND sha512 = ? AND chunks_total = ? AND installation = ? AND version = ?",
            self._sources[topic],
            text_of(path),
            sha512,
            total,
            installation,
            version,
        )

    def latest(self, topic: str, path: str, installation: str) -> Part | None:
        """The last complete version of a path by one installation."""
        return next((part for part in self.line(topic, path, installation) if part.latest), None)

    def line(self, topic: str, path: str, installation: str) -> list[Part]:
        """Of a path by one installation the last complete version, and all that are not complete."""
        return self._parts(
            f"path = ? AND (latest = 1 OR stage = 0) AND installation = ? AND source IN ({self._of_topic(topic)})",
            text_of(path),
            installation,
            index="incoming_line",
        )

    def open_versions(self, topic: str, path: str, installation: str | None = None) -> list[Part]:
        """Versions of a path (by one installation, or by all) that are not complete."""
        return self._parts(
            f"path = ? AND stage = 0 AND (? IS NULL OR installation = ?) AND source IN ({self._of_topic(topic)})",
            text_of(path),
            installation,
            installation,
            index="incoming_open",
        )

    def open_parts(self, *, quiet_since: float | None = None, state: FileState | None = None) -> list[Part]:
        """Every version that is not complete; or those without a chunk since then, or in this state."""
        return self._parts(
            f"stage = 0 AND source IN ({self._of_task()}) AND (? IS NULL OR updated_at < ?) AND (? IS NULL OR state = ?)",
            quiet_since,
            quiet_since,
            state,
            state,
            index="incoming_open",
        )

    def being_read_again(self) -> list[Part]:
        """Versions whose chunks were lost here."""
        return self._parts(f"stage = 0 AND had > 0 AND source IN ({self._of_task()})", index="incoming_open")

    def part(self, number: int) -> Part | None:
        """The part with this number."""
        found = self._parts("id = ?", number)
        return found[0] if found else None

    def save(self, part: Part) -> None:
        """Write its row; a new part gets its number. Inside a transaction. Never for a part that the delivery has."""
        values = (
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
            part.had,
            part.updated_at,
        )
        db = self.journal.connection
        if part.id:
            db.execute(_UPDATE, (*values, part.id))
            return
        cursor = db.execute(
            _INSERT,
            (
                part.source,
                text_of(part.path),
                part.installation,
                part.version,
                part.repeat,
                part.sha512,
                part.total,
                part.mtime,
                part.began_at,
                *values,
            ),
        )
        part.id = cursor.lastrowid or 0

    def no_longer_latest(self, number: int) -> None:
        """A later version of its path is complete."""
        self.journal.execute("UPDATE incoming SET latest = 0 WHERE id = ?", number)

    def spool_names(self) -> set[str]:
        """Files in the spool that somebody (any task) still needs."""
        found = self.journal.query(
            """SELECT spool FROM incoming INDEXED BY incoming_open WHERE stage = 0 AND spool != ''
            UNION ALL SELECT spool FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2)"""
        )
        return {row[0] for row in found}

    # -- delivery

    def waiting(self, *, due_at: float, limit: int, but_not: Iterable[int] = ()) -> list[Waiting]:
        """Complete versions whose delivery is due, the longest due first."""
        skip = ",".join(str(number) for number in but_not)
        found = self.journal.query(
            f"""SELECT * FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2) AND due_at <= ? AND source IN ({self._of_task()})
            AND id NOT IN ({skip}) ORDER BY due_at, id LIMIT ?""",
            due_at,
            limit,
        )
        return [self._waiting(row) for row in found]

    def next_due(self) -> float | None:
        """When the next delivery is due, in seconds since 1970; None if nothing waits."""
        rows = self.journal.query(
            f"SELECT min(due_at) FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2) AND source IN ({self._of_task()})"
        )
        return rows[0][0] if rows else None

    def make_due(self, path: str | None = None) -> int:
        """Try all that waits (or the versions of one path) at once; returns how many there are."""
        return self.journal.execute(
            f"""UPDATE incoming INDEXED BY incoming_due SET due_at = 0 WHERE stage IN (1, 2) AND source IN ({self._of_task()})
            AND (? IS NULL OR path = ?)""",
            None if path is None else text_of(path),
            None if path is None else text_of(path),
        )

    def intend(self, number: int) -> bool:
        """It is verified and will be given to a sink now; False if a later version is complete. Inside a transaction."""
        return bool(
            self.journal.execute(
                "UPDATE incoming SET stage = 2 WHERE id = ? AND latest = 1 AND stage IN (1, 2)", number
            )
        )

    def postpone(self, numbers: Iterable[int], due_at: float) -> None:
        """Deliver these later."""
        with self.journal.transaction() as db:
            db.executemany("UPDATE incoming SET due_at = ? WHERE id = ?", [(due_at, n) for n in numbers])

    def sink_done(self, number: int, sink: str, *, local: str) -> None:
        """This sink has it, but another has not yet."""
        with self.journal.transaction() as db:
            db.execute(
                """INSERT INTO deliveries (incoming_id, sink, done, tries) VALUES (?, ?, 1, 0)
                ON CONFLICT (incoming_id, sink) DO UPDATE SET done = 1, title = '', advice = ''""",
                (number, sink),
            )
            db.execute("UPDATE incoming SET local = ? WHERE id = ?", (text_of(local), number))

    def sink_failed(self, number: int, sink: str, *, title: str, advice: str, due_at: float) -> None:
        """This sink failed with it, and will be asked again then."""
        with self.journal.transaction() as db:
            db.execute(
                """INSERT INTO deliveries (incoming_id, sink, done, tries, title, advice) VALUES (?, ?, 0, 1, ?, ?)
                ON CONFLICT (incoming_id, sink) DO UPDATE SET tries = tries + 1, title = excluded.title, advice = excluded.advice""",
                (number, sink, title, advice),
            )
            db.execute(
                "UPDATE incoming SET due_at = ?, state = ?, reason = ? WHERE id = ?",
                (due_at, FileState.PROBLEM.value, title, number),
            )

    def finish(self, number: int, state: FileState, *, reason: str, local: str) -> None:
        """Every sink has it, or it is not to be delivered any more."""
        with self.journal.transaction() as db:
            db.execute(
                "UPDATE incoming SET stage = 3, state = ?, reason = ?, local = ?, spool = '', updated_at = ? WHERE id = ?",
                (state.value, reason, text_of(local), self.journal.now(), number),
            )
            db.execute("DELETE FROM deliveries WHERE incoming_id = ?", (number,))

    # -- inside

    def _of_topic(self, topic: str) -> str:
        return ",".join(["0", *(str(number) for number, (name, _) in self._topics.items() if name == topic)])

    def _of_task(self) -> str:
        return ",".join(map(str, (0, *self._topics)))

    def _parts(self, where: str, *values: object, index: str = "") -> list[Part]:
        by = f"INDEXED BY {index}" if index else ""
        found = self.journal.query(f"SELECT * FROM incoming {by} WHERE {where} ORDER BY repeat, id", *values)
        return [self._part(row) for row in found]

    def _part(self, row: sqlite3.Row) -> Part:
        return Part(
            source=row["source"],
            topic=self._topics[row["source"]][0],
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
            reached={p: list(ends) for p, ends in _load_reached(row["reached"]).items()},
            size=row["size"],
            spool=row["spool"],
            losses=row["losses"],
            had=row["had"],
            updated_at=row["updated_at"],
            has_all=row["chunks_done"] == row["chunks_total"],
        )

    def _waiting(self, row: sqlite3.Row) -> Waiting:
        part = self._part(row)
        stories = self.journal.query("SELECT sink, done, tries FROM deliveries WHERE incoming_id = ?", part.id)
        return waiting_of(
            part,
            self.stream(part.source),
            local=name_of(row["local"]),
            done=frozenset(s[0] for s in stories if s[1]),
            tries={s[0]: s[2] for s in stories if not s[1]},
        )


def waiting_of(
    part: Part,
    stream: str,
    *,
    local: str = "",
    done: frozenset[str] = frozenset(),
    tries: Mapping[str, int] | None = None,
) -> Waiting:
    """What the delivery has to know of a complete part."""
    return Waiting(
        part.id,
        part.topic,
        part.path,
        part.installation,
        part.order(stream),
        part.sha512,
        part.size,
        part.mtime,
        part.total,
        part.spool,
        part.stage is Stage.VERIFIED,
        local,
        part.reason,
        done,
        tries or {},
    )


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
    for row in found:
        yield IncomingRow(
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
            {p: (first, last) for p, (first, last) in _load_reached(row["reached"]).items()},
            row["began_at"],
            row["updated_at"],
            row["chunks"],
        )


def counts(journal: Journal, task: str) -> dict[FileState, int]:
    """How many versions are in each state."""
    found = journal.query(
        """SELECT state, count(*) FROM incoming WHERE source IN (SELECT id FROM sources WHERE task = ?) GROUP BY state""",
        task,
    )
    return {FileState(row[0]): row[1] for row in found}


def spool_prefix(journal: Journal, task: str) -> str:
    """Eight hex digits that begin the names of all spool files of this task and journal: nobody else's do."""
    name = f"spool of {task}"
    with journal.transaction():
        prefix = journal.get_meta(name)
        if prefix is None:
            prefix = os.urandom(4).hex()
            journal.set_meta(name, prefix)
    return prefix


def _load_reached(text: str) -> dict[int, tuple[int, int]]:
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
