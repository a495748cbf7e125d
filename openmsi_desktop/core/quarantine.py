"""Messages that cannot be parts of files, kept aside whole. A database of its own: it may grow to 1 GB, then it only counts.

Where the disk is nearly full it only counts, too: the journal on the same disk is worth more.

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

from openmsi_desktop.core.errors import DiskFull, NeedsYou, OpenMSIError, RetryableError
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
        has_room: Callable[[], bool] = lambda: True,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open or create the database in ``folder``. has_room: False where messages are only counted, to save the disk.

        Raises:
            NeedsYou, RetryableError: it cannot be used.
        """
        self.path = folder / FILE_NAME
        self._task = task
        self._limit = limit_bytes
        self._has_room = has_room
        self._now = now
        self._waiting: list[tuple[str, Rejected]] = []
        self.waiting_bytes = 0
        """Memory that a flush would free."""
        self.set_aside: Path | None = None
        """Where a database went that was damaged."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except NeedsYou:
            self._begin_anew()

    def keep(self, message: Rejected, *, stream: str = "") -> None:
        """Put a message aside; durable after :meth:`flush`. The same message again changes nothing."""
        self._waiting.append((stream, message))
        self.waiting_bytes += message.size

    def flush(self) -> None:
        """Write what was put aside. A database that turns out to be damaged is replaced by a new one: see :attr:`set_aside`.

        Raises:
            NeedsYou, RetryableError: it cannot be written.
        """
        if not self._waiting:
            return
        try:
            self._flush()
        except NeedsYou:
            self._begin_anew()
            self._flush()
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

    def _open(self) -> sqlite3.Connection:
        with translated(self.path, _explained):
            db = sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.executescript(_TABLES)
            except BaseException:
                db.close()
                raise
        return db

    def _begin_anew(self) -> None:
        """What is damaged is put aside: no message that was rejected may keep the good ones from arriving."""
        if hasattr(self, "_db"):
            self._db.close()
        moment = int(self._now())
        with translated(self.path, _explained):
            for file in self.path.parent.glob(f"{FILE_NAME}*"):
                file.rename(file.with_name(f"damaged-{moment}-{file.name}"))
        self.set_aside = self.path.with_name(f"damaged-{moment}-{FILE_NAME}")
        self._db = self._open()

    def _flush(self) -> None:
        with translated(self.path, _explained):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._write()
            except BaseException:
                if self._db.in_transaction:  # SQLite may have ended it itself, on a full disk
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _write(self) -> None:
        db = self._db
        (used,) = db.execute("SELECT coalesce(sum(bytes), 0) FROM totals").fetchone()
        limit = self._limit if self._has_room() else 0
        for stream, message in self._waiting:
            size, kept = message.size, 0
            if used + size <= limit:
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


def _explained(error: sqlite3.DatabaseError, path: Path) -> OpenMSIError:
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return DiskFull(
            "Cannot write the quarantine",
            f"{error}: is the disk of {path.parent} full? Nothing is lost. Free some space there; it goes on by itself.",
            path=path,
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RetryableError("The quarantine is busy", "Another program holds it. Trying again.", path=path)
    return NeedsYou("The quarantine cannot be used", f"{path}: {error}. Check the rights of the folder.", path=path)
