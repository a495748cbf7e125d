"""A watched folder -> a topic: what is found settles, is sent, and has a state and a reason at any time.

Watcher -> Findings -> Settling -> Link/Sender -> topic
              ^                        |
              +------- Setbacks <------+
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.core.events import Emit, Event, FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles, Sighting
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.streaming import questions
from openmsi_desktop.streaming.kafka.types import Broker, Producer, TopicInfo
from openmsi_desktop.streaming.profile import Profile, folder_lock
from openmsi_desktop.streaming.receipts.reading import ReceiptReader
from openmsi_desktop.streaming.rules import rules_of
from openmsi_desktop.streaming.sending import clock
from openmsi_desktop.streaming.sending.copies import Copies
from openmsi_desktop.streaming.sending.findings import BY_YOU, TRUSTED, WAS_THERE, Findings
from openmsi_desktop.streaming.sending.limiter import Ceiling
from openmsi_desktop.streaming.sending.link import Link
from openmsi_desktop.streaming.sending.planner import Job, Planner
from openmsi_desktop.streaming.sending.power_loss import Suspicion
from openmsi_desktop.streaming.sending.sender import Sender, planner_for
from openmsi_desktop.streaming.sending.setbacks import Setbacks
from openmsi_desktop.streaming.sending.teller import Teller
from openmsi_desktop.streaming.watching.settling import Settling
from openmsi_desktop.streaming.watching.watcher import Watcher

IN_HAND = 2000
"""Files given to the sender at once; more wait in the journal, not in memory."""
_CHECKS_AT_ONCE = 500
_TURN_S = 0.3
_WRITE_S = 1.0
_TURN_COMES = "it is finished and waits for its turn"
_UNSENT = (FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.CHANGED, FileState.PROBLEM)


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
        journal_lost_at: float | None = None,
        if_journal_lost: str | None = None,
        ceiling: Ceiling | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """journal_lost_at: seconds since 1970 when that was noticed. if_journal_lost: see :func:`questions.existing_files`.
        ceiling: a limit that all tasks share."""
        self.name = watched.title
        self.key = key
        self.watched = watched
        self.broker = broker
        self.profile = profile
        self.emit = emit
        self.journal_lost_at = journal_lost_at
        self.if_journal_lost = if_journal_lost
        self.ceiling = ceiling
        self.now = now
        self.monotonic = monotonic
        self.requests: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self.progress_at = monotonic()
        self.is_busy = True
        self.out_of_contact_since: float | None = monotonic()
        self._wake: Callable[[], None] | None = None
        self._run: _Run | None = None

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person: rescan, retry, ignore, decide. Any thread; served within a second."""
        self.requests.put((kind, path, argument))
        wake = self._wake
        if wake is not None:
            wake()

    def idle_for(self) -> float:
        """Seconds since there was anything to do; 0 while there is. Any thread."""
        return 0.0 if self.is_busy else self.monotonic() - self.progress_at

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact. Any thread."""
        since = self.out_of_contact_since
        return 0.0 if since is None else self.monotonic() - since

    def health(self) -> TaskHealth:
        """How well it works; while it does not run, nothing is known. Any thread."""
        run = self._run
        if run is None:
            return TaskHealth()
        watching = run.watcher.health
        receipts = run.receipts.standing if run.receipts is not None else None
        return TaskHealth(
            contact_at=run.link.contact_at,
            watching=watching.mode if watching.scans else "",
            trouble=watching.why if watching.scans else "",
            scanned_at=watching.last_scan,
            due_s=watching.due_s,
            missed=watching.missed,
            disk=str(self.watched.path),
            free=watching.free,
            receipts=receipts.word if receipts is not None else "",
            receipts_note=receipts.note if receipts is not None else "",
        )

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Watch and send until ``stop``.

        Raises:
            NeedsYou: another process watches this folder for this topic, or a question has to be answered.
            SettingsError: the data folder lies inside the watched folder.
        """
        self.is_busy = True
        if Path(os.path.realpath(self.profile.data)).is_relative_to(os.path.realpath(self.watched.path)):
            raise SettingsError(
                f"The data folder {self.profile.data} lies inside the watched folder {self.watched.path}",
                "It would send its own journal. Choose a data folder elsewhere with --data.",
                path=self.watched.path,
            )
        with closing(self.profile.open_journal()) as journal:
            lock = folder_lock(self.watched.path, self.watched.topic)
            try:
                run = self._run = _Run(self, journal)
                self._wake = run.watcher.wake
                run.loop(stop, ready)
            finally:
                self._wake = self._run = None
                lock.release()


