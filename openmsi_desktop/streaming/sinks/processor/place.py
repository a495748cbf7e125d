"""Where a processor works: a folder of its own for each file, with the file in it under its real name, and room for output.

``<data>/working/<sink>/<random>/in/<name>`` and ``…/out/``. The file there is a private copy when other sinks use the spool file,
too: a program may do with it what it likes, and nobody else gets a byte of that. A processor that is alone gets a hard link,
which costs nothing at any size; then only the processor itself could suffer, so the spool file is looked at again afterwards.
Whatever the program did, the version that counts is the one on the topic.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path

from openmsi_desktop.core.errors import DiskFull, NeedsYou, OpenMSIError, RetryableError, is_full
from openmsi_desktop.core.local_name import local_name
from openmsi_desktop.core.topic_path import split
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sinks import ReceivedFile, SpoolMissing
from openmsi_desktop.streaming.sinks.processor.orphans import end_those_in

WORKING = "working"
"""Folder of the data folder."""
_CLONE = 0x40049409  # FICLONE, <linux/fs.h>: the copy shares its blocks until one of the two is written

_live: set[Path] = set()
_guard = threading.Lock()  # protects _live: a sink that hangs may have been left, and another one taken its place


class Places:
    """All working places of one sink."""

    def __init__(self, data: Path, key: str, name: str, *, may_link: bool) -> None:
        """key: of the task. may_link: nobody else uses the spool files."""
        self.folder = data / WORKING / hashlib.sha256(f"{key}\n{name}".encode()).hexdigest()[:16]
        self._may_link = may_link

    def prepare(self) -> None:
        """Remove what a killed process left behind, and end programs that it left running.

        Raises:
            NeedsYou, DiskFull: the folder cannot be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _guard:
                left = [found for found in self.folder.iterdir() if found not in _live]
        except OSError as error:
            raise _unusable(error, self.folder) from error
        if left:
            end_those_in([str(found) for found in left])
        for found in left:
            _remove(found)

    def open(self, file: ReceivedFile) -> Place:
        """A place for this file. The caller closes it.

        Raises:
            SpoolMissing: the spool file is gone.
            NeedsYou, DiskFull, RetryableError: the disk does not take it.
        """
        place = Place(self.folder / secrets.token_hex(8), file, may_link=self._may_link)
        with _guard:
            _live.add(place.folder)
        try:
            place.fill()
        except BaseException:
            place.close()
            raise
        return place


class Place:
    """One working place. file: what the program gets. output: its folder for output."""

    def __init__(self, folder: Path, received: ReceivedFile, *, may_link: bool) -> None:
        self.folder = folder
        self.file = folder / "in" / local_name(split(received.relative_path)[1])
        self.output = folder / "out"
        self._received = received
        self._may_link = may_link
        self._before: tuple[int, int, int] | None = None  # of a spool file that is linked

    def fill(self) -> None:
        """Make the folders, and put the file there."""
        spool, file = reachable(str(self._received.path)), reachable(str(self.file))
        try:
            os.makedirs(reachable(str(self.file.parent)), 0o700)
            os.mkdir(reachable(str(self.output)), 0o700)
            if not (self._may_link and self._link(spool, file)):
                _copy(spool, file)
            if self._received.modified is not None:
                _set_mtime(file, self._received.modified)
            if self._before is not None:
                self._before = _look(spool)
            elif sys.platform != "win32":  # there such a file could not be removed
                os.chmod(file, stat.S_IRUSR)
        except OSError as error:
            if not os.path.exists(spool):
                raise SpoolMissing(
                    "The received copy of the file is gone", "It is read again.", path=self._received.relative_path
                ) from error
            raise _unusable(error, self.folder) from error

    def is_unchanged(self) -> bool:
        """Whether the spool file is what it was: the program had only read it."""
        if self._before is None:
            return True
        try:
            return _look(reachable(str(self._received.path))) == self._before
        except OSError:
            return False

    def close(self) -> None:
        """Remove it with all that is in it."""
        _remove(self.folder)
        with _guard:
            _live.discard(self.folder)

    def _link(self, spool: str, file: str) -> bool:
        """False if the disk has no hard links, or the spool lies on another one."""
        try:
            os.link(spool, file, follow_symlinks=False)
        except FileNotFoundError:
            raise
        except (OSError, NotImplementedError):
            return False
        self._before = (0, 0, 0)
        return True


def _look(path: str) -> tuple[int, int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns, found.st_ino


def _set_mtime(path: str, modified: float) -> None:
    try:
        os.utime(path, (modified, modified))
    except (OverflowError, OSError, ValueError):  # a time that this disk does not know
        pass


def _copy(spool: str, file: str) -> None:
    if sys.platform == "linux" and _clone(spool, file):
        return
    shutil.copyfile(spool, file)


def _clone(spool: str, file: str) -> bool:
    import fcntl

    with open(spool, "rb") as source, open(file, "xb") as target:
        try:
            fcntl.ioctl(target.fileno(), _CLONE, source.fileno())
        except OSError:  # most file systems cannot
            return False
    return True


def _remove(folder: Path) -> None:
    """With everything in it, also where a program has taken rights away. What cannot be removed goes with the next start."""
    path = reachable(str(folder))
    shutil.rmtree(path, ignore_errors=True)
    if not os.path.lexists(path):
        return
    for parent, folders, files in os.walk(path):
        for name in ("", *folders, *files):
            with suppress(OSError):
                if not os.path.islink(os.path.join(parent, name)):
                    os.chmod(os.path.join(parent, name), stat.S_IRWXU)
    shutil.rmtree(path, ignore_errors=True)


def _unusable(error: OSError, folder: Path) -> OpenMSIError:
    if is_full(error):
        return DiskFull(
            f"The disk of {folder.parents[1]} is full",
            "Programs need room there for their files. Free some; it goes on by itself.",
            path=folder,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NeedsYou(
            f"Cannot write to the folder {folder.parents[1]}",
            f"{error.strerror}. Programs get their files there. Nothing is lost; it goes on by itself.",
            path=folder,
        )
    return RetryableError(
        "A file cannot be laid out for the program", f"{error.strerror or error}. It is tried again.", path=folder
    )
