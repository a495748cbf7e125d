"""The files of one task for a list on a screen: all of them by number, a page of them in full, what is new, and a search.

Made for a million rows: numbers come in batches from an index alone, everything else only for the rows that are seen.
Reads only. Belongs to the thread that owns the Journal.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, legible, text_of, translated
from openmsi_desktop.core.listing import ListedFile, file_of
from openmsi_desktop.core.outgoing import NOT_SENT, unpack_offsets
from openmsi_desktop.core.task_kinds import READERS

BY_NEWS_AT_MOST = 20_000
"""Files in some states are listed by their latest news up to this number, beyond it in the order they were found."""
FOUND_AT_MOST = 10_000
"""A search ends with so many files: nobody looks through more."""
NEWS_AT_MOST = 2_000
"""Rows that :meth:`FileList.news` gives at once."""

_BATCHES = (200, 5_000, 50_000)
_HASH = re.compile(r"[0-9a-fA-F]{6,128}")
_PAGE = 400

_OUTGOING = """SELECT id, task, topic, path, local, state, reason, size, mtime_ns / 1e9 AS modified,
    coalesce(sent_sha512, sha512) AS sha512, coalesce(sent_version, nullif(version, 0)) AS version, updated_at,
    CASE state WHEN 'checked' THEN checked_at WHEN 'sent' THEN sent_at WHEN 'changed' THEN sent_at
    WHEN 'arrived' THEN (SELECT min(a.at) FROM arrivals AS a WHERE a.task = outgoing.task AND a.path = outgoing.path
    AND a.version = outgoing.sent_version) END AS at, retry_at,
    CASE state WHEN 'sending' THEN offsets END AS offsets, NULL AS done, chunks_total AS total FROM outgoing"""
_INCOMING = """SELECT incoming.id AS id, sources.task AS task, topic, path, local, state, reason,
    CASE WHEN stage = 0 THEN NULL ELSE size END AS size, mtime AS modified, sha512, nullif(version, 0) AS version,
    updated_at, updated_at AS at, NULL AS retry_at, NULL AS offsets, chunks_done AS done, chunks_total AS total
    FROM incoming JOIN sources ON sources.id = incoming.source"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file with what a row of the list says about it. at: when it reached its state; done: share of its parts; seconds
    since 1970, None where that does not apply."""

    file: ListedFile
    at: float | None = None
    done: float | None = None
    retry_at: float | None = None
    kind: str = ""
    """Of its task; empty if that is not known."""

    @property
    def id(self) -> int:
        return self.file.id

    @property
    def state(self) -> FileState:
        return self.file.state


class FileList:
    """The files of one task (key). is_outgoing: it sends them."""

    def __init__(self, journal: Journal, task: str, *, is_outgoing: bool) -> None:
        self._journal = journal
        self._task = task
        self._is_outgoing = is_outgoing
        found = journal.query("SELECT kind FROM tasks WHERE key = ?", task)
        self._kind: str = found[0][0] if found else ""

    # -- numbers

    def ids(self, states: Collection[FileState] = (), *, by_news: bool = True) -> Iterator[list[int]]:
        """Numbers of the files in these states (none given: all) in batches, newest first; the first batch is small.

        by_news: by the latest news, where an index or their small number allows; otherwise in the order they were found.
        """
        among, values = _among(states)
        if not self._is_outgoing:
            sql = (
                f"SELECT id FROM incoming INDEXED BY incoming_state WHERE source IN {_SOURCES}{among} ORDER BY id DESC"
            )
        elif by_news and not states:
            sql = "SELECT id FROM outgoing INDEXED BY outgoing_recent WHERE task = ? ORDER BY updated_at DESC, id DESC"
        else:
            order = "updated_at DESC, id DESC" if by_news else "id DESC"
            sql = f"SELECT id FROM outgoing INDEXED BY outgoing_state WHERE task = ?{among} ORDER BY {order}"
        yield from self._batches(sql, (self._task, *values))

    def search(self, text: str, states: Collection[FileState] = ()) -> Iterator[list[int]]:
        """Numbers of the files with ``text`` in their path (upper and lower case alike for a to z), or whose SHA-512 begins
        so; in batches, each of them newest first. Ends after about :data:`FOUND_AT_MOST`. A batch may be empty.
        """
        among, chosen = _among(states)
        known: set[int] = set()
        for sql, values in self._looks(text):
            if len(known) >= FOUND_AT_MOST:
                return
            rows = self._journal.query(f"{sql}{among} ORDER BY id DESC LIMIT {FOUND_AT_MOST}", *values, *chosen)
            fresh = [row[0] for row in rows if row[0] not in known]
            known.update(fresh)
            yield fresh

    def _looks(self, text: str) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Statements that together find every file: by its hash, those with the latest news, and all by an index of paths."""
        like = _like(text)
        if not self._is_outgoing:
            sql = f"SELECT id FROM incoming INDEXED BY sqlite_autoindex_incoming_1 WHERE source IN {_SOURCES} AND"
            if _HASH.fullmatch(text):
                yield f"{sql} ({_LIKE} OR (sha512 >= ? AND sha512 < ?))", (self._task, like, *_hash_range(text))
            else:
                yield f"{sql} {_LIKE}", (self._task, like)
            return
        table = "SELECT id FROM outgoing"
        if _HASH.fullmatch(text):
            yield f"{table} WHERE +task = ? AND sent_sha512 >= ? AND sent_sha512 < ?", (self._task, *_hash_range(text))
        recent = "SELECT id FROM outgoing INDEXED BY outgoing_recent WHERE task = ? ORDER BY updated_at DESC LIMIT 2000"
        yield f"{table} WHERE id IN ({recent}) AND {_LIKE}", (self._task, like)
        yield f"{table} INDEXED BY sqlite_autoindex_outgoing_1 WHERE task = ? AND {_LIKE}", (self._task, like)

    # -- rows

    def rows(self, ids: Sequence[int]) -> list[FileRow]:
        """These files in full, in no order; those that are not there any more are missing."""
        out: list[FileRow] = []
        select, number = (_OUTGOING, "id") if self._is_outgoing else (_INCOMING, "incoming.id")
        for start in range(0, len(ids), _PAGE):
            some = ids[start : start + _PAGE]
            marks = ",".join("?" * len(some))
            out += [self._row(r) for r in self._journal.query(f"{select} WHERE {number} IN ({marks})", *some)]
        return out

    def newest(self) -> float:
        """A mark for :meth:`news`: everything up to now is known."""
        if self._is_outgoing:
            sql = "SELECT max(updated_at) FROM outgoing WHERE task = ?"
        else:
            sql = f"SELECT max(id) FROM incoming WHERE source IN {_SOURCES}"
        return float(self._journal.query(sql, self._task)[0][0] or 0)

    def news(self, mark: float, *, of: Collection[int] = ()) -> tuple[list[FileRow], float]:
        """(files of which there may be news since a mark, oldest first; the next mark). At most :data:`NEWS_AT_MOST`.

        of: received files that may change still: for those, nothing but looking tells.
        """
        if self._is_outgoing:
            found = self._journal.query(
                f"{_OUTGOING} INDEXED BY outgoing_recent WHERE task = ? AND updated_at >= ? ORDER BY updated_at LIMIT ?",
                *(self._task, mark, NEWS_AT_MOST),
            )
            rows = [self._row(r) for r in found]
            return rows, max((r.file.updated_at for r in rows), default=mark)
        found = self._journal.query(
            f"{_INCOMING} WHERE incoming.id > ? AND sources.task = ? ORDER BY incoming.id LIMIT ?",
            *(int(mark), self._task, NEWS_AT_MOST),
        )
        rows = [self._row(r) for r in found]
        return self.rows(list(of)) + rows, max((float(r.id) for r in rows), default=mark)

    @legible
    def _row(self, row: sqlite3.Row) -> FileRow:
        file = file_of(row, self._is_outgoing)
        done = row["done"]
        if row["offsets"] is not None:
            done = sum(1 for offset in unpack_offsets(row["offsets"]) if offset != NOT_SENT)
        is_moving = file.state in (FileState.SENDING, FileState.RECEIVING, FileState.INCOMPLETE)
        share = done / row["total"] if is_moving and done is not None and row["total"] else None
        return FileRow(file, row["at"], share, row["retry_at"], self._kind)

    def _batches(self, sql: str, values: Sequence[object]) -> Iterator[list[int]]:
        with translated(self._journal.path):
            cursor = self._journal.connection.cursor()
            cursor.row_factory = None  # tuples are made faster
            cursor.execute(sql, tuple(values))
            try:
                number = 0
                while rows := cursor.fetchmany(_BATCHES[min(number, len(_BATCHES) - 1)]):
                    yield [row[0] for row in rows]
                    number += 1
            finally:
                cursor.close()


_LIKE = "path LIKE ? ESCAPE '!'"
_SOURCES = "(SELECT id FROM sources WHERE task = ?)"


def find_everywhere(journal: Journal, text: str, *, limit: int) -> Iterator[list[FileRow]]:
    """The same search in all tasks, in batches of rows; ends with about ``limit`` files."""
    found = 0
    for task in journal.tasks():
        files = FileList(journal, task.key, is_outgoing=task.kind not in READERS)
        for ids in files.search(text):
            rows = files.rows(ids[: limit - found])
            found += len(rows)
            yield sorted(rows, key=lambda r: -r.file.updated_at)
            if found >= limit:
                return


def _among(states: Collection[FileState]) -> tuple[str, list[str]]:
    if not states:
        return "", []
    return f" AND state IN ({','.join('?' * len(states))})", [s.value for s in states]


def _like(text: str) -> str:
    pattern = text_of(text)
    for special in "!%_":
        pattern = pattern.replace(special, "!" + special)
    return f"%{pattern}%"


def _hash_range(text: str) -> tuple[bytes, bytes]:
    """Hashes that begin so: from the first, up to the second."""
    return bytes.fromhex(text.ljust(128, "0")), bytes.fromhex(text.ljust(128, "f")) + b"\0"
