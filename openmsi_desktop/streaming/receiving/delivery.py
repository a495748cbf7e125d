"""Complete versions -> verified -> every sink, until each has them. Not in the reader's loop: a file may be huge, a sink slow.

A few threads compare hashes, and each sink has a thread of its own (a lane). What waits for another attempt
lies in the journal, not in memory; so a restart goes on where this ended.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from openmsi_desktop.core.deliveries import PARKED, Deliveries, Waiting
from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue
from openmsi_desktop.streaming.receiving.ahead import Ahead
from openmsi_desktop.streaming.receiving.arrivals import Arrivals
from openmsi_desktop.streaming.receiving.backlog import Backlog
from openmsi_desktop.streaming.receiving.desk import Job, Lost
from openmsi_desktop.streaming.receiving.lane import BatchLane, Lane
from openmsi_desktop.streaming.receiving.pooled_lane import PooledLane
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import FOLDER, BatchSink, PooledSink, ReceivedFile, Sink, StreamingSink, in_batches

log = logging.getLogger(__name__)

SinkFactory = Callable[[Journal], Sink | BatchSink | PooledSink]
"""Makes a sink; the journal is a connection of its own."""

_SOUND = 100_000
IN_HAND = 4000
"""Files in memory at once; more wait in the journal."""
_SOON_DONE_S = 10.0
"""A sink that has done everything it has in memory within this time is quick enough to be waited for."""
_LOOK_S = 1.0
"""Seconds between two looks into the journal for deliveries that have become due."""


class Delivery:
    """Hands complete versions to all sinks of one reader.

    start(), offer(), feed() and stop() belong to the reader's thread.
    """

    def __init__(
        self,
        sinks: Sequence[SinkFactory],
        *,
        spool: Path,
        open_journal: Callable[[], Journal],
        tell: Teller,
        receipts: Callable[[Journal], ReceiptQueue] | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        verifiers: int = 2,
        limit: int = 0,
    ) -> None:
        """open_journal: makes a journal for one more thread. spool: where the parts lie. limit: see :class:`Backlog`. receipts: makes the queue for those
        of one sink; None: none are wanted.

        Raises:
            SettingsError: two sinks have one name, by which the journal knows them.
        """
        self.lost: queue.SimpleQueue[Lost] = queue.SimpleQueue()
        """Parts to be read again."""
        self.overtaking: queue.SimpleQueue[int] = queue.SimpleQueue()
        """Numbers of versions that were found to be the latest of their paths while others are under way."""
        self.failure: Exception | None = None
        """Why deliveries cannot go on at all; the reader ends with it."""
        self.progress_at = monotonic()
        self.spool = spool
        self._now = now
        self._monotonic = monotonic
        self._stop = threading.Event()
        self.backlog = Backlog(limit, monotonic=monotonic)
        self.arrivals = Arrivals(spool)
        self.ahead = Ahead(spool, self._stop.is_set, tell=self.arrivals.note, tell_gone=self.arrivals.gone)
        """To be told of every chunk that was written."""
        self.lock = threading.RLock()  # guards _jobs, _to_verify, the lanes' queues and the jobs' fields
        self.changed = threading.Condition(self.lock)  # something is to be verified
        self._jobs: dict[int, Job] = {}
        self._to_verify: deque[Job] = deque()
        self._is_started = False
        self._has_more = True
        self._look_at = 0.0
        self._paced_at = monotonic()
        self._sound: set[int] = set()
        """Versions put down, whose spool files were found right in this run; guarded by changed."""
        self._lanes: list[Lane] = []
        for factory in sinks:
            journal = open_journal()
            files = Deliveries(journal, tell.key)
            wanted = receipts(journal) if receipts is not None else None
            self._lanes.append(self._lane(factory(journal), files, tell, wanted))
        _refuse_twins(self._lanes)
        self._named = {lane.name: lane for lane in self._lanes}
        for lane in self._lanes:
            lane.files.sinks = self.sinks
            if isinstance(lane.sink, StreamingSink):
                self.arrivals.add(lane.sink, lane.held_for)
        self._of_lanes = {
            threading.Thread(target=lane.run, name=f"sink {lane.name}", daemon=True): lane for lane in self._lanes
        }
        self._threads = (
            [threading.Thread(target=self._verify, name=f"verify {n + 1}", daemon=True) for n in range(verifiers)]
            + [self.ahead.thread]
            + list(self._of_lanes)
        )

    def _lane(
        self,
        sink: Sink | BatchSink | PooledSink,
        files: Deliveries,
        tell: Teller,
        receipts: ReceiptQueue | None,
    ) -> Lane:
        if isinstance(sink, PooledSink):
            return PooledLane(self, sink, files, tell, receipts=receipts, now=self._now, monotonic=self._monotonic)
        return BatchLane(
            self, in_batches(sink), files, tell, receipts=receipts, now=self._now, monotonic=self._monotonic
        )

    # -- the reader's thread

    def start(self) -> None:
        self._is_started = True
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float) -> list[threading.Thread]:
        """End within timeout_s; returns threads that are still inside a sink. What is not done is in the journal."""
        self._end()
        if not self._is_started:
            for lane in self._lanes:
                lane.close()
            return []
        for lane in self._lanes:
            lane.stop()
        end = self._monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - self._monotonic()))
        return [thread for thread in self._threads if thread.is_alive()]

    def leave(self, thread: threading.Thread) -> bool:
        """Go on without this thread, which :meth:`stop` returned; False if it has to be waited for. Any thread."""
        if not self.may_leave(thread):
            return False
        self._of_lanes[thread].leave()
        return True

    def may_leave(self, thread: threading.Thread) -> bool:
        """Whether :meth:`leave` is possible: another sink does no harm while this one hangs. Any thread."""
        lane = self._of_lanes.get(thread)
        return lane is not None and lane.may_be_left

    @property
    def sinks(self) -> frozenset[str]:
        """Their names."""
        return frozenset(lane.name for lane in self._lanes)

    @property
    def is_busy(self) -> bool:
        """Something is being verified or delivered right now, or will be without waiting for another attempt."""
        return (
            self._has_more
            or bool(self._jobs)
            or any(lane.parked.is_there and not lane.held_for() for lane in self._lanes)
        )

    @property
    def silent_since(self) -> float | None:
        """Since when one of the sinks does not answer, on the monotonic clock."""
        return min((s for lane in self._lanes if (s := lane.patience.silent_since) is not None), default=None)

    @property
    def is_full(self) -> bool:
        """Every sink that works, the folder at least, has enough to do for a few seconds: more files would only lie around, and
        have to be read once more. A sink that needs longer waits for nobody, and nobody for it: see :class:`Backlog`."""
        lanes = [lane for lane in self._lanes if not lane.held_for()]
        if any(lane.name == FOLDER and lane.load > self._share * 3 // 4 for lane in lanes):
            return True
        return bool(lanes) and all(self._share // 2 < lane.load < lane.pace * _SOON_DONE_S for lane in lanes)

    def shortage(self, files: Deliveries) -> OpenMSIError | None:
        """What to tell a person while too much waits for a sink; None: it does not."""
        return self.backlog.shortage(files, [(lane.name, lane.patience.error) for lane in self._lanes])

    @property
    def at_once(self) -> int:
        """So many complete versions may be offered together: what does not fit into the memory has to be fetched from the journal
        and verified on the disk later."""
        return max(1, self._share // 8)

    @property
    def _share(self) -> int:
        """Files that each sink has in memory at most; so a slow one never takes the room of the others."""
        return max(1, IN_HAND // len(self._lanes))

    def offer(self, waiting: Sequence[Waiting], files: Deliveries) -> None:
        """These versions have just become complete (and the journal says so)."""
        fresh = [item for item in waiting if not item.is_known]  # the journal knows more of the others
        if len(fresh) < len(waiting):
            self.backlog.start(files)
        else:
            self.backlog.add((item.size for item in fresh), self.sinks)
        admitted = self._admit(fresh, are_fresh=True)
        self._has_more = self._has_more or admitted < len(waiting)

    def feed(self, files: Deliveries) -> None:
        """Take up what has become due. Cheap: call it often."""
        now = self._monotonic()
        if now >= self._paced_at + _LOOK_S:
            for lane in self._lanes:
                lane.measure(now - self._paced_at)
            self._paced_at = now
        self._feed_parked(files, now)
        if min(lane.load for lane in self._lanes) > self._share // 4 or (now < self._look_at and not self._has_more):
            return
        self._look_at, self._has_more = now + _LOOK_S, False
        with self.lock:  # what one sink has in memory may have become due for another
            before = set(self._jobs)
            known = [number for number, job in self._jobs.items() if not job.left - job.active - job.parked]
            limit = IN_HAND + len(self._jobs) - len(known)
        found = files.waiting(due_at=self._now(), limit=limit, but_not=known)
        self._has_more = len(found) == limit
        found.sort(key=lambda w: bool(w.tries))  # what never failed goes first, and waits less
        for lane in self._lanes:
            if delay := lane.held_for():
                with files.journal.transaction():
                    wanted = [w for w in found if lane.name not in w.done and self._is_due(w, lane)]
                    self._park(files, lane, [w.id for w in wanted if not w.tries])
                    files.postpone([w.id for w in wanted if w.tries], lane.name, self._now() + 2 * delay)
        self._admit(found, files=files, before=before)

    def _feed_parked(self, files: Deliveries, now: float) -> None:
        """What waits for a lane that has room again, or works again."""
        for lane in self._lanes:
            parked, room = lane.parked, self._share - lane.load
            if not parked.is_there or now < parked.at or lane.load > self._share // 4 or lane.held_for():
                continue
            with self.lock:
                before = set(self._jobs)
            found = files.parked(lane.name, after=parked.after, limit=room)
            taken = self._admit(found, only=lane, before=before)
            parked.has_left = parked.has_left or taken < len(found)
            if len(found) == room:
                parked.after = found[-1].id
                continue
            # the walk is over; what a lane has in hand stays parked in the journal until it is settled
            parked.is_there = parked.has_left or bool(found)
            parked.after, parked.has_left, parked.at = 0, False, now + _LOOK_S

    def _park(self, files: Deliveries, lane: Lane, numbers: Sequence[int]) -> None:
        """These wait until the lane has room, and cost nothing meanwhile."""
        if numbers:
            files.postpone(numbers, lane.name, PARKED)
            lane.parked.is_there = True
            lane.parked.after = min(lane.parked.after, min(numbers) - 1)

    def try_now(self) -> None:
        """Do not wait for the next attempt of any sink."""
        for lane in self._lanes:
            lane.release()
        self.look_now()

    def look_now(self) -> None:
        """Something in the journal may have become due."""
        self._look_at = 0.0

    def may_ask_again(self, number: int, sinks: frozenset[str]) -> bool:
        """A person wants these sinks to get a version whatever they said before. False: not now, for they are at it just now."""
        with self.lock:
            job = self._jobs.get(number)
            if job is None:
                return True
            if job.is_lost or not job.left or job.active & sinks:
                return False
            job.left |= sinks
            for sink in sinks:
                job.gave_up.pop(sink, None)
            return True

    def _admit(
        self,
        waiting: Sequence[Waiting],
        *,
        are_fresh: bool = False,
        files: Deliveries | None = None,
        only: Lane | None = None,
        before: Collection[int] = (),
    ) -> int:
        """Hand them to the lanes that have room; returns how many got to all that want them now.

        are_fresh: they were written a moment ago. The hash of an only chunk is that of the file. files: park them for lanes that
        have no room. only: for this lane, which parked them. before: what was in memory when the journal was asked.
        """
        admitted = 0
        full: dict[Lane, list[int]] = {}
        with self.lock:
            for item in waiting:
                is_new = item.id not in self._jobs
                if is_new and item.id in before:
                    continue  # a sink has settled it since the journal was read
                job = self._job(item, are_fresh=are_fresh) if is_new else self._jobs[item.id]
                if job.is_lost or job.waiting.spool != item.spool:
                    continue  # it is about to be read again
                job.waiting = item
                lanes = [lane for lane in self._lanes_for(job, only) if lane.name not in job.active]
                free = [lane for lane in lanes if lane.load < self._share]
                if files is not None:
                    for lane in set(lanes).difference(free):
                        full.setdefault(lane, []).append(item.id)
                        job.parked.add(lane.name)
                admitted += bool(free) and len(free) == len(lanes)
                for lane in free:
                    lane.load += 1
                    job.active.add(lane.name)
                    job.parked.discard(lane.name)
                if not is_new:
                    if job.is_out:
                        self._to_lanes(job, free)
                    continue  # else its verification is under way
                if not free:
                    continue
                self._jobs[item.id] = job
                if job.is_sound and not item.tries:
                    self._to_lanes(job, free)
                else:  # also what failed before, so that it stays behind the others
                    self._to_verify.append(job)
                    self.changed.notify()
        if files is not None and full:
            with files.journal.transaction():
                for lane, numbers in full.items():
                    self._park(files, lane, numbers)
        return admitted

    def _job(self, item: Waiting, *, are_fresh: bool) -> Job:
        job = Job(item, self._file(item), set(self.sinks - item.done), local=item.local, declined=item.declined)
        job.gave_up.update(item.gave_up)
        job.notes += item.notes
        job.is_sound = item.id in self._sound or (are_fresh and item.chunks_total == 1)
        return job

    def _is_due(self, item: Waiting, lane: Lane) -> bool:
        return item.due.get(lane.name, 0.0) <= self._now()

    def _lanes_for(self, job: Job, only: Lane | None = None) -> list[Lane]:
        """Those that can be asked now. If every sink had it before (one was taken out of the settings), the first one is
        asked once more."""
        if only is not None:
            return [only] if only.name in job.left else []
        left = [lane for lane in self._lanes if lane.name in job.left] or self._lanes[:1]
        return [lane for lane in left if not lane.held_for() and self._is_due(job.waiting, lane)]

    def _file(self, item: Waiting) -> ReceivedFile:
        return ReceivedFile(
            path=self.spool / item.spool,
            relative_path=item.path,
            topic=item.topic,
            size=item.size,
            sha512=item.sha512,
            modified=item.mtime,
            installation=item.installation,
            order=item.order,
            number=item.id,
            version=item.order.version or 0,
        )

    # -- shared with the lanes

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def put_down(self, job: Job, lane: str) -> None:
        """This lane does nothing more with it for now; nobody else does: it leaves the memory. The lock is held."""
        if lane in job.active:
            job.active.discard(lane)
            self._named[lane].load -= 1
        if not job.active:
            self._let_go(job)

    def _let_go(self, job: Job) -> None:
        """It is in the journal only. The lock is held."""
        self._jobs.pop(job.waiting.id, None)
        self._sound.discard(job.waiting.id)
        if job.left and job.is_sound and not job.is_lost and len(self._sound) < _SOUND:
            self._sound.add(job.waiting.id)

    def progress(self) -> None:
        """Something was delivered."""
        self.progress_at = self._monotonic()

    def fail(self, error: Exception) -> None:
        """The program or the journal is broken: nothing can go on."""
        self.failure = self.failure or error
        self._end()

    def _end(self) -> None:
        self._stop.set()
        self.ahead.stop()
        with self.lock:
            self.changed.notify_all()
            for lane in self._lanes:
                lane.wake.notify_all()

    # -- verification

    def _to_lanes(self, job: Job, lanes: Sequence[Lane]) -> None:
        """It is verified. The lock is held."""
        job.is_out = True
        for lane in lanes:
            if lane.held_for():
                self.put_down(job, lane.name)  # feed() will find and park it
            else:
                lane.queue.append(job)
                lane.wake.notify()

    def _verify(self) -> None:
        """A verifying thread."""
        while True:
            with self.lock:
                while not self._to_verify and not self._stop.is_set():
                    self.changed.wait()
                if self._stop.is_set():
                    return
                job = self._to_verify.popleft()
            try:
                is_right = job.is_sound or self._is_right(job)
            except Exception as error:
                log.exception("verifying %s failed", job.file.relative_path)
                return self.fail(error)
            if is_right is None:
                return
            with self.lock:
                if is_right:
                    self._to_lanes(job, [self._named[name] for name in job.active])
                else:
                    self.backlog.add([-job.waiting.size], job.left)
                    for name in list(job.active):
                        self.put_down(job, name)
                self.progress_at = self._monotonic()

    def _is_right(self, job: Job) -> bool | None:
        """Whether the spool file is the announced one; if not, it is reported lost. None: we are to stop."""
        item = job.waiting
        if item.is_verified and any(lane.takes_spool for lane in self._lanes) and not job.file.path.exists():
            return True  # an interrupted run may have delivered it: the sink knows
        digest = self.ahead.digest(item.spool)
        if digest is None and self._stop.is_set():
            return None
        job.is_sound = digest == item.sha512
        if not job.is_sound:
            was_right = item.is_verified or item.chunks_total == 1  # then it was damaged on this disk
            self.lost.put(Lost(item.id, item.spool, is_wrong=digest is not None and not was_right))
        return job.is_sound


def _refuse_twins(lanes: Sequence[Lane]) -> None:
    names = [lane.name for lane in lanes]
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is None:
        return
    for lane in lanes:
        lane.close()
    raise SettingsError(
        f'Two destinations of this download are called "{twin}"',
        'Nothing is read until each has a name of its own; "folder" is the name of the target folder.',
    )
