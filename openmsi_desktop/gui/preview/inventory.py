"""What lies in a folder, looked up once and kept, so that other rules need no other look at the disk. No widgets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition

from openmsi_desktop.core.rules import in_spool
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.watching.scan import (
    Kind,
    Registries,
    in_words,
    join,
    local_of,
    look_at_entry,
    stat_of_file,
)

AT_MOST = 500_000
"""Files that are looked up; a bigger folder is previewed in part."""

File = tuple[str, int, float]
"""(name, size in bytes, time of the last change in seconds since 1970)."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder: its files, the newest first. links, others, unreadable: links to folders, other things that are no files,
    and what cannot be looked at: (name, why). error: why the folder cannot be listed."""

    relative: str
    files: tuple[File, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(slots=True)
class Inventory:
    """The folders below ``root``, those that changed last first, and each after the one it lies in.

    One thread fills it, others read meanwhile: what is in :attr:`folders` stays as it is.
    """

    root: Path
    folders: list[Folder] = field(default_factory=list)
    files: int = 0
    size: int = 0
    suffixes: Counter[str] = field(default_factory=Counter)
    is_done: bool = False
    is_cut: bool = False
    """There are more files than are looked up."""
    error: OSError | None = None
    """The root itself cannot be listed."""
    registries: Registries = field(init=False)
    _more: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        self.registries = Registries(self.root)

    def fill(self, stopped: Callable[[], bool]) -> None:
        """Look through everything; returns soon after ``stopped``."""
        stack = [""]
        try:
            while stack and not stopped():
                if self.files >= AT_MOST:
                    self.is_cut = True
                    break
                folder, below = self._list(stack.pop())
                self.size += sum(size for _, size, _ in folder.files)
                self.files += len(folder.files)
                self.suffixes.update(os.path.splitext(name)[1] for name, _, _ in folder.files)
                stack.extend(below)
                with self._more:
                    self.folders.append(folder)
                    self._more.notify_all()
        except OSError as error:
            self.error = error
        finally:
            with self._more:
                self.is_done = True
                self._more.notify_all()

    def each(self, stopped: Callable[[], bool]) -> Iterator[Folder | None]:
        """Every folder, from the first one on; waits for those to come. None: there is nothing new just now."""
        number = 0
        while not stopped():
            is_done = self.is_done  # asked first: nothing is added after that
            if number < len(self.folders):
                yield self.folders[number]
                number += 1
            elif is_done:
                return
            else:
                yield None
                with self._more:
                    if number == len(self.folders) and not self.is_done:
                        self._more.wait(0.05)

    def _list(self, relative: str) -> tuple[Folder, list[str]]:
        """A folder, and those in it with the newest last."""
        files: list[File] = []
        links: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        unreadable: list[tuple[str, str]] = []
        below: list[tuple[int, str]] = []
        try:
            with os.scandir(reachable(local_of(os.fspath(self.root), relative))) as entries:
                for entry in entries:
                    stat = stat_of_file(entry)
                    found = None if stat is not None else look_at_entry(entry)
                    if stat is None and found is not None and found.kind is Kind.FILE:
                        stat = found.stat
                    if stat is not None:
                        files.append((entry.name, stat.st_size, stat.st_mtime))
                    elif found is None or found.kind is Kind.GONE:
                        continue
                    elif found.kind is Kind.FOLDER and found.stat is not None:
                        inside = join(relative, entry.name)
                        if not in_spool(inside):
                            below.append((found.stat.st_mtime_ns, inside))
                    elif found.kind is Kind.OTHER:
                        (links if entry.is_dir() else others).append((entry.name, found.why))
                    elif found.kind is Kind.UNREADABLE:
                        unreadable.append((entry.name, found.why))
        except FileNotFoundError:
            if not relative:
                raise
        except OSError as error:
            if not relative:
                raise
            return Folder(relative, error=in_words(error)), []
        files.sort(key=_newest)
        folder = Folder(relative, tuple(files), tuple(links), tuple(others), tuple(unreadable))
        return folder, [inside for _, inside in sorted(below)]


def _newest(file: File) -> float:
    return -file[2]
