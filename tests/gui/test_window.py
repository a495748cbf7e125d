"""The main window as a person uses it: choosing, pausing, removing, keys, dropping, and what it remembers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui import made_up
from gui.accessible import unnamed
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import actions
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import download, drop, explain, watch
from openmsi_desktop.gui.dialogs import settings as settings_window
from openmsi_desktop.gui.kinds import kinds
from openmsi_desktop.gui.kinds.watch import WatchKind
from openmsi_desktop.gui.snapshot import Moving, Snapshot
from openmsi_desktop.gui.window.main import MainWindow
from openmsi_desktop.gui.window.moving import reason_words
from openmsi_desktop.gui.window.task_list import ROW, first_word

Asked = list[tuple[str, str]]


@pytest.fixture
def asked(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What was asked of whoever streams: (kind, task), and which dialogs were opened: ("open", name)."""
    out: Asked = []

    def ask(kind: str, *, task: str = "", path: str = "", argument: str = "", then: object = None) -> None:
        out.append((kind, task))

    monkeypatch.setattr(desktop.host, "ask", ask)
    for module, name in ((watch, "watch"), (download, "download"), (explain, "explain")):
        monkeypatch.setattr(module, "open_dialog", lambda *a, name=name, **k: out.append(("open", name)))
    monkeypatch.setattr(drop, "open_window", lambda *a, **k: out.append(("drop", k.get("task", ""))))
    monkeypatch.setattr(settings_window, "open_window", lambda *a, **k: out.append(("open", "settings")))
    return out


@pytest.fixture
def window(desktop: Desktop, qtbot: QtBot, asked: Asked) -> Iterator[MainWindow]:
    """With the five tasks of the design."""
    see(desktop, made_up.busy())
    made = MainWindow(desktop)
    qtbot.addWidget(made)
    made.open_page("", "")
    yield made


def see(desktop: Desktop, snapshot: Snapshot) -> None:
    desktop.observer.now, desktop.store.settings = made_up.known(snapshot)
    desktop.observer.changed.emit(desktop.observer.now)


