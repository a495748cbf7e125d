"""Notices that the computer has slept: nothing ran, and what waits for a time to come should not wait any longer.

Portable, without asking the system: while it sleeps the wall clock goes on, and the monotonic clock either stops with the
processor (Linux, macOS) or jumps between two looks (Windows). A clock that was put right looks the same and does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_JUMP_S = 20.0
"""More than a busy computer keeps a thread waiting."""


class Awakening:
    """Looked at regularly by one thread, every second or oftener."""

    def __init__(self, now: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._monotonic = monotonic
        self._last = (now(), monotonic())

    def has_slept(self) -> bool:
        """Whether time was skipped since the last call."""
        before, self._last = self._last, (self._now(), self._monotonic())
        wall, own = self._last[0] - before[0], self._last[1] - before[1]
        return wall - own > _JUMP_S or own > _JUMP_S
