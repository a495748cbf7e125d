"""A watched folder -> a topic: what is found settles, is sent, and has a state and a reason at any time."""

from __future__ import annotations

import heapq
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import ChunkError, FileChanged, NeedsYou, OpenMSIError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, ProblemEvent, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.open_file import file_id
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles, Sighting
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.streaming import questions
from openmsi_desktop.streaming.broker_errors import MessageTooLarge
from openmsi_desktop.streaming.kafka_types import Broker, TopicInfo
from openmsi_desktop.streaming.link import Link
from openmsi_desktop.streaming.planner import Job
from openmsi_desktop.streaming.profile import Profile, folder_lock
from openmsi_desktop.streaming.readback import GoneBeforeChecked
from openmsi_desktop.streaming.sender import Returned, Sender
from openmsi_desktop.streaming.settling import Settled, Settling
from openmsi_desktop.streaming.sightings import (
    Ignored,
    RootBack,
    RootChanged,
    RootFound,
    RootMissing,
    ScanDone,
    Seen,
    Unreadable,
    Vanished,
)
from openmsi_desktop.streaming.watcher import Watcher

log = logging.getLogger(__name__)

IN_HAND = 2000
"""Files given to the sender at once; more wait in the journal, not in memory."""
RETRY_S = (5.0, 15.0, 60.0, 300.0)
"""Seconds until a file that could not be read is tried again; the last one repeats."""
_TURN_S = 0.3
_NOTE_S = 1.0
BY_YOU = "you decided not to send it"
WAS_THERE = "it was there before the watching began"
TRUSTED = "it was there when the journal was lost, and counts as sent before"


