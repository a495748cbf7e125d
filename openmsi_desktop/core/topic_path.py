"""The path of a file on a topic: POSIX, relative, safe. No file is opened here.

A message may name any path, so every path is checked before anything is done with it.
"""

from __future__ import annotations

import re

from openmsi_desktop.core.errors import ChunkError

SPOOL_NAME = ".openmsi-parts"
"""Folder inside a download target that holds unfinished files; no message may aim at it."""

_DRIVE = re.compile(r"^[A-Za-z]:")
MAX_PATH_BYTES = 4096
MAX_NAME_BYTES = 255


def check(path: str) -> str:
    """Return ``path`` unchanged if it is safe below any folder on any system.

    Raises:
        ChunkError: it is empty, absolute, has a drive letter, a backslash, NUL, an empty, ``.`` or
            ``..`` part, is too long for any file system, or aims at :data:`SPOOL_NAME`.
    """
    if not path:
        raise _unsafe(path, "is empty")
    if "\0" in path:
        raise _unsafe(path, "contains NUL")
    if "\\" in path:
        raise _unsafe(path, "contains a backslash")
    if path.startswith("/"):
        raise _unsafe(path, "is absolute")
    if _DRIVE.match(path):
        raise _unsafe(path, "has a drive letter")
    try:
        encoded = path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _unsafe(path, "is not valid Unicode") from error
    if len(encoded) > MAX_PATH_BYTES:
        raise _unsafe(path[:80] + "…", f"is longer than {MAX_PATH_BYTES} bytes")
    for part in path.split("/"):
        if part == "":
            raise _unsafe(path, "has an empty part")
        if part in (".", ".."):
            raise _unsafe(path, f"has a part {part!r}")
        if len(part.encode("utf-8")) > MAX_NAME_BYTES:
            raise _unsafe(path[:80] + "…", f"has a name longer than {MAX_NAME_BYTES} bytes")
        # compared as file systems that ignore case do
        if part.casefold() == SPOOL_NAME:
            raise _unsafe(path, f"aims at {SPOOL_NAME}")
    return path


def join(subfolder: str, relative: str) -> str:
    """``relative`` below ``subfolder``; either may be empty."""
    return f"{subfolder}/{relative}" if subfolder and relative else subfolder or relative


def split(path: str) -> tuple[str, str]:
    """(folder, name) of a topic path; the folder is empty at the root."""
    folder, _, name = path.rpartition("/")
    return folder, name


def with_append(filename: str, append: str) -> str:
    """Insert ``append`` before the last suffix, as OpenMSIStream's readers do (``run.tar.gz`` + ``_s`` -> ``run.tar_s.gz``)."""
    if not append:
        return filename
    stem, _, suffix = filename.rpartition(".")
    return f"{stem}{append}.{suffix}" if stem and suffix else f"{filename}{append}"


def _unsafe(path: str, why: str) -> ChunkError:
    return ChunkError(f"The path {path!r} {why}", "No file is written for it. Rename the file on the sending side.")
