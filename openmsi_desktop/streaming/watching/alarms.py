"""Names and the time at which each is due: many of them, changed often, looked at only when one comes up."""

from __future__ import annotations

import heapq


class Alarms:
    """One time for each name, of whatever clock the owner uses. Used by one thread."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._queued: dict[
            str, float
        ] = {}  # a name has one valid entry in the heap; a later time waits until it comes up

    def set(self, name: str, due: float) -> None:
        """Set or move an alarm."""
        self._due[name] = due
        if due < self._queued.get(name, float("inf")):
            self._queued[name] = due
            heapq.heappush(self._heap, (due, name))

    def drop(self, name: str) -> None:
        """No alarm for this name any more."""
        self._due.pop(name, None)

    def pop(self, now: float) -> str | None:
        """A name that is due, the earliest first; its alarm is over. None: there is none."""
        while self._heap and self._heap[0][0] <= now:
            time, name = heapq.heappop(self._heap)
            if self._queued.get(name) != time:
                continue
            del self._queued[name]
            due = self._due.get(name)
            if due is None:
                continue
            if due > now:
                self.set(name, due)
                continue
            del self._due[name]
            return name
        return None

    @property
    def next(self) -> float | None:
        """When :meth:`pop` should be called; there may be nothing due then. None: no alarms."""
        return self._heap[0][0] if self._due else None
