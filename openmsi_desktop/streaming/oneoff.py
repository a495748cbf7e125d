"""Files and folders that a person sends once. Ends when each of them is Sent (Checked), or has a reason why not."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import ChunkError, FileChanged, NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, ProblemEvent
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import DONE, OutgoingFiles, Sighting
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE, Limit
from openmsi_desktop.streaming import questions
from openmsi_desktop.streaming.broker_errors import MessageTooLarge
from openmsi_desktop.streaming.kafka_types import Broker, TopicInfo
from openmsi_desktop.streaming.link import Link
from openmsi_desktop.streaming.planner import Job
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.readback import GoneBeforeChecked
from openmsi_desktop.streaming.scan import walk
from openmsi_desktop.streaming.sender import Returned, Sender
from openmsi_desktop.streaming.sightings import Ignored, Seen, Unreadable

log = logging.getLogger(__name__)

IN_HAND = 2000
TRIES = 3
"""Attempts for a file that changes while it is read."""
_TURN_S = 0.1


class NotThere(SettingsError):
    """A path given by a person does not exist: wrong usage."""


class OneOff:
    """Sends these files and folders once."""

    kind = "one-off"

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
        timeout_s: float | None = 60.0,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """timeout_s: seconds without any contact after which it gives up; None: never."""
        self.name = name
        self.key = key
        self._paths = list(paths)
        self._topic = topic
        self._broker = broker
        self._profile = profile
        self._emit = emit
        self._subfolder = subfolder
        self._rules = rules or Rules()
        self._check = check
        self._chunk_size = chunk_size
        self._limit = limit or Limit()
        self._timeout_s = timeout_s
        self._now = now
        self._monotonic = monotonic
        self._journal: Journal | None = None
        self._left: list[Job] = []
        self._tries: dict[str, int] = {}
        self._waits: list[tuple[float, Job]] = []
        self._bytes = 0

    # -- what would be sent

    def look(self) -> list[Job]:
        """Every file that is to be sent. Those that are not are told, with the rule.

        Raises:
            NotThere: a path does not exist.
        """
        jobs: dict[str, Job] = {}
        for given in self._paths:
            found = self._look_into(given) if given.is_dir() else [self._named(given)]
            for item in found:
                path = topic_path.join(self._subfolder, item.relative)
                if isinstance(item, Ignored):
                    self._tell(path, item.local, FileState.IGNORED, size=item.size, reason=item.rule)
                elif isinstance(item, Unreadable):
                    self._refuse(path, item.local, NeedsYou(f"Cannot read {item.local}", item.reason))
                elif path in jobs and jobs[path].local != item.local:
                    self._refuse(
                        path,
                        item.local,
                        NeedsYou(
                            f"Two files would get the name {path}",
                            f"{jobs[path].local} is sent, {item.local} is not. Send it with another --subfolder.",
                        ),
                    )
                else:
                    self._add(jobs, path, item)
        return list(jobs.values())

    def _add(self, jobs: dict[str, Job], path: str, item: Seen) -> None:
        try:
            topic_path.check(path)
        except ChunkError as error:
            self._refuse(path, item.local, error)
            return
        jobs[path] = Job(path, item.local, item.fingerprint)

    def _look_into(self, folder: Path) -> list[Seen | Ignored | Unreadable]:
        top = Path(os.path.abspath(folder)).name
        out: list[Seen | Ignored | Unreadable] = []
        for item in walk(folder, self._rules):
            relative = topic_path.join(top, item.relative)
            if isinstance(item, Seen):
                out.append(Seen(relative, item.local, item.size, item.mtime_ns, item.ctime_ns, item.file_id))
            elif isinstance(item, Ignored):
                out.append(Ignored(relative, item.local, item.rule, item.size))
            else:
                out.append(Unreadable(relative, item.local, item.reason, item.is_folder))
        return out

    def _named(self, given: Path) -> Seen:
        local = os.path.abspath(given)
        try:
            f = Fingerprint.of(os.stat(local))
        except OSError as error:
            raise NotThere(f"{given} does not exist", "Nothing was sent. Check the name.", path=given) from error
        return Seen(Path(local).name, local, f.size, f.mtime_ns, f.ctime_ns, f.file_id)

    # -- sending

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Send everything; returns when nothing is left to do, or at ``stop``.

        Raises:
            NeedsYou: the broker refuses us, the topic is missing, a right is denied.
            RetryableError: no contact for ``timeout_s``.
            NotThere: a path does not exist; nothing was sent.
        """
        for given in self._paths:
            if not given.exists():
                self._named(given)
        journal = self._profile.open_journal()
        self._journal = journal
        try:
            self._send_all(journal, stop, ready)
        finally:
            self._journal = None
            journal.close()

    def _send_all(self, journal: Journal, stop: threading.Event, ready: Callable[[], None]) -> None:
        files = OutgoingFiles(journal, self.key, self._topic)
        self._left = self._look_for_work(journal, files)
        link = Link(
            self._broker,
            self._topic,
            name=self.name,
            on_topic=lambda topic: self._look_at_topic(journal, files, topic),
            make_sender=lambda topic: self._make_sender(journal, topic),
            monotonic=self._monotonic,
        )
        ready()
        try:
            while not stop.is_set() and (self._left or self._waits or link.sender is None or not link.sender.is_idle):
                if not self._left and not self._waits and link.sender is None:
                    break  # there was nothing to send at all
                self._feed(link)
                if not link.step(_TURN_S) and link.waits:
                    stop.wait(0.02)
                self._take_back(link, files)
                self._give_up(link)
        finally:
            link.close()
        if not stop.is_set():
            journal.execute("DELETE FROM meta WHERE name = ?", self._batch)

    @property
    def _batch(self) -> str:
        places = "\n".join(sorted(os.path.abspath(p) for p in self._paths))
        return f"send {self.key} {self._subfolder}\n{places}"

    def _look_for_work(self, journal: Journal, files: OutgoingFiles) -> list[Job]:
        """Every file; without those that an interrupted run of the very same command has Sent already."""
        jobs = self.look()
        begun = journal.get_meta(self._batch)
        if begun is None:
            journal.set_meta(self._batch, repr(self._now()))
        known = files.known(j.path for j in jobs)
        left, again, fresh = [], [], []
        for job in jobs:
            row = known.get(job.path)
            if row is None:
                fresh.append(Sighting(job.path, job.local, FileState.FOUND, "", job.fingerprint))
            elif (
                begun is not None
                and row.state in DONE
                and row.sent_fingerprint == job.fingerprint
                and (row.sent_at or 0) >= float(begun)
                and (row.checked_at is not None or not self._check)
            ):
                self._tell(
                    job.path, job.local, row.state, size=job.size, sha512=(row.sent_sha512 or b"").hex(),
                    reason="it was sent before the interruption",
                )  # fmt: skip
                continue
            elif row.state is not FileState.SENDING:
                again.append(row.id)
            left.append(Job(job.path, job.local, job.fingerprint, row=row))
        files.record(fresh, owner=self._profile.owner())
        files.forget_sent(again)  # a person asks for it: it is sent even if it was sent before
        for job in left:
            self._tell(job.path, job.local, FileState.FOUND, size=job.size)
        return left

    def _look_at_topic(self, journal: Journal, files: OutgoingFiles, topic: TopicInfo) -> None:
        try:
            questions.is_another_topic(journal, self.key, topic)
        except questions.Question:
            # somebody asks for these files to be sent now, to whatever is there under this name
            rows = files.in_states([FileState.SENDING])
            with journal.transaction():
                files.withdraw([r.id for r in rows], FileState.FOUND, "")
                journal.set_topic_identity(self.key, topic.name, topic.cluster_id, topic.topic_id)

    def _make_sender(self, journal: Journal, topic: TopicInfo) -> Sender:
        return Sender(
            key=self.key,
            name=self.name,
            topic=topic,
            broker=self._broker,
            profile=self._profile,
            journal=journal,
            emit=self._emit,
            chunk_size=self._chunk_size,
            limit=self._limit,
            check=self._check,
            monotonic=self._monotonic,
        )

    def _feed(self, link: Link) -> None:
        sender = link.sender
        if sender is None:
            return
        now = self._monotonic()
        due = [job for at, job in self._waits if at <= now]
        self._waits = [(at, job) for at, job in self._waits if at > now]
        room = max(0, IN_HAND - sender.backlog)
        batch, self._left = [*due, *self._left[:room]], self._left[room:]
        fresh = []
        for job in batch:
            if job.row is not None and job.row.state is FileState.SENDING:
                sender.resume(job.row, job)
            else:
                fresh.append(job)
        if fresh:
            sender.submit(fresh)

    def _take_back(self, link: Link, files: OutgoingFiles) -> None:
        if link.sender is None:
            return
        for returned in link.sender.take_returned():
            self._returned(returned, files)

    def _returned(self, returned: Returned, files: OutgoingFiles) -> None:
        job, error = returned.job, returned.error
        if isinstance(error, GoneBeforeChecked):
            self._refuse(job.path, job.local, error, state=None)
            return
        row = files.known([job.path]).get(job.path)
        tried = self._tries[job.path] = self._tries.get(job.path, 0) + 1
        if isinstance(error, RetryableError) and tried < TRIES:
            stat = _stat(job.local)
            if stat is not None:
                job = Job(job.path, job.local, Fingerprint.of(stat), row=row)
                self._waits.append((self._monotonic() + 1.0, job))
                return
        is_change = isinstance(error, FileChanged)
        if row is not None:
            files.withdraw([row.id], FileState.CHANGED if is_change else FileState.PROBLEM, error.title)
        if is_change:
            self._tell(job.path, job.local, FileState.CHANGED, size=job.size, reason=error.title)
            return
        self._refuse(job.path, job.local, error)
        if isinstance(error, MessageTooLarge):
            raise error

    def _give_up(self, link: Link) -> None:
        error = link.error
        if error is None:
            return
        if not isinstance(error, RetryableError):
            raise error
        since = link.out_of_contact_since
        if self._timeout_s is not None and since is not None and self._monotonic() - since >= self._timeout_s:
            raise error

    # -- telling

    def _refuse(
        self, path: str, local: str, error: OpenMSIError, *, state: FileState | None = FileState.PROBLEM
    ) -> None:
        if self._journal is not None:
            self._journal.add_problem(self.key, error.title, error.advice, path=path)
        if state is not None:
            self._tell(path, local, state, size=None, reason=error.title)
        self._emit(
            ProblemEvent(task=self.name, path=path, title=error.title, advice=error.advice, time=datetime.now(UTC))
        )

    def _tell(
        self,
        path: str,
        local: str,
        state: FileState,
        *,
        size: int | None,
        reason: str | None = None,
        sha512: str | None = None,
    ) -> None:
        self._emit(
            FileEvent(
                task=self.name, path=path, local=local, state=state, size=size, topic=self._topic, reason=reason,
                sha512=sha512,
            )
        )  # fmt: skip


def _stat(local: str) -> os.stat_result | None:
    try:
        return os.stat(local)
    except OSError as error:
        log.info("%s is gone: %s", local, error)
        return None
