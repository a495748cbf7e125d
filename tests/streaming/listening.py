"""Listen to what services say, and wait for it without sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable

from openmsi_desktop.core.events import Event, FileEvent, FileState, ReadyEvent, TaskEvent

PATIENCE_S = 30.0


class Listener:
    """An emit that remembers, and lets a test wait for what it wants to hear. Any thread."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def wait(self, fits: Callable[[Event], bool], *, since: int = 0, timeout_s: float = PATIENCE_S) -> Event:
        """The first event that fits, counted from number ``since``."""
        with self._news:
            found: list[Event] = []

            def look() -> bool:
                found[:] = [e for e in self.events[since:] if fits(e)][:1]
                return bool(found)

            if not self._news.wait_for(look, timeout_s):
                raise AssertionError(f"not heard; the last: {self.events[-5:]}")
            return found[0]

    def wait_file(self, path: str, state: FileState, *, since: int = 0) -> FileEvent:
        """Wait until a file reaches a state."""
        heard = self.wait(lambda e: isinstance(e, FileEvent) and e.path == path and e.state is state, since=since)
        assert isinstance(heard, FileEvent)
        return heard

    def wait_ready(self) -> None:
        """Wait until the first task is ready."""
        self.wait(lambda e: isinstance(e, ReadyEvent))

    def wait_task(self, title: str, *, since: int = 0) -> TaskEvent:
        """Wait until a task waits for a reason that contains these words."""
        heard = self.wait(lambda e: isinstance(e, TaskEvent) and title in e.title, since=since)
        assert isinstance(heard, TaskEvent)
        return heard

    def states(self, path: str) -> list[FileState]:
        """States of a file in the order they were told, repeats left out."""
        all_states = [e.state for e in self.events if isinstance(e, FileEvent) and e.path == path]
        return [s for i, s in enumerate(all_states) if i == 0 or all_states[i - 1] is not s]
