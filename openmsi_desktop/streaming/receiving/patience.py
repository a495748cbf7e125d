"""When a sink, or a file that it failed with, is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection

from openmsi_desktop.core.errors import FULL_DELAY_S, DiskFull, NeedsYou, NoContact, OpenMSIError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.receiving.telling import Teller

DELAYS_S: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds until a failed delivery is tried again (a quarter more or less, by chance); the last one repeats."""
NEEDS_YOU_S = 30.0
"""Seconds between attempts when a person has to act first."""
_MOST = 3
"""So many different files in a row that fail, and the trouble counts as the sink's, not theirs."""


_HELD = "held {} "
"""How the names of the journal's values begin that hold what was told of a sink; its name follows the task's key."""


def forget_others(journal: Journal, key: str, sinks: Collection[str]) -> None:
    """What was told of sinks that a task does not have any more is over. sinks: those that it has."""
    begin = _HELD.format(key)
    told = journal.query("SELECT name, value FROM meta WHERE substr(name, 1, ?) = ? AND value != ''", len(begin), begin)
    for name, title in told:
        if name[len(begin) :] not in sinks:
            with journal.transaction():
                journal.solve_problems(key, title=title)
                journal.set_meta(name, "")


def delay_s(error: OpenMSIError, tries: int) -> float:
    """Seconds until the next attempt; tries: how many failed before this one."""
    if isinstance(error, NeedsYou):
        return NEEDS_YOU_S
    delay = DELAYS_S[min(tries, len(DELAYS_S) - 1)]
    return (min(delay, FULL_DELAY_S) if isinstance(error, DiskFull) else delay) * random.uniform(0.75, 1.25)


class Patience:
    """Leaves one sink alone while it does not work. held_for() and release() are for any thread, the rest for the sink's."""

    def __init__(
        self, journal: Journal, tell: Teller, sink: str, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.error: OpenMSIError | None = None
        """Why it does not work, as far as is known."""
        self.silent_since: float | None = None
        """Since when it does not answer, on the monotonic clock; None: it does, as far as is known."""
        self._journal = journal
        self._tell = tell
        self._monotonic = monotonic
        self._held_until = 0.0
        self._holds = 0
        self._failed: set[int] = set()  # files, since the last success or hold
        self._told_key = _HELD.format(tell.key) + sink
        self._told = journal.get_meta(self._told_key) or ""

    def held_for(self) -> float:
        """Seconds until the sink is tried again; 0 if it works, as far as is known."""
        return max(0.0, self._held_until - self._monotonic())

    def release(self) -> None:
        """Try again at once."""
        self._held_until = 0.0

    def hold(self, error: OpenMSIError) -> float:
        """The sink as a whole does not work: leave it alone for so many seconds. Several files that find out together count as
        one. To be told of by :meth:`tell` then."""
        if not self.held_for():
            self._held_until = self._monotonic() + delay_s(error, self._holds)
            self._holds += 1
        self.error = error
        if not isinstance(error, NoContact):
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = self._monotonic()
        return self.held_for()

    def tell(self, error: OpenMSIError, retry_at: float) -> None:
        """Say so. retry_at: in seconds since 1970."""
        if self._told != error.title:
            self._solved()
            self._told = error.title
            self._journal.set_meta(self._told_key, error.title)
        self._tell.problem(self._journal, error, retry_at=retry_at)

    def worked(self) -> None:
        """It has taken a file."""
        self.error = self.silent_since = None
        self._failed.clear()
        self._holds = 0
        self._solved()

    def is_tired(self, numbers: Collection[int]) -> bool:
        """After these files have failed: whether the trouble must be the sink's."""
        self._failed.update(numbers)
        return len(self._failed) >= _MOST

    def blamed(self) -> set[int]:
        """Files that failed since the last success; asked when the sink takes the blame for them."""
        failed, self._failed = self._failed, set()
        return failed

    def _solved(self) -> None:
        if self._told:
            with self._journal.transaction():
                self._journal.solve_problems(self._tell.key, title=self._told)
                self._journal.set_meta(self._told_key, "")
            self._told = ""
