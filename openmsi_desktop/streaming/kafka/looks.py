"""Looks at ports in the background, and remembers for a while what was seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from openmsi_desktop.core.errors import OpenMSIError

FRESH_S = 30.0

Look = Callable[[str, int], OpenMSIError | None]


@dataclass(frozen=True, slots=True)
class _Seen:
    begun: float
    error: OpenMSIError | None


class PortLooks:
    """Thread-safe; never blocks. look: (host, port) -> what is wrong there; called on a thread of its own."""

    def __init__(self, look: Look, *, monotonic: Callable[[], float]) -> None:
        self._look = look
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards _seen and _running
        self._seen: dict[str, _Seen] = {}
        self._running: set[str] = set()

    def verdict(self, server: str, *, since: float | None = None) -> OpenMSIError | None:
        """What is wrong at ``host:port``, as seen in the last 30 s (or since a moment); None if nothing, or not yet known.

        Begins a look where there is none.
        """
        host, _, port = server.rpartition(":")
        if not port.isdigit():
            return None
        now = self._monotonic()
        with self._lock:
            seen = self._seen.get(server)
            if seen is not None and seen.begun >= (now - FRESH_S if since is None else since):
                return seen.error
            if server not in self._running:
                self._running.add(server)
                threading.Thread(
                    target=self._run,
                    args=(server, host.strip("[]"), int(port), now),
                    name=f"look at {server}",
                    daemon=True,
                ).start()
        return None

    def is_looking(self, server: str) -> bool:
        with self._lock:
            return server in self._running

    def _run(self, server: str, host: str, port: int, begun: float) -> None:
        error = None
        try:
            error = self._look(host, port)
        finally:
            with self._lock:
                self._running.discard(server)
                self._seen[server] = _Seen(begun, error)
