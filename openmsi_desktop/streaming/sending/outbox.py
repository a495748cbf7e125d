"""Versions on their way, and which chunk goes next. Reads files, sends nothing. Belongs to the sender's thread."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunk import Chunk
from openmsi_desktop.core.chunker import FilePlan
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.outgoing import NOT_SENT
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.torn import is_taken

AGAIN_S = 1.0
"""Seconds until a chunk whose delivery failed is sent again."""


@dataclass(slots=True, eq=False)
class Attempt:
    """A version on its way. ``offsets`` has a number for each chunk, NOT_SENT until it is acknowledged.

    torn: see :mod:`torn`, 0: nothing. left: chunks without an offset; in_flight: messages without a report; todo: chunks still to be read.
    """

    id: int
    job: Job
    plan: FilePlan
    version: int
    partition: int
    offsets: array[int]
    header: bytes
    left: int
    torn: int = 0
    in_flight: int = 0
    todo: Generator[Chunk] | None = None
    again: list[int] = field(default_factory=list)
    again_at: float = 0.0
    withdrawn: OpenMSIError | None = None
    is_dirty: bool = False
    told_at: float = 0.0

    def missing(self) -> list[int]:
        """Numbers of the chunks that are not acknowledged, from 1."""
        return [i + 1 for i, offset in enumerate(self.offsets) if offset == NOT_SENT]


class Outbox:
    """The chunks that are to be sent, one after the other."""

    def __init__(self, *, failed: Callable[[Attempt, OpenMSIError], None], monotonic: Callable[[], float]) -> None:
        """failed: reading an attempt's file failed, or the file is not what was planned."""
        self._failed = failed
        self._monotonic = monotonic
        self._active: deque[Attempt] = deque()
        self._held: tuple[Attempt, Chunk] | None = None

    @property
    def is_empty(self) -> bool:
        """No attempt has anything left to be read."""
        return not self._active

    @property
    def is_holding(self) -> bool:
        """A chunk is ready that could not go."""
        return self._held is not None

    def add(self, attempt: Attempt) -> None:
        """Send what is missing of this attempt."""
        missing = attempt.missing()
        if is_taken(attempt.plan, attempt.torn) and attempt.torn:
            missing.insert(0, 1)  # before the others: after the last one it would look like a part of another version
        is_all = len(missing) == attempt.plan.total and not attempt.torn
        attempt.todo = chunker.chunks(attempt.plan, None if is_all else missing)
        self._active.append(attempt)

    def next_chunk(self) -> tuple[Attempt, Chunk] | None:
        """The chunk that goes next, or None if none can go now."""
        held, self._held = self._held, None
        if held is not None and held[0].withdrawn is None:
            return held
        now = self._monotonic()
        for _ in range(len(self._active)):
            attempt = self._active[0]
            if attempt.todo is None and attempt.again and now >= attempt.again_at:
                attempt.todo = chunker.chunks(attempt.plan, sorted(attempt.again))
                attempt.again = []
            if attempt.todo is not None:
                try:
                    return attempt, next(attempt.todo)
                except StopIteration:
                    attempt.todo = None
                except OpenMSIError as error:
                    attempt.todo = None
                    self._failed(attempt, error)
                    continue
            if attempt.again:
                self._active.rotate(-1)  # its time has not come
            else:
                self._active.popleft()
        return None

    def hold(self, attempt: Attempt, chunk: Chunk) -> None:
        """This chunk could not go yet: it is the next one again."""
        self._held = (attempt, chunk)

    def let_go_held(self) -> Attempt | None:
        """Forget the chunk that is held; returns whose it was."""
        held, self._held = self._held, None
        return held[0] if held is not None else None

    def again(self, attempt: Attempt, indexes: list[int]) -> None:
        """Send these chunks once more, a little later."""
        attempt.again.extend(indexes)
        attempt.again_at = self._monotonic() + AGAIN_S
        if attempt not in self._active:
            self._active.append(attempt)

    def restart(self, attempt: Attempt) -> None:
        """Nobody knows what became of its messages: send everything that is not acknowledged."""
        attempt.in_flight = 0
        attempt.todo, attempt.again = None, []
        self.again(attempt, attempt.missing())

    def drop(self, attempt: Attempt) -> None:
        """Send nothing more of this attempt."""
        attempt.todo, attempt.again = None, []
        if attempt in self._active:
            self._active.remove(attempt)

    def close(self) -> None:
        """Let go of the files: a suspended reader keeps its own open, and a stick from being ejected."""
        for attempt in self._active:
            if attempt.todo is not None:
                attempt.todo.close()

    def finish_reading(self, attempt: Attempt) -> OpenMSIError | None:
        """Every chunk is acknowledged; lets the last comparison of the file happen. Returns what it found."""
        attempt.again = []
        if self._held is not None and self._held[0] is attempt:
            self._held = None  # a repetition; its report would end this attempt twice
        todo, attempt.todo = attempt.todo, None
        try:
            for _ in todo or ():
                pass
        except OpenMSIError as error:
            return error
        return None
