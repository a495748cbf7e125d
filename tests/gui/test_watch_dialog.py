"""The dialog "Send a folder": filled in wrongly, corrected, saved, and opened again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.pseudo import clipped
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.watch import WatchDialog
from openmsi_desktop.gui.forms import Finding
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.preview.judging import Verdict
from openmsi_desktop.settings import Connection, Download, Limit, Period, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.errors import NoContact, TopicMissing
from openmsi_desktop.streaming.kafka.types import TopicInfo

Picture = Callable[[QWidget, str], Path]

WEEK = {"retention.ms": "-1", "cleanup.policy": "delete", "max.message.bytes": "1048588"}


class MadeUpTopics:
    """Topics without a broker."""

    def __init__(self) -> None:
        self.error: OpenMSIError | None = None
        self.infos = {
            name: TopicInfo(name, "c", "t", 3, settings={**WEEK, **more}, rights=frozenset(rights.split()))
            for name, rights, more in (
                ("sphinx_raw", "WRITE READ", {}),
                ("xrd", "WRITE READ", {}),
                ("read_only", "READ", {}),
                ("newest_only", "WRITE", {"cleanup.policy": "compact"}),
                ("short", "WRITE", {"retention.ms": "86400000"}),
                ("tiny", "WRITE", {"max.message.bytes": "100000"}),
                ("__consumer_offsets", "READ", {}),
                ("xrd.keys", "READ", {}),
            )
        }

    def names(self, connection: Connection) -> Sequence[str]:
        if self.error is not None:
            raise self.error
        return sorted(self.infos)

    def look_up(self, connection: Connection, topic: str) -> TopicInfo:
        if self.error is not None:
            raise self.error
        if topic not in self.infos:
            raise TopicMissing("There is no such topic", "")
        return self.infos[topic]


def change(desktop: Desktop, qtbot: QtBot, what: Callable[[SettingsFile], None]) -> None:
    with qtbot.waitSignal(desktop.store.changed, timeout=10_000):
        desktop.store.change(what)


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot) -> Desktop:
    """With one connection."""
    lab = Connection(name="AIMD-L broker", kafka={"bootstrap.servers": "127.0.0.1:1"})
    change(desktop, qtbot, lambda file: file.put("connections", lab))
    return desktop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an instrument."""
    out = tmp_path / "SPHINX" / "out"
    sizes = {
        "run_01/Grid 7x3.NMD": 84_000, "run_01/a.tif": 20_000, "run_01/Orientation Grid 7x3.NMD": 163_000,
        "run_01/analog_ch1.csv": 4120, "run_02/scan_003.tif": 48_000, "run_02/scan_004.tif": 31_200, "~$log.xlsx": 165,
        "Grid 7x3 - copy.NMD": 84_000, "old/2025/g.NMD": 84_000, "odd\\name.tif": 10,
    }  # fmt: skip
    for name, size in sizes.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(b"x" * size)
    return out


@pytest.fixture
def open_dialog(lab: Desktop, qtbot: QtBot) -> Callable[..., WatchDialog]:
    def made(item: WatchedFolder | None = None, **more: Any) -> WatchDialog:
        dialog = WatchDialog(lab, None, item, source=more.pop("source", MadeUpTopics()), **more)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.activateWindow()
        return dialog

    return made


def is_previewed(dialog: WatchDialog) -> bool:
    return dialog.preview.model.rowCount() > 0 and not dialog.preview.status.text().endswith("…")


def fill(dialog: WatchDialog, qtbot: QtBot, folder: Path, topic: str = "sphinx_raw") -> None:
    dialog.path.set_path(folder)
    dialog.topic.set_topic(topic)
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    qtbot.waitUntil(lambda: is_previewed(dialog), timeout=10_000)


