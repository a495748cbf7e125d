"""Small disks of their own, which a test may fill to the last byte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers.parts import require

MB = 1_000_000
_FILLER = "somebody else's file"


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system that is mounted at ``path``."""

    path: Path

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, *, leave: int = 0) -> None:
        """Somebody else takes all the space, but for ``leave`` bytes."""
        with open(self.path / _FILLER, "ab", buffering=0) as file:
            while self.free > leave:
                try:
                    file.write(bytes(min(1 << 16, self.free - leave)))
                except OSError:  # in between, the program was faster
                    break

    def clear(self) -> None:
        """The space is there again."""
        (self.path / _FILLER).unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[SmallDisk]:
    """A disk of ``size`` bytes at ``path``; skips where nothing may be mounted."""
    path.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(path)], check=False, capture_output=True
    )
    require("mount", "full disks are not tried; run the tests as root", found=mounted.returncode == 0)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


MakeDisk = Callable[[Path, int], SmallDisk]
