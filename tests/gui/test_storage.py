"""The page Storage measures folders in which files come and go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.storage import StoragePage


def test_a_file_that_is_gone_when_it_is_measured_counts_nothing(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of files that are on their way are removed all the time; that is no mistake of the program."""
    spool = desktop.places.data / "spool"
    spool.mkdir(parents=True)
    (spool / "stays").write_bytes(b"1" * 2000)
    (spool / "goes").write_bytes(b"1" * 2000)
    stat, exists = Path.stat, Path.exists

    def gone(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "goes":
            raise FileNotFoundError(path)
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "is_file", lambda path: os.path.isfile(path))
    monkeypatch.setattr(Path, "exists", lambda path: path.name == "goes" or exists(path))
    monkeypatch.setattr(Path, "stat", gone)
    page = StoragePage(desktop)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.spool.text() not in ("–", ""))
    assert "2" in page.spool.text()