class FolderProducer:
    """Keeps sending what appears in a folder."""

    kind = "watch"

    def __init__(
        self,
        watched: WatchedFolder,
        broker: Broker,
        profile: Profile,
        emit: Emit,
        *,
        key: str,
        journal_lost: bool = False,
        if_journal_lost: str | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """journal_lost, if_journal_lost: see :func:`questions.existing_files`."""
        self.name = watched.title
        self.key = key
        self._watched = watched
        self._broker = broker
        self._profile = profile
        self._emit = emit
        self._journal_lost = journal_lost
        self._if_journal_lost = if_journal_lost
        self._now = now
        self._monotonic = monotonic
        self._asked: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self._watcher: Watcher | None = None
        self._progress_at = monotonic()
        self._is_busy = True
        self._out_of_contact_since: float | None = monotonic()

    # -- any thread

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person: rescan, retry, ignore, decide. Served within a second."""
        self._asked.put((kind, path, argument))
        if self._watcher is not None:
            self._watcher.wake()

    def idle_for(self) -> float:
        """Seconds since there was anything to do; 0 while there is."""
        return 0.0 if self._is_busy else self._monotonic() - self._progress_at

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact."""
        since = self._out_of_contact_since
        return 0.0 if since is None else self._monotonic() - since

    # -- the service's thread

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Watch and send until ``stop``.

        Raises:
            NeedsYou: another process watches this folder for this topic, or a question has to be answered.
        """
        with self._profile_journal() as journal:
            lock = folder_lock(self._watched.path, self._watched.topic)
            try:
                _Run(self, journal, stop, ready).loop()
            finally:
                lock.release()

    def _profile_journal(self) -> _Closing:
        return _Closing(self._profile.open_journal())


class _Closing:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def __enter__(self) -> Journal:
        return self.journal

    def __exit__(self, *_: object) -> None:
        self.journal.close()


class _Run:
    """One run of a FolderProducer: everything that must be fresh at each start."""

    def __init__(
        self, service: FolderProducer, journal: Journal, stop: threading.Event, ready: Callable[[], None]
    ) -> None:
        self.service = service
        self.watched = service._watched
        self.journal = journal
        self.stop = stop
        self.tell_ready = ready
        self.files = OutgoingFiles(journal, service.key, self.watched.topic)
        self.task = journal.task(service.key)
        self.skip_existing = questions.existing_files(
            journal, service.key, self.watched.path, is_lost=service._journal_lost, option=service._if_journal_lost
        )
        self.is_first = self.task is None or self.task.ready_at is None
        self.rules = Rules(
            include=self.watched.include,
            exclude=self.watched.exclude,
            min_size=self.watched.min_size,
            max_size=self.watched.max_size,
            newer_than=self.watched.oldest(service._now()),
            marker=self.watched.settle.marker,
        )
        self.watcher = Watcher(
            self.watched.path,
            self.rules,
            name=service.name,
            identity=self.task.root_identity if self.task else None,
            expected=self._expected(),
            now=service._now,
            monotonic=service._monotonic,
        )
        self.settling = Settling(
            self.watched.settle,
            stat=self._stat,
            is_network=self.watcher.is_network,
            now=service._now,
            monotonic=service._monotonic,
        )
        self.link = Link(
            service._broker,
            self.watched.topic,
            name=service.name,
            on_topic=self._look_at_topic,
            make_sender=self._make_sender,
            monotonic=service._monotonic,
        )
        self.later: dict[str, Seen] = {}
        self.retries: list[tuple[float, str]] = []
        self.to_note: dict[str, Seen] = {}
        self.noted_at = 0.0
        self.root_error: OpenMSIError | None = None
        self.shown: tuple[TaskState, str] | None = None
        self.is_ready = False
        self.has_overflow = True
        self.is_checking_old = self.watched.check

    # -- the loop

    def loop(self) -> None:
        self.service._watcher = self.watcher
        self.watcher.start()
        try:
            while not self.stop.is_set():
                self._turn()
        finally:
            self.service._watcher = None
            self.watcher.stop()
            self._note_waiting(force=True)
            self.link.close()

    def _turn(self) -> None:
        sender = self.link.sender
        is_sending = sender is not None and not sender.is_idle
        seen = self.watcher.take(0.0 if is_sending else self._patience())
        if seen:
            self._handle(seen)
        self._serve_requests()
        self._settle()
        moved = self.link.step(0.02 if is_sending else 0.0)
        self._take_back()
        self._refill()
        self._note_waiting()
        self._show()
        if moved or seen:
            self.service._progress_at = self.service._monotonic()
        self.service._is_busy = self._is_busy()
        self.service._out_of_contact_since = self.link.out_of_contact_since

    def _patience(self) -> float:
        """How long there is nothing to do but to wait for the watcher."""
        now = self.service._monotonic()
        times = [_TURN_S if self.link.waits or self.to_note else 1.0]
        due = self.settling.next_due()
        if due is not None:
            times.append(due - now)
        if self.retries:
            times.append(self.retries[0][0] - now)
        return max(0.0, min(times))

    def _is_busy(self) -> bool:
        if not self.is_ready or self.has_overflow or self.later:
            return True
        if self.link.sender is None or not self.link.sender.is_idle:
            return True
        return len(self.settling) > 0 and self.watched.settle.unit != "growing"

    # -- what the watcher tells

    def _handle(self, items: Iterable[object]) -> None:
        seen: list[Seen] = []
        ignored: list[Ignored] = []
        for item in items:
            if isinstance(item, Seen):
                seen.append(item)
                continue
            self._handle_seen(seen)
            seen = []
            if isinstance(item, Ignored):
                ignored.append(item)
                self.settling.noticed(item.relative)
            elif isinstance(item, Vanished):
                self._vanished(item.relative)
            elif isinstance(item, Unreadable):
                self._unreadable(item)
            elif isinstance(item, ScanDone):
                self._scanned()
            else:
                self._handle_root(item)
        self._handle_seen(seen)
        self._handle_ignored(ignored)

    def _handle_root(self, item: object) -> None:
        if isinstance(item, RootFound):
            self.journal.set_root_identity(self.service.key, item.identity)
            self.root_error = None
        elif isinstance(item, RootBack):
            self.root_error = None
        elif isinstance(item, RootMissing):
            self.root_error = NeedsYou(
                f"The folder {self.watched.path} is not there",
                f"{item.reason}. No file counts as deleted; sending goes on as soon as the folder is back.",
                path=self.watched.path,
            )
        elif isinstance(item, RootChanged):
            self.root_error = NeedsYou(
                f"Another folder lies at {self.watched.path}",
                f"{item.reason}. Nothing of it was sent. If it is the right one, say so: "
                f"openmsi-desktop decide {self.watched.path} --send",
                path=self.watched.path,
            )

    def _scanned(self) -> None:
        if not self.is_ready:
            self.is_ready = True
            self.tell_ready()

    def _path(self, relative: str) -> str:
        return topic_path.join(self.watched.subfolder, relative)

    def _relative(self, path: str) -> str:
        start = len(self.watched.subfolder) + 1 if self.watched.subfolder else 0
        return path[start:]

    def _handle_seen(self, seen: list[Seen]) -> None:
        if not seen:
            return
        latest = {self._path(s.relative): s for s in seen}
        known = self.files.known(latest)
        new_rows: list[tuple[Sighting, Seen | None]] = []
        sender = self.link.sender
        for path, item in latest.items():
            row = known.get(path)
            if sender is not None and sender.has(path):
                self.later[path] = item
                continue
            if row is not None and self._is_settled_matter(row, item.fingerprint):
                continue
            bad = _why_not_sendable(path)
            if bad is not None:
                new_rows.append((_sighting(path, item, FileState.PROBLEM, bad.title), None))
                self._problem(path, item.local, bad)
                continue
            if (
                row is None
                and item.at_start
                and self.is_first
                and (self.skip_existing or self.watched.existing == "skip")
            ):
                reason = TRUSTED if self.skip_existing else WAS_THERE
                new_rows.append((_sighting(path, item, FileState.IGNORED, reason), None))
                self._tell(path, item.local, FileState.IGNORED, size=item.size, reason=reason)
                continue
            if row is not None and row.state is FileState.SENDING and row.fingerprint == item.fingerprint:
                self._give([Job(path, item.local, item.fingerprint, row=row)])
                continue
            self.settling.observe(item)
            is_news = path not in self.to_note and (
                row is None or row.state not in (FileState.WAITING, FileState.CHANGED) or not self.is_ready
            )
            self.to_note[path] = item
            if is_news:
                self._tell_waiting(path, item, row)
        if new_rows:
            self.files.record([s for s, _ in new_rows])

    def _is_settled_matter(self, row: Outgoing, fingerprint: Fingerprint) -> bool:
        """Nothing to do for this file as long as it does not change."""
        if row.state in DONE or row.state is FileState.CHANGED:
            return row.sent_fingerprint == fingerprint
        return row.state in (FileState.IGNORED, FileState.HELD) and (
            row.fingerprint == fingerprint and row.reason in (BY_YOU, WAS_THERE, TRUSTED)
        )

    def _handle_ignored(self, ignored: list[Ignored]) -> None:
        if not ignored:
            return
        known = self.files.known(self._path(i.relative) for i in ignored)
        news = []
        for item in ignored:
            path = self._path(item.relative)
            row = known.get(path)
            if row is not None and row.state is FileState.IGNORED and row.reason == item.rule:
                continue
            if row is not None and row.state in DONE:
                continue
            news.append(Sighting(path, item.local, FileState.IGNORED, item.rule, Fingerprint(item.size or 0, 0, 0, "")))
            self._tell(path, item.local, FileState.IGNORED, size=item.size, reason=item.rule)
        if news:
            self.files.record(news)

    def _vanished(self, relative: str) -> None:
        self.settling.forget(relative)
        path = self._path(relative)
        self.later.pop(path, None)
        self.to_note.pop(path, None)
        if self.link.sender is not None and self.link.sender.has(path):
            return  # the sender finds out by itself
        row = self.files.known([path]).get(path)
        if row is None or row.state in DONE or row.state is FileState.IGNORED:
            return
        if row.state is FileState.SENDING:
            self._not_sent(row.id, path, row.local, _vanished_error(row.local), retry=False)
            return
        self.journal.solve_problems(self.service.key, path=path)
        state = FileState.IGNORED
        if row.sent_version is not None:
            state = FileState.CHECKED if row.checked_at is not None else FileState.SENT
        reason = "it vanished before it was finished"
        self.files.set_state([row.id], state, reason)
        self._tell(path, row.local, state, size=row.fingerprint.size, reason=reason)

    def _unreadable(self, item: Unreadable) -> None:
        error = NeedsYou(
            f"Cannot read {item.relative or self.watched.path}",
            f"{item.reason}. Nothing of it is sent; it is looked at again with each scan.",
        )
        path = self._path(item.relative)
        if not item.is_folder:
            self.files.record([Sighting(path, item.local, FileState.PROBLEM, error.title, Fingerprint(0, 0, 0, ""))])
        self._problem(path, item.local, error)

    # -- settling and sending

    def _settle(self) -> None:
        for relative in self.settling.vanished():
            self._vanished(relative)
        settled = self.settling.due()
        if settled:
            self._give_settled(settled)
        now = self.service._monotonic()
        while self.retries and self.retries[0][0] <= now:
            self._look_again(heapq.heappop(self.retries)[1])

    def _give_settled(self, settled: list[Settled]) -> None:
        known = self.files.known(self._path(s.seen.relative) for s in settled)
        jobs = []
        for item in settled:
            path = self._path(item.seen.relative)
            self.to_note.pop(path, None)
            jobs.append(Job(path, item.seen.local, item.seen.fingerprint, item.prefix, known.get(path)))
        self._give(jobs)

    def _give(self, jobs: list[Job]) -> None:
        """To the sender as far as there is room, else into the journal."""
        sender = self.link.sender
        room = max(0, IN_HAND - sender.backlog) if sender is not None else 0
        if sender is not None:
            for job in jobs[:room]:
                if job.row is not None and job.row.state is FileState.SENDING:
                    sender.resume(job.row, job)
                else:
                    sender.submit([job])
        over = jobs[room:]
        if over:
            self.has_overflow = True
            self.files.record(
                [
                    Sighting(j.path, j.local, FileState.WAITING, "it is finished and waits for its turn", j.fingerprint)
                    for j in over
                ],
                settled=True,
            )

    def _refill(self) -> None:
        sender = self.link.sender
        if not self.has_overflow or sender is None or sender.backlog > IN_HAND // 2:
            return
        rows = self.files.waiting_for_room(IN_HAND)
        jobs = [Job(r.path, r.local, r.fingerprint, row=r) for r in rows if not sender.has(r.path)]
        self.has_overflow = len(rows) == IN_HAND
        if not jobs and self.has_overflow:
            return
        for job in jobs:
            sender.submit([job])

    def _take_back(self) -> None:
        sender = self.link.sender
        if sender is None:
            return
        for returned in sender.take_returned():
            self._returned(returned)
        if self.later:
            free = [path for path in self.later if not sender.has(path)]
            if free:
                self._handle_seen([self.later.pop(path) for path in free])

    def _returned(self, returned: Returned) -> None:
        job, error = returned.job, returned.error
        row = self.files.known([job.path]).get(job.path)
        stat = self._stat(self._relative(job.path))
        if stat is None and not isinstance(error, (MessageTooLarge, GoneBeforeChecked)):
            if self.root_error is None and os.path.isdir(self.watched.path):
                self._not_sent(row.id if row else None, job.path, job.local, _vanished_error(job.local), retry=False)
            return
        if isinstance(error, FileChanged):
            reason = "it changed while it was being sent; that version was withdrawn"
            if row is not None:
                self.files.set_state([row.id], FileState.CHANGED if row.sent_version else FileState.WAITING, reason)
            self._tell(job.path, job.local, FileState.CHANGED, size=job.size, reason=reason)
            self._look_again(self._relative(job.path))
            return
        if isinstance(error, GoneBeforeChecked):
            self._problem(job.path, job.local, error)
            return
        self._not_sent(
            row.id if row else None, job.path, job.local, error, retry=not isinstance(error, MessageTooLarge)
        )

    def _not_sent(self, number: int | None, path: str, local: str, error: OpenMSIError, *, retry: bool) -> None:
        """Record why a file was not sent, and when it is tried again."""
        row = self.files.known([path]).get(path)
        if row is None:
            stat = self._stat(self._relative(path))
            fingerprint = Fingerprint.of(stat) if stat else Fingerprint(0, 0, 0, "")
            self.files.record([Sighting(path, local, FileState.PROBLEM, error.title, fingerprint)])
            row = self.files.known([path])[path]
        delay = RETRY_S[min(row.tries, len(RETRY_S) - 1)] if retry else None
        at = self.service._now() + delay if delay is not None else None
        self.files.withdraw([row.id], FileState.PROBLEM, error.title, retry_at=at)
        if delay is not None:
            heapq.heappush(self.retries, (self.service._monotonic() + delay, self._relative(path)))
        self._problem(path, local, error, retry_at=at)

    def _look_again(self, relative: str) -> None:
        """Stat a file and let it settle anew."""
        stat = self._stat(relative)
        if stat is None:
            self._vanished(relative)
            return
        local = os.path.join(self.watched.path, *relative.split("/"))
        self._handle_seen([Seen(relative, local, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, file_id(stat))])

    def _stat(self, relative: str) -> os.stat_result | None:
        try:
            return os.stat(os.path.join(self.watched.path, *relative.split("/")))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            log.info("cannot look at %r: %s", relative, error)
            return None

    # -- the topic

    def _look_at_topic(self, topic: TopicInfo) -> None:
        if questions.is_another_topic(self.journal, self.service.key, topic):
            rows = self.files.in_states([*DONE, FileState.CHANGED, FileState.SENDING])
            with self.journal.transaction():
                self.files.forget_sent(r.id for r in rows)
                self.files.withdraw([r.id for r in rows], FileState.FOUND, "it is sent to the new topic")
            self.watcher.rescan(everything=True)

    def _make_sender(self, topic: TopicInfo) -> Sender:
        sender = Sender(
            key=self.service.key,
            name=self.service.name,
            topic=topic,
            broker=self.service._broker,
            profile=self.service._profile,
            journal=self.journal,
            emit=self.service._emit,
            chunk_size=self.watched.chunk_size,
            limit=self.watched.limit,
            check=self.watched.check,
            monotonic=self.service._monotonic,
        )
        owner = self.service._profile.owner()
        begun = [r for r in self.files.unfinished() if not (r.owner and r.owner != owner and self._alive(r.owner))]
        for row in begun:
            sender.resume(row, Job(row.path, row.local, row.fingerprint, row=row))
        if self.is_checking_old:
            sender.check(self.files.in_states([FileState.SENT]))
            self.is_checking_old = False
        self.has_overflow = True
        return sender

    def _alive(self, owner: str) -> bool:
        return self.service._profile.is_alive(owner)

    # -- requests

    def _serve_requests(self) -> None:
        while not self.service._asked.empty():
            kind, path, argument = self.service._asked.get()
            if kind == "rescan":
                self.watcher.rescan(everything=True)
            elif kind == "retry":
                self._retry(path)
            elif kind == "ignore":
                self._decide(path, send=False)
            elif kind == "decide" and Path(path) == self.watched.path:
                if argument == "send":
                    self.watcher.accept_root()
            elif kind == "decide":
                self._decide(path, send=argument == "send")

    def _retry(self, path: str) -> None:
        self.link.try_now()
        self.retries = [r for r in self.retries if path and r[1] != self._relative(path)]
        for row in self.files.in_states([FileState.PROBLEM]):
            if not path or path in (row.path, row.local):
                self._look_again(self._relative(row.path))

    def _decide(self, path: str, *, send: bool) -> None:
        rows = [r for r in (self._find(path),) if r is not None]
        for row in rows:
            if send:
                self.files.set_state([row.id], FileState.FOUND)
                self._look_again(self._relative(row.path))
            else:
                self.settling.forget(self._relative(row.path))
                self.files.withdraw([row.id], FileState.IGNORED, BY_YOU)
                self.journal.solve_problems(self.service.key, path=row.path)
                self._tell(row.path, row.local, FileState.IGNORED, size=row.fingerprint.size, reason=BY_YOU)

    def _find(self, path: str) -> Outgoing | None:
        known = self.files.known([path]).get(path)
        if known is not None:
            return known
        try:
            relative = Path(path).relative_to(self.watched.path).as_posix()
        except ValueError:
            return None
        return self.files.known([self._path(relative)]).get(self._path(relative))

    # -- telling

    def _note_waiting(self, *, force: bool = False) -> None:
        """Journal the files that wait, with the reason, at most once a second."""
        now = self.service._monotonic()
        if not self.to_note or (now - self.noted_at < _NOTE_S and not force):
            return
        self.noted_at = now
        known = self.files.known(self.to_note)
        rows = []
        for path, seen in self.to_note.items():
            row = known.get(path)
            has_sent = row is not None and row.sent_version is not None
            reason = self.settling.reason(seen.relative) or "it is looked at"
            rows.append(_sighting(path, seen, FileState.CHANGED if has_sent else FileState.WAITING, reason))
        self.to_note.clear()
        self.files.record(rows)

    def _tell_waiting(self, path: str, seen: Seen, row: Outgoing | None) -> None:
        if row is None:
            self._tell(path, seen.local, FileState.FOUND, size=seen.size)
        state = FileState.CHANGED if row is not None and row.sent_version is not None else FileState.WAITING
        self._tell(path, seen.local, state, size=seen.size, reason=self.settling.reason(seen.relative))

    def _tell(self, path: str, local: str, state: FileState, *, size: int | None, reason: str | None = None) -> None:
        self.service._emit(
            FileEvent(
                task=self.service.name,
                path=path,
                local=local,
                state=state,
                size=size,
                topic=self.watched.topic,
                reason=reason,
            )
        )

    def _problem(self, path: str, local: str, error: OpenMSIError, *, retry_at: float | None = None) -> None:
        is_new = self.journal.add_problem(self.service.key, error.title, error.advice, path=path, retry_at=retry_at)
        if is_new:
            self._tell(path, local, FileState.PROBLEM, size=None, reason=error.title)
            moment = datetime.fromtimestamp(retry_at, UTC) if retry_at is not None else None
            self.service._emit(
                ProblemEvent(task=self.service.name, path=path, title=error.title, advice=error.advice, retry_at=moment)
            )

    def _show(self) -> None:
        """Tell when the task as a whole begins or ceases to wait for something."""
        error = self.root_error or self.link.error
        if error is None and not self.is_ready:
            return
        shown = (TaskState.WAITING, error.title) if error else (TaskState.RUNNING, "")
        if self.shown is None and error is None:
            self.shown = shown  # ready() has said so already
        if shown != self.shown:
            self.shown = shown
            self.service._emit(
                TaskEvent(task=self.service.name, state=shown[0], title=shown[1], advice=error.advice if error else "")
            )

    def _expected(self) -> list[str]:
        """Files that have to be there, because something of them is still to be sent."""
        states = [FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.CHANGED, FileState.PROBLEM]
        return [self._relative(r.path) for r in self.files.in_states(states)]


def _sighting(path: str, seen: Seen, state: FileState, reason: str) -> Sighting:
    return Sighting(path, seen.local, state, reason, seen.fingerprint)


def _why_not_sendable(path: str) -> OpenMSIError | None:
    """Readers would quarantine it, so sending it would only pretend."""
    try:
        topic_path.check(path)
    except ChunkError as error:
        return error
    return None


def _vanished_error(local: str) -> NeedsYou:
    return NeedsYou(
        "It vanished before it was sent",
        "The file was deleted, renamed or moved while it was to be sent. What was sent of it is never shown as a whole file.",
        path=local,
    )
