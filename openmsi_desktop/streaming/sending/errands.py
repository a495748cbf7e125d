"""One-off uploads that nobody takes care of any more: the process that streams goes on with them.

A ``send`` that was killed, and files dropped while nothing was running, leave their files in the
journal under the name of a process that is gone. A living ``send`` keeps its own, and one that ended
in order has said what was not sent: the same command goes on with that.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import closing

from openmsi_desktop.core.events import Emit
from openmsi_desktop.core.journal import Journal, legible
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.streaming.connections import Connections
from openmsi_desktop.streaming.kafka.types import Broker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.collect import Collected
from openmsi_desktop.streaming.sending.oneoff import Errand, OneOff
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.power_loss import Suspicion
from openmsi_desktop.streaming.supervisor import ServiceThread

_LOOK_S = 5.0


class Errands:
    """Goes on with what was abandoned, each one-off task on a thread of its own. look() belongs to one thread."""

    def __init__(
        self,
        profile: Profile,
        connections: Connections,
        emit: Emit,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._profile = profile
        self._connections = connections
        self._emit = emit
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
        for key, errand in abandoned(journal, self._profile).items():
            broker = self._connections.broker(errand.connection)
            service = LeftOver(errand, broker, self._profile, self._emit, key=key)
            with self._guard:
                before = self._running.get(key)
                # one that failed by an error of settings or program would only fail again
                if self._is_ending or (before and (before[1].is_alive or before[1].error is not None)):
                    continue
                thread = ServiceThread(service, self._emit)
                self._running[key] = (service, thread)
                thread.start()

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


def abandoned(journal: Journal, profile: Profile) -> dict[str, Errand]:
    """Key -> errand of every one-off task that has files left of a process that is gone."""
    out = {}
    for task in journal.tasks():
        if task.kind == OneOff.kind and left_over(journal, profile, task.key):
            details = journal.details(task.key)
            if legible(json.loads)(details):
                out[task.key] = legible(Errand.model_validate_json)(details)
    return out


def left_over(journal: Journal, profile: Profile, key: str) -> list[Outgoing]:
    """Files of a one-off task that nobody else will send; what this process has begun counts too."""
    files = OutgoingFiles(journal, key, "")
    rows = [*files.unfinished(), *files.not_begun()]
    return [r for r in rows if r.owner and (r.owner == profile.owner() or not profile.is_alive(r.owner))]


class LeftOver(OneOff):
    """Sends what is left of killed one-off uploads, and ends."""

    gives_up = False

    def __init__(self, errand: Errand, broker: Broker, profile: Profile, emit: Emit, *, key: str) -> None:
        super().__init__(
            (),
            topic=errand.topic,
            broker=broker,
            profile=profile,
            emit=emit,
            key=key,
            name=f"send to {errand.topic}",
            check=errand.check,
            chunk_size=errand.chunk_size,
            limit=errand.limit,
            timeout_s=None,
            connection=errand.connection,
        )

    def look(self) -> Collected:
        """The files that are left, as the journal knows them."""
        with closing(self._profile.open_journal()) as journal:
            rows = left_over(journal, self._profile, self.key)
        return Collected(jobs=[Job(r.path, r.local, r.fingerprint, row=r) for r in rows])

    def suspicion(self, journal: Journal) -> Suspicion:
        """Nobody has looked at these files since they were asked for."""
        return Suspicion(journal, self.key, how_to_send="or send it as it is: openmsi-desktop send {local}")
