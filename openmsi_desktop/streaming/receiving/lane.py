"""One sink and the thread that feeds it: intents before, outcomes after, and patience when it fails.

A :class:`BatchLane` hands over many files and waits for them; a :class:`~.pooled_lane.PooledLane` keeps some in hand.
"""

from __future__ import annotations

import abc
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from openmsi_desktop.core.deliveries import Deliveries, Intent, Over
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue
from openmsi_desktop.streaming.receiving.desk import Desk, Job
from openmsi_desktop.streaming.receiving.patience import Patience
from openmsi_desktop.streaming.receiving.settling import Settler
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import (
    BatchSink,
    Failed,
    Outcome,
    PooledSink,
    ReceivedFile,
    SpoolMissing,
    StoppableSink,
)

log = logging.getLogger(__name__)

_MOST = 512
_UNKNOWN_S = 5.0
"""So long may a sink have files before the first of them is done, and not count as slow: a class is loaded, a server woken."""
_SUPERSEDED = "a later version of this file is complete"


@dataclass(slots=True)
class Parked:
    """What waits in the journal until a lane has room. The reader's thread walks through it by number, again and again.

    is_there: as far as is known. after: the walk has come to this number. has_left: the walk has passed over some. at: not
    before this moment.
    """

    is_there: bool = False
    after: int = 0
    has_left: bool = False
    at: float = 0.0


