"""A wall clock that is wrong for one program, and may jump while it runs. Linux with gcc only."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

from servers.parts import require

_SOURCE = Path(__file__).with_name("wrong_clock.c")


class WrongClock:
    """env: for the programs whose clock it is. Every other program and the file system keep the right one."""

    def __init__(self, folder: Path) -> None:
        require("gcc", "no clock can be wrong; install gcc", found=None if sys.platform == "linux" else False)
        library, self._file = folder / "wrong_clock.so", folder / "wrong_by"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, _SOURCE, "-ldl", "-lm"], check=True
        )
        self._file.write_bytes(struct.pack("d", 0.0))
        self.env = {"LD_PRELOAD": str(library), "OPENMSI_TEST_CLOCK": str(self._file)}

    def set(self, wrong_by_s: float) -> None:
        """From now on it is ahead by so many seconds (behind, if negative)."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("d", wrong_by_s))