def test_a_folder_is_added_and_shown_again_as_it_was(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path, picture: Picture
) -> None:
    dialog = open_dialog()
    picture(dialog, "watch-empty")
    assert dialog.preview.status.text() == "Choose a folder to see what will be sent."
    assert dialog.send_all.text() == "Send them now"
    dialog.name.setText("SPHINX exports")
    dialog.which.patterns.include.setText("*.NMD *.tif *.csv ~$*")
    dialog.which.patterns.exclude.setText("*copy* old/**")
    fill(dialog, qtbot, folder)
    assert dialog.place_field.finding.text == "topic exists, you may write"
    qtbot.waitUntil(lambda: dialog.preview.model.counts.all == 10)
    counts = dialog.preview.model.counts
    assert (counts.go, counts.stay, counts.check) == (7, 2, 1)
    picture(dialog, "watch-light")
    assert "\n".join(unnamed(dialog)) == ""
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    (task,) = lab.store.settings.watched_folders
    assert (task.name, task.path, task.topic, task.connection) == (
        "SPHINX exports",
        folder,
        "sphinx_raw",
        "AIMD-L broker",
    )
    assert (task.include, task.exclude) == (("*.NMD", "*.tif", "*.csv", "~$*"), ("*copy*", "old/**"))
    again = open_dialog(task)
    assert again.task() == task


FULL: dict[str, Any] = {
    "name": "XRD",
    "connection": "AIMD-L broker",
    "topic": "xrd",
    "subfolder": "lab2/xrd-pc",
    "include": ("*.xy", "Grid 7x3*"),
    "exclude": ("old/", "!keep.tmp"),
    "subfolders": True,
    "temporary": True,
    "min_size": 1234,
    "max_size": 123_456_789,
    "newer_than": "30 d",
    "settle": Settle(
        quiet_s=30, max_wait_s=7200, marker="{name}.done", partner="{stem}.xml", unit="folder", every_s=90
    ),
    "existing": "skip",
    "check": True,
    "chunk_size": 131_072,
    "limit": Limit(
        bytes_per_s=12_500_000,
        timetable=(
            Period(from_="08:00", to="18:30", days=("mon", "fri"), bytes_per_s=1_000_000),
            Period(from_="22:00", to="24:00", bytes_per_s=0),
        ),
    ),
    "paused": True,
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"name": "", "settle": Settle(unit="growing", every_s=0.5), "newer_than": "2026-11-21"},
        {"subfolders": False, "settle": Settle(quiet_s=0.25), "limit": Limit(), "temporary": False},
    ],
)
def test_nothing_gets_lost_on_the_way_through_the_dialog(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path, more: dict[str, Any]
) -> None:
    task = WatchedFolder(**{**FULL, "path": folder, **more})
    change(lab, qtbot, lambda file: file.put("watched_folders", task))
    dialog = open_dialog(task)
    assert dialog.task() == task
    dialog.settling.fold.open()
    dialog.which.fold.open()
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert lab.store.settings.watched_folders == (task,)


def test_every_field_says_what_is_wrong_with_it(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path, picture: Picture
) -> None:
    change(lab, qtbot, lambda file: file.put("watched_folders", WatchedFolder(**{**FULL, "path": folder / "old"})))
    dialog = open_dialog()
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    said = [dialog.path_field.error.text, dialog.place_field.error.text]
    dialog.name.setText("XRD")
    dialog.path.set_path(folder / "gone")
    dialog.topic.set_topic("newest_only")
    dialog.which.patterns.include.setText("[")
    dialog.which.age.setEditText("yesterday")
    dialog.which.least.set_value(100)
    dialog.which.most.set_value(10)
    dialog.settling.has_marker.setChecked(True)
    dialog.settling.marker.setText("")
    dialog.settling.has_partner.setChecked(True)
    dialog.settling.partner.setText("{name}")
    dialog.more.subfolder.setText("..\\up")
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    qtbot.waitUntil(lambda: dialog.path_field.finding.kind is Finding.FAILED, timeout=10_000)
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    wrong = [field for field in dialog._fields if field.is_wrong]
    assert len(wrong) == 9, [field.error.text for field in wrong]
    assert all(field.error.text.endswith((".", "”.")) for field in wrong)
    dialog.which.fold.open()
    dialog.settling.fold.open()
    dialog.more_fold.open()
    picture(dialog, "watch-wrong")
    assert said == [
        "Choose the folder whose files are to be sent.",
        "Choose the topic that the files go to, or type its name.",
    ]
    dialog.name.setText("Another")
    dialog.which.patterns.include.setText("*.tif")
    dialog.which.age.setEditText("3 d")
    dialog.which.most.set_value(1000)
    dialog.settling.has_marker.setChecked(False)
    dialog.settling.partner.setText("{stem}.xml")
    dialog.more.subfolder.setText("pc")
    fill(dialog, qtbot, folder)
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert [task.title for task in lab.store.settings.watched_folders] == ["XRD", "Another"]


