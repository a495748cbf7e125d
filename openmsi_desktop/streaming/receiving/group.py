"""A topic shared by several computers: which partitions are ours, what may be committed, and when sharing is refused.

The group's committed offset of a partition (its floor) never passes the first chunk of a version that is
still wanted: whoever gets the partition next reads from there. So files above the floor may be delivered
twice, and none is lost.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Callable, Mapping

from openmsi_desktop.core.assembler import Assembler
from openmsi_desktop.core.chunk import HEADER, Chunk, Sender, decode, decode_header
from openmsi_desktop.core.errors import ChunkError, NeedsYou, OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.part import Beginning, Part
from openmsi_desktop.streaming.kafka.types import Consumer, Message, Partition
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.receiving.bearings import Bearings

log = logging.getLogger(__name__)

WANTED_S = 86400.0
"""Seconds without a chunk after which a version holds the floor no longer."""
COMMIT_S = 1.0
_LEAVE_S = 0.3
_SURE = 8
_SAMPLE = 30
_SAMPLE_S = 3.0


class ScatteredChunks(NeedsYou):
    """The chunks of one file lie in several partitions, so no reader of a shared group would see all of them."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"Topic {topic} cannot be shared by a group",
            "Its writers scatter the chunks of a file over all partitions, as OpenMSIStream's programs do, and each "
            "computer of a group reads only some partitions. Nothing more is read. Leave out the group on one computer "
            "that reads everything, send with OpenMSI Desktop, or use a topic with one partition.",
        )


class Scatter:
    """Looks for chunks that a writer has placed by their keys, as OpenMSIStream does. Our own messages never are."""

    def __init__(self, partitions: Mapping[str, int]) -> None:
        """partitions: how many each topic has."""
        self._partitions = partitions
        self._hits = dict.fromkeys(partitions, 0)
        self._is_other = dict.fromkeys(partitions, False)

    def look(self, message: Message, chunk: Chunk, sender: Sender | None) -> None:
        """Take a message into account.

        Raises:
            ScatteredChunks: now it is certain.
        """
        count = self._partitions.get(message.topic, 1)
        if sender is not None or chunk.total == 1 or count == 1 or self._is_other[message.topic]:
            return
        # a single chunk may lie where its key belongs by chance; a writer that does otherwise shows soon
        if zlib.crc32(message.key or b"") % count != message.partition:
            self._is_other[message.topic] = True
            return
        self._hits[message.topic] += 1
        if self._hits[message.topic] >= _SURE:
            raise ScatteredChunks(message.topic)


def sample(scatter: Scatter, partitions: Mapping[str, int]) -> Callable[[Consumer], None]:
    """The question whether the newest messages of these topics are scattered. Its answer may be ScatteredChunks."""

    def look(consumer: Consumer) -> None:
        seen: dict[tuple[str, str, bytes], int] = {}
        begins, ends = {}, {}
        for where in ((topic, number) for topic, count in partitions.items() for number in range(count)):
            low, high = consumer.watermarks(*where, 10.0)
            begins[where], ends[where] = max(low, high - _SAMPLE), high
        left = {where for where in begins if begins[where] < ends[where]}
        if not left:
            return
        consumer.assign({where: begins[where] for where in left})
        end = time.monotonic() + _SAMPLE_S
        while left and time.monotonic() < end:
            for message in consumer.read(100, 0.2):
                if message.offset + 1 >= ends.get((message.topic, message.partition), 0):
                    left.discard((message.topic, message.partition))
                try:
                    chunk = decode(message.value)
                except ChunkError:
                    continue
                sender = decode_header(message.header(HEADER))
                scatter.look(message, chunk, sender)
                first = seen.setdefault((message.topic, chunk.path, chunk.file_hash), message.partition)
                if first != message.partition and chunk.total > 1 and sender is None:
                    raise ScatteredChunks(message.topic)
        consumer.assign({})

    return look


