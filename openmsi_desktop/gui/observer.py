"""Looks into the journal on a thread of its own, and hands a Snapshot to the GUI thread when something is new.

While the engine runs here its events say when to look; another process's journal is looked at every second, which costs
one number (``PRAGMA data_version``) as long as nothing was written. What depends on the time of the day (a broker that
has not answered for a minute) is looked at every few seconds; the GUI thread hears of it only if it has changed.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QDeadlineTimer, QObject, Qt, QThread, Signal, Slot

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Event, FileEvent, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.gui.host import Host
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.looking import Looker
from openmsi_desktop.gui.progress import Progress
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.store import Store

log = logging.getLogger(__name__)

AT_MOST_EVERY_S = 0.4
_LOOK_S = 1.0
_ANYWAY_S = 5.0
_BLIND_S = 5.0
"""Seconds without a look before that is said."""
_END_MS = 500
_SHARE = 6
"""After a look that took long, nothing is looked at for so many times as long."""
_OVER = (TaskState.STOPPED, TaskState.FAILED, TaskState.STARTING)


class Observer(QObject):
    """GUI thread; its own thread does the reading."""

    changed = Signal(object)
    """Snapshot"""

    def __init__(self, host: Host, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = Looker(host, store, Progress()).look(None)  # what the settings say, until the journal was read
        self._host = host
        self._reader = _Reader(host, store)
        self._reader.seen.connect(self._take, Qt.ConnectionType.QueuedConnection)
        host.happened.connect(self._note, Qt.ConnectionType.DirectConnection)
        host.role_changed.connect(self._wake)
        store.changed.connect(self._wake)

    def start(self) -> None:
        """Begin to look."""
        self._reader.begin()

    def stop(self) -> None:
        """End."""
        self._reader.end()

    def look_now(self) -> None:
        """Something was done that will show in the journal."""
        self._reader.wake()

    def set_watched(self, is_watched: bool) -> None:
        """Whether somebody looks at the window: else only what the icon shows is worth telling."""
        self._reader.is_watched = is_watched
        if is_watched:
            self._reader.wake()

    @Slot(object)
    def _wake(self, what: object) -> None:
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

    _running: ClassVar[set[_Reader]] = set()  # a QThread that runs must not be destroyed

    def __init__(self, host: Host, store: Store) -> None:
        super().__init__()
        self.setObjectName("observer")
        self.finished.connect(self._forget)
        self.is_watched = True
        self._host = host
        self._news = threading.Event()
        self._stop = threading.Event()
        self._progress = Progress()
        self._looker = Looker(host, store, self._progress)
        self._last = Snapshot(time.time(), host.role)
        self._told: object = None
        self._failure = ""
        self._has_failed = False

    def note(self, event: Event) -> None:
        """Any thread, thousands of times a second."""
        if isinstance(event, FileEvent):
            self._progress.note(event)
        elif isinstance(event, TaskEvent) and event.state in _OVER:
            self._progress.forget(event.task)
        if not self._news.is_set():
            self._news.set()

    def wake(self) -> None:
        self._news.set()

    def end(self) -> None:
        """Waits a little for the look that is under way; what takes longer ends with the process."""
        self._stop.set()
        self._news.set()
        self.wait(QDeadlineTimer(_END_MS))

    def begin(self) -> None:
        _Reader._running.add(self)
        self.start()

    @Slot()
    def _forget(self) -> None:
        _Reader._running.discard(self)

    def run(self) -> None:
        journal: Journal | None = None
        seen: object = None
        anyway_at = 0.0
        seen_at = time.monotonic()
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                if journal is None and self._host.profile.journal_path.exists():
                    journal = self._host.profile.open_journal()
                has_news = self._news.is_set()
                self._news.clear()
                version = journal.query("PRAGMA data_version")[0][0] if journal is not None else 0
                state = (version, self._host.role, self._host.error, self._host.other)
                due = self._looker.due
                if has_news or state != seen or began >= anyway_at or (due is not None and began >= due):
                    seen, anyway_at = state, began + _ANYWAY_S
                    self._last = self._looker.look(journal)
                    self._tell(self._last)
                    self._stop.wait(max(AT_MOST_EVERY_S, _SHARE * (time.monotonic() - began)))
                seen_at, self._failure = time.monotonic(), ""
            except Exception as error:  # noqa: BLE001 - whatever it is: nobody may go on believing what was true once
                self._note_failure(error)
                if time.monotonic() - seen_at >= _BLIND_S:
                    self._tell(_blind(self._last, self._host, error))
                if journal is not None:
                    journal.close()
                    journal = None
                seen = None
                self._stop.wait(_LOOK_S)
            self._news.wait(_LOOK_S)
        if journal is not None:
            journal.close()

    def _note_failure(self, error: Exception) -> None:
        if isinstance(error, OpenMSIError):
            log.log(
                logging.DEBUG if str(error) == self._failure else logging.WARNING,
                "the journal cannot be read: %s",
                error,
            )
            self._failure = str(error)
        elif not self._has_failed:
            self._has_failed = True
            sys.excepthook(type(error), error, error.__traceback__)  # told once; it would be the same each second

    def _tell(self, snapshot: Snapshot) -> None:
        """Hand it over if it is not the same as before."""
        essence = _essence(snapshot, is_watched=self.is_watched)
        if essence != self._told:
            self._told = essence
            self.seen.emit(snapshot)


def _blind(last: Snapshot, host: Host, error: Exception) -> Snapshot:
    """What was known last, as that."""
    title = advice = ""
    if isinstance(error, OpenMSIError):
        title, advice = error.title, error.advice
    else:
        title = tr("This program has made a mistake")
        advice = tr("What is sent and received goes on. The details are in its log.")
    role = host.role
    return replace(last, at=time.time(), role=role, is_blind=True, error_title=title, error_advice=advice)


def _essence(snapshot: Snapshot, *, is_watched: bool) -> object:
    """What matters of it: not the time, and while nobody looks not what only the window shows."""
    return replace(snapshot, at=0.0, tasks=snapshot.tasks if is_watched else tuple(map(_unseen, snapshot.tasks)))


def _unseen(task: TaskNow) -> TaskNow:
    health = tuple(replace(line, at=None, value="") for line in task.health)
    return replace(task, rates=(), contact_at=None, health=health)


def open_journal_of(host: Host) -> closing[Journal]:
    """A connection for a query on another thread."""
    return closing(host.profile.open_journal())
