"""Topics -> complete files -> a folder and other sinks: the service that reads. One run of it is a :mod:`reading`."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.errors import RetryableError, SettingsError
from openmsi_desktop.core.events import Emit, FileEvent, FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.core.task_kinds import DOWNLOAD
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.kafka.types import Broker
from openmsi_desktop.streaming.profile import Profile, target_lock
from openmsi_desktop.streaming.receiving.aside import Stopped
from openmsi_desktop.streaming.receiving.delivery import SinkFactory
from openmsi_desktop.streaming.receiving.outlook import Standing
from openmsi_desktop.streaming.receiving.reading import Reading
from openmsi_desktop.streaming.receiving.room import Usage, usage
from openmsi_desktop.streaming.receiving.telling import Teller

log = logging.getLogger(__name__)

_LISTED = 100_000
_LEFT_BEHIND_S = 30.0
"""Seconds that a new run waits for a sink that hangs since the last one."""


class TopicConsumer:
    """Rebuilds files from topics and hands them to a folder and other sinks."""

    def __init__(
        self,
        download: Download,
        broker: Broker,
        profile: Profile,
        emit: Emit,
        *,
        key: str,
        kind: str = DOWNLOAD,
        again: Sequence[str] = (),
        sinks: Sequence[SinkFactory] = (),
        disk: Usage = usage,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """again: topic paths of delivered files to be written once more. sinks: besides the target folder.
        disk: see :class:`Room`."""
        self.name = download.title
        self.key = key
        self.kind = kind
        self.download = download
        self.broker = broker
        self.profile = profile
        self.tell = Teller(self.name, key, emit, download.target)
        self.again = list(again)
        self.sinks = tuple(sinks)
        self.disk = disk
        self.now = now
        self.monotonic = monotonic
        self.standing = Standing(monotonic)
        self.asked: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self.left_behind: list[threading.Thread] = []
        """Threads still inside a sink when the last run ended."""
        self.leave: Callable[[threading.Thread], bool] = lambda thread: False
        """Goes on without one of them, if that is possible."""
        self.may_leave: Callable[[threading.Thread], bool] = lambda thread: False
        self._keeper: threading.Thread | None = None
        self.has_read = False
        """An earlier run came as far as reading."""

    # -- any thread

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person: retry, reprocess, ignore, decide (another target folder). Served within a second."""
        self.asked.put((kind, path, argument))

    def idle_for(self) -> float:
        """Seconds since there was something to do; 0 while there is, or while nobody can say.

        "Nothing to do" means that everything on the topics was read, and no delivery is possible now.
        """
        return self.standing.idle_for()

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact."""
        return self.standing.no_contact_for()

    def health(self) -> TaskHealth:
        """How well it works; while it does not run, nothing is known of its broker."""
        target = self.download.target
        return TaskHealth(
            contact_at=self.standing.contact_at,
            disk=str(target) if target is not None else "",
            free=self.standing.free if target is not None else None,
        )

    def left_over(self) -> list[FileEvent]:
        """What has begun to arrive but is not delivered, each with its reason and the chunks that are missing."""
        with _opened(self.profile) as journal:
            files = IncomingFiles(journal, self.key)
            beginnings = {(t, p): at.beginning for t in self.download.topics for p, at in files.positions(t).items()}
            judged = [
                (part, *part.verdict(beginnings, is_there=part.repeat > 0))
                for part in files.open_parts()
                if not files.is_overtaken(part)
            ]
            failed = [part for part in files.failed() if not files.is_overtaken(part)]
            undelivered = Deliveries(journal, self.key).waiting(due_at=float("inf"), limit=_LISTED)
        incomplete = [
            self.tell.of_part(part, state, part.reason or reason)
            for part, state, reason in judged
            if state is FileState.INCOMPLETE
        ]
        incomplete += [self.tell.of_part(part, part.state, part.reason) for part in failed]
        return incomplete + [
            self.tell.of_file(file, FileState.RECEIVED, local=file.local, reason=file.reason) for file in undelivered
        ]

    # -- the service's thread

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Read and deliver until ``stop``.

        Raises:
            SettingsError: there is neither a target folder nor another sink, or the topic cannot be shared by a group.
            NeedsYou, RetryableError: the broker, the topics or the target cannot be used now; another process writes there.
        """
        if self.download.target is None and not self.sinks:
            raise SettingsError(
                f"{self.name} has nowhere to put files", "Give it a target folder, or sinks: a bucket or a processor."
            )
        self._wait_for_left_behind(stop)
        if stop.is_set():
            return
        try:
            with contextlib.ExitStack() as locks, _opened(self.profile) as journal:
                if self.download.target is not None:
                    for topic in self.download.topics:
                        locks.callback(target_lock(self.download.target, topic).release)
                try:
                    Reading(self, journal, stop, ready).run()
                finally:
                    self._keep(locks)
        except Stopped:
            return
        except RetryableError:
            if self.standing.out_of_contact_since is None:
                self.standing.out_of_contact_since = self.monotonic()
            raise
        finally:
            self.standing.is_idle = False
            self.standing.contact_at = None

    def _keep(self, locks: contextlib.ExitStack) -> None:
        """Who still hangs in the target folder may write there when he comes back: until then nobody else may."""
        hanging = [t for t in self.left_behind if t.is_alive() and not self.may_leave(t)]
        if not hanging:
            return
        kept = locks.pop_all()

        def keep() -> None:
            for thread in hanging:
                thread.join()
            kept.close()

        self._keeper = threading.Thread(target=keep, name=f"{self.name} locks", daemon=True)
        self._keeper.start()

    def _wait_for_left_behind(self, stop: threading.Event) -> None:
        end = self.monotonic() + _LEFT_BEHIND_S
        for thread in self.left_behind:
            while thread.is_alive() and not stop.is_set():
                if self.monotonic() >= end and self.leave(thread):
                    log.warning("%s: %s does not come back; it goes on with another one", self.name, thread.name)
                    break
                thread.join(0.1)
        while self._keeper is not None and self._keeper.is_alive() and not stop.is_set():
            self._keeper.join(0.1)


@contextlib.contextmanager
def _opened(profile: Profile) -> Iterator[Journal]:
    journal = profile.open_journal()
    try:
        yield journal
    finally:
        journal.close()
