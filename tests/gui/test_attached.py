"""Beside an ``openmsi-desktop run`` of the same user: its journal is shown, it does what it is asked, and when it ends, the
window takes over."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot
from servers.program import Program
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.settings import Connection, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

pytestmark = not_on_windows(Needs.SIGNALS)
PATIENCE_MS = 30_000


def test_it_shows_and_asks_another_process_and_takes_over_when_that_ends(
    desktop: Desktop, program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    with EmbeddedBroker() as broker:
        broker.create("xrd", 2)
        file = SettingsFile(desktop.store.path)
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap}))
        file.put(
            "watched_folders",
            WatchedFolder(name="XRD", path=folder, connection="lab", topic="xrd", settle=Settle(quiet_s=0.2)),
        )
        file.write()
        desktop.store.read()
        running = program.start("run", "--settings", desktop.store.path, "--data", desktop.host.data)
        running.wait_for(event="ready")

        desktop.host.start()
        desktop.observer.start()
        qtbot.waitUntil(lambda: desktop.host.role is Role.ATTACHED, timeout=PATIENCE_MS)
        assert "process" in desktop.host.other

        def state() -> tuple[TaskState, bool] | None:
            task = next((t for t in desktop.observer.now.tasks if t.name == "XRD"), None)
            return None if task is None else (task.state, task.is_paused)

        qtbot.waitUntil(lambda: state() == (TaskState.RUNNING, False), timeout=PATIENCE_MS)
        answers: list[str] = []
        desktop.host.ask("pause", task="XRD", then=answers.append)
        qtbot.waitUntil(lambda: state() == (TaskState.STOPPED, True), timeout=PATIENCE_MS)
        assert answers == ["Paused: XRD."]
        desktop.host.ask("resume", task="XRD")
        (folder / "a.txt").write_text("measured")
        running.wait_for(event="file", state="sent", path="a.txt")

        assert running.stop() == 143
        qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=PATIENCE_MS)
        (folder / "b.txt").write_text("measured too")
        qtbot.waitUntil(
            lambda: sum(t.counts.get(FileState.SENT, 0) for t in desktop.observer.now.tasks) == 2,
            timeout=PATIENCE_MS,
        )
        desktop.host.stop()


def test_coming_and_going_does_not_touch_what_another_process_does(
    desktop: Desktop, program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    with EmbeddedBroker() as broker:
        broker.create("xrd", 2)
        file = SettingsFile(desktop.store.path)
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap}))
        file.put("watched_folders", WatchedFolder(path=folder, connection="lab", topic="xrd", settle=Settle(quiet_s=0)))
        file.write()
        desktop.store.read()
        running = program.start("run", "--settings", desktop.store.path, "--data", desktop.host.data)
        running.wait_for(event="ready")
        before = len(running.find(event="task"))
        for number in range(3):
            other = type(desktop.host)(desktop.host.data, desktop.store, desktop.background, desktop.root)
            other.start()
            qtbot.waitUntil(lambda host=other: host.role is Role.ATTACHED, timeout=PATIENCE_MS)  # type: ignore[misc]
            other.stop()
            (folder / f"{number}.txt").write_text("measured")
            running.wait_for(event="file", state="sent", path=f"{number}.txt")
        assert len(running.find(event="task")) == before, "its tasks were not stopped or started"
        assert running.stop() == 143
