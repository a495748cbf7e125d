"""Topics -> complete files -> sinks. The reader: positions, chunks and files under way, all in the journal.

The loop reads, writes chunks into the spool and makes checkpoints; what is complete goes to the
:mod:`delivery`, on other threads. After any interruption it goes on from the last checkpoint.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from openmsi_desktop.core.assembler import Assembler
from openmsi_desktop.core.chunk import HEADER, decode, decode_header
from openmsi_desktop.core.errors import ChunkError, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, QuarantinedEvent, TaskEvent, TaskState
from openmsi_desktop.core.incoming import IncomingFiles, spool_prefix
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Part, Place
from openmsi_desktop.core.quarantine import Quarantine, Rejected
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.core.spool import Spool
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.aside import Errand, Stopped
from openmsi_desktop.streaming.bearings import Bearings, lost_messages
from openmsi_desktop.streaming.broker_errors import OffsetGone
from openmsi_desktop.streaming.delivery import Delivery, SinkFactory
from openmsi_desktop.streaming.enquiry import ASK_S, Enquiry, watermarks
from openmsi_desktop.streaming.group import Scatter, ScatteredChunks, SharedGroup, sample
from openmsi_desktop.streaming.kafka_types import Broker, Consumer, Message, Partition, TopicInfo, Trouble
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.room import Room, Usage, usage
from openmsi_desktop.streaming.sinks.folder import FolderSink
from openmsi_desktop.streaming.sinks.trouble import translated
from openmsi_desktop.streaming.telling import Teller

log = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
CHECKPOINT_BYTES = 64 << 20
INCOMPLETE_S = 600.0
"""Seconds without a chunk after which a version is called incomplete."""
EXPIRE_S = 30 * 86400.0
"""Seconds without a chunk after which its parts are removed."""
PARTITIONS_S = 60.0
"""Seconds between two looks for new partitions."""
TROUBLE_S = 3.0
"""Seconds without contact before that is told."""
PROGRESS_S = 0.5
"""Seconds between two progress events of one file."""
_BATCH_BYTES = 16 << 20
_SOON_S = 0.15
_BACKLOG = 3000
_CARE_S = 10.0
_END_S = 0.2
_PROBE_S = 5.0
_MARKS_S = 10.0
_STOP_S = 0.35
_PATIENCE_S = 30.0
_OURS = re.compile(r"^[0-9a-f]{32}$")


class TopicConsumer:
    """Rebuilds files from topics and hands them to a folder and other sinks."""

    kind = "download"

    def __init__(
        self,
        download: Download,
        broker: Broker,
        profile: Profile,
        emit: Emit,
        *,
        key: str,
        again: Sequence[str] = (),
        sinks: Sequence[SinkFactory] = (),
        disk: Usage = usage,
        min_free_bytes: int = 1_000_000_000,
        min_free_share: float = 0.05,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """again: topic paths of delivered files to be written once more. sinks: besides the target folder.
        disk, min_free_bytes, min_free_share: see :class:`Room`."""
        self.name = download.title
        self.key = key
        self.download = download
        self.broker = broker
        self.profile = profile
        self.emit = emit
        self.tell = Teller(self.name, key, emit, download.target)
        self.again = list(again)
        self.sinks = tuple(sinks)
        self.disk = disk
        self.min_free = (min_free_bytes, min_free_share)
        self.now = now
        self.monotonic = monotonic
        self.asked: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self.progress_at = monotonic()
        self.is_idle = False
        self.idle_asked_at = float("-inf")
        self.out_of_contact_since: float | None = monotonic()
        self.left_behind: list[threading.Thread] = []
        self.has_read = False

    # -- any thread

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        """A request of a person: retry, ignore, decide (another target folder). Served within a second."""
        self.asked.put((kind, path, argument))

    def idle_for(self) -> float:
        """Seconds since there was something to do; 0 while there is, or while nobody can say.

        "Nothing to do" means that everything on the topics was read, and no delivery is possible now.
        """
        self.idle_asked_at = self.monotonic()
        return self.monotonic() - self.progress_at if self.is_idle else 0.0

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker; 0 while there is contact."""
        since = self.out_of_contact_since
        return 0.0 if since is None else self.monotonic() - since

    def left_over(self) -> list[FileEvent]:
        """What has begun to arrive but is not delivered, each with its reason and the chunks that are missing."""
        with _opened(self.profile) as journal:
            files = IncomingFiles(journal, self.key)
            starts = {(t, p): at.start for t in self.download.topics for p, at in files.positions(t).items()}
            judged = [(part, *part.verdict(starts)) for part in files.open_parts()]
            events = [
                self.tell.of_part(part, state, part.reason or reason)
                for part, state, reason in judged
                if state is FileState.INCOMPLETE
            ]
            undelivered = files.waiting(due_at=float("inf"), limit=100_000)
            return events + [
                self.tell.of_file(file, FileState.RECEIVED, local=file.local, reason=file.reason)
                for file in undelivered
            ]

    # -- the service's thread

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Read and deliver until ``stop``.

        Raises:
            SettingsError: there is neither a target folder nor another sink.
            NeedsYou, RetryableError: the broker, the topics or the target cannot be used now.
        """
        if self.download.target is None and not self.sinks:
            raise SettingsError(
                f"{self.name} has nowhere to put files", "Give it a target folder, or sinks: a bucket or a processor."
            )
        self.is_idle = False
        for thread in self.left_behind:  # still inside a sink since the last run
            while thread.is_alive() and not stop.is_set():
                thread.join(0.1)
        if stop.is_set():
            return
        with _opened(self.profile) as journal:
            try:
                _Run(self, journal, stop, ready).run()
            except Stopped:
                return
            finally:
                self.is_idle = False


class _Run:
    """One run of a TopicConsumer: everything that must be fresh at each start."""

    def __init__(
        self, service: TopicConsumer, journal: Journal, stop: threading.Event, ready: Callable[[], None]
    ) -> None:
        self.service = service
        self.download = service.download
        self.tell = service.tell
        self.journal = journal
        self.stop = stop
        self.tell_ready = ready
        self.now = service.now
        self.monotonic = service.monotonic
        self.rules = Rules(include=self.download.include, exclude=self.download.exclude)
        self.wanted: dict[str, bool] = {}
        self.files = IncomingFiles(journal, service.key)
        self.moved: dict[Partition, tuple[int, int | None]] = {}
        self.replaying: set[Partition] = set()
        self.group: SharedGroup | None = None
        self.held_since: float | None = None
        self.is_paused = False
        self.shown: tuple[TaskState, str] = (TaskState.RUNNING, "")
        self.checkpoint_at = self.read_at = self.monotonic()
        self.overcome: tuple[float, int] | None = None  # trouble that is over: since, count
        self.probe_at = 0.0
        self.probe: Errand[dict[Partition, tuple[int, int]]] | None = None
        self.end_errand: Errand[dict[Partition, tuple[int, int]]] | None = None
        self.care_at = 0.0
        self.partitions_at = self.monotonic() + PARTITIONS_S
        self.errand: Errand[list[TopicInfo]] | None = None
        self.checked_end_at = float("-inf")
        self.message_bytes = 1 << 20

    # -- start and end

    def run(self) -> None:
        with contextlib.ExitStack() as closing:
            self._open(closing)
            try:
                self._begin()
                while not self.stop.is_set():
                    self._turn()
                self._end()
            except OSError as error:
                raise translated(error, self.spool.folder.parent) from error

    def _end(self) -> None:
        """Keep what was read, unless flushing it takes too long: then it is read again."""
        if self.spool.unflushed_bytes <= CHECKPOINT_BYTES // 4:
            self._checkpoint()
        if self.group is not None:
            self.group.leave()

    def _open(self, closing: contextlib.ExitStack) -> None:
        """Everything that has to be closed in the end, in reverse order."""
        service = self.service
        self.spool = Spool(self._prepare_spool())
        closing.callback(self.spool.close)
        self.room = Room(
            self.spool.folder,
            usage=service.disk,
            min_free_bytes=service.min_free[0],
            min_free_share=service.min_free[1],
            monotonic=self.monotonic,
        )
        self.assembler = Assembler(self.files, self.spool, now=self.now, capacity=self.room.capacity)
        self.quarantine = Quarantine(service.profile.quarantine, service.key, now=self.now)
        closing.callback(self.quarantine.close)
        self.consumer: Consumer = service.broker.consumer(group=self.download.group)
        closing.callback(self.consumer.close)
        self.enquiry = Enquiry(service.broker, self.stop, name=service.name)
        closing.callback(self.enquiry.close)
        self.bearings = Bearings(self.files, service.broker, self.enquiry, begin=self.download.from_, stop=self.stop)
        self.positions = self.bearings.positions
        self.delivery = Delivery(
            self._sink_factories(),
            spool=self.spool.folder,
            open_journal=service.profile.open_journal,
            tell=self.tell,
            now=self.now,
            monotonic=self.monotonic,
        )
        closing.callback(self._stop_delivery)

    def _stop_delivery(self) -> None:
        self.service.left_behind = self.delivery.stop(_STOP_S)

    def _begin(self) -> None:
        self._sweep()
        infos = [self.bearings.find(topic) for topic in self.download.topics]
        self.service.out_of_contact_since = None
        if self.download.group:
            self._join(infos)
            return
        for info in infos:
            self.assembler.reads_from(info.name, self.bearings.take(info.name, info.partitions))
        self._ask_again()
        self._start_delivery()
        self.consumer.assign(self.positions)
        self._read_again()
        self._ready()

    def _join(self, infos: list[TopicInfo]) -> None:
        """Share the topics with the other members of the group."""
        partitions = {info.name: info.partitions for info in infos}
        try:
            self.enquiry.answer(sample(Scatter(partitions), partitions))
        except ScatteredChunks as error:
            if self.service.has_read:
                raise
            raise SettingsError(error.title, error.advice) from error
        self.group = SharedGroup(
            self.consumer,
            self.files,
            self.assembler,
            self.bearings,
            partitions=partitions,
            checkpoint=self._checkpoint,
            on_change=self._take_share,
            now=self.now,
            monotonic=self.monotonic,
        )
        self._start_delivery()
        self.group.join()

    def _take_share(self) -> None:
        """The partitions that are ours have changed."""
        self.moved = {where: at for where, at in self.moved.items() if where in self.positions}
        self.replaying = {where for where in self.assembler.rereads() if where in self.positions}
        self.is_paused = False
        self._ready()

    def _start_delivery(self) -> None:
        self.files.make_due()
        self.delivery.start()

    def _ready(self) -> None:
        self.service.has_read = True
        self.tell_ready()
        self.service.progress_at = self.monotonic()

    def _prepare_spool(self) -> Path:
        """The folder for parts; the target is looked at first, so that a wrong or missing one is never written to."""
        if self.download.target is not None:
            sink = FolderSink(self.download.target, self.journal, stop=self.stop, now=self.now)
            self._accept_target(sink)
            sink.prepare()
            return sink.spool
        folder = self.service.profile.spool
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise translated(error, folder) from error
        return folder

    def _sink_factories(self) -> list[SinkFactory]:
        factories = list(self.service.sinks)
        target = self.download.target
        if target is not None:
            alone = not factories

            def folder(journal: Journal) -> FolderSink:
                return FolderSink(
                    target,
                    journal,
                    if_exists=self.download.if_exists,
                    takes_spool=alone,
                    stop=self.stop,
                    now=self.now,
                )

            factories.insert(0, folder)
        return factories

    def _sweep(self) -> None:
        """Remove spool files of this task that nothing in the journal needs: an interrupted run left them."""
        prefix = spool_prefix(self.journal, self.service.key)
        needed = self.files.spool_names()
        for name in os.listdir(self.spool.folder):
            if _OURS.match(name) and name.startswith(prefix) and name not in needed:
                self.spool.remove(name)

    def _ask_again(self) -> None:
        """Files that a person wants once more are read from the topic again."""
        if self.download.target is None:
            self.service.again.clear()
        while self.service.again:
            path = self.service.again[0]
            found = (
                FolderSink(self.download.target, self.journal, now=self.now).again(path) if self.download.target else []
            )
            numbers = [self.files.latest(item.topic, item.path, item.installation) for item in found]
            for part in numbers:
                if part is not None:
                    self.assembler.read_again(part.id)
            if not any(numbers):
                self.tell.problem(
                    self.journal,
                    OpenMSIError(
                        f"{path} cannot be written again",
                        "It was not delivered by this task, as far as is known. Use its path on the topic.",
                    ),
                    path=path,
                )
            self.service.again.pop(0)

    # -- the loop

    def _turn(self) -> None:
        self._serve_requests()
        self._take_back_lost()
        if self.delivery.failure is not None:
            raise self.delivery.failure
        self.delivery.feed(self.files)
        messages = self._read()
        self._handle(messages)
        self._checkpoint_when_due(is_quiet=not messages)
        if self.group is not None:
            self.group.commit_when_due()
        self._care()
        self._judge_idle(bool(messages))
        self._show()

    def _read(self) -> list[Message]:
        if self._is_held():
            if not self.is_paused:
                self.stop.wait(0.05)
                return []
        elif self.is_paused:
            self.consumer.resume(list(self.positions))
            self.is_paused = False
        try:
            most = max(8, min(1000, _BATCH_BYTES // max(1, self.message_bytes)))
            messages = self.consumer.read(most, _SOON_S if self.assembler.has_news else 0.25)
        except OffsetGone as gone:
            self._skip_gap(gone)
            return []
        if messages:
            self.message_bytes = max(1, sum(len(m.value or b"") for m in messages) // len(messages))
            self.read_at = self.monotonic()
        return messages

    def _is_held(self) -> bool:
        """Whether reading has to wait for space on the disk or for the sinks.

        After half a minute the partitions are paused and the consumer is served on: a broker expects signs of life.
        """
        if self.room.shortage() is None and self.delivery.backlog <= _BACKLOG:
            self.held_since = None
            return False
        if self.held_since is None:
            self.held_since = self.monotonic()
        elif not self.is_paused and self.monotonic() - self.held_since > _PATIENCE_S:
            self.consumer.pause(list(self.positions))
            self.is_paused = True
        return True

    def _handle(self, messages: list[Message]) -> None:
        messages.reverse()
        while messages:
            self._handle_one(messages.pop())  # each is freed at once: a batch may be many megabytes
            if self.stop.is_set():
                return

    def _handle_one(self, message: Message) -> None:
        where = (message.topic, message.partition)
        position = self.positions.get(where)
        if position is None:
            return
        replay = message.offset < position
        try:
            self._take(message, replay=replay)
        except ChunkError as error:
            if not replay:
                self._reject(message, error)
        if replay:
            if message.offset + 1 >= position:
                self._replayed(where)
            return
        self._replayed(where)
        self.positions[where] = message.offset + 1
        self.moved[where] = (message.offset + 1, message.timestamp_ms)

    def _take(self, message: Message, *, replay: bool) -> None:
        chunk = decode(message.value)
        path = chunk.path
        wanted = self.wanted.get(path)
        if wanted is None:
            if len(self.wanted) > 10_000:
                self.wanted.clear()
            wanted = self.wanted[path] = self.rules.wanted(path).taken
        if not wanted:
            return
        place = Place(message.topic, message.partition, message.offset, message.timestamp_ms)
        sender = decode_header(message.header(HEADER))
        if self.group is not None:
            self.group.scatter.look(message, chunk, sender)
        part = self.assembler.add(chunk, place, sender, replay=replay)
        if self.group is not None and part is not None and len(part.reached) > 1:
            raise ScatteredChunks(message.topic)
        if part is not None and not part.has_all:
            now = self.monotonic()
            if now - part.told_at >= PROGRESS_S:
                part.told_at = now
                self.tell.part(part, FileState.RECEIVING)

    def _reject(self, message: Message, error: ChunkError) -> None:
        self.quarantine.keep(
            Rejected(
                message.topic,
                message.partition,
                message.offset,
                message.timestamp_ms,
                message.key,
                message.value,
                message.headers,
                error.title,
            ),
            stream=self.files.stream(self.files.source(message.topic)),
        )
        self.service.emit(
            QuarantinedEvent(
                task=self.service.name,
                topic=message.topic,
                partition=message.partition,
                offset=message.offset,
                reason=error.title,
            )
        )

    # -- checkpoints

    def _checkpoint_when_due(self, *, is_quiet: bool) -> None:
        waited = self.monotonic() - self.checkpoint_at
        if not (self.assembler.has_news or self.moved):
            self.checkpoint_at = self.monotonic()
            return
        is_full = max(self.spool.unflushed_bytes, self.quarantine.waiting_bytes) >= CHECKPOINT_BYTES
        if is_full or waited >= CHECKPOINT_S or (is_quiet and self.assembler.has_complete and waited >= _SOON_S):
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Spool, then journal (chunks and positions together): see Assembler.checkpoint."""
        self.quarantine.flush()
        done = self.assembler.checkpoint(self.moved)
        self.moved.clear()
        self.checkpoint_at = self.monotonic()
        for part in done.changed:
            self._tell_change(part)
        self.delivery.offer(done.received)

    def _tell_change(self, part: Part) -> None:
        self.tell.part(part, part.state, part.reason)
        if part.state is FileState.PROBLEM:
            error = OpenMSIError(
                f"{part.path} cannot be rebuilt",
                f"{part.reason[:1].upper()}{part.reason[1:]}. Nothing was delivered; send the file again.",
            )
            self.tell.problem(self.journal, error, path=part.path)

    # -- parts and messages that are gone

    def _take_back_lost(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                number, is_wrong = self.delivery.lost.get_nowait()
                self.assembler.lose(number, is_wrong=is_wrong)
        if self.assembler.has_lost:
            self._read_again()

    def _read_again(self) -> None:
        """Go back to the first chunks of parts that were lost here."""
        for where, first in self.assembler.rereads().items():
            if self.group is not None and where not in self.positions:
                self.assembler.hand_over(*where)  # whoever has that partition now reads it anyway
            elif where in self.positions and first < self.positions[where]:
                log.info("%s: reading partition %d of %s again from %d", self.service.name, where[1], where[0], first)
                self.consumer.seek(*where, first)
                self.replaying.add(where)
        if not self.replaying:
            self.assembler.caught_up()

    def _replayed(self, where: Partition) -> None:
        if where in self.replaying:
            self.replaying.discard(where)
            if not self.replaying:
                self.assembler.caught_up()

    def _skip_gap(self, gone: OffsetGone) -> None:
        """Retention was faster than we: say how much is lost, and go on with what is left."""
        where = (gone.topic, gone.partition)
        position = self.positions[where]
        target, lost = self.bearings.past_gap(gone)
        if where in self.replaying and gone.position < position:
            target = min(target, position)
            if target == position:
                self._replayed(where)
        else:
            seen = self.files.positions(gone.topic)[gone.partition].seen_ms
            self.tell.problem(self.journal, lost_messages(gone, lost, seen_ms=seen))
            self.positions[where] = target
            self.moved[where] = (target, None)
        self.consumer.seek(*where, target)

    # -- now and then

    def _care(self) -> None:
        now = self.monotonic()
        if now >= self.care_at:
            self.care_at = now + _CARE_S
            self.assembler.note_quiet(self.now() - INCOMPLETE_S)
            self.assembler.expire(self.now() - EXPIRE_S)
            for part in self.group.quiet() if self.group is not None else ():
                self.tell.problem(self.journal, _given_up(part), path=part.path)
            if self.replaying and now - self.read_at > _CARE_S and self.consumer.trouble() is None:
                self.replaying.clear()  # the last messages before the position exist no more
                self.assembler.caught_up()

        if self.errand is None and now >= self.partitions_at:
            topics, broker = self.download.topics, self.service.broker
            self.errand = Errand(lambda: [broker.topic_info(t, ASK_S) for t in topics], name="look for partitions")
        elif self.errand is not None and self.errand.is_over:
            errand, self.errand = self.errand, None
            self.partitions_at = now + PARTITIONS_S
            self._look_at_topics(errand)

    def _look_at_topics(self, errand: Errand[list[TopicInfo]]) -> None:
        """A topic may have got more partitions, or not be the same any more."""
        try:
            infos = errand.result()
        except RetryableError as error:
            log.info("%s: %s", self.service.name, error)
            return
        is_any = False
        for info in infos:
            self.bearings.identify(info)
            if self.group is None and (info.name, info.partitions - 1) not in self.positions:
                self.assembler.reads_from(info.name, self.bearings.take(info.name, info.partitions))
                is_any = True
        if is_any:
            self.consumer.assign(self.positions)
            self._read_again()

    def _serve_requests(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                kind, path, _ = self.service.asked.get_nowait()
                if kind == "retry":
                    self.files.make_due(path or None)
                    self.delivery.try_now()
                elif kind == "ignore" and path:
                    self.assembler.ignore(path)
                    self.journal.ignore_problems(path)

    def _accept_target(self, sink: FolderSink) -> None:
        """A person may have decided that the folder at the target's place is the right one."""
        later = []
        with contextlib.suppress(queue.Empty):
            while True:
                request = self.service.asked.get_nowait()
                if request[0] == "decide" and request[2] == "send":
                    sink.accept_target()
                else:
                    later.append(request)
        for request in later:
            self.service.asked.put(request)

    def _judge_idle(self, has_read: bool) -> None:
        """Whether there is nothing left to do. The broker is asked only while somebody wants to know."""
        service, now = self.service, self.monotonic()
        service.progress_at = max(service.progress_at, self.delivery.progress_at)
        is_settled = self.group is None or self.group.is_settled
        if has_read or self.moved or self.assembler.has_news or self.replaying or not is_settled:
            service.is_idle, self.end_errand = False, None
            service.progress_at = now
        elif self.delivery.is_busy:
            service.is_idle = False
        elif not service.is_idle and now - service.idle_asked_at < 5.0:
            service.is_idle = self._has_read_all()

    def _has_read_all(self) -> bool:
        """Whether reading has come to the end of each partition, as far as the broker has answered by now."""
        now = self.monotonic()
        if self.end_errand is None:
            if now - self.checked_end_at >= _END_S:
                self.checked_end_at = now
                self.end_errand = self.enquiry.ask(watermarks(self.positions))
            return False
        if not self.end_errand.is_over:
            return False
        errand, self.end_errand = self.end_errand, None
        try:
            ends = errand.result()
        except OpenMSIError as error:
            log.info("%s: the end of the topics is not known: %s", self.service.name, error)
            return False
        # what is left after a while may be marks of transactions, which are never handed out
        waited = now - self.read_at
        return all(
            position >= ends.get(where, (0, 0))[1] or waited > _MARKS_S for where, position in self.positions.items()
        )

    def _trouble(self) -> Trouble | None:
        """Why there is no contact. Where no message comes to prove the contrary, the broker is asked."""
        trouble, now = self.consumer.trouble(), self.monotonic()
        if trouble is None or (trouble.since, trouble.count) == self.overcome:
            self.service.out_of_contact_since = None
            return None
        if self.service.out_of_contact_since is None:
            self.service.out_of_contact_since = now
            self.service.is_idle = False
            self.probe_at = now + TROUBLE_S
        if self.probe is not None and self.probe.is_over:
            probe, self.probe = self.probe, None
            with contextlib.suppress(OpenMSIError):
                probe.result()
                self.overcome = (trouble.since, trouble.count)
        elif self.probe is None and now >= self.probe_at:
            self.probe_at = now + _PROBE_S
            self.probe = self.enquiry.ask(watermarks(list(self.positions)[:1]))
        return trouble

    def _show(self) -> None:
        """Tell when receiving has to wait, and when it goes on."""
        trouble = self._trouble()
        error: OpenMSIError | None = self.room.shortage()
        if error is not None:
            self._note_shortage(error)
        elif trouble is not None and self.service.no_contact_for() >= TROUBLE_S:
            error = trouble.error
        state = TaskState.RUNNING if error is None else TaskState.WAITING
        title, advice = ("", "") if error is None else (error.title, error.advice)
        if (state, title) != self.shown:
            if self.shown[0] is TaskState.WAITING:
                self.journal.solve_problems(self.service.key, title=self.shown[1])
            self.shown = (state, title)
            self.service.emit(TaskEvent(task=self.service.name, state=state, title=title, advice=advice))

    def _note_shortage(self, error: OpenMSIError) -> None:
        if self.shown != (TaskState.WAITING, error.title):
            self.tell.problem(self.journal, error)


def _given_up(part: Part) -> OpenMSIError:
    where = "; ".join(f"partition {p}, offsets {first} to {last}" for p, (first, last) in part.reached.items())
    return OpenMSIError(
        f"{part.path} is incomplete",
        f"Only {len(part.chunks)} of its {part.total} chunks have arrived ({where}), the last one more than a day ago. "
        "The group goes on without it. Send the file again.",
    )


@contextlib.contextmanager
def _opened(profile: Profile) -> Iterator[Journal]:
    journal = profile.open_journal()
    try:
        yield journal
    finally:
        journal.close()
