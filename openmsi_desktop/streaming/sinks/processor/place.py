"""Where a processor works: a folder of its own for each file, with the file in it under its real name, and room for output.

``<data>/working/<sink>/<random>/in-<random>/<name>`` and ``…/out-<random>/``. The file there is a private copy when other sinks use the spool file,
too: a program may do with it what it likes, and nobody else gets a byte of that. A processor that is alone gets a hard link,
which costs nothing at any size; then only the processor itself could suffer, so the spool file is looked at again afterwards.
Whatever the program did, the version that counts is the one on the topic.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
import shutil
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from openmsi_desktop.core.errors import DiskFull, NeedsYou, OpenMSIError, RetryableError, is_full
from openmsi_desktop.core.local_name import local_name
from openmsi_desktop.core.topic_path import split
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sinks import ReceivedFile, SpoolMissing
from openmsi_desktop.streaming.sinks.processor.orphans import end_those_in
from openmsi_desktop.streaming.sinks.processor.runner import Work

log = logging.getLogger(__name__)

WORKING = "working"
"""Folder of the data folder."""
_PIECE = 8 << 20

_live: set[str] = set()
_guard = threading.Lock()
"""Protects _live and the lists of free places: a sink that hangs may have been left, and another one taken its place."""


class Places:
    """All working places of one sink. open() may be called by any thread.

    A place that a program left empty is used again: to remove folders takes longer than to run a small program. But its parts
    get other names each time, and the one for output is made anew: what a program has started and let go of may come
    back to them later, and must not meet the next file.
    """

    def __init__(self, data: Path, key: str, name: str, *, may_link: bool) -> None:
        """key: of the task. may_link: nobody else uses the spool files."""
        self.folder = data / WORKING / hashlib.sha256(f"{key}\n{name}".encode()).hexdigest()[:16]
        self._may_link = may_link
        self._free: list[tuple[str, str]] = []
        """Folders, and the last mark of their parts."""

    def prepare(self) -> None:
        """Remove what a killed process left behind, and end programs that it left running.

        Raises:
            NeedsYou, DiskFull: the folder cannot be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _guard:
                left = [str(found) for found in self.folder.iterdir() if str(found) not in _live]
        except OSError as error:
            raise _unusable(error, self.folder) from error
        if left:
            end_those_in(left)
        for found in left:
            _remove(found)

    def open(self, file: ReceivedFile) -> Place:
        """A place for this file. The caller closes it.

        Raises:
            SpoolMissing: the spool file is gone.
            NeedsYou, DiskFull, RetryableError: the disk does not take it.
        """
        with _guard:
            folder, before = self._free.pop() if self._free else ("", "")
        if folder:
            place = Place(folder, file, mark=_mark(), may_link=self._may_link, close=self._close)
            try:
                place.take_over(before)
                place.fill()
                return place
            except SpoolMissing:
                place.close()
                raise
            except OpenMSIError as error:  # whatever a program did to it
                log.info("%s is not used again: %s", folder, error)
                self._drop(folder)
        return self._open_new(file)

    def close(self) -> None:
        """Remove those that are empty; each of the others goes with its own close()."""
        with _guard:
            free, self._free = self._free, []
        for folder, _ in free:
            self._drop(folder)
        with suppress(OSError):  # the last one turns off the light
            self.folder.rmdir()

    def _open_new(self, file: ReceivedFile) -> Place:
        folder = str(self.folder / secrets.token_hex(8))
        with _guard:
            _live.add(folder)
        place = Place(folder, file, mark=_mark(), may_link=self._may_link, close=self._close)
        try:
            for part in (place.file.parent, place.output):
                os.makedirs(reachable(str(part)), 0o700)
            place.fill()
        except OSError as error:
            self._drop(folder)
            raise _unusable(error, self.folder) from error
        except BaseException:
            self._drop(folder)
            raise
        return place

    def _close(self, place: Place) -> None:
        folder = place.folder
        try:
            os.unlink(reachable(str(place.file)))
            os.rmdir(reachable(str(place.output)))  # from now on nobody can leave anything in it
            is_empty = not os.listdir(reachable(str(place.file.parent)))
        except OSError:
            is_empty = False
        if not is_empty:
            return self._drop(folder)
        with _guard:
            self._free.append((folder, place.mark))

    def _drop(self, folder: str) -> None:
        _remove(folder)
        with _guard:
            _live.discard(folder)


class Place:
    """One working place, made by :class:`Places`. file: what the program gets. output: its folder for output."""

    def __init__(
        self, folder: str, received: ReceivedFile, *, mark: str, may_link: bool, close: Callable[[Place], None]
    ) -> None:
        self.folder = folder
        self.mark = mark
        self.file = Path(folder, f"in-{mark}", local_name(split(received.relative_path)[1]))
        self.output = Path(folder, f"out-{mark}")
        self._received = received
        self._may_link = may_link
        self._close = close
        self._before: tuple[int, int, int] | None = None  # of a spool file that is linked

    def fill(self) -> None:
        """Put the file there.

        Raises:
            SpoolMissing: the spool file is gone.
            NeedsYou, DiskFull, RetryableError: the disk does not take it.
        """
        spool, file = reachable(str(self._received.path)), reachable(str(self.file))
        try:
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
            raise _unusable(error, Path(self.folder)) from error

    def take_over(self, before: str) -> None:
        """Make the parts of a place that was used, with another mark, its own.

        Raises:
            NeedsYou, DiskFull, RetryableError: the disk does not take it.
        """
        try:
            os.rename(reachable(os.path.join(self.folder, f"in-{before}")), reachable(str(self.file.parent)))
            os.mkdir(reachable(str(self.output)), 0o700)
        except OSError as error:
            raise _unusable(error, Path(self.folder)) from error

    def work(self, time_limit_s: float) -> Work:
        """What whoever works here is told of the file."""
        received = self._received
        return Work(
            file=self.file,
            relative_path=received.relative_path,
            topic=received.topic,
            sha512=received.sha512.hex(),
            size=received.size,
            modified=received.modified,
            output_dir=self.output,
            time_limit_s=time_limit_s,
        )

    def is_unchanged(self) -> bool:
        """Whether the spool file is what it was: the program had only read it."""
        if self._before is None:
            return True
        try:
            return _look(reachable(str(self._received.path))) == self._before
        except OSError:
            return False

    def close(self) -> None:
        """Remove what is in it."""
        self._close(self)

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


def _mark() -> str:
    return secrets.token_hex(4)


def _look(path: str) -> tuple[int, int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns, found.st_ino


def _set_mtime(path: str, modified: float) -> None:
    try:
        os.utime(path, (modified, modified))
    except (OverflowError, OSError, ValueError):  # a time that this disk does not know
        pass


def _copy(spool: str, file: str) -> None:
    """Where the file system can do that, both share their blocks until one of them is written."""
    with open(spool, "rb", buffering=0) as source, open(file, "xb", buffering=0) as target:
        if hasattr(os, "copy_file_range"):
            with suppress(OSError):  # another disk, or an old system: the other way goes on where this ended
                while os.copy_file_range(source.fileno(), target.fileno(), _PIECE):
                    pass
        shutil.copyfileobj(source, target, _PIECE)


def _remove(folder: str) -> None:
    """With everything in it, also where a program has taken rights away. What cannot be removed goes with the next start."""
    path = reachable(folder)
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
