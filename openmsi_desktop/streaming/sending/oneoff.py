"""Files and folders that a person sends once. Ends when each of them is Sent (Checked), or has a reason why not."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import FileChanged, OpenMSIError, RetryableError
from openmsi_desktop.core.events import Emit, FileState, TaskState
from openmsi_desktop.core.journal import Journal, legible, text_of
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles, Sighting
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE, Connection, Limit, Model
from openmsi_desktop.streaming import questions
from openmsi_desktop.streaming.kafka.errors import MessageTooLarge
from openmsi_desktop.streaming.kafka.types import Broker, Producer, TopicInfo
from openmsi_desktop.streaming.keys import ONE_OFF
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending import clock
from openmsi_desktop.streaming.sending.checking import Returned
from openmsi_desktop.streaming.sending.collect import Collected, collect
from openmsi_desktop.streaming.sending.limiter import Ceiling
from openmsi_desktop.streaming.sending.link import Link
from openmsi_desktop.streaming.sending.planner import Job, Planner
from openmsi_desktop.streaming.sending.power_loss import Doubtful, Suspicion
from openmsi_desktop.streaming.sending.readback import GoneBeforeChecked
from openmsi_desktop.streaming.sending.sender import Sender, planner_for
from openmsi_desktop.streaming.sending.teller import Teller

log = logging.getLogger(__name__)

IN_HAND = 2000
TRIES = 3
"""Attempts for a file that changes, or cannot be read, while it is to be sent."""
_AGAIN_S = 1.0
_TURN_S = 0.1
_MORE_S = 0.5
"""Seconds between two looks for files that were handed over meanwhile."""


class Errand(Model):
    """What another process needs to go on with one-off uploads. Holds no secret, only the name of one."""

    connection: Connection
    topic: str
    chunk_size: int
    check: bool
    limit: Limit = Limit()


class OneOff:
    """Sends these files and folders once."""

    kind = ONE_OFF
    gives_up = True
    """When it ends before its time it has told somebody, and nobody else is to go on: its files get no owner."""

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        topic: str,
        broker: Broker,
        profile: Profile,
        emit: Emit,
        key: str,
        name: str = "send",
        subfolder: str = "",
        rules: Rules | None = None,
        check: bool = False,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        limit: Limit | None = None,
        ceiling: Ceiling | None = None,
        timeout_s: float | None = 60.0,
        connection: Connection | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """timeout_s: seconds without any contact after which it gives up; None: never.

        connection: journalled, without secrets, so that the process that streams can go on if this one is killed.
        """
        self.name = name
        self.key = key
        self._paths: Sequence[Path] = list(paths)
        self._topic = topic
        self._broker = broker
        self._profile = profile
        self._emit = emit
        self._subfolder = subfolder
        self._rules = rules or Rules()
        self._check = check
        self._chunk_size = chunk_size
        self._limit = limit or Limit()
        self._ceiling = ceiling
        self._timeout_s = timeout_s
        self._connection = connection
        self._now = now
        self._monotonic = monotonic
        self._progress_at = monotonic()
        self._out_of_contact_since: float | None = None

    def idle_for(self) -> float:
        """Seconds since anything moved. Any thread."""
        return self._monotonic() - self._progress_at

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact, and before it is looked for. Any thread."""
        since = self._out_of_contact_since
        return 0.0 if since is None else self._monotonic() - since

    def look(self) -> Collected:
        """What would be sent and what not, without sending anything.

        Raises:
            NotThere: a path does not exist.
        """
        return collect(self._paths, subfolder=self._subfolder, rules=self._rules)

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Send everything; returns when nothing is left to do, or at ``stop``.

        Raises:
            NeedsYou: the broker refuses us, the topic is missing, a right is denied, a chunk is too large.
            RetryableError: no contact for ``timeout_s``.
            NotThere: a path does not exist; nothing was sent.
        """
        found = self.look()
        with closing(self._profile.open_journal()) as journal:
            run = _Run(self, journal)
            run.look_for_work(found)
            self._record(journal, TaskState.RUNNING)
            ready()
            is_over, why = False, "it was stopped before its turn"
            try:
                run.loop(stop)
                is_over = not stop.is_set()
                if is_over:
                    run.forget_batch()
            except OpenMSIError as error:
                why = f"not sent: {error.title}"
                raise
            finally:
                run.leave(is_given_up=is_over or self.gives_up, why=why)
                self._record(journal, TaskState.STOPPED)

    def _record(self, journal: Journal, state: TaskState) -> None:
        details = None
        if self._connection is not None:
            details = Errand(
                connection=self._connection,
                topic=self._topic,
                chunk_size=self._chunk_size,
                check=self._check,
                limit=self._limit,
            ).model_dump_json()
        journal.set_task(self.key, kind=self.kind, name=f"send to {self._topic}", state=state, details=details)

    def suspicion(self, journal: Journal) -> Suspicion | None:
        """Who judges the files; None: a person has just asked for them as they are."""
        return None

    def more(self, journal: Journal) -> list[Job]:
        """Files that were handed over meanwhile. Asked now and then; on the thread of run()."""
        return []

    @property
    def batch(self) -> str:
        """What makes two of these commands the same: a killed one is continued by its like."""
        places = "\n".join(sorted(text_of(os.path.abspath(p)) for p in self._paths))
        return f"send {self.key} {text_of(self._subfolder)}\n{places}"


class _Run:
    """One run of a OneOff. Belongs to its thread."""

    def __init__(self, service: OneOff, journal: Journal) -> None:
        self.service = service
        self.journal = journal
        self.files = OutgoingFiles(journal, service.key, service._topic)
        self.teller = Teller(journal, service._emit, key=service.key, name=service.name, topic=service._topic)
        self.taken: set[str] = set()
        self.left: deque[Job] = deque()
        self.others: dict[str, str] = {}  # path: the file that was sent under it before
        self.sent_before: list[tuple[Job, Outgoing]] = []  # as far as it is known before the topic was seen
        self.more_at = 0.0
        self.waits: list[tuple[float, Job]] = []
        self.tries: dict[str, int] = {}
        self.suspicion = service.suspicion(journal)
        self.planner: Planner | None = planner_for(service.name, service._chunk_size, self.suspicion, service._profile)
        self.link = Link(
            service._broker,
            service._topic,
            name=service.name,
            on_topic=self._look_at_topic,
            make_sender=self._make_sender,
            chunk_bytes=service._chunk_size,
            monotonic=service._monotonic,
        )

    def look_for_work(self, found: Collected) -> None:
        """Journal every file; without those that an interrupted run of the same command has Sent already."""
        for left_out in found.left_out:
            self.teller.file(left_out.path, left_out.local, FileState.IGNORED, size=left_out.size, reason=left_out.rule)
        for refused in found.refused:
            self.journal.solve_problems(self.service.key, path=refused.path)  # so that it is told again
            self.teller.problem(refused.path, refused.local, refused.error)
        begun = self.journal.get_meta(self.service.batch)
        if begun is None:
            self.journal.set_meta(self.service.batch, repr(self.service._now()))
        with self.journal.transaction():  # nobody begins one of them in between
            self._claim(found.jobs, begun)
        self._tell_found()

    def _tell_found(self) -> None:
        for job in self.left:
            if job.path in self.taken:
                continue
            self.taken.add(job.path)
            other = self.others.get(job.path)
            self.teller.file(job.path, job.local, FileState.FOUND, size=job.size, reason=other and _instead_of(other))

    def _take_more(self) -> None:
        now = self.service._monotonic()
        if now < self.more_at:
            return
        self.more_at = now + _MORE_S
        jobs = self.service.more(self.journal)
        if jobs:
            with self.journal.transaction():
                self._claim(jobs, None)
            self.taken -= {job.path for job in jobs}
            self._tell_found()

    def _claim(self, jobs: Sequence[Job], begun: str | None) -> None:
        known = self.files.known(j.path for j in jobs)
        new = []
        for job in jobs:
            row = known.get(job.path)
            if row is not None and begun is not None and self._was_sent(row, job, legible(float)(begun)):
                self.sent_before.append((job, row))
            else:
                new.append(self._add(job, row))
        self._record(new)

    def _add(self, job: Job, row: Outgoing | None) -> Job:
        is_begun = row is not None and row.state is FileState.SENDING
        torn = row.torn if row is not None else None
        if row is not None and is_of_another(row, job):
            self.others[job.path] = row.local
        self.left.append(Job(job.path, job.local, job.fingerprint, row=row if is_begun else None, torn=torn))
        return self.left[-1]

    def _record(self, new: Iterable[Job]) -> None:
        """Only new ones: of the others a person may have taken some back."""
        self.files.record(
            [Sighting(j.path, j.local, FileState.FOUND, "", j.fingerprint) for j in new if j.row is None],
            owner=self.service._profile.owner(),
        )

    def loop(self, stop: threading.Event) -> None:
        """Turn after turn, until nothing is left."""
        try:
            self._plan_ahead()
            while not stop.is_set() and self._has_work():
                self._take_more()
                self._feed()
                self.service._out_of_contact_since = self.link.out_of_contact_since
                if self.link.step(_TURN_S):
                    self.service._progress_at = self.service._monotonic()
                elif self.link.waits:
                    stop.wait(0.02)
                self._take_back()
                self._give_up()
        finally:
            self.service._out_of_contact_since = None
            self.link.close()
            if self.planner is not None:
                self.planner.close()

    def _plan_ahead(self) -> None:
        """Read and hash while the broker is looked for."""
        assert self.planner is not None
        suspicion = self.suspicion
        self.planner.begin(
            j for j in self.left if j.row is None and not (suspicion and suspicion.applies(j.fingerprint))
        )

    def leave(self, *, is_given_up: bool, why: str) -> None:
        """Files that are not sent go to whoever comes next, or to nobody but the same command, with the reason."""
        owner = self.service._profile.owner()
        if is_given_up:
            self.files.leave([r.id for r in self.files.not_begun() if r.path in self.taken], why)
            self.files.release(owner)
        else:
            rows = [*self.files.unfinished(), *self.files.not_begun()]
            self.files.claim((r.id for r in rows if r.path in self.taken and not r.owner), owner)

    def forget_batch(self) -> None:
        """The command has done what it could."""
        self.journal.execute("DELETE FROM meta WHERE name = ?", self.service.batch)

    def _has_work(self) -> bool:
        return bool(self.left or self.waits or self.sent_before) or (
            self.link.sender is not None and not self.link.sender.is_idle
        )

    def _was_sent(self, row: Outgoing, job: Job, begun: float) -> bool:
        return (
            row.state in DONE
            and row.sent_fingerprint == job.fingerprint
            and (row.sent_at or 0.0) >= begun
            and (row.checked_at is not None or not self.service._check)
        )

    def _look_at_topic(self, topic: TopicInfo) -> None:
        # nobody could answer a question about what this computer recorded with another date
        clock.check_date(self.service._now())
        clock.check_topic(topic, now=self.service._now())
        if not questions.is_bound(self.journal, self.service.key, topic):
            # somebody asks for these files to be sent now, to whatever is there under this name
            with self.journal.transaction():
                self.files.withdraw([r.id for r in self.files.unfinished()], FileState.FOUND, "")
                self.files.claim(
                    [r.id for r in self.files.not_begun() if r.path in self.taken], self.service._profile.owner()
                )
                self.journal.set_topic_identity(self.service.key, topic.name, topic.cluster_id, topic.topic_id)
                self._record([self._add(job, None) for job, _ in self.sent_before])  # not to this topic
                self.taken |= {job.path for job, _ in self.sent_before}
                self.sent_before.clear()
        for job, row in self.sent_before:
            self.teller.file(job.path, job.local, row.state, size=job.size, sha512=row.sent_sha512)
        self.sent_before.clear()

    def _make_sender(self, topic: TopicInfo, producer: Producer) -> Sender:
        planner, self.planner = self.planner, None
        return Sender(
            topic=topic,
            broker=self.service._broker,
            profile=self.service._profile,
            files=self.files,
            teller=self.teller,
            name=self.service.name,
            chunk_size=self.service._chunk_size,
            limit=self.service._limit,
            ceiling=self.service._ceiling,
            check=self.service._check,
            suspicion=self.suspicion,
            producer=producer,
            planner=planner,
            always=True,  # a person asks for it: it is sent even if it was sent before
            monotonic=self.service._monotonic,
        )

    def _feed(self) -> None:
        sender = self.link.sender
        if sender is None:
            return
        now = self.service._monotonic()
        due = [job for at, job in self.waits if at <= now]
        self.waits = [(at, job) for at, job in self.waits if at > now]
        room = max(0, IN_HAND - sender.backlog)
        sender.take_on([*due, *(self.left.popleft() for _ in range(min(room, len(self.left))))])

    def _take_back(self) -> None:
        for returned in self.link.take_returned():
            self._returned(returned)
        unsent = self.link.take_unsent()
        if unsent:
            known = self.files.known(j.path for j in unsent)
            self.left.extendleft(replace(j, row=known.get(j.path)) for j in reversed(unsent))

    def _returned(self, returned: Returned) -> None:
        job, error = returned.job, returned.error
        if isinstance(error, GoneBeforeChecked):
            self.teller.problem(job.path, job.local, error, state=None)
            return
        row = self.files.known([job.path]).get(job.path)
        tried = self.tries[job.path] = self.tries.get(job.path, 0) + 1
        if isinstance(error, RetryableError) and tried < TRIES:
            stat = _stat(job.local)
            if stat is not None:
                again = Job(job.path, job.local, Fingerprint.of(stat), row=row)
                self.waits.append((self.service._monotonic() + _AGAIN_S, again))
                return
        if isinstance(error, Doubtful):
            if row is not None:
                self.files.withdraw([row.id], FileState.HELD, error.title)
            self.teller.problem(job.path, job.local, error, state=FileState.HELD)
            return
        is_change = isinstance(error, FileChanged)
        if row is not None:
            self.files.withdraw([row.id], FileState.CHANGED if is_change else FileState.PROBLEM, error.title)
        if is_change:
            self.teller.file(job.path, job.local, FileState.CHANGED, size=job.size, reason=error.title)
            return
        self.journal.solve_problems(self.service.key, path=job.path)
        self.teller.problem(job.path, job.local, error)
        if isinstance(error, MessageTooLarge):
            raise error

    def _give_up(self) -> None:
        error = self.link.error
        if error is None:
            return
        if not isinstance(error, RetryableError):
            raise error
        since, limit = self.link.out_of_contact_since, self.service._timeout_s
        if limit is not None and since is not None and self.service._monotonic() - since >= limit:
            raise error


def is_of_another(row: Outgoing, job: Job) -> bool:
    """Another file was sent under this path, and this is not that one after it was moved."""
    was = row.sent_fingerprint
    if was is None or row.local == job.local:
        return False
    return (was.size, was.mtime_ns) != (job.fingerprint.size, job.fingerprint.mtime_ns)


def _instead_of(other: str) -> str:
    return (
        f"readers put it in the place of {other}, which was sent under this name before; with --subfolder both are kept"
    )


def _stat(local: str) -> os.stat_result | None:
    try:
        return os.stat(reachable(local))
    except OSError as error:
        log.info("%s is gone: %s", local, error)
        return None
