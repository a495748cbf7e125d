"""What was found in the watched folders, what is being sent, and what was Sent. Tables outgoing, plans, replaced.

Every method that writes takes many rows at once: one transaction for a batch, never one for a file.
Used by the thread that owns the Journal.
"""

from __future__ import annotations

import array
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal, for_people, legible, name_of, text_of, translated

NOT_SENT = -1
"""In offsets: this chunk is not acknowledged yet."""

_BEYOND = 1 << 60
"""No topic has so many messages; one changed bit of NOT_SENT gives such a number, or another negative one."""

DONE = frozenset({FileState.SENT, FileState.CHECKED, FileState.ARRIVED})
GREW = "it has grown since this version was taken"
_PLACES_SHOWN = 3
REPLACED_KEPT = 50
"""Versions remembered of a file that is replaced again and again."""


def pack_offsets(offsets: Sequence[int]) -> bytes:
    """Signed 64-bit little-endian numbers, one for each chunk."""
    numbers = array.array("q", offsets)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


@legible
def unpack_offsets(blob: bytes | None) -> array.array[int]:
    """The numbers :func:`pack_offsets` wrote."""
    numbers = array.array("q")
    numbers.frombytes(blob or b"")
    if sys.byteorder == "big":
        numbers.byteswap()
    if numbers and (min(numbers) < NOT_SENT or max(numbers) >= _BEYOND):
        raise ValueError("an offset that cannot be")
    return numbers


_ON_MY_CLUSTER = """NOT EXISTS (
    SELECT 1 FROM topics AS mine, topics AS theirs WHERE mine.task = ? AND mine.topic = o.topic
    AND theirs.task = o.task AND theirs.topic = o.topic AND mine.cluster_id != theirs.cluster_id)"""
"""Condition on ``outgoing AS o``; its one value is the own task. A topic of that name on another cluster is another topic."""


_TEAR = """UPDATE outgoing SET torn_total = chunks_total, torn_sha512 = sha512, torn_chunk_size = chunk_size
    WHERE id = ? AND sha512 IS NOT NULL AND version != coalesce(sent_version, 0) AND chunks_total > coalesce(torn_total, 0)"""
"""The attempt of a row is given up; see :attr:`Outgoing.torn`."""


@dataclass(frozen=True, slots=True)
class Torn:
    """A version of which only a part may be on the topic: number of its chunks, their size, its hash."""

    total: int
    chunk_size: int
    sha512: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One file of a sending task. Times in seconds since 1970; offsets None as long as nothing was planned."""

    id: int
    task: str
    topic: str
    path: str
    local: str
    state: FileState
    reason: str
    found_at: float
    updated_at: float
    fingerprint: Fingerprint
    version: int
    partition: int | None
    chunk_size: int | None
    chunks_total: int | None
    sha512: bytes | None
    offsets: bytes | None
    owner: str
    tries: int
    retry_at: float | None
    sent_version: int | None
    sent_at: float | None
    sent_sha512: bytes | None
    sent_size: int | None
    sent_fingerprint: Fingerprint | None
    checked_at: float | None
    torn_before: Torn | None = None

    @property
    def chunks_done(self) -> int:
        """Chunks of the present attempt that are acknowledged."""
        return sum(1 for o in unpack_offsets(self.offsets) if o != NOT_SENT)

    @property
    def torn(self) -> Torn | None:
        """What a reader of OpenMSIStream may still be waiting for the rest of, if this attempt is not completed.

        It holds one version of a path, and takes another one only if that has more chunks.
        """
        before = self.torn_before
        if self.sha512 is None or self.version == (self.sent_version or 0) or not self.chunks_total:
            return before
        if before is not None and before.total >= self.chunks_total:
            return before
        return Torn(self.chunks_total, self.chunk_size or 0, self.sha512)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it was found, with the state it takes and why."""

    path: str
    local: str
    state: FileState
    reason: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Attempt:
    """What :meth:`OutgoingFiles.begin` decided for a plan. offsets hold what an interrupted attempt had reached.

    torn: chunks of another version that readers of OpenMSIStream may hold a part of; 0: none.
    """

    id: int
    version: int
    partition: int
    offsets: array.array[int]
    torn: int = 0


