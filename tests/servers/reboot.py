"""A computer that goes down and comes back, for one program: the real one stays up."""

from __future__ import annotations

import os
import time
from pathlib import Path

from servers.parts import ROOT


class Computer:
    """Environments for programs, one for each life of the computer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lives = 0
        self.back = 0.0
        self.boot(orderly=None)

    def boot(self, *, orderly: bool | None, at: float | None = None) -> None:
        """Start it (again). orderly: what it tells of its last shutdown; None: nothing. at: seconds since 1970."""
        self.lives += 1
        self.back = time.time() if at is None else at
        place = self._place()
        place.mkdir(parents=True)
        place.joinpath("sitecustomize.py").write_text(
            "from openmsi_desktop.core import machine\n"
            f"machine.this_boot = lambda: machine.Boot('life-{self.lives}', {self.back!r})\n"
            f"machine.was_shut_down_in_order = lambda since: {orderly}\n"
        )

    @property
    def env(self) -> dict[str, str]:
        """For programs that are started in this life."""
        return {"PYTHONPATH": os.pathsep.join([str(self._place()), str(ROOT)])}

    def _place(self) -> Path:
        return self.folder / f"life-{self.lives}"
