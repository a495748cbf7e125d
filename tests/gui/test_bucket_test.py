"""The test of a bucket in its dialog, against a real store: it works, with too few rights, with a wrong secret; and the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from gui.accessible import unnamed
from gui.keyrings import Memory, with_keyring
from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from servers.s3 import ROOT, S3, Keys

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.transfer import TransferDialog
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.settings import Connection

Picture = Callable[[QWidget, str], Path]


@pytest.fixture
def dialog(desktop: Desktop, qtbot: QtBot) -> TransferDialog:
    lab = with_keyring(desktop, Memory())
    add = Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"})
    change(lab, qtbot, lambda file: file.put("connections", add))
    dialog = TransferDialog(lab, None, source=MadeUpTopics())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def fill_in(dialog: TransferDialog, s3: S3, keys: Keys, bucket: str) -> None:
    form = dialog.pane.form
    form.store.kind.setCurrentIndex(form.store.kind.findData("other"))
    form.store.endpoint.setText(s3.endpoint)
    form.key_id.setText(keys.access_key_id)
    form.secret.line.setText(keys.secret)
    form.bucket.setCurrentText(bucket)


def verdict_of(dialog: TransferDialog, qtbot: QtBot) -> str:
    test = dialog.pane.test
    with qtbot.waitSignal(test.ended, timeout=30_000):
        test.start()
    return test._band.title.text()


def test_a_bucket_that_works_and_one_that_does_not(
    dialog: TransferDialog, qtbot: QtBot, s3: S3, desktop: Desktop, picture: Picture
) -> None:
    bucket = s3.create_bucket()
    keys = s3.user(bucket, "s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObject", "s3:GetBucketLocation")
    dialog.pane.test.start()
    assert not dialog.pane.test.is_running and dialog.pane.form.bucket_field.is_wrong
    fill_in(dialog, s3, keys, bucket)
    assert verdict_of(dialog, qtbot).startswith("This bucket works")
    dialog.area.ensureWidgetVisible(dialog.pane.test, 0, 400)
    picture(dialog, "bucket-works")
    assert s3.keys(bucket) == []
    dialog.pane.test.copy_details()
    copied = QGuiApplication.clipboard().text()
    assert f"Bucket {bucket}" in copied and keys.secret not in copied and "put" in copied
    dialog.pane.form.store.region.setText("eu-west-1")
    assert "warning" in verdict_of(dialog, qtbot)
    assert dialog.pane.test._fix_button.text() == "Use the region us-east-1, and test again"
    with qtbot.waitSignal(dialog.pane.test.ended, timeout=30_000):
        QTest.mouseClick(dialog.pane.test._fix_button, Qt.MouseButton.LeftButton)
    assert dialog.pane.form.values()["region"] == "us-east-1" and dialog.pane.test._fix_row.isHidden()
    s3.forbid(keys, bucket)
    s3.allow(keys, bucket, "s3:PutObject", "s3:GetObject")
    assert "with" in verdict_of(dialog, qtbot) and "warning" in dialog.pane.test._band.title.text()
    desktop.look.set_theme(Theme.DARK)
    picture(dialog, "bucket-warning-dark")
    dialog.pane.form.secret.line.setText("wrong")
    assert dialog.pane.test.outcome is None
    assert verdict_of(dialog, qtbot).startswith("Step 4 of 11 failed")
    assert "secret" in dialog.pane.form.secret_field.error.text.lower()
    assert dialog.pane.test._band.text.text() == "The secret key does not fit the access key id. Give the right one."
    picture(dialog, "bucket-refused-dark")
    assert "\n".join(unnamed(dialog)) == ""
    assert json.dumps(dialog.pane.form.values()).find("wrong") < 0


def test_buckets_to_choose_from(dialog: TransferDialog, qtbot: QtBot, s3: S3) -> None:
    bucket = s3.create_bucket()
    form = dialog.pane.form
    fill_in(dialog, s3, ROOT, "")
    QTest.mouseClick(form.list_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(form.bucket_field.finding.text), timeout=20_000)
    names = [form.bucket.itemText(n) for n in range(form.bucket.count())]
    assert bucket in names and "to choose from" in form.bucket_field.finding.text
    form.bucket.hidePopup()
    form.store.endpoint.setText("http://127.0.0.1:1")
    QTest.mouseClick(form.list_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Nothing answers" in form.bucket_field.finding.text, timeout=20_000)
    fill_in(dialog, s3, Keys(ROOT.access_key_id, "wrong"), "")
    QTest.mouseClick(form.list_button, Qt.MouseButton.LeftButton)
    refused = (
        f"127.0.0.1:{s3.port} does not accept the secret access key. The secret key does not fit the access key id. "
    )
    qtbot.waitUntil(lambda: form.bucket_field.finding.text == refused + "Give the right one.", timeout=20_000)
