"""What a watched folder held when it was last looked at: names and a number for the state of each file.

Small enough for a million files: a folder that nothing happens in is one string of names and an array.
"""

from __future__ import annotations

import array
import os
from collections.abc import Iterator

NAME_ONLY = 0
"""State of a file of which only the name is known."""


def state_of(stat: os.stat_result) -> int:
    """A number that differs when size, times or file number of a file differ."""
    return hash((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)) or 1


class _Packed:
    __slots__ = ("names", "states")

    def __init__(self, files: dict[str, int]) -> None:
        # no name contains NUL on any system
        self.names = os.fsencode("\0".join(files))
        self.states = array.array("q", files.values())

    def unpacked(self) -> dict[str, int]:
        return dict(zip(os.fsdecode(self.names).split("\0"), self.states, strict=True)) if self.states else {}


class Snapshot:
    """Folders (relative paths, empty for the root) and their files. Used by one thread."""

    def __init__(self) -> None:
        self._folders: dict[str, dict[str, int] | _Packed] = {}
        self._devices: dict[str, int] = {}

    def folder(self, folder: str) -> dict[str, int]:
        """name -> state, to be read and changed; made if it is new. Until :meth:`pack` it costs more memory."""
        files = self._folders.get(folder)
        if not isinstance(files, dict):
            files = self._folders[folder] = files.unpacked() if files else {}
        return files

    def pack(self, folder: str) -> None:
        """Nothing more is to be changed here for some time."""
        files = self._folders.get(folder)
        if isinstance(files, dict):
            self._folders[folder] = _Packed(files)

    def state(self, relative: str) -> int | None:
        """The last known state of a file; None if it is not known."""
        folder, _, name = relative.rpartition("/")
        return self.folder(folder).get(name) if folder in self._folders else None

    def put(self, relative: str, state: int) -> None:
        """A file is there, in this state."""
        folder, _, name = relative.rpartition("/")
        self.folder(folder)[name] = state

    def remove(self, relative: str) -> bool:
        """A file is gone; False if it was not known."""
        folder, _, name = relative.rpartition("/")
        return folder in self._folders and self.folder(folder).pop(name, None) is not None

    def has_folder(self, folder: str) -> bool:
        """It was scanned, or files in it are known."""
        return folder in self._folders

    def below(self, folder: str) -> Iterator[str]:
        """This folder and all known ones below it."""
        beginning = f"{folder}/" if folder else ""
        return iter([f for f in self._folders if f == folder or f.startswith(beginning)])

    def drop(self, folder: str) -> list[str]:
        """Forget one folder (not those below); returns the relative paths of its files."""
        files = self.folder(folder)
        del self._folders[folder]
        self._devices.pop(folder, None)
        return [f"{folder}/{name}" if folder else name for name in files]

    def is_other_device(self, folder: str, device: int) -> bool:
        """The folder lies on another disk or share than before: something was mounted or unmounted there."""
        before = self._devices.get(folder, device)
        self._devices[folder] = device
        return before != device

    def rename_device(self, old: int, new: int) -> None:
        """The same disk has another number, because it was mounted again."""
        for folder, device in self._devices.items():
            if device == old:
                self._devices[folder] = new

    def clear(self) -> None:
        """Forget everything."""
        self._folders.clear()
        self._devices.clear()

    def __len__(self) -> int:
        """Number of files."""
        return sum(len(f) if isinstance(f, dict) else len(f.states) for f in self._folders.values())
