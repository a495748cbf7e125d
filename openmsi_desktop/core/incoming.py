"""What a reader has received so far: which topic it is, positions, and versions that are not delivered yet.

Tables sources, positions and incoming. Belongs to the thread that owns the Journal. What happens to complete
versions is in :mod:`deliveries`, what people look at in :mod:`received`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from openmsi_desktop.core import part_rows
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, name_of, text_of
from openmsi_desktop.core.part import Beginning, Part

_COLUMNS = (*part_rows.FIXED, *part_rows.CHANGING)
_INSERT = f"INSERT INTO incoming ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_UPDATE = f"UPDATE incoming SET {', '.join(f'{c} = ?' for c in part_rows.CHANGING)} WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Position:
    """position: the next offset to read. beginning: where this reader began. seen_ms: time of the last message."""

    position: int
    beginning: Beginning
    seen_ms: int | None


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
            """SELECT partition, position, start, first_end, damaged, seen_ms FROM positions
            WHERE task = ? AND topic = ?""",
            self.task,
            topic,
        )
        return {row[0]: Position(row[1], Beginning(row[2], row[3], row[4]), row[5]) for row in rows}

    def begin_at(self, topic: str, beginnings: Mapping[int, Beginning]) -> None:
        """These partitions are read from these offsets on."""
        with self.journal.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO positions (task, topic, partition, position, start, first_end) VALUES (?, ?, ?, ?, ?, ?)",
                [(self.task, topic, partition, at.start, at.start, at.end) for partition, at in beginnings.items()],
            )

    def note_damaged(self, topic: str, partition: int, offset: int) -> None:
        """The first message of this partition that should have been a chunk and was rejected."""
        self.journal.execute(
            "UPDATE positions SET damaged = ? WHERE task = ? AND topic = ? AND partition = ? AND damaged IS NULL",
            *(offset, self.task, topic, partition),
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
            for partition, (first, _) in part_rows.reached_of(reached).items():
                where = (self._topics[source][0], partition)
                floors[where] = min(first, floors.get(where, first))
        return floors

    def delete(self, part: Part) -> None:
        """Forget a version that is neither complete nor the last one."""
        self.journal.execute("DELETE FROM incoming WHERE id = ? AND (stage = 0 OR (stage = 3 AND latest = 0))", part.id)

    def history(self, *, before: float, limit: int) -> list[Part]:
        """Versions that nothing is to be done about any more, except the last ones of their paths, oldest first."""
        return self._parts(
            f"stage = 3 AND latest = 0 AND updated_at < ? AND +source IN ({self._of_task()})",
            before,
            index="incoming_history",
            order=f"updated_at LIMIT {limit}",
        )

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

    def known_paths(self, topic: str, paths: Collection[str]) -> set[str]:
        """Those of these paths (a thousand at most) of which there is any part."""
        found = self.journal.query(
            f"""SELECT DISTINCT path FROM incoming WHERE source IN ({self._of_topic(topic)})
            AND path IN ({",".join("?" * len(paths))})""",
            *map(text_of, paths),
        )
        return {name_of(row[0]) for row in found}

    def latest(self, topic: str, path: str, installation: str) -> Part | None:
        """The last verified version of a path by one installation."""
        return next((part for part in self.line(topic, path, installation) if part.latest), None)

    def line(self, topic: str, path: str, installation: str) -> list[Part]:
        """Of a path by one installation the last verified version, and all that are not delivered."""
        return self._parts(
            f"path = ? AND (latest = 1 OR stage < 3) AND installation = ? AND source IN ({self._of_topic(topic)})",
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

    def failed(self) -> list[Part]:
        """Versions that were given up because of a problem."""
        return self._parts(
            f"source IN ({self._of_task()}) AND state = ? AND stage = 3", FileState.PROBLEM, index="incoming_state"
        )

    def is_overtaken(self, part: Part) -> bool:
        """Whether a later version of its path was verified, or one with the same content."""
        latest = self.latest(part.topic, part.path, part.installation)
        if latest is None or latest.id == part.id:
            return False
        if latest.sha512 == part.sha512:
            return True
        return part.order(self.stream(part.source)).compare(latest.order(self.stream(latest.source))) < 0

    def part(self, number: int) -> Part | None:
        """The part with this number."""
        found = self._parts("id = ?", number)
        return found[0] if found else None

    def save(self, part: Part) -> None:
        """Write its row; a new part gets its number. Inside a transaction. Never for a part that the delivery has."""
        db = self.journal.connection
        if part.id:
            db.execute(_UPDATE, (*part_rows.changing(part), part.id))
        else:
            part.id = db.execute(_INSERT, (*part_rows.fixed(part), *part_rows.changing(part))).lastrowid or 0

    def spool_names(self) -> set[str]:
        """Files in the spool that somebody (any task) still needs."""
        found = self.journal.query(
            """SELECT spool FROM incoming INDEXED BY incoming_open WHERE stage = 0 AND spool != ''
            UNION ALL SELECT spool FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2)"""
        )
        return {row[0] for row in found}

    # -- inside

    def _of_topic(self, topic: str) -> str:
        return ",".join(["0", *(str(number) for number, (name, _) in self._topics.items() if name == topic)])

    def _of_task(self) -> str:
        return ",".join(map(str, (0, *self._topics)))

    def _parts(self, where: str, *values: object, index: str = "", order: str = "repeat, id") -> list[Part]:
        by = f"INDEXED BY {index}" if index else ""
        found = self.journal.query(f"SELECT * FROM incoming {by} WHERE {where} ORDER BY {order}", *values)
        return [part_rows.part_of(row, self._topics[row["source"]][0]) for row in found]
