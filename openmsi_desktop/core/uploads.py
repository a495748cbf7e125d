"""Uploads to buckets in several parts that were begun and neither completed nor aborted. Table uploads.

The bill for such an upload comes every month until somebody aborts it, so there is a row before there is an upload, and
until it is certain that there is none any more. Belongs to the thread that owns the Journal.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from openmsi_desktop.core.journal import Journal, legible, name_of, text_of
from openmsi_desktop.core.part import Stage


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One upload. id: of the row, 0 before there is one. endpoint: address of the store, empty for Amazon. upload_id: what the
    store calls it; empty as long as it did not say. sha512: of the file, 64 bytes. part_size: in bytes. began_at: seconds since 1970.
    """

    task: str
    sink: str
    endpoint: str
    bucket: str
    key: str
    topic: str
    path: str
    sha512: bytes
    part_size: int
    began_at: float = 0.0
    upload_id: str = ""
    id: int = 0


class Uploads:
    """The rows of a journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def begin(self, row: UploadRow) -> int:
        """Remember, durably, that this upload is about to be begun; returns the number of its row."""
        with self.journal.transaction() as connection:
            cursor = connection.execute(
                """INSERT INTO uploads (task, sink, endpoint, bucket, object_key, topic, path, sha512, part_size, began_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    *(row.task, row.sink, row.endpoint, row.bucket, text_of(row.key)),
                    *(row.topic, text_of(row.path), row.sha512, row.part_size, row.began_at),
                ),
            )
            return int(cursor.lastrowid or 0)

    def learn(self, number: int, upload_id: str) -> None:
        """The store gave it a name."""
        self.journal.execute("UPDATE uploads SET upload_id = ? WHERE id = ?", upload_id, number)

    def end(self, number: int) -> None:
        """There is no such upload any more: it was completed, aborted, or never came to be."""
        self.journal.execute("DELETE FROM uploads WHERE id = ?", number)

    def of_sink(self, task: str, sink: str) -> list[UploadRow]:
        """Those of one sink, oldest first."""
        rows = self.journal.query("SELECT * FROM uploads WHERE task = ? AND sink = ? ORDER BY id", task, sink)
        return [_row(row) for row in rows]

    def of_file(self, task: str, sink: str, topic: str, path: str) -> list[UploadRow]:
        """Those of one file, whatever its version, oldest first."""
        rows = self.journal.query(
            "SELECT * FROM uploads WHERE task = ? AND sink = ? AND path = ? AND topic = ? ORDER BY id",
            *(task, sink, text_of(path), topic),
        )
        return [_row(row) for row in rows]

    def all(self) -> list[UploadRow]:
        """Those of all tasks, oldest first."""
        return [_row(row) for row in self.journal.query("SELECT * FROM uploads ORDER BY id")]

    def is_needed(self, row: UploadRow) -> bool:
        """Whether its file is still on its way to the sink."""
        found = self.journal.query(
            """SELECT 1 FROM incoming JOIN sources ON sources.id = incoming.source
            LEFT JOIN deliveries ON deliveries.incoming_id = incoming.id AND deliveries.sink = ?
            WHERE sources.task = ? AND topic = ? AND path = ? AND sha512 = ? AND stage < ? AND coalesce(done, 0) = 0 LIMIT 1""",
            *(row.sink, row.task, row.topic, text_of(row.path), row.sha512, int(Stage.DONE)),
        )
        return bool(found)


@legible
def _row(row: sqlite3.Row) -> UploadRow:
    return UploadRow(
        row["task"],
        row["sink"],
        row["endpoint"],
        row["bucket"],
        name_of(row["object_key"]),
        row["topic"],
        name_of(row["path"]),
        bytes(row["sha512"]),
        int(row["part_size"]),
        float(row["began_at"]),
        row["upload_id"],
        int(row["id"]),
    )
