"""Reads and hashes files on a small pool of threads, ahead of the producer. Sends nothing, journals nothing."""

from __future__ import annotations

import logging
import os
import queue
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.outgoing import Outgoing, Torn
from openmsi_desktop.streaming.sending.copies import Copies, remove
from openmsi_desktop.streaming.sending.torn import chunk_size_after

log = logging.getLogger(__name__)

_IN_HAND_BYTES = 32 * 1024 * 1024
"""Contents of small files that may be held in memory before they are sent."""
_AHEAD_FILES, _AHEAD_BYTES = 1000, 8 * 1024 * 1024
"""Planned before there is a broker: the contents of small files wait in memory, perhaps for days."""
_RUNNING_FILES, _GROUP_FILES = 512, 32
"""The more small files are ready at a time, the fewer transactions."""
_GROUP_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """A finished file that is to be sent. fingerprint: with which it settled; prefix: send only so many bytes.

    row: what the journal knows of it, if anything. torn: what it knows of a version that was given up, without a row.
    """

    path: str
    local: str
    fingerprint: Fingerprint
    prefix: int | None = None
    row: Outgoing | None = None
    torn: Torn | None = None

    @property
    def size(self) -> int:
        """Bytes to send."""
        return self.fingerprint.size if self.prefix is None else self.prefix


@dataclass(frozen=True, slots=True)
class Planned:
    """A job with its plan, or with the reason why there is none."""

    job: Job
    plan: FilePlan | None
    error: OpenMSIError | None


