"""One version of one file while it arrives: what is known of it, and whether a chunk fits to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from openmsi_desktop.core.chunk import Chunk
from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.order import Order

BEGAN_BEFORE = "it began before the place where this reader started"

_MAX_EXTENTS = 1_000_000


@dataclass(slots=True)
class Beginning:
    """Where reading of a partition began, for telling versions that had begun before from incomplete ones.

    start: the first offset that was read; 0: nothing was before. end: the offset that the next message would have got at that
    moment; None: unknown, or reading began at what was new then. damaged: of the first message that should have been a chunk
    and was rejected.
    """

    start: int
    end: int | None = None
    damaged: int | None = None

    def is_before(self, offset: int) -> bool:
        """Whether chunks that lack in front of the one at this offset lie before the start, as far as one can know."""
        if self.start == 0:
            return False
        if self.end is None:
            return True
        return offset < self.end and (self.damaged is None or offset < self.damaged)


class Stage(IntEnum):
    """Who acts next: the assembler (OPEN), the delivery (RECEIVED: to be verified; VERIFIED: to the sinks), nobody (DONE)."""

    OPEN = 0
    RECEIVED = 1
    VERIFIED = 2
    DONE = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lay. timestamp_ms: milliseconds since 1970, None if it has none."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None = None


Seen = tuple[int, int, int | None]
"""Where a chunk was met last: partition, offset, time stamp in milliseconds since 1970."""


@dataclass(slots=True, eq=False)
class Part:
    """A version of a file. Changed by the assembler only; its row in the journal follows at the next checkpoint.

    installation, version: from our header, empty and 0 without one. repeat: how often the same content
    was sent before (only without a header). chunk_size: bytes of every chunk but the last, 0 if they differ
    (then extents has the first byte and the end of each). reached: partition -> first and last offset.
    size: end of the furthest chunk so far, in bytes. has_all: every chunk arrived (the set itself is kept only
    as long as one is missing). had: while it is read again, how many chunks it had. losses, wrongs: how often its spool
    file disappeared, and how often it was not the file that its chunks announced. seen: where each chunk was met last, if
    only that tells one sending from the next (see :attr:`is_unnumbered`).
    """

    source: int
    topic: str
    path: str
    installation: str
    version: int
    sha512: bytes
    total: int
    chunk_size: int
    repeat: int
    mtime: float | None
    timestamp_ms: int | None
    began_at: float
    id: int = 0
    stage: Stage = Stage.OPEN
    state: FileState = FileState.RECEIVING
    reason: str = ""
    latest: bool = False
    chunks: ChunkSet = field(default_factory=ChunkSet)
    extents: dict[int, tuple[int, int]] = field(default_factory=dict)
    reached: dict[int, list[int]] = field(default_factory=dict)
    size: int = 0
    spool: str = ""
    losses: int = 0
    wrongs: int = 0
    had: int = 0
    updated_at: float = 0.0
    has_all: bool = False
    told_at: float = 0.0
    seen: dict[int, Seen] = field(default_factory=dict)

    @property
    def is_being_read_again(self) -> bool:
        return self.had > 0

    @property
    def is_unnumbered(self) -> bool:
        """Several chunks without a version number: a sending begins with the first chunk after which all others follow."""
        return not self.installation and self.total > 1

    def known_size(self) -> int | None:
        """The size of the whole file in bytes, once its last chunk has arrived."""
        return self.size if self.total in self.chunks or self.stage is not Stage.OPEN else None

    def verdict(self, beginnings: Mapping[tuple[str, int], Beginning], *, is_there: bool) -> tuple[FileState, str]:
        """What to call it if no more chunks come, and why. beginnings: of each (topic, partition) that is read.

        is_there: its content was received before.
        """
        if is_there:
            return FileState.IGNORED, "some chunks of a version received before were sent again"
        if self.chunks.lowest() > 1 and any(
            beginnings[self.topic, partition].is_before(first)
            for partition, (first, _) in self.reached.items()
            if (self.topic, partition) in beginnings
        ):
            return FileState.IGNORED, BEGAN_BEFORE
        return FileState.INCOMPLETE, f"{len(self.chunks)} of {self.total} chunks have arrived"

    def order(self, stream: str) -> Order:
        """When it was sent, compared with other versions of its path."""
        reached, timestamp_ms = self._sending() if self._is_sending_known else (self.reached, self.timestamp_ms)
        partition, offset = -1, -1
        if len(reached) == 1:
            ((partition, (offset, _)),) = reached.items()
        return Order(self.version or None, stream, partition, offset, timestamp_ms, self.mtime)

    def covers(self, place: Place) -> bool:
        """Whether a message at this place was read before as one of this part (or lies among those)."""
        reached = self.reached.get(place.partition)
        return reached is not None and place.offset <= reached[1]

    def begins_after(self, place: Place) -> bool:
        """Whether all that is known of it lies after this place."""
        reached = self.reached.get(place.partition)
        return reached is None or place.offset < reached[0]

    def touch(self, place: Place, now: float, index: int) -> None:
        """A message with its chunk of this number was read there."""
        reached = self.reached.get(place.partition)
        if reached is None:
            self.reached[place.partition] = [place.offset, place.offset]
        elif place.offset > reached[1]:
            reached[1] = place.offset
        elif place.offset < reached[0]:
            reached[0] = place.offset
        if place.timestamp_ms is not None and (self.timestamp_ms is None or place.timestamp_ms < self.timestamp_ms):
            self.timestamp_ms = place.timestamp_ms
        if self.is_unnumbered:
            old = self.seen.get(index)
            if old is None or old[0] != place.partition or old[1] < place.offset:
                self.seen[index] = (place.partition, place.offset, place.timestamp_ms)
        self.updated_at = now

    def settle(self) -> None:
        """It is complete, or to be read again: what was met before its last sending does not count."""
        if self._is_sending_known:
            self.reached, self.timestamp_ms = self._sending()

    @property
    def _is_sending_known(self) -> bool:
        """Of chunks that came when journals had no column for it, nobody knows where they were met last."""
        return bool(self.seen) and len(self.seen) >= len(self.chunks)

    def _sending(self) -> tuple[dict[int, list[int]], int | None]:
        """Of each partition the first and last offset of what was :attr:`seen`, and the earliest time stamp."""
        reached: dict[int, list[int]] = {}
        for partition, offset, _ in self.seen.values():
            ends = reached.setdefault(partition, [offset, offset])
            ends[0], ends[1] = min(ends[0], offset), max(ends[1], offset)
        return reached, min((ms for _, _, ms in self.seen.values() if ms is not None), default=None)

    def take(self, chunk: Chunk) -> None:
        """The chunk has been written."""
        self.chunks.add(chunk.index)
        end = chunk.offset + len(chunk.data)
        self.size = max(self.size, end)
        if not self.chunk_size:
            self.extents[chunk.index] = (chunk.offset, end)
        self.has_all = len(self.chunks) == self.total

    def forget_chunks(self) -> None:
        """As if none had arrived, though it is remembered where they lay."""
        self.chunks = ChunkSet()
        self.extents = {}
        self.size = 0
        self.has_all = False


def regular_size(chunk: Chunk) -> int:
    """The chunk size of a file in which this chunk lies where it says, if all but the last are equally big; else 0."""
    size = len(chunk.data)
    if chunk.index == 1:
        return max(size, 1)
    full, rest = divmod(chunk.offset, chunk.index - 1)
    if rest or (size != full if chunk.index < chunk.total else size > full):
        return 0
    return full


def fitting(parts: Sequence[Part], chunk: Chunk, family: Sequence[Part]) -> Part | None:
    """The part that this chunk belongs to without a contradiction, or None.

    All of them are the same version as the chunk; there is more than one if chunks contradicted each other:
    the same file sent with two chunk sizes, or a damaged number. Whichever gets complete wins.
    family: these and those that are closed. Of each repeat only one may have chunks of different sizes.
    """
    regular = regular_size(chunk)
    for part in reversed(parts):
        if part.chunk_size and _fits(part.chunk_size, chunk):
            return part
    for part in parts:
        if not part.chunk_size and _joins(part.extents, chunk):
            return part
    if not regular:
        irregular = {part.repeat for part in family if not part.chunk_size}
        for part in parts:
            if part.repeat in irregular:
                continue
            if part.chunk_size and len(part.chunks) < _MAX_EXTENTS and _joins(_extents(part), chunk):
                part.extents = _extents(part)
                part.chunk_size = 0
                return part
    return None


def _fits(chunk_size: int, chunk: Chunk) -> bool:
    if chunk.offset != (chunk.index - 1) * chunk_size:
        return False
    return len(chunk.data) == chunk_size or (chunk.index == chunk.total and len(chunk.data) <= chunk_size)


def _extents(part: Part) -> dict[int, tuple[int, int]]:
    size = part.chunk_size
    return {i: ((i - 1) * size, part.size if i == part.total else i * size) for i in part.chunks}


def _joins(extents: dict[int, tuple[int, int]], chunk: Chunk) -> bool:
    """Whether the chunk lies right between its neighbours, as far as they are known."""
    here = (chunk.offset, chunk.offset + len(chunk.data))
    before, same, after = (extents.get(chunk.index + step) for step in (-1, 0, 1))
    if same is not None:
        return same == here
    return (before is None or before[1] == here[0]) and (after is None or here[1] == after[0])
