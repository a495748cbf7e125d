"""The dialog "Download a topic": filled in wrongly, corrected, saved, and opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.download import DownloadDialog
from openmsi_desktop.gui.forms import Finding
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.settings import Connection, Download, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

Picture = Callable[[QWidget, str], Path]
Open = Callable[..., DownloadDialog]


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> Desktop:
    """With a connection, a watched folder and a download."""

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", WatchedFolder(name="Out", path=tmp_path / "out", connection="lab", topic="xrd"))
        file.put("downloads", Download(name="There", topics=("short",), connection="lab", target=tmp_path / "there"))

    change(desktop, qtbot, add)
    return desktop


@pytest.fixture
def open_dialog(lab: Desktop, qtbot: QtBot) -> Open:
    def made(item: Download | None = None, **more: Any) -> DownloadDialog:
        dialog = DownloadDialog(lab, None, item, source=MadeUpTopics(), **more)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made


def press(dialog: DownloadDialog, qtbot: QtBot) -> None:
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)


def test_everything_wrong_and_then_right(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    dialog = open_dialog()
    picture(dialog, "download-empty")
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.path_field.is_wrong and dialog.place_field.is_wrong and dialog.isVisible()
    dialog.name.setText("There")
    dialog.topic.set_topic("xrd")
    dialog.path.set_path(tmp_path / "out" / "deeper")
    dialog.shared.setChecked(True)
    dialog.patterns.exclude.setText("[")
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    picture(dialog, "download-wrong")
    assert "already. Choose another name" in dialog.name_field.error.text
    assert "round in circles" in dialog.path_field.error.text
    assert "Give the group a name" in dialog.group_field.error.text
    assert dialog.patterns.skip.is_wrong
    dialog.path.set_path(tmp_path / "there")
    assert "“There” downloads into this folder already" in dialog.path_field.error.text
    dialog.name.setText("")
    dialog.path.set_path(tmp_path / "new")
    dialog.group.setText("hpc")
    dialog.patterns.exclude.setText("*.bak")
    qtbot.waitUntil(lambda: "will be made" in dialog.path_field.finding.text, timeout=10_000)
    qtbot.waitUntil(lambda: dialog.place_field.finding.text == "topic exists, you may read", timeout=10_000)
    QTest.mouseClick(dialog.many.add_button, Qt.MouseButton.LeftButton)
    dialog.topic.set_topic("sphinx_raw")
    assert dialog.many.topics == ("xrd", "sphinx_raw")
    assert "\n".join(unnamed(dialog)) == ""
    press(dialog, qtbot)
    made = lab.store.settings.downloads[-1]
    assert (made.title, made.topics, made.group, made.exclude) == ("xrd", ("xrd", "sphinx_raw"), "hpc", ("*.bak",))
    assert made.target == tmp_path / "new"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"from_": "2026-11-21", "if_exists": "newest", "keep_free": 0},
        {"from_": "2026-11-21T10:30:15+02:00", "if_exists": "skip", "group": "hpc", "name": ""},
        {"from_": "now", "include": ("*.tif",), "exclude": ("old/",), "keep_free": 5_000_000_000, "paused": True},
    ],
)
def test_nothing_gets_lost_on_the_way_through_the_dialog(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path, more: dict[str, Any]
) -> None:
    task = Download(**{"name": "D", "topics": ("a", "b"), "connection": "lab", "target": tmp_path / "d", **more})
    change(lab, qtbot, lambda file: file.put("downloads", task))
    dialog = open_dialog(task)
    assert dialog.task() == task
    press(dialog, qtbot)
    assert lab.store.settings.downloads[-1] == task and len(lab.store.settings.downloads) == 2
    copy = open_dialog(task, is_copy=True)
    assert copy.name.text() == f"{task.title} 2" and not copy.path_field.check()


def test_another_folder_begins_anew_and_says_so(open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(lab.store.settings.downloads[0])
    assert not dialog.anew.isVisible()
    dialog.path.set_path(tmp_path / "elsewhere")
    assert "begins anew" in dialog.anew.text and dialog.anew.isVisible()


def test_a_file_is_no_folder(open_dialog: Open, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    dialog = open_dialog()
    dialog.path.set_path(tmp_path / "file")
    qtbot.waitUntil(lambda: dialog.path_field.finding.kind is Finding.FAILED, timeout=10_000)
    assert dialog.path_field.finding.text == "This is a file. Choose the folder it lies in."


def test_pictures(open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture) -> None:
    task = Download(
        name="Everything of the XRD", topics=("xrd", "sphinx_raw"), connection="lab", from_="2026-11-21", group="hpc",
        target=tmp_path / "a long way" / "down to the folder" / "of the group", include=("*.tif",),
    )  # fmt: skip
    dialog = open_dialog(task, is_copy=True)
    qtbot.waitUntil(lambda: dialog.path_field.finding.text != "", timeout=10_000)
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    picture(dialog, "download-light")
    lab.look.set_theme(Theme.DARK)
    bar = dialog.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    picture(dialog, "download-dark")
