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
        min_free_bytes: int = 1_000_000_000,
        min_free_share: float = 0.05,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """There is too little room below min_free_bytes, or below this share of the disk."""
        self._folder = folder
        self._usage = usage
        self._min_bytes = min_free_bytes
        self._min_share = min_free_share
        self._monotonic = monotonic
        self._look_at = 0.0
        self._is_low = False
        self.title = f"The disk of {folder.parent} is nearly full"

    def capacity(self) -> int:
        """Bytes that the disk could hold if it were empty."""
        return self._usage(self._folder)[0]

    def shortage(self) -> NeedsYou | None:
        """What to tell a person while there is too little room."""
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_S
            total, free = self._usage(self._folder)
            needed = max(self._min_bytes, self._min_share * total)
            self._is_low = free < (needed * 1.02 if self._is_low else needed)
        if not self._is_low:
            return None
        return NeedsYou(
            self.title,
            "Receiving pauses before it fills up; what has arrived is safe, and what is complete is still delivered. "
            "Free some space: it goes on by itself.",
            path=self._folder,
        )
