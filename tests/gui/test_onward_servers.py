"""From a watched folder into a bucket, with a real broker and a real store: added in the dialog, it runs at once, and the sender hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from gui.keyrings import Memory
from gui.test_watch_dialog import change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from servers.kafka import Kafka
from servers.s3 import ROOT, S3
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.transfer import TransferDialog
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.status import status_of
from openmsi_desktop.gui.window.main import MainWindow
from openmsi_desktop.settings import Connection, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

pytestmark = not_on_windows(Needs.OTHER_SERVERS)

PATIENCE_MS = 40_000


@pytest.fixture
def secrets() -> Iterator[dict[str, str]]:
    """What the keyring of this computer holds: that of nobody else."""
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory.secrets
    keyring.set_keyring(before)


def test_a_file_of_a_folder_is_stored_in_a_bucket_and_its_sender_sees_it_arrive(
    secrets: dict[str, str],
    desktop: Desktop,
    qtbot: QtBot,
    kafka: Kafka,
    s3: S3,
    tmp_path: Path,
    picture: Callable[[QWidget, str], Path],
) -> None:
    topic, bucket, out = kafka.create_topic(), s3.create_bucket(), tmp_path / "out"
    kafka.create_topic(f"{topic}.receipts")
    out.mkdir()

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": kafka.bootstrap()}))
        settle = Settle(quiet_s=0)
        folder = WatchedFolder(name="Out", path=out, connection="lab", topic=topic, settle=settle, receipts=True)
        file.put("watched_folders", folder)

    change(desktop, qtbot, add)
    desktop.host.start()
    desktop.observer.start()
    window = MainWindow(desktop)
    qtbot.addWidget(window)
    window.show()

    dialog = TransferDialog(desktop, window)
    dialog.show()
    form = dialog.pane.form
    dialog.topic.set_topic(topic)
    dialog.name.setText("Backup")
    form.store.kind.setCurrentIndex(form.store.kind.findData("minio"))
    form.store.endpoint.setText(s3.endpoint)
    form.key_id.setText(ROOT.access_key_id)
    QTest.keyClicks(form.secret.line, ROOT.secret)
    form.bucket.setCurrentText(bucket)
    dialog.receipts.setChecked(True)
    with qtbot.waitSignal(dialog.pane.test.ended, timeout=PATIENCE_MS):
        dialog.pane.test.start()
    assert dialog.pane.test.outcome is not None and dialog.pane.test.outcome.is_good
    with qtbot.waitSignal(dialog.accepted, timeout=PATIENCE_MS):
        QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert list(secrets.values()) == [ROOT.secret] and ROOT.secret not in desktop.store.path.read_text()

    def count(kind: str, state: FileState) -> int:
        found: list[TaskNow] = [t for t in desktop.observer.now.tasks if t.kind == kind]
        return found[0].counts.get(state, 0) if found else -1

    (out / "scan_001.xy").write_text("10.0 231\n10.1 240\n")
    qtbot.waitUntil(lambda: count("transfer", FileState.DELIVERED) == 1, timeout=PATIENCE_MS)
    assert s3.content(bucket, f"{topic}/scan_001.xy") == (out / "scan_001.xy").read_bytes()
    qtbot.waitUntil(lambda: count("watch", FileState.ARRIVED) == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "1 stored" in status_of(desktop.observer.now).details, timeout=PATIENCE_MS)
    picture(window, "stored-and-arrived")