def test_the_same_folder_to_the_same_topic_and_round_in_circles(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path
) -> None:
    def add(file: SettingsFile) -> None:
        file.put("watched_folders", WatchedFolder(name="First", path=folder, connection="AIMD-L broker", topic="xrd"))
        file.put(
            "downloads", Download(name="Back", topics=("sphinx_raw",), connection="AIMD-L broker", target=folder / "b")
        )

    change(lab, qtbot, add)
    dialog = open_dialog()
    fill(dialog, qtbot, folder, "xrd")
    assert "“First” sends files of this folder, too" in dialog.path_field.finding.text
    assert not dialog.path_field.check() and "to the same topic already" in dialog.path_field.error.text
    dialog.topic.set_topic("sphinx_raw")
    assert not dialog.path_field.check() and "round in circles" in dialog.path_field.error.text


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("read_only", "you may not write"),
        ("newest_only", "keeps only the newest"),
        ("short", "24 hours only"),
        ("tiny", "part size"),
        ("gone", "There is no such topic"),
    ],
)
def test_what_is_said_of_a_topic(
    open_dialog: Callable[..., WatchDialog], qtbot: QtBot, folder: Path, topic: str, words: str
) -> None:
    dialog = open_dialog()
    dialog.topic.set_topic(topic)
    qtbot.waitUntil(lambda: words in dialog.place_field.finding.text, timeout=10_000)
    assert dialog.place_field.is_wrong == (topic == "newest_only")
    if topic == "tiny":
        dialog.more.chunk.set_value(65_536)
        assert dialog.place_field.finding.text == "topic exists, you may write"


def test_a_broker_out_of_reach_keeps_nobody_from_going_on(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path
) -> None:
    source = MadeUpTopics()
    source.error = NoContact("Nobody answers", "")
    dialog = open_dialog(source=source)
    fill(dialog, qtbot, folder)
    assert "cannot be reached" in dialog.place_field.finding.text
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert lab.store.settings.watched_folders[0].title == "out"


def test_a_copy_has_another_name_and_an_edit_says_when_it_begins_anew(
    open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path
) -> None:
    task = WatchedFolder(name="XRD", path=folder, connection="AIMD-L broker", topic="xrd")
    change(lab, qtbot, lambda file: file.put("watched_folders", task))
    copy = open_dialog(task, is_copy=True)
    assert copy.name.text() == "XRD 2" and not copy.path_field.check()
    copy.topic.set_topic("sphinx_raw")
    QTest.mouseClick(copy.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not copy.isVisible(), timeout=10_000)
    assert [t.title for t in lab.store.settings.watched_folders] == ["XRD", "XRD 2"]
    edit = open_dialog(task)
    assert not edit.anew.isVisible() and not edit.there.isVisible()
    edit.topic.set_topic("short")
    assert edit.anew.isVisible() and edit.there.isVisible()


def test_a_click_on_a_row_writes_the_rule(
    open_dialog: Callable[..., WatchDialog], qtbot: QtBot, folder: Path, picture: Picture
) -> None:
    dialog = open_dialog()
    dialog.which.patterns.exclude.setText("*copy*")
    fill(dialog, qtbot, folder)
    model = dialog.preview.model

    def find(name: str) -> Any:
        rows = [model.row(model.index(n)) for n in range(model.rowCount())]
        return next(row for row in rows if row.relative == name)

    menu = dialog.preview.menu_for(find("Grid 7x3 - copy.NMD"))
    assert [a.text() for a in menu.actions()] == ["Always send this file", "Always send files like this (*.NMD)"]
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: find("Grid 7x3 - copy.NMD").verdict is Verdict.GO, timeout=10_000)
    assert dialog.which.patterns.exclude.patterns == ("*copy*", "!/Grid 7x3 - copy.NMD")
    menu = dialog.preview.menu_for(find("run_01/a.tif"))
    assert [a.text() for a in menu.actions()][1:] == [
        "Never send files like this (*.tif)", "Never send anything in this folder (/run_01/)",
    ]  # fmt: skip
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: find("run_01/a.tif").verdict is Verdict.STAY, timeout=10_000)
    QTest.mouseClick(dialog.preview.filters[Verdict.STAY], Qt.MouseButton.LeftButton)
    assert {model.row(model.index(n)).verdict for n in range(model.rowCount())} == {Verdict.STAY}


