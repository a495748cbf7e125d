"""The sink that the engine drives: files come in on the lane's thread, and go out on threads of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from openmsi_desktop.core.errors import DiskFull, OpenMSIError, RetryableError
from openmsi_desktop.core.handled import Handled, HandledVersion
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks import ArrivingFile, Delivered, Failed, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.bucket.bodies import Bodies, Stopped
from openmsi_desktop.streaming.sinks.bucket.carrying import Carrier
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient, connect
from openmsi_desktop.streaming.sinks.bucket.errors import Scope, StoreError, StoreRefused
from openmsi_desktop.streaming.sinks.bucket.existing import Existing
from openmsi_desktop.streaming.sinks.bucket.multipart import Means
from openmsi_desktop.streaming.sinks.bucket.quick import Quick, quick_way
from openmsi_desktop.streaming.sinks.bucket.records import Records
from openmsi_desktop.streaming.sinks.bucket.store import Store
from openmsi_desktop.streaming.sinks.bucket.ways import Ways
from openmsi_desktop.streaming.sinks.bucket.workers import Workers
from openmsi_desktop.streaming.sinks.making import SinkTools

log = logging.getLogger(__name__)

_JOBS = 8
"""Files at once, unless the settings say otherwise."""
_WAITING = 8
"""For each of them so many are in hand, so that nobody waits for work while the lane records what was done."""
_PARTS = 4
"""Parts of big files at once."""
_SWEEP_S = 600.0
_END_S = 2.0

Connect = Callable[[Bucket, str | None, Journal, int], BucketClient]
"""Settings of a bucket, its secret, where to remember, and how many requests at once -> a client; contacts nobody."""


def usual_client(described: Bucket, secret: str | None, notes: Journal, jobs: int) -> BucketClient:
    """As in :func:`~openmsi_desktop.streaming.sinks.bucket.client.connect`."""
    # one attempt: an upload that was begun twice would leave one that nobody knows of
    return connect(described, secret, notes=notes, jobs=jobs, attempts=1)


class BucketSink:
    """A pooled, streaming, recording sink that can be stopped."""

    def __init__(
        self, described: Bucket, journal: Journal, tools: SinkTools, *, connecting: Connect = usual_client
    ) -> None:
        """Contact nobody yet. journal: of the lane's thread."""
        self.name = described.name
        threads = described.jobs or _JOBS
        self.jobs = threads * _WAITING
        self._described = described
        self._journal = journal
        self._tools = tools
        self._connecting = connecting
        self._handled = Handled(journal, tools.key, described.name)
        self._stop = threading.Event()
        self._guard = threading.Lock()  # protects _open, _client, _quick
        self._open: set[Future[Outcome]] = set()
        self._client: BucketClient | None = None
        self._quick: Quick | None = None
        self._secret: str | None = None
        self._is_versioned = False
        self._is_refused = False
        self._trouble: OpenMSIError | None = None
        """What the sink as a whole suffers from, until it is prepared again."""
        self._doubted: set[int] = set()
        """Numbers of files that said of the sink what may be true of them only, since the last success."""
        self._requests = threads + _PARTS
        self._files = Workers(threads, f"bucket {self.name}")
        self._parts = Workers(_PARTS, f"parts for {self.name}")
        self._bodies = Bodies(self._stop.is_set)
        self._records = Records(journal.another(), tools.key, self.name)
        self._ways = Ways(described.checksum)
        means = Means(
            self._store,
            lambda: self._ways.algorithm,
            self._bodies,
            self._records,
            self._parts,
            self._stop,
            tools.now,
            tools.monotonic,
        )
        self._carrier = Carrier(described, tools.key, means, self._ways, self._existing)
        self._keeper: threading.Thread | None = None
        self._earlier = self._records.last()

    # -- the lane's thread

    def prepare(self) -> None:
        """Sign in, and see whether the bucket is there.

        Raises:
            NeedsYou, RetryableError, SettingsError: not now.
        """
        client = self._client
        if client is None or self._is_refused:
            name = self._described.credential
            self._secret = self._tools.secret_of(name) if name else None
            client = self._connecting(self._described, self._secret, self._journal, self._requests)
            self._use(client, None)
        self._is_refused = True  # unless the next lines go well
        client.find_out()
        self._use(client, quick_way(client, self._described, self._secret))
        self._is_versioned = self._store().is_versioned()
        self._is_refused = False
        self._trouble = None
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name=f"orphans of {self.name}", daemon=True)
            self._keeper.start()

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        """See :class:`~openmsi_desktop.streaming.sinks.PooledSink`."""
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()  # nobody but stop() ends it early
        last = self._handled.last(file.topic, file.relative_path)
        with self._guard:
            self._open.add(future)
        if self._stop.is_set() or not self._files.submit(lambda: self._deliver(file, last, future)):
            self._resolve(future, Failed(Stopped()))
        return future

    def settled(self, file: ReceivedFile, outcome: Delivered) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.RecordingSink`."""
        self._handled.note(file.topic, file.relative_path, sha512=file.sha512, number=file.number, local=outcome.local)

    def close(self) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.PooledSink`."""
        self.stop()
        has_ended = [workers.join(_END_S / 2) for workers in (self._files, self._parts)]
        if self._keeper is not None:
            self._keeper.join(_END_S)
        if not all(has_ended):
            log.warning("requests to %s are still under way; they end by themselves", self.name)
        self._records.close()
        if self._quick is not None:
            self._quick.close()
        if self._client is not None:
            self._client.close()

    # -- any thread

    def arriving(self, file: ArrivingFile, ready: int) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.StreamingSink`."""
        if self._keeper is not None and not self._is_refused:
            self._carrier.arriving.arriving(file, ready)

    def abandoned(self, path: Path) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.StreamingSink`."""
        self._carrier.arriving.abandoned(path)

    def stop(self) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.StoppableSink`."""
        self._stop.set()
        self._files.stop()
        self._parts.stop()
        with self._guard:
            left, quick = list(self._open), self._quick
        if quick is not None:
            quick.stop()
        for future in left:
            self._resolve(future, Failed(Stopped()))

    # -- inside

    def _store(self) -> Store:
        with self._guard:
            client, quick = self._client, self._quick
        if client is None:
            raise RetryableError("The bucket is not connected yet", "Nothing is lost; it is tried again.")
        return Store(client, quick)

    def _use(self, client: BucketClient, quick: Quick | None) -> None:
        with self._guard:
            old = (self._quick, self._client if self._client is not client else None)
            self._client, self._quick = client, quick
        for other in old:
            if other is not None:
                other.close()

    def _existing(self) -> Existing:
        return Existing(
            self._store(),
            self._bodies,
            self._ways,
            if_exists=self._described.if_exists,
            is_versioned=self._is_versioned,
        )

    def _deliver(self, file: ReceivedFile, last: HandledVersion | None, future: Future[Outcome]) -> None:
        """A job."""
        if self._stop.is_set():
            return self._resolve(future, Failed(Stopped()))
        if (trouble := self._trouble) is not None:
            return self._resolve(
                future, Failed(trouble, concerns_sink=True)
            )  # none of those that wait would fare better
        try:
            outcome = self._carrier.deliver(file, last)
            self._doubted.clear()
            self._resolve(future, outcome)
        except OpenMSIError as error:
            of_all = self._is_of_all(file, error)
            self._trouble = error if of_all else self._trouble
            self._is_refused = self._is_refused or (of_all and isinstance(error, StoreRefused))
            self._resolve(future, Failed(error, concerns_sink=of_all))
        except Exception as error:  # the top of a thread; the future has to end
            log.exception("%s failed with %s", self.name, file.relative_path)
            self._resolve(future, Failed(error))

    def _is_of_all(self, file: ReceivedFile, error: OpenMSIError) -> bool:
        """Whether no other file would fare better. Where that is in doubt, a file says so once only: then others have their turn."""
        if isinstance(error, DiskFull):
            return True
        if not isinstance(error, StoreError) or not error.concerns_sink:
            return False
        if error.scope is not Scope.DOUBT:
            return True
        is_first = file.number not in self._doubted
        self._doubted.add(file.number)
        return is_first

    def _resolve(self, future: Future[Outcome], outcome: Outcome) -> None:
        """The first answer counts: after stop() it is that."""
        with self._guard:
            if future not in self._open:
                return
            self._open.discard(future)
        future.set_result(outcome)

    def _keep(self) -> None:
        """A thread: what was begun and is not needed any more goes away."""
        before = self._earlier
        while not self._stop.is_set():
            try:
                self._carrier.arriving.sweep(before=before)
            except OpenMSIError as error:
                log.warning("unfinished uploads to %s are looked for later: %s", self.name, error)
            if self._stop.wait(_SWEEP_S):
                return
