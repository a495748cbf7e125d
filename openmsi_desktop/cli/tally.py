"""Counts what events tell, for the last line. Belongs to whoever holds the output's lock."""

from __future__ import annotations

from collections import Counter

from openmsi_desktop.core.events import (
    Event,
    FileEvent,
    FileState,
    ProblemEvent,
    QuarantinedEvent,
    ReadyEvent,
    StageEvent,
    TaskEvent,
    TaskState,
)

_KEPT = 300_000
"""Files whose last state is remembered. Beyond that a file counts again with each state it reaches."""

_PASSING = frozenset(
    {FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.RECEIVING, FileState.RECEIVED, FileState.IGNORED}
)
_GOOD = frozenset({FileState.SENT, FileState.CHECKED, FileState.ARRIVED, FileState.DELIVERED})
_OVER = _GOOD | {FileState.IGNORED, FileState.REPLACED, FileState.SUPERSEDED}


class Tally:
    """How many files are in which state, by the last event about each."""

    def __init__(self, *, kept: int = _KEPT) -> None:
        self.counts: Counter[FileState] = Counter()
        self.quarantined = 0
        self.bytes = 0
        self._last: dict[int, FileState] = {}
        self._problems: set[tuple[str, str | None]] = set()
        self._kept = kept

    @property
    def problems(self) -> int:
        """Problems that nothing good has followed."""
        return len(self._problems)

    @property
    def file_problems(self) -> int:
        """Those of them that are about a file."""
        return sum(path is not None for _, path in self._problems)

    @property
    def unfinished(self) -> int:
        """Files that are neither where they should be nor left out by a rule."""
        return sum(number for state, number in self.counts.items() if state not in _OVER)

    def add(self, event: Event) -> None:
        """Take an event into account."""
        match event:
            case FileEvent():
                self._file(event)
            case ProblemEvent():
                self._problems.add((event.task, event.path))
            case QuarantinedEvent():
                self.quarantined += 1
            case TaskEvent(state=TaskState.FAILED):
                self._problems.add((event.task, None))
            case StageEvent(ok=False):
                self._problems.add((f"{event.stage} {event.topic or ''}", None))
            case ReadyEvent():
                self._problems.discard((event.task, None))

    def _file(self, event: FileEvent) -> None:
        file = hash((event.task, event.path))
        before = self._last.get(file)
        if before is None and len(self._last) >= self._kept and event.state in _PASSING:
            return
        if before is not None:
            self.counts[before] -= 1
        self.counts[event.state] += 1
        if before is not None or len(self._last) < self._kept:
            self._last[file] = event.state
        if event.state is FileState.PROBLEM:
            self._problems.add((event.task, event.path))
        elif event.state in _GOOD:
            self._problems.discard((event.task, event.path))
            if before not in _GOOD:
                self.bytes += event.size or 0
