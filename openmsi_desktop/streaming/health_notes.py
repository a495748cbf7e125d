"""The health of tasks -> the journal: at once what is news, and what only grows older as seldom as that is good enough."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from openmsi_desktop.core import task_health
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.task_health import TaskHealth

_LOOK_S = 1.0
_OLD_S = 25.0
"""Moments may be that much older in the journal than they are: each is written every second time at most."""
_BYTES, _SHARE = 100_000_000, 0.02


class HasHealth(Protocol):
    """A service of a task."""

    @property
    def key(self) -> str: ...

    def health(self) -> TaskHealth: ...


class HealthNotes:
    """What was journalled last. Used by one thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._look_at = monotonic()
        self._written: dict[str, TaskHealth] = {}

    def write(self, journal: Journal, services: Iterable[HasHealth]) -> None:
        """Once in each turn; mostly there is nothing to write.

        Raises:
            RetryableError, NeedsYou: the journal cannot be written now; nothing is forgotten.
        """
        if self._monotonic() < self._look_at:
            return
        self._look_at = self._monotonic() + _LOOK_S
        now = {service.key: service.health() for service in services}
        if any(_is_news(self._written.get(key), health) for key, health in now.items()):
            # all of them, for that costs no more than one
            task_health.write(journal, {k: h for k, h in now.items() if h != self._written.get(k)})
            self._written = now


def _is_news(before: TaskHealth | None, now: TaskHealth) -> bool:
    if before is None:
        return True
    if _is_later(before.contact_at, now.contact_at) or _is_later(before.scanned_at, now.scanned_at):
        return True
    if (before.free is None) != (now.free is None):
        return True
    if abs((before.free or 0) - (now.free or 0)) > max(_BYTES, _SHARE * (before.free or 0)):
        return True
    return before != replace(now, contact_at=before.contact_at, scanned_at=before.scanned_at, free=before.free)


def _is_later(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(now - before) >= _OLD_S
