"""Disks that are plugged in and pulled out, for tests that the administrator runs. Linux only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.parts import require


@contextmanager
def mount_point(point: Path) -> Iterator[MountPoint]:
    """A folder on which something can be mounted; empty again at the end. Skips the test where that is not allowed."""
    point.mkdir(parents=True, exist_ok=True)
    made = MountPoint(point)
    may = os.name == "posix" and os.geteuid() == 0 and _mount("-t", "tmpfs", "none", str(point)).returncode == 0
    require("the right to mount disks", "no disk can be pulled out; run the tests as root", found=may)
    made.pull()
    try:
        yield made
    finally:
        while made.is_plugged():  # os.path.ismount does not see a folder of the same disk
            made.pull()


class MountPoint:
    """One place where disks come and go."""

    def __init__(self, point: Path) -> None:
        self.point = point

    def plug(self, disk: Path) -> None:
        """The folder ``disk`` is a disk that is plugged in here."""
        done = _mount("--bind", str(disk), str(self.point))
        assert done.returncode == 0, done.stderr

    def plug_empty(self, size: str) -> None:
        """A new disk of this size, such as ``4m``."""
        done = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.point))
        assert done.returncode == 0, done.stderr

    def is_plugged(self) -> bool:
        """Whether anything is mounted here."""
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        escaped = str(self.point.resolve()).replace(" ", "\\040")
        return any(line.split()[4] == escaped for line in table.splitlines())

    def pull(self) -> None:
        """Whatever is in use: what lies in the place now is what lay there before it was plugged in."""
        subprocess.run(["umount", "-l", str(self.point)], check=True)


def _mount(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True)
