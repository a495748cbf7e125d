"""Feeds a sink that works on several files at once, and answers for each when it is done.

What is in hand is few; what has come back is settled together, and what goes out next is journalled together: each commit of
the journal waits for the disk, so there must be far fewer of them than files.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future

from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue
from openmsi_desktop.streaming.receiving.desk import Desk, Job
from openmsi_desktop.streaming.receiving.lane import Lane
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import Failed, Outcome, PooledSink

log = logging.getLogger(__name__)

_MOST = 256
"""Files that are journalled as going out, and files that have come back, at most."""
_SETTLE_S = 0.05
"""So long may a file that has come back wait for others."""

_Where = tuple[str, str]


class PooledLane(Lane):
    """Of each topic and path at most one file is in hand, and the others follow in their order."""

    sink: PooledSink

    def __init__(
        self,
        desk: Desk,
        sink: PooledSink,
        files: Deliveries,
        tell: Teller,
        *,
        receipts: ReceiptQueue | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(desk, sink, files, tell, receipts=receipts, now=now, monotonic=monotonic)
        self._next: deque[Job] = deque()
        """Journalled as going out, in their order."""
        self._in_hand: dict[Job, Future[Outcome]] = {}
        self._busy: set[_Where] = set()
        """Topic and path of those that are in hand or not settled yet."""
        self._back: list[tuple[Job, Outcome]] = []
        """What has come back and is not settled. This one, _in_hand and _busy are guarded by the desk's lock."""
        self._back_at = 0.0
        self._is_stuck = False
        """The sink has said that it does not work; nothing more goes out until that is settled."""
        self._is_tested = True
        """It has taken a file since it was held last: so many more may follow at once."""
        self._ahead = 1
        self._went_out_at = 0.0

    def _work(self) -> None:
        while self._wait():
            self._settle_back()
            self._journal_next()
            self._hand_over()
        for future in list(self._in_hand.values()):
            future.cancel()
        with self._desk.lock:
            while self._in_hand:
                self.wake.wait()
        if not self._is_left:
            self._settle_back()

    # -- waiting

    def _wait(self) -> bool:
        """Until there is something to do; False when it is time to end."""
        with self._desk.lock:
            while not self._desk.is_stopping:
                left = self._settles_in()
                if left == 0.0 or self._wants_more() or self._can_hand_over():
                    return True
                self.wake.wait(left)
            return False

    def _settles_in(self) -> float | None:
        """Seconds until what has come back is settled; None: nothing has."""
        if not self._back:
            return None
        if (
            self._is_stuck
            or len(self._back) >= _MOST
            or not (self._in_hand or self._can_hand_over() or self._wants_more())
        ):
            return 0.0
        return max(0.0, self._back_at + _SETTLE_S - time.monotonic())

    def _wants_more(self) -> bool:
        """Few are left that could go out next."""
        return bool(self.queue) and len(self._next) < self._jobs

    def _can_hand_over(self) -> bool:
        return (
            not self._is_stuck
            and len(self._in_hand) < self._allowed
            and any(_where(job) not in self._busy for job in self._next)
        )

    @property
    def _jobs(self) -> int:
        return max(1, self.sink.jobs)

    @property
    def _allowed(self) -> int:
        """After trouble a single file tries whether the sink works again. And it gets ready only while nothing is in hand."""
        if not self._is_prepared:
            return 1
        return self._jobs if self._is_tested else 1

    # -- going out

    def _journal_next(self) -> None:
        """Journal that some more go out. As few as possible, for a later version may come; but so many that the commits of the
        journal are no burden."""
        with self._desk.lock:
            if not self._wants_more():
                return
            now = time.monotonic()
            if now - self._went_out_at < 4 * _SETTLE_S:
                self._ahead = min(_MOST, 2 * self._ahead)
            else:
                self._ahead = self._jobs
            self._went_out_at = now
            jobs = [self.queue.popleft() for _ in range(min(self._ahead, len(self.queue)))]
        self._next.extend(self._intend(jobs))

    def _hand_over(self) -> None:
        """Fill the hands of the sink."""
        while (job := self._take()) is not None:
            if not self._is_prepared and not self._prepare(job):
                return
            try:
                future = self.sink.submit(self._handed(job))
            except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; told as that of a future is
                future = Future()
                future.set_exception(error)
            with self._desk.lock:
                self._in_hand[job] = future
            future.add_done_callback(lambda done, job=job: self._came_back(job, done))  # type: ignore[misc]

    def _take(self) -> Job | None:
        """The next one that may go out now."""
        with self._desk.lock:
            if self._desk.is_stopping or self._is_stuck or len(self._in_hand) >= self._allowed:
                return None
            for at, job in enumerate(self._next):
                where = _where(job)
                if where not in self._busy:
                    del self._next[at]
                    self._busy.add(where)
                    return job
        return None

    def _prepare(self, job: Job) -> bool:
        """Have the sink get ready; job: is put back if that fails."""
        try:
            self.sink.prepare()
        except Exception as error:  # a plug-in may raise anything
            if not isinstance(error, OpenMSIError):
                log.exception("the sink %s cannot get ready", self.name)
            with self._desk.lock:
                self._busy.discard(_where(job))
            if not self._is_left:
                self._hold(self._settler.explained(error), [job])
            return False
        self._is_prepared = True
        return True

    # -- coming back

    def _came_back(self, job: Job, future: Future[Outcome]) -> None:
        """On any thread."""
        try:
            outcome: object = future.result()
        except CancelledError:
            outcome = Failed(RetryableError("It was not begun", "It goes on at the next start."))
        except Exception as error:
            if not isinstance(error, OpenMSIError):
                log.exception("sink %s failed with %s", self.name, job.file.relative_path)
            outcome = Failed(error)
        if not isinstance(outcome, Outcome):
            log.error("the sink %s returned %.500r", self.name, outcome)
            outcome = Failed(_nonsense(self.name))
        with self._desk.lock:
            del self._in_hand[job]
            if not self._back:
                self._back_at = time.monotonic()
            self._back.append((job, outcome))
            self._is_stuck |= isinstance(outcome, Failed) and outcome.concerns_sink
            self.wake.notify()

    def _settle_back(self) -> None:
        with self._desk.lock:
            if self._settles_in() != 0.0 and not self._desk.is_stopping:
                return
            back, self._back = self._back, []
            self._is_stuck = False
        if self._desk.is_stopping:  # what fails now fails because of that
            back = [(job, outcome) for job, outcome in back if not isinstance(outcome, Failed) or outcome.is_final]
        if back:
            self._settle([job for job, _ in back], [outcome for _, outcome in back])
            with self._desk.lock:
                self._busy.difference_update(_where(job) for job, _ in back)
        if any(not isinstance(outcome, Failed) or outcome.is_final for _, outcome in back):
            self._is_tested = True

    def _hold(self, error: OpenMSIError, jobs: Iterable[Job], *, found_by: Sequence[Job] = ()) -> None:
        self._is_tested = False
        super()._hold(error, jobs, found_by=found_by)

    def _waiting(self) -> list[Job]:
        jobs = [*self._next, *super()._waiting()]
        self._next.clear()
        return jobs


def _where(job: Job) -> _Where:
    return job.file.topic, job.file.relative_path


def _nonsense(name: str) -> OpenMSIError:
    return RetryableError(
        f"{name} did not say what became of the file",
        "It must answer with an outcome. The file is kept and will be tried again, and so may arrive twice; tell the author of "
        "the plug-in. The log has the details.",
    )
