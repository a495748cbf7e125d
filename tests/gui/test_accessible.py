"""Every control of every window has a name for those who cannot see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.accessible import unnamed
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.settings import SettingsWindow
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile


@pytest.fixture
def set_up(desktop: Desktop, tmp_path: Path) -> Desktop:
    """A desktop with a connection and a task in its settings."""
    folder = tmp_path / "watched"
    folder.mkdir()
    file = SettingsFile(desktop.store.path)
    file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
    file.put("watched_folders", WatchedFolder(name="XRD", path=folder, connection="lab", topic="xrd"))
    file.write()
    desktop.store.read()
    return desktop


@pytest.mark.parametrize("category", ["general", "connections", "network", "notifications", "storage", "help"])
def test_settings(set_up: Desktop, qtbot: QtBot, category: str) -> None:
    window = SettingsWindow(set_up)
    qtbot.addWidget(window)
    window.show_category(category)
    window.show()
    QApplication.processEvents()
    assert unnamed(window) == []


def test_the_walk_notices_what_has_no_name(set_up: Desktop, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setWindowTitle("A window")
    layout = QVBoxLayout(window)
    layout.addWidget(QPushButton(""))
    layout.addWidget(QLineEdit())
    layout.addWidget(QPushButton("Named"))
    window.show()
    QApplication.processEvents()
    assert len(unnamed(window)) == 2
