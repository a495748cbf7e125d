"""What the lanes of one delivery share: the jobs, and the desk that hands them out."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from openmsi_desktop.core.deliveries import Waiting
from openmsi_desktop.streaming.receiving.arrivals import Arrivals
from openmsi_desktop.streaming.receiving.backlog import Backlog
from openmsi_desktop.streaming.sinks import ReceivedFile


@dataclass(slots=True, eq=False)
class Job:
    """A file on its way to the sinks. left: sinks that do not have it; active: those of them that are at it now. notes, declined:
    what those said that have it; gave_up: why some do not want to be asked again. parked: sinks that take it up later. is_out: the lanes have it; it
    was verified. is_sound: its spool file was compared with its
    hash in this run.

    The fields from left on are guarded by the lock of the :class:`Desk`.
    """

    waiting: Waiting
    file: ReceivedFile
    left: set[str]
    active: set[str] = field(default_factory=set)
    local: str = ""
    notes: list[str] = field(default_factory=list)
    declined: str = ""
    gave_up: dict[str, str] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)
    is_out: bool = False
    is_lost: bool = False
    is_sound: bool = False

    def lies_at(self, local: str) -> None:
        """A sink has put it there. For people a path on this computer says more than an address; otherwise the first one does."""
        if local and (not self.local or ("://" in self.local and "://" not in local)):
            self.local = local


class Lost(NamedTuple):
    """A part to be read again, and the spool file that was missed. is_wrong: all chunks were there, but are another file."""

    number: int
    spool: str
    is_wrong: bool = False


class Desk(Protocol):
    """What a lane needs of the delivery it belongs to."""

    lock: threading.RLock
    lost: queue.SimpleQueue[Lost]
    overtaking: queue.SimpleQueue[int]
    arrivals: Arrivals
    backlog: Backlog

    @property
    def is_stopping(self) -> bool: ...

    def put_down(self, job: Job, lane: str) -> None:
        """This lane does nothing more with the job for now. The lock is held."""

    def progress(self) -> None:
        """Something was delivered."""

    def fail(self, error: Exception) -> None:
        """Nothing can go on."""
