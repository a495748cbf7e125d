"""The journal: SQLite, the one truth about every file. Opening, transactions, tasks, problems, requests.

What was sent lies in :mod:`outgoing`, what was received in :mod:`incoming`; both work on a Journal.
A Journal belongs to the thread that opened it; :meth:`Journal.another` opens the same file for another thread.
"""

from __future__ import annotations

import functools
import os
import re
import sqlite3
import struct
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from openmsi_desktop.core import moments, schema
from openmsi_desktop.core.errors import DiskFull, NeedsYou, OpenMSIError, RetryableError, is_full
from openmsi_desktop.core.events import TaskState

FILE_NAME = "journal.db"
UNTIL_RESUMED = 1e18
"""``paused_until`` of a task that waits for somebody to resume it."""

_BUSY_S = 30.0
_BUSY_AGAIN_S = 0.01

_DAMAGE = re.compile("Could not decode|no such (table|column|index)|already exists|malformed")
"""In errors that have no code of their own: the text or the tables are not those that this program writes."""

P = ParamSpec("P")
T = TypeVar("T")


def text_of(name: str | os.PathLike[str]) -> str:
    """A name as the journal stores it: bytes that are not UTF-8 become ``\\udcXX`` escapes written out.

    SQLite refuses lone surrogates, so they are stored as the six characters ``\\udcXX``; a literal
    backslash is doubled first, which keeps the form reversible (:func:`name_of`).
    """
    text = os.fspath(name)
    if text.isascii() and "\\" not in text:
        return text
    return text.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode("utf-8")


def name_of(text: str) -> str:
    """The name that :func:`text_of` stored."""
    if "\\" not in text:
        return text
    out, at = [], 0
    while at < len(text):
        if text[at] != "\\":
            end = text.find("\\", at)
            end = len(text) if end < 0 else end
            out.append(text[at:end])
            at = end
        elif text[at + 1] == "\\":
            out.append("\\")
            at += 2
        else:
            out.append(chr(int(text[at + 2 : at + 6], 16)))
            at += 6
    return "".join(out)