class OutgoingFiles:
    """The outgoing files of one task."""

    def __init__(self, journal: Journal, task: str, topic: str) -> None:
        self.journal = journal
        self.task = task
        self.topic = topic

    # -- reading

    def known(self, paths: Iterable[str]) -> dict[str, Outgoing]:
        """Those of ``paths`` that are in the journal."""
        return {path: row_of(row) for path, row in self.rows(paths).items()}

    def rows(self, paths: Iterable[str]) -> dict[str, sqlite3.Row]:
        """The same as they are stored; :func:`row_of` makes an object of one, which takes its time."""
        found = self._in_parts("SELECT * FROM outgoing WHERE task = ? AND path IN ({})", paths, before=(self.task,))
        return {name_of(row["path"]): row for row in found}

    def _in_parts(
        self, sql: str, paths: Iterable[str], *, before: tuple[object, ...], after: tuple[object, ...] = ()
    ) -> list[sqlite3.Row]:
        """Rows for many paths, which stand for the braces in ``sql``; SQLite takes only so many values at once."""
        return self._for_many(sql, [text_of(path) for path in paths], before, after)

    def _those(self, sql: str, ids: Iterable[int]) -> list[int]:
        """The same for the numbers of rows; the first column of what was found."""
        return [row[0] for row in self._for_many(sql, list(ids), (), ())]

    def _for_many(
        self, sql: str, values: Sequence[object], before: tuple[object, ...], after: tuple[object, ...]
    ) -> list[sqlite3.Row]:
        out: list[sqlite3.Row] = []
        for start in range(0, len(values), 500):
            some = values[start : start + 500]
            out += self.journal.query(sql.format(",".join("?" * len(some))), *before, *some, *after)
        return out

    def waiting_for_room(self, limit: int) -> list[Outgoing]:
        """Files that are finished and were put aside because too many were in hand; oldest first."""
        rows = self.journal.query(
            "SELECT * FROM outgoing WHERE task = ? AND settled = 1 ORDER BY id LIMIT ?", self.task, limit
        )
        return [row_of(r) for r in rows]

    def unfinished(self) -> list[Outgoing]:
        """Files whose sending was begun and not ended."""
        rows = self.journal.query(
            "SELECT * FROM outgoing WHERE task = ? AND state = ?", self.task, FileState.SENDING.value
        )
        return [row_of(r) for r in rows]

    def hashes_being_sent(self) -> set[bytes]:
        """SHA-512 of every version, of any task, whose sending was begun and not ended."""
        rows = self.journal.query(
            "SELECT sha512 FROM outgoing WHERE task IN (SELECT key FROM tasks) AND state = ?", FileState.SENDING.value
        )
        return {r[0] for r in rows if r[0] is not None}

    def not_begun(self) -> list[Outgoing]:
        """Files that were found to be sent, but nothing has happened to them yet."""
        return self.in_states([FileState.FOUND, FileState.WAITING])

    def in_states(self, states: Iterable[FileState]) -> list[Outgoing]:
        """Files in any of these states."""
        names = [s.value for s in states]
        marks = ",".join("?" * len(names))
        rows = self.journal.query(
            f"SELECT * FROM outgoing WHERE task = ? AND state IN ({marks}) ORDER BY id", self.task, *names
        )
        return [row_of(r) for r in rows]

    def unchecked(self, *, sent_before: float, after: int, limit: int) -> list[Outgoing]:
        """Files that are Sent, not Checked, since before a time (seconds since 1970); by id, from the one after ``after``."""
        rows = self.journal.query(
            "SELECT * FROM outgoing WHERE task = ? AND state = ? AND id > ? AND sent_at < ? ORDER BY id LIMIT ?",
            self.task, FileState.SENT.value, after, sent_before, limit,
        )  # fmt: skip
        return [row_of(r) for r in rows]

    def paths_in(self, states: Iterable[FileState]) -> Iterator[str]:
        """Only the paths of the files in any of these states, one after the other: there may be very many."""
        names = [s.value for s in states]
        marks = ",".join("?" * len(names))
        with translated(self.journal.path):
            cursor = self.journal.connection.execute(
                f"SELECT path FROM outgoing WHERE task = ? AND state IN ({marks}) ORDER BY id", (self.task, *names)
            )
            for row in cursor:
                yield name_of(row[0])

    def counts(self) -> dict[str, int]:
        """Number of files in each state."""
        rows = self.journal.query("SELECT state, count(*) FROM outgoing WHERE task = ? GROUP BY state", self.task)
        return {r[0]: r[1] for r in rows}

    def count(self, state: FileState, *, ending: str) -> int:
        """Number of files in this state whose reason ends like that."""
        rows = self.journal.query(
            "SELECT count(*) FROM outgoing WHERE task = ? AND state = ? AND substr(reason, -length(?)) = ?",
            self.task, state.value, ending, ending,
        )  # fmt: skip
        return int(rows[0][0])

    # -- finding

    def record(self, sightings: Sequence[Sighting], *, settled: bool = False, owner: str = "") -> None:
        """Store what was found. What was sent before, and the number of the last version, stay as they are.

        settled: the file is finished and only waits for room in the sender. owner: the process that will send it.
        """
        now = self.journal.now()
        with self.journal.transaction() as connection:
            connection.executemany(
                """INSERT INTO outgoing (task, topic, path, local, state, reason, found_at, updated_at,
                size, mtime_ns, ctime_ns, file_id, settled, owner)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (task, path) DO UPDATE SET topic = excluded.topic, local = excluded.local,
                state = excluded.state, reason = excluded.reason, updated_at = excluded.updated_at,
                size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns,
                file_id = excluded.file_id, settled = excluded.settled, owner = excluded.owner""",
                [
                    (
                        self.task, self.topic, text_of(s.path), text_of(s.local), s.state.value, for_people(s.reason), now, now,
                        s.fingerprint.size, s.fingerprint.mtime_ns, s.fingerprint.ctime_ns, s.fingerprint.file_id,
                        int(settled), owner,
                    )
                    for s in sightings
                ],
            )  # fmt: skip

    def set_state(
        self, ids: Iterable[int], state: FileState, reason: str = "", *, retry_at: float | None = None
    ) -> None:
        """Another state for files that are not being sent; an attempt to send them is given up."""
        now = self.journal.now()
        with self.journal.transaction() as connection:
            connection.executemany(
                """UPDATE outgoing SET state = ?, reason = ?, retry_at = ?, updated_at = ?, owner = '', settled = 0,
                tries = CASE WHEN ? THEN tries + 1 ELSE tries END WHERE id = ?""",
                [(state.value, for_people(reason), retry_at, now, retry_at is not None, i) for i in ids],
            )

    def leave(self, ids: Iterable[int], why: str) -> None:
        """Nobody goes on with these files: what was Sent before counts again, the others say why they are not sent."""
        now = self.journal.now()
        numbers = list(ids)
        with self.journal.transaction() as connection:
            connection.executemany(
                """UPDATE outgoing SET owner = '', settled = 0, updated_at = ?,
                reason = CASE WHEN sent_version IS NULL THEN ? ELSE '' END,
                state = CASE WHEN sent_version IS NULL THEN state WHEN checked_at IS NULL THEN ? ELSE ? END WHERE id = ?""",
                [(now, for_people(why), FileState.SENT.value, FileState.CHECKED.value, i) for i in numbers],
            )
            self.arrive(numbers)

    def back_to_sent(self, row: Outgoing, reason: str) -> tuple[FileState, str]:
        """Nothing more happens to this file, and what was Sent of it counts: it is Sent, Checked or Arrived again.

        Returns the state, and the reason or, of one that has arrived, where.
        """
        state = FileState.CHECKED if row.checked_at is not None else FileState.SENT
        with self.journal.transaction():
            self.set_state([row.id], state, reason)
            where = self.arrive([row.id]).get(row.id)
        return (state, reason) if where is None else (FileState.ARRIVED, where)

    def arrive(self, ids: Iterable[int]) -> dict[int, str]:
        """Those of these files that are Sent or Checked are Arrived, if there is a receipt for the version that was Sent last.

        Returns those that are Arrived now, with the places for people.
        """
        now = self.journal.now()
        with self.journal.transaction() as connection:
            found = self._for_many(
                """SELECT o.id, a.place FROM outgoing AS o JOIN arrivals AS a
                ON a.task = o.task AND a.path = o.path AND a.version = o.sent_version AND a.sha512 = o.sent_sha512
                WHERE o.id IN ({}) AND o.state IN ('sent', 'checked', 'arrived') ORDER BY a.at, a.place""",
                list(ids), (), (),
            )  # fmt: skip
            places: dict[int, list[str]] = {}
            for number, place in found:
                if place not in places.setdefault(number, []):
                    places[number].append(place)
            arrived = {number: in_words(names) for number, names in places.items()}
            connection.executemany(
                "UPDATE outgoing SET state = ?, reason = ?, updated_at = ? WHERE id = ?",
                [(FileState.ARRIVED.value, reason, now, number) for number, reason in arrived.items()],
            )
        return arrived

    def put_aside(self, ids: Iterable[int]) -> None:
        """The files are finished, but wait for room in the sender."""
        with self.journal.transaction() as connection:
            connection.executemany("UPDATE outgoing SET settled = 1, owner = '' WHERE id = ?", [(i,) for i in ids])

    def same_as_sent(self, plan: FilePlan, row: Outgoing) -> tuple[FileState, str]:
        """Only times changed: the version Sent still is what the file holds. Returns what :meth:`back_to_sent` does."""
        f = plan.fingerprint
        with self.journal.transaction():
            self.journal.execute(
                """UPDATE outgoing SET size = ?, mtime_ns = ?, ctime_ns = ?, file_id = ?,
                sent_mtime_ns = ?, sent_ctime_ns = ?, sent_file_id = ? WHERE id = ?""",
                f.size, f.mtime_ns, f.ctime_ns, f.file_id, f.mtime_ns, f.ctime_ns, f.file_id, row.id,
            )  # fmt: skip
            return self.back_to_sent(row, "")

    # -- sending

    def claimed_by_others(self, paths: Iterable[str], owner: str, is_alive: Callable[[str], bool]) -> set[str]:
        """Those of ``paths`` that a living process, or another task of this one, is sending to the same topic."""
        found = self._in_parts(
            """SELECT o.path, o.owner FROM outgoing AS o WHERE topic = ? AND path IN ({}) AND owner != ''
            AND NOT (owner = ? AND task = ?) AND """ + _ON_MY_CLUSTER,
            paths, before=(self.topic,), after=(owner, self.task, self.task),
        )  # fmt: skip
        living = {name for name in {row[1] for row in found} if is_alive(name)}
        return {name_of(row[0]) for row in found if row[1] in living}

    def other_sources(self, places: Mapping[str, str]) -> dict[str, str]:
        """Of these paths (with the file that each stands for) those that stand for another file, and for which: a
        watching task of this data folder sent it, and is still watching."""
        found = self._in_parts(
            """SELECT o.path, o.local FROM outgoing AS o JOIN tasks AS t ON t.key = o.task
            WHERE o.topic = ? AND o.path IN ({}) AND o.task != ? AND o.sent_version IS NOT NULL
            AND t.kind = 'watch' AND t.state IN (?, ?, ?) AND """ + _ON_MY_CLUSTER,
            places, before=(self.topic,), after=(
                self.task, TaskState.STARTING.value, TaskState.RUNNING.value, TaskState.WAITING.value, self.task
            ),
        )  # fmt: skip
        others = ((name_of(row[0]), name_of(row[1])) for row in found)
        return {path: local for path, local in others if local != places[path]}

    def begin(self, plan: FilePlan, *, partition: int, owner: str) -> Attempt:
        """:meth:`begin_many` for one."""
        return self.begin_many([(plan, partition)], owner=owner)[0]

    def begin_many(
        self, plans: Sequence[tuple[FilePlan, int]], *, owner: str, known: Mapping[str, sqlite3.Row] | None = None
    ) -> list[Attempt]:
        """Claim the paths and open an attempt for each, or go on with an interrupted one of exactly this version.

        plans: with the partition for a new version; an attempt that goes on keeps its own. known: what :meth:`rows` gave
        for at least these paths in the transaction that is open; None: it is looked up.
        """
        now = self.journal.now()
        begun: list[Attempt] = []
        with self.journal.transaction() as connection:
            if known is None:
                known = self.rows(plan.path for plan, _ in plans)
            rows = {plan.path: known[plan.path] for plan, _ in plans if plan.path in known}
            new = [plan for plan, _ in plans if plan.path not in rows]
            if new:
                self.record([Sighting(p.path, p.local, FileState.FOUND, "", p.fingerprint) for p in new])
                rows |= self.rows(plan.path for plan in new)
            latest = {
                name_of(row[0]): row[1]
                for row in self._in_parts(
                    "SELECT path, max(version) FROM outgoing WHERE topic = ? AND path IN ({}) GROUP BY path",
                    rows,
                    before=(self.topic,),
                )
            }
            anew: list[FilePlan] = []
            for plan, partition in plans:
                row = rows[plan.path]
                goes_on = _goes_on(row, plan)
                torn = _torn(row, goes_on=goes_on)
                others = torn.total if torn is not None and torn.sha512 != plan.sha512 else 0
                if goes_on:
                    reached = unpack_offsets(row["offsets"])
                    begun.append(Attempt(row["id"], row["version"], row["partition"], reached, others))
                    continue
                previous = max(latest.get(plan.path, 0), row["version"])
                version = max(previous + 1, int(now * 1000))
                none_yet = array.array("q", [NOT_SENT]) * plan.total
                begun.append(Attempt(row["id"], version, partition, none_yet, others))
                anew.append(plan)
            again = [(row["id"],) for p in anew if (row := rows[p.path])["version"]]  # of these there may be traces
            connection.executemany(_TEAR, again)
            connection.executemany("DELETE FROM plans WHERE outgoing_id = ?", again)
            connection.executemany(
                """UPDATE outgoing SET topic = ?, local = ?, state = ?, reason = '', updated_at = ?, size = ?,
                mtime_ns = ?, ctime_ns = ?, file_id = ?, version = ?, partition = ?, chunk_size = ?,
                chunks_total = ?, sha512 = ?, offsets = ?, owner = ?, settled = 0, retry_at = NULL WHERE id = ?""",
                [
                    (
                        self.topic, text_of(plan.local), FileState.SENDING.value, now, plan.size, f.mtime_ns, f.ctime_ns,
                        f.file_id, attempt.version, attempt.partition, plan.chunk_size, plan.total, plan.sha512,
                        pack_offsets(attempt.offsets), owner, attempt.id,
                    )
                    for (plan, _), attempt in zip(plans, begun, strict=True)
                    for f in (plan.fingerprint,)
                ],
            )  # fmt: skip
            connection.executemany(
                "INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)",
                [(rows[p.path]["id"], p.chunk_hashes, p.guards, int(p.is_prefix)) for p in anew if p.guards],
            )
        return begun

    def stored_plan(self, row: Outgoing) -> FilePlan | None:
        """The plan of an interrupted attempt with a big file, so that it need not be hashed again."""
        rows = self.journal.query("SELECT chunk_hashes, guards, is_prefix FROM plans WHERE outgoing_id = ?", row.id)
        if not rows or row.sha512 is None or row.chunk_size is None:
            return None
        return FilePlan(
            local=row.local, path=row.path, fingerprint=row.fingerprint, size=row.fingerprint.size,
            is_prefix=bool(rows[0][2]), sha512=row.sha512, chunk_size=row.chunk_size,
            chunk_hashes=rows[0][0], guards=rows[0][1], data=None,
        )  # fmt: skip

    def progress(self, reached: Iterable[tuple[int, Sequence[int]]]) -> None:
        """Store the offsets of attempts that are under way: (id, offset of each chunk)."""
        with self.journal.transaction() as connection:
            connection.executemany(
                "UPDATE outgoing SET offsets = ? WHERE id = ?", [(pack_offsets(o), i) for i, o in reached]
            )

    def sent(self, done: Iterable[tuple[int, Sequence[int], bool]]) -> dict[int, str]:
        """All chunks of these attempts are acknowledged: (id, offset of each chunk, changed since).

        The version that was Sent before becomes a replaced one. Returns those of which a receipt came before this: they are
        Arrived; with the places for people.
        """
        now = self.journal.now()
        rows = list(done)
        with self.journal.transaction() as connection:
            # most files are sent for the first time, and are small
            sent_before = self._those(
                "SELECT id FROM outgoing WHERE id IN ({}) AND sent_version IS NOT NULL", (i for i, _, _ in rows)
            )
            planned = self._those("SELECT outgoing_id FROM plans WHERE outgoing_id IN ({})", (i for i, _, _ in rows))
            connection.executemany(
                """INSERT OR REPLACE INTO replaced SELECT id, sent_version, sent_sha512, sent_size, sent_at, checked_at
                FROM outgoing WHERE id = ?""",
                [(i,) for i in sent_before],
            )
            connection.executemany(
                """UPDATE outgoing SET state = ?, reason = ?, updated_at = ?, offsets = ?, owner = '', tries = 0,
                sent_version = version, sent_at = ?, sent_sha512 = sha512, sent_size = size, sent_mtime_ns = mtime_ns,
                sent_ctime_ns = ctime_ns, sent_file_id = file_id, checked_at = NULL,
                torn_total = CASE WHEN chunks_total > torn_total OR sha512 = torn_sha512 THEN NULL ELSE torn_total END
                WHERE id = ?""",
                [
                    (
                        (FileState.CHANGED if is_changed else FileState.SENT).value,
                        GREW if is_changed else "",
                        now, pack_offsets(offsets), now, i,
                    )
                    for i, offsets, is_changed in rows
                ],
            )  # fmt: skip
            connection.executemany("DELETE FROM plans WHERE outgoing_id = ?", [(i,) for i in planned])
            connection.executemany(
                """DELETE FROM replaced WHERE outgoing_id = ? AND version <= (SELECT version FROM replaced
                WHERE outgoing_id = ? ORDER BY version DESC LIMIT 1 OFFSET ?)""",
                [(i, i, REPLACED_KEPT) for i in sent_before],
            )
            return self.arrive(i for i, _, _ in rows)

    def checked(self, done: Iterable[tuple[int, int]]) -> None:
        """These versions were read back from the topic and are whole: (id, version)."""
        now = self.journal.now()
        with self.journal.transaction() as connection:
            connection.executemany(
                """UPDATE outgoing SET checked_at = ?, updated_at = ?,
                state = CASE state WHEN ? THEN ? ELSE state END WHERE id = ? AND sent_version = ?""",
                [(now, now, FileState.SENT.value, FileState.CHECKED.value, i, v) for i, v in done],
            )

    def withdraw(self, ids: Iterable[int], state: FileState, reason: str, *, retry_at: float | None = None) -> None:
        """Give an attempt up: nothing of it counts as Sent, the next one is a new version."""
        numbers = [(i,) for i in ids]
        with self.journal.transaction() as connection:
            connection.executemany(_TEAR, numbers)
            connection.executemany(
                "UPDATE outgoing SET sha512 = NULL, offsets = NULL, partition = NULL WHERE id = ?", numbers
            )
            connection.executemany("DELETE FROM plans WHERE outgoing_id = ?", numbers)
            self.set_state([i for (i,) in numbers], state, reason, retry_at=retry_at)

    def forget_sent(self, ids: Iterable[int]) -> None:
        """What was Sent of these files does not count any more: they are sent again even if they did not change."""
        with self.journal.transaction() as connection:
            connection.executemany(
                """UPDATE outgoing SET sent_version = NULL, sent_at = NULL, sent_sha512 = NULL, sent_size = NULL,
                sent_mtime_ns = NULL, sent_ctime_ns = NULL, sent_file_id = NULL, checked_at = NULL WHERE id = ?""",
                [(i,) for i in ids],
            )

    def claim(self, ids: Iterable[int], owner: str) -> None:
        """The process ``owner`` takes care of these, or whoever comes after it."""
        with self.journal.transaction() as connection:
            connection.executemany("UPDATE outgoing SET owner = ? WHERE id = ?", [(owner, i) for i in ids])

    def release(self, owner: str) -> None:
        """Free every path that ``owner`` claimed for this task; attempts stay as they are and can go on."""
        self.journal.execute("UPDATE outgoing SET owner = '' WHERE owner = ? AND task = ?", owner, self.task)


