"""One holder at a time, across processes, gone with the process that held it.

An empty SQLite file held in ``BEGIN EXCLUSIVE`` is the lock: it works alike on every system and
leaves nothing stale after a kill. Beside it lies a text with the holder's name, for people.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from openmsi_desktop.core.errors import NeedsYou


class Lock:
    """A lock file. Belongs to the thread that acquires it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self, holder: str) -> bool:
        """Take the lock and name its holder; False at once if somebody else has it.

        Raises:
            NeedsYou: the lock file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=0, check_same_thread=False)
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                connection.close()
                if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return False
                raise
            self._name_file.write_text(holder, encoding="utf-8")
        except (OSError, sqlite3.OperationalError) as error:
            raise NeedsYou(
                f"Cannot write {self.path}",
                f"{error}. Check the rights and the free space of its folder.",
                path=self.path,
            ) from error
        self._connection = connection
        return True

    def holder(self) -> str:
        """Who took the lock last; empty if nobody ever did."""
        try:
            return self._name_file.read_text(encoding="utf-8")
        except OSError:
            return ""

    def release(self) -> None:
        """Give the lock back; harmless if it is not held."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def is_free(self) -> bool:
        """Whether nobody holds it right now."""
        if self._connection is not None:
            return False
        if not self.path.exists():
            return True
        probe = sqlite3.connect(self.path, isolation_level=None, timeout=0)
        try:
            probe.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        finally:
            probe.close()
        return True

    @property
    def _name_file(self) -> Path:
        return self.path.with_suffix(".holder")
