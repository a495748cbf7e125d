"""The close button and quitting: what is asked, what is remembered, and that nothing stands in the way of a log-off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.gui.closing import Closing
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.settings import Application


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def closing(desktop: Desktop, window: QWidget) -> Closing:
    desktop.tray_host.is_there = True
    return Closing(desktop, window, desktop.root)


def choose(desktop: Desktop, choice: str) -> None:
    desktop.store.settings = desktop.store.settings.model_copy(
        update={"application": Application.model_validate({"close": choice})}
    )


def pending(desktop: Desktop, count: int) -> None:
    desktop.host.role = Role.STREAMING
    task = TaskNow("watch:1", "XRD", "watch", TaskState.RUNNING, pending=count)
    desktop.observer.now = Snapshot(0.0, Role.STREAMING, (task, replace(task, pending=0)))


def question(window: QWidget) -> QMessageBox | None:
    return next((box for box in window.findChildren(QMessageBox) if box.isVisible()), None)


def press(box: QMessageBox | None, words: str) -> None:
    assert box is not None
    button = next(b for b in box.findChildren(QPushButton) if words in b.text().replace("&", ""))
    button.click()


def test_hidden_it_goes_on(desktop: Desktop, closing: Closing, window: QWidget, qtbot: QtBot) -> None:
    choose(desktop, "hide")
    with qtbot.assertNotEmitted(closing.wants_end):
        window.close()
    assert not window.isVisible() and question(window) is None


def test_quitting_with_nothing_on_its_way_asks_nothing(
    desktop: Desktop, closing: Closing, window: QWidget, qtbot: QtBot
) -> None:
    choose(desktop, "quit")
    with qtbot.waitSignal(closing.wants_end):
        window.close()


def test_quitting_says_how_many_files_are_on_their_way(
    desktop: Desktop, closing: Closing, window: QWidget, qtbot: QtBot, picture: Callable[[QWidget, str], Path]
) -> None:
    pending(desktop, 214)
    with qtbot.assertNotEmitted(closing.wants_end):
        closing.ask_to_quit()
        box = question(window)
        assert box is not None and "214" in box.informativeText()
        picture(box, "quit-with-pending-files")
        press(box, "Go on")
        assert question(window) is None
    closing.ask_to_quit()
    with qtbot.waitSignal(closing.wants_end):
        press(question(window), "Stop sending")


def test_nothing_is_asked_where_another_process_sends(desktop: Desktop, closing: Closing, qtbot: QtBot) -> None:
    pending(desktop, 3)
    desktop.host.role = Role.ATTACHED
    with qtbot.waitSignal(closing.wants_end):
        closing.ask_to_quit()


@pytest.mark.parametrize(("words", "kept"), [("go on", "hide"), ("Quit", "quit")])
def test_the_close_button_asks_once(
    desktop: Desktop,
    closing: Closing,
    window: QWidget,
    qtbot: QtBot,
    picture: Callable[[QWidget, str], Path],
    words: str,
    kept: str,
) -> None:
    window.close()
    box = question(window)
    assert window.isVisible() and box is not None
    picture(box, "close-asks-once")
    mark = box.checkBox()
    assert mark is not None
    mark.setChecked(True)
    with qtbot.waitSignal(desktop.store.changed, timeout=10_000):
        press(box, words)
    assert desktop.store.settings.application.close == kept
    assert 'close = "' in desktop.store.path.read_text()


def test_cancelled_nothing_has_happened(closing: Closing, window: QWidget, desktop: Desktop) -> None:
    window.close()
    press(question(window), "Cancel")
    assert window.isVisible() and desktop.store.settings.application.close == "ask"


def test_without_an_icon_nothing_is_hidden_for_good(
    desktop: Desktop, closing: Closing, window: QWidget, qtbot: QtBot
) -> None:
    desktop.tray_host.is_there = False
    choose(desktop, "hide")
    window.close()
    assert window.isVisible() and window.isMinimized()
    choose(desktop, "ask")
    with qtbot.waitSignal(closing.wants_end):
        window.close()


def test_at_a_log_off_nothing_is_asked(desktop: Desktop, closing: Closing, window: QWidget) -> None:
    pending(desktop, 5)
    closing.is_ending = True
    assert window.close() and not window.isVisible() and question(window) is None