def in_words(places: Sequence[str]) -> str:
    """Places where a file has arrived, for people: ``at bucket lab-bucket and on PC hpc-1``."""
    shown = list(places[:_PLACES_SHOWN])
    if len(places) > len(shown):
        shown.append(f"at {len(places) - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _torn(row: sqlite3.Row, *, goes_on: bool) -> Torn | None:
    """What readers of OpenMSIStream may hold a part of before the attempt that begins now; see Outgoing.torn."""
    if row["sha512"] is None and row["torn_total"] is None:
        return None
    found = row_of(row)
    return found.torn_before if goes_on else found.torn


def _goes_on(row: sqlite3.Row, plan: FilePlan) -> bool:
    """An attempt with exactly this version was interrupted."""
    return bool(
        row["state"] == FileState.SENDING.value
        and row["sha512"] == plan.sha512
        and row["chunk_size"] == plan.chunk_size
        and row["chunks_total"] == plan.total
        and row["partition"] is not None
    )


@legible
def row_of(row: sqlite3.Row) -> Outgoing:
    """A row of the table as an object."""
    sent = None
    if row["sent_version"] is not None:
        sent = Fingerprint(row["sent_size"], row["sent_mtime_ns"], row["sent_ctime_ns"], row["sent_file_id"])
    torn = None
    if row["torn_total"] is not None:
        torn = Torn(row["torn_total"], row["torn_chunk_size"], row["torn_sha512"])
    return Outgoing(
        id=row["id"], task=row["task"], topic=row["topic"], path=name_of(row["path"]), local=name_of(row["local"]),
        state=FileState(row["state"]), reason=row["reason"], found_at=row["found_at"], updated_at=row["updated_at"],
        fingerprint=Fingerprint(row["size"], row["mtime_ns"], row["ctime_ns"], row["file_id"]),
        version=row["version"], partition=row["partition"], chunk_size=row["chunk_size"],
        chunks_total=row["chunks_total"], sha512=row["sha512"], offsets=row["offsets"], owner=row["owner"],
        tries=row["tries"], retry_at=row["retry_at"], sent_version=row["sent_version"], sent_at=row["sent_at"],
        sent_sha512=row["sent_sha512"], sent_size=row["sent_size"], sent_fingerprint=sent,
        checked_at=row["checked_at"], torn_before=torn,
    )  # fmt: skip
