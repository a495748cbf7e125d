"""Errors of writing into a folder, in words for people. Knows nothing of what is written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openmsi_desktop.core.errors import DiskFull, NeedsYou, OpenMSIError, RetryableError, is_full

_BROKEN = {getattr(errno, name, errno.EIO) for name in ("EIO", "ENXIO", "ENODEV", "ESTALE", "ENOTCONN", "EHOSTDOWN")}
_LONG = {errno.ENAMETOOLONG}
_NAME = {errno.EINVAL, errno.EILSEQ}
_REFUSED = {errno.EACCES, errno.EPERM}
_WINDOWS_NAME = {123}  # ERROR_INVALID_NAME
_WINDOWS_LONG = {206}  # ERROR_FILENAME_EXCED_RANGE
_WINDOWS_BUSY = {32, 33}  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION

_SAFE = "What was received is safe and waits."


def concerns_all(error: OSError) -> bool:
    """Whether trying the next file is pointless: the disk is full, broken, gone or read-only."""
    return is_full(error) or error.errno in _BROKEN | {errno.EROFS}


def translated(error: OSError, root: Path, path: Path | None = None) -> OpenMSIError:
    """The error of writing ``path`` below ``root`` (None: the folder itself) as ours."""
    winerror = getattr(error, "winerror", None)
    what = str(path or root)
    if is_full(error):
        return DiskFull(
            f"The disk of {root} is full", f"{_SAFE} Free some space; it goes on by itself.", path=path or root
        )
    if error.errno == errno.EROFS:
        return NeedsYou(
            f"{root} is on a disk that cannot be written",
            f"{_SAFE} It is mounted read-only, perhaps after an error of the disk. Make it writable, or choose another folder.",
            path=path or root,
        )
    if error.errno in _LONG or winerror in _WINDOWS_LONG:
        return NeedsYou(
            f"The name of {what} is too long for this disk",
            f"{_SAFE} Choose a target folder with a shorter path, or shorten the name on the sending side.",
            path=path,
        )
    if error.errno in _REFUSED and winerror not in _WINDOWS_BUSY:
        return NeedsYou(
            f"{what} may not be written",
            f"The account this program runs under has no right to do so ({error.strerror}). {_SAFE} "
            "Give that account the right to write in the folder; it goes on by itself.",
            path=path or root,
        )
    if winerror in _WINDOWS_BUSY:
        return RetryableError(
            f"{what} is in use",
            f"Another program holds the file. {_SAFE} It is tried again until that lets go.",
            path=path,
        )
    if error.errno in _NAME or winerror in _WINDOWS_NAME:
        return NeedsYou(
            f"This disk does not take the name {what}",
            f"{_SAFE} Choose a target folder on another disk, or rename the file on the sending side.",
            path=path,
        )
    return RetryableError(
        f"{what} cannot be written",
        f"The disk or network share does not answer as it should ({error.strerror}). {_SAFE} It is tried again.",
        path=path or root,
    )


@contextmanager
def explained(root: Path, path: Path | None = None) -> Iterator[None]:
    """What happens inside raises our errors."""
    try:
        yield
    except OSError as error:
        raise translated(error, root, path) from error
