"""Messages that cannot be parts of files, kept aside whole. A database of its own: it may grow to 1 GB, then it only counts.

Layout: table ``messages`` of quarantine.db; headers are a JSON array of [name, value in base64 or null].
"""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core.journal import translated

FILE_NAME = "quarantine.db"
LIMIT_BYTES = 1_000_000_000
"""Messages with what a row takes besides; what comes after is counted only."""
_ROW_BYTES = 300
"""About what a row and its index entry take, without the message."""

_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    stream TEXT NOT NULL, timestamp_ms INTEGER, key BLOB, value BLOB, headers TEXT NOT NULL,
    reason TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (task, stream, topic, partition, offset)
);
CREATE TABLE IF NOT EXISTS totals (
    task TEXT PRIMARY KEY, bytes INTEGER NOT NULL, kept INTEGER NOT NULL, not_kept INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One message and why it was rejected. timestamp_ms: milliseconds since 1970, None if it has none."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    reason: str

    @property
    def size(self) -> int:
        """What keeping it takes on the disk, in bytes, roughly."""
        message = len(self.key or b"") + len(self.value or b"") + sum(len(n) + len(v or b"") for n, v in self.headers)
        return message + _ROW_BYTES + len(self.reason)


class Quarantine:
    """The rejected messages of one task. Belongs to one thread."""

    def __init__(
        self,
        folder: Path,
        task: str,
        *,
        limit_bytes: int = LIMIT_BYTES,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open or create the database in ``folder``.

        Raises:
            NeedsYou, RetryableError: it cannot be used.
        """
        self.path = folder / FILE_NAME
        self._task = task
        self._limit = limit_bytes
        self._now = now
        self._waiting: list[tuple[str, Rejected]] = []
        self.waiting_bytes = 0
        """Memory that a flush would free."""
        with translated(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_TABLES)

    def keep(self, message: Rejected, *, stream: str = "") -> None:
        """Put a message aside; durable after :meth:`flush`. The same message again changes nothing."""
        self._waiting.append((stream, message))
        self.waiting_bytes += message.size

    def flush(self) -> None:
        """Write what was put aside.

        Raises:
            NeedsYou, RetryableError: it cannot be written.
        """
        if not self._waiting:
            return
        with translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._write()
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        self._waiting.clear()
        self.waiting_bytes = 0

    def totals(self) -> tuple[int, int]:
        """(messages kept, messages that were only counted) of this task."""
        with translated(self.path):
            row = self._db.execute("SELECT kept, not_kept FROM totals WHERE task = ?", (self._task,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def messages(self) -> Iterator[Rejected]:
        """What was kept of this task, oldest first."""
        with translated(self.path):
            for row in self._db.execute(
                """SELECT topic, partition, offset, timestamp_ms, key, value, headers, reason FROM messages
                WHERE task = ? ORDER BY id""",
                (self._task,),
            ):
                headers = [(n, None if v is None else base64.b64decode(v)) for n, v in json.loads(row[6])]
                yield Rejected(row[0], row[1], row[2], row[3], row[4], row[5], headers, row[7])

    def close(self) -> None:
        self._db.close()

    def _write(self) -> None:
        db = self._db
        (used,) = db.execute("SELECT coalesce(sum(bytes), 0) FROM totals").fetchone()
        for stream, message in self._waiting:
            size, kept = message.size, 0
            if used + size <= self._limit:
                headers = [(n, None if v is None else base64.b64encode(v).decode()) for n, v in message.headers]
                kept = db.execute(
                    """INSERT OR IGNORE INTO messages (task, topic, partition, offset, stream, timestamp_ms, key, value,
                    headers, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    (
                        self._task,
                        message.topic,
                        message.partition,
                        message.offset,
                        stream,
                        message.timestamp_ms,
                        message.key,
                        message.value,
                        json.dumps(headers),
                        message.reason,
                        self._now(),
                    ),
                ).rowcount
                if not kept:
                    continue
                used += size
            db.execute(
                """INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT (task) DO UPDATE SET
                bytes = bytes + excluded.bytes, kept = kept + excluded.kept, not_kept = not_kept + excluded.not_kept""",
                (self._task, size * kept, kept, 1 - kept),
            )
