"""Readers with several places: what the windows say of each file and place, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.keyrings import Memory, with_keyring
from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.core.received import SinkProgress, SinkState
from openmsi_desktop.core.reprocessing import Wish
from openmsi_desktop.gui import account_steps, again, file_words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.connections import ConnectionsPage
from openmsi_desktop.gui.dialogs.download import DownloadDialog
from openmsi_desktop.gui.dialogs.explain_view import Output
from openmsi_desktop.gui.dialogs.sink import BucketDialog, ProcessorDialog
from openmsi_desktop.gui.file_actions import FileMenu
from openmsi_desktop.gui.sinks.bucket_list import BucketList
from openmsi_desktop.gui.sinks.words import program_name
from openmsi_desktop.gui.window.technical import details_of
from openmsi_desktop.settings import Bucket, Connection, Download, Processor
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.explaining.known import KnownFile
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]
STORE = Bucket(name="store", bucket="lab-data", access_key_id="LAB", credential="store")
PEAKS = Processor(name="peaks", command=("find_peaks.py", "{file}"), result_topic="peaks")
NOW = 1_795_262_400.0


@pytest.fixture
def keyring() -> Memory:
    return Memory()


@pytest.fixture
def archive(tmp_path: Path) -> Download:
    return Download(
        name="Archive", topics=("xrd",), connection="lab", target=tmp_path / "archive", sinks=("store", "peaks")
    )


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot, keyring: Memory, archive: Download) -> Desktop:
    """With one reader of three places."""

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("buckets", STORE)
        file.put("processors", PEAKS)
        file.put("downloads", archive)

    change(desktop, qtbot, add)
    made = with_keyring(desktop, keyring)
    made.credentials.store("store", "wJalr")
    return made


def row(state: FileState, kind: str, local: str = "", reason: str = "") -> FileRow:
    file = ListedFile(7, False, "download:x", "xrd", "run_01/a.xy", local, state, reason, 5, NOW, b"", 1, NOW)
    return FileRow(file, None, kind=kind)


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        (FileState.DELIVERED, "download", "Saved"),
        (FileState.DELIVERED, "transfer", "Stored"),
        (FileState.DELIVERED, "process", "Processed"),
        (FileState.RECEIVED, "transfer", "Received – not stored yet"),
        (FileState.RECEIVED, "process", "Received – not processed yet"),
        (FileState.PROBLEM, "transfer", "Could not store – why"),
        (FileState.PROBLEM, "process", "Could not process – why"),
        (FileState.IGNORED, "process", "Left out – why"),
    ],
)
def test_states_are_called_what_is_done(state: FileState, kind: str, words: str) -> None:
    assert file_words.state_of(row(state, kind, reason="why")) == words


def test_each_place_of_a_file_has_its_step() -> None:
    states = (
        SinkState("folder", SinkProgress.DELIVERED, local="/data/a.xy", at=NOW),
        SinkState("store", SinkProgress.FAILED, "s3.example.org does not answer", "", 3, NOW + 60),
        SinkState("peaks", SinkProgress.GIVEN_UP, "find_peaks.py failed with exit status 1", "", 3, output="no peaks"),
    )
    file = KnownFile(
        "Archive", "download:x", "download", False, "xrd", "a.xy", "/data/a.xy", FileState.PROBLEM, "", NOW, NOW, 5,
        None, None, 1, sinks=states,
    )  # fmt: skip
    steps = account_steps.of_places(file, {"store": STORE, "peaks": PEAKS}, now=NOW)
    assert [step.name for step in steps] == ["Saved", "Stored", "Processed"]
    assert steps[0].sign == account_steps.ARRIVED and steps[0].text == "/data/a.xy"
    assert steps[1].text.startswith("lab-data: s3.example.org does not answer – next try")
    assert steps[2].at == "given up" and steps[2].text.startswith("find_peaks.py: find_peaks.py failed")
    alone = replace(file, sinks=(), kind="transfer", state=FileState.DELIVERED, local="s3://lab-data/xrd/a.xy")
    (stored,) = account_steps.of_places(alone, {}, now=NOW)
    assert (stored.name, stored.text) == ("Stored", "s3://lab-data/xrd/a.xy")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("/opt/lab/find_peaks", "{file}"), "find_peaks"),
        (("C:\\lab\\peaks.exe",), "peaks.exe"),
        (("/usr/bin/python3.11", "-u", "/lab/peaks.py", "{file}"), "peaks.py"),
        (("bash", "-c", "{file}"), "bash"),
    ],
)
def test_a_script_is_known_by_its_own_name(command: tuple[str, ...], name: str) -> None:
    assert program_name(command) == name


def test_what_a_program_printed_is_shown_as_it_was(lab: Desktop, qtbot: QtBot, picture: Picture) -> None:
    printed = "Traceback (most recent call last):\n" + "  x" * 80 + "\nValueError: no peaks"
    window = QWidget()
    qtbot.addWidget(window)
    output = Output(lab.look, window, "peaks", printed)
    window.resize(520, 240)
    output.resize(500, 200)
    window.show()
    picture(output, "explain-output")
    assert output.text.toPlainText() == printed and output.text.isReadOnly()
    assert output.text.lineWrapMode() is QPlainTextEdit.LineWrapMode.NoWrap and unnamed(output) == []


def test_the_dialog_of_a_download_lists_and_takes_out_its_places(
    lab: Desktop, qtbot: QtBot, archive: Download, keyring: Memory, picture: Picture
) -> None:
    dialog = DownloadDialog(lab, None, archive, source=MadeUpTopics())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.task() == archive and dialog.also.isVisible()
    dialog.area.ensureWidgetVisible(dialog.also)
    picture(dialog, "download-also")
    buttons = {b.accessibleName(): b for b in dialog.also.findChildren(QPushButton)}
    assert "\n".join(unnamed(dialog)) == ""
    QTest.mouseClick(buttons["Take out: lab-data"], Qt.MouseButton.LeftButton)
    assert dialog.task().sinks == ("peaks",) and lab.store.settings.downloads == (archive,)
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    settings = lab.store.settings
    assert settings.downloads[0].sinks == ("peaks",) and not settings.buckets and settings.processors == (PEAKS,)
    qtbot.waitUntil(lambda: not keyring.secrets, timeout=10_000)


def test_a_bucket_and_a_program_are_changed_by_themselves(lab: Desktop, qtbot: QtBot, keyring: Memory) -> None:
    bucket = BucketDialog(lab, None, STORE)
    assert "Archive" in bucket.users.text
    bucket.pane.form.bucket.setCurrentText("lab-data-2")
    bucket.pane.form.secret.line.setText("another")
    program = ProcessorDialog(lab, None, PEAKS)
    program.form.tries.setValue(7)
    program.results.setText("xrd")
    assert not program.results_field.check()
    program.results.setText("peaks-2")
    for dialog in (bucket, program):
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        with qtbot.waitSignal(lab.store.changed, timeout=10_000):
            dialog.save()
        qtbot.waitUntil(lambda shown=dialog: not shown.isVisible(), timeout=10_000)  # type: ignore[misc]
    assert lab.store.settings.buckets == (STORE.model_copy(update={"bucket": "lab-data-2"}),)
    assert lab.store.settings.processors == (PEAKS.model_copy(update={"tries": 7, "result_topic": "peaks-2"}),)
    assert keyring.secrets == {"store": "another"}


def test_buckets_stand_below_the_connections(lab: Desktop, qtbot: QtBot, picture: Picture) -> None:
    page = ConnectionsPage(lab)
    qtbot.addWidget(page)
    page.resize(640, 480)
    page.show()
    picture(page, "connections-and-buckets")
    texts = [label.text() for label in page.findChildren(QLabel)]
    assert "lab-data" in texts and any("key LAB, secret in the keyring" in text for text in texts)
    assert "Edit the bucket lab-data" in [b.accessibleName() for b in page.findChildren(QPushButton)]
    change(lab, qtbot, lambda file: file.remove("downloads", "Archive"))
    change(lab, qtbot, lambda file: file.remove("buckets", "store"))
    assert not page.findChildren(BucketList)[0].isVisible()


def test_files_are_handed_on_again(
    lab: Desktop, qtbot: QtBot, archive: Download, monkeypatch: pytest.MonkeyPatch, picture: Picture
) -> None:
    asked: list[tuple[str, Any]] = []
    monkeypatch.setattr(lab.host, "ask", lambda kind, **more: asked.append((kind, more)))
    monkeypatch.setattr(
        lab.host, "ask_each", lambda kind, paths, **more: asked.append((kind, {"paths": paths, **more}))
    )
    from gui import made_up

    key, window = task_key(archive), QWidget()
    qtbot.addWidget(window)
    file = row(FileState.DELIVERED, "process", "s3://lab-data/a")
    menu = FileMenu(lab, [replace(file, file=replace(file.file, task=key))], window)
    texts = {action.text(): action for action in menu.actions()}
    assert "Open folder" not in texts and "Copy address in the bucket" in texts
    texts["Run again"].trigger()
    now = replace(made_up.task("Archive", "download"), key=key)
    again.AgainMenu(lab, now, menu, window).actions()[0].trigger()
    dialog = again.SinceDialog(lab, window, now)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    picture(dialog, "again-since")
    dialog.moment.setDateTime(dialog.moment.dateTime().addDays(3))
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.moment_field.is_wrong and len(asked) == 2
    dialog.moment.setDateTime(dialog.moment.dateTime().addDays(-4))
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert [kind for kind, _ in asked] == ["reprocess"] * 3
    wishes = [Wish.of("", more["argument"]) for _, more in asked]
    assert asked[0][1]["paths"] == ["run_01/a.xy"] and {more["task"] for _, more in asked} == {key}
    assert [w.failed for w in wishes] == [False, True, False] and wishes[2].since is not None
    assert "sinks: ['store', 'peaks']" in details_of(lab, now)
