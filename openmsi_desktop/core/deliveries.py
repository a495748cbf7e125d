"""Complete versions on their way to the sinks. Tables incoming (from stage RECEIVED on) and deliveries.

Belongs to the thread that owns the Journal; the reader and each sink have one of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, name_of, text_of
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.part import Part, Stage
from openmsi_desktop.core.part_rows import part_of


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
    local: str = ""
    reason: str = ""
    done: frozenset[str] = frozenset()
    tries: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        part: Part,
        stream: str,
        *,
        local: str = "",
        done: frozenset[str] = frozenset(),
        tries: Mapping[str, int] | None = None,
    ) -> Waiting:
        """What the delivery has to know of a complete part. stream: cluster id/topic id."""
        return cls(
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


class Deliveries:
    """The deliveries of one reading task."""

    def __init__(self, journal: Journal, task: str) -> None:
        self.journal = journal
        self.task = task

    def waiting(self, *, due_at: float, limit: int, but_not: Iterable[int] = ()) -> list[Waiting]:
        """Complete versions whose delivery is due, the longest due first."""
        skip = ",".join(str(number) for number in but_not)
        found = self.journal.query(
            f"""SELECT incoming.*, topic, stream FROM incoming INDEXED BY incoming_due
            JOIN sources ON sources.id = incoming.source
            WHERE stage IN (1, 2) AND due_at <= ? AND task = ? AND incoming.id NOT IN ({skip})
            ORDER BY due_at, incoming.id LIMIT ?""",
            due_at,
            self.task,
            limit,
        )
        return [self._waiting(row) for row in found]

    def make_due(self, path: str | None = None) -> int:
        """Try all that waits (or the versions of one path) at once; returns how many there are."""
        return self.journal.execute(
            """UPDATE incoming INDEXED BY incoming_due SET due_at = 0 WHERE stage IN (1, 2)
            AND source IN (SELECT id FROM sources WHERE task = ?) AND (? IS NULL OR path = ?)""",
            self.task,
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
                ON CONFLICT (incoming_id, sink) DO UPDATE SET tries = tries + 1, title = excluded.title,
                advice = excluded.advice""",
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

    def _waiting(self, row: sqlite3.Row) -> Waiting:
        stories = self.journal.query("SELECT sink, done, tries FROM deliveries WHERE incoming_id = ?", row["id"])
        return Waiting.of(
            part_of(row, row["topic"]),
            row["stream"],
            local=name_of(row["local"]),
            done=frozenset(s[0] for s in stories if s[1]),
            tries={s[0]: s[2] for s in stories if not s[1]},
        )