def test_by_keyboard_alone(open_dialog: Callable[..., WatchDialog], lab: Desktop, qtbot: QtBot, folder: Path) -> None:
    dialog = open_dialog()
    dialog.name.setFocus()
    qtbot.waitUntil(dialog.name.hasFocus)
    QTest.keyClicks(dialog.name, "Keys")

    def tab_to(widget: QWidget) -> None:
        for _ in range(40):
            now = QApplication.focusWidget()
            if now is not None and (now is widget or widget.isAncestorOf(now)):
                return
            QTest.keyClick(now or dialog, Qt.Key.Key_Tab)
        raise AssertionError(f"{widget.accessibleName()} cannot be reached")

    tab_to(dialog.path.line)
    QTest.keyClicks(dialog.path.line, str(folder))
    tab_to(dialog.topic)
    QTest.keyClicks(QApplication.focusWidget() or dialog, "xrd")
    for widget in (dialog.which.patterns.include, dialog.which.subfolders, dialog.send_all, dialog.settling.file):
        tab_to(widget)
    tab_to(dialog.preview.list)
    tab_to(dialog.verb)
    QTest.keyClick(dialog.verb, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert lab.store.settings.watched_folders[0].topic == "xrd"


def test_ten_thousand_topics(open_dialog: Callable[..., WatchDialog], qtbot: QtBot) -> None:
    source = MadeUpTopics()
    source.infos |= {f"lab_{n:05}": TopicInfo(f"lab_{n:05}", "c", "t", 1) for n in range(10_000)}
    begun = time.perf_counter()
    dialog = open_dialog(source=source)
    qtbot.waitUntil(lambda: dialog.topic.count() > 10_000, timeout=10_000)
    print(f"list of 10,000 topics: {time.perf_counter() - begun:.2f} s")
    names = [dialog.topic.itemText(n) for n in range(dialog.topic.count())]
    assert "__consumer_offsets" not in names and "xrd.keys" not in names
    completer = dialog.topic.completer()
    assert completer is not None
    begun = time.perf_counter()
    completer.setCompletionPrefix("b_0999")
    assert completer.completionCount() == 10
    print(f"filter: {time.perf_counter() - begun:.3f} s")
    dialog.topic._chosen(dialog.topic.count() - 1)
    assert "__consumer_offsets" in [dialog.topic.itemText(n) for n in range(dialog.topic.count())]
    dialog.topic.hidePopup()


@pytest.mark.parametrize("size", [(1040, 690), (800, 600), (1366, 700)])
def test_pictures(
    open_dialog: Callable[..., WatchDialog],
    lab: Desktop,
    qtbot: QtBot,
    folder: Path,
    picture: Picture,
    size: tuple[int, int],
) -> None:
    task = WatchedFolder(**{**FULL, "path": folder, "paused": False, "temporary": False})
    dialog = open_dialog(task)
    dialog.resize(QSize(*size))
    dialog.more_fold.open(size[0] == 1366)
    qtbot.waitUntil(lambda: is_previewed(dialog), timeout=10_000)
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    picture(dialog, f"watch-{size[0]}")
    if size[0] == 1366:
        bar = dialog.area.verticalScrollBar()
        bar.setValue(bar.maximum())
        picture(dialog, "watch-more")
        lab.look.set_theme(Theme.DARK)
        picture(dialog, "watch-dark")


def test_big_letters_fit(
    open_dialog: Callable[..., WatchDialog], qtbot: QtBot, folder: Path, picture: Picture, qapp: QApplication
) -> None:
    before = QFont(qapp.font())
    big = QFont(before)
    big.setPointSizeF(before.pointSizeF() * 1.5)
    qapp.setFont(big)
    try:
        dialog = open_dialog()
        fill(dialog, qtbot, folder)
        picture(dialog, "watch-big")
        assert clipped(dialog.preview) == []
    finally:
        qapp.setFont(before)
