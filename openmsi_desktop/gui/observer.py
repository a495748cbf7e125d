"""Looks into the journal on a thread of its own, and hands a Snapshot to the GUI thread when something is new.

While the engine runs here its events say when to look; another process's journal is looked at every second, which costs
one number (``PRAGMA data_version``) as long as nothing was written.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from contextlib import closing
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from openmsi_desktop.core import task_health
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Event, FileEvent, FileState, TaskState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal, TaskRow
from openmsi_desktop.core.listing import counts_of, last_file
from openmsi_desktop.gui.health import lines_of
from openmsi_desktop.gui.host import Host, Role
from openmsi_desktop.gui.snapshot import PENDING, Moving, Snapshot, TaskNow

log = logging.getLogger(__name__)

_AT_MOST_EVERY_S = 0.4
_LOOK_S = 1.0
_ALIVE = (TaskState.STARTING, TaskState.RUNNING, TaskState.WAITING, TaskState.STOPPING)


class Observer(QObject):
    """GUI thread; its own thread does the reading."""

    changed = Signal(object)
    """Snapshot"""

    def __init__(self, host: Host, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = Snapshot(at=time.time(), role=host.role)
        self._host = host
        self._reader = _Reader(host)
        self._reader.seen.connect(self._take, Qt.ConnectionType.QueuedConnection)
        host.happened.connect(self._note, Qt.ConnectionType.DirectConnection)
        host.role_changed.connect(self._wake)

    def start(self) -> None:
        """Begin to look."""
        self._reader.start()

    def stop(self) -> None:
        """End; waits for the look that is under way."""
        self._reader.end()

    def look_now(self) -> None:
        """Something was done that will show in the journal."""
        self._reader.wake()

    @Slot(object)
    def _wake(self, role: object) -> None:
        self._reader.wake()

    def _note(self, event: Event) -> None:
        """Any thread."""
        self._reader.note(event)

    @Slot(object)
    def _take(self, snapshot: Snapshot) -> None:
        self.now = snapshot
        self.changed.emit(snapshot)


class _Reader(QThread):
    seen = Signal(object)

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.setObjectName("observer")
        self._host = host
        self._news = threading.Event()
        self._stop = threading.Event()
        self._guard = threading.Lock()  # protects _progress
        self._progress: dict[tuple[str, str], FileEvent] = {}
        self._recent: deque[tuple[float, str, int]] = deque()

    def note(self, event: Event) -> None:
        if isinstance(event, FileEvent):
            with self._guard:
                if event.state in (FileState.SENDING, FileState.RECEIVING) and event.chunks_total:
                    self._progress[event.task, event.path] = event
                else:
                    self._progress.pop((event.task, event.path), None)
        self._news.set()

    def wake(self) -> None:
        self._news.set()

    def end(self) -> None:
        self._stop.set()
        self._news.set()
        self.wait()

    def run(self) -> None:
        journal: Journal | None = None
        version = -1
        told: object = None
        while not self._stop.is_set():
            try:
                if journal is None and self._host.profile.journal_path.exists():
                    journal = self._host.profile.open_journal()
                has_news = self._news.is_set()
                self._news.clear()
                current = journal.query("PRAGMA data_version")[0][0] if journal is not None else 0
                state = (self._host.role, self._host.error, self._host.other)
                if has_news or current != version or state != told:
                    version, told = current, state
                    self.seen.emit(self._look(journal))
                    self._stop.wait(_AT_MOST_EVERY_S)
            except OpenMSIError as error:
                log.warning("the journal cannot be read now: %s", error)
            self._news.wait(_LOOK_S)
        if journal is not None:
            journal.close()

    def _look(self, journal: Journal | None) -> Snapshot:
        host = self._host
        error = host.error
        tasks = () if journal is None else tuple(self._task(journal, row) for row in journal.tasks())
        return Snapshot(
            at=time.time(),
            role=host.role,
            tasks=tasks,
            other=host.other,
            error_title=error.title if error is not None else "",
            error_advice=error.advice if error is not None else "",
        )

    def _task(self, journal: Journal, row: TaskRow) -> TaskNow:
        counts = counts_of(journal, row.key)
        is_streaming = self._host.role in (Role.STREAMING, Role.ATTACHED)
        state = row.state if is_streaming or row.state not in _ALIVE else TaskState.STOPPED
        health = task_health.read(journal, row.key)
        paused = row.paused_until is not None and row.paused_until > time.time()
        return TaskNow(
            key=row.key,
            name=row.name,
            kind=row.kind,
            state=state,
            title=row.title,
            advice=row.advice,
            is_paused=paused,
            paused_until=row.paused_until if paused and row.paused_until != UNTIL_RESUMED else None,
            counts=counts,
            moving=self._moving(row.name),
            pending=sum(counts.get(s, 0) for s in PENDING),
            problems=tuple(journal.problems(row.key)),
            last_file=last_file(journal, row.key),
            health=lines_of(health, kind=row.kind, now=time.time()),
            contact_at=health.contact_at,
        )

    def _moving(self, task: str) -> tuple[Moving, ...]:
        with self._guard:
            events = [e for e in self._progress.values() if e.task == task]
        return tuple(
            Moving(e.path, e.state, e.reason or "", e.size, (e.chunks_done or 0) / (e.chunks_total or 1))
            for e in events
        )


def midnight(now: float) -> float:
    """Seconds since 1970 of the last midnight, local time."""
    return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def open_journal_of(host: Host) -> closing[Journal]:
    """A connection for a query on another thread."""
    return closing(host.profile.open_journal())
