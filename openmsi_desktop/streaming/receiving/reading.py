"""One run of a reader: read, write chunks into the spool, make checkpoints, hand over what is complete.

A checkpoint flushes the spool, then journals chunks and positions together; after any interruption the next
run goes on from the last one. Deliveries happen on other threads (:mod:`delivery`).
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from openmsi_desktop.core.assembler import Assembler
from openmsi_desktop.core.chunk import (
    HEADER,
    RESULT_HEADER,
    Chunk,
    check_key,
    decode,
    decode_header,
    is_key_of_chunk,
    is_key_of_result,
)
from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.errors import ChunkError, OpenMSIError, SettingsError
from openmsi_desktop.core.events import FileState, QuarantinedEvent
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Part, Place
from openmsi_desktop.core.quarantine import Quarantine, Rejected
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.core.spool import Spool
from openmsi_desktop.streaming.kafka.errors import OffsetGone
from openmsi_desktop.streaming.kafka.types import Consumer, Message, Partition, TopicInfo
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue, ReceiptWriter, forget
from openmsi_desktop.streaming.receiving.aside import aside
from openmsi_desktop.streaming.receiving.bearings import Bearings, lost_messages
from openmsi_desktop.streaming.receiving.delivery import Delivery, SinkFactory
from openmsi_desktop.streaming.receiving.enquiry import Enquiry
from openmsi_desktop.streaming.receiving.group import Scatter, ScatteredChunks, SharedGroup, sample
from openmsi_desktop.streaming.receiving.outlook import Outlook
from openmsi_desktop.streaming.receiving.room import Room
from openmsi_desktop.streaming.receiving.spool_place import folder_sink, spool_folder
from openmsi_desktop.streaming.receiving.stall import StallGuard
from openmsi_desktop.streaming.receiving.upkeep import Upkeep
from openmsi_desktop.streaming.sinks.folder import FolderSink
from openmsi_desktop.streaming.sinks.trouble import translated

if TYPE_CHECKING:
    from openmsi_desktop.streaming.receiving.consumer import TopicConsumer

log = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
CHECKPOINT_BYTES = 64 << 20
PROGRESS_S = 0.5
"""Seconds between two progress events of one file."""
_BATCH_BYTES = 4 << 20
_GROUP = 500
_GROUP_BYTES = 4 << 20
_SOON_S = 0.15
_TURN_S = 0.25
_ASKED_S = 0.05
_AT_ONCE_S = 0.02
_PATIENCE_S = 30.0
_STOP_S = 0.25
_FOR_THE_JOURNAL = 200_000_000
"""Bytes that rejected messages leave free on the disk of the data folder."""


class Reading:
    """Everything that is made anew at each start of a reader. Belongs to the service's thread."""

    def __init__(
        self, service: TopicConsumer, journal: Journal, stop: threading.Event, ready: Callable[[], None]
    ) -> None:
        self.service = service
        self.download = service.download
        self.tell = service.tell
        self.journal = journal
        self.stop = stop
        self.now = service.now
        self.monotonic = service.monotonic
        self.files = IncomingFiles(journal, service.key)
        self.deliveries = Deliveries(journal, service.key)
        self.group: SharedGroup | None = None
        self.receipts: ReceiptWriter | None = None
        self.replaying: set[Partition] = set()
        """Partitions that are read again from before their position, because parts were lost."""
        self.read_at = self.monotonic()
        """Since then every read brought nothing: the time of the last message, and of the last seek, assignment or pause."""
        self._tell_ready = ready
        self._rules = Rules(include=self.download.include, exclude=self.download.exclude)
        self._wanted: dict[str, bool] = {}
        self._moved: dict[Partition, tuple[int, int | None]] = {}
        self._held_since: float | None = None
        self._is_paused = False
        self._checkpoint_at = self.monotonic()
        self._message_bytes = 1 << 20

    # -- start and end

    def run(self) -> None:
        """Until stop. Raises as the service does."""
        with contextlib.ExitStack() as closing:
            self._open(closing)
            try:
                self._begin()
                while not self.stop.is_set():
                    self._turn()
                self._end()
            except OSError as error:
                raise translated(error, self.spool.folder.parent) from error

    def _open(self, closing: contextlib.ExitStack) -> None:
        """Everything that has to be closed in the end, in reverse order."""
        service, monotonic = self.service, self.monotonic
        self.upkeep = Upkeep(self)
        sink = self._folder_sink(self.journal)
        if sink is not None:
            self.upkeep.accept_target(sink)
        folder = spool_folder(self.download, service.profile.spool, sink)
        self.spool = Spool(folder, owner=f"{service.profile.installation_id()} {service.key}")
        closing.callback(self.spool.close)
        room = self.room = Room(
            self.spool.folder,
            usage=service.disk,
            keep_free=self.download.keep_free,
            monotonic=monotonic,
        )
        self.assembler = Assembler(self.files, self.spool, now=self.now, capacity=room.capacity)
        data = Room(service.profile.data, usage=service.disk, keep_free=_FOR_THE_JOURNAL, monotonic=monotonic)
        self.quarantine = Quarantine(
            service.profile.quarantine, service.key, now=self.now, has_room=lambda: data.shortage() is None
        )
        closing.callback(self.quarantine.close)
        self.consumer: Consumer = aside(  # a sign-in, or a keyring, may take its time
            lambda: service.broker.consumer(group=self.download.group),
            self.stop,
            name=f"{service.name} contact",
            too_late=lambda consumer: consumer.close(),
        )
        closing.callback(self.consumer.close)
        enquiry = self.enquiry = Enquiry(service.broker, self.stop, name=service.name)
        closing.callback(enquiry.close)
        self.bearings = Bearings(
            self.files,
            service.broker,
            enquiry,
            begin=self.download.from_,
            place=str(self.download.target or service.name),
            stop=self.stop,
        )
        self.positions = self.bearings.positions
        self.outlook = Outlook(
            service.standing,
            self.tell,
            self.journal,
            consumer=self.consumer,
            enquiry=enquiry,
            room=room,
            shortage=self._shortage,
            positions=self.positions,
            monotonic=monotonic,
        )
        self.stall = StallGuard(enquiry, self.positions, name=service.name, monotonic=monotonic)
        if self.download.receipts:
            self.receipts = ReceiptWriter(
                self.download.topics, service.broker, tell=self.tell, open_journal=service.profile.open_journal
            )
            closing.callback(self.receipts.close)  # after the deliveries have ended
        self.delivery = Delivery(
            self._sinks(),
            spool=self.spool.folder,
            open_journal=service.profile.open_journal,
            tell=self.tell,
            receipts=self._receipt_queue if self.download.receipts else None,
            now=self.now,
            monotonic=monotonic,
            limit=self.download.spool_limit,
        )
        self.deliveries.sinks = self.delivery.sinks
        self.assembler.tell_gone = self.delivery.arrivals.gone
        closing.callback(self._stop_delivery)

    def _folder_sink(self, journal: Journal) -> FolderSink | None:
        return folder_sink(self.download, journal, is_alone=not self.service.sinks, stop=self.stop, now=self.now)

    def _sinks(self) -> list[SinkFactory]:
        if self.download.target is None:
            return list(self.service.sinks)

        def folder(journal: Journal) -> FolderSink:
            sink = self._folder_sink(journal)
            assert sink is not None  # there is a target
            return sink

        return [folder, *self.service.sinks]

    def _receipt_queue(self, journal: Journal) -> ReceiptQueue:
        service = self.service
        reader, target = service.profile.installation_id(), self.download.target
        return ReceiptQueue(journal, task=service.key, reader=reader, target=target, now=self.now)

    def _stop_delivery(self) -> None:
        self.service.left_behind = self.delivery.stop(_STOP_S)
        self.service.leave, self.service.may_leave = self.delivery.leave, self.delivery.may_leave

    def _begin(self) -> None:
        self.spool.sweep(self.files.spool_names())
        infos = [self.bearings.find(topic) for topic in self.download.topics]
        self.service.standing.out_of_contact_since = None
        self.service.standing.contact_at = self.now()
        self.deliveries.make_due()
        self.delivery.backlog.start(self.deliveries)
        self.assembler.give_up_overtaken()
        if self.receipts is not None:
            self.receipts.start()
        else:
            forget(self.journal, self.service.key, self.download.topics)
        if self.download.group:
            self._join(infos)
            return
        for info in infos:
            self.assembler.reads_from(info.name, self.bearings.take(info.name, info.partitions))
        self.upkeep.ask_again()
        self.delivery.start()
        self.assign()
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
        self.delivery.start()
        self.group.join()

    def assign(self) -> None:
        """Read all partitions from their positions on."""
        self.consumer.assign(self.positions)
        self.read_at = self.monotonic()
        self.read_again()

    def _take_share(self) -> None:
        """The partitions that are ours have changed."""
        self._moved = {where: at for where, at in self._moved.items() if where in self.positions}
        self.replaying = {where for where in self.assembler.rereads() if where in self.positions}
        self._is_paused = False
        self.read_at = self.monotonic()
        self._ready()

    def _ready(self) -> None:
        self.service.has_read = True
        self.outlook.ready(self.delivery.sinks)
        self._tell_ready()

    def _end(self) -> None:
        """Keep what was read, unless flushing it takes too long: then it is read again."""
        if self.spool.unflushed_bytes <= CHECKPOINT_BYTES // 4:
            self._checkpoint()
        if self.group is not None:
            self.group.leave()

    # -- the loop

    def _turn(self) -> None:
        self.upkeep.serve_requests()
        self._hear_of_deliveries()
        if self.delivery.failure is not None:
            raise self.delivery.failure
        self.delivery.feed(self.deliveries)
        messages = self._read()
        has_read = bool(messages)
        self._handle(messages)
        self._checkpoint_when_due(is_quiet=not has_read)
        if self.group is not None:
            self.group.commit_when_due()
        self.upkeep.turn()
        is_settled = self.group is None or self.group.is_settled
        self.outlook.judge(
            has_work=has_read or self._has_news or self._is_kept_waiting or bool(self.replaying) or not is_settled,
            is_delivering=self.delivery.is_busy or (self.receipts is not None and self.receipts.is_busy),
            delivered_at=self.delivery.progress_at,
            read_at=self.read_at,
        )
        self.service.standing.sink_silent_since = self.delivery.silent_since
        self.outlook.show()
        if self.service.standing.out_of_contact_since is not None:
            self.stall.contact_lost()
        self.stall.turn(is_reading=not self._is_kept_waiting and is_settled)

    def _read(self) -> list[Message]:
        if self._is_held():
            self.read_at = self.monotonic()
            if not self._is_paused:
                self.stop.wait(0.05)
                return []
        elif self._is_paused:
            self.consumer.resume(list(self.positions))
            self._is_paused = False
            self.read_at = self.monotonic()
        try:
            most = max(8, min(1000, _BATCH_BYTES // self._message_bytes))
            most = max(1, min(most, self.room.left // self._message_bytes))
            messages = self.consumer.read(most, self._patience_s())
        except OffsetGone as gone:
            self._skip_gap(gone)
            return []
        if messages:
            count = sum(len(m.value or b"") for m in messages)
            self._message_bytes = max(1, count // len(messages))
            self.room.spend(count)
            self.read_at = self.monotonic()
        return messages

    def _patience_s(self) -> float:
        """How long to wait for messages: whatever else is to be done waits with us."""
        if self.assembler.complete:
            return _AT_ONCE_S
        if self.service.standing.is_asked():
            return _ASKED_S
        return _SOON_S if self._has_news else _TURN_S

    @property
    def _is_kept_waiting(self) -> bool:
        """Nothing was read in this turn, whatever there is."""
        return self._held_since is not None

    def _is_held(self) -> bool:
        """Whether reading has to wait for space on the disk or for the sinks.

        After half a minute the partitions are paused and the consumer is served on: a broker expects signs of life.
        """
        if self._shortage() is None and not self.delivery.is_full:
            self._held_since = None
            return False
        if self._held_since is None:
            self._held_since = self.monotonic()
        elif not self._is_paused and self.monotonic() - self._held_since > _PATIENCE_S:
            self.consumer.pause(list(self.positions))
            self._is_paused = True
        return True

    def _shortage(self) -> OpenMSIError | None:
        """What to tell a person while there is no room for more files."""
        return self.room.shortage() or self.delivery.shortage(self.deliveries)

    def _handle(self, messages: list[Message]) -> None:
        """Small messages in groups, for which the journal is asked once; a big one is freed before the next is unpacked."""
        most = max(1, min(_GROUP, _GROUP_BYTES // self._message_bytes))
        messages.reverse()
        while messages and not self.stop.is_set():
            group = [messages.pop() for _ in range(min(most, len(messages)))]
            chunks = [self._unpacked(message) for message in group]
            if len(group) > 1:
                self._expect(group, chunks)
            for message, chunk in zip(group, chunks, strict=True):
                self._handle_one(message, chunk)
                if self.stop.is_set():
                    return

    @staticmethod
    def _unpacked(message: Message) -> Chunk | ChunkError:
        try:
            return decode(message.value)
        except ChunkError as error:
            return error

    def _expect(self, messages: list[Message], chunks: list[Chunk | ChunkError]) -> None:
        paths: dict[str, list[str]] = {}
        for message, chunk in zip(messages, chunks, strict=True):
            if isinstance(chunk, Chunk) and (message.topic, message.partition) in self.positions:
                paths.setdefault(message.topic, []).append(chunk.path)
        self.assembler.expect(paths)

    def _handle_one(self, message: Message, chunk: Chunk | ChunkError) -> None:
        where = (message.topic, message.partition)
        position = self.positions.get(where)
        if position is None:
            return
        replay = message.offset < position
        try:
            self._take(message, chunk, replay=replay)
        except ChunkError as error:
            if not replay and not _is_result(message):
                self._reject(message, error)
        if message.offset + 1 >= position:
            self.replayed(where)
        if not replay:
            self.positions[where] = message.offset + 1
            self._moved[where] = (message.offset + 1, message.timestamp_ms)

    def _take(self, message: Message, chunk: Chunk | ChunkError, *, replay: bool) -> None:
        if isinstance(chunk, ChunkError):
            raise chunk
        if not self._is_wanted(chunk.path):
            return
        place = Place(message.topic, message.partition, message.offset, message.timestamp_ms)
        sender = decode_header(message.header(HEADER))
        if sender is not None:
            check_key(chunk, message.key)
        if self.group is not None:
            self.group.scatter.look(message, chunk, sender)
        part = self.assembler.add(chunk, place, sender, replay=replay)
        if part is None:
            return
        if part.total > 1:
            self.delivery.ahead.note(part)
        if part.has_all:
            return
        if self.group is not None and len(part.reached) > 1:
            raise ScatteredChunks(message.topic)
        now = self.monotonic()
        if now - part.told_at >= PROGRESS_S:
            part.told_at = now
            self.tell.part(part, FileState.RECEIVING)

    def _is_wanted(self, path: str) -> bool:
        wanted = self._wanted.get(path)
        if wanted is None:
            if len(self._wanted) > 10_000:
                self._wanted.clear()
            wanted = self._wanted[path] = self._rules.wanted(path).taken
        return wanted

    def _reject(self, message: Message, error: ChunkError) -> None:
        where = (message.topic, message.partition, message.offset)
        if is_key_of_chunk(message.key):
            self.assembler.note_damaged(*where)
        self.quarantine.keep(
            Rejected(*where, message.timestamp_ms, message.key, message.value, message.headers, error.title),
            stream=self.files.stream(self.files.source(message.topic)),
        )
        self.tell.emit(
            QuarantinedEvent(
                task=self.service.name, topic=where[0], partition=where[1], offset=where[2], reason=error.title
            )
        )

    # -- checkpoints

    @property
    def _has_news(self) -> bool:
        """Something was read that is not journalled yet."""
        return bool(self._moved) or self.assembler.has_news

    def _checkpoint_when_due(self, *, is_quiet: bool) -> None:
        now = self.monotonic()
        if not self._has_news:
            self._checkpoint_at = now
            return
        waited = now - self._checkpoint_at
        is_full = (
            self.spool.unflushed_bytes + self.quarantine.waiting_bytes >= CHECKPOINT_BYTES
            or self.assembler.complete >= self.delivery.at_once
        )
        if is_full or waited >= CHECKPOINT_S or (is_quiet and self.assembler.complete and waited >= _SOON_S):
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Spool, then journal (chunks and positions together): see Assembler.checkpoint."""
        self.quarantine.flush()
        self._tell_quarantine()
        done = self.assembler.checkpoint(self._moved)
        self._moved.clear()
        self._checkpoint_at = self.monotonic()
        for part in done.changed:
            self._tell_change(part)
        self.delivery.offer(done.received, self.deliveries)

    def _tell_quarantine(self) -> None:
        place, self.quarantine.set_aside = self.quarantine.set_aside, None
        if place is not None:
            error = OpenMSIError(
                "The quarantine was damaged",
                f"It holds messages that are no parts of files. It is now {place}, and a new one was begun. "
                "No file is concerned.",
            )
            self.tell.problem(self.journal, error)

    def _tell_change(self, part: Part) -> None:
        self.tell.part(part, part.state, part.reason)
        if part.state is FileState.PROBLEM:
            error = OpenMSIError(
                f"{part.path} cannot be rebuilt",
                f"{part.reason[:1].upper()}{part.reason[1:]}. Nothing was delivered; send the file again.",
            )
            self.tell.problem(self.journal, error, path=part.path)

    # -- parts and messages that are gone

    def _hear_of_deliveries(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                lost = self.delivery.lost.get_nowait()
                self.assembler.lose(lost.number, lost.spool, is_wrong=lost.is_wrong)
        with contextlib.suppress(queue.Empty):
            while True:
                self.assembler.verified(self.delivery.overtaking.get_nowait())
        if self.assembler.has_lost:
            self._checkpoint()  # in the journal they are complete, and would be taken for delivery once more
            self.read_again()

    def read_again(self) -> None:
        """Go back to the first chunks of parts that were lost here."""
        for where, first in self.assembler.rereads().items():
            if self.group is not None and where not in self.positions:
                self.assembler.hand_over(*where)  # whoever has that partition now reads it anyway
            elif where in self.positions and first < self.positions[where]:
                log.info("%s: reading partition %d of %s again from %d", self.service.name, where[1], where[0], first)
                self.consumer.seek(*where, first)
                self.read_at = self.monotonic()
                self.replaying.add(where)
        if not self.replaying:
            self.assembler.caught_up()

    def replayed(self, where: Partition) -> None:
        """Reading again has come to where reading had stopped."""
        if where in self.replaying:
            self.replaying.discard(where)
            if not self.replaying:
                self.assembler.caught_up()

    def _skip_gap(self, gone: OffsetGone) -> None:
        """Retention was faster than we: say how much is lost, and go on with what is left."""
        where = (gone.topic, gone.partition)
        position = self.positions.get(where)
        if position is None:
            return  # it was handed over to another member of the group meanwhile
        target, lost, left_ms = self.bearings.past_gap(gone)
        if where in self.replaying and gone.position < position:
            target = min(target, position)
            if target == position:
                self.replayed(where)
        else:
            seen = self.files.positions(gone.topic)[gone.partition].seen_ms
            self.tell.problem(self.journal, lost_messages(gone, lost, seen_ms=seen, left_ms=left_ms))
            self.positions[where] = target
            self._moved[where] = (target, None)
        self.consumer.seek(*where, target)
        self.read_at = self.monotonic()


def _is_result(message: Message) -> bool:
    """What a processor, of ours or of OpenMSIStream, found out about a file may lie on a topic of files, and is none of them."""
    return is_key_of_result(message.key) or (
        message.header(RESULT_HEADER) is not None and not is_key_of_chunk(message.key)
    )
