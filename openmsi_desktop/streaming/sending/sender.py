"""Finished files -> acknowledged chunks on the topic, with every step in the journal.

    submit() -> plan -> claim, version, partition in the journal -> produce -> delivery reports
             -> Sent in the journal -> read back (optional) -> Checked in the journal

Everything here happens on the thread of the service that owns the Sender; planning and reading back
have threads of their own behind queues. A version is Sent only when each of its chunks has an offset.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunk import HEADER, Chunk, encode, message_key
from openmsi_desktop.core.chunk import Sender as HeaderOf
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import FileChanged, NeedsYou, OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.outgoing import DONE, GREW, NOT_SENT, Outgoing, OutgoingFiles, row_of
from openmsi_desktop.settings import Limit
from openmsi_desktop.streaming.kafka.errors import ClockRefused, MessageTooLarge, ProducerBroken
from openmsi_desktop.streaming.kafka.types import Broker, Producer, Report, TopicInfo, Trouble
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.checking import Checking, Returned
from openmsi_desktop.streaming.sending.copies import Copies
from openmsi_desktop.streaming.sending.limiter import Ceiling, Limiter
from openmsi_desktop.streaming.sending.outbox import AGAIN_S, Attempt, Outbox
from openmsi_desktop.streaming.sending.planner import Job, Planned, Planner
from openmsi_desktop.streaming.sending.power_loss import Suspicion
from openmsi_desktop.streaming.sending.readback import CheckJob, ReadBack
from openmsi_desktop.streaming.sending.teller import Teller
from openmsi_desktop.streaming.sending.torn import is_taken, may_be_ignored

log = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
"""Seconds after which offsets of attempts under way are journalled."""
CHECKPOINT_BYTES = 64 << 20
"""Acknowledged bytes after which they are, however fast it went: so much is sent again at most after a crash."""
PROGRESS_S = 0.3
"""Seconds between two progress events of one file."""
_GATHER_S = 0.02
"""Finished files wait this long for others, to share one transaction."""
_SLICE_S = 0.05
"""One turn of :meth:`Sender.step` lasts about this long at most."""
_CLAIM_RETRY_S = 1.0
_PAUSE_MOST_S = 20.0
"""While the broker refuses every chunk because of the clock, this computer waits longer and longer, up to so many seconds."""
_FLUSH_S = 1.0


class Sender:
    """Sends files to one topic. Belongs to one thread."""

    def __init__(
        self,
        *,
        topic: TopicInfo,
        broker: Broker,
        profile: Profile,
        files: OutgoingFiles,
        teller: Teller,
        name: str,
        chunk_size: int,
        limit: Limit,
        check: bool,
        ceiling: Ceiling | None = None,
        always: bool = False,
        suspicion: Suspicion | None = None,
        producer: Producer | None = None,
        planner: Planner | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """always: send also what is the same as the version Sent last. suspicion: judges the files; None: take them as they are.
        ceiling: a limit that others share.

        producer, planner: to begin with, if they are there already; they are closed with the Sender.
        """
        self.files = files
        self._topic = topic
        self._broker = broker
        self._profile = profile
        self._journal = files.journal
        self._teller = teller
        self._monotonic = monotonic
        self._always = always
        self._owner = profile.owner()
        self._installation = profile.installation_id()
        self._limiter = Limiter(limit, monotonic=monotonic)
        self._ceiling = ceiling or Ceiling()
        self._suspicion = suspicion
        self._planner = planner or planner_for(name, chunk_size, suspicion, profile)
        self._copies = Copies(profile.copies)
        self._copies.tidy(files.hashes_being_sent())
        self._checking: Checking | None = None
        if check:
            self._checking = Checking(ReadBack(broker, name=name), files, teller, is_in_hand=self.has)
        self._chunk_bytes = chunk_size
        self._is_single = False  # no two messages travel together, so that a refusal is of one
        self._producer = producer or self._make_producer()
        self._paths: dict[str, Job] = {}
        self._outbox = Outbox(failed=self._withdraw, monotonic=monotonic)
        self._attempts: dict[int, Attempt] = {}
        self._postponed: list[tuple[float, Job]] = []
        self._told_postponed: set[str] = set()
        self._finished: list[Attempt] = []
        self._finished_at = 0.0
        self._checkpoint_at = monotonic()
        self._unrecorded = 0  # acknowledged bytes since then, of files that are not complete
        self._returned: list[Returned] = []
        self._encoded: tuple[Chunk, bytes] | None = None  # of the chunk that is held, its message
        self._refusal: Trouble | None = None  # since the last chunk that was taken
        self._paused_until = 0.0

    # -- what the service calls

    @property
    def backlog(self) -> int:
        """Files in hand: planned, being sent, or waiting for another process."""
        return len(self._paths)

    @property
    def is_idle(self) -> bool:
        """Nothing is in hand, and nothing is being read back."""
        return not self._paths and self.checks == 0

    def has(self, path: str) -> bool:
        """Whether this path is in hand: a second version must wait until it is not."""
        return path in self._paths

    def take_on(self, jobs: Iterable[Job]) -> None:
        """Send these files. One whose sending was interrupted goes on; paths that are in hand are left out.

        A big file is not hashed again if its fingerprint is the one with which it was planned.
        """
        fresh: list[Job] = []
        for job in jobs:
            if job.path in self._paths:
                continue
            self._paths[job.path] = job
            plan = self._interrupted(job)
            if plan is None:
                fresh.append(job)
            else:
                self._begin([Planned(job, plan, None)])
        self._planner.submit(fresh)

    def _interrupted(self, job: Job) -> FilePlan | None:
        row = job.row
        if row is None or row.state is not FileState.SENDING:
            return None
        plan = self.files.stored_plan(row)
        if plan is not None and not plan.is_prefix and self._suspicion and self._suspicion.applies(job.fingerprint):
            return None  # its bytes are looked at again; if they are the same it goes on where it was
        is_same = plan is not None and (
            plan.is_prefix or (plan.fingerprint == job.fingerprint and job.prefix in (None, plan.size))
        )
        if plan is None or not is_same:
            return None
        return replace(plan, copy=self._copies.find(plan.sha512, plan.size))

    @property
    def checks(self) -> int:
        """Versions that are being read back."""
        return self._checking.outstanding if self._checking is not None else 0

    def check(self, rows: Iterable[Outgoing]) -> None:
        """Read back versions that were Sent earlier, but not checked."""
        if self._checking is not None:
            for row in rows:
                self._checking.submit_row(row)

    def take_returned(self) -> list[Returned]:
        """Files that were not sent, with the reason."""
        out, self._returned = self._returned, []
        return out

    def give_back(self, path: str) -> None:
        """Do not go on with this file: it is gone. It comes back by :meth:`take_returned` when nothing is in flight."""
        for attempt in list(self._attempts.values()):
            if attempt.plan.path == path and attempt.left:
                self._withdraw(attempt, chunker.changed(attempt.plan.local))

    def changed(self, path: str, found: Fingerprint) -> None:
        """This file was seen as it is now: if that is not what is being sent, do not go on with it."""
        job = self._paths.get(path)
        if job is None or job.fingerprint == found:
            return
        for attempt in list(self._attempts.values()):
            plan = attempt.plan
            if plan.path != path or plan.data is not None or plan.is_prefix or plan.copy or not attempt.left:
                continue
            if plan.fingerprint != found:
                self._withdraw(attempt, chunker.changed(plan.local))

    def unsent(self) -> list[Job]:
        """Files in hand. After :meth:`close`: those for the next Sender, as far as they are not sent."""
        return list(self._paths.values())

    def trouble(self) -> Trouble | None:
        """What is wrong with the connection at the moment, or why the broker takes nothing."""
        return self._producer.trouble() or (self._refusal if self._attempts else None)

    def step(self, timeout_s: float) -> bool:
        """One turn of the work; waits up to ``timeout_s`` for something to do. True if anything moved.

        Raises:
            NeedsYou: the topic refuses us, or the sign-in is refused. What is under way stays in the journal.
        """
        end = self._monotonic() + _SLICE_S
        moved = self._take_plans()
        goes_on = True
        while goes_on:
            moved = self._produce() or moved
            # where the next chunk has no room nothing happens before a report comes
            wait = 0.0 if moved and not self._outbox.is_holding else self._wait(timeout_s)
            is_reported = self._collect(wait)
            moved = is_reported or moved
            goes_on = is_reported and self._outbox.is_holding and self._monotonic() < end
        moved = self._take_checks() or moved
        self._settle_accounts()
        self._retry_postponed()
        return moved

    def _wait(self, timeout_s: float) -> float:
        """How long a report may be waited for in this turn, in seconds."""
        if self._finished:
            return 0.0 if self._outbox.is_empty else min(timeout_s, _GATHER_S)
        return min(timeout_s, 0.05) if self._paths else timeout_s

    def close(self, timeout_s: float = 1.5) -> None:
        """Stop sending; wait a little for what is in flight, and journal how far each file has come."""
        self._planner.close()
        try:
            try:
                self._take_reports(self._producer.flush(timeout_s))
            except OpenMSIError as error:
                log.info("while stopping: %s", error)
            self._store_finished()
            self._checkpoint()
        finally:
            self._outbox.close()
            self._producer.close()
            if self._checking is not None:
                self._checking.close()
        self._take_checks()
        self.files.release(self._owner)

    # -- planning

    def _take_plans(self) -> bool:
        planned = self._planner.take()
        if not planned:
            return False
        ready = []
        for item in planned:
            if item.plan is not None:
                ready.append(item)
            else:
                self._paths.pop(item.job.path, None)
                if item.error is not None:
                    self._returned.append(Returned(item.job, item.error))
        if ready:
            self._begin(ready)
        return True

    def _begin(self, planned: list[Planned]) -> None:
        """Claim, number and place a batch of plans in one transaction."""
        now = self._monotonic()
        with self._journal.transaction():
            known = self.files.rows(item.job.path for item in planned if item.plan is not None)
            chosen = self._choose(planned, known, now)
            partitions = self._topic.partitions
            opened = self.files.begin_many(
                [(plan, zlib.crc32(plan.path.encode("utf-8")) % partitions) for _, plan in chosen],
                owner=self._owner,
                known=known,
            )
        begun = [
            Attempt(
                id=attempt.id,
                job=job,
                plan=plan,
                version=attempt.version,
                partition=attempt.partition,
                offsets=attempt.offsets,
                header=HeaderOf(self._installation, attempt.version).encode(),
                left=attempt.offsets.count(NOT_SENT),
                torn=attempt.torn,
            )
            for (job, plan), attempt in zip(chosen, opened, strict=True)
        ]
        for new in begun:
            self._attempts[new.id] = new
            if new.left:
                self._outbox.add(new)
                self._progress(new, now)
            else:
                self._finish(new)

    def _choose(self, planned: list[Planned], known: dict[str, sqlite3.Row], now: float) -> list[tuple[Job, FilePlan]]:
        """Those that are really to be sent; inside the transaction that begins them."""
        plans = {item.job.path: item.plan for item in planned if item.plan is not None}
        earlier = {path: row_of(row) for path, row in known.items() if row["sent_version"] is not None}
        claimed = self.files.claimed_by_others(plans, self._owner, self._profile.is_alive)
        others = {} if self._always else self.files.other_sources({p: plan.local for p, plan in plans.items()})
        chosen: list[tuple[Job, FilePlan]] = []
        for item in planned:
            plan, row = plans[item.job.path], earlier.get(item.job.path)
            if self._always and plan.path in known and known[plan.path]["state"] == FileState.IGNORED.value:
                self._let_go(item.job, plan)  # whoever asked for it has taken it back meanwhile
            elif plan.path in claimed:
                self._postpone(item.job, now)
                self._planner.let_go(item.job, plan)
            elif row is not None and not self._always and _is_still_sent(row, plan):
                state, reason = self.files.same_as_sent(plan, row)
                self._let_go(item.job, plan)
                if self._checking is not None and row.checked_at is None:
                    self._checking.submit_row(row)  # its check may have been lost by a kill
                self._tell(row, state, plan, reason)
            elif plan.path in others:
                self._let_go(item.job, plan)
                self._returned.append(Returned(item.job, _same_name(others[plan.path], plan)))
            else:
                chosen.append((item.job, plan))
        return chosen

    def _postpone(self, job: Job, now: float) -> None:
        """Somebody else is sending a file under this path: ask again later, and say so once."""
        self._postponed.append((now + _CLAIM_RETRY_S, job))
        if job.path not in self._told_postponed:
            self._told_postponed.add(job.path)
            reason = "another process is sending a file under this name"
            self._teller.file(job.path, job.local, FileState.WAITING, size=job.size, reason=reason)

    def _retry_postponed(self) -> None:
        if not self._postponed:
            return
        now = self._monotonic()
        due = [job for at, job in self._postponed if at <= now]
        if not due:
            return
        # as long as it is claimed nobody reads it again
        claimed = self.files.claimed_by_others([j.path for j in due], self._owner, self._profile.is_alive)
        self._postponed = [(at, job) for at, job in self._postponed if at > now]
        self._postponed += [(now + _CLAIM_RETRY_S, job) for job in due if job.path in claimed]
        self._planner.submit(job for job in due if job.path not in claimed)

    # -- producing

    def _produce(self) -> bool:
        """Hand chunks to the producer until its queue is full, the limit is reached, or the turn is over."""
        moved = False
        now = self._monotonic()
        if now < self._paused_until:
            return False
        end = now + _SLICE_S
        while self._monotonic() < end:
            following = self._outbox.next_chunk()
            if following is None:
                return moved
            if self._limiter.delay() > 0 or self._ceiling.delay() > 0 or not self._send(*following):
                self._outbox.hold(*following)
                return moved
            moved = True
        return moved

    def _send(self, attempt: Attempt, chunk: Chunk) -> bool:
        # what did not fit a moment ago is tried at every turn; encoding it anew would be a second copy of every chunk
        value = self._encoded[1] if self._encoded is not None and self._encoded[0] is chunk else encode(chunk)
        self._encoded = None
        try:
            accepted = self._producer.send(
                self._topic.name,
                attempt.partition,
                key=message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total),
                value=value,
                headers=[(HEADER, attempt.header)],
                token=(attempt, chunk.index),
            )
        except MessageTooLarge as error:
            self._withdraw(attempt, error)
            return True
        except ProducerBroken as error:
            self._outbox.hold(attempt, chunk)
            self._rebuild(error)
            return True
        if accepted:
            attempt.in_flight += 1
            self._limiter.spend(len(value))
            self._ceiling.spend(len(value))
        else:
            self._encoded = (chunk, value)
        return accepted

    def _make_producer(self) -> Producer:
        return self._broker.producer(chunk_bytes=self._chunk_bytes, is_single=self._is_single)

    def _rebuild(self, error: ProducerBroken) -> None:
        """librdkafka gave the producer up: everything in flight is sent again by a new one."""
        log.warning("a new producer is needed: %s", error)
        self._producer.close()
        self._producer = self._make_producer()
        held = self._outbox.let_go_held()
        for attempt in list(self._attempts.values()):
            if not attempt.in_flight and attempt is not held:
                continue
            attempt.in_flight = 0
            if attempt.withdrawn is not None:
                self._end_withdrawn(attempt)
            elif attempt.left == 0:
                self._finish(attempt)
            else:
                self._outbox.restart(attempt)

    # -- delivery reports

    def _collect(self, timeout_s: float) -> bool:
        try:
            return self._take_reports(self._producer.poll(timeout_s))
        except ProducerBroken as error:
            self._rebuild(error)
            return True

    def _take_reports(self, reports: list[Report]) -> bool:
        refused: OpenMSIError | None = None
        together: MessageTooLarge | None = None
        now = self._monotonic()
        for report in reports:
            attempt, index = report.token
            attempt.in_flight -= 1
            if report.error is None:
                self._refusal = None
                if attempt.offsets[index - 1] == NOT_SENT:
                    attempt.offsets[index - 1] = report.offset
                    attempt.left -= 1
                    attempt.is_dirty = True
                    self._unrecorded += attempt.plan.chunk_size if attempt.left else 0
                if attempt.withdrawn is None and attempt.left and now - attempt.told_at >= PROGRESS_S:
                    self._progress(attempt, now)
            elif isinstance(report.error, MessageTooLarge) and self._is_single:
                self._withdraw(attempt, report.error)
            elif isinstance(report.error, MessageTooLarge):
                together = report.error
                if attempt.withdrawn is None:
                    self._outbox.again(attempt, [index])
            else:
                if isinstance(report.error, NeedsYou):
                    refused = report.error
                since = now if self._refusal is None else self._refusal.since
                self._refusal = Trouble(report.error, since)
                if isinstance(report.error, ClockRefused):  # of every chunk, until somebody sets the clock
                    self._paused_until = now + min(_PAUSE_MOST_S, max(AGAIN_S, (now - since) / 2))
                if attempt.withdrawn is None and attempt.offsets[index - 1] == NOT_SENT:
                    self._outbox.again(attempt, [index])
            if attempt.withdrawn is not None:
                self._end_withdrawn(attempt)
            elif attempt.left == 0 and attempt.in_flight == 0:
                self._finish(attempt)
        if together is not None:
            self._send_singly(together)
        if refused is not None:
            raise refused
        return bool(reports)

    def _send_singly(self, error: MessageTooLarge) -> None:
        """The topic takes less than when this producer was made. It was several messages together, or one of them."""
        self._take_reports(self._producer.flush(_FLUSH_S))  # may come here again, for what was on its way
        if not self._is_single:
            self._is_single = True
            self._rebuild(ProducerBroken(error.title, "It takes less than before; now each message travels alone."))

    def _finish(self, attempt: Attempt) -> None:
        error = self._outbox.finish_reading(attempt)
        if error is not None:
            self._withdraw(attempt, error)
            return
        if not self._finished:
            self._finished_at = self._monotonic()
        self._finished.append(attempt)

    # -- withdrawing

    def _withdraw(self, attempt: Attempt, error: OpenMSIError) -> None:
        """This version will not be completed. It stays in hand until nothing of it is in flight."""
        if attempt.withdrawn is None:
            attempt.withdrawn = error
            self._outbox.drop(attempt)
        self._end_withdrawn(attempt)

    def _end_withdrawn(self, attempt: Attempt) -> None:
        if attempt.in_flight or attempt.id not in self._attempts or attempt.withdrawn is None:
            return
        error = attempt.withdrawn
        del self._attempts[attempt.id]
        self._let_go(attempt.job, attempt.plan)
        state = FileState.WAITING if isinstance(error, FileChanged) else FileState.PROBLEM
        self.files.withdraw([attempt.id], state, error.title)
        self._returned.append(Returned(attempt.job, error))

    # -- the journal

    def _settle_accounts(self) -> None:
        now = self._monotonic()
        if self._finished and (now - self._finished_at >= _GATHER_S or self._outbox.is_empty):
            self._store_finished()
        if now - self._checkpoint_at >= CHECKPOINT_S or self._unrecorded >= CHECKPOINT_BYTES:
            self._checkpoint()

    def _store_finished(self) -> None:
        if not self._finished:
            return
        done, self._finished = self._finished, []
        arrived = self.files.sent((a.id, a.offsets, _grew(a.plan)) for a in done)
        for attempt in done:
            del self._attempts[attempt.id]
            self._let_go(attempt.job, attempt.plan)
            self._tell_sent(attempt)
            if attempt.id in arrived:
                plan = attempt.plan
                self._teller.file(
                    plan.path, plan.local, FileState.ARRIVED, size=plan.size, sha512=plan.sha512, reason=arrived[attempt.id]
                )  # fmt: skip
            if self._checking is not None:
                self._checking.submit(
                    CheckJob(
                        attempt.id, attempt.version, self._topic.name, attempt.partition, attempt.plan.path,
                        attempt.plan.sha512, attempt.offsets,
                    )
                )  # fmt: skip

    def _checkpoint(self) -> None:
        self._checkpoint_at = self._monotonic()
        self._unrecorded = 0
        dirty = [a for a in self._attempts.values() if a.is_dirty and a.withdrawn is None and a.left]
        if dirty:
            self.files.progress((a.id, a.offsets) for a in dirty)
            for attempt in dirty:
                attempt.is_dirty = False

    def _let_go(self, job: Job, plan: FilePlan) -> None:
        self._told_postponed.discard(job.path)
        self._paths.pop(job.path, None)
        self._planner.let_go(job, plan)

    def _take_checks(self) -> bool:
        if self._checking is None:
            return False
        moved, returned = self._checking.take()
        self._returned.extend(returned)
        return moved

    # -- telling

    def _progress(self, attempt: Attempt, now: float) -> None:
        attempt.told_at = now
        plan = attempt.plan
        self._teller.file(
            plan.path, plan.local, FileState.SENDING, size=plan.size, chunks=(plan.total - attempt.left, plan.total)
        )

    def _tell_sent(self, attempt: Attempt) -> None:
        plan, row = attempt.plan, attempt.job.row
        if self._had_problem(attempt):
            self._teller.solved(plan.path)
        if row is not None and row.sent_sha512 is not None:
            self._teller.file(
                plan.path, plan.local, FileState.REPLACED, size=row.sent_size, sha512=row.sent_sha512,
                reason="a later version was sent",
            )  # fmt: skip
        self._teller.file(
            plan.path, plan.local, FileState.SENT, size=plan.size, sha512=plan.sha512, chunks=(plan.total, plan.total)
        )
        if attempt.torn and not is_taken(plan, attempt.torn):
            self._teller.problem(plan.path, plan.local, may_be_ignored(plan), state=None)
        if _grew(plan):
            self._teller.file(plan.path, plan.local, FileState.CHANGED, size=plan.fingerprint.size, reason=GREW)

    def _had_problem(self, attempt: Attempt) -> bool:
        row = attempt.job.row
        return row is not None and (row.state is FileState.PROBLEM or row.tries > 0 or row.state in DONE)

    def _tell(self, row: Outgoing, state: FileState, plan: FilePlan | None, reason: str = "") -> None:
        size = plan.size if plan else row.sent_size
        self._teller.file(row.path, row.local, state, size=size, sha512=row.sent_sha512, reason=reason or None)


def planner_for(name: str, chunk_size: int, suspicion: Suspicion | None, profile: Profile) -> Planner:
    """What a Sender plans with."""
    copies = Copies(profile.copies)
    if suspicion is None:
        return Planner(name=name, chunk_size=chunk_size, copies=copies)
    return Planner(name=name, chunk_size=chunk_size, judge=suspicion.judge, copies=copies)


def _is_still_sent(row: Outgoing, plan: FilePlan) -> bool:
    """The contents are those of the version Sent last, and nothing of a later one went out, not even a part of it."""
    return row.sent_sha512 == plan.sha512 and row.version == row.sent_version and row.state is not FileState.SENDING


def _same_name(other: str, plan: FilePlan) -> NeedsYou:
    return NeedsYou(
        "Another watched folder sends a file of this name",
        f"{other} is on the topic as {plan.path}. Readers would take this file for a later version of it, so it is not "
        "sent. Give one of the two tasks a subfolder.",
        path=plan.local,
    )


def _grew(plan: FilePlan) -> bool:
    """The file held more than the prefix that is sent."""
    return plan.is_prefix and plan.fingerprint.size > plan.size
