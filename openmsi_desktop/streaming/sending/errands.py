"""One-off uploads that nobody takes care of any more: the process that streams goes on with them.

A ``send`` that was killed, and files dropped while nothing was running, leave their files in the
journal under the name of a process that is gone. A living ``send`` keeps its own, and one that ended
in order has said what was not sent: the same command goes on with that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from openmsi_desktop.core.events import Emit
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.connections import Connections
from openmsi_desktop.streaming.keys import ONE_OFF
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.limiter import Ceiling
from openmsi_desktop.streaming.supervisor import MakeRunner, ServiceThread, python_thread

if TYPE_CHECKING:
    from openmsi_desktop.streaming.sending.leftover import LeftOver

_LOOK_S = 5.0


class Errands:
    """Goes on with what was abandoned, each one-off task on a thread of its own. look() belongs to one thread."""

    def __init__(
        self,
        profile: Profile,
        connections: Connections,
        emit: Emit,
        *,
        ceiling: Ceiling | None = None,
        runner: MakeRunner = python_thread,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """ceiling: a limit that all tasks share. runner: makes the threads."""
        self._profile = profile
        self._connections = connections
        self._emit = emit
        self._ceiling = ceiling
        self._runner = runner
        self._monotonic = monotonic
        self._look_at = monotonic()
        self._guard = threading.Lock()  # protects _running and _is_ending
        self._running: dict[str, tuple[LeftOver, ServiceThread]] = {}
        self._is_ending = False

    def look(self, journal: Journal) -> None:
        """Now and then: whether there is something to go on with."""
        if self._monotonic() < self._look_at:
            return
        self._look_at = self._monotonic() + _LOOK_S
        if not any(task.kind == ONE_OFF for task in journal.tasks()):
            return
        from openmsi_desktop.streaming.sending.leftover import LeftOver, abandoned  # loads all that sending needs

        for key, errand in abandoned(journal, self._profile).items():
            broker = self._connections.broker(errand.connection)
            service = LeftOver(errand, broker, self._profile, self._emit, key=key, ceiling=self._ceiling)
            with self._guard:
                before = self._running.get(key)
                # one that failed by an error of settings or program would only fail again
                if self._is_ending or (before and (before[1].is_alive or before[1].error is not None)):
                    continue
                thread = ServiceThread(service, self._emit, runner=self._runner)
                self._running[key] = (service, thread)
                thread.start()

    def hurry(self) -> None:
        """Something was handed over: look at the next turn, and try again what waits or has failed. The thread of look()."""
        self._look_at = self._monotonic()
        with self._guard:
            threads = {key: thread for key, (_, thread) in self._running.items()}
            for key, thread in threads.items():
                if thread.is_alive:
                    thread.try_now()
                else:
                    del self._running[key]

    def idle_for(self) -> float:
        """Seconds since any of them got on; infinite if there are none. Any thread."""
        with self._guard:
            alive = [service for service, thread in self._running.values() if thread.is_alive]
        return min((s.idle_for() for s in alive), default=float("inf"))

    def stop(self) -> None:
        """Begin nothing new, and ask what runs to end. Any thread."""
        with self._guard:
            self._is_ending = True
            threads = [thread for _, thread in self._running.values()]
        for thread in threads:
            thread.stop()

    def end(self, timeout_s: float) -> list[ServiceThread]:
        """Wait for the end; returns the threads that have not ended within ``timeout_s`` seconds."""
        until = self._monotonic() + timeout_s
        with self._guard:
            threads = [thread for _, thread in self._running.values()]
        return [t for t in threads if not t.join(max(0.0, until - self._monotonic()))]
