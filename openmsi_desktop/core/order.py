"""The order of versions: which of two sendings of one path is the later one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """When a version was sent, compared with other versions of the same path by the same installation.

    version: number in our message header, None if the message had none.
    stream: identifies the topic the offset belongs to (cluster and topic id): offsets of a topic that
        was made anew say nothing about those of the old one.
    offset: of the first chunk in ``partition``; -1 if unknown.
    timestamp_ms: time stamp of that message. mtime: of the file, in seconds since 1970.
    """

    version: int | None = None
    stream: str = ""
    partition: int = -1
    offset: int = -1
    timestamp_ms: int | None = None
    mtime: float | None = None

    def compare(self, other: Order) -> int:
        """-1: sent before ``other``; 1: after it; 0: the same sending, or nobody can tell.

        The first criterion known of both decides. The file's own time comes last, because restored
        and copied files carry old ones.
        """
        if self.version is not None and other.version is not None:
            return _sign(self.version - other.version)
        if (self.stream, self.partition) == (other.stream, other.partition) and min(self.offset, other.offset) >= 0:
            return _sign(self.offset - other.offset)
        for mine, theirs in ((self.timestamp_ms, other.timestamp_ms), (self.mtime, other.mtime)):
            if mine is not None and theirs is not None and mine != theirs:
                return _sign(mine - theirs)
        return 0


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
