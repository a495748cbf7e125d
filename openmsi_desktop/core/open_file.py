"""Opens a data file for reading without ever standing in the way of the program that writes it.

The only place that opens files of a watched folder. Knows nothing of chunks.
"""

from __future__ import annotations

import errno
import os
import stat as stat_bits
import sys
from pathlib import Path
from typing import BinaryIO

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError

_GONE = {errno.ENOENT, errno.ENOTDIR}
_REFUSED = {errno.EACCES, errno.EPERM}
_UNUSABLE = {errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ENODEV}
_BUSY = {errno.EAGAIN, errno.EBUSY, errno.ETXTBSY, errno.EDEADLK}

_WINDOWS_GONE = {2, 3}  # ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND
_WINDOWS_BUSY = {32, 33}  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


NOT_ALLOWED = " may not be read"
"""Ends the title of every :class:`NotAllowed`."""


class NotAllowed(NeedsYou):
    """The account that this program runs under has no right to read a file."""


def open_for_reading(path: Path | str) -> BinaryIO:
    """An unbuffered binary file (``buffering=0``) that the caller closes.

    Windows: opened with full sharing, so that the writer may go on writing, renaming and deleting.
    POSIX: only regular files (links to them are followed); a pipe or device is not even opened, because
    that alone can disturb its writer. Not inherited by programs we start.

    Raises:
        RetryableError: it vanished, another program holds it exclusively, or its disk or share does not answer.
        NeedsYou: reading it is not allowed, or it is no regular file.
    """
    try:
        return _open(os.fspath(path))
    except OSError as error:
        raise translated(error, path) from error


def file_id(stat: os.stat_result) -> str:
    """What tells two files of one name apart, from ``os.stat`` or ``os.fstat``; opaque, compare for equality only.

    The device number is left out: the same disk gets another one after a reboot or when it is plugged in again.
    """
    return str(stat.st_ino)


def translated(error: OSError, path: Path | str) -> OpenMSIError:
    """An error of opening or reading a data file in words for people."""
    name = os.path.basename(os.fspath(path))
    winerror = getattr(error, "winerror", None)
    if winerror in _WINDOWS_BUSY or (winerror is None and error.errno in _BUSY):
        return RetryableError(
            f"{name} is in use",
            "Another program holds the file so that nobody else may read it. Nothing of it was sent; "
            "it is tried again until the program lets go.",
            path=path,
        )
    if winerror in _WINDOWS_GONE or error.errno in _GONE:
        return RetryableError(
            f"{name} vanished before it was sent",
            "The file was deleted, renamed or moved. Nothing of it is called sent. "
            "If it comes back, it is sent like a new file.",
            path=path,
        )
    if error.errno in _REFUSED:
        return NotAllowed(
            name + NOT_ALLOWED,
            f"The account this program runs under has no right to read the file ({error.strerror}). Nothing of it was "
            "sent. Give that account the right to read; it is tried again by itself.",
            path=path,
        )
    if error.errno in _UNUSABLE:
        return NeedsYou(
            f"{name} cannot be read as a file",
            f"{error.strerror}. Nothing of it was sent. Replace it by an ordinary file, or exclude it.",
            path=path,
        )
    return RetryableError(
        f"{name} cannot be read",
        f"The disk or network share does not answer as it should ({error.strerror}). Nothing is lost here; "
        "it is tried again.",
        path=path,
    )


def _demand_regular(mode: int, path: str) -> None:
    if not stat_bits.S_ISREG(mode):
        raise OSError(errno.ENODEV, "It is not a regular file", path)


if sys.platform == "win32":
    import msvcrt

    from openmsi_desktop.core import windows_files

    def _open(path: str) -> BinaryIO:
        handle = windows_files.open_shared(
            path, windows_files.READ, windows_files.OPEN_EXISTING, flags=windows_files.SEQUENTIAL_SCAN
        )
        try:
            if not windows_files.is_on_disk(handle):
                raise OSError(errno.ENODEV, "It is not a regular file", path)
            descriptor = msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT)
        except BaseException:
            windows_files.close(handle)
            raise
        return open(descriptor, "rb", buffering=0)

else:

    def _open(path: str) -> BinaryIO:
        # looked at before it is opened: opening a pipe wakes its writer
        _demand_regular(os.stat(path).st_mode, path)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            _demand_regular(os.fstat(descriptor).st_mode, path)
            os.set_blocking(descriptor, True)
            return open(descriptor, "rb", buffering=0)
        except BaseException:
            os.close(descriptor)
            raise
