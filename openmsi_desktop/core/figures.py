"""Figures about a task's files for a window that looks again and again: each by an index, so that a million rows do no harm.

Only :func:`today` reads every row that changed today. Reads only; ``task`` is always a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, name_of
from openmsi_desktop.core.listing import ListedFile, newest
from openmsi_desktop.core.outgoing import NOT_SENT, unpack_offsets

_SOURCES = "source IN (SELECT id FROM sources WHERE task = ?)"
_DONE = ("sent", "checked", "arrived")
_RECEIVED = ("received", "delivered", "superseded")


@dataclass(frozen=True, slots=True)
class Today:
    """Files that came to a state since a moment. bytes_left: of files that are not at their end (senders)."""

    states: dict[FileState, int]
    bytes_left: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A file that is being sent or received, or waits for its turn. done: share of its parts; None while it waits."""

    path: str
    state: FileState
    reason: str
    size: int | None
    done: float | None
    changed_at: float | None = None
    """When the file itself was last written to, of one that waits (seconds since 1970)."""


def counts_in(journal: Journal, task: str, states: Sequence[FileState]) -> dict[FileState, int]:
    """How many files are in these states. Costs as many index entries as there are such files."""
    marks = ",".join("?" * len(states))
    values = [s.value for s in states]
    rows = journal.query(
        f"""SELECT state, count(*) FROM outgoing WHERE task = ? AND state IN ({marks}) GROUP BY state UNION ALL
        SELECT state, count(*) FROM incoming WHERE {_SOURCES} AND state IN ({marks}) GROUP BY state""",
        task,
        *values,
        task,
        *values,
    )
    out: dict[FileState, int] = {}
    for row in rows:
        state = FileState(row[0])
        out[state] = out.get(state, 0) + int(row[1])
    return out


def stamp(journal: Journal, task: str) -> tuple[float, int]:
    """Something that is another one when a file of this task has changed (or one of any reader)."""
    changed = journal.query("SELECT max(updated_at) FROM outgoing WHERE task = ?", task)[0][0]
    received = journal.query("SELECT max(id) FROM incoming")[0][0]
    return (changed or 0.0, received or 0)


def today(journal: Journal, task: str, since: float, pending: Sequence[FileState]) -> Today:
    """Files that were found, sent, checked, received and delivered since a moment (seconds since 1970)."""
    sent = journal.query(
        """SELECT count(*) FILTER (WHERE found_at >= ? AND state != 'ignored'), count(*) FILTER (WHERE sent_at >= ?),
        count(*) FILTER (WHERE checked_at >= ?), count(*) FILTER (WHERE state = 'arrived')
        FROM outgoing WHERE task = ? AND updated_at >= ?""",
        since, since, since, task, since,
    )[0]  # fmt: skip
    got = journal.query(
        f"""SELECT count(*), count(*) FILTER (WHERE state = 'delivered') FROM incoming
        WHERE {_SOURCES} AND state IN ('received', 'delivered', 'superseded') AND updated_at >= ?""",
        task,
        since,
    )[0]
    marks = ",".join("?" * len(pending))
    left = journal.query(
        f"SELECT coalesce(sum(size), 0) FROM outgoing WHERE task = ? AND state IN ({marks})",
        task,
        *[s.value for s in pending],
    )[0][0]
    numbers = {
        FileState.FOUND: sent[0],
        FileState.SENT: sent[1],
        FileState.CHECKED: sent[2],
        FileState.ARRIVED: sent[3],
        FileState.RECEIVED: got[0],
        FileState.DELIVERED: got[1],
    }
    return Today({state: int(number) for state, number in numbers.items() if number}, int(left))


def under_way(journal: Journal, task: str, limit: int) -> list[UnderWay]:
    """Files that are being sent or received, as the journal has it: about a second old."""
    out = []
    for row in journal.query(
        "SELECT path, state, reason, size, offsets FROM outgoing WHERE task = ? AND state = 'sending' LIMIT ?",
        task,
        limit,
    ):
        reached = unpack_offsets(row["offsets"])
        done = sum(1 for o in reached if o != NOT_SENT) / len(reached) if len(reached) else 0.0
        out.append(UnderWay(name_of(row["path"]), FileState.SENDING, row["reason"], row["size"], done))
    for row in journal.query(
        f"""SELECT path, reason, size, chunks_done, chunks_total FROM incoming WHERE {_SOURCES} AND state = 'receiving'
        LIMIT ?""",
        task,
        limit,
    ):
        done = row["chunks_done"] / max(1, row["chunks_total"])
        out.append(UnderWay(name_of(row["path"]), FileState.RECEIVING, row["reason"], None, done))
    return out


def waiting(journal: Journal, task: str, limit: int) -> list[UnderWay]:
    """Files that wait for their end, a marker, or their turn, with the reason."""
    rows = journal.query(
        """SELECT path, state, reason, size, mtime_ns FROM outgoing WHERE task = ? AND state IN ('waiting', 'changed')
        ORDER BY settled, id LIMIT ?""",
        task,
        limit,
    )
    return [
        UnderWay(name_of(r["path"]), FileState(r["state"]), r["reason"], r["size"], None, r["mtime_ns"] / 1e9)
        for r in rows
    ]


def bytes_since(journal: Journal, task: str, at: float, received: int) -> int:
    """Bytes of files that were sent after a moment, and of those received after a row of ``incoming``."""
    sent = journal.query(
        "SELECT coalesce(sum(sent_size), 0) FROM outgoing WHERE task = ? AND updated_at > ? AND sent_at > ?",
        task,
        at,
        at,
    )[0][0]
    got = journal.query(
        f"SELECT coalesce(sum(size), 0) FROM incoming WHERE id > ? AND {_SOURCES} AND stage > 0", received, task
    )[0][0]
    return int(sent) + int(got)


def unchecked_since(journal: Journal, task: str, at: float) -> int:
    """Files that were sent after a moment and not read back yet."""
    return int(
        journal.query(
            "SELECT count(*) FROM outgoing WHERE task = ? AND updated_at > ? AND state = 'sent' AND sent_at > ?",
            task,
            at,
            at,
        )[0][0]
    )


def last_done(journal: Journal, task: str) -> ListedFile | None:
    """The file that was sent or delivered last, among those with the latest news."""
    return next(iter(newest(journal, task, 1, states=(*_DONE, *_RECEIVED))), None)


def problem_stamp(journal: Journal, task: str) -> tuple[int, float, float]:
    """(number of open problems, and something that is another one when one of them has changed)."""
    row = journal.query(
        """SELECT count(*), coalesce(max(last_at), 0), coalesce(max(retry_at), 0) FROM problems
        WHERE task = ? AND solved_at IS NULL AND ignored = 0""",
        task,
    )[0]
    return int(row[0]), float(row[1]), float(row[2])
