"""What tasks say of themselves -> the journal, so that other processes see it. Tasks do not wait for that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Emit, Event, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal


@dataclass(frozen=True, slots=True)
class Told:
    """A state of a task. details: see :meth:`Journal.set_task`."""

    kind: str
    name: str
    state: TaskState
    title: str = ""
    advice: str = ""
    details: str | None = None
    needs_you: bool = False


class TaskStates:
    """The last state of each task, as long as it is not in the journal. Any thread may use it."""

    def __init__(self, news: threading.Event) -> None:
        """news: set when there is something to write."""
        self._is_news = news
        self._writing = threading.Lock()  # held while states are written, so that a later one never comes first
        self._guard = threading.Lock()  # protects _news
        self._news: dict[str, Told] = {}

    def note(self, key: str, told: Told) -> None:
        """A task is in another state."""
        with self._guard:
            self._news[key] = _together(self._news.get(key), told)
        self._is_news.set()

    def write(self, journal: Journal) -> None:
        """Journal what is new.

        Raises:
            RetryableError, NeedsYou: the journal cannot be written now; nothing is forgotten.
        """
        with self._writing:
            with self._guard:
                news, self._news = self._news, {}
            if not news:
                return
            try:
                with journal.transaction():
                    for key, t in news.items():
                        journal.set_task(
                            key,
                            kind=t.kind,
                            name=t.name,
                            state=t.state,
                            title=t.title,
                            advice=t.advice,
                            details=t.details,
                            needs_you=t.needs_you,
                        )
            except OpenMSIError:
                with self._guard:
                    self._news = news | {k: _together(news.get(k), t) for k, t in self._news.items()}
                raise


class Voice:
    """What one task says: to whoever listens, and into the records. On its own thread, or one that stops it."""

    def __init__(
        self, key: str, kind: str, name: str, *, states: TaskStates, emit: Emit, ready: Callable[[str], None]
    ) -> None:
        """ready: journals that the task (key) is ready, at the first time it says so."""
        self.state = TaskState.IDLE
        self._key = key
        self._kind = kind
        self._name = name
        self._states = states
        self._emit = emit
        self._ready = ready
        self._is_ready = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, TaskEvent):
            if event.state is TaskState.RUNNING and not self._is_ready:
                self._ready(self._key)  # before anything else happens: it has started for the first time only once
                self._is_ready = True
            self.state = event.state
            told = Told(self._kind, self._name, event.state, event.title, event.advice, needs_you=bool(event.needs_you))
            self._states.note(self._key, told)
        self._emit(event)

    def introduce(self, details: str) -> None:
        """Record the task itself, with what belongs to its kind (JSON)."""
        self._states.note(self._key, Told(self._kind, self._name, self.state, details=details))


def _together(earlier: Told | None, later: Told) -> Told:
    if earlier is None or later.details is not None:
        return later
    return replace(later, details=earlier.details)
