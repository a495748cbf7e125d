"""Watched folder -> what is in it and what changes: events of the operating system plus a periodic rescan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from openmsi_desktop.core.rules import Rules
from openmsi_desktop.streaming.sightings import Health, Sighting

RESCAN_S = 600.0
"""Seconds between scans where events have proved themselves."""
POLL_S = 30.0
"""Seconds between scans where they have not, or do not exist."""


class Watcher:
    """Watches one folder with a thread of its own; the owner calls :meth:`take`."""

    def __init__(
        self,
        root: Path,
        rules: Rules,
        *,
        name: str = "",
        identity: str | None = None,
        expected: Iterable[str] = (),
        rescan_s: float = RESCAN_S,
        poll_s: float = POLL_S,
        polling: bool = False,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """identity: the journalled one of the root; None: whatever is there is right.
        expected: relative paths that should be there (known from an earlier run); if the first scan does not
        find them they are Vanished. polling: do without events."""
        raise NotImplementedError

    def start(self) -> None:
        """Start watching; returns at once. A root that is missing is reported, not raised."""
        raise NotImplementedError

    def stop(self, timeout_s: float = 0.4) -> None:
        """Stop; a thread that hangs in a dead network share is left behind."""
        raise NotImplementedError

    def take(self, timeout_s: float, *, limit: int = 1000) -> list[Sighting]:
        """What was seen since the last call: waits up to ``timeout_s`` for something, returns [] after it.

        Events come before the results of a running scan. A slow owner slows the scan: little is kept here.
        """
        raise NotImplementedError

    def wake(self) -> None:
        """Let a waiting :meth:`take` return at once. May be called from any thread."""
        raise NotImplementedError

    def rescan(self, *, everything: bool = False) -> None:
        """Scan soon; ``everything`` reports every file as at the start, otherwise only what differs."""
        raise NotImplementedError

    def accept_root(self) -> None:
        """The owner says that the folder reported by RootChanged is the right one from now on."""
        raise NotImplementedError

    @property
    def health(self) -> Health:
        """How the watching goes; may be read from any thread."""
        raise NotImplementedError

    @property
    def is_network(self) -> bool:
        """The root lies on a network share (quiet time at least 15 s, events of other computers do not arrive)."""
        raise NotImplementedError
