"""Whether there is room on a disk to go on receiving."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from openmsi_desktop.core.errors import NeedsYou

Usage = Callable[[Path], tuple[int, int]]
"""(bytes in all, bytes free) of the disk that holds a folder."""

_LOOK_S = 1.0
_KEEP_BYTES = 1_000_000_000
_KEEP_SHARE = 0.05


def usage(folder: Path) -> tuple[int, int]:
    found = shutil.disk_usage(folder)
    return found.total, found.free


class Room:
    """Watches the disk of one folder. Cheap: looks once a second."""

    def __init__(
        self,
        folder: Path,
        *,
        usage: Usage = usage,
        keep_free: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """There is too little room below keep_free bytes; None: below 1 GB, or 5 % of the disk if that is more."""
        self._folder = folder
        self._usage = usage
        self._keep_free = keep_free
        self._monotonic = monotonic
        self._look_at = 0.0
        self._is_low = False
        self._left = 0
        self.free: int | None = None
        """Bytes free at the last look."""
        self.title = f"The disk of {folder.parent} is nearly full"

    def capacity(self) -> int:
        """Bytes that the disk could hold if it were empty."""
        return self._usage(self._folder)[0]

    @property
    def left(self) -> int:
        """Bytes that may still be written, as far as is known; 0 or less when it is time to look again."""
        return self._left

    def spend(self, count: int) -> None:
        """So many bytes were written, or soon will be."""
        self._left -= count

    def shortage(self) -> NeedsYou | None:
        """What to tell a person while there is too little room."""
        now = self._monotonic()
        if now >= self._look_at or (self._left <= 0 and not self._is_low):
            self._look_at = now + _LOOK_S
            total, free = self._usage(self._folder)
            self.free = free
            needed = max(_KEEP_BYTES, _KEEP_SHARE * total) if self._keep_free is None else self._keep_free
            self._is_low = free < (needed * 1.02 if self._is_low else needed)
            self._left = int(free - needed)
        if not self._is_low:
            return None
        return NeedsYou(
            self.title,
            "Receiving pauses before it fills up; what has arrived is safe, and what is complete is still delivered. "
            "Free some space: it goes on by itself.",
            path=self._folder,
        )
