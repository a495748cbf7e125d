"""The tasks of an engine: which should run, which do, and how one gives way to the next.

What should be so is noted at once; :meth:`Crew.step` brings it about as threads end. Nothing waits for a
thread but :meth:`Crew.end`, so a service that is slow to stop holds up nobody else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import for_people
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.settings import Bucket, Connection, Download, Processor, Settings
from openmsi_desktop.streaming.keys import Task, kind_of
from openmsi_desktop.streaming.supervisor import MakeRunner, Service, ServiceThread, python_thread
from openmsi_desktop.streaming.task_states import Voice

PATIENCE_S = 5.0
"""Seconds that new tasks wait for those that they replace; a task with the same key waits for as long as it takes."""


class StreamingService(Service, Protocol):
    """What is asked of a service besides running. All may be called from any thread."""

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person about a file, or about the whole task (empty path)."""

    def idle_for(self) -> float:
        """Seconds since there was something to do; 0 while there is."""

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact."""

    def health(self) -> TaskHealth:
        """How well it works, as far as it knows."""


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of the settings that a task depends on: when some of it changes, the task is started anew."""

    task: Task
    connection: Connection
    sinks: tuple[Bucket | Processor, ...]
    kind: str

    @classmethod
    def of(cls, task: Task, settings: Settings) -> Work:
        """The work of a task of these settings."""
        names = task.sinks if isinstance(task, Download) else ()
        sinks = tuple(settings.sink(name) for name in names)
        return cls(task, settings.connection(task.connection), sinks, kind_of(task, settings))


@dataclass(slots=True, eq=False)
class Post:
    """A task, its service, and the thread it runs on if it was started. Times in seconds since 1970."""

    work: Work
    service: StreamingService
    voice: Voice
    paused_until: float | None = None
    is_wanted: bool = field(init=False)
    thread: ServiceThread | None = None

    def __post_init__(self) -> None:
        self.is_wanted = self.paused_until is None and not self.task.paused

    @property
    def task(self) -> Task:
        return self.work.task

    @property
    def state(self) -> TaskState:
        """What the service said last."""
        return self.voice.state

    @property
    def is_alive(self) -> bool:
        """Its thread runs."""
        return self.thread is not None and self.thread.is_alive

    @property
    def has_ended(self) -> bool:
        """It ran, and ended by itself: nothing was left to do, or it failed."""
        return self.thread is not None and not self.thread.is_alive and not self.thread.is_stopping


class Crew:
    """Any thread may use it; step() belongs to one."""

    def __init__(
        self,
        *,
        go_on: Callable[[OpenMSIError], bool] = lambda error: True,
        runner: MakeRunner = python_thread,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """go_on: see :func:`~openmsi_desktop.streaming.supervisor.supervise`. runner: makes the threads."""
        self._go_on = go_on
        self._runner = runner
        self._monotonic = monotonic
        self._guard = threading.Lock()  # protects all below, and is_wanted, paused_until and thread of the posts
        self._posts: dict[str, Post] = {}
        self._leaving: list[Post] = []
        self._left_at = float("-inf")
        self._is_ending = False

    # -- what is there

    @property
    def posts(self) -> list[Post]:
        """Every task, paused ones too."""
        with self._guard:
            return list(self._posts.values())

    def find(self, name: str) -> list[Post]:
        """The tasks that a person means by a name (or key); all of them if it is empty."""
        return [p for p in self.posts if not name or name in (for_people(p.service.name), p.service.key)]

    @property
    def is_over(self) -> bool:
        """There were tasks, and each of them has ended by itself."""
        with self._guard:
            posts = [*self._posts.values(), *self._leaving]
        return bool(posts) and all(p.has_ended for p in posts)

    # -- what should be

    def change(self, gone: Sequence[str], fresh: Mapping[str, Post]) -> None:
        """Let tasks go (by their keys) and take others on; one with the key of another takes its place."""
        with self._guard:
            for key in gone:
                self._leaving.append(self._posts.pop(key))
                self._left_at = self._monotonic()
            self._posts.update(fresh)

    def pause(self, post: Post, until: float) -> None:
        """The task should not run until that moment."""
        with self._guard:
            post.is_wanted, post.paused_until = False, until

    def resume(self, post: Post) -> None:
        """The task should run, even if it has ended by an error."""
        with self._guard:
            post.is_wanted, post.paused_until = True, None
            if post.has_ended:
                post.thread = None

    def end_pauses(self, now: float) -> list[Post]:
        """Tasks whose pause is over by now; they run again, unless the settings say otherwise."""
        with self._guard:
            over = [p for p in self._posts.values() if p.paused_until is not None and p.paused_until <= now]
            for post in over:
                post.paused_until = None
                post.is_wanted = not post.task.paused
        return over

    def try_now(self, post: Post) -> None:
        """Do not wait any longer: a task that waits tries again at once, one that has ended by an error is started."""
        with self._guard:
            if post.has_ended:
                post.thread = None
            elif post.thread is not None:
                post.thread.try_now()

    # -- bringing it about

    def step(self) -> None:
        """Stop what should not run, start what should. Returns at once."""
        with self._guard:
            self._leaving = [p for p in self._leaving if p.is_alive]
            unwanted = [*self._leaving, *(p for p in self._posts.values() if not p.is_wanted)]
            stopping = [p.thread for p in unwanted if p.thread is not None and p.is_alive and not p.thread.is_stopping]
            for key, post in self._posts.items():
                if post.is_wanted and not self._is_ending and not self._is_held(key):
                    self._start(post)
        for thread in stopping:
            thread.stop()  # without the guard, for it tells of it

    def end(self, timeout_s: float) -> list[ServiceThread]:
        """Stop everything for good; returns the threads that have not ended within ``timeout_s`` seconds."""
        until = self._monotonic() + timeout_s
        with self._guard:
            self._is_ending = True
            threads = [p.thread for p in [*self._posts.values(), *self._leaving] if p.thread is not None]
        for thread in threads:
            if thread.is_alive:
                thread.stop()
        return [t for t in threads if not t.join(max(0.0, until - self._monotonic()))]

    def _start(self, post: Post) -> None:
        if post.thread is None or (post.thread.is_stopping and not post.thread.is_alive):
            post.thread = ServiceThread(post.service, post.voice, go_on=self._go_on, runner=self._runner)
            post.thread.start()

    def _is_held(self, key: str) -> bool:
        """What leaves may still hold the folder or the topic that this one wants."""
        if any(p.service.key == key for p in self._leaving):
            return True
        return bool(self._leaving) and self._monotonic() < self._left_at + PATIENCE_S
