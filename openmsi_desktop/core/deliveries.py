"""Complete versions on their way to the sinks. Tables incoming (from stage RECEIVED on) and deliveries.

Belongs to the thread that owns the Journal; the reader and each sink have one of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.handled import Handled
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


OUTPUT_BYTES = 16 << 10
"""So much of what a program said is kept: the end of it."""


PARKED = 1e17
"""Due at a moment that never comes: the sink has enough in hand, or does not work, and takes it up by itself later."""


class Done(IntEnum):
    """Whether a sink has a version. GAVE_UP: it does not, and is not asked again unless a person wants it."""

    NO = 0
    YES = 1
    GAVE_UP = 2


class Story(NamedTuple):
    """What became of a version at one sink. due_at: when to ask again, in seconds since 1970. note: on a delivery; declined: why
    it was not wanted; title, advice: why it failed."""

    number: int
    done: Done
    title: str = ""
    advice: str = ""
    due_at: float = 0.0
    note: str = ""
    declined: str = ""
    local: str = ""
    output: str = ""


class Over(NamedTuple):
    """A version that nothing more happens to. keeps: what its sinks said is worth keeping."""

    number: int
    state: FileState
    reason: str
    local: str
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A complete version that is not delivered to all sinks yet.

    done: sinks that have it, or gave it up. tries: of those that failed. due: when those that have to wait are to be asked, in
    seconds since 1970. reason: what the last one that failed said. notes: what those that have it said; declined: why one of
    them did not want it; gave_up: why, of those that gave it up. is_known: it was offered before (and then read again).
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
    gave_up: Mapping[str, str] = field(default_factory=dict)
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
        return self._waiting(found)

    def parked(self, sink: str, *, after: int, limit: int) -> list[Waiting]:
        """Versions that are parked for this sink, in the order of their numbers, from the one after this number on."""
        found = self.journal.query(
            """SELECT incoming.*, topic, stream FROM deliveries JOIN incoming ON incoming.id = incoming_id
            JOIN sources ON sources.id = incoming.source
            WHERE sink = ? AND done = 0 AND incoming_id > ? AND deliveries.due_at >= ? AND stage IN (1, 2) AND task = ?
            ORDER BY incoming_id LIMIT ?""",
            *(sink, after, PARKED, self.task, limit),
        )
        return self._waiting(found)

    def bytes_waiting(self) -> dict[str, int]:
        """Of each sink the bytes of complete versions that it does not have. Looks at every version that waits."""
        where = "stage IN (1, 2) AND source IN (SELECT id FROM sources WHERE task = ?)"
        rows = self.journal.query(
            f"SELECT coalesce(sum(size), 0) FROM incoming INDEXED BY incoming_due WHERE {where}", self.task
        )
        out = dict.fromkeys(self.sinks, int(rows[0][0]))
        for sink, done in self.journal.query(
            f"""SELECT sink, sum(size) FROM incoming INDEXED BY incoming_due JOIN deliveries ON incoming_id = incoming.id
            WHERE {where} AND done != 0 GROUP BY sink""",
            self.task,
        ):
            if sink in out:
                out[sink] -= int(done)
        return out

    def waits_since(self, sink: str) -> float | None:
        """When the first of the versions that this sink does not have was complete, in seconds since 1970."""
        rows = self.journal.query(
            """SELECT min(updated_at) FROM incoming INDEXED BY incoming_due WHERE stage IN (1, 2)
            AND source IN (SELECT id FROM sources WHERE task = ?) AND NOT EXISTS
            (SELECT 1 FROM deliveries WHERE incoming_id = incoming.id AND sink = ? AND done != 0)""",
            self.task,
            sink,
        )
        return None if rows[0][0] is None else float(rows[0][0])

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

    def ask_again(self, part: Part, sinks: Collection[str], *, others: Collection[str] = ()) -> None:
        """A person wants these sinks to get this version whether they had it or gave it up. Inside a transaction.

        others: do not need it again, although nobody may have noted that they had it. Nothing of this tells anybody to fetch it.
        """
        db = self.journal.connection
        db.executemany(
            "INSERT OR IGNORE INTO deliveries (incoming_id, sink, done, tries) VALUES (?, ?, 1, 0)",
            [(part.id, sink) for sink in others],
        )
        for sink in sinks:
            db.execute("DELETE FROM deliveries WHERE incoming_id = ? AND sink = ?", (part.id, sink))
            Handled(self.journal, self.task, sink).forget(part.topic, part.path)
        if part.stage is not Stage.DONE:
            db.execute("UPDATE incoming SET state = ?, reason = '' WHERE id = ?", (FileState.RECEIVED.value, part.id))
        self._set_due(db, part.id)
        self.journal.solve_problems(self.task, path=part.path)

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

    def record(self, sink: str, stories: Iterable[Story]) -> None:
        """What this sink did with these, for which another sink is left, or it is itself."""
        now = self.journal.now()
        rows = [
            (
                *(s.number, sink, s.done, int(s.done is not Done.YES), for_people(s.title), for_people(s.advice)),
                *(s.due_at, for_people(s.note), for_people(s.declined), text_of(s.local), _end_of(s.output), now),
            )
            for s in stories
        ]
        with self.journal.transaction() as db:
            db.executemany(
                """INSERT INTO deliveries (incoming_id, sink, done, tries, title, advice, due_at, note, declined, local, output,
                updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (incoming_id, sink) DO UPDATE SET done = excluded.done, tries = tries + excluded.tries,
                title = excluded.title, advice = excluded.advice, due_at = excluded.due_at, note = excluded.note,
                declined = excluded.declined, local = excluded.local, output = excluded.output,
                updated_at = excluded.updated_at""",
                rows,
            )

    def still_wait(self, files: Iterable[tuple[int, str, str]]) -> None:
        """Other sinks are left for these, or the same one for another attempt, after :meth:`record`. Number, local name, and what
        the one that failed said (empty if none did) of each. Inside a transaction."""
        db = self.journal.connection
        for number, local, reason in files:
            if reason:
                db.execute(
                    "UPDATE incoming SET state = ?, reason = ?, local = ? WHERE id = ?",
                    (FileState.PROBLEM.value, for_people(reason), text_of(local), number),
                )
            else:
                db.execute("UPDATE incoming SET local = ? WHERE id = ?", (text_of(local), number))
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
        self.finish_all([Over(number, state, reason, local)])

    def finish_all(self, over: Iterable[Over]) -> None:
        """:meth:`finish` for many."""
        now = self.journal.now()
        over = list(over)
        rows = [(o.state.value, for_people(o.reason), text_of(o.local), now, o.number) for o in over]
        with self.journal.transaction() as db:
            db.executemany(
                "UPDATE incoming SET stage = 3, state = ?, reason = ?, local = ?, spool = '', updated_at = ? WHERE id = ?",
                rows,
            )
            db.execute(
                f"""DELETE FROM deliveries WHERE incoming_id IN ({_listed(o.number for o in over)})
                AND (done = 0 OR incoming_id NOT IN ({_listed(o.number for o in over if o.keeps)}))"""
            )

    def replace_given_up(self, number: int) -> None:
        """This version was delivered: nobody has to do anything any more about older ones of its path that were given up."""
        self.journal.execute(
            """UPDATE incoming SET state = 'superseded', reason = 'a later version of this file was delivered'
            WHERE id IN (SELECT other.id FROM incoming AS own JOIN incoming AS other ON other.source = own.source
            AND other.path = own.path AND other.installation = own.installation WHERE own.id = ? AND own.latest = 1
            AND other.stage = 3 AND other.latest = 0 AND other.state = 'problem')""",
            number,
        )

    def _waiting(self, rows: Collection[sqlite3.Row]) -> list[Waiting]:
        """With what the sinks said of them."""
        stories: dict[int, list[sqlite3.Row]] = {}
        for story in self.journal.query(
            f"SELECT * FROM deliveries WHERE incoming_id IN ({_listed(row['id'] for row in rows)}) ORDER BY sink"
        ):
            stories.setdefault(story["incoming_id"], []).append(story)
        return [_waiting(row, stories.get(row["id"], ())) for row in rows]


def _waiting(row: sqlite3.Row, stories: Iterable[sqlite3.Row]) -> Waiting:
    found = Waiting.of(part_of(row, row["topic"]), row["stream"])
    stories = list(stories)
    return replace(
        found,
        local=name_of(row["local"]),
        done=frozenset(s["sink"] for s in stories if s["done"]),
        tries={s["sink"]: s["tries"] for s in stories if s["tries"] and not s["done"]},
        due={s["sink"]: s["due_at"] for s in stories if not s["done"]},
        notes=tuple(s["note"] for s in stories if s["note"]),
        declined=next((s["declined"] for s in stories if s["declined"]), ""),
        gave_up={s["sink"]: s["title"] for s in stories if s["done"] == Done.GAVE_UP},
    )


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _end_of(output: str) -> str:
    """At most :data:`OUTPUT_BYTES` of it, in whole characters."""
    data = for_people(output).encode()
    return data[-OUTPUT_BYTES:].decode(errors="ignore")


def _is_verified(row: sqlite3.Row) -> bool:
    """The only chunk of a version was compared with its hash when it came."""
    return bool(row["latest"] or row["stage"] == Stage.VERIFIED or (row["stage"] and row["chunks_total"] == 1))


def _order(row: sqlite3.Row) -> Order:
    return part_of(row, row["topic"]).order(row["stream"])
