"""The main window in a language a third longer: nothing is left in English, and nothing is cut without a tooltip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui import made_up
from gui.pseudo import clipped, speak_pseudo, untranslated
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.window.main import MainWindow

DATA = (
    "SPHINX exports", "Laser shock scope", "Camera", "AIMD-L broker", "AIMD archive", "results", "sphinx_raw", "archive",
    "/data/inst", "/data", "run_0", "Grid 7x3.NMD", "after_alignment", "scan_00", "jpg", "tif", "out", "OpenMSI Desktop", "Cannot use the data folder", "Permission denied",
    "The folder is not there", "It goes on when", "Watching works", "The folder was looked through", "The broker answers",
    "nothing missed", "The broker does not answer", "still being written", "its turn comes", "Its turn comes", "GB free", "MB free",
    "User name or password", "Correct them", "Nothing is lost",
)  # fmt: skip
"""Names, and what the engine says: neither is translated."""


@pytest.fixture
def pseudo(desktop: Desktop, qapp: QApplication) -> Iterator[None]:
    translator = speak_pseudo(qapp)
    yield
    qapp.removeTranslator(translator)


@pytest.mark.parametrize("name", ["empty", "sending", "offline", "needs-you", "paused", "stopped"])
def test_main_window(
    pseudo: None, desktop: Desktop, qtbot: QtBot, picture: Callable[[QWidget, str], Path], name: str
) -> None:
    snapshot = made_up.snapshot() if name == "empty" else made_up.states()[name]
    desktop.observer.now, desktop.store.settings = made_up.known(snapshot)
    window = MainWindow(desktop)
    qtbot.addWidget(window)
    window.open_page("", "")
    picture(window, f"pseudo-main-{name}")
    assert untranslated(window, *DATA) == []
    assert clipped(window) == []
