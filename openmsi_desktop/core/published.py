"""What was delivered into folders: looked up by topic path, and by local name. Tables targets, published, publishing.

One row for a topic path and sending installation holds the version delivered last. It says what the file
looked like then, so that a file somebody changed since is never taken for ours.
Used by the thread that owns the Journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.journal import Journal, legible, name_of, text_of
from openmsi_desktop.core.local_name import folded
from openmsi_desktop.core.order import Order


@dataclass(frozen=True, slots=True)
class Target:
    """A folder that files are written into. marker: text of a small file inside; file_id: of the folder."""

    id: int
    path: str
    marker: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Publication:
    """The version of a topic path that was delivered last.

    local: relative to the target. is_ours: we wrote it; else an identical file was there and is not ours to replace.
    looked: the file right after delivery. again: a person wants it written once more.
    """

    topic: str
    path: str
    installation: str
    local: str
    is_ours: bool
    sha512: bytes
    looked: Fingerprint
    order: Order
    again: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one row for in each target."""
        return self.topic, self.path, self.installation


@dataclass(frozen=True, slots=True)
class Intent:
    """A rename that is about to happen. All names are relative to the target.

    source: where the content lies; local: its final name; aside: new name of what lies there now (or empty);
    old: our older version under another name, removed afterwards (or empty).
    """

    topic: str
    path: str
    installation: str
    source: str
    local: str
    aside: str
    old: str
    sha512: bytes
    size: int
    order: Order

    @property
    def key(self) -> tuple[str, str, str]:
        """As for :class:`Publication`."""
        return self.topic, self.path, self.installation


class Published:
    """The rows of one target."""

    def __init__(self, journal: Journal, target: int) -> None:
        self.journal = journal
        self.target = target

    def of(self, topic: str, path: str, installation: str) -> Publication | None:
        """What was delivered last for this topic path of this installation."""
        rows = self.journal.query(
            "SELECT * FROM published WHERE target = ? AND topic = ? AND path = ? AND installation = ?",
            *(self.target, topic, text_of(path), installation),
        )
        return _publication(rows[0]) if rows else None

    def at(self, local: str) -> list[Publication]:
        """What was delivered under this local name, or under one that some file system takes for the same."""
        rows = self.journal.query(
            "SELECT * FROM published WHERE target = ? AND folded = ? ORDER BY id", self.target, text_of(folded(local))
        )
        return [_publication(row) for row in rows]

    def record(self, rows: Iterable[Publication], *, done: Iterable[Intent] = ()) -> None:
        """Store deliveries and end their intents, in one transaction."""
        now = self.journal.now()
        with self.journal.transaction() as connection:
            connection.executemany(
                """INSERT INTO published (target, topic, path, installation, local, folded, is_ours, sha512, size,
                mtime_ns, ctime_ns, file_id, version, stream, partition, first_offset, timestamp_ms, modified, again,
                delivered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (target, topic, path, installation) DO UPDATE SET local = excluded.local,
                folded = excluded.folded, is_ours = excluded.is_ours, sha512 = excluded.sha512, size = excluded.size,
                mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, file_id = excluded.file_id,
                version = excluded.version, stream = excluded.stream, partition = excluded.partition,
                first_offset = excluded.first_offset, timestamp_ms = excluded.timestamp_ms,
                modified = excluded.modified, again = excluded.again, delivered_at = excluded.delivered_at""",
                [(self.target, *_values(row), now) for row in rows],
            )
            self._end(connection, done)

    def intend(self, intents: Iterable[Intent]) -> None:
        """Remember, durably, what is about to be renamed; one transaction for all."""
        with self.journal.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO publishing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        self.target,
                        *(i.topic, text_of(i.path), i.installation),
                        *(text_of(i.source), text_of(i.local), text_of(i.aside), text_of(i.old)),
                        *(i.sha512, i.size),
                        *_order_values(i.order),
                    )
                    for i in intents
                ],
            )

    def intents(self) -> list[Intent]:
        """Renames that were begun and whose end nobody recorded."""
        rows = self.journal.query("SELECT * FROM publishing WHERE target = ?", self.target)
        return [_intent(r) for r in rows]

    def want_again(self, path: str) -> list[Publication]:
        """Mark what was delivered for this topic path or local name: the next time it comes, it is written again."""
        names = (self.target, text_of(path), text_of(folded(path)))
        which = "target = ? AND (path = ? OR folded = ?)"
        self.journal.execute(f"UPDATE published SET again = 1 WHERE {which}", *names)
        return [_publication(row) for row in self.journal.query(f"SELECT * FROM published WHERE {which}", *names)]

    def _end(self, connection: sqlite3.Connection, done: Iterable[Intent]) -> None:
        connection.executemany(
            "DELETE FROM publishing WHERE target = ? AND topic = ? AND path = ? AND installation = ?",
            [(self.target, i.topic, text_of(i.path), i.installation) for i in done],
        )


def find_target(journal: Journal, path: Path) -> Target | None:
    """A target by its absolute path."""
    rows = journal.query("SELECT id, path, marker, file_id FROM targets WHERE path = ?", text_of(path))
    return Target(rows[0]["id"], name_of(rows[0]["path"]), rows[0]["marker"], rows[0]["file_id"]) if rows else None


def store_target(journal: Journal, path: Path, *, marker: str, file_id: str) -> Target:
    """Remember which folder this path was, or is from now on."""
    journal.execute(
        """INSERT INTO targets (path, marker, file_id) VALUES (?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET marker = excluded.marker, file_id = excluded.file_id""",
        *(text_of(path), marker, file_id),
    )
    found = find_target(journal, path)
    assert found is not None
    return found


def _values(row: Publication) -> Sequence[object]:
    return (
        *(row.topic, text_of(row.path), row.installation),
        *(text_of(row.local), text_of(folded(row.local)), row.is_ours, row.sha512),
        *(row.looked.size, row.looked.mtime_ns, row.looked.ctime_ns, row.looked.file_id),
        *_order_values(row.order),
        row.again,
    )


def _order_values(order: Order) -> Sequence[object]:
    return order.version, order.stream, order.partition, order.offset, order.timestamp_ms, order.mtime


def _order(row: sqlite3.Row) -> Order:
    return Order(
        row["version"], row["stream"], row["partition"], row["first_offset"], row["timestamp_ms"], row["modified"]
    )


@legible
def _intent(r: sqlite3.Row) -> Intent:
    return Intent(
        r["topic"],
        name_of(r["path"]),
        r["installation"],
        name_of(r["source"]),
        name_of(r["local"]),
        name_of(r["aside"]),
        name_of(r["old"]),
        r["sha512"],
        r["size"],
        _order(r),
    )


@legible
def _publication(row: sqlite3.Row) -> Publication:
    return Publication(
        row["topic"],
        name_of(row["path"]),
        row["installation"],
        name_of(row["local"]),
        bool(row["is_ours"]),
        row["sha512"],
        Fingerprint(row["size"], row["mtime_ns"], row["ctime_ns"], row["file_id"]),
        _order(row),
        bool(row["again"]),
    )
