"""A file that is not finished, and how long it has to be quiet. No thread, no disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from openmsi_desktop.streaming.watching.sightings import Seen

EMPTY_S = 60.0
"""Seconds that a file has to stay empty: many programs create first and fill later."""
NETWORK_QUIET_S = 15.0
"""Least quiet time on network shares, which keep attributes back."""
LOOK_AGAIN_S = 1.0
"""Least time between two looks at a file, whatever the quiet time."""
_OTHER_CLOCK_S = 300.0
"""How far the clock of a network share may be behind ours without a file looking finished at the start."""


class SettleSettings(Protocol):
    """What settings.Settle offers."""

    @property
    def quiet_s(self) -> float: ...
    @property
    def max_wait_s(self) -> float: ...
    @property
    def marker(self) -> str: ...
    @property
    def partner(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def every_s(self) -> float: ...


class SettledBy(StrEnum):
    """Why a file is sent now."""

    QUIET = "quiet"
    MAX_WAIT = "max-wait"
    SNAPSHOT = "snapshot"


@dataclass(slots=True)
class WaitingFile:
    """A file that is not finished. Times of the monotonic clock.

    is_sure: it was finished at the start, no second look is needed. is_hidden: the last look found nothing.
    lacks: what it waits for beside quiet, for people.
    """

    seen: Seen
    since: float
    changed: float
    is_sure: bool = False
    is_closed: bool = False
    is_hidden: bool = False
    lacks: str = ""

    def change(self, seen: Seen, now: float) -> None:
        """It is another one than it was."""
        self.seen = seen._replace(at_start=False)
        self.changed = now
        self.is_sure = self.is_closed = False
        self.lacks = ""


class Quiet:
    """The quiet time of a task. is_network may change when the root turns out to be a share."""

    def __init__(self, settle: SettleSettings, *, is_network: bool, now: Callable[[], float]) -> None:
        self.is_network = is_network
        self._settle = settle
        self._now = now

    def of(self, size: int) -> float:
        """Seconds that a file of this size has to stay unchanged."""
        quiet_s = max(self._settle.quiet_s, NETWORK_QUIET_S) if self.is_network else self._settle.quiet_s
        return quiet_s if size else max(quiet_s, EMPTY_S)

    def was_over(self, seen: Seen) -> bool:
        """Found at the start, and not touched for the quiet time. A time in the future is not long ago."""
        margin_s = _OTHER_CLOCK_S if self.is_network else 0.0
        age_s = self._now() - max(seen.mtime_ns, seen.ctime_ns) / 1e9
        return seen.at_start and age_s >= self.of(seen.size) + margin_s

    def has_waited_enough(self, since: float, now: float) -> bool:
        """The maximum wait is over."""
        return self._settle.max_wait_s > 0 and now >= self.at_most(since, float("inf"))

    def at_most(self, since: float, due: float) -> float:
        """``due``, but not later than the end of the maximum wait."""
        return min(due, since + self._settle.max_wait_s) if self._settle.max_wait_s > 0 else due


def duration(seconds: float) -> str:
    """``4 s``, ``12 min``, ``3 h``; never negative."""
    seconds = max(0.0, seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
