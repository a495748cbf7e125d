"""Complete versions on their way to the sinks. Tables incoming (from stage RECEIVED on) and deliveries.

Belongs to the thread that owns the Journal; the reader and each sink have one of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, for_people, name_of, text_of
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.part import Part, Stage
from openmsi_desktop.core.part_rows import part_of


class Intent(IntEnum):
    """What may be done with a verified version: nothing, it was overtaken; deliver it; LATEST: it was found to be the latest,
    and other versions of its path are still under way."""

    OVERTAKEN = 0
    GO = 1
    LATEST = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """A complete version that is not delivered to all sinks yet.

    done: sinks that have it. tries: of those that failed. due: when those that have to wait are to be asked, in seconds since
    1970. reason: what the last one that failed said. notes: what those that have it said; declined: why one of them did not
    want it. is_known: it was offered before (and then read again).
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
    due: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    declined: str = ""
    is_known: bool = False

    @classmethod
    def of(cls, part: Part, stream: str) -> Waiting:
        """What the delivery has to know of a part that has just become complete. stream: cluster id/topic id."""
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
            reason=part.reason,
            is_known=bool(part.losses or part.wrongs),
        )


class Deliveries:
    """The deliveries of one reading task."""

    def __init__(self, journal: Journal, task: str, *, sinks: Iterable[str] = ()) -> None:
        """sinks: the names of all that there are."""
        self.journal = journal
        self.task = task
        self.sinks = frozenset(sinks)

    def waiting(self, *, due_at: float, limit: int, but_not: Iterable[int] = ()) -> list[Waiting]:
        """Complete versions whose delivery is due, the longest due first."""
        skip = _listed(but_not)
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
        which = """stage IN (1, 2) AND source IN (SELECT id FROM sources WHERE task = ?) AND (? IS NULL OR path = ?)"""
        values = (self.task, *[None if path is None else text_of(path)] * 2)
        with self.journal.transaction() as db:
            db.execute(
                f"""UPDATE deliveries SET due_at = 0 WHERE done = 0 AND incoming_id IN
                (SELECT id FROM incoming INDEXED BY incoming_due WHERE {which})""",
                values,
            )
            return db.execute(f"UPDATE incoming INDEXED BY incoming_due SET due_at = 0 WHERE {which}", values).rowcount

    def intend_all(self, numbers: Collection[int]) -> dict[int, Intent]:
        """:meth:`intend` for many. Most files have one version only; those are found, and marked, with one statement."""
        alone = [
            row[0]
            for row in self.journal.query(
                f"""SELECT id FROM incoming AS own WHERE id IN ({_listed(numbers)}) AND stage IN (1, 2)
                AND NOT EXISTS (SELECT 1 FROM incoming AS other INDEXED BY incoming_line
                WHERE other.path = own.path AND (other.latest = 1 OR other.stage < 3) AND other.id != own.id)"""
            )
        ]
        self.journal.execute(f"UPDATE incoming SET stage = 2, latest = 1 WHERE id IN ({_listed(alone)})")
        intents = dict.fromkeys(alone, Intent.GO)
        return {number: intents[number] if number in intents else self.intend(number) for number in numbers}

    def intend(self, number: int) -> Intent:
        """It is verified and will be given to a sink now, unless a later version is verified, too. Inside a transaction."""
        db = self.journal
        if db.execute("UPDATE incoming SET stage = 2 WHERE id = ? AND latest = 1 AND stage IN (1, 2)", number):
            return Intent.GO
        line = db.query(
            """SELECT other.*, sources.topic, sources.stream FROM incoming AS own
            JOIN incoming AS other INDEXED BY incoming_line ON other.path = own.path
            AND (other.latest = 1 OR other.stage < 3) AND other.installation = own.installation
            JOIN sources ON sources.id = other.source
            JOIN sources AS mine ON mine.id = own.source AND mine.task = sources.task AND mine.topic = sources.topic
            WHERE own.id = ? AND own.stage IN (1, 2)""",
            number,
        )
        own = next((row for row in line if row["id"] == number), None)
        if own is None or any(_order(own).compare(_order(row)) < 0 for row in line if _is_verified(row)):
            return Intent.OVERTAKEN
        for row in line:
            if row["latest"]:
                db.execute("UPDATE incoming SET latest = 0 WHERE id = ?", row["id"])
        db.execute("UPDATE incoming SET stage = 2, latest = 1 WHERE id = ?", number)
        return Intent.LATEST if any(row["stage"] == Stage.OPEN for row in line) else Intent.GO

    def postpone(self, numbers: Iterable[int], sink: str, due_at: float) -> None:
        """This sink is to be asked later for these."""
        with self.journal.transaction() as db:
            for number in numbers:
                db.execute(
                    """INSERT INTO deliveries (incoming_id, sink, done, tries, due_at) VALUES (?, ?, 0, 0, ?)
                    ON CONFLICT (incoming_id, sink) DO UPDATE SET due_at = excluded.due_at""",
                    (number, sink, due_at),
                )
                self._set_due(db, number)

    def sink_done(self, number: int, sink: str, *, local: str, note: str = "", declined: str = "") -> None:
        """This sink has it (or declined it, with a reason), but another has not yet."""
        with self.journal.transaction() as db:
            db.execute(
                """INSERT INTO deliveries (incoming_id, sink, done, tries, note, declined) VALUES (?, ?, 1, 0, ?, ?)
                ON CONFLICT (incoming_id, sink) DO UPDATE SET done = 1, title = '', advice = '', note = excluded.note,
                declined = excluded.declined""",
                (number, sink, for_people(note), for_people(declined)),
            )
            db.execute("UPDATE incoming SET local = ? WHERE id = ?", (text_of(local), number))
            self._set_due(db, number)

    def sink_failed(self, number: int, sink: str, *, title: str, advice: str, due_at: float) -> None:
        """This sink failed with it, and will be asked again then."""
        title, advice = for_people(title), for_people(advice)
        with self.journal.transaction() as db:
            db.execute(
                """INSERT INTO deliveries (incoming_id, sink, done, tries, title, advice, due_at) VALUES (?, ?, 0, 1, ?, ?, ?)
                ON CONFLICT (incoming_id, sink) DO UPDATE SET tries = tries + 1, title = excluded.title,
                advice = excluded.advice, due_at = excluded.due_at""",
                (number, sink, title, advice, due_at),
            )
            db.execute(
                "UPDATE incoming SET state = ?, reason = ? WHERE id = ?", (FileState.PROBLEM.value, title, number)
            )
            self._set_due(db, number)

    def _set_due(self, db: sqlite3.Connection, number: int) -> None:
        """The file is due when the first of its sinks is: at once, as long as one has no story yet."""
        sinks = sorted(self.sinks)
        db.execute(
            f"""UPDATE incoming SET due_at = coalesce(
            (SELECT CASE WHEN count(*) < ? THEN 0 ELSE min(CASE done WHEN 0 THEN due_at END) END FROM deliveries
            WHERE incoming_id = incoming.id AND sink IN ({",".join("?" * len(sinks))})), 0) WHERE id = ?""",
            (len(sinks), *sinks, number),
        )

    def finish(self, number: int, state: FileState, *, reason: str, local: str) -> None:
        """Every sink has it, or it is not to be delivered any more."""
        self.finish_all([(number, state, reason, local)])

    def finish_all(self, over: Iterable[tuple[int, FileState, str, str]]) -> None:
        """:meth:`finish` for many: number, state, reason and local name of each."""
        now = self.journal.now()
        rows = [(state.value, reason, text_of(local), now, number) for number, state, reason, local in over]
        with self.journal.transaction() as db:
            db.executemany(
                "UPDATE incoming SET stage = 3, state = ?, reason = ?, local = ?, spool = '', updated_at = ? WHERE id = ?",
                rows,
            )
            db.execute(f"DELETE FROM deliveries WHERE incoming_id IN ({_listed(row[-1] for row in rows)})")

    def _waiting(self, row: sqlite3.Row) -> Waiting:
        stories = self.journal.query("SELECT * FROM deliveries WHERE incoming_id = ? ORDER BY sink", row["id"])
        return replace(
            Waiting.of(part_of(row, row["topic"]), row["stream"]),
            local=name_of(row["local"]),
            done=frozenset(s["sink"] for s in stories if s["done"]),
            tries={s["sink"]: s["tries"] for s in stories if s["tries"] and not s["done"]},
            due={s["sink"]: s["due_at"] for s in stories if not s["done"]},
            notes=tuple(s["note"] for s in stories if s["note"]),
            declined=next((s["declined"] for s in stories if s["declined"]), ""),
        )


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _is_verified(row: sqlite3.Row) -> bool:
    """The only chunk of a version was compared with its hash when it came."""
    return bool(row["latest"] or row["stage"] == Stage.VERIFIED or (row["stage"] and row["chunks_total"] == 1))


def _order(row: sqlite3.Row) -> Order:
    return part_of(row, row["topic"]).order(row["stream"])
