"""What a watcher tells its owner, as records that do not change.

``relative`` is the POSIX path below the watched folder, ``local`` the absolute native one; bytes of a name
that are not valid UTF-8 are kept as lone surrogates (surrogateescape). Times are nanoseconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from openmsi_desktop.core.chunker import Fingerprint


class Seen(NamedTuple):  # as there are very many: a dataclass takes five times as long to make
    """A file that the rules take is there, is new, or has changed. size in bytes.

    by_event: the operating system announced it; otherwise a scan found it.
    closed: a program that wrote the file has just closed it (Linux only, a hint).
    at_start: found by the first scan, so it may have been there for long.
    """

    relative: str
    local: str
    size: int
    mtime_ns: int
    ctime_ns: int
    file_id: str
    by_event: bool = False
    closed: bool = False
    at_start: bool = False

    @property
    def fingerprint(self) -> Fingerprint:
        """The same in the form that plans and the journal use."""
        return Fingerprint(self.size, self.mtime_ns, self.ctime_ns, self.file_id)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file (or link to a folder, pipe, …) that is not sent; ``rule`` is a sentence fragment saying why."""

    relative: str
    local: str
    rule: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Vanished:
    """A file is gone: deleted, renamed or moved. Only said while its root is there and its folder can be read."""

    relative: str
    local: str
    by_event: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or folder (``is_folder``) that cannot be looked at. What it holds is neither sent nor called vanished."""

    relative: str
    local: str
    reason: str
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class ScanDone:
    """A scan of the whole folder is over.

    number: 1 for the first scan since the start. is_full: every file was reported, not only what differs.
    is_complete: every folder could be read. files, ignored: how many are there. missed_by_events: how many
    new, changed or vanished files the operating system had not announced.
    """

    number: int
    is_full: bool
    is_complete: bool
    files: int
    ignored: int
    seconds: float
    missed_by_events: int = 0


@dataclass(frozen=True, slots=True)
class RootFound:
    """The watched folder is there; ``identity`` is to be remembered in the journal. Comes before the first scan."""

    identity: str


@dataclass(frozen=True, slots=True)
class RootMissing:
    """The watched folder is not there or cannot be read. No file of it counts as deleted. Looked for every few seconds."""

    reason: str


@dataclass(frozen=True, slots=True)
class RootChanged:
    """Another folder lies at the same place: nothing is scanned until the right one is back or the owner accepts it."""

    expected: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True)
class RootBack:
    """The watched folder is there again. A full scan follows."""

    identity: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the watching goes. mode: ``events`` or ``polling``; why: for people, empty if there is nothing to say.

    last_scan: when the last scan ended (wall clock, None before); counts are since the start.
    proved: a scan has shown that the operating system announces what happens here. due_s: seconds after last_scan by which
    the next one should be over. missed: what the last scan found unannounced. free: bytes free on the disk.
    """

    mode: str
    why: str = ""
    proved: bool = False
    last_scan: float | None = None
    files: int = 0
    events: int = 0
    missed_by_events: int = 0
    scans: int = 0
    due_s: float | None = None
    missed: int = 0
    free: int | None = None


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """Mode or reason changed."""

    health: Health


Sighting = (
    Seen | Ignored | Vanished | Unreadable | ScanDone | RootFound | RootMissing | RootChanged | RootBack | HealthChanged
)
