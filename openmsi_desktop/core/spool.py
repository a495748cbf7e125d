"""The folder of unfinished files. Knows names and bytes, not what they are parts of.

A file has a short name and is written at any offset, so it is as sparse as what has arrived. Few stay
open at a time. Nothing is durable before :meth:`Spool.flush`.

Others may keep theirs in the same folder, also on other computers: names begin with a mark of whose they are,
which outlives the journal. Nobody else's are removed, and of one's own none is forgotten.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Container
from pathlib import Path

from openmsi_desktop.core.durable import sync_batch
from openmsi_desktop.core.sparse import make_sparse
from openmsi_desktop.core.windows_files import literal

_OPEN_FLAGS = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_NAME = re.compile("[0-9a-f]{32}")


class Spool:
    """Files in one folder. Belongs to one thread; the folder has to exist."""

    def __init__(self, folder: Path, *, owner: str, max_open: int = 64) -> None:
        """owner: whose files these are, the same at every start and for nobody else."""
        self.folder = folder
        self.unflushed_bytes = 0
        self._mark = hashlib.sha256(owner.encode()).hexdigest()[:8]
        self._prefix = literal(os.path.abspath(folder)) + os.sep
        self._max_open = max_open
        self._open: OrderedDict[str, int] = OrderedDict()
        self._dirty: set[str] = set()

    def path(self, name: str) -> Path:
        """Where a file lies."""
        return self.folder / name

    def new_name(self) -> str:
        """For a file that nobody has."""
        return self._mark + os.urandom(12).hex()

    def sweep(self, needed: Container[str]) -> None:
        """Remove the owner's other files: an interrupted run left them, or a journal that is lost.

        Raises:
            OSError: one cannot be deleted, or the folder not be read.
        """
        for name in os.listdir(self.folder):
            if name.startswith(self._mark) and _NAME.fullmatch(name) and name not in needed:
                self.remove(name)

    def create(self, name: str) -> None:
        """Start an empty file; whatever had the name is gone.

        Raises:
            OSError: the folder is missing, the disk full.
        """
        self._close(name)
        descriptor = os.open(self._prefix + name, _OPEN_FLAGS | os.O_CREAT | os.O_TRUNC, 0o666)
        self._keep(name, descriptor)
        make_sparse(descriptor)
        self._dirty.add(name)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Write at a byte position of a file that exists.

        Raises:
            FileNotFoundError: somebody removed it.
            OSError: the disk is full, or the position is beyond what the file system can do.
        """
        descriptor = self._open.get(name)
        if descriptor is None:
            descriptor = os.open(self._prefix + name, _OPEN_FLAGS)
            self._keep(name, descriptor)
        else:
            self._open.move_to_end(name)
        _write_at(descriptor, offset, data)
        self._dirty.add(name)
        self.unflushed_bytes += len(data)

    def write_whole(self, name: str, data: bytes) -> None:
        """A file of one piece, written and closed at once.

        Raises:
            OSError: as for :meth:`create`.
        """
        descriptor = os.open(self._prefix + name, _OPEN_FLAGS | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _write_at(descriptor, 0, data)
        finally:
            os.close(descriptor)
        self._dirty.add(name)
        self.unflushed_bytes += len(data)

    def flush(self) -> list[str]:
        """Everything written so far is on the disk; returns the files that somebody removed meanwhile.

        Raises:
            OSError: the disk refused: what was written since the last flush must be considered lost.
        """
        gone = [name for name in self._dirty if not os.path.lexists(self._prefix + name)]
        there = [self._prefix + name for name in self._dirty.difference(gone)]
        if there:
            sync_batch(there, [self.folder])
        self._dirty.clear()
        self.unflushed_bytes = 0
        return gone

    def finish(self, name: str) -> None:
        """No more will be written to this file: let go of it, others may move it after the next flush."""
        self._close(name)

    def remove(self, name: str) -> None:
        """Delete a file, if it is there.

        Raises:
            OSError: it cannot be deleted.
        """
        self._close(name)
        self._dirty.discard(name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._prefix + name)

    def close(self) -> None:
        """Let go of all files."""
        for name in list(self._open):
            self._close(name)

    def _keep(self, name: str, descriptor: int) -> None:
        self._open[name] = descriptor
        if len(self._open) > self._max_open:
            _, oldest = self._open.popitem(last=False)
            os.close(oldest)

    def _close(self, name: str) -> None:
        descriptor = self._open.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)


def _write_at(descriptor: int, offset: int, data: bytes) -> None:
    """All of ``data`` at a position; a short write is continued, which brings out its cause."""
    if not hasattr(os, "pwrite"):  # Windows
        os.lseek(descriptor, offset, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        return
    done = os.pwrite(descriptor, data, offset) if data else 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], offset + done)
