"""The main window in all its states, as pictures to look at; and what can be checked of them without eyes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gui import made_up
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.gui.window.main import MainWindow

Picture = Callable[[QWidget, str], Path]


def shown(desktop: Desktop, qtbot: QtBot, snapshot: Snapshot, width: int = 980, height: int = 640) -> MainWindow:
    """The window with this in it."""
    desktop.observer.now = snapshot
    window = MainWindow(desktop)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.open_page("", "")
    desktop.observer.changed.emit(snapshot)
    QApplication.processEvents()
    return window


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_busy(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    window = shown(desktop, qtbot, made_up.busy())
    picture(window, f"main-busy-{theme}")
    assert window.detail.header.chip.text() == "Sending 3 of 41"
    desktop.look.set_theme(Theme.SYSTEM)


def test_narrow(desktop: Desktop, qtbot: QtBot, picture: Picture) -> None:
    window = shown(desktop, qtbot, made_up.busy(), 760, 540)
    picture(window, "main-narrow")


def test_empty(desktop: Desktop, qtbot: QtBot, picture: Picture) -> None:
    window = shown(desktop, qtbot, made_up.snapshot())
    picture(window, "main-empty")
