"""Copies of files that never stay as they are for as long as their sending takes.

A file that changed while it was being sent is copied while it is hashed the next time, and that version is sent from
the copy: it comes to its end whatever becomes of the file, and no reader is left with a half. Bounded, on the disk of
the data folder; where there is no room files are sent without. Used by any thread.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import time
from pathlib import Path

log = logging.getLogger(__name__)

LIMIT = 1024**3
"""Bytes of all copies together."""
_LEAVE_FREE = 1024**3
_ABANDONED_S = 600.0
_FORGOTTEN_S = 30 * 86_400.0
"""After so long without being asked for, a copy is not kept for a sending that was begun: its task was probably removed."""
_FRESH = ".tmp"


class Copies:
    """The copies below one folder, of all tasks and processes of a data folder."""

    def __init__(self, folder: Path, *, limit: int = LIMIT, leave_free: int = _LEAVE_FREE) -> None:
        self._folder = folder
        self._limit = limit
        self._leave_free = leave_free

    def begin(self, size: int) -> Copy | None:
        """A copy of this many bytes, to be written; None: there is no room."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            is_room = self._used() + size <= self._limit
            if not is_room or shutil.disk_usage(self._folder).free - size < self._leave_free:
                return None
            return Copy(self._folder, size)
        except OSError as error:
            log.info("nothing can be copied to %s: %s", self._folder, error)
            return None

    def find(self, sha512: bytes, size: int) -> str:
        """The copy of a version, written earlier; empty: there is none."""
        file = self._folder / _name(sha512)
        try:
            if file.stat().st_size != size:
                return ""
        except OSError:
            return ""
        with contextlib.suppress(OSError):  # then it only looks older than it is
            os.utime(file)
        return str(file)

    def tidy(self, wanted: set[bytes]) -> None:
        """Remove what a killed process or a removed task left behind. wanted: hashes of the versions that are still being sent."""
        names = {_name(sha512) for sha512 in wanted}
        for file in self._folder.glob("*"):
            try:
                limit_s = _FORGOTTEN_S if file.name in names else _ABANDONED_S
                if time.time() - file.stat().st_mtime > limit_s:
                    file.unlink(missing_ok=True)
            except OSError as error:  # on Windows another program holds it: it is not the others' fault
                log.info("the copy %s stays: %s", file, error)

    def _used(self) -> int:
        # one that is still being written has its final length from the beginning
        return sum(file.stat().st_size for file in self._folder.glob("*"))


class Copy:
    """One copy that is being written."""

    def __init__(self, folder: Path, size: int) -> None:
        self._file = folder / f"{secrets.token_hex(8)}{_FRESH}"
        self._writer = self._file.open("xb", buffering=0)
        self._writer.truncate(size)
        self._is_good = True

    def write(self, data: bytes) -> None:
        """The next bytes. If they cannot be written there will be no copy, and nothing else happens."""
        try:
            if self._is_good and self._writer.write(data) != len(data):
                self._is_good = False
        except OSError as error:
            log.info("no copy: %s", error)
            self._is_good = False

    def finish(self, sha512: bytes) -> str:
        """All is written; returns where the copy lies, empty if there is none."""
        final = self._file.with_name(_name(sha512))
        try:
            self._writer.close()
            if self._is_good:
                os.replace(self._file, final)
                return str(final)
        except OSError as error:  # on Windows also where another file with these bytes is being read
            log.info("no copy: %s", error)
        self.drop()
        return ""

    def drop(self) -> None:
        """It is not wanted any more."""
        with contextlib.suppress(OSError):  # of bytes that nobody needs
            self._writer.close()
        remove(str(self._file))


def remove(copy: str) -> None:
    """This version needs its copy no longer."""
    try:
        os.unlink(copy)
    except FileNotFoundError:
        pass
    except OSError as error:
        log.info("the copy %s stays: %s", copy, error)


def _name(sha512: bytes) -> str:
    return sha512.hex()[:48]
