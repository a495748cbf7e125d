"""What the rules say about everything in an inventory, in batches that a window can take at once. No widgets, no disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import ChunkError
from openmsi_desktop.core.rules import Decision, Rules
from openmsi_desktop.gui.preview.inventory import Folder
from openmsi_desktop.streaming.watching.scan import join

_FIRST_ROWS = 60
_ROWS = 3000
_BATCH_S = 0.1
_PIECE = 500


class Verdict(IntEnum):
    """What becomes of a file, in the order of the list. CHECK: somebody should look at it."""

    CHECK = 0
    GO = 1
    STAY = 2


class Row(NamedTuple):
    """One file, or a folder that cannot be read. size: in bytes, None where unknown.

    decision: by which rule; None where the reason is no rule: then ``reason`` has it, as the engine words it.
    """

    relative: str
    size: int | None
    verdict: Verdict
    decision: Decision | None = None
    reason: str = ""


@dataclass(slots=True)
class Counts:
    """Files so far, and bytes of those that go."""

    check: int = 0
    go: int = 0
    stay: int = 0
    go_bytes: int = 0
    go_biggest: int = 0

    @property
    def all(self) -> int:
        return self.check + self.go + self.stay


Packed = tuple[str, int | None, int, str]
"""A row without its verdict: path, size, number of its decision (-1: none), reason. Plain tuples of plain things are nothing
for the garbage collector, which would stop the window for half a second over 100,000 of anything else."""

Rows = tuple[list[Packed], list[Packed], list[Packed]]
"""Those of each verdict."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of each verdict that are new, and the counts with them. is_last: all has been looked at."""

    rows: Rows = field(default_factory=lambda: ([], [], []))
    decisions: Decisions = field(default_factory=lambda: Decisions())
    counts: Counts = field(default_factory=Counts)
    is_last: bool = False

    def unpacked(self) -> Iterator[Row]:
        """The rows, one by one."""
        for verdict, rows in zip(Verdict, self.rows, strict=True):
            for row in rows:
                yield self.decisions.unpack(verdict, row)


class Decisions:
    """The different decisions among many rows, by number. One thread adds, others look up."""

    def __init__(self) -> None:
        self._all: list[Decision] = []
        self._numbers: dict[str, int] = {}

    def number(self, decision: Decision) -> int:
        """Of this decision; it gets one if it is new."""
        number = self._numbers.get(decision.rule)
        if number is None:
            number = self._numbers[decision.rule] = len(self._all)
            self._all.append(decision)
        return number

    def unpack(self, verdict: Verdict, row: Packed) -> Row:
        """A row with everything."""
        relative, size, number, reason = row
        return Row(relative, size, verdict, self._all[number] if number >= 0 else None, reason)


def judge(
    folders: Iterable[Folder | None],
    rules: Rules,
    *,
    subfolder: str = "",
    stopped: Callable[[], bool] = lambda: False,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Batch]:
    """folders: of an inventory, None where it makes a pause. subfolder: put before every path on the topic.

    What the engine does not look at (unfinished downloads) is not in the inventory either.
    """
    not_entered: dict[str, Decision] = {}
    counts = Counts()
    rows: Rows = ([], [], [])
    decisions = Decisions()
    begun, least = monotonic(), _FIRST_ROWS
    for folder in folders:
        if stopped():
            return
        for some in _pieces(folder) if folder is not None else ():
            _judge_piece(some, rules, subfolder, not_entered, rows, decisions)
            if stopped():
                return
            if sum(map(len, rows)) >= least or monotonic() > begun + _BATCH_S:
                yield Batch(rows, decisions, _counted(counts, rows))
                rows, begun, least = ([], [], []), monotonic(), _ROWS
        if folder is None and any(rows):
            yield Batch(rows, decisions, _counted(counts, rows))
            rows, begun = ([], [], []), monotonic()
    if not stopped():
        yield Batch(rows, decisions, _counted(counts, rows), is_last=True)


def _pieces(folder: Folder) -> Iterator[Folder]:
    """A big folder bit by bit."""
    yield folder if len(folder.files) <= _PIECE else replace(folder, files=folder.files[:_PIECE])
    for start in range(_PIECE, len(folder.files), _PIECE):
        yield Folder(folder.relative, folder.files[start : start + _PIECE])


def _judge_piece(
    folder: Folder,
    rules: Rules,
    subfolder: str,
    not_entered: dict[str, Decision],
    rows: Rows,
    decisions: Decisions,
) -> None:
    """Put a row for each file where it belongs. There may be very many: nothing is called here that can be avoided."""
    check, go, stay = rows
    entering = _entering(folder.relative, rules, not_entered)
    beginning = join(folder.relative, "")
    if entering is not None:
        number = decisions.number(entering)
        stay.extend((beginning + name, size, number, "") for name, size, _ in folder.files)
        stay.extend((beginning + name, None, number, "") for name, _ in (*folder.others, *folder.unreadable))
        return
    decide, number_of = rules.decide, decisions.number
    above = topic_path.join(subfolder, folder.relative)
    is_plain = not above or (len(above) < 1000 and not _unfit(above))
    for name, size, mtime in folder.files:
        relative = beginning + name
        decision = decide(relative, size=size, mtime=mtime)
        if not decision.taken:
            stay.append((relative, size, number_of(decision), ""))
        # a short plain name is fit if its folder is: the full check of 100,000 names takes its time
        elif is_plain and name.isascii() and len(name) < 200 and "\\" not in name and ":" not in name[:2]:
            go.append((relative, size, number_of(decision), ""))
        elif reason := _unfit(topic_path.join(subfolder, relative)):
            check.append((relative, size, -1, reason))
        else:
            go.append((relative, size, number_of(decision), ""))
    stay.extend((beginning + name, None, -1, why) for name, why in (*folder.links, *folder.others))
    check.extend((beginning + name, None, -1, f"cannot be read: {why}") for name, why in folder.unreadable)
    if folder.error:
        check.append((beginning, None, -1, f"cannot be read: {folder.error}"))


def _entering(relative: str, rules: Rules, not_entered: dict[str, Decision]) -> Decision | None:
    """Why nothing below this folder is looked at; None: it is. Remembers what it says no to."""
    if not relative:
        return None
    above = not_entered.get(relative.rpartition("/")[0])
    if above is None:
        decision = rules.enters(relative)
        if decision.taken:
            return None
        above = decision
    not_entered[relative] = above
    return above


def _counted(counts: Counts, rows: Rows) -> Counts:
    """Add what is new; returns them as they are now."""
    check, go, stay = rows
    sizes = [size or 0 for _, size, _, _ in go]
    counts.check += len(check)
    counts.go += len(go)
    counts.stay += len(stay)
    counts.go_bytes += sum(sizes)
    counts.go_biggest = max(counts.go_biggest, max(sizes, default=0))
    return replace(counts)


def _unfit(path: str) -> str:
    """Why readers would refuse a path; empty if they do not."""
    try:
        topic_path.check(path)
    except ChunkError as error:
        return "its name " + error.title.partition(f"{path!r} ")[2] if repr(path) in error.title else error.title
    return ""
