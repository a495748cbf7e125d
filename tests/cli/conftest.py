"""The command line in this process, as a fixture."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.command_line import CommandLine


@pytest.fixture
def command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    """Runs a command line in this process; what a process has only one of is put back afterwards."""
    line = CommandLine(tmp_path / "home", capsys)
    line.home.mkdir()
    monkeypatch.setenv("OPENMSI_DATA", str(line.data))
    monkeypatch.setenv("HOME", str(line.home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(line.home / "config"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", str(line.home / "config"))
    monkeypatch.delenv("OPENMSI_SETTINGS", raising=False)
    root = logging.getLogger()
    before = (sys.excepthook, threading.excepthook, root.level, root.handlers[:])
    yield line
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        if handler not in before[3]:
            root.removeHandler(handler)
            handler.close()
    sys.excepthook, threading.excepthook, level, _ = before
    root.setLevel(level)
