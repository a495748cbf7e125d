"""Receipts that wait to be written to their topics. Table receipts_due. Belongs to the thread that owns the Journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openmsi_desktop.core.journal import Journal, text_of

MOST = 1_000_000
"""So many of one task are kept; beyond, the oldest are dropped: a topic that nobody makes must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Due:
    """One that waits. topic: of the file, not of the receipts; body: the value of its message, as text."""

    id: int
    body: str


class ReceiptsDue:
    """Those of one reading task."""

    def __init__(self, journal: Journal, task: str) -> None:
        self.journal = journal
        self.task = task

    def add(self, topic: str, body: str) -> None:
        """Queue one. Inside the transaction that journals the delivery."""
        self.journal.execute(
            "INSERT INTO receipts_due (task, topic, body) VALUES (?, ?, ?)", self.task, text_of(topic), body
        )

    def first(self, topic: str, limit: int) -> list[Due]:
        """The oldest for the files of a topic."""
        rows = self.journal.query(
            "SELECT id, body FROM receipts_due WHERE task = ? AND topic = ? ORDER BY id LIMIT ?",
            *(self.task, text_of(topic), limit),
        )
        return [Due(row[0], row[1]) for row in rows]

    def remove(self, numbers: Sequence[int]) -> None:
        """These are on their topic, or not to be sent any more."""
        with self.journal.transaction() as db:
            db.executemany("DELETE FROM receipts_due WHERE id = ?", [(n,) for n in numbers])

    def forget(self) -> None:
        """None are wanted any more."""
        self.journal.execute("DELETE FROM receipts_due WHERE task = ?", self.task)

    def trim(self, most: int = MOST) -> int:
        """Drop the oldest beyond ``most``; returns how many that were."""
        bounds = self.journal.query("SELECT min(id), max(id) FROM receipts_due")[0]
        if bounds[0] is None or bounds[1] - bounds[0] < most:
            return 0  # there cannot be more
        count = self.journal.query("SELECT count(*) FROM receipts_due WHERE task = ?", self.task)[0][0]
        if count <= most:
            return 0
        return self.journal.execute(
            "DELETE FROM receipts_due WHERE id IN (SELECT id FROM receipts_due WHERE task = ? ORDER BY id LIMIT ?)",
            *(self.task, count - most),
        )