def press(window: MainWindow, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    QTest.keyClick(window, key, held)


CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_everything_has_a_name_for_those_who_hear_it(window: MainWindow, desktop: Desktop) -> None:
    assert unnamed(window) == []
    see(desktop, made_up.states()["offline"])
    assert unnamed(window) == []
    see(desktop, made_up.snapshot())
    assert unnamed(window) == []


def test_the_list_leads_and_keeps_what_was_chosen(window: MainWindow, desktop: Desktop) -> None:
    assert window.detail.header.title.text() == "SPHINX exports" and window.list.hasFocus()
    QTest.keyClick(window.list, Qt.Key.Key_Down)
    QTest.keyClick(window.list, Qt.Key.Key_Down)
    assert window.detail.header.title.text() == "Camera 2"
    QTest.keyClick(window.list, Qt.Key.Key_Down)  # over the head of the next section
    assert window.detail.header.title.text() == "results"
    tasks = desktop.observer.now.tasks
    see(desktop, replace(desktop.observer.now, tasks=tasks[1:]))
    assert window.detail.header.title.text() == "results"
    see(desktop, replace(desktop.observer.now, tasks=tasks[:2]))
    assert window.detail.header.title.text() == "SPHINX exports", "what was chosen is gone"


def test_a_row_that_does_not_change_is_not_painted_anew(window: MainWindow, desktop: Desktop) -> None:
    changed: list[int] = []
    window.list.tasks.dataChanged.connect(lambda first, last: changed.append(first.row()))
    now = desktop.observer.now
    see(desktop, replace(now, tasks=(replace(now.tasks[0], rate=1e6), *now.tasks[1:])))
    assert [window.list.tasks.index(i).data(ROW).name for i in changed] == ["SPHINX exports"]


def test_heads_stand_over_kinds_and_cannot_be_chosen(window: MainWindow) -> None:
    model = window.list.tasks
    rows = [model.index(i) for i in range(model.rowCount())]
    heads = [r.data(ROW).name for r in rows if not r.data(ROW).key]
    assert heads == ["Sending", "Downloading"]
    assert all(not r.flags() & Qt.ItemFlag.ItemIsSelectable for r in rows if not r.data(ROW).key)


def test_pause_and_resume_from_the_header_and_by_keys(window: MainWindow, desktop: Desktop, asked: Asked) -> None:
    keys = window.list.tasks.keys()
    window.detail.header.pause_button.click()
    press(window, Qt.Key.Key_P, CTRL)
    window.list.choose(keys[2])
    assert window.detail.header.pause_button.text() == "Resume"
    window.detail.header.pause_button.click()
    press(window, Qt.Key.Key_P, CTRL, SHIFT)
    press(window, Qt.Key.Key_F5)
    assert asked == [
        ("pause", keys[0]),
        ("pause", keys[0]),
        ("resume", keys[2]),
        ("pause", ""),
        ("rescan", keys[2]),
    ]


def test_the_other_keys(window: MainWindow, asked: Asked) -> None:
    for key in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_1):
        press(window, key, CTRL)
        assert window.detail.tabs.currentIndex() == key - Qt.Key.Key_1
        assert window.detail.pages.currentIndex() == key - Qt.Key.Key_1
    press(window, Qt.Key.Key_F, CTRL)
    assert window.toolbar.search.hasFocus()
    press(window, Qt.Key.Key_O, CTRL)
    press(window, Qt.Key.Key_E, CTRL)
    press(window, Qt.Key.Key_Comma, CTRL)
    assert asked == [("drop", ""), ("open", "explain"), ("open", "settings")]
    press(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_adding_is_offered_by_the_kinds(window: MainWindow, desktop: Desktop, asked: Asked) -> None:
    entries = window.toolbar.add_button.menu().actions()
    assert [a.text() for a in entries] == [f"{k.offer()[0]}…" for k in kinds()]
    for entry in entries:
        entry.trigger()
    see(desktop, made_up.snapshot())
    assert window.stack.currentWidget() is window.empty
    for button in window.empty.buttons:
        button.click()
    assert asked == 2 * [("open", "watch"), ("open", "download"), ("drop", "")]


def test_removing_says_that_no_file_is_deleted_and_asks(
    window: MainWindow, desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    monkeypatch.setattr(WatchKind, "remove", lambda self, desktop, item: removed.append(item.title))
    for button, expected in (("Cancel", []), ("Remove", ["SPHINX exports"])):
        actions.remove(desktop, desktop.observer.now.tasks[0], window)
        box = window.findChildren(QMessageBox)[-1]
        assert "SPHINX exports" in box.text() and "No file is deleted" in box.informativeText()
        assert "39 files" in box.informativeText().replace("file(s)", "files"), "what has not been sent yet"
        assert box.defaultButton().text().replace("&", "") == "Cancel"
        next(b for b in box.buttons() if b.text().replace("&", "") == button).click()
        assert removed == expected


def test_the_menu_of_a_task(window: MainWindow, desktop: Desktop, asked: Asked, qtbot: QtBot) -> None:
    menu = window.detail.header.menu()
    assert isinstance(menu, QMenu)
    texts = [a.text() for a in menu.actions() if not a.isSeparator()]
    assert texts == [
        "Pause",
        "Rescan now",
        "Open folder",
        "Edit…",
        "Duplicate…",
        "Remove…",
        "Technical details…",
    ]
    for text in ("Edit…", "Duplicate…", "Rescan now"):
        next(a for a in menu.actions() if a.text() == text).trigger()
    assert [a[0] for a in asked] == ["open", "open", "rescan"]


def test_the_ladder_and_the_queue_lead_to_files(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    filters: list[set[FileState]] = []
    monkeypatch.setattr(window.detail.files, "filter_by", lambda states: filters.append(set(states)))
    cells = window.detail.overview.ladder.cells
    assert [(c.state, c.count()) for c in cells] == [
        (FileState.FOUND, 251),
        (FileState.SENT, 212),
        (FileState.CHECKED, 209),
        (FileState.ARRIVED, 204),
    ]
    cells[2].click()
    assert window.detail.tabs.currentIndex() == 1
    window.detail.show_page("overview")
    window.detail.overview.now.queue_button.click()
    assert filters[0] == {FileState.CHECKED} and FileState.WAITING in filters[1]
    window.list.choose(window.list.tasks.keys()[3])
    window.detail.show_page("overview")
    assert [c.state for c in window.detail.overview.ladder.cells] == [FileState.RECEIVED, FileState.DELIVERED]


def test_how_long_ago_a_file_was_written_to_is_said_as_of_now(window: MainWindow) -> None:
    at = time.time()
    growing = Moving("a", FileState.WAITING, "still being written (last change 0 s ago)", 1, None, at - 24)
    assert reason_words(growing).startswith("Still being written – last change 2")
    assert reason_words(replace(growing, changed_at=at - 300)) == "Still being written – last change 5 min ago"
    assert reason_words(Moving("a", FileState.WAITING, "waits for a.xml", 1)) == "Waits for a.xml"
    ready = Moving("a", FileState.WAITING, "it is finished and waits for its turn", 1)
    assert reason_words(ready) == "In the queue"


CARDS = {
    "offline": (
        "Cannot reach AIMD-L broker since",
        "Your files are safe on this computer",
        ["Try now", "Test connection…"],
    ),
    "needs-you": ("2 files need your attention", "Nothing is lost", ["Show problems"]),
    "needs-you-task": ("User name or password", "Nothing is lost", ["Try now", "Test connection…", "Edit task…"]),
    "failed": ("The data folder lies inside", "It would send its own journal", ["Try again", "Edit task…"]),
    "waiting": ("The folder is not there", "Nothing is lost", ["Try now"]),
    "paused": ("Paused until", "Your files are safe where they are", ["Resume"]),
}


@pytest.mark.parametrize("name", list(CARDS))
def test_a_card_says_what_it_means_for_the_data(window: MainWindow, desktop: Desktop, asked: Asked, name: str) -> None:
    title, text, buttons = CARDS[name]
    see(desktop, made_up.states()[name])
    window.list.choose(desktop.observer.now.tasks[0].key)
    notice = window.detail.overview.notice
    assert notice.isVisible() and notice.message is not None
    assert notice.message.title.replace("file(s)", "files").startswith(title) and text in notice.message.text
    assert [b.text() for b in notice.buttons()] == buttons
    notice.buttons()[0].click()
    expected = {"Try now": "retry", "Try again": "retry", "Resume": "resume"}.get(buttons[0])
    if expected is None:
        assert window.detail.tabs.currentIndex() == 2
    else:
        assert asked == [(expected, desktop.observer.now.tasks[0].key)]


def test_a_tab_has_room_for_its_number(window: MainWindow, desktop: Desktop) -> None:
    see(desktop, made_up.states()["needs-you"])
    QApplication.processEvents()
    tabs = window.detail.tabs
    assert tabs.tabText(2) == "Problems (2)"
    assert tabs.tabRect(3).right() <= tabs.width() and tabs.tabRect(3).width() > tabs.fontMetrics().horizontalAdvance(
        "Rules"
    )


def test_no_card_while_all_is_as_usual(window: MainWindow, desktop: Desktop) -> None:
    see(desktop, made_up.states()["up-to-date"])
    assert not window.detail.overview.notice.isVisible() and not window.banner.isVisible()


def test_when_nothing_runs_it_stands_above_everything(window: MainWindow, desktop: Desktop) -> None:
    see(desktop, made_up.states()["stopped"])
    message = window.banner.notice.message
    assert window.banner.isVisible() and message is not None
    assert message.title == "Not running: Cannot use the data folder" and "Check the rights" in message.text
    window.open_page("", "stopped")
    see(desktop, made_up.busy())
    assert not window.banner.isVisible()


def test_bad_settings_are_told_and_can_be_read_again(window: MainWindow, desktop: Desktop) -> None:
    desktop.store.path.write_text("version = 1\nconnections = 7\n")
    desktop.store.read()
    assert isinstance(desktop.store.error, SettingsError) and window.banner.isVisible()
    message = window.banner.notice.message
    assert message is not None and "goes on with the settings of before" in message.text
    desktop.store.path.write_text("version = 1\n")
    next(b for b in window.banner.findChildren(QPushButton) if b.text() == "Read it again").click()
    assert not window.banner.isVisible()


def test_files_are_dropped_on_a_task_or_beside_it(window: MainWindow, asked: Asked, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.tif"))])

    def let_go(widget: object, at: QPoint, data: QMimeData = mime) -> QDropEvent:
        actions_ = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        event = QDropEvent(QPointF(at), actions_, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
        event.setDropAction(Qt.DropAction.MoveAction)
        widget.dropEvent(event)  # type: ignore[attr-defined]
        return event

    keys = window.list.tasks.keys()
    rect = window.list.visualRect(window.list.tasks.row_of(keys[1]))
    assert let_go(window.list, rect.center()).dropAction() is Qt.DropAction.CopyAction, (
        "else the source would be deleted"
    )
    let_go(window.list, window.list.visualRect(window.list.tasks.row_of(keys[3])).center())  # it receives
    let_go(window, QPoint(500, 300))
    words = QMimeData()
    words.setText("no file")
    let_go(window, QPoint(500, 300), words)
    assert asked == [("drop", keys[1]), ("drop", "")]


def test_it_shrinks_to_icons_and_grows_again(window: MainWindow, qtbot: QtBot) -> None:
    assert (window.width(), window.height()) == (980, 640)
    assert (window.minimumWidth(), window.minimumHeight()) == (720, 480)
    window.resize(800, 600)
    qtbot.waitUntil(lambda: window.list.width() == 72, timeout=3000)
    assert window.toolbar.drop_button.text() == "" and window.toolbar.drop_button.accessibleName() == "Drop files"
    window.resize(1100, 600)
    qtbot.waitUntil(lambda: window.list.width() == 256, timeout=3000)
    assert window.toolbar.drop_button.text() == "Drop files"
    assert first_word("Laser shock scope") == "Laser" and first_word("") == ""


def test_size_and_list_are_remembered(window: MainWindow, desktop: Desktop, qtbot: QtBot) -> None:
    desktop.host.profile.prepare()
    window.resize(1200, 700)
    QApplication.processEvents()
    window.splitter.setSizes([300, 900])
    window.resize(780, 700)  # no more than the screen has
    window.hide()
    again = MainWindow(desktop)
    qtbot.addWidget(again)
    again.open_page("", "")
    QApplication.processEvents()
    assert (again.width(), again.height()) == (780, 700)
    again.resize(1200, 700)
    qtbot.waitUntil(lambda: again.list.width() == 300, timeout=3000)


def test_a_hidden_window_does_nothing_until_it_is_shown(window: MainWindow, desktop: Desktop) -> None:
    window.hide()
    see(desktop, made_up.states()["offline"])
    assert window.status_line.text().startswith("2 file")
    window.open_page("", "")
    assert window.status_line.text().startswith("Offline since")


def test_a_status_is_said_aloud_and_leads_to_its_reason(window: MainWindow, desktop: Desktop, qtbot: QtBot) -> None:
    window.list.choose(window.list.tasks.keys()[0])
    with qtbot.waitSignal(window.status_line.wants_page) as opened:
        window.status_line.findChildren(type(window.toolbar.help_button))[0].click()
    assert opened.args == [desktop.observer.now.tasks[4].key, "problems"]
    assert window.detail.header.title.text() == "AIMD archive" and window.detail.tabs.currentIndex() == 2


def test_all_tasks_are_paused_until_tomorrow_morning() -> None:
    at = actions.tomorrow(made_up.NOW)
    assert time.localtime(at)[3:5] == (7, 0) and 0 < at - made_up.NOW < 24 * 3600
    night = made_up.NOW - 12 * 3600
    assert time.localtime(actions.tomorrow(night))[3:5] == (7, 0) and actions.tomorrow(night) - night < 6 * 3600
