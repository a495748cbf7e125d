"""Pieces of a spool file as bodies of requests: small ones in memory, a few at a time; others streamed."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.open_file import file_id, open_for_reading
from openmsi_desktop.streaming.sinks import SpoolMissing

IN_MEMORY = 16 << 20
"""Bytes of a piece that is read as a whole. Sent from memory it costs a tenth of the processor time of a stream."""
_SMALL = 1 << 20
_AT_ONCE = 4
"""Pieces in memory that are not small."""
READ_BYTES = 1 << 20


class Stopped(RetryableError):
    """The program is being ended in the middle of an upload; nothing is lost."""

    def __init__(self) -> None:
        super().__init__("Stopped while a file was being uploaded", "It goes on at the next start.")


class Bodies:
    """Reads pieces for one sink. Any thread."""

    def __init__(self, is_stopping: Callable[[], bool]) -> None:
        """is_stopping: asked whenever something is read; a true answer ends that with Stopped."""
        self._is_stopping = is_stopping
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def check(self) -> None:
        """Raises Stopped when it is time."""
        if self._is_stopping():
            raise Stopped

    @contextmanager
    def piece(self, path: Path, offset: int, length: int, *, identity: str = "") -> Iterator[bytes | Piece]:
        """Bytes ``offset`` to ``offset + length`` of a file.

        identity: of the file that is meant (:func:`openmsi_desktop.core.open_file.file_id`); empty: any.

        Raises:
            SpoolMissing: it is gone, is another one, or ends before. Stopped.
        """
        with opened(path, identity) as file:
            if length > IN_MEMORY:
                yield Piece(file, offset, length, self._is_stopping)
            elif length > _SMALL:
                with self._waited_for():
                    yield _read(file, path, offset, length)
            else:
                yield _read(file, path, offset, length)

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        while not self._room.acquire(timeout=0.1):
            if self._is_stopping():
                raise Stopped
        try:
            yield
        finally:
            self._room.release()


class Piece(io.RawIOBase):
    """A part of a file that looks like a file. ``len()`` is its length."""

    def __init__(self, file: BinaryIO, offset: int, length: int, is_stopping: Callable[[], bool]) -> None:
        self._file = file
        self._offset = offset
        self._length = length
        self._is_stopping = is_stopping
        self._at = 0
        file.seek(offset)

    def __len__(self) -> int:
        return self._length

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = min(max(start + offset, 0), self._length)
        self._file.seek(self._offset + self._at)
        return self._at

    def read(self, size: int = -1) -> bytes:
        if self._is_stopping():
            raise Stopped
        left = self._length - self._at
        data = self._file.read(left if size < 0 else min(size, left))
        if not data and size != 0 and left:
            raise lost(Path(self._file.name if isinstance(self._file.name, str) else ""))
        self._at += len(data)
        return data


@contextmanager
def opened(path: Path, identity: str = "") -> Iterator[BinaryIO]:
    """A spool file.

    Raises:
        SpoolMissing: it is gone, cannot be read, or is not the one that is meant.
    """
    try:
        file = open_for_reading(path)
    except OpenMSIError as error:
        raise lost(path) from error
    with file:
        if identity and file_id(os.fstat(file.fileno())) != identity:
            raise lost(path)
        try:
            yield file
        except OSError as error:
            if isinstance(error, OpenMSIError):
                raise
            raise lost(path) from error


def in_steps(body: bytes | Piece) -> Iterator[bytes]:
    """All of a body, from its beginning, a little at a time; it is at its beginning again afterwards."""
    if isinstance(body, bytes):
        yield body
        return
    body.seek(0)
    while data := body.read(READ_BYTES):
        yield data
    body.seek(0)


def lost(path: Path) -> SpoolMissing:
    """The error for a spool file that is not there as it should be."""
    return SpoolMissing(
        "The received copy of the file is gone",
        "It was moved, deleted or damaged before it was uploaded. It is read from the topic again.",
        path=path,
    )


def _read(file: BinaryIO, path: Path, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    while len(data) < length:  # unbuffered files may give less
        more = file.read(length - len(data))
        if not more:
            raise lost(path)
        data += more
    return data
