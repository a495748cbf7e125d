"""Dropping files: taken, asked about, sent by whoever streams, followed, taken back, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.drop import DropWindow, open_window
from openmsi_desktop.gui.dropping.rows import Row
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot, tmp_path: Path, _embedded: Any) -> Iterator[tuple[Desktop, str]]:
    """Settings with a connection to a broker and a watched folder; nothing streams yet. And a topic."""
    topic = _embedded.create_topic()
    (tmp_path / "watched" / "deep").mkdir(parents=True)

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka=dict(_embedded.config)))
        file.put(
            "watched_folders",
            WatchedFolder(name="XRD", path=tmp_path / "watched", connection="lab", topic=topic, subfolder="xrd-pc",
                          paused=True),
        )  # fmt: skip

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    yield desktop, topic


def start(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.host.start()
    desktop.observer.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=20_000)


def opened(desktop: Desktop, qtbot: QtBot, topic: str = "") -> DropWindow:
    window = DropWindow(desktop)
    qtbot.addWidget(window)
    window.where.topic.setEditText(topic)
    window.show()
    return window


def drop(window: DropWindow, *paths: Path, url: str = "") -> None:
    """As a file manager does it."""
    data = QMimeData()
    data.setUrls([QUrl(url)] if url else [QUrl.fromLocalFile(str(p)) for p in paths])
    copy, none, left = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(50, 50), copy | Qt.DropAction.MoveAction, data, left, none))
    event = QDropEvent(QPointF(50, 50), copy | Qt.DropAction.MoveAction, data, left, none)
    QApplication.sendEvent(window, event)
    assert event.isAccepted() and event.dropAction() is copy


def states(window: DropWindow) -> dict[str, FileState]:
    rows = window.files.rows
    found = [rows.row(rows.index(n, 0)) for n in range(rows.rowCount())]
    return {row.path: row.state for row in found if row is not None}


def said(window: DropWindow) -> str:
    return window.band.title.text() if window.band.isVisible() else ""


def test_files_and_folders_are_sent_with_their_places(
    lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    desktop, topic = lab
    start(desktop, qtbot)
    window = opened(desktop, qtbot, topic)
    window.where.subfolder.setText("2026-05/anna")
    run = tmp_path / "run_01"
    (run / "deep").mkdir(parents=True)
    (run / "deep" / "b.dat").write_bytes(b"b" * 3000)
    (run / "~$a.xlsx").write_bytes(b"temporary")
    (tmp_path / "report.pdf").write_bytes(b"p" * 10)
    drop(window, tmp_path / "report.pdf", run)
    wanted = {"2026-05/anna/report.pdf": FileState.SENT, "2026-05/anna/run_01/deep/b.dat": FileState.SENT}
    qtbot.waitUntil(lambda: states(window) == wanted, timeout=30_000)
    assert (tmp_path / "report.pdf").exists()
    last = desktop.store.settings.application.dropping
    assert (last.connection, last.topic, last.subfolder) == ("lab", topic, "2026-05/anna"), "remembered"
    assert unnamed(window) == []
    other = tmp_path / "other" / "report.pdf"
    other.parent.mkdir()
    other.write_bytes(b"another report")
    drop(window, other)
    qtbot.waitUntil(lambda: said(window).endswith("not sent"), timeout=10_000)
    first = window.files.rows.row(window.files.rows.index(0, 0))
    assert first is not None and "Choose another sub-folder" in first.reason
    picture(window, "drop-sent-and-refused")


def test_very_much_is_asked_about(lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path, picture: Picture) -> None:
    desktop, topic = lab
    window = opened(desktop, qtbot, topic)
    window.options.most_files.setValue(2)
    many = tmp_path / "many"
    many.mkdir()
    for number in range(3):
        (many / f"{number}.dat").write_bytes(b"1")
    drop(window, many)
    qtbot.waitUntil(window.yes.isVisible)
    picture(window, "drop-asks")
    assert (
        said(window).startswith("Send 3 file")
        and topic in said(window)
        and window.yes.isVisible()
        and states(window) == {}
    )
    window.no.click()
    assert said(window) == "" and states(window) == {}
    drop(window, many)
    qtbot.waitUntil(lambda: said(window).startswith("Send 3 file"))
    window.yes.click()
    qtbot.waitUntil(lambda: len(states(window)) == 3)


def test_what_cannot_be_sent_is_said(lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path) -> None:
    desktop, topic = lab
    window = opened(desktop, qtbot)
    (tmp_path / "a.dat").write_bytes(b"1")
    drop(window, tmp_path / "a.dat")
    assert said(window) == "Where to?" and "Type the topic" in window.where.to_field.error.text
    window.yes.click()
    assert said(window) == "Where to?", "they wait"
    window.where.topic.setEditText("no topic")
    drop(window, tmp_path / "a.dat")
    assert "letters, digits" in window.where.to_field.error.text
    window.where.topic.setEditText(topic)
    window.where.subfolder.setText("../up")
    drop(window, tmp_path / "a.dat")
    assert "plain name" in window.where.sub_field.error.text
    window.where.subfolder.clear()
    drop(window, url="https://example.org/picture.png")
    assert said(window) == "This is not a file of this computer"
    window.no.click()
    assert said(window) == "Where to?", "they still wait"
    window.no.click()
    assert said(window) == ""
    drop(window, tmp_path / "gone.dat")
    qtbot.waitUntil(lambda: said(window) == "There is nothing to send")
    assert list(states(window)) == ["gone.dat"]


def test_a_drop_on_a_task_names_its_topic_and_keeps_places(
    lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path
) -> None:
    desktop, topic = lab
    window = opened(desktop, qtbot, "something-else")
    file = tmp_path / "watched" / "deep" / "a.dat"
    file.write_bytes(b"1")
    window.take([file], task=task_key(desktop.store.settings.watched_folders[0]))
    qtbot.waitUntil(lambda: said(window).startswith("Send 1 file"))
    assert f"to the topic {topic}?" in said(window) and "connection lab" in window.band.text.text()
    window.yes.click()
    qtbot.waitUntil(lambda: states(window) == {"xrd-pc/deep/a.dat": FileState.FOUND})
    row = window.files.rows.row(window.files.rows.index(0, 0))
    assert row is not None and row.can_be_taken_back
    window.files.list.selectAll()
    window.files.take_selected_back()
    qtbot.waitUntil(lambda: states(window) == {"xrd-pc/deep/a.dat": FileState.IGNORED})


def test_without_a_connection_the_way_to_one_is_shown(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(desktop, qtbot, "topic")
    drop(window, tmp_path)
    assert "Add a connection first" in window.where.to_field.error.text


def test_there_is_one_window_and_files_wait_in_it(lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path) -> None:
    desktop, topic = lab
    (tmp_path / "a.dat").write_bytes(b"1")
    before = set(QApplication.topLevelWidgets())
    open_window(desktop, None)
    (window,) = (w for w in set(QApplication.topLevelWidgets()) - before if isinstance(w, DropWindow))
    window.where.topic.setEditText(topic)
    open_window(desktop, None, [tmp_path / "a.dat"])
    qtbot.waitUntil(lambda: said(window).startswith("Send 1 file"))
    assert len([w for w in QApplication.topLevelWidgets() if isinstance(w, DropWindow) and w.isVisible()]) == 1
    window.close()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(lab: tuple[Desktop, str], qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop, _ = lab
    desktop.look.set_theme(theme)
    window = opened(desktop, qtbot, "one_off")
    picture(window, f"drop-empty-{theme}")
    window.files.rows.show_rows(
        [
            Row("k", "report.pdf", "/home/anna/report.pdf", FileState.CHECKED, size=2_100_000, at=1_795_000_000.0),
            Row("k", "big_stack.tif", "/data/big_stack.tif", FileState.SENDING, size=14_000_000_000, done=0.12),
            Row("k", "2026-05/anna/run_01/deep/before_alignment_1_5.dat", "/x", FileState.FOUND, size=412_000),
            Row("k", "gone.csv", "/y", FileState.PROBLEM, "gone.csv vanished before it was sent", size=1),
            Row("k", "mistake.csv", "/z", FileState.IGNORED, "taken back before it was sent", size=12_345),
        ]
    )
    window.files._show()
    picture(window, f"drop-rows-{theme}")


def test_files_that_come_while_others_wait_are_sent_with_them(
    lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path
) -> None:
    """A file manager starts the program once for each chosen file; and a person may drop twice."""
    desktop, topic = lab
    files = [tmp_path / f"{name}.dat" for name in "abcd"]
    for file in files:
        file.write_bytes(b"1")
    window = opened(desktop, qtbot, topic)
    window.take(files[:1], is_to_be_confirmed=True)
    qtbot.waitUntil(lambda: said(window).startswith("Send 1 file"))
    window.take(files[1:2], is_to_be_confirmed=True)
    window.take(files[1:3], is_to_be_confirmed=True)
    qtbot.waitUntil(lambda: said(window).startswith("Send 3 file"))
    drop(window, files[3])  # in the window itself nothing is asked
    qtbot.waitUntil(lambda: set(states(window)) == {"d.dat"})
    assert said(window).startswith("Send 3 file"), "the others still wait"
    window.yes.click()
    qtbot.waitUntil(lambda: set(states(window)) == {"a.dat", "b.dat", "c.dat", "d.dat"})


def test_files_without_a_destination_wait_for_it_together(
    lab: tuple[Desktop, str], qtbot: QtBot, tmp_path: Path
) -> None:
    desktop, topic = lab
    files = [tmp_path / f"{name}.dat" for name in "ab"]
    for file in files:
        file.write_bytes(b"1")
    window = opened(desktop, qtbot)
    drop(window, files[0])
    drop(window, files[1])
    assert said(window) == "Where to?"
    window.where.topic.setEditText(topic)
    window.yes.click()
    qtbot.waitUntil(lambda: set(states(window)) == {"a.dat", "b.dat"})