class _Run:
    """One run of a FolderProducer: everything that is fresh at each start. Belongs to the service's thread."""

    def __init__(self, service: FolderProducer, journal: Journal) -> None:
        watched, now, monotonic = service.watched, service.now, service.monotonic
        self.service = service
        self.journal = journal
        self.untold: list[Event] | None = None
        self.files = OutgoingFiles(journal, service.key, watched.topic)
        self.teller = Teller(journal, self._emit, key=service.key, name=service.name, topic=watched.topic)
        task = journal.task(service.key)
        is_trusted = questions.existing_files(
            journal,
            service.key,
            watched.path,
            is_lost=service.journal_lost_at is not None,
            option=service.if_journal_lost,
        )
        is_first = task is None or task.ready_at is None
        skip, there_before = "", now()
        if service.journal_lost_at is not None:
            skip, there_before = (TRUSTED if is_trusted else ""), service.journal_lost_at
        elif watched.existing == "skip":
            skip = WAS_THERE
        self.watcher = Watcher(
            watched.path,
            rules_of(watched, now=now()),
            name=service.name,
            identity=task.root_identity if task else None,
            expected=self._expected(),
            now=now,
            monotonic=monotonic,
        )
        self.settling = Settling(
            watched.settle,
            stat=lambda relative: self.findings.stat(relative),
            is_network=self.watcher.is_network,
            now=now,
            monotonic=monotonic,
        )
        self.suspicion = Suspicion(
            journal,
            service.key,
            how_to_send="or decide: openmsi-desktop decide {local} --send sends it as it is, openmsi-desktop ignore "
            "{local} leaves it here.",
        )
        self.findings = Findings(
            watched,
            self.files,
            self.settling,
            self.teller,
            suspicion=self.suspicion,
            skip_at_start=skip if is_first else "",
            there_before=there_before,
            is_in_hand=self._is_in_hand,
            comes_first=self._comes_first,
            resume=lambda job: self._give([job]),
            withdraw=self._withdraw,
            changed=self._changed,
            vanished=lambda row: self.setbacks.vanished(row),
        )
        self.copies = Copies(service.profile.copies)
        self.planner: Planner | None = planner_for(service.name, watched.chunk_size, self.suspicion, service.profile)
        self.setbacks = Setbacks(self.files, self.findings, self.teller, now=now, monotonic=monotonic)
        self.link = Link(
            service.broker,
            watched.topic,
            name=service.name,
            on_topic=self._look_at_topic,
            make_sender=self._make_sender,
            chunk_bytes=watched.chunk_size,
            wake=self.watcher.wake,
            now=now,
            monotonic=monotonic,
        )
        self.receipts: ReceiptReader | None = None
        if watched.receipts:
            self.receipts = ReceiptReader(
                watched.topic,
                service.broker,
                key=service.key,
                name=service.name,
                installation=service.profile.installation_id(),
                open_journal=service.profile.open_journal,
                wake=self.watcher.wake,
            )
        self.is_ready = False
        self.has_more = True
        self.written_at = monotonic()
        self.shown: str | None = None
        self.begun_at = now()
        self.unchecked_after: int | None = (
            0 if watched.check else None
        )  # what was Sent by earlier runs; None: all is seen

    def loop(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Turn after turn, until stopped."""
        self.watcher.start()
        try:
            self.link.step(0.0)  # the broker is looked for while the folder is looked through
            if self.receipts is not None:
                self.receipts.start()
            while not stop.is_set():
                self._turn(ready)
        finally:
            self.watcher.stop()
            if self.receipts is not None:
                self.receipts.close()
            self.link.close()
            if self.planner is not None:
                self.planner.close()
            self.findings.write_waiting()

    def _turn(self, ready: Callable[[], None]) -> None:
        sender = self.link.sender
        is_sending = sender is not None and not sender.is_idle
        seen = self.watcher.take(0.0 if is_sending else self._patience())
        self._find(seen, ready)
        self._serve_requests()
        self._give(self.findings.settled(self.settling.due()))
        self.setbacks.retry_due()
        moved = self.link.step(0.02 if is_sending else 0.0)
        self._take_back()
        self._refill()
        self._check_earlier()
        self._tell_arrived()
        if self.service.monotonic() - self.written_at >= _WRITE_S:
            self.written_at = self.service.monotonic()
            self.findings.write_waiting()
            self.findings.refresh_reasons()
        self._show()
        if moved or seen:
            self.service.progress_at = self.service.monotonic()
        self.service.is_busy = self._is_busy()
        self.service.out_of_contact_since = self.link.out_of_contact_since

    def _find(self, seen: Sequence[object], ready: Callable[[], None]) -> None:
        if not seen:
            return
        with self._told_afterwards(), self.journal.transaction():
            self.findings.handle(seen)
        if self.findings.root_identity is not None:
            self.journal.set_root_identity(self.service.key, self.findings.root_identity)
            self.findings.root_identity = None
            self.settling.is_network = self.watcher.is_network  # a share may be mounted late
        if self.findings.is_scanned and not self.is_ready:
            self.is_ready = True
            ready()

    def _patience(self) -> float:
        """How long there is nothing to do but to wait for the watcher."""
        now = self.service.monotonic()
        times = [1.0 if self.link.sender is not None else _TURN_S]
        times += [due - now for due in (self.settling.next_due(), self.setbacks.next_due()) if due is not None]
        return max(0.0, min(times))

    def _is_busy(self) -> bool:
        if not self.is_ready or self.has_more or self.findings.has_later or self.unchecked_after is not None:
            return True
        if self.link.sender is None or not self.link.sender.is_idle:
            return True
        return len(self.settling) > 0 and self.service.watched.settle.unit != "growing"

    # -- sending

    def _is_in_hand(self, path: str) -> bool:
        return self.link.sender is not None and self.link.sender.has(path)

    def _comes_first(self, row: Outgoing) -> bool:
        """This version was begun from a copy and comes to its end, whatever became of the file before there is contact."""
        if self.link.sender is not None:
            return False  # it has it, or has given it up
        plan = self.files.stored_plan(row)
        return plan is not None and self.copies.find(plan.sha512, plan.size) != ""

    def _withdraw(self, path: str) -> None:
        if self.link.sender is not None:
            self.link.sender.give_back(path)

    def _changed(self, path: str, found: Fingerprint) -> None:
        if self.link.sender is not None:
            self.link.sender.changed(path, found)

    def _give(self, jobs: list[Job]) -> None:
        """To the sender as far as there is room, else into the journal."""
        if not jobs:
            return
        sender = self.link.sender
        room = max(0, IN_HAND - sender.backlog) if sender is not None else 0
        if sender is not None:
            sender.take_on(jobs[:room])
        over = jobs[room:]
        if over:
            self.has_more = True
            if self.planner is not None:  # read and hash while the broker is looked for
                self.planner.begin(j for j in over if not _goes_on(j) and not self.suspicion.applies(j.fingerprint))
            begun = {j.path: j.row.id for j in over if j.row is not None and _goes_on(j)}
            self.files.put_aside(begun.values())  # recording it anew would begin it anew
            self.files.record(
                [
                    Sighting(j.path, j.local, _state_of(j), _TURN_COMES, j.fingerprint)
                    for j in over
                    if j.path not in begun
                ],
                settled=True,
            )

    def _give_again(self, jobs: list[Job]) -> None:
        """What a sender had in hand when it had to end."""
        if jobs:
            known = self.files.known(j.path for j in jobs)
            self._give([replace(j, row=known.get(j.path)) for j in jobs])

    def _refill(self) -> None:
        sender = self.link.sender
        if not self.has_more or sender is None or sender.backlog > IN_HAND // 2:
            return
        rows = self.files.waiting_for_room(IN_HAND)
        self.has_more = len(rows) == IN_HAND
        sender.take_on([self._job(r) for r in rows])

    def _check_earlier(self) -> None:
        """What earlier runs sent, but did not read back: a few at a time, for there may be very many."""
        sender = self.link.sender
        if self.unchecked_after is None or sender is None or sender.checks > _CHECKS_AT_ONCE // 2:
            return
        rows = self.files.unchecked(sent_before=self.begun_at, after=self.unchecked_after, limit=_CHECKS_AT_ONCE)
        self.unchecked_after = rows[-1].id if len(rows) == _CHECKS_AT_ONCE else None
        sender.check(rows)

    def _job(self, row: Outgoing) -> Job:
        """What to send of a file that the journal knows."""
        settle = self.service.watched.settle
        may_grow = settle.unit == "growing" or settle.max_wait_s > 0
        return Job(row.path, row.local, row.fingerprint, row.fingerprint.size if may_grow else None, row=row)

    def _take_back(self) -> None:
        returned = self.link.take_returned()
        if returned:
            with self._told_afterwards():
                self.setbacks.take(returned)
        self._give_again(self.link.take_unsent())
        if self.findings.has_later:
            self.findings.see_later()

    def _look_at_topic(self, topic: TopicInfo) -> None:
        key, place = self.service.key, self.service.watched.path
        clock.check(
            self.journal,
            key,
            now=self.service.now(),
            retention_ms=topic.retention_ms,
            topic_newest_ms=topic.newest_ms,
            place=place,
        )
        questions.bind(self.journal, key, topic, place=place, decided=self._begin_anew)

    def _begin_anew(self, decision: str) -> None:
        """It is another topic than before. What was begun has to be sent as a whole, whatever a person decided."""
        rows = self.files.unfinished()
        if decision == "send":
            sent = self.files.in_states([*DONE, FileState.CHANGED])
            rows += [r for r in sent if os.path.exists(reachable(r.local))]  # the others cannot be sent any more
        self.files.forget_sent(r.id for r in rows if decision == "send")
        self.files.withdraw([r.id for r in rows], FileState.FOUND, "it is sent to the new topic")
        self.unchecked_after = None
        self.watcher.rescan(everything=True)

    def _make_sender(self, topic: TopicInfo, producer: Producer) -> Sender:
        planner, self.planner = self.planner, None
        watched = self.service.watched
        sender = Sender(
            topic=topic,
            broker=self.service.broker,
            profile=self.service.profile,
            files=self.files,
            teller=self.teller,
            name=self.service.name,
            chunk_size=watched.chunk_size,
            limit=watched.limit,
            ceiling=self.service.ceiling,
            check=watched.check,
            suspicion=self.suspicion,
            producer=producer,
            planner=planner,
            monotonic=self.service.monotonic,
        )
        sender.take_on([self._job(r) for r in self.files.unfinished()])
        self.has_more = True
        return sender

    # -- requests

    def _serve_requests(self) -> None:
        if not self.service.requests.empty():
            self.findings.write_waiting()  # so that every file a person may mean is in the journal
        while not self.service.requests.empty():
            kind, path, argument = self.service.requests.get()
            if kind == "rescan":
                self.watcher.rescan(everything=True)
            elif kind == "retry":
                self.link.try_now()
                self.setbacks.retry_now(path)
            elif kind == "decide" and path and Path(path) == self.service.watched.path:
                if argument == "send":
                    self.watcher.accept_root()
            elif kind in ("decide", "ignore"):
                self._decide(path, is_sent=kind == "decide" and argument == "send")

    def _decide(self, path: str, *, is_sent: bool) -> None:
        row = self.findings.find(path)
        if row is None or self._is_in_hand(row.path):
            return
        relative = self.findings.relative(row.path)
        if is_sent:
            self.suspicion.accept(row.path, row.fingerprint)
            self.teller.solved(row.path)
            self.files.set_state([row.id], FileState.FOUND)
            self.findings.look_again(relative)
            return
        if row.state in DONE:
            return  # it lies on the topic; there is nothing to decide
        self.settling.forget(relative)
        self.files.withdraw([row.id], FileState.IGNORED, BY_YOU)
        self.teller.solved(row.path)
        self.teller.file(row.path, row.local, FileState.IGNORED, size=row.fingerprint.size, reason=BY_YOU)

    # -- telling

    def _show(self) -> None:
        """Tell when the task as a whole begins or ceases to wait for something."""
        error: OpenMSIError | None = self.findings.root_error or self.link.to_tell
        if error is None and not self.is_ready:
            return
        title = error.title if error is not None else ""
        if self.shown is None and error is None:
            self.shown = title  # ready() has said so already
        if title != self.shown:
            self.shown = title
            self.teller.task(error)

    def _tell_arrived(self) -> None:
        """Receipts that have come, of files of which nothing newer was told meanwhile."""
        paths = self.receipts.take() if self.receipts is not None else []
        for row in self.files.known(paths).values():
            if row.state is FileState.ARRIVED:
                self.teller.arrived(row)

    def _emit(self, event: Event) -> None:
        if self.untold is None:
            self.service.emit(event)
        else:
            self.untold.append(event)

    @contextmanager
    def _told_afterwards(self) -> Iterator[None]:
        """Events wait until the end: whoever listens may be slow, and must not lock the journal for everybody."""
        untold: list[Event] = []
        self.untold = untold
        try:
            yield
        finally:
            self.untold = None
        for event in untold:
            self.service.emit(event)

    def _expected(self) -> Iterator[str]:
        """Files that have to be there, because something of them is still to be sent."""
        start = len(self.service.watched.subfolder) + 1 if self.service.watched.subfolder else 0
        return iter([path[start:] for path in self.files.paths_in(_UNSENT)])  # what is used up holds no memory


def _goes_on(job: Job) -> bool:
    """An attempt with exactly this file was interrupted."""
    return job.row is not None and job.row.state is FileState.SENDING and job.row.fingerprint == job.fingerprint


def _state_of(job: Job) -> FileState:
    return FileState.CHANGED if job.row is not None and job.row.sent_version is not None else FileState.WAITING
