"""Our drawing of controls keeps what hands rely on: sizes, and where the mouse meets a scroll bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from servers.systems import Needs, not_on_windows

from openmsi_desktop.gui.desktop import Desktop

pytestmark = not_on_windows(Needs.LINUX)  # elsewhere the system draws its own controls


@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QComboBox])
def test_controls_are_high_enough_for_a_finger_with_a_glove(
    desktop: Desktop, qtbot: QtBot, kind: type[QWidget]
) -> None:
    widget = kind()
    qtbot.addWidget(widget)
    assert widget.sizeHint().height() == 32
    desktop.look.set_habits(is_touch=True, is_calm=False)
    assert kind().sizeHint().height() == 44
    assert QCheckBox().sizeHint().height() >= 26
    desktop.look.set_habits(is_touch=False, is_calm=False)


def test_a_scroll_bar_follows_the_mouse_and_pages(desktop: Desktop, qtbot: QtBot) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    inner = QWidget()
    inner.setFixedSize(100, 4000)
    area.setWidget(inner)
    area.resize(200, 400)
    area.show()
    QApplication.processEvents()
    bar = area.verticalScrollBar()
    middle = bar.width() // 2
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(middle, bar.height() - 2))
    assert bar.value() == bar.pageStep(), "a click below the handle goes on by a page"
    bar.setValue(0)
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(middle, 5))
    QTest.mouseMove(bar, QPoint(middle, bar.height() - 1))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(middle, bar.height() - 1))
    assert bar.value() == bar.maximum(), "dragging the handle to the end shows the end"
