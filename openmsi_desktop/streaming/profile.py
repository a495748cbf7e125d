"""The data folder: which file lies where, who streams with it, and who else is sending.

journal.db       the journal                     installation    identity of this installation
profile.lock     held by the one that streams    owners/*.lock   held by everyone who sends a file
spool/           parts of files without a download target        quarantine/     rejected messages
"""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
import socket
import sys
import tempfile
import threading
from pathlib import Path

from openmsi_desktop.core import installation
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import FILE_NAME, Journal
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.streaming.mounts import mount_of


class InUse(NeedsYou):
    """Another process has the data folder, or watches the same folder for the same topic."""


class Profile:
    """Paths and locks of one data folder. May be used from any thread; :meth:`owner` only makes one lock."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.journal_path = data / FILE_NAME
        self.spool = data / "spool"
        self.quarantine = data / "quarantine"
        self._owner: tuple[str, Lock] | None = None
        self._guard = threading.Lock()  # protects _owner

    def prepare(self) -> None:
        """Make the folder, for its owner only.

        Raises:
            NeedsYou: it cannot be made or written, or lies on a network drive.
        """
        mount = mount_of(self.data)
        if mount is not None and mount.is_network:
            raise NeedsYou(
                f"The data folder {self.data} lies on a network drive",
                "The journal is not safe there: two computers could write it at once. Choose a folder on this computer with --data.",
                path=self.data,
            )
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            if os.name == "posix" and self.data.stat().st_uid == os.getuid():
                self.data.chmod(0o700)
        except OSError as error:
            raise NeedsYou(
                f"Cannot use the data folder {self.data}", f"{error}. Choose another one with --data.", path=self.data
            ) from error

    def journal_was_lost(self) -> bool:
        """Whether this folder was in use before, but its journal is gone. Ask before opening the journal."""
        return installation.exists(self.data) and not self.journal_path.exists()

    def open_journal(self) -> Journal:
        """A connection of its own for the calling thread."""
        return Journal(self.journal_path)

    def installation_id(self) -> str:
        """Identity of this installation, made at the first call."""
        return installation.installation_id(self.data)

    def lock(self) -> Lock:
        """Become the one process that streams with this data folder.

        Raises:
            InUse: another process is; the text names it.
        """
        lock = Lock(self.data / "profile.lock")
        if not lock.acquire(who_am_i()):
            raise InUse(
                f"The data folder {self.data} is in use by {lock.holder() or 'another process'}",
                "Only one process can stream with it. Stop the other one, or give this one a folder of its own with --data.",
                path=self.data,
            )
        return lock

    def streamer(self) -> str | None:
        """Who streams with this data folder right now, or None."""
        lock = Lock(self.data / "profile.lock")
        return None if lock.is_free() else lock.holder() or "another process"

    def owner(self) -> str:
        """This process's name in the claims of the journal; it is alive for as long as the process is."""
        with self._guard:
            if self._owner is None:
                name = f"{os.getpid()}-{secrets.token_hex(6)}"
                lock = Lock(self._owner_file(name))
                lock.acquire(who_am_i())
                self._owner = (name, lock)
            return self._owner[0]

    def is_alive(self, owner: str) -> bool:
        """Whether the process with this name in the claims still runs. Forgets those that do not."""
        with self._guard:
            if self._owner is not None and self._owner[0] == owner:
                return True
        file = self._owner_file(owner)
        if not file.exists():
            return False
        lock = Lock(file)
        if not lock.is_free():
            return True
        file.unlink(missing_ok=True)
        file.with_suffix(".holder").unlink(missing_ok=True)
        return False

    def disown(self) -> None:
        """Give this process's name back."""
        with self._guard:
            if self._owner is not None:
                name, lock = self._owner
                lock.release()
                self._owner_file(name).unlink(missing_ok=True)
                self._owner_file(name).with_suffix(".holder").unlink(missing_ok=True)
                self._owner = None

    def _owner_file(self, name: str) -> Path:
        return self.data / "owners" / f"{name}.lock"


def who_am_i() -> str:
    """A name for this process that means something to a person."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "?"
    command = Path(sys.argv[0]).name or "python"
    return (
        f"{command} {' '.join(sys.argv[1:2])}".strip() + f" (process {os.getpid()} of {user} on {socket.gethostname()})"
    )


def folder_lock(folder: Path, topic: str, *, locks: Path | None = None) -> Lock:
    """Become the one watcher of this folder and topic on this computer, whoever runs it.

    Raises:
        InUse: somebody watches it already; the text names them.
    """
    place = locks or Path(tempfile.gettempdir()) / "openmsi-desktop-locks"
    try:
        place.mkdir(exist_ok=True)
        if os.name == "posix" and place.stat().st_uid == os.getuid():
            place.chmod(0o1777)
    except OSError as error:
        raise NeedsYou(f"Cannot make {place}", str(error), path=place) from error
    what = hashlib.sha256(f"{os.path.normcase(folder.resolve())}\n{topic}".encode("utf-8", "surrogateescape"))
    lock = Lock(place / f"{what.hexdigest()[:32]}.lock")
    old_mask = os.umask(0)
    try:
        taken = lock.acquire(who_am_i())
    finally:
        os.umask(old_mask)
    if not taken:
        raise InUse(
            f"The folder {folder} is already sent to topic {topic} by {lock.holder() or 'another process'}",
            "Two watchers would send every file twice. Stop the other one, or choose another topic.",
            path=folder,
        )
    return lock
