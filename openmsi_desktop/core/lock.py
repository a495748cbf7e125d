"""One holder at a time, across processes, gone with the process that held it.

An empty SQLite file held in ``BEGIN EXCLUSIVE`` is the lock: it works alike on every system and
leaves nothing stale after a kill. Beside it lies a text with the holder's name, for people.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from openmsi_desktop.core.errors import DiskFull, NeedsYou, is_full

_PROBE_S = 0.25
"""Somebody may just be looking whether the lock is free: seconds to wait for that."""
_LEAST_BYTES = 1 << 16


class Lock:
    """A lock file. Belongs to the thread that acquires it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self, holder: str) -> bool:
        """Take the lock and name its holder; False soon if somebody else has it.

        Raises:
            NeedsYou: the lock file cannot be written.
            DiskFull: there is no space for it.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=_PROBE_S, check_same_thread=False)
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                connection.close()
                if _is_busy(error):
                    return False
                raise
            self._connection = connection
            self._name_file.write_text(holder, encoding="utf-8")
        except (OSError, sqlite3.OperationalError) as error:
            self.release()
            if _is_no_room(error, self.path.parent):
                raise DiskFull(
                    f"Cannot write {self.path}", f"{error}. Free some space; it goes on by itself.", path=self.path
                ) from error
            raise NeedsYou(
                f"Cannot write {self.path}",
                f"{error}. Check the rights and the free space of its folder.",
                path=self.path,
            ) from error
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
        """Whether nobody holds it right now. Works with the lock of another user too, if it may be read."""
        if self._connection is not None:
            return False
        if not self.path.exists():
            return True
        try:
            probe = sqlite3.connect(self.path, isolation_level=None, timeout=0)
        except sqlite3.OperationalError:
            return False
        try:
            probe.execute("SELECT count(*) FROM sqlite_master")  # shares it, so that two who look do not meet
        except sqlite3.OperationalError as error:
            return not _is_busy(error)
        finally:
            probe.close()
        return True

    @property
    def _name_file(self) -> Path:
        return self.path.with_suffix(".holder")


def _is_no_room(error: OSError | sqlite3.Error, folder: Path) -> bool:
    if isinstance(error, OSError):
        return is_full(error)
    with contextlib.suppress(OSError):  # of a file that cannot be made SQLite only says that it does not open
        return shutil.disk_usage(folder).free < _LEAST_BYTES
    return False


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
