"""Which version of a path comes after which, and what of a version may belong to another sending of it.

With our header the version number says it. Without, a sending begins at the last message after which all its chunks
follow: content A, then B, then all chunks of A again, in whatever order and however often, ends with A.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.part import Part, Place, Seen


class Succession:
    """Compares the versions of one reader. stream: cluster id/topic id of a source."""

    def __init__(self, stream: Callable[[int], str]) -> None:
        self._stream = stream

    def compare(self, one: Part, other: Part) -> int:
        """-1: ``one`` was sent before ``other``; 1: after it; 0: the same, or nobody can tell."""
        return self._order(one).compare(self._order(other))

    def is_before(self, source: int, place: Place, latest: Part) -> bool:
        """Whether a message without version number was sent before this version."""
        order = self._of(source, (place.partition, place.offset, place.timestamp_ms))
        return order.compare(self._order(latest)) < 0

    def rest(self, part: Part, rivals: Iterable[Part], *, now: float) -> Part | None:
        """What was met of a version without number after other versions had begun that are later than it.

        It may be the end of this sending, or the beginning of the next one. The new part has no spool file: if its other
        chunks come, it is read again.
        """
        if not part.seen:
            return None
        rivals = [rival for rival in rivals if rival.sha512 != part.sha512 and self.compare(part, rival) < 0]
        if not rivals:
            return None
        first = rivals[0]
        for rival in rivals[1:]:
            first = rival if self.compare(rival, first) < 0 else first
        begin = self._order(first)
        seen = {i: at for i, at in part.seen.items() if self._of(part.source, at).compare(begin) > 0}
        if not seen:
            return None
        return _part_of(part, seen, now)

    def _of(self, source: int, seen: Seen) -> Order:
        partition, offset, timestamp_ms = seen
        return Order(None, self._stream(source), partition, offset, timestamp_ms)

    def _order(self, part: Part) -> Order:
        return part.order(self._stream(part.source))


def _part_of(part: Part, seen: dict[int, Seen], now: float) -> Part:
    """Another sending of the same version, of which these chunks were met."""
    made = Part(
        source=part.source,
        topic=part.topic,
        path=part.path,
        installation=part.installation,
        version=part.version,
        sha512=part.sha512,
        total=part.total,
        chunk_size=part.chunk_size,
        repeat=part.repeat + 1,
        mtime=part.mtime,
        timestamp_ms=None,
        began_at=now,
        chunks=ChunkSet(),
        extents={i: part.extents[i] for i in seen} if part.extents else {},
        size=part.size,
        seen=seen,
        updated_at=now,
    )
    for index in seen:
        made.chunks.add(index)
    made.settle()
    return made
