"""One sink and the thread that feeds it: batches, intents before, outcomes after, and patience when it fails."""

from __future__ import annotations

import logging
import os
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from openmsi_desktop.core.deliveries import Deliveries, Intent, Waiting
from openmsi_desktop.core.errors import FULL_DELAY_S, DiskFull, NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import (
    BatchSink,
    Delivered,
    Failed,
    Outcome,
    ReceivedFile,
    RecordingSink,
    SpoolMissing,
    StoppableSink,
    Superseded,
)

log = logging.getLogger(__name__)

DELAYS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds until a failed delivery is tried again (a quarter more or less, by chance); the last one repeats."""
NEEDS_YOU_S = 30.0
"""Seconds between attempts when a person has to act first."""
_MOST = 512
_PATIENCE = 3
"""So many different files in a row that fail, and the trouble counts as the sink's, not theirs."""
_SUPERSEDED = "a later version of this file is complete"


@dataclass(slots=True, eq=False)
class Job:
    """A file on its way to the sinks. left: sinks that do not have it; active: those of them that are at it now. notes, declined:
    what those said that have it. is_sound: its spool file was compared with its hash in this run.

    The fields from left on are guarded by the lock of the :class:`Desk`.
    """

    waiting: Waiting
    file: ReceivedFile
    left: set[str]
    active: set[str] = field(default_factory=set)
    local: str = ""
    notes: list[str] = field(default_factory=list)
    declined: str = ""
    is_lost: bool = False
    is_sound: bool = False


class Lost(NamedTuple):
    """A part to be read again, and the spool file that was missed. is_wrong: all chunks were there, but are another file."""

    number: int
    spool: str
    is_wrong: bool = False


class Desk(Protocol):
    """What a lane needs of the delivery it belongs to."""

    changed: threading.Condition
    lost: queue.SimpleQueue[Lost]
    overtaking: queue.SimpleQueue[int]

    @property
    def is_stopping(self) -> bool: ...

    def put_down(self, job: Job, lane: str) -> None:
        """This lane does nothing more with the job for now. The lock is held."""

    def progress(self) -> None:
        """Something was delivered."""

    def fail(self, error: Exception) -> None:
        """Nothing can go on."""


