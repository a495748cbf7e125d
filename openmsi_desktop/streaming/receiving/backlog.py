"""How many bytes wait on this disk for each sink, and whether they are so many that receiving has to wait.

A sink that is slow or out of reach holds up nobody else, until its files fill more of the disk than a person wants.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable

from openmsi_desktop.core import amounts, moments
from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError

_ENOUGH = 0.9
"""Receiving goes on when this share of the limit is reached again."""
_COUNT_S = 5.0
"""Seconds between two counts while receiving waits: what a sink settles just while it is counted may have been counted."""


class Backlog:
    """Bytes of complete files that each sink does not have. Any thread may note; the rest belongs to the reader's."""

    def __init__(self, limit: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """limit: in bytes; 0: none."""
        self.limit = limit
        self._monotonic = monotonic
        self._count_at = 0.0
        self._guard = threading.Lock()  # protects _bytes
        self._bytes: dict[str, int] = {}
        self._error: OpenMSIError | None = None
        self._named = ""
        """The sink that the error is about."""

    def start(self, files: Deliveries) -> None:
        """Count what the journal knows. Looks at every file that waits."""
        found = files.bytes_waiting()
        with self._guard:
            self._bytes = found

    def add(self, sizes: Iterable[int], sinks: Collection[str]) -> None:
        """Files of so many bytes each wait for these sinks (or, negative, do so no more)."""
        total = sum(sizes)
        with self._guard:
            for sink in sinks:
                self._bytes[sink] = self._bytes.get(sink, 0) + total

    @property
    def worst(self) -> tuple[str, int]:
        """The sink that most bytes wait for, and how many."""
        with self._guard:
            return max(self._bytes.items(), key=lambda item: item[1], default=("", 0))

    def _of(self, sink: str) -> int:
        with self._guard:
            return self._bytes.get(sink, 0)

    def shortage(self, files: Deliveries, why: Collection[tuple[str, OpenMSIError | None]]) -> OpenMSIError | None:
        """What to tell a person while too much waits; None: it does not. Cheap, as long as that does not change.

        why: of each sink what is known to be wrong with it.
        """
        if not self.limit:
            return None
        if self._error is not None and self._monotonic() >= self._count_at:
            self._count_at = self._monotonic() + _COUNT_S
            self.start(files)
        if self._error is not None and self._of(self._named) <= self.limit * _ENOUGH:
            self._error = None
        if self._error is None and self.worst[1] > self.limit:
            self.start(files)  # what was noted may be off by files that were lost and read again
            self._count_at = self._monotonic() + _COUNT_S
            if self.worst[1] > self.limit:
                self._error = self._told(files, dict(why))
        return self._error

    def _told(self, files: Deliveries, why: dict[str, OpenMSIError | None]) -> OpenMSIError:
        sink, count = self.worst
        self._named = sink
        since = files.waits_since(sink)
        when = f" since {moments.local(since):%Y-%m-%d %H:%M}" if since is not None else ""
        kind = NeedsYou if isinstance(why.get(sink), NeedsYou) else RetryableError
        return kind(
            title_of(sink),
            f"{amounts.size(count)} of received files wait on this disk for it{when}; more than {amounts.size(self.limit)} are "
            "not kept here (spool_limit). Nothing is lost: what follows stays on the topic, and receiving goes on by itself "
            "as soon as some of them are delivered. What was received is still delivered everywhere else.",
        )


def title_of(sink: str) -> str:
    """The title while receiving waits for this sink."""
    return f"Receiving waits for {sink}"
