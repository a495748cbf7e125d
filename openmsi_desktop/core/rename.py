"""Renames that never destroy what nobody looked at: one that refuses an existing name, one that exchanges two.

The systems have calls for both that Python does not offer; where a disk does not know them, the next
best way is taken and the docstrings say what is lost.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from typing import Any

# not available: an old kernel, or a file system (network, FUSE) without the call
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_NO_LINKS = _UNSUPPORTED | {errno.EPERM, errno.EMLINK, errno.EXDEV}

_HERE = -2 if sys.platform == "darwin" else -100  # AT_FDCWD
_REFUSE_EXISTING = 4 if sys.platform == "darwin" else 1  # RENAME_EXCL, RENAME_NOREPLACE
_SWAP = 2  # RENAME_SWAP, RENAME_EXCHANGE


def rename_new(source: str, target: str, *, source_folder: int | None = None, target_folder: int | None = None) -> None:
    """Rename, but never over something: the check and the rename are one step.

    The folders are descriptors that relative names start from (POSIX only). On the few disks that have
    neither the call nor hard links, somebody could still create ``target`` between check and rename.

    Raises:
        FileExistsError: ``target`` exists, whatever it is.
        OSError: anything else.
    """
    if sys.platform == "win32":
        os.rename(source, target)  # refuses an existing name
        return
    if _rename_with_flags(source, target, source_folder, target_folder, _REFUSE_EXISTING):
        return
    try:
        os.link(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        os.unlink(source, dir_fd=source_folder)
        return
    try:
        os.lstat(target, dir_fd=target_folder)
    except FileNotFoundError:
        os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)


def exchange(source: str, target: str, *, source_folder: int | None = None, target_folder: int | None = None) -> bool:
    """Both names, which must exist, change their files in one step. False (nothing done) where that cannot be.

    Raises:
        OSError: it could be, but failed.
    """
    return sys.platform != "win32" and _rename_with_flags(source, target, source_folder, target_folder, _SWAP)


def _find_call() -> Callable[..., Any] | None:
    if sys.platform == "win32":
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameatx_np" if sys.platform == "darwin" else "renameat2", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        call.restype = ctypes.c_int
    return call


_call = _find_call()


def _rename_with_flags(source: str, target: str, from_: int | None, to: int | None, flags: int) -> bool:
    if _call is None:
        return False
    here, there = (_HERE if folder is None else folder for folder in (from_, to))
    if _call(here, os.fsencode(source), there, os.fsencode(target), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), source, None, target)
