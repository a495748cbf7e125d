"""The command line, run in this process: quick, and with everything it says at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from openmsi_desktop.cli import app
from openmsi_desktop.core.journal import FILE_NAME, Journal


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str


@dataclass(slots=True)
class CommandLine:
    """Commands with a data folder and settings of their own."""

    home: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    def __call__(self, *arguments: str | Path) -> Ended:
        self.capsys.readouterr()
        status = app.main([str(a) for a in arguments])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Ended(status, out, err)

    def journal(self) -> Journal:
        return Journal(self.data / FILE_NAME)
