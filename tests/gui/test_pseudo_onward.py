"""The dialogs for buckets and processors, when every text is a third longer."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.keyrings import Memory, with_keyring
from gui.pseudo import clipped, speak_pseudo, untranslated
from gui.test_watch_dialog import MadeUpTopics
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.process import ProcessDialog
from openmsi_desktop.gui.dialogs.sink import BucketDialog, ProcessorDialog
from openmsi_desktop.gui.dialogs.transfer import TransferDialog
from openmsi_desktop.gui.sinks.trial_view import Tried
from openmsi_desktop.settings import Bucket, Processor

Picture = Callable[[QWidget, str], Path]
NAMES = (
    "Amazon S3", "MinIO", "Ceph (RADOS Gateway)", "Wasabi", "Backblaze B2", "Cloudflare R2", "Google Cloud Storage",
    "SHA-256", "CRC-64/NVME", "Test Keyring", "GB", "MB", "kB", "TB", "eu-central-1", "https://", "peak_width = 0.2",
    "LAB = hall-3", "{topic}", "{path}", "{subdir}", "{name}", "{sha512}", "{date}", "{file}", "{relative_path}",
    "{size}", "{output_dir}", "s3.example.org", "lab-data", "sample.xy", "peaks.csv", sys.executable,
)  # fmt: skip
"""What is called the same in every language."""
STORE = Bucket(name="lab", bucket="lab-data", endpoint_url="https://s3.example.org", ca_file="/lab/ca.pem", jobs=2)


@pytest.fixture
def pseudo(desktop: Desktop, qapp: QApplication) -> Iterator[Desktop]:
    translator = speak_pseudo(qapp)
    yield with_keyring(desktop, Memory())
    qapp.removeTranslator(translator)


def tries(processor: Processor, sample: Path, topic: str, stop: threading.Event) -> Tried:
    return Tried("31.6", None, ['{"n": 1}'], [("peaks.csv", 29)])


@pytest.mark.parametrize("kind", ["transfer", "program", "class"])
def test_dialogs_of_tasks(pseudo: Desktop, qtbot: QtBot, picture: Picture, kind: str) -> None:
    dialog: TransferDialog | ProcessDialog
    if kind == "transfer":
        dialog = TransferDialog(pseudo, None, source=MadeUpTopics())
    else:
        dialog = ProcessDialog(pseudo, None, source=MadeUpTopics(), trier=tries)
        dialog.form.program.set_path(sys.executable)
        dialog.form.is_class.setChecked(kind == "class")
    qtbot.addWidget(dialog)
    dialog.technical.open()
    dialog.more.open()
    dialog.show()
    dialog.check()
    dialog.resize(780, 2200)
    picture(dialog, f"pseudo-{kind}")
    assert untranslated(dialog, *NAMES) == []
    assert [text for text in clipped(dialog) if "Add a pattern" not in text] == []  # only its icon is shown


def test_dialogs_of_sinks(pseudo: Desktop, qtbot: QtBot, picture: Picture, tmp_path: Path) -> None:
    bucket = BucketDialog(pseudo, None, STORE)
    processor = ProcessorDialog(
        pseudo, None, Processor(name="p", command=(sys.executable, "{file}"), tries=5), trier=tries
    )
    processor.trial.sample.set_path(tmp_path / "sample.xy")
    for dialog in (bucket, processor):
        qtbot.addWidget(dialog)
        dialog.show()
    processor.trial.start()
    qtbot.waitUntil(lambda: processor.trial.tried is not None)
    for dialog in (bucket, processor):
        picture(dialog, f"pseudo-{type(dialog).__name__}")
        assert untranslated(dialog, *NAMES, str(tmp_path), "/lab/ca.pem", "31.6") == []
        assert [text for text in clipped(dialog) if "Add a pattern" not in text] == []  # only its icon is shown