class SharedGroup:
    """Our share of the partitions. Everything happens on the reader's thread; the callbacks inside its read()."""

    def __init__(
        self,
        consumer: Consumer,
        files: IncomingFiles,
        assembler: Assembler,
        bearings: Bearings,
        *,
        partitions: Mapping[str, int],
        checkpoint: Callable[[], None],
        on_change: Callable[[], None],
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """checkpoint: makes everything read so far durable. on_change: our partitions are others now."""
        self.is_settled = False
        """We know which partitions are ours."""
        self.scatter = Scatter(partitions)
        self._consumer = consumer
        self._files = files
        self._assembler = assembler
        self._bearings = bearings
        self._partitions = partitions
        self._checkpoint = checkpoint
        self._on_change = on_change
        self._now = now
        self._monotonic = monotonic
        self._committed: dict[Partition, int] = {}
        self._revoked: set[Partition] = set()
        self._quiet: set[int] = set()
        self._commit_at = 0.0
        self._errand: Errand[dict[Partition, int]] | None = None

    def join(self) -> None:
        """Become a member of the group."""
        self._consumer.subscribe(list(self._partitions), on_assigned=self._assigned, on_revoked=self._revoke)

    def commit_when_due(self) -> None:
        """Commit the floors, at most once a second and on another thread: a broker may take long."""
        now = self._monotonic()
        if self._errand is not None:
            if not self._errand.is_over:
                return
            errand, self._errand = self._errand, None
            try:
                self._committed.update(errand.result())
            except OpenMSIError as error:  # the next attempt commits the same or more
                log.info("the offsets are not committed yet: %s", error)
        if now < self._commit_at:
            return
        self._commit_at = now + COMMIT_S
        floors = self._floors()
        if floors:
            self._errand = self._commit(floors)

    def leave(self) -> None:
        """Commit for the last time; whoever takes over has less to read twice."""
        if self._errand is not None:
            self._errand.wait(_LEAVE_S)
        floors = self._floors()
        if floors:
            self._commit(floors).wait(_LEAVE_S)

    def quiet(self) -> list[Part]:
        """Versions that hold the floor no longer, because nothing came for a day. Each is returned once."""
        found = self._files.open_parts(quiet_since=self._now() - WANTED_S, state=FileState.INCOMPLETE)
        news = [part for part in found if part.id not in self._quiet]
        self._quiet.update(part.id for part in news)
        return news

    # -- inside

    def _floors(self) -> dict[Partition, int]:
        """What may be committed and is not yet."""
        held = self._files.floors(since=self._now() - WANTED_S)
        wanted = {}
        for where in self._bearings.positions.keys() - self._revoked:
            topic, partition = where
            own = self._files.positions(topic).get(partition)
            if own is None:
                continue
            floor = min(own.position, held.get(where, own.position))
            if floor > self._committed.get(where, -1):
                wanted[where] = floor
        return wanted

    def _commit(self, floors: dict[Partition, int]) -> Errand[dict[Partition, int]]:
        def commit() -> dict[Partition, int]:
            self._consumer.commit(floors)
            return floors

        return Errand(commit, name="commit offsets")

    def _assigned(self, partitions: list[Partition]) -> dict[Partition, int]:
        """These are ours now, and no others."""
        self._checkpoint()
        positions = self._bearings.positions
        held = {(topic, number) for topic in self._partitions for number in self._files.positions(topic)}
        for where in held - set(partitions):
            self._hand_over(where)
        self._revoked.clear()
        committed = self._consumer.committed(partitions) if partitions else {}
        for where in partitions:
            positions[where] = self._begin(where, committed.get(where))
            self._committed[where] = committed.get(where, -1)
        for topic, count in self._partitions.items():
            beginnings = {number: at.beginning for number, at in self._files.positions(topic).items()}
            self._assembler.reads_from(topic, beginnings, partitions=count)
        self.is_settled = True
        self._on_change()
        again = self._assembler.rereads()
        return {where: min(positions[where], again.get(where, positions[where])) for where in partitions}

    def _begin(self, where: Partition, committed: int | None) -> int:
        """Go on where we were, if the group stands in what we have read; else where the group stands."""
        topic, partition = where
        known = self._files.positions(topic)
        own = known.get(partition)
        if own is not None and (committed is None or own.beginning.start <= committed <= own.position):
            return own.position
        self._hand_over(where)
        if committed is not None:
            begin = Beginning(committed)
        elif known:  # the topic was read before: this partition is new
            begin = self._bearings.low(topic, [partition])[partition]
        else:
            begin = self._bearings.first_start(topic, [partition])[partition]
        self._files.begin_at(topic, {partition: begin})
        return begin.start

    def _hand_over(self, where: Partition) -> None:
        """Unfinished parts of this partition are somebody else's now."""
        self._assembler.hand_over(*where)
        self._files.forget_positions(where[0], where[1])
        self._bearings.positions.pop(where, None)
        self._committed.pop(where, None)

    def _revoke(self, partitions: list[Partition], is_lost: bool) -> None:
        """They are about to be shared out anew: nothing is committed for them until they are ours again."""
        self._revoked.update(partitions)
        self.is_settled = False
