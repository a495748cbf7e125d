"""Watched folder -> what is in it and what changes: events of the operating system plus a periodic rescan.

Here is the thread and the queue to the owner; what is done when lies in :mod:`rounds`, watchdog in :mod:`watcher_events`.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from openmsi_desktop.core.rules import Rules
from openmsi_desktop.streaming.watching.comparison import Stopped
from openmsi_desktop.streaming.watching.events import listen
from openmsi_desktop.streaming.watching.mounts import mount_of
from openmsi_desktop.streaming.watching.rounds import Rounds
from openmsi_desktop.streaming.watching.sightings import Health, Sighting
from openmsi_desktop.streaming.watching.trust import POLL_S, RESCAN_S, Change, Notifier

_QUEUE = 2000
"""Sightings kept for the owner before a scan waits for it."""
_PENDING = 50_000
"""Paths with events kept before they are dropped in favour of a scan."""
_PACE_S = 0.03
"""Seconds between two rounds of handling events: a file written in many small pieces is one sighting."""


class Watcher:
    """Watches one folder with a thread of its own; the owner, one thread, calls :meth:`take`."""

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
        self._root = os.path.abspath(root)
        self._make = functools.partial(
            Rounds,
            self._root,
            rules,
            notifier=None if polling else self._make_notifier,
            emit=self._emit,
            changes=self._take_changes,
            is_pending=self._is_pending,
            identity=identity,
            expected=expected,
            rescan_s=rescan_s,
            poll_s=poll_s,
            now=now,
            monotonic=monotonic,
        )
        self._rounds: Rounds | None = None
        self._thread = threading.Thread(target=self._run, name=f"watcher {name or self._root}", daemon=True)
        self._condition = threading.Condition()
        # guarded by _condition:
        self._out: deque[Sighting] = deque()
        self._pending: dict[str, Change] = {}
        self._lost = False
        self._rescan = self._everything = self._accept = False
        self._stopping = False
        self._woken = False
        self._failure: Exception | None = None

    def start(self) -> None:
        """Start watching; returns at once. A root that is missing is reported, not raised."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.4) -> None:
        """Stop; a thread that hangs in a dead network share is left behind."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def take(self, timeout_s: float, *, limit: int = 1000) -> list[Sighting]:
        """What was seen since the last call, oldest first: waits up to ``timeout_s`` for something, returns [] after it.

        A slow owner slows the scan: little is kept here.

        Raises:
            Exception: the watcher's thread ended with it (our bug).
        """
        with self._condition:
            self._condition.wait_for(
                lambda: self._out or self._woken or self._stopping or self._failure, timeout=timeout_s
            )
            self._woken = False
            taken = [self._out.popleft() for _ in range(min(limit, len(self._out)))]
            self._condition.notify_all()
            if self._failure and not taken:
                raise self._failure
            return taken

    def wake(self) -> None:
        """Let a waiting :meth:`take` return at once. May be called from any thread."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def rescan(self, *, everything: bool = False) -> None:
        """Scan soon; ``everything`` reports every file as at the start, otherwise only what differs."""
        with self._condition:
            self._rescan = True
            self._everything = self._everything or everything
            self._condition.notify_all()

    def accept_root(self) -> None:
        """The owner says that the folder reported by RootChanged is the right one from now on."""
        with self._condition:
            self._accept = True
            self._condition.notify_all()

    @property
    def health(self) -> Health:
        """How the watching goes; may be read from any thread."""
        return self._rounds.health if self._rounds else Health("polling", "not started yet")

    @property
    def is_network(self) -> bool:
        """The root lies on a network share (quiet time at least 15 s, events of other computers do not arrive)."""
        if self._rounds:
            return self._rounds.is_network
        mount = mount_of(self._root)
        return mount is not None and mount.is_network

    def _run(self) -> None:
        try:
            rounds = self._rounds = self._make()
            try:
                self._loop(rounds)
            finally:
                rounds.close()
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - the top of the thread: the owner gets it from take()
            with self._condition:
                self._failure = error
                self._condition.notify_all()

    def _loop(self, rounds: Rounds) -> None:
        while True:
            with self._condition:
                rescan, everything, accept = self._rescan, self._everything, self._accept
                self._rescan = self._everything = self._accept = False
            if accept:
                rounds.accept_root()
            if rescan:
                rounds.scan_soon(everything=everything)
            rest_s = rounds.step()
            with self._condition:
                if self._condition.wait_for(lambda: self._stopping, timeout=min(_PACE_S, rest_s)):
                    return
                self._condition.wait_for(self._has_work, timeout=max(0.0, rest_s - _PACE_S))

    def _has_work(self) -> bool:
        return bool(self._pending or self._lost or self._rescan or self._accept or self._stopping)

    def _emit(self, sightings: list[Sighting]) -> None:
        with self._condition:
            self._condition.wait_for(lambda: len(self._out) < _QUEUE or self._stopping)
            if self._stopping:
                raise Stopped
            self._out.extend(sightings)
            self._condition.notify_all()

    def _take_changes(self) -> Mapping[str, Change] | None:
        with self._condition:
            if self._stopping:
                raise Stopped
            if self._lost:
                self._lost = False
                self._pending.clear()
                return None
            changes, self._pending = self._pending, {}
            return changes

    def _is_pending(self, relative: str) -> bool:
        with self._condition:
            return relative in self._pending

    def _note(self, relative: str, change: Change) -> None:
        """Called by the thread of the events."""
        with self._condition:
            if self._lost:
                return
            if not self._pending:
                self._condition.notify_all()
            known = self._pending.get(relative)
            self._pending[relative] = change if known is None else known | change
            if len(self._pending) > _PENDING:
                self._lose()

    def _lose(self) -> None:
        """Called by the thread of the events: some are gone."""
        with self._condition:
            self._lost = True
            self._pending.clear()
            self._condition.notify_all()

    def _make_notifier(self) -> Notifier:
        return listen(self._root, self._note, self._lose)
