"""Making files survive a power cut, and replacing files. Knows nothing of what is in them.

What "flushed" means differs: Linux flushes a whole file system with one call, macOS needs its own
request to empty the drive's cache (``fsync`` there stops at the drive), Windows cannot flush folders.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from openmsi_desktop.core.windows_files import reachable

REPLACE_DELAYS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Waits between attempts while another program (usually an antivirus) holds a file on Windows."""

_FEW = 4
"""Up to so many files are flushed one by one: one call for the file system would wait for others' data."""

_F_FULLFSYNC = 51  # <fcntl.h> of macOS; the fcntl module has it there only
_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY, errno.ENOSYS, errno.EROFS}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_ON_WINDOWS = sys.platform == "win32"


def sync_file(descriptor: int) -> None:
    """The content of an open file is on the disk, not only in a cache, when this returns.

    Raises:
        OSError: the disk refused, is full, or broke; the content must be considered lost.
    """
    if sys.platform == "darwin" and _full_sync(descriptor):
        return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """The names in a folder (new, renamed, removed) are on the disk. Does nothing on Windows, which has no such call.

    Raises:
        OSError: as for :func:`sync_file`.
    """
    if _ON_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        sync_file(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:  # some network file systems have no flush for folders
            raise
    finally:
        os.close(descriptor)


def sync_batch(files: Iterable[Path | str], folders: Iterable[Path]) -> None:
    """Content of ``files`` and names in ``folders`` are on the disk. All lie on one file system.

    One call for many files where the system can do that, so the cost hardly depends on their number.
    What somebody removed meanwhile is passed over.

    Raises:
        OSError: as for :func:`sync_file`.
    """
    paths, places = list(files), list(dict.fromkeys(folders))
    if len(paths) > _FEW and places and _sync_file_system(places[0]):
        return
    for path in paths:
        try:  # Windows flushes only what is open for writing
            descriptor = os.open(
                reachable(os.fspath(path)), (os.O_RDWR if _ON_WINDOWS else os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0)
            )
        except OSError as error:
            if error.errno in _GONE:
                continue
            raise
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    for folder in places:
        with contextlib.suppress(FileNotFoundError):
            sync_folder(folder)  # on macOS this empties the drive's cache, for the files too


def replace(source: Path, target: Path, *, wait: Callable[[float], object]) -> None:
    """``os.replace`` that is patient with programs that hold either file for a moment (Windows only).

    wait: called with seconds between attempts; a true answer means stop trying (``stop.wait`` of an Event).

    Raises:
        OSError: still refused after the last attempt, or for any other reason.
    """
    patiently(lambda: os.replace(reachable(os.fspath(source)), reachable(os.fspath(target))), wait=wait)


def patiently(action: Callable[[], None], *, wait: Callable[[float], object]) -> None:
    """Run ``action`` again while Windows says that another program is in the way; see :func:`replace`."""
    for delay_s in REPLACE_DELAYS_S:
        try:
            return action()
        except PermissionError:
            if not _ON_WINDOWS or wait(delay_s):
                raise
    action()


def _full_sync(descriptor: int) -> bool:
    """Empty the drive's cache (macOS); False where the file system has no such request."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.fcntl(descriptor, _F_FULLFSYNC)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return False
        raise
    return True


def _sync_file_system(folder: Path) -> bool:
    """Flush the whole file system of ``folder`` (Linux); False where that cannot be done."""
    if not sys.platform.startswith("linux"):
        return False
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if syncfs(descriptor) == 0:
            return True
    finally:
        os.close(descriptor)
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(folder))