def for_people(text: str) -> str:
    """A text as the journal stores it: nobody takes it for a name, so what is not Unicode is just written out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as the journal knows it. Times in seconds since 1970."""

    key: str
    kind: str
    name: str
    state: TaskState
    title: str
    advice: str
    paused_until: float | None
    root_identity: str | None
    ready_at: float | None
    updated_at: float
    needs_you: bool = False
    """It waits for a person, not for something that passes by itself."""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem that is not solved, or was. ``path`` is empty when it concerns the whole task."""

    id: int
    task: str
    path: str
    title: str
    advice: str
    first_at: float
    last_at: float
    count: int
    retry_at: float | None


@dataclass(frozen=True, slots=True)
class Request:
    """Something another process asks of the one that streams."""

    id: int
    kind: str
    task: str
    path: str
    argument: str


class Journal:
    """One connection to the journal file."""

    def __init__(
        self, path: Path, *, now: Callable[[], float] = time.time, on_new: Callable[[], None] = lambda: None
    ) -> None:
        """Open or create the journal at ``path`` (``FILE_NAME`` in the data folder).

        on_new: called before an empty one is filled with tables; may raise OSError.

        Raises:
            NeedsYou: it is damaged, or was written by a newer release.
            RetryableError: the disk is full, or the file is locked for longer than 30 s.
        """
        self.path = path
        self.now = now
        self._on_new = on_new
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S, check_same_thread=False)
            self.connection.row_factory = sqlite3.Row
            try:
                self._prepare()
            except BaseException:
                self.connection.close()
                raise

    def another(self) -> Journal:
        """The same journal for another thread."""
        return Journal(self.path, now=self.now)

    def close(self) -> None:
        """Close this connection; what was committed stays."""
        self.connection.close()

    def checkpoint(self) -> None:
        """Bring what is committed from the -wal file into the journal itself, as far as nobody reads it just now.

        Raises:
            RetryableError, NeedsYou: as for :meth:`transaction`.
        """
        self.query("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that happens inside is committed together, durably, or not at all. May be nested.

        Raises:
            RetryableError: the disk is full (DiskFull) or the journal is busy.
            NeedsYou: the journal is damaged.
        """
        if self.connection.in_transaction:
            yield self.connection
            return
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def query(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Rows of a SELECT."""
        with translated(self.path):
            return self.connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: object) -> int:
        """One changing statement in a transaction of its own (or the open one); returns the number of rows changed."""
        with self.transaction() as connection:
            return connection.execute(sql, values).rowcount

    # -- tasks

    def set_task(
        self,
        key: str,
        *,
        kind: str,
        name: str,
        state: TaskState,
        title: str = "",
        advice: str = "",
        details: str | None = None,
        needs_you: bool = False,
    ) -> None:
        """Record the state of a task; creates its row. details: JSON that belongs to the kind; None leaves it alone."""
        self.execute(
            """INSERT INTO tasks (key, kind, name, state, title, advice, updated_at, details, needs_you)
            VALUES (?, ?, ?, ?, ?, ?, ?, coalesce(?, '{}'), ?)
            ON CONFLICT (key) DO UPDATE SET name = excluded.name, state = excluded.state,
            title = excluded.title, advice = excluded.advice, updated_at = excluded.updated_at,
            needs_you = excluded.needs_you, details = CASE WHEN ? IS NULL THEN details ELSE excluded.details END""",
            key,
            kind,
            for_people(name),
            state.value,
            for_people(title),
            for_people(advice),
            self.now(),
            details,
            needs_you,
            details,
        )

    def details(self, key: str) -> str:
        """JSON that belongs to the task; ``{}`` if there is none."""
        rows = self.query("SELECT details FROM tasks WHERE key = ?", key)
        return str(rows[0][0]) if rows else "{}"

    def tasks(self) -> list[TaskRow]:
        """Every task that ever ran with this data folder, by kind and name."""
        rows = self.query("SELECT * FROM tasks ORDER BY kind, name")
        return [_task_of(r) for r in rows]

    def task(self, key: str) -> TaskRow | None:
        """One task by its key."""
        return next((t for t in self.tasks() if t.key == key), None)

    def set_ready(self, key: str) -> None:
        """The task has scanned, or has its position."""
        self.execute("UPDATE tasks SET ready_at = ? WHERE key = ?", self.now(), key)

    def set_root_identity(self, key: str, identity: str) -> None:
        """Remember which folder this is, so that another one under the same name is noticed."""
        self.execute("UPDATE tasks SET root_identity = ? WHERE key = ?", identity, key)

    def pause(self, key: str, until: float = UNTIL_RESUMED) -> None:
        """Pause a task until a time (seconds since 1970)."""
        self.execute("UPDATE tasks SET paused_until = ? WHERE key = ?", until, key)

    def resume(self, key: str) -> None:
        """End a pause."""
        self.execute("UPDATE tasks SET paused_until = NULL WHERE key = ?", key)

    # -- which topic a task's states belong to

    def topic_identity(self, task: str, topic: str) -> tuple[str, str] | None:
        """(cluster id, topic id) that the states of ``task`` on ``topic`` belong to; None before the first contact."""
        rows = self.query("SELECT cluster_id, topic_id FROM topics WHERE task = ? AND topic = ?", task, topic)
        return (rows[0][0], rows[0][1]) if rows else None

    def set_topic_identity(self, task: str, topic: str, cluster_id: str, topic_id: str) -> None:
        """Bind the states of ``task`` to this topic of this cluster."""
        self.execute("INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?)", task, topic, cluster_id, topic_id)

    # -- problems

    def add_problem(self, task: str, title: str, advice: str, *, path: str = "", retry_at: float | None = None) -> bool:
        """Record a problem; the same one again only counts up. True if it is new (or back)."""
        now = self.now()
        title, advice = for_people(title), for_people(advice)
        with self.transaction() as connection:
            known = connection.execute(
                "SELECT solved_at FROM problems WHERE task = ? AND path = ? AND title = ?", (task, text_of(path), title)
            ).fetchone()
            connection.execute(
                """INSERT INTO problems (task, path, title, advice, first_at, last_at, retry_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task, path, title) DO UPDATE SET advice = excluded.advice,
                first_at = CASE WHEN solved_at IS NULL THEN first_at ELSE excluded.first_at END,
                count = CASE WHEN solved_at IS NULL THEN count + 1 ELSE 1 END,
                last_at = excluded.last_at, retry_at = excluded.retry_at, solved_at = NULL""",
                (task, text_of(path), title, advice, now, now, retry_at),
            )
        return known is None or known[0] is not None

    def solve_problems(self, task: str, *, path: str = "", title: str | None = None) -> int:
        """The problems of a file (or of the task itself, with an empty path) are over; returns how many were open."""
        return self.execute(
            "UPDATE problems SET solved_at = ? WHERE task = ? AND path = ? AND solved_at IS NULL AND (? IS NULL OR title = ?)",
            self.now(),
            task,
            text_of(path),
            None if title is None else for_people(title),
            None if title is None else for_people(title),
        )

    def ignore_problems(self, path: str) -> int:
        """A person decided not to be told of this file's problems again; returns how many there were."""
        return self.execute("UPDATE problems SET ignored = 1 WHERE path = ? AND ignored = 0", text_of(path))

    def problems(self, task: str | None = None) -> list[ProblemRow]:
        """Open problems, oldest first."""
        rows = self.query(
            """SELECT id, task, path, title, advice, first_at, last_at, count, retry_at FROM problems
            WHERE solved_at IS NULL AND ignored = 0 AND (? IS NULL OR task = ?) ORDER BY first_at, id""",
            task,
            task,
        )
        return [_problem_of(r) for r in rows]

    def troubles(self, task: str, paths: Collection[str]) -> dict[str, set[str]]:
        """Titles of the open problems of these files (a thousand at most), also of those that a person ignores."""
        found = self.query(
            f"""SELECT path, title FROM problems WHERE task = ? AND path IN ({",".join("?" * len(paths))})
            AND solved_at IS NULL""",
            task,
            *map(text_of, paths),
        )
        out: dict[str, set[str]] = {}
        for path, title in found:
            out.setdefault(legible(name_of)(path), set()).add(title)
        return out

    # -- requests

    def ask(self, kind: str, *, task: str = "", path: str = "", argument: str = "") -> int:
        """Leave a request for the process that streams; returns its number."""
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO requests (kind, task, path, argument, asked_at) VALUES (?, ?, ?, ?, ?)",
                (kind, for_people(task), text_of(path), for_people(argument), self.now()),
            )
            return int(cursor.lastrowid or 0)

    def open_requests(self) -> list[Request]:
        """Requests nobody has answered yet, oldest first."""
        rows = self.query("SELECT id, kind, task, path, argument FROM requests WHERE done_at IS NULL ORDER BY id")
        return [Request(r[0], r[1], r[2], legible(name_of)(r[3]), r[4]) for r in rows]

    def answer(self, request: int, answer: str) -> None:
        """The request is done (or refused); ``answer`` is a sentence for whoever asked."""
        self.execute(
            "UPDATE requests SET done_at = ?, answer = ? WHERE id = ?", self.now(), for_people(answer), request
        )

    def answer_of(self, request: int) -> str | None:
        """The answer to a request, or None as long as there is none."""
        rows = self.query("SELECT answer FROM requests WHERE id = ? AND done_at IS NOT NULL", request)
        return rows[0][0] if rows else None

    # -- meta

    def get_meta(self, name: str) -> str | None:
        """A value that belongs to the journal as a whole."""
        rows = self.query("SELECT value FROM meta WHERE name = ?", name)
        return rows[0][0] if rows else None

    def set_meta(self, name: str, value: str) -> None:
        """Store such a value."""
        self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    # -- opening

    def _prepare(self) -> None:
        connection = self.connection
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version // 1000 > schema.MAJOR:
            connection.close()
            raise NeedsYou(
                "The journal was written by a newer release",
                f"{self.path} has format {version // 1000}, this program knows {schema.MAJOR}. Nothing was changed. "
                f"Install the newer release again, or choose another data folder.{self._copies()}",
                path=self.path,
            )
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if version < schema.VERSION:
            self._migrate()

    def _migrate(self) -> None:
        connection = self.connection
        connection.execute("BEGIN EXCLUSIVE")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been faster
            if version == 0:
                self._on_new()
                for statements in (schema.COMMON, schema.OUTGOING, schema.INCOMING, schema.PUBLISHED, schema.SINKS):
                    _run_script(connection, statements)
                connection.execute("INSERT INTO meta VALUES ('created', ?)", (moments.utc(self.now()).isoformat(),))
            elif version < schema.VERSION:
                self._copy_aside(version)
                for step in sorted(v for v in schema.MIGRATIONS if v >= version):
                    _run_script(connection, schema.MIGRATIONS[step])
            connection.execute(f"PRAGMA user_version = {max(version, schema.VERSION)}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite may have ended it itself, on a full disk
                connection.execute("ROLLBACK")
            raise

    def _copies(self) -> str:
        """Where the journal of before an update lies, for a person who goes back."""
        copies = sorted(self.path.parent.glob(f"{self.path.stem}-format-*.db"))
        if not copies:
            return ""
        return (
            f" As it was before the update it lies in {copies[-1].name} beside it; what was sent since is not in there."
        )

    def _copy_aside(self, version: int) -> None:
        """A complete copy of the old journal, kept beside the new one."""
        copy = self.path.with_name(f"{self.path.stem}-format-{version}.db")
        reader = sqlite3.connect(self.path)
        target = sqlite3.connect(copy)
        try:
            reader.backup(target)
        finally:
            reader.close()
            target.close()


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Statements one by one: ``executescript`` would commit the open transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def legible(read: Callable[P, T]) -> Callable[P, T]:
    """For functions that make objects of rows: a row that this program cannot have written means that the disk changed it."""

    @functools.wraps(read)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (ValueError, TypeError, LookupError, OverflowError, struct.error, zlib.error) as error:
            raise _damaged(error) from error

    return checked


@legible
def _task_of(r: sqlite3.Row) -> TaskRow:
    return TaskRow(
        r["key"],
        r["kind"],
        r["name"],
        TaskState(r["state"]),
        r["title"],
        r["advice"],
        r["paused_until"],
        r["root_identity"],
        r["ready_at"],
        r["updated_at"],
        bool(r["needs_you"]),
    )


@legible
def _problem_of(r: sqlite3.Row) -> ProblemRow:
    return ProblemRow(r[0], r[1], name_of(r[2]), *tuple(r)[3:])


@contextmanager
def translated(path: Path, explain: Callable[[sqlite3.DatabaseError, Path], Exception] | None = None) -> Iterator[None]:
    """SQLite's errors as ours. explain: for another database than the journal."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise (explain or _translate)(error, path) from error
    except OSError as error:
        if is_full(error):
            raise _no_room(error, path) from error
        raise NeedsYou(f"Cannot use the data folder {path.parent}", str(error), path=path) from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log. In this statement alone SQLite does not wait for others who open or close the journal:
    so it is on Windows."""
    end = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(_BUSY_AGAIN_S)


def _translate(error: sqlite3.DatabaseError, path: Path) -> OpenMSIError | sqlite3.DatabaseError:
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return _no_room(error, path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RetryableError("The journal is busy", "Another program holds it. Trying again.", path=path)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT) or _DAMAGE.search(str(error)):
        return _damaged(error, path)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return NeedsYou("The journal cannot be opened", f"{path}: {error}. Check the rights of the folder.", path=path)
    return error


def _damaged(error: Exception, path: Path | None = None) -> NeedsYou:
    return NeedsYou(
        "The journal is damaged",
        f"{path or FILE_NAME} cannot be read ({error}). Nothing more is done with it. Stop the program, move the file away "
        "(with those that are called the same and end in -wal and -shm), and start again: you will then be asked "
        "whether to send everything again. Readers begin anew and recognise what is there already.",
        path=path,
    )


def _no_room(error: Exception, path: Path) -> DiskFull:
    return DiskFull(
        "Cannot write the journal",
        f"{error}: is the disk of {path.parent} full? Nothing is lost. Free some space there; it goes on by itself.",
        path=path,
    )
