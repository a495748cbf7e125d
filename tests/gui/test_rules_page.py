"""The page Rules: the settings of a task in sentences, and the files that the engine would leave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from gui import made_up
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui import rule_words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.window.rules import RulesPage
from openmsi_desktop.settings import Connection, Download, Limit, Period, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]


def watched(folder: Path, **changes: object) -> WatchedFolder:
    base = WatchedFolder(name="SPHINX exports", path=folder, connection="AIMD-L broker", topic="sphinx_raw")
    return base.model_copy(update=changes)


@pytest.mark.parametrize(
    ("changes", "about", "words"),
    [
        ({"include": ("*.NMD", "*.tif")}, "Sends", "files that fit *.NMD, *.tif"),
        ({"exclude": ("*.bak",)}, "Leaves out", "*.bak, temporary and hidden files"),
        ({"temporary": True}, "Leaves out", "nothing"),
        ({"min_size": 1000, "max_size": 2_000_000}, "Size", "from 1 kB to 2.0 MB"),
        (
            {"settle": Settle(quiet_s=30, marker="{name}.done")},
            "Finished when",
            "changed for 30 s, and its marker {name}.done",
        ),
        ({"settle": Settle(unit="growing", every_s=900)}, "Finished when", "every 15 min"),
        ({"existing": "skip"}, "Already there", "are not sent, unless they change"),
        ({"check": True}, "Checking", "read back"),
        ({"limit": Limit(bytes_per_s=1_000_000)}, "Speed", "at most 1.0 MB/s"),
    ],
)
def test_settings_become_sentences(tmp_path: Path, changes: dict[str, object], about: str, words: str) -> None:
    sentences = dict(rule_words.of_watched(watched(tmp_path, **changes)))
    assert words in sentences[about]


def test_a_timetable_names_its_days(tmp_path: Path) -> None:
    period = Period.model_validate({"from": "08:00", "to": "18:00", "days": ("mon",), "bytes_per_s": 500_000})
    speed = dict(rule_words.of_watched(watched(tmp_path, limit=Limit(timetable=(period,)))))["Speed"]
    assert speed.splitlines()[0] == "no limit" and "08:00–18:00: at most 500 kB/s" in speed


def test_downloads_have_theirs(tmp_path: Path) -> None:
    task = Download.model_validate({"topics": ("results",), "connection": "lab", "target": tmp_path, "from": "now"})
    sentences = dict(rule_words.of_download(task))
    assert sentences["Begins"] == "with what comes from now on" and sentences["Topics"] == "results"
    assert sentences["Readers"] == "this computer gets every file"


def test_files_that_stay_are_listed_with_their_rule(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    folder = tmp_path / "out"
    (folder / "run_01").mkdir(parents=True)
    for name in ("a.NMD", "~$log.xlsx", "old.bak", "run_01/b.NMD", "run_01/c.tmp"):
        (folder / name).write_text("measured")
    task = watched(folder, exclude=("*.bak",))

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="AIMD-L broker", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", task)

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    page = RulesPage(desktop, None)  # type: ignore[arg-type]
    page.setAutoFillBackground(True)
    page.setBackgroundRole(page.palette().ColorRole.Base)
    qtbot.addWidget(page)
    page.resize(720, 620)
    page.show()
    page.show_task(replace(made_up.task(), key=task_key(task)))
    qtbot.waitUntil(lambda: page.note.text().startswith("3 ") and page.model.rowCount() == 3)
    picture(page, "rules")
    assert page.note.text() == "3 of 5 files are not sent."
    listed = {page.model.row(page.model.index(i)).relative for i in range(page.model.rowCount())}
    assert listed == {"~$log.xlsx", "old.bak", "run_01/c.tmp"}
    assert "*.bak, temporary and hidden files" in [label.text() for label in page.findChildren(QLabel)]
