"""The data folder: which file lies where, who streams with it, and who else is sending.

journal.db       the journal                     installation    identity of this installation
profile.lock     held by the one that streams    owners/*.lock   held by everyone who sends a file
spool/           parts of files without a download target        quarantine/     rejected messages
copies/          files that would not stay as they are while they are sent
refusals/        sign-ins that were refused lately              working/          files that programs work on
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
import time
from pathlib import Path

from openmsi_desktop.core import installation
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import FILE_NAME, Journal, legible
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.streaming.watching.mounts import mount_of

_LOST = "journal_lost"
_LOCKS = Path("/run/lock")


class InUse(NeedsYou):
    """Another process has the data folder, or sends from or receives into the same folder for the same topic."""


class Profile:
    """Paths and locks of one data folder. May be used from any thread; :meth:`owner` only makes one lock."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.journal_path = data / FILE_NAME
        self.spool = data / "spool"
        self.quarantine = data / "quarantine"
        self.copies = data / "copies"
        self.refusals = data / "refusals"
        self._lost_mark = data / "journal-lost"
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
            if sys.platform != "win32" and self.data.stat().st_uid == os.getuid():
                self.data.chmod(0o700)
        except OSError as error:
            raise NeedsYou(
                f"Cannot use the data folder {self.data}", f"{error}. Choose another one with --data.", path=self.data
            ) from error

    def open_journal(self) -> Journal:
        """A connection of its own for the calling thread. A journal that was lost is made anew, and remembers that.

        Raises:
            NeedsYou, RetryableError: see :class:`Journal`.
        """
        journal = Journal(self.journal_path, on_new=self._note_loss)
        if self._lost_mark.exists():
            journal.set_meta(_LOST, repr(time.time()))
            self._lost_mark.unlink(missing_ok=True)
        return journal

    def _note_loss(self) -> None:
        """A journal is about to be made. Where one must have been before, no kill may make that look like a first start."""
        if installation.exists(self.data):
            self._lost_mark.touch()

    def journal_lost_at(self, journal: Journal) -> float | None:
        """When it was noticed that the journal before this one is gone (seconds since 1970); None if none was lost."""
        known = journal.get_meta(_LOST)
        return None if known is None else legible(float)(known)

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

    locks: a folder that all users share; the system's own if left away.

    Raises:
        InUse: somebody watches it already; the text names them.
        NeedsYou: the lock cannot be written.
    """
    lock, holder = _take_first(f"{os.path.normcase(folder.resolve())}\n{topic}", locks)
    if lock is not None:
        return lock
    raise InUse(
        f"The folder {folder} is already sent to topic {topic} by {holder}",
        "Two watchers would send every file twice. Stop the other one, or choose another topic.",
        path=folder,
    )


def target_lock(target: Path, topic: str, *, locks: Path | None = None) -> Lock:
    """Become the one who writes files of this topic into this folder, on this computer.

    Two who do so take the files of the other one for somebody else's. Parameters and errors as for :func:`folder_lock`.
    """
    lock, holder = _take_first(f"{os.path.normcase(target.resolve())}\n{topic}\nreceived", locks)
    if lock is not None:
        return lock
    raise InUse(
        f"Topic {topic} is already received in {target} by {holder}",
        "Two readers would get in each other's way there. Stop the other one, or choose another folder.",
        path=target,
    )


def _take_first(name: str, locks: Path | None) -> tuple[Lock | None, str]:
    """The lock of this name, or None and who has it."""
    place = locks or _shared_place() / "openmsi-desktop-locks"
    _share(place)
    what = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    # a file for each user, because systems refuse to write those of others in a shared folder
    lock = Lock(place / f"{what}-{_user()}.lock")
    busy = None if lock.acquire(who_am_i()) else lock
    others = (Lock(file) for file in place.glob(f"{what}-*.lock") if file != lock.path)
    busy = busy or next((other for other in others if not other.is_free()), None)
    if busy is None:
        return lock, ""
    lock.release()
    return None, busy.holder() or "another process"


def _shared_place() -> Path:
    """A folder that is the same for all users, services included, and writable by all."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA") or tempfile.gettempdir())
    try:
        is_for_all = _LOCKS.stat().st_mode & 0o1777 == 0o1777
    except OSError:
        is_for_all = False
    return _LOCKS if is_for_all else Path("/tmp")  # not what TMPDIR says: others have another one


def _share(place: Path) -> None:
    """A folder in which every user may have files."""
    try:
        place.mkdir(exist_ok=True)
        if sys.platform != "win32" and place.stat().st_uid == os.getuid():
            place.chmod(0o1777)
    except OSError as error:
        raise NeedsYou(f"Cannot make {place}", str(error), path=place) from error


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
