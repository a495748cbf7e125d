"""The whole way in the window: a folder is sent, a program is run on each file, one of them fails, is explained and run again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import again
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.explain import ExplainDialog
from openmsi_desktop.gui.dialogs.explain_view import Ladder, Output
from openmsi_desktop.gui.dialogs.process import ProcessDialog
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.main import MainWindow
from openmsi_desktop.settings import Connection, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

PATIENCE_MS = 40_000
SCRIPT = """
import pathlib, sys
text = pathlib.Path(sys.argv[1]).read_text()
if "bad" in text and not pathlib.Path(sys.argv[2]).exists():
    sys.exit("no peaks in " + pathlib.Path(sys.argv[1]).name)
with open(sys.argv[3], "a") as runs:
    print(pathlib.Path(sys.argv[1]).name, file=runs)
print("3 peaks")
"""


def test_a_program_is_run_on_what_another_task_sends(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, _embedded: Any, picture: Callable[[QWidget, str], Path]
) -> None:
    out, repaired, runs = tmp_path / "out", tmp_path / "repaired", tmp_path / "runs"
    out.mkdir()
    (out / "good.xy").write_text("good")
    (out / "bad.xy").write_text("bad")
    (tmp_path / "peaks.py").write_text(SCRIPT)
    topic = _embedded.create_topic()

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka=dict(_embedded.config)))
        folder = WatchedFolder(name="Out", path=out, connection="lab", topic=topic, settle=Settle(quiet_s=0))
        file.put("watched_folders", folder)

    change(desktop, qtbot, add)
    desktop.host.start()
    desktop.observer.start()
    window = MainWindow(desktop)
    qtbot.addWidget(window)
    window.show()
    dialog = ProcessDialog(desktop, window, source=MadeUpTopics())
    dialog.topic.set_topic(topic)
    dialog.name.setText("Peaks")
    dialog.form.program.set_path(sys.executable)
    dialog.form.arguments.set_arguments([str(tmp_path / "peaks.py"), "{file}", str(repaired), str(runs)])
    dialog.form.tries.setValue(1)
    dialog.show()
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

    def peaks() -> TaskNow | None:
        return next((t for t in desktop.observer.now.tasks if t.kind == "process"), None)

    def count(state: FileState) -> int:
        now = peaks()
        return now.counts.get(state, 0) if now is not None else -1

    qtbot.waitUntil(lambda: (count(FileState.DELIVERED), count(FileState.PROBLEM)) == (1, 1), timeout=PATIENCE_MS)
    now = peaks()
    assert now is not None and now.route == (topic, "peaks.py") and now.name == "Peaks"
    window.open_page(now.key, "problems")
    problems = window.detail.problems
    qtbot.waitUntil(
        lambda: "exit status 1" in "".join(x.text() for x in problems.findChildren(QLabel)), timeout=PATIENCE_MS
    )
    picture(window, "process-problem")
    explain = ExplainDialog(desktop, window)
    qtbot.addWidget(explain)
    explain.explain("bad.xy")
    explain.show()
    qtbot.waitUntil(lambda: explain.which.count() == 2, timeout=PATIENCE_MS)
    explain.which.setCurrentIndex(next(t for t in range(2) if explain.which.itemText(t).startswith(topic)))
    assert explain.findChildren(Output)[-1].text.toPlainText().strip() == "no peaks in bad.xy"
    picture(explain, "explain-process")
    repaired.write_text("")
    QTest.mouseClick(problems.retry_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (count(FileState.DELIVERED), count(FileState.PROBLEM)) == (2, 0), timeout=PATIENCE_MS)

    def steps() -> list[str]:
        return [label.text() for label in explain.findChildren(Ladder)[-1].findChildren(QLabel)]

    qtbot.waitUntil(lambda: "Processed" in steps() and not explain.findChildren(Output), timeout=PATIENCE_MS)
    assert sorted(runs.read_text().split()) == ["bad.xy", "good.xy"]
    again.files(desktop, now.key, ["good.xy"])
    qtbot.waitUntil(lambda: runs.read_text().split().count("good.xy") == 2, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: count(FileState.DELIVERED) == 2, timeout=PATIENCE_MS)
