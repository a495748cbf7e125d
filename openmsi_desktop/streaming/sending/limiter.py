"""Speed limits in bytes per second, with timetables: of one task, and of all of them together. They wait for nobody: they
say how long to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from openmsi_desktop.settings import Limit

BURST_S = 0.25
"""Up to this many seconds' worth of bytes may go at once, so that a limit never stalls a chunk."""


class Limiter:
    """A token bucket. Used by one thread."""

    def __init__(
        self,
        limit: Limit,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        local_time: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.limit = limit
        self._monotonic = monotonic
        self._local_time = local_time
        self._at = monotonic()
        self._credit = 0.0
        self._rate = 0
        self._rate_until = self._at

    def change(self, limit: Limit) -> None:
        """Another limit, from the next look on."""
        self.limit = limit
        self._rate_until = self._monotonic()

    def delay(self) -> float:
        """Seconds until the next message may go; 0 when it may go now."""
        now = self._monotonic()
        rate = self._rate_at(now)
        if rate == 0:
            self._at, self._credit = now, 0.0
            return 0.0
        self._credit = min(self._credit + (now - self._at) * rate, rate * BURST_S)
        self._at = now
        return max(0.0, -self._credit / rate)

    def spend(self, size: int) -> None:
        """A message of ``size`` bytes was sent. It may overdraw: the next one waits the longer."""
        if self._rate:
            self._credit -= size

    def _rate_at(self, now: float) -> int:
        if not self.limit.timetable:
            self._rate = self.limit.bytes_per_s
        elif now >= self._rate_until:
            self._rate = self.limit.at(self._local_time())
            self._rate_until = now + 1.0
        return self._rate


class Ceiling:
    """A limit that all senders of a process share. Any thread."""

    def __init__(
        self,
        limit: Limit | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        local_time: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._guard = threading.Lock()  # protects _limiter
        self._limiter = Limiter(limit or Limit(), monotonic=monotonic, local_time=local_time)

    def change(self, limit: Limit) -> None:
        """From now on this is the limit."""
        with self._guard:
            self._limiter.change(limit)

    def delay(self) -> float:
        """Seconds until the next message of anybody may go; 0 when it may go now."""
        with self._guard:
            return self._limiter.delay()

    def spend(self, size: int) -> None:
        """A message of ``size`` bytes was sent by somebody."""
        with self._guard:
            self._limiter.spend(size)
