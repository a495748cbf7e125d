"""Settings -> running services. Starts and stops them, records their states, and serves requests.

One Engine holds the data folder (profile.lock) for as long as it runs. It knows no Qt and no terminal:
the command line and the window both use it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.core.events import Emit, Event, ReadyEvent, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal, Request
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.settings import Download, Settings, WatchedFolder
from openmsi_desktop.streaming import control, questions
from openmsi_desktop.streaming.connections import Connections, SecretOf
from openmsi_desktop.streaming.consumer import TopicConsumer
from openmsi_desktop.streaming.errands import LeftOver, abandoned
from openmsi_desktop.streaming.kafka_types import Broker
from openmsi_desktop.streaming.producer import FolderProducer
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.supervisor import Service, ServiceThread

log = logging.getLogger(__name__)

_REQUEST_S = 0.3
_ERRANDS_S = 5.0
Task = WatchedFolder | Download


class StreamingService(Service, Protocol):
    """What the engine asks of a service besides running. All may be called from any thread."""

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person about a file, or about the whole task (empty path)."""

    def idle_for(self) -> float:
        """Seconds since there was something to do; 0 while there is."""

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact."""


@dataclass(slots=True)
class _Running:
    """A task of the settings, its service and, unless it is paused, the thread it runs on."""

    task: Task
    service: StreamingService
    thread: ServiceThread | None = None


class Engine:
    """All tasks of some settings. start(), stop() and reload() belong to one thread; the rest may be called from any."""

    def __init__(
        self,
        settings: Settings,
        *,
        data: Path,
        emit: Emit,
        secret_of: SecretOf,
        if_journal_lost: str | None = None,
        again: Sequence[str] = (),
        read_settings: Callable[[], Settings] | None = None,
        go_on: Callable[[OpenMSIError], bool] = lambda error: True,
    ) -> None:
        """if_journal_lost: ``resend`` or ``trust-existing``. again: topic paths that downloads write once more.
        read_settings: for the request ``reload``. go_on: see :func:`supervise`."""
        self.settings = settings
        self.profile = Profile(data)
        self._emit = emit
        self._secret_of = secret_of
        self._if_journal_lost = if_journal_lost
        self._again = tuple(again)
        self._read_settings = read_settings
        self._go_on = go_on
        self._lock: Lock | None = None
        self._journal_lost = False
        self._guard = threading.RLock()  # protects _tasks and _recorder
        self._tasks: dict[str, _Running] = {}
        self._recorder: Journal | None = None
        self._connections = Connections(secret_of)
        self._errands: dict[str, ServiceThread] = {}  # of the control thread; others only look
        self._stop = threading.Event()
        self._control: threading.Thread | None = None

    # -- life

    def start(self) -> None:
        """Take the data folder, and start every task that is not paused.

        Raises:
            NeedsYou: another process streams with this data folder, or it cannot be used.
        """
        self.profile.prepare()
        self._lock = self.profile.lock()
        try:
            self._recorder = self.profile.open_journal()
            self._journal_lost = self.profile.is_journal_lost(self._recorder)
            self.profile.installation_id()
            self._take_on(self.settings)
        except BaseException:
            self.stop()
            raise
        self._control = threading.Thread(target=self._serve, name="requests", daemon=True)
        self._control.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Stop everything in order; what does not end in time is left to end with the process."""
        end = time.monotonic() + timeout_s
        self._stop.set()
        with self._guard:
            threads = [r.thread for r in self._tasks.values() if r.thread is not None]
        threads += list(self._errands.values())
        for thread in threads:
            thread.stop()
        for thread in threads:
            if not thread.join(max(0.0, end - time.monotonic())):
                log.warning("%s did not stop in time", thread.service.name)
        if self._control is not None:
            self._control.join(1.0)
        with self._guard:
            if self._recorder is not None:
                self._recorder.close()
                self._recorder = None
        self.profile.disown()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def reload(self, settings: Settings) -> str:
        """Go over to other settings: only tasks that changed are stopped and started."""
        wanted = {task_key(t): t for t in _tasks_of(settings)}
        with self._guard:
            connections_changed = self.settings.connections != settings.connections
            gone = [k for k, r in self._tasks.items() if connections_changed or wanted.get(k) != r.task]
        for key in gone:
            self._halt(key, wait=True)  # without the guard: a task that ends still records its state
        with self._guard:
            for key in gone:
                del self._tasks[key]
            kept = len(self._tasks)
            self.settings = settings
        self._take_on(settings)
        return f"{len(wanted) - kept} tasks started or changed, {kept} as before."

    # -- what is going on

    @property
    def services(self) -> list[StreamingService]:
        """Every task's service, paused ones too."""
        with self._guard:
            return [r.service for r in self._tasks.values()]

    def idle_for(self) -> float:
        """Seconds since any task had something to do; 0 while one has."""
        with self._guard:
            active = [r.service for r in self._tasks.values() if r.thread is not None and r.thread.is_alive]
        if any(t.is_alive for t in list(self._errands.values())):
            return 0.0
        return min((s.idle_for() for s in active), default=float("inf"))

    def no_contact_for(self) -> float:
        """Seconds for which the task with the longest trouble has had no contact to its broker."""
        with self._guard:
            active = [r.service for r in self._tasks.values() if r.thread is not None and r.thread.is_alive]
        return max((s.no_contact_for() for s in active), default=0.0)

    def failures(self) -> dict[str, Exception]:
        """Tasks that ended by an error: name -> the error."""
        with self._guard:
            ended = [r.thread for r in self._tasks.values() if r.thread is not None and not r.thread.is_alive]
        return {t.service.name: t.error for t in ended if t.error is not None}

    @property
    def is_over(self) -> bool:
        """No task runs any more, and none is paused."""
        with self._guard:
            threads = [r.thread for r in self._tasks.values()]
        # one that was asked to stop is paused, or about to be started again
        return all(t is not None and not t.is_alive and not t.is_stopping for t in threads)

    # -- tasks

    def _take_on(self, settings: Settings) -> None:
        for task in _tasks_of(settings):
            key = task_key(task)
            if key in self._tasks:
                continue
            service = self._build(task, key, self._connections.broker(settings.connection(task.connection)))
            with self._guard:
                self._tasks[key] = _Running(task, service)
            self._record(service, TaskState.IDLE)
            if not task.paused and not self._is_paused(key):
                self._go(key)

    def _build(self, task: Task, key: str, broker: Broker) -> StreamingService:
        emit = self._recording(key)
        if isinstance(task, WatchedFolder):
            return FolderProducer(
                task,
                broker,
                self.profile,
                emit,
                key=key,
                journal_lost=self._journal_lost,
                if_journal_lost=self._if_journal_lost,
            )
        return TopicConsumer(task, broker, self.profile, emit, key=key, again=self._again)

    def _go(self, key: str) -> None:
        with self._guard:
            running = self._tasks[key]
            if running.thread is not None and running.thread.is_alive:
                return
            running.thread = ServiceThread(running.service, self._recording(key), go_on=self._go_on)
            running.thread.start()

    def _halt(self, key: str, *, wait: bool = False) -> None:
        with self._guard:
            thread = self._tasks[key].thread
        if thread is not None:
            thread.stop()
            if wait:
                thread.join(3.0)

    def _is_paused(self, key: str) -> bool:
        with self._guard:
            row = self._recorder.task(key) if self._recorder is not None else None
        return row is not None and row.paused_until is not None and row.paused_until > time.time()

    # -- recording

    def _recording(self, key: str) -> Emit:
        """An emit that also journals the state of this task, so that other processes can see it."""

        def emit(event: Event) -> None:
            if isinstance(event, TaskEvent):
                with self._guard:
                    running = self._tasks.get(key)
                if running is not None:
                    self._record(running.service, event.state, title=event.title, advice=event.advice)
            elif isinstance(event, ReadyEvent):
                with self._guard:
                    if self._recorder is not None:
                        self._recorder.set_ready(key)
            self._emit(event)

        return emit

    def _record(self, service: StreamingService, state: TaskState, *, title: str = "", advice: str = "") -> None:
        with self._guard:
            if self._recorder is None:
                return
            try:
                self._recorder.set_task(
                    service.key, kind=service.kind, name=service.name, state=state, title=title, advice=advice
                )
            except OpenMSIError as error:
                log.warning("the state of %s is not in the journal: %s", service.name, error)

    # -- requests

    def _serve(self) -> None:
        """The thread that serves requests and ends pauses when their time is over."""
        journal = self.profile.open_journal()
        errands_at = 0.0
        try:
            while not self._stop.wait(_REQUEST_S):
                try:
                    for request in journal.open_requests():
                        journal.answer(request.id, self._answer(request, journal))
                    self._end_pauses(journal)
                    if time.monotonic() >= errands_at:
                        errands_at = time.monotonic() + _ERRANDS_S
                        self._run_errands(journal)
                except OpenMSIError as error:
                    log.warning("requests have to wait: %s", error)
        finally:
            journal.close()

    def _answer(self, request: Request, journal: Journal) -> str:
        if request.kind == "reload":
            return self._answer_reload()
        with self._guard:
            keys = control.matching(request.task, {k: r.service.name for k, r in self._tasks.items()})
        if request.task and not keys:
            return f"There is no task called {request.task}."
        if request.kind == "pause":
            until = float(request.argument) if request.argument else None
            for key in keys:
                control.pause(journal, key, until)
                self._halt(key)
            return control.told("Paused", [self._tasks[k].service.name for k in keys], until)
        if request.kind == "resume":
            for key in keys:
                journal.resume(key)
                self._go_when_ended(key)
            return control.told("Resumed", [self._tasks[k].service.name for k in keys], None)
        return self._pass_on(request, keys, journal)

    def _pass_on(self, request: Request, keys: Sequence[str], journal: Journal) -> str:
        """rescan, retry, ignore, decide: the services do it on their own threads."""
        for key in keys:
            with self._guard:
                running = self._tasks[key]
            is_for_all = request.kind == "decide" and control.is_about_task(request.path, running.task)
            if is_for_all and questions.answer(journal, key, request.argument):
                self._restart(key)
                return f"{running.service.name}: decided, and started again."
            running.service.ask(request.kind, request.path, request.argument)
            if request.kind == "retry" and not request.path and running.thread and not running.thread.is_alive:
                self._go(key)
        return "Passed on to " + ", ".join(self._tasks[k].service.name for k in keys) + "."

    def _restart(self, key: str) -> None:
        self._halt(key, wait=True)
        self._go(key)

    def _go_when_ended(self, key: str) -> None:
        """A thread that is still stopping is waited for, so that a quick pause and resume ends with it running."""
        with self._guard:
            thread = self._tasks[key].thread
        if thread is not None and thread.is_alive and not thread.is_stopping:
            return
        if thread is not None:
            thread.join(3.0)
        self._go(key)

    def _answer_reload(self) -> str:
        if self._read_settings is None:
            return "These tasks come from the command line; there is no settings file to read again."
        try:
            settings = self._read_settings()
        except SettingsError as error:
            return f"The settings were not taken over: {error}"
        return "Settings read again: " + self.reload(settings)

    def _run_errands(self, journal: Journal) -> None:
        """One-off uploads that nobody takes care of any more are sent by this process."""
        for key, errand in abandoned(journal, self.profile).items():
            running = self._errands.get(key)
            if running is not None and running.is_alive:
                continue
            service = LeftOver(errand, self._connections.broker(errand.connection), self.profile, self._emit, key=key)
            self._errands[key] = ServiceThread(service, self._emit)
            self._errands[key].start()

    def _end_pauses(self, journal: Journal) -> None:
        now = time.time()
        for row in journal.tasks():
            if row.paused_until is not None and row.paused_until <= now and row.key in self._tasks:
                journal.resume(row.key)
                self._go_when_ended(row.key)


def _tasks_of(settings: Settings) -> list[Task]:
    return [*settings.watched_folders, *settings.downloads]


def task_key(task: Task) -> str:
    """What identifies a task in the journal: where its files are and which topic they belong to, not its name."""
    if isinstance(task, WatchedFolder):
        parts = [os.path.normcase(os.path.abspath(task.path)), task.topic, task.subfolder]
        return f"watch:{_digest(parts)}"
    place = os.path.normcase(os.path.abspath(task.target)) if task.target is not None else "\n".join(task.sinks)
    return f"download:{_digest([place, task.group, *(task.topics if task.group else ())])}"


def send_key(connection: str, topic: str) -> str:
    """The same for one-off uploads: connection is its bootstrap servers."""
    return f"send:{_digest([connection, topic])}"


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
