"""How far files are, and how fast it goes, from the engine's events. Any thread may tell; thousands of events a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.gui.snapshot import Moving

SPAN_S = 600
STEP_S = 5
_NOW_S = 5
_ON_ITS_WAY = (FileState.SENDING, FileState.RECEIVING)
_THERE = (FileState.SENT, FileState.RECEIVED)


class Meter:
    """Bytes of the last 10 minutes, second by second. Not for several threads at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seconds: deque[tuple[int, float]] = deque()

    def add(self, count: float) -> None:
        """So many bytes more, now."""
        second = int(self._monotonic())
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, self._seconds[-1][1] + count)
        else:
            self._seconds.append((second, count))
            while self._seconds[0][0] <= second - SPAN_S:
                self._seconds.popleft()

    def rate(self, span_s: int = _NOW_S) -> float:
        """Bytes per second, over the last full seconds."""
        now = int(self._monotonic())
        return sum(n for s, n in self._seconds if now - span_s <= s < now) / span_s

    def rates(self) -> tuple[float, ...]:
        """One figure (bytes per second) for each 5 s of the last 10 minutes, oldest first; empty if there was nothing."""
        now = int(self._monotonic()) // STEP_S
        out = [0.0] * (SPAN_S // STEP_S)
        for second, count in self._seconds:
            back = now - second // STEP_S
            if 0 < back <= len(out):
                out[-back] += count / STEP_S
        return tuple(out) if any(out) else ()


class Progress:
    """What the events of the engine in this process say. Tasks by their names, as in the events."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._guard = threading.Lock()  # protects all below
        self._moving: dict[tuple[str, str], FileEvent] = {}
        self._meters: dict[str, Meter] = {}

    def note(self, event: FileEvent) -> None:
        """Any thread."""
        key = (event.task, event.path)
        with self._guard:
            if event.state in _ON_ITS_WAY and event.chunks_total:
                before = self._moving.get(key)
                self._moving[key] = event
                if before is not None:
                    self._count(event, _share(event) - _share(before))
            else:
                before = self._moving.pop(key, None)
                if event.state in _THERE:
                    self._count(event, 1.0 - (_share(before) if before is not None else 0.0))

    def moving(self, task: str) -> tuple[Moving, ...]:
        """Files that are on their way, in the order in which they began."""
        with self._guard:
            events = [e for (name, _), e in self._moving.items() if name == task]
        return tuple(Moving(e.path, e.state, e.reason or "", e.size, _share(e)) for e in events)

    def forget(self, task: str) -> None:
        """The task has stopped: nothing of it is on its way."""
        with self._guard:
            for key in [k for k in self._moving if k[0] == task]:
                del self._moving[key]

    def speed(self, task: str) -> tuple[float, float, tuple[float, ...]]:
        """Bytes per second now, over the last 15 s, and :meth:`Meter.rates`."""
        with self._guard:
            meter = self._meters.get(task)
            return (0.0, 0.0, ()) if meter is None else (meter.rate(), meter.rate(15), meter.rates())

    def add(self, task: str, count: float) -> None:
        """Bytes that were learned of in another way than by an event."""
        with self._guard:
            self._meter(task).add(count)

    def _count(self, event: FileEvent, share: float) -> None:
        if share > 0 and event.size:
            self._meter(event.task).add(share * event.size)

    def _meter(self, task: str) -> Meter:
        if task not in self._meters:
            self._meters[task] = Meter(self._monotonic)
        return self._meters[task]


def _share(event: FileEvent) -> float:
    return (event.chunks_done or 0) / (event.chunks_total or 1)
