"""All files of all tasks as rows for people: what a person wants to list, count or look up. Reads only.

Senders' and readers' files lie in different tables; here they are alike.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, legible, name_of, text_of

_PAGE = 5000

_OUTGOING = """SELECT id, task, topic, path, local, state, reason, size, mtime_ns / 1e9 AS modified,
    coalesce(sent_sha512, sha512) AS sha512, coalesce(sent_version, nullif(version, 0)) AS version, updated_at
    FROM outgoing"""
_INCOMING = """SELECT incoming.id AS id, sources.task AS task, topic, path, local, state, reason,
    CASE WHEN stage = 0 THEN NULL ELSE size END AS size, mtime AS modified, sha512, nullif(version, 0) AS version,
    updated_at FROM incoming JOIN sources ON sources.id = incoming.source"""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file (of a reader: one version). Times in seconds since 1970, sizes in bytes, None where unknown."""

    id: int
    is_outgoing: bool
    task: str
    topic: str
    path: str
    local: str
    state: FileState
    reason: str
    size: int | None
    modified: float | None
    sha512: bytes | None
    version: int | None
    updated_at: float


def listed(
    journal: Journal, *, states: Collection[FileState] = (), tasks: Collection[str] | None = None
) -> Iterator[ListedFile]:
    """Files in the order in which they were found, first those that are sent. Read in pages: there may be millions.

    states: only these; none given: all. tasks: keys, only of these.
    """
    where, values = _condition(states, tasks)
    for is_outgoing, select, number in ((True, _OUTGOING, "id"), (False, _INCOMING, "incoming.id")):
        last = 0
        while True:
            rows = journal.query(f"{select} WHERE {number} > ? {where} ORDER BY {number} LIMIT {_PAGE}", last, *values)
            for row in rows:
                yield file_of(row, is_outgoing)
            if len(rows) < _PAGE:
                break
            last = rows[-1]["id"]


def looked_up(journal: Journal, names: Collection[str]) -> list[ListedFile]:
    """Files with any of these paths on a topic or on this computer, the latest versions first."""
    values = [text_of(n) for n in names]
    marks = ",".join("?" * len(values))
    # each part has an index that begins with its columns: there may be millions of rows
    outgoing = f"""id IN (SELECT id FROM outgoing WHERE task IN (SELECT key FROM tasks) AND path IN ({marks})
        UNION SELECT id FROM outgoing WHERE local IN ({marks}))"""
    incoming = f"""incoming.id IN (SELECT id FROM incoming WHERE source IN (SELECT id FROM sources) AND path IN ({marks})
        UNION SELECT id FROM incoming WHERE local IN ({marks}))"""
    found = []
    for is_outgoing, select, where in ((True, _OUTGOING, outgoing), (False, _INCOMING, incoming)):
        rows = journal.query(f"{select} WHERE {where} ORDER BY updated_at DESC", *values, *values)
        found += [file_of(row, is_outgoing) for row in rows]
    return found


def counts_below(journal: Journal, folder: str) -> dict[FileState, int]:
    """How many files in each state lie below a folder, on a topic or on this computer."""
    out: dict[FileState, int] = {}
    for column, separator in (("path", "/"), ("local", os.sep)):
        begin = text_of(folder.rstrip(separator) + separator)
        # a range, so that an index can serve it: the separator's successor ends it
        end = begin[:-1] + chr(ord(begin[-1]) + 1)
        for table in ("outgoing", "incoming"):
            rows = journal.query(
                f"SELECT state, count(*) FROM {table} WHERE {column} >= ? AND {column} < ? GROUP BY state", begin, end
            )
            for row in rows:
                state = _state(row[0])
                out[state] = out.get(state, 0) + row[1]
    return out


def counts_of(journal: Journal, task: str) -> dict[FileState, int]:
    """How many files of a task (key) are in each state."""
    rows = journal.query(
        """SELECT state, count(*) FROM outgoing WHERE task = ? GROUP BY state UNION ALL
        SELECT state, count(*) FROM incoming WHERE source IN (SELECT id FROM sources WHERE task = ?) GROUP BY state""",
        task,
        task,
    )
    return {_state(row[0]): row[1] for row in rows}


def last_file(journal: Journal, task: str) -> ListedFile | None:
    """The file of a task (key) about which there is the latest news."""
    rows = journal.query(f"{_OUTGOING} WHERE task = ? ORDER BY updated_at DESC LIMIT 1", task)
    if rows:
        return file_of(rows[0], True)
    rows = journal.query(f"{_INCOMING} WHERE sources.task = ? ORDER BY incoming.id DESC LIMIT 1", task)
    return file_of(rows[0], False) if rows else None


_AMONG = 200
"""Rows with the latest news among which :func:`newest` looks."""


def newest(journal: Journal, task: str, limit: int, *, states: Collection[str] = ()) -> list[ListedFile]:
    """Files of a task (key) with the latest news, at most ``limit``. states: only these, as far as they are among the last
    few hundred."""
    wanted = f"WHERE state IN ({','.join('?' * len(states))})" if states else ""
    rows = journal.query(
        f"""SELECT * FROM ({_OUTGOING} WHERE task = ? ORDER BY updated_at DESC LIMIT {_AMONG}) {wanted}
        ORDER BY updated_at DESC LIMIT ?""",
        task,
        *states,
        limit,
    )
    if rows:
        return [file_of(row, True) for row in rows]
    rows = journal.query(
        f"""SELECT * FROM ({_INCOMING} WHERE sources.task = ? ORDER BY incoming.id DESC LIMIT {_AMONG}) {wanted}
        ORDER BY updated_at DESC LIMIT ?""",
        task,
        *states,
        limit,
    )
    return [file_of(row, False) for row in rows]


def _condition(states: Collection[FileState], tasks: Collection[str] | None) -> tuple[str, list[str]]:
    where, values = "", []
    for column, wanted in (("state", [s.value for s in states] or None), ("task", tasks)):
        if wanted is not None:
            where += f" AND {column} IN ({','.join('?' * len(wanted))})"
            values += list(wanted)
    return where, values


@legible
def _state(text: str) -> FileState:
    return FileState(text)


@legible
def file_of(row: sqlite3.Row, is_outgoing: bool) -> ListedFile:
    """A row of one of the two tables; it needs the columns that are named here."""
    return ListedFile(
        id=row["id"],
        is_outgoing=is_outgoing,
        task=row["task"],
        topic=row["topic"],
        path=name_of(row["path"]),
        local=name_of(row["local"]),
        state=FileState(row["state"]),
        reason=row["reason"],
        size=row["size"],
        modified=row["modified"],
        sha512=row["sha512"],
        version=row["version"],
        updated_at=row["updated_at"],
    )
