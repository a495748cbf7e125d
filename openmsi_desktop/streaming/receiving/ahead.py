"""Verification that runs along: the beginning of a big file is hashed while its later chunks still arrive.

What is hashed was read from the part on the disk, never from a message, exactly as it is without this. Nothing of it
outlives a run of the reader: after an interruption a file is read whole. See docs/decisions/0016.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.open_file import file_id, open_for_reading
from openmsi_desktop.core.part import Part

log = logging.getLogger(__name__)

_WORTH_BYTES = 4 << 20
"""Files that are certainly smaller are left alone."""
_STEP_BYTES = 2 << 20
"""So much must have arrived before the next piece is read: each costs an open file and a change of threads."""
_PIECE = 1 << 18
_MOST = 32
"""Files at once; the one that nothing came for longest gives way."""


class _Beginning:
    """The first bytes of a part. ready: so many have been written; done: so many are in the hash."""

    def __init__(self) -> None:
        self.using = threading.Lock()
        """Held while it is read; protects sha, done and file."""
        self.sha = hashlib.sha512()
        self.done = 0
        self.file = ""
        self.ready = 0
        self.next = 1


class Ahead:
    """Hashes beginnings on a thread of its own. note() belongs to the reader's thread, digest() to any."""

    def __init__(
        self,
        spool: Path,
        is_stopping: Callable[[], bool],
        *,
        tell: Callable[[Part, int], None] = lambda part, ready: None,
        tell_gone: Callable[[str], None] = lambda name: None,
    ) -> None:
        """is_stopping: asked again and again while a file is read. tell: so many bytes at the beginning of a part are there by
        now; on the reader's thread, as tell_gone: what was told of this spool file may be wrong."""
        self._spool = spool
        self._is_stopping = is_stopping
        self._tell = tell
        self._tell_gone = tell_gone
        self._begun: OrderedDict[str, _Beginning] = OrderedDict()
        self._changed = threading.Condition()  # guards _begun and the numbers ready
        self._buffer = bytearray(_PIECE)
        self.thread = threading.Thread(target=self._run, name="verify ahead", daemon=True)

    def note(self, part: Part) -> None:
        """A chunk of this part has been written."""
        if part.chunk_size * part.total < _WORTH_BYTES:
            with self._changed:
                self._begun.pop(part.spool, None)  # chunks of different sizes may even overlap
            if not part.chunk_size:
                self._tell_gone(part.spool)
            return
        begun = self._begun.get(part.spool)
        if begun is None:
            begun = self._begin(part.spool)
        at = begun.next
        while at in part.chunks:
            at += 1
        begun.next = at
        ready = part.size if at > part.total else (at - 1) * part.chunk_size
        if ready - begun.ready >= _STEP_BYTES:
            with self._changed:
                self._begun.move_to_end(part.spool)
                begun.ready = ready
                self._changed.notify()
            self._tell(part, ready)

    def digest(self, name: str) -> bytes | None:
        """SHA-512 of a complete part; None if it cannot be read, or if we are to stop."""
        with self._changed:
            begun = self._begun.pop(name, None) or _Beginning()
        with begun.using:
            try:
                with open_for_reading(self._spool / name) as file:
                    if not self._goes_on(begun, file):
                        begun = _Beginning()
                    file.seek(begun.done)
                    buffer = bytearray(_PIECE)
                    while self._take(begun, file, buffer):
                        if self._is_stopping():
                            return None
            except (OSError, OpenMSIError) as error:
                log.warning("the part %s cannot be read: %s", name, error)
                return None
            return begun.sha.digest()

    def stop(self) -> None:
        """The thread ends; is_stopping() says so, too."""
        with self._changed:
            self._changed.notify()

    # -- inside

    def _begin(self, name: str) -> _Beginning:
        with self._changed:
            begun = self._begun[name] = _Beginning()
            if len(self._begun) > _MOST:
                self._begun.popitem(last=False)
        return begun

    def _run(self) -> None:
        while (found := self._next()) is not None:
            name, begun, ready = found
            with begun.using:
                try:
                    with open_for_reading(self._spool / name) as file:
                        if self._goes_on(begun, file) and self._read_to(ready, begun, file):
                            continue
                except (OSError, OpenMSIError) as error:
                    log.info("the part %s cannot be read ahead: %s", name, error)
            with self._changed:
                self._begun.pop(name, None)

    def _next(self) -> tuple[str, _Beginning, int] | None:
        """A part of which more is there than was hashed; None when it is time to end."""
        with self._changed:
            while not self._is_stopping():
                for name, begun in self._begun.items():
                    if begun.ready - begun.done >= _STEP_BYTES:
                        return name, begun, begun.ready
                self._changed.wait()
        return None

    def _read_to(self, ready: int, begun: _Beginning, file: BinaryIO) -> bool:
        """Only whole pieces, so that nothing is read that is not written yet; False if it is not there after all."""
        file.seek(begun.done)
        while ready - begun.done >= _PIECE and not self._is_stopping():
            if not self._take(begun, file, self._buffer):
                return False
        return True

    @staticmethod
    def _take(begun: _Beginning, file: BinaryIO, buffer: bytearray) -> int:
        count = file.readinto(buffer)  # type: ignore[attr-defined]
        begun.sha.update(memoryview(buffer)[:count])
        begun.done += count
        return int(count)

    @staticmethod
    def _goes_on(begun: _Beginning, file: BinaryIO) -> bool:
        """Whether this is the file whose beginning was hashed: not another one of the same name, nor a shorter one."""
        found = os.fstat(file.fileno())
        begun.file = begun.file or file_id(found)
        return begun.file == file_id(found) and found.st_size >= begun.done
