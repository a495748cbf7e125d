"""The program as a whole: it starts, streams what the settings say, shows it, and ends in order."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile


def test_a_task_that_is_added_runs_and_is_shown(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "a.txt").write_text("measured")
    desktop.host.start()
    desktop.observer.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=10_000)

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", WatchedFolder(name="XRD", path=folder, connection="lab", topic="xrd"))

    def is_shown(snapshot: Snapshot) -> bool:
        return any(t.name == "XRD" and t.state is TaskState.WAITING and t.pending == 1 for t in snapshot.tasks)

    with qtbot.waitSignal(desktop.observer.changed, timeout=10_000, check_params_cb=is_shown):
        desktop.store.change(add)
