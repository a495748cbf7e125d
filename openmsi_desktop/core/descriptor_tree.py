"""A Tree by descriptor: every folder is entered without following links, and stays entered.

So a link that somebody creates between check and use leads nowhere. POSIX only.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import contextlib
import errno
import os
import stat as stat_bits
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from openmsi_desktop.core.rename import exchange, rename_new
from openmsi_desktop.core.tree import Tree

_MOST_OPEN = 64
_T = TypeVar("_T")


class DescriptorTree(Tree):
    """By descriptor (POSIX): what was entered stays what it is, whatever happens to the names above it."""

    def __init__(self, root: Path, *, wait: Callable[[float], object]) -> None:
        super().__init__(root, wait=wait)
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._folders: OrderedDict[str, int] = OrderedDict()

    def close(self) -> None:
        if self._root < 0:
            return
        for descriptor in (*self._folders.values(), self._root):
            os.close(descriptor)
        self._folders.clear()
        self._root = -1

    def stat(self, relative: str) -> os.stat_result | None:
        try:
            folder, name = self._at(relative)
            return os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            return None

    def make_folders(self, folder: str) -> list[str]:
        return [] if folder in self._folders else super().make_folders(folder)

    def open(self, relative: str) -> BinaryIO:
        folder, name = self._at(relative)
        # a pipe in place of a file must not block us
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(name, flags, dir_fd=folder)
        if not stat_bits.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "It is not a regular file", str(self.path(relative)))
        return open(descriptor, "rb", buffering=0)

    def create(self, relative: str) -> BinaryIO:
        folder, name = self._at(relative)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return open(os.open(name, flags, 0o666, dir_fd=folder), "wb", buffering=0)

    def set_mtime(self, relative: str, mtime_ns: int) -> None:
        folder, name = self._at(relative)
        os.utime(name, ns=(mtime_ns, mtime_ns), dir_fd=folder, follow_symlinks=False)

    def move_new(self, source: str, target: str) -> None:
        self._two(source, target, lambda s, t, sf, tf: rename_new(s, t, source_folder=sf, target_folder=tf))

    def exchange(self, source: str, target: str) -> bool:
        return self._two(source, target, lambda s, t, sf, tf: exchange(s, t, source_folder=sf, target_folder=tf))

    def move_over(self, source: str, target: str) -> None:
        self._two(source, target, lambda s, t, sf, tf: os.replace(s, t, src_dir_fd=sf, dst_dir_fd=tf))

    def remove(self, relative: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            folder, name = self._at(relative)
            os.unlink(name, dir_fd=folder)

    def _mkdir(self, folder: str) -> None:
        above, name = self._at(folder)
        os.mkdir(name, dir_fd=above)

    def _two(self, source: str, target: str, action: Callable[[str, str, int, int], _T]) -> _T:
        target_folder, target_name = self._at(target)
        # the second look must not close the first one's folder
        source_folder, source_name = self._at(source, keep=target_folder)
        return action(source_name, target_name, source_folder, target_folder)

    def _at(self, relative: str, *, keep: int = -1) -> tuple[int, str]:
        """Descriptor of the folder that holds it, and its name there. The Tree keeps and closes the descriptor."""
        folder, _, name = relative.rpartition("/")
        if not folder:
            return self._root, name
        known = self._folders.get(folder)
        if known is None:
            known = self._enter(folder, keep)
        else:
            self._folders.move_to_end(folder)
        return known, name

    def _enter(self, folder: str, keep: int) -> int:
        descriptor, entered = self._root, ""
        for part in folder.split("/"):
            entered = f"{entered}/{part}" if entered else part
            known = self._folders.get(entered)
            if known is None:
                known = self._open_folder(part, entered, descriptor)
                self._folders[entered] = known
            descriptor = known
        while len(self._folders) > _MOST_OPEN:
            oldest = next(name for name, number in self._folders.items() if number not in (keep, descriptor))
            os.close(self._folders.pop(oldest))
        return descriptor

    def _open_folder(self, name: str, folder: str, above: int) -> int:
        try:
            return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
                raise
            raise self.in_the_way(folder, os.lstat(name, dir_fd=above)) from error