class Lane:
    """Feeds one sink. run() is its thread; the queue is filled under the desk's lock."""

    def __init__(
        self,
        desk: Desk,
        sink: BatchSink,
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
        self._desk = desk
        self._sink = sink
        self.files = files
        self._tell = tell
        self._receipts = receipts
        self._now = now
        self._monotonic = monotonic
        self._held_until = 0.0
        self._is_prepared = False
        self._holds = 0
        self._failed: set[int] = set()  # files, since the last success or hold
        self.takes_spool: bool = getattr(sink, "takes_spool", False)
        """It moves spool files away, so that one may be gone because it was delivered."""
        self.may_be_left: bool = not getattr(sink, "must_end", False)
        """When it hangs, another sink of its kind may take its place."""
        self._is_left = False
        self._most: int = getattr(sink, "most_at_once", _MOST)
        self._size = 1
        self._told_key = f"held {tell.key} {sink.name}"
        self._told = files.journal.get_meta(self._told_key) or ""

    # -- any thread

    def held_for(self) -> float:
        """Seconds until this sink is tried again; 0 if it works, as far as is known."""
        return max(0.0, self._held_until - self._monotonic())

    def release(self) -> None:
        """Try again at once."""
        self._held_until = 0.0

    def stop(self) -> None:
        """Tell a sink that can be stopped. Its thread ends when it returns."""
        if not isinstance(self._sink, StoppableSink):
            return
        try:
            self._sink.stop()
        except Exception:  # a plug-in may raise anything
            log.exception("the sink %s cannot be stopped", self.name)

    def leave(self) -> None:
        """Another one takes its place: whatever it still says does not count."""
        self._is_left = True

    # -- the lane's thread

    def run(self) -> None:
        """Deliver until the desk stops."""
        try:
            while (jobs := self._take()) is not None:
                self._deliver(jobs)
        except Exception as error:  # the top of a thread: the reader ends with it
            log.exception("the deliveries to %s cannot go on", self.name)
            self._desk.fail(error)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the sink and the journal."""
        try:
            self._sink.close()
        except Exception:  # a plug-in may raise anything; all that it took is journalled
            log.exception("the sink %s cannot be closed", self.name)
        self.files.journal.close()

    def _take(self) -> list[Job] | None:
        """The next batch; None when it is time to end."""
        with self._desk.changed:
            while not self.queue and not self._desk.is_stopping:
                self._desk.changed.wait()
            if self._desk.is_stopping:
                return None
            return [self.queue.popleft() for _ in range(min(self._size, len(self.queue)))]

    def _deliver(self, jobs: list[Job]) -> None:
        todo = self._intend(jobs)
        if not todo:
            return
        try:
            if not self._is_prepared:
                self._sink.prepare()
                self._is_prepared = True
            outcomes = self._checked(self._sink.deliver_all([job.file for job in todo]), len(todo))
            if self._is_left:
                return
        except OpenMSIError as error:
            return None if self._is_left else self._hold(error, todo)
        except Exception as error:  # a plug-in may raise anything
            if self._is_left:
                return
            log.exception("the sink %s failed", self.name)
            if not self._is_prepared or len(todo) > 1:
                return self._hold(_of_plugin(self.name, error), todo)
            self._is_prepared = False
            outcomes = [Failed(_of_plugin(self.name, error))]  # this file may be the only one that it cannot take
        self._settle(todo, outcomes)

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

    def _intend(self, jobs: list[Job]) -> list[Job]:
        """Journal that these are verified and go out now; a version that a later one has overtaken does not."""
        with self.files.journal.transaction():
            found = self.files.intend_all([job.waiting.id for job in jobs])
            intents = {job: found[job.waiting.id] for job in jobs}
            overtaken = [job for job in jobs if not intents[job]]
            for job in overtaken:
                if not job.is_lost:
                    self.files.finish(job.waiting.id, FileState.SUPERSEDED, reason=_SUPERSEDED, local=job.local)
        for job in jobs:
            if intents[job] is Intent.LATEST:
                self._desk.overtaking.put(job.waiting.id)
        for job in overtaken:
            if not job.is_lost:
                self._gone(job, FileState.SUPERSEDED, _SUPERSEDED)
        with self._desk.changed:
            for job in overtaken:
                job.left.clear()
                self._desk.put_down(job, self.name)
        return [job for job in jobs if job not in overtaken]

    def _settle(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        finished = self._note(jobs, outcomes)
        troubled = {problem.path for problem in self.files.journal.problems(self._tell.key)}
        retry: dict[Job, tuple[OpenMSIError, float]] = {}
        problems: list[tuple[Job, OpenMSIError]] = []
        over: list[tuple[int, FileState, str, str]] = []
        recorder = self._sink if isinstance(self._sink, RecordingSink) else None
        with self.files.journal.transaction():
            for job, outcome in zip(jobs, outcomes, strict=True):
                if job.is_lost:
                    continue
                if isinstance(outcome, Failed):
                    error = (
                        outcome.error
                        if isinstance(outcome.error, OpenMSIError)
                        else _of_plugin(self.name, outcome.error)
                    )
                    due = self._now() + self._delay(error, job.waiting.tries.get(self.name, 0))
                    retry[job] = (error, due)
                    self.files.sink_failed(
                        job.waiting.id, self.name, title=error.title, advice=error.advice, due_at=due
                    )
                elif job in finished:
                    state, reason = finished[job]
                    over.append((job.waiting.id, state, reason, job.local))
                    if job.waiting.path in troubled:
                        self.files.journal.solve_problems(self._tell.key, path=job.waiting.path)
                else:
                    note, declined = _said(outcome)
                    self.files.sink_done(job.waiting.id, self.name, local=job.local, note=note, declined=declined)
                if isinstance(outcome, Delivered) and self._receipts is not None:
                    self._receipts.delivered(job.waiting, self.name, outcome)
                if isinstance(outcome, Delivered) and outcome.problem is not None:
                    problems.append((job, outcome.problem))
                if isinstance(outcome, Delivered) and recorder is not None:
                    recorder.settled(job.file, outcome)
            self.files.finish_all(over)
        for job, (error, due) in retry.items():
            if self._tell.problem(self.files.journal, error, path=job.waiting.path, retry_at=due):
                self._tell.file(job.waiting, FileState.PROBLEM, local=job.local, reason=error.title)
        for job, problem in problems:
            self._tell.problem(self.files.journal, problem, path=job.waiting.path)
        for job, (state, reason) in finished.items():
            self._gone(job, state, reason)
        with self._desk.changed:
            for job in jobs:
                self._desk.put_down(job, self.name)
        self._judge(jobs, outcomes)

    def _note(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> dict[Job, tuple[FileState, str]]:
        """What the outcomes mean for the jobs; returns those that no sink is left for."""
        finished: dict[Job, tuple[FileState, str]] = {}
        with self._desk.changed:
            for job, outcome in zip(jobs, outcomes, strict=True):
                if isinstance(outcome, Failed):
                    if isinstance(outcome.error, SpoolMissing) and not job.is_lost:
                        job.is_lost = True
                        self._desk.lost.put(Lost(job.waiting.id, job.waiting.spool))
                    continue
                job.left.discard(self.name)
                note, declined = _said(outcome)
                job.declined = declined or job.declined
                job.notes += [note] if note else []
                if isinstance(outcome, Delivered):
                    job.local = job.local or outcome.local
                if not job.left and not job.is_lost:
                    state = FileState.SUPERSEDED if job.declined else FileState.DELIVERED
                    finished[job] = (state, job.declined or "; ".join(job.notes))
        return finished

    def _gone(self, job: Job, state: FileState, reason: str) -> None:
        """Nobody needs the spool file any more."""
        try:
            os.unlink(job.file.path)
        except FileNotFoundError:
            pass  # the folder has taken it
        except OSError as error:
            log.warning("the part %s stays behind: %s", job.file.path, error)
        self._tell.file(job.waiting, state, local=job.local, reason=reason)

    # -- patience

    def _judge(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Bigger batches as long as it goes well; a sink that only fails is left alone for a while."""
        errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
        if len(errors) < len(outcomes):
            self._desk.progress()
            self._failed.clear()
            self._holds = 0
            self._size = min(self._most, self._size * 2) if not errors else self._size
            self._solved()
            return
        self._size = 1
        if any(isinstance(error, SpoolMissing) for error in errors):
            return
        self._failed |= {job.waiting.id for job in jobs}
        last = errors[-1]
        if len(self._failed) >= _PATIENCE and isinstance(last, OpenMSIError):
            self._hold(last, [])

    def _hold(self, error: OpenMSIError, jobs: Sequence[Job]) -> None:
        """Leave the sink alone for a while; its files wait in the journal, those that failed before twice as long.

        So the others have their turn, even if they have to be verified first.
        """
        delay = self._delay(error, self._holds)
        self._holds += 1
        self._size = 1
        self._is_prepared = False
        with self._desk.changed:
            jobs = [*jobs, *self.queue]
            self.queue.clear()
            self._held_until = self._monotonic() + delay
        failed = self._failed | {job.waiting.id for job in jobs if job.waiting.tries.get(self.name)}
        self._failed = set()
        self.files.postpone({job.waiting.id for job in jobs} - failed, self.name, self._now() + delay)
        self.files.postpone(failed, self.name, self._now() + 2 * delay)
        if self._told != error.title:
            self._solved()
            self._told = error.title
            self.files.journal.set_meta(self._told_key, error.title)
        self._tell.problem(self.files.journal, error, retry_at=self._now() + delay)
        with self._desk.changed:
            for job in jobs:
                self._desk.put_down(job, self.name)

    def _solved(self) -> None:
        if self._told:
            with self.files.journal.transaction():
                self.files.journal.solve_problems(self._tell.key, title=self._told)
                self.files.journal.set_meta(self._told_key, "")
            self._told = ""

    def _delay(self, error: OpenMSIError, tries: int) -> float:
        if isinstance(error, NeedsYou):
            return NEEDS_YOU_S
        delay = DELAYS_S[min(tries, len(DELAYS_S) - 1)]
        return (min(delay, FULL_DELAY_S) if isinstance(error, DiskFull) else delay) * random.uniform(0.75, 1.25)


def _said(outcome: Delivered | Superseded) -> tuple[str, str]:
    """A note on a delivery, and the reason for declining it; one of them is empty."""
    return ("", outcome.reason) if isinstance(outcome, Superseded) else (outcome.note, "")


def _of_plugin(name: str, error: Exception) -> OpenMSIError:
    return OpenMSIError(
        f"{name} failed with {type(error).__name__}",
        f"{error}. The file is kept and will be tried again; the log has the details.",
    )
