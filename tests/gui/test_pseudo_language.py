"""Nothing is left in English, and nothing is cut, when every text is a third longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.pseudo import clipped, speak_pseudo, untranslated
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.settings import SettingsWindow

NAMES = (
    "English",
    "Deutsch",
    "OpenMSI Desktop",
    "GPL",
    "Python",
    "Qt",
    "kafka.example.org",
    "SSL",
    "SCRAM-SHA",
    "PLAIN",
)
"""What is called the same in every language."""


@pytest.fixture
def pseudo(desktop: Desktop, qapp: QApplication) -> Iterator[None]:
    translator = speak_pseudo(qapp)
    yield
    qapp.removeTranslator(translator)


@pytest.mark.parametrize("category", ["general", "connections", "network", "notifications", "storage", "help"])
def test_settings(
    pseudo: None, desktop: Desktop, qtbot: QtBot, picture: Callable[[QWidget, str], Path], category: str
) -> None:
    window = SettingsWindow(desktop)
    qtbot.addWidget(window)
    window.show_category(category)
    window.show()
    picture(window, f"pseudo-settings-{category}")
    assert untranslated(window, *NAMES, str(desktop.places.data), str(desktop.places.settings)) == []
    assert clipped(window) == []


def test_the_search_finds_what_is_not_translated_or_cut(pseudo: None, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.addWidget(QLabel("Plain English"))
    button = QPushButton("A button that says much more than it has room for")
    button.setFixedWidth(40)
    layout.addWidget(button)
    window.show()
    QApplication.processEvents()
    assert "QLabel: Plain English" in untranslated(window)
    assert clipped(window) == ["QPushButton: A button that says much more than it has room for"]
