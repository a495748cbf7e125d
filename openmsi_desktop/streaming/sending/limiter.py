"""A speed limit in bytes per second, with a timetable. Waits for nobody: it says how long to wait."""

from __future__ import annotations

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
