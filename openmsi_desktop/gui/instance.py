"""One window for each data folder and user: the first has the seat, later ones hand it their files.

The seat is a lock that ends with its process, however that ends. Beside it lies the address of a local socket that only
this user may connect to. A message is one line of JSON, ``{"files": [...], "hidden": false}``; the answer is ``ok``.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from openmsi_desktop.core.lock import Lock

_ANSWER_MS = 500
_VISIT_MS = 3000
_MOST_BYTES = 4_000_000
_LONGEST = 100
"""Bytes of a path that every system takes for a socket."""


class Seat:
    """The right to be the window of a data folder."""

    def __init__(self, data: Path) -> None:
        self._lock = Lock(data / "window.lock")
        name = hashlib.sha256(os.fsencode(os.path.realpath(data))).hexdigest()[:16]
        self.address = (
            f"openmsi-desktop-{name}" if sys.platform == "win32" else str(_socket_folder() / f"{name}.socket")
        )

    def take(self) -> bool:
        """Become the first; False if another process is.

        Raises:
            NeedsYou, DiskFull: the data folder cannot be written.
        """
        return self._lock.acquire(self.address)

    def address_of_other(self) -> str:
        """Where the first one listens, as it said itself."""
        return self._lock.holder() or self.address

    def give_up(self) -> None:
        """Let another process be the first."""
        self._lock.release()


class Instance(QObject):
    """Listens for later starts. GUI thread; made by who has the seat."""

    called = Signal(object, bool)
    """tuple[Path, ...] of files to send; whether it was started hidden"""

    def __init__(self, seat: Seat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._visited)
        QLocalServer.removeServer(seat.address)  # of one that was killed; nobody else can be there now
        self.error = "" if self._server.listen(seat.address) else self._server.errorString()
        """Why nobody can be heard; empty if all is well."""

    def close(self) -> None:
        """Hear nobody any more: the program ends."""
        self._server.close()

    @Slot()
    def _visited(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            _Visit(socket, self)

    def hear(self, line: bytes) -> bool:
        """Take a message; False if it is none."""
        try:
            found = json.loads(line)
            files, is_hidden = tuple(Path(str(f)) for f in found["files"]), bool(found["hidden"])
        except (ValueError, TypeError, KeyError):
            return False
        self.called.emit(files, is_hidden)
        return True


class _Visit(QObject):
    """One connection of a later start."""

    def __init__(self, socket: QLocalSocket, instance: Instance) -> None:
        super().__init__(instance)
        self._socket, self._instance = socket, instance
        self._heard = b""
        socket.setParent(self)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self.deleteLater)
        QTimer.singleShot(_VISIT_MS, self, self._end)
        self._read()

    @Slot()
    def _read(self) -> None:
        self._heard += bytes(self._socket.readAll().data())
        line, is_whole, _ = self._heard.partition(b"\n")
        if is_whole and self._instance.hear(line):
            self._heard = b""
            self._socket.write(b"ok\n")
            self._socket.flush()
        elif is_whole or len(self._heard) > _MOST_BYTES:
            self._end()

    @Slot()
    def _end(self) -> None:
        self._socket.abort()
        self.deleteLater()


def hand_over(address: str, files: Sequence[Path], *, is_hidden: bool) -> bool:
    """Ask the first one to show itself and to take these files; False if it has not answered."""
    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    socket.write(json.dumps({"files": [str(f) for f in files], "hidden": is_hidden}).encode() + b"\n")
    answer = b""
    while b"\n" not in answer and socket.waitForReadyRead(4 * _ANSWER_MS):
        answer += bytes(socket.readAll().data())
    return answer == b"ok\n"


def _socket_folder() -> Path:
    """A short path that belongs to this user alone."""
    for place in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):
        folder = Path(place) / f"openmsi-desktop-{os.getuid()}" if sys.platform != "win32" else Path(place)
        if not place or len(os.fsencode(folder)) > _LONGEST - 24:
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            if sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & 0o077):
                return folder
        except OSError:
            continue
    return Path("/tmp")
