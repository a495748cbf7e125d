"""What all tasks are doing at one moment, as plain data: everything the tray and the window show comes from one Snapshot.

A :class:`Observer` reads it from the journal on a thread of its own, at most twice a second, and sooner after events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import ProblemRow
from openmsi_desktop.core.listing import ListedFile

PENDING = (
    FileState.FOUND,
    FileState.WAITING,
    FileState.SENDING,
    FileState.CHANGED,
    FileState.RECEIVING,
    FileState.RECEIVED,
)
"""States of files that are not at their end yet."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A file that is on its way, or the next to go. done: share of its chunks, None while it waits. size in bytes."""

    path: str
    state: FileState
    reason: str = ""
    size: int | None = None
    done: float | None = None
    changed_at: float | None = None
    """When the file itself was last written to, of one that waits (seconds since 1970)."""


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing that is known about how well a task works. ok None: not known yet. at: seconds since 1970."""

    name: str
    ok: bool | None
    text: str
    value: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class TaskNow:
    """One task. Times in seconds since 1970, rates in bytes per second."""

    key: str
    name: str
    kind: str
    state: TaskState
    title: str = ""
    advice: str = ""
    is_paused: bool = False
    paused_until: float | None = None
    """None: until somebody resumes."""
    counts: Mapping[FileState, int] = field(default_factory=dict)
    today: Mapping[FileState, int] = field(default_factory=dict)
    """Files that reached a state since midnight: FOUND, SENT, CHECKED, ARRIVED (readers: RECEIVED, DELIVERED)."""
    moving: tuple[Moving, ...] = ()
    pending: int = 0
    """Files that are not at their end yet: found, waiting, sending, changed (readers: receiving, received)."""
    problems: tuple[ProblemRow, ...] = ()
    last_file: ListedFile | None = None
    rate: float = 0.0
    rates: tuple[float, ...] = ()
    """One figure for each 5 s of the last 10 minutes, oldest first."""
    health: tuple[HealthLine, ...] = ()
    contact_at: float | None = None
    """When its broker answered last; None: not since it was started."""
    is_offline: bool = False
    """Its broker does not answer, and this is told to people."""
    needs_you: bool = False
    """It waits, and not for something that passes by itself; title and advice say what a person has to do."""
    is_late: bool = False
    """It has been starting for longer than 30 s: there is much to look through."""
    problem_count: int = 0
    """All open problems; :attr:`problems` are the oldest of them."""
    batch: tuple[int, int] = (0, 0)
    """Files at their end, of all, since it last had nothing to do."""
    bytes_left: int = 0
    """Bytes of files that are still to be sent."""
    seconds_left: float | None = None
    """How long that takes; None while that cannot be said."""
    checking: int = 0
    """Files that were just sent and are being read back."""
    is_known: bool = True
    """The journal knows it; a task that was just added is not known for a moment."""
    route: tuple[str, ...] = ("", "")
    """Where its files come from and go to; behind that, where else they go."""
    connection: str = ""
    """Name of its connection."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment (seconds since 1970)."""

    at: float
    role: str
    """host.Role"""
    tasks: tuple[TaskNow, ...] = ()
    other: str = ""
    is_late: bool = False
    """It has been starting for longer than 30 s."""
    is_blind: bool = False
    """The journal cannot be read now: the tasks are how they were before; error_title and error_advice say why."""
    error_title: str = ""
    error_advice: str = ""

    def task(self, key: str) -> TaskNow | None:
        """The task with that key."""
        return next((t for t in self.tasks if t.key == key), None)