class Planner:
    """Takes jobs, gives plans. All methods belong to the sender's thread."""

    def __init__(
        self,
        *,
        name: str,
        chunk_size: int,
        judge: Callable[[FilePlan, Outgoing | None], OpenMSIError | None] = lambda plan, row: None,
        copies: Copies | None = None,
        threads: int = 0,
    ) -> None:
        """judge: what speaks against sending a file, called on the threads that plan; may raise OpenMSIError.

        copies: for files that changed while they were being sent; None: without."""
        threads = threads or max(1, min(4, os.cpu_count() or 1))
        self._chunk_size = chunk_size
        self._judge = judge
        self._copies = copies
        self._files = ThreadPoolExecutor(threads, thread_name_prefix=f"{name} plan")
        self._hashes = ThreadPoolExecutor(threads, thread_name_prefix=f"{name} hash")
        self._queue: deque[Job] = deque()
        self._done: queue.SimpleQueue[list[Planned]] = queue.SimpleQueue()
        self._stop = Event()
        self._running = 0
        self._held = 0
        self._ahead: dict[str, Job] = {}
        self._asked: dict[int, tuple[Job, Job | None]] = {}  # job planned ahead -> itself, and what came of it

    @property
    def backlog(self) -> int:
        """Jobs without a result yet."""
        return len(self._queue) + self._running

    def begin(self, jobs: Iterable[Job]) -> None:
        """Plan some of these while there is nobody to send them yet. What the first :meth:`submit` does not bring is
        forgotten, and what is begun again with another state of the file."""
        size = sum(map(_held_by, self._ahead.values()))
        for job in jobs:
            before = self._ahead.pop(job.path, None)
            if before is not None:
                self._asked[id(before)] = before, None
            size += _held_by(job)
            if size > _AHEAD_BYTES or len(self._ahead) == _AHEAD_FILES:
                break
            self._ahead[job.path] = job
            self._queue.append(job)
        self._pump()

    def submit(self, jobs: Iterable[Job]) -> None:
        """Plan these files, in about this order."""
        jobs = list(jobs)
        if not jobs:
            return
        for job in jobs:
            before = self._ahead.pop(job.path, None)
            is_same = before is not None and replace(before, row=job.row) == job
            if before is not None:
                self._asked[id(before)] = before, job if is_same else None
            if not is_same:
                self._queue.append(job)
        self._asked.update((id(job), (job, None)) for job in self._ahead.values())
        self._ahead.clear()
        self._pump()

    def take(self) -> list[Planned]:
        """Results so far. Their contents count as held until :meth:`let_go`."""
        out: list[Planned] = []
        while not self._done.empty():
            group = self._done.get()
            self._running -= len(group)
            out.extend(filter(None, map(self._answer, group)) if self._asked else group)
        for planned in out:
            if planned.plan is None or planned.plan.data is None:
                self._held -= _held_by(planned.job)
        self._pump()
        return out

    def _answer(self, planned: Planned) -> Planned | None:
        """Under the job that was submitted; None if it was planned ahead in vain."""
        before, job = self._asked.pop(id(planned.job), (planned.job, planned.job))
        if job is None:
            self._held -= _held_by(before)
            _drop_copy(planned.plan)
            return None
        return replace(planned, job=job)

    def let_go(self, job: Job, plan: FilePlan) -> None:
        """The contents of this plan are no longer needed."""
        if plan.data is not None:
            self._held -= _held_by(job)
        _drop_copy(plan)

    def close(self) -> None:
        """Give everything up. Returns within the time one chunk takes to be read."""
        self._stop.set()
        self._queue.clear()
        self._files.shutdown(wait=True, cancel_futures=True)
        self._hashes.shutdown(wait=True, cancel_futures=True)
        while not self._done.empty():
            for planned in self._done.get():
                _drop_copy(planned.plan)

    def _pump(self) -> None:
        while self._queue and self._running < _RUNNING_FILES and self._has_room():
            group, size = [self._queue.popleft()], 0
            size = group[0].size
            while self._queue and len(group) < _GROUP_FILES and size + self._queue[0].size <= _GROUP_BYTES:
                group.append(self._queue.popleft())
                size += group[-1].size
            self._held += sum(_held_by(job) for job in group)
            self._running += len(group)
            self._files.submit(self._plan_group, group)

    def _has_room(self) -> bool:
        return self._held == 0 or self._held + _held_by(self._queue[0]) <= _IN_HAND_BYTES

    def _plan_group(self, group: list[Job]) -> None:
        self._done.put([self._plan(job) for job in group])

    def _plan(self, job: Job) -> Planned:
        try:
            torn = job.row.torn if job.row is not None else job.torn
            plan = self._plan_cut(job, self._chunk_size) if torn is None else self._plan_after(torn, job)
            doubt = self._doubt(plan, job.row)
        except OpenMSIError as error:
            return Planned(job, None, error)
        except chunker.Stopped:
            return Planned(job, None, None)
        except Exception as error:
            # the top of this thread: whatever it is, the file must not vanish from sight
            log.exception("planning %s failed", job.path)
            return Planned(job, None, OpenMSIError("The file cannot be read", f"{type(error).__name__}: {error}"))
        return Planned(job, plan, None) if doubt is None else Planned(job, None, doubt)

    def _doubt(self, plan: FilePlan, row: Outgoing | None) -> OpenMSIError | None:
        """What speaks against sending this; nobody needs its copy then."""
        try:
            doubt = self._judge(plan, row)
        except BaseException:
            _drop_copy(plan)
            raise
        if doubt is not None:
            _drop_copy(plan)
        return doubt

    def _plan_after(self, torn: Torn, job: Job) -> FilePlan:
        """A version of this file was given up half-way: this one is to come to its end, and to reach every reader."""
        copy = self._copies.begin(job.size) if self._copies is not None and job.size > chunker.SMALL else None
        try:
            plan = self._plan_cut(job, self._chunk_size, copy.write if copy is not None else None)
            chunk_size = chunk_size_after(torn, plan)
            if chunk_size != plan.chunk_size:
                plan = self._plan_cut(job, chunk_size)
        except BaseException:
            if copy is not None:
                copy.drop()
            raise
        return plan if copy is None else replace(plan, copy=copy.finish(plan.sha512))

    def _plan_cut(self, job: Job, chunk_size: int, copy: Callable[[bytes], None] | None = None) -> FilePlan:
        return chunker.plan(
            job.local,
            job.path,
            chunk_size=chunk_size,
            prefix=job.prefix,
            expected=job.fingerprint,
            pool=self._hashes,
            stopped=self._stop.is_set,
            copy=copy,
        )


def _drop_copy(plan: FilePlan | None) -> None:
    if plan is not None and plan.copy:
        remove(plan.copy)


def _held_by(job: Job) -> int:
    return job.size if job.size <= chunker.SMALL else 0
