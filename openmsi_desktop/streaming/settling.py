"""When is a file finished? Quiet time, marker, partner, whole folder, growing. Pure: clocks and disk are injected."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from openmsi_desktop.streaming.sightings import Seen


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


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that is to be sent now. prefix: only this many bytes from its beginning (growth is then no change)."""

    seen: Seen
    by: SettledBy
    prefix: int | None = None


class Settling:
    """The files of one task that are not finished yet. Used by one thread."""

    def __init__(
        self,
        settle: SettleSettings,
        *,
        stat: Callable[[str], os.stat_result | None],
        is_network: bool = False,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """stat: of a path below the root, None if nothing is there."""
        raise NotImplementedError

    def observe(self, seen: Seen) -> None:
        """A file was seen that has to be sent once it is finished. Known and unchanged files are not to be given."""
        raise NotImplementedError

    def noticed(self, relative: str) -> None:
        """A file that is not sent itself appeared: it may be the marker of others."""
        raise NotImplementedError

    def forget(self, relative: str) -> None:
        """The file vanished, or somebody else takes care of it."""
        raise NotImplementedError

    def due(self, limit: int = 1000) -> list[Settled]:
        """Files that are finished now, up to ``limit``; they are forgotten here."""
        raise NotImplementedError

    def vanished(self) -> list[str]:
        """Files that were gone when :meth:`due` looked at them, since the last call."""
        raise NotImplementedError

    def waiting(self) -> Iterator[tuple[str, str]]:
        """(relative, reason for people) of every waiting file."""
        raise NotImplementedError

    def reason(self, relative: str) -> str | None:
        """The same for one file; None if it does not wait."""
        raise NotImplementedError

    def next_due(self) -> float | None:
        """When :meth:`due` should be called next (clock of ``monotonic``); None: nothing waits."""
        raise NotImplementedError

    def __len__(self) -> int:
        """How many files wait."""
        raise NotImplementedError
