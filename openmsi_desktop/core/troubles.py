"""What stands in the way of single files of a task: open problems and held files, with what is known of each. Reads only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, legible, name_of

_OF_SENDER = """SELECT p.path, p.title, p.advice, p.first_at, p.last_at, p.count, coalesce(p.retry_at, o.retry_at) AS retry_at,
    o.state, o.size, o.local FROM problems AS p LEFT JOIN outgoing AS o ON o.task = p.task AND o.path = p.path
    WHERE p.task = ? AND p.path != '' AND p.solved_at IS NULL AND p.ignored = 0"""
_HELD = """SELECT path, reason AS title, '' AS advice, updated_at AS first_at, updated_at AS last_at, 1 AS count,
    NULL AS retry_at, state, size, local FROM outgoing AS o WHERE task = ? AND state = 'held' AND NOT EXISTS
    (SELECT 1 FROM problems AS p WHERE p.task = o.task AND p.path = o.path AND p.solved_at IS NULL AND p.ignored = 0)"""
_OF_READER = """SELECT p.path, p.title, p.advice, p.first_at, p.last_at, p.count, p.retry_at, i.state, i.size, i.local
    FROM problems AS p LEFT JOIN incoming AS i ON i.id = (SELECT max(id) FROM incoming WHERE path = p.path
    AND source IN (SELECT id FROM sources WHERE task = p.task))
    WHERE p.task = ? AND p.path != '' AND p.solved_at IS NULL AND p.ignored = 0"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One file and what stands in its way. state, size: None if the file is not known. Times in seconds since 1970."""

    path: str
    title: str
    advice: str
    first_at: float
    last_at: float
    tries: int
    retry_at: float | None
    state: FileState | None
    size: int | None
    local: str

    @property
    def is_held(self) -> bool:
        """A person has to decide about it."""
        return self.state is FileState.HELD


def troubles(journal: Journal, task: str, *, is_outgoing: bool) -> list[Trouble]:
    """Of a task (key), those that lasted longest first."""
    rows = journal.query(f"{_OF_SENDER if is_outgoing else _OF_READER} ORDER BY first_at, p.id", task)
    if is_outgoing:
        rows += journal.query(f"{_HELD} ORDER BY id", task)
    return [_trouble(row) for row in rows]


@legible
def _trouble(row: sqlite3.Row) -> Trouble:
    return Trouble(
        path=name_of(row["path"]),
        title=row["title"],
        advice=row["advice"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        tries=row["count"],
        retry_at=row["retry_at"],
        state=None if row["state"] is None else FileState(row["state"]),
        size=row["size"],
        local=name_of(row["local"] or ""),
    )
