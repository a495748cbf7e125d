"""File operations below one folder that never follow a link on the way. Knows nothing of topics or versions.

Names are relative, with slashes. A Tree belongs to one thread and is closed after a batch: an open folder
would keep a stick from being ejected.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat as stat_bits
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from openmsi_desktop.core import windows_files
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.durable import patiently
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.open_file import open_for_reading
from openmsi_desktop.core.rename import exchange, rename_new
from openmsi_desktop.core.windows_files import literal

_NAME_SURROGATE = 0x20000000  # reparse tags that stand for another place: junctions and links, not cloud placeholders


class InTheWay(NeedsYou):
    """A link, or a file, stands where a folder is needed."""


class Tree:
    """The files below ``root``, by path: the way for Windows. :func:`open_tree` knows a safer one for the others.

    Every method raises OSError as the system does, and InTheWay if the way leads through a link or a file.
    """

    def __init__(self, root: Path, *, wait: Callable[[float], object]) -> None:
        """Open ``root``, which must be a folder (or a link to one: it was a person's choice).

        wait: as for :func:`openmsi_desktop.core.durable.replace`.
        """
        self.root = root
        self._wait = wait
        self._base = literal(os.path.abspath(root))

    def close(self) -> None:
        """Let go of the folders."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def path(self, relative: str) -> Path:
        """Where that is, absolutely; for showing, and for flushing."""
        return self.root.joinpath(*relative.split("/"))

    def name(self, relative: str) -> str:
        """The same as text, for where many are needed."""
        return os.path.join(self.root, *relative.split("/"))

    def stat(self, relative: str) -> os.stat_result | None:
        """What is there, not following a link; None if nothing is."""
        try:
            self._check_folders(relative)
            return os.lstat(self._full(relative))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def fingerprint(self, relative: str, there: os.stat_result) -> Fingerprint:
        """What :meth:`stat` found, to be compared later; a change that keeps the size and puts the time back shows too.

        Where Windows does not tell when the file last changed, the time it was made stands for that. It equals
        only that of a look with the same trouble; any other one takes the file for changed until it was read.
        """
        changed_ns = None
        if sys.platform == "win32":
            with contextlib.suppress(OSError):  # gone by now, or not ours to look at
                changed_ns = windows_files.changed_ns(self._full(relative))
        return Fingerprint.of(there, changed_ns=changed_ns)

    def make_folders(self, folder: str) -> list[str]:
        """Create ``folder`` and those above it; returns the folders that got a new entry, nearest the root first."""
        changed: list[str] = []
        done = ""
        for part in folder.split("/") if folder else ():
            above, done = done, f"{done}/{part}" if done else part
            found = self.stat(done)
            if found is None:
                with contextlib.suppress(FileExistsError):
                    self._mkdir(done)
                    changed.append(above)
                found = self.stat(done)
            if found is None or not is_folder(found):
                raise self.in_the_way(done, found)
        return changed

    def open(self, relative: str) -> BinaryIO:
        """Open for reading, unbuffered."""
        self._check_folders(relative)
        found = os.lstat(self._full(relative))
        if is_link(found):
            raise self.in_the_way(relative, found)
        try:
            return open_for_reading(self._full(relative))
        except OpenMSIError as error:
            if isinstance(error.__cause__, OSError):
                raise error.__cause__ from None  # its words are for senders
            raise

    def create(self, relative: str) -> BinaryIO:
        """Open a new file for writing, unbuffered; FileExistsError if there is anything."""
        self._check_folders(relative)
        return open(self._full(relative), "xb", buffering=0)

    def set_mtime(self, relative: str, mtime_ns: int) -> None:
        """Set the time of modification (and of access) of a file."""
        self._check_folders(relative)
        os.utime(self._full(relative), ns=(mtime_ns, mtime_ns))

    def move_new(self, source: str, target: str) -> None:
        """Rename, never over something: FileExistsError if ``target`` exists."""
        self._check_folders(source)
        self._check_folders(target)
        patiently(lambda: rename_new(self._full(source), self._full(target)), wait=self._wait)

    def exchange(self, source: str, target: str) -> bool:
        """Both change their names in one step; False where the system or the disk cannot do that."""
        self._check_folders(source)
        self._check_folders(target)
        return exchange(self._full(source), self._full(target))

    def move_over(self, source: str, target: str) -> None:
        """Rename, replacing what is there."""
        self._check_folders(source)
        self._check_folders(target)
        patiently(lambda: os.replace(self._full(source), self._full(target)), wait=self._wait)

    def remove(self, relative: str) -> None:
        """Remove a file; nothing happens if there is none."""
        with contextlib.suppress(FileNotFoundError):
            self._check_folders(relative)
            patiently(lambda: os.unlink(self._full(relative)), wait=self._wait)

    def _mkdir(self, folder: str) -> None:
        os.mkdir(self._full(folder))

    def _full(self, relative: str) -> str:
        return os.path.join(self._base, *relative.split("/"))

    def _check_folders(self, relative: str) -> None:
        parts = relative.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            folder = "/".join(parts[:count])
            found = os.lstat(self._full(folder))
            if not is_folder(found):
                raise self.in_the_way(folder, found)

    def in_the_way(self, folder: str, found: os.stat_result | None) -> InTheWay:
        path = self.path(folder)
        if found is not None and is_link(found):
            return InTheWay(
                f"{path} is a link",
                "Nothing is written through links, because they may lead anywhere. The file is safe and waits; "
                "replace the link by a folder, or move it away.",
                path=path,
            )
        return InTheWay(
            f"{path} is a file where a folder is needed",
            "The file that was received is safe and waits; it is written when the one in its way is moved or renamed.",
            path=path,
        )


def open_tree(root: Path, *, wait: Callable[[float], object]) -> Tree:
    """The safest kind of Tree that this system allows.

    Raises:
        OSError: ``root`` is no folder or may not be entered.
    """
    if sys.platform != "win32":
        from openmsi_desktop.core.descriptor_tree import DescriptorTree  # needs calls that Windows has not

        return DescriptorTree(root, wait=wait)
    if not os.path.isdir(root):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(root))
    return Tree(root, wait=wait)


def is_link(found: os.stat_result) -> bool:
    """A symbolic link, or on Windows a junction or anything else that leads to another place."""
    return stat_bits.S_ISLNK(found.st_mode) or bool(getattr(found, "st_reparse_tag", 0) & _NAME_SURROGATE)


def is_folder(found: os.stat_result) -> bool:
    """A folder, and no junction."""
    return stat_bits.S_ISDIR(found.st_mode) and not is_link(found)


def is_file(found: os.stat_result) -> bool:
    """An ordinary file."""
    return stat_bits.S_ISREG(found.st_mode) and not is_link(found)