class Lane(abc.ABC):
    """Feeds one sink. run() is its thread; the queue is filled under the desk's lock, and wake notified."""

    def __init__(
        self,
        desk: Desk,
        sink: BatchSink | PooledSink,
        files: Deliveries,
        tell: Teller,
        *,
        receipts: ReceiptQueue | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """files: on a journal of this lane's own, which is closed in the end. receipts: on the same one; None: none are wanted."""
        self.name = sink.name
        self.queue: deque[Job] = deque()
        self.load = 0
        """Files in memory for it, also those that are verified first; guarded by the desk's lock."""
        self.parked = Parked()
        self.pace = math.inf
        """Files a second, lately. A sink that has just begun may turn out to be quick: it is taken for that for a moment."""
        self._done = 0
        self._unknown_s = _UNKNOWN_S
        self.wake = threading.Condition(desk.lock)
        self.sink = sink
        self.files = files
        self.patience = Patience(files.journal, tell, sink.name, monotonic=monotonic)
        self.takes_spool: bool = getattr(sink, "takes_spool", False)
        """It moves spool files away, so that one may be gone because it was delivered."""
        self.may_be_left: bool = not getattr(sink, "must_end", False)
        """When it hangs, another sink of its kind may take its place."""
        self._desk = desk
        self._settler = Settler(self.name, sink, desk, files, tell, receipts=receipts, now=now)
        self._now = now
        self._monotonic = monotonic
        self._is_prepared = False
        self._is_left = False

    # -- any thread

    def held_for(self) -> float:
        """Seconds until this sink is tried again; 0 if it works, as far as is known."""
        return self.patience.held_for()

    def release(self) -> None:
        """Try again at once."""
        self.patience.release()

    def measure(self, seconds: float) -> None:
        """So much time has passed since the last time."""
        done, self._done = self._done, 0
        if not done and self._unknown_s > 0:
            self._unknown_s -= seconds if self.load else 0
            return
        self._unknown_s = 0.0
        self.pace = done / seconds

    def stop(self) -> None:
        """Tell a sink that can be stopped. Its thread ends when it returns."""
        if not isinstance(self.sink, StoppableSink):
            return
        try:
            self.sink.stop()
        except Exception:  # a plug-in may raise anything
            log.exception("the sink %s cannot be stopped", self.name)

    def leave(self) -> None:
        """Another one takes its place: whatever it still says does not count."""
        self._is_left = True

    # -- the lane's thread

    def run(self) -> None:
        """Deliver until the desk stops."""
        try:
            self._work()
        except Exception as error:  # the top of a thread: the reader ends with it
            log.exception("the deliveries to %s cannot go on", self.name)
            self._desk.fail(error)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the sink and the journal."""
        try:
            self.sink.close()
        except Exception:  # a plug-in may raise anything; all that it took is journalled
            log.exception("the sink %s cannot be closed", self.name)
        self.files.journal.close()

    @abc.abstractmethod
    def _work(self) -> None:
        """Deliver until the desk stops."""

    def _intend(self, jobs: list[Job]) -> list[Job]:
        """Journal that these are verified and go out now; a version that a later one has overtaken does not."""
        with self.files.journal.transaction():
            found = self.files.intend_all([job.waiting.id for job in jobs])
            intents = {job: found[job.waiting.id] for job in jobs}
            overtaken = [job for job in jobs if not intents[job]]
            keeps = len(self.files.sinks) > 1
            self.files.finish_all(
                Over(job.waiting.id, FileState.SUPERSEDED, _SUPERSEDED, job.local, keeps)
                for job in overtaken
                if not job.is_lost
            )
        for job in jobs:
            if intents[job] is Intent.LATEST:
                self._desk.overtaking.put(job.waiting.id)
        for job in overtaken:
            if not job.is_lost:
                self._settler.gone(job, FileState.SUPERSEDED, _SUPERSEDED)
        with self._desk.lock:
            for job in overtaken:
                if not job.is_lost:
                    self._desk.backlog.add([-job.waiting.size], job.left)
                job.left.clear()
                self._desk.put_down(job, self.name)
        return [job for job in jobs if intents[job]]

    def _settle(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Journal what became of these. If one of them says that the sink does not work, none of that kind has failed."""
        troubled = [
            (job, o.error) for job, o in zip(jobs, outcomes, strict=True) if isinstance(o, Failed) and o.concerns_sink
        ]
        if troubled:
            spared = {job for job, _ in troubled}
            pairs = [(job, o) for job, o in zip(jobs, outcomes, strict=True) if job not in spared]
            jobs, outcomes = [job for job, _ in pairs], [o for _, o in pairs]
        if jobs:
            self._settler.settle(jobs, outcomes)
            self._done += len(jobs)
            self._put_down(jobs)
            if any(not isinstance(outcome, Failed) or outcome.is_final for outcome in outcomes):
                self._desk.progress()
                self.patience.worked()
        if troubled:
            self._hold(self._settler.explained(troubled[-1][1]), (), found_by=[job for job, _ in troubled])

    def _hold(self, error: OpenMSIError, jobs: Iterable[Job], *, found_by: Sequence[Job] = ()) -> None:
        """Leave the sink alone for a while; its files wait in the journal, those that failed before twice as long.

        So the others have their turn, even if they have to be verified first. found_by: those that it was found out with wait
        as long, too: perhaps one of them is the only one that the sink cannot take.
        """
        self._is_prepared = False
        with self._desk.lock:
            jobs = [*jobs, *found_by, *self._waiting()]
            delay = self.patience.hold(error)
        failed = self.patience.blamed() | {job.waiting.id for job in found_by}
        failed |= {job.waiting.id for job in jobs if job.waiting.tries.get(self.name)}
        self.files.postpone({job.waiting.id for job in jobs} - failed, self.name, self._now() + delay)
        self.files.postpone(failed, self.name, self._now() + 2 * delay)
        self.patience.tell(error, self._now() + delay)
        self._put_down(jobs)

    def _waiting(self) -> list[Job]:
        """Takes back what was not handed over yet. The lock is held."""
        jobs = list(self.queue)
        self.queue.clear()
        return jobs

    def _handed(self, job: Job) -> ReceivedFile:
        """The file as this sink gets it now."""
        self._desk.arrivals.handed(job.waiting.spool, self.name)
        tries = job.waiting.tries.get(self.name, 0)
        return replace(job.file, tries=tries) if tries else job.file

    def _put_down(self, jobs: Iterable[Job]) -> None:
        with self._desk.lock:
            for job in jobs:
                self._desk.put_down(job, self.name)


class BatchLane(Lane):
    """Feeds a sink that takes many files and is waited for."""

    sink: BatchSink
    _size = 1
    """Files in the next batch: more as long as it goes well."""

    def _work(self) -> None:
        while (jobs := self._take()) is not None:
            self._deliver(jobs)

    def _take(self) -> list[Job] | None:
        """The next batch; None when it is time to end."""
        with self._desk.lock:
            while not self.queue and not self._desk.is_stopping:
                self.wake.wait()
            if self._desk.is_stopping:
                return None
            return [self.queue.popleft() for _ in range(min(self._size, len(self.queue)))]

    def _deliver(self, jobs: list[Job]) -> None:
        todo = self._intend(jobs)
        if not todo:
            return
        try:
            if not self._is_prepared:
                self.sink.prepare()
                self._is_prepared = True
            outcomes = self._checked(self.sink.deliver_all([self._handed(job) for job in todo]), len(todo))
            if self._is_left:
                return
        except OpenMSIError as error:
            return None if self._is_left else self._hold(error, todo)
        except Exception as error:  # a plug-in may raise anything
            if self._is_left:
                return
            log.exception("the sink %s failed", self.name)
            explained = self._settler.explained(error)
            if not self._is_prepared or len(todo) > 1:
                return self._hold(explained, todo)
            self._is_prepared = False
            outcomes = [Failed(explained)]  # this file may be the only one that it cannot take
        self._settle(todo, outcomes)
        self._judge(todo, outcomes)

    def _checked(self, outcomes: object, count: int) -> Sequence[Outcome]:
        """What a plug-in returned, if it is one outcome for each file."""
        if isinstance(outcomes, Sequence) and len(outcomes) == count and all(isinstance(o, Outcome) for o in outcomes):
            return outcomes
        log.error("the sink %s returned %.500r for %d files", self.name, outcomes, count)
        raise RetryableError(
            f"{self.name} did not say what became of the files",
            "It must return one outcome for each file. The files are kept and will be tried again, and so may arrive "
            "twice; tell the author of the plug-in. The log has the details.",
        )

    def _hold(self, error: OpenMSIError, jobs: Iterable[Job], *, found_by: Sequence[Job] = ()) -> None:
        self._size = 1
        super()._hold(error, jobs, found_by=found_by)

    def _judge(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Bigger batches as long as it goes well; a sink that only fails is left alone for a while."""
        failed = [outcome for outcome in outcomes if isinstance(outcome, Failed) and not outcome.is_final]
        if not failed:
            most: int = getattr(self.sink, "most_at_once", _MOST)
            self._size = min(most, self._size * 2)
        errors = [outcome.error for outcome in failed if not outcome.concerns_sink]
        if not errors or len(errors) < len(outcomes):
            return
        self._size = 1
        if any(isinstance(error, SpoolMissing) for error in errors):
            return
        last = errors[-1]
        if self.patience.is_tired({job.waiting.id for job in jobs}) and isinstance(last, OpenMSIError):
            self._hold(last, [])
