"""The dialog "Send on to S3": filled in wrongly, corrected, saved with its secret, and opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.keyrings import Memory, files_below, with_keyring
from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.transfer import TransferDialog
from openmsi_desktop.gui.kinds import kind_of
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.settings import Bucket, Connection, Download
from openmsi_desktop.settings_file import SettingsFile

Picture = Callable[[QWidget, str], Path]
Open = Callable[..., TransferDialog]
STORE = Bucket(
    name="lab-store", bucket="lab-data", endpoint_url="https://s3.example.org", access_key_id="LAB",
    credential="lab-store",
)  # fmt: skip


@pytest.fixture
def keyring() -> Memory:
    return Memory()


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot, keyring: Memory) -> Desktop:
    """With a connection and a keyring."""
    lab = with_keyring(desktop, keyring)
    change(
        lab,
        qtbot,
        lambda file: file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"})),
    )
    return lab


@pytest.fixture
def open_dialog(lab: Desktop, qtbot: QtBot) -> Open:
    def made(item: Download | None = None, **more: Any) -> TransferDialog:
        dialog = TransferDialog(lab, None, item, source=MadeUpTopics(), **more)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made


def press(dialog: TransferDialog, qtbot: QtBot) -> None:
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)


def put(lab: Desktop, qtbot: QtBot, *items: Download | Bucket) -> None:
    def add(file: SettingsFile) -> None:
        for item in items:
            file.put("buckets" if isinstance(item, Bucket) else "downloads", item)

    change(lab, qtbot, add)


def test_everything_wrong_and_then_right(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, keyring: Memory, picture: Picture
) -> None:
    dialog = open_dialog()
    form = dialog.pane.form
    picture(dialog, "transfer-empty")
    form.store.kind.setCurrentIndex(form.store.kind.findData("other"))
    form.store.endpoint.setText("s3.example.org")
    form.key_id.setText("LAB")
    form.key.set_template("{topic}/{nmae}")
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and dialog.place_field.is_wrong
    assert "with https:// at its beginning" in form.store.endpoint_field.error.text
    assert "Type the secret key" in form.secret_field.error.text
    assert "Type the name of the bucket" in form.bucket_field.error.text
    assert "There is no {nmae}" in form.key_field.error.text
    picture(dialog, "transfer-wrong")
    dialog.topic.set_topic("xrd")
    form.store.endpoint.setText("https://s3.example.org")
    form.secret.line.setText("wJalrXUtnFEMI")
    form.bucket.setCurrentText("lab-data")
    form.key.set_template("")
    for name in ("{topic}", "{name}"):
        button = next(b for b in form.key.names.findChildren(QWidget) if b.property("text") == name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        form.key.line.insert("/" if name == "{topic}" else "")
    assert form.key.example.text == "For example, run_01/scan_004.tif becomes xrd/scan_004.tif"
    assert "\n".join(unnamed(dialog)) == ""
    press(dialog, qtbot)
    task, bucket = lab.store.settings.downloads[-1], lab.store.settings.buckets[-1]
    assert (task.title, task.topics, task.target, task.sinks) == ("xrd", ("xrd",), None, (bucket.name,))
    assert (bucket.bucket, bucket.object_key, bucket.access_key_id) == ("lab-data", "{topic}/{name}", "LAB")
    assert keyring.secrets == {bucket.credential: "wJalrXUtnFEMI"}
    assert not any(b"wJalrXUtnFEMI" in content for content in files_below(lab.places.data.parent).values())


@pytest.mark.parametrize(
    ("bucket", "more"),
    [
        ({}, {}),
        ({"endpoint_url": "", "region": ""}, {"name": "A"}),
        ({"endpoint_url": "", "region": "eu-central-1"}, {"name": "B"}),
        ({"endpoint_url": "https://s3.eu-west-2.wasabisys.com", "region": "odd"}, {"name": "C"}),
        ({"endpoint_url": "http://127.0.0.1:7070/", "ca_file": ""}, {"name": "D"}),
        ({"region": "eu-1", "checksum": "sha256", "addressing": "path", "jobs": 4}, {"from_": "now", "receipts": True}),
        ({"if_exists": "skip", "object_key": "{date}/{name}"}, {"group": "hpc", "name": "", "spool_limit": 5}),
        ({"access_key_id": "", "credential": ""}, {"include": ("*.tif",), "exclude": ("old/",), "paused": True}),
    ],
)
def test_nothing_gets_lost_on_the_way_through_the_dialog(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, bucket: dict[str, Any], more: dict[str, Any]
) -> None:
    store = STORE.model_copy(update=bucket)
    task = Download(**{"name": "T", "topics": ("a", "b"), "connection": "lab", "sinks": ("lab-store",), **more})
    put(lab, qtbot, store, task)
    before = lab.store.path.read_text()
    dialog = open_dialog(task)
    assert dialog.task() == task and dialog.entry().sink == store and not dialog.anew.isVisible()
    press(dialog, qtbot)
    assert lab.store.path.read_text() == before


@pytest.mark.parametrize(
    ("store", "blank", "expected"),
    [
        ("amazon", "eu-central-1", ("", "eu-central-1")),
        ("wasabi", "eu-west-2", ("https://s3.eu-west-2.wasabisys.com", "eu-west-2")),
        ("cloudflare", "0" * 32, (f"https://{'0' * 32}.r2.cloudflarestorage.com", "auto")),
        ("google", "", ("https://storage.googleapis.com", "auto")),
    ],
)
def test_a_known_store_needs_no_address(open_dialog: Open, store: str, blank: str, expected: tuple[str, str]) -> None:
    form = open_dialog().pane.form
    form.store.kind.setCurrentIndex(form.store.kind.findData(store))
    assert not form.store.endpoint.isVisible() and form.store.blank.isVisible() == bool(blank)
    form.store.blank.setText(blank)
    assert form.store.values == expected and form.store.blank_field.check()
    if blank:
        form.store.blank.setText("no such place!")
        assert not form.store.blank_field.check() and "for example" in form.store.blank_field.error.text


def test_a_copy_goes_into_the_same_bucket_and_wants_another_topic(
    open_dialog: Open, lab: Desktop, qtbot: QtBot
) -> None:
    task = Download(name="T", topics=("xrd",), connection="lab", sinks=("lab-store",))
    put(lab, qtbot, STORE, task)
    dialog = open_dialog(task, is_copy=True)
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert "“T” hands the files of this topic on there already" in dialog.picker_field.error.text
    dialog.topic.set_topic("sphinx_raw")
    press(dialog, qtbot)
    assert [t.sinks for t in lab.store.settings.downloads] == [("lab-store",), ("lab-store",)]
    assert lab.store.settings.buckets == (STORE,)


def test_one_reader_for_a_folder_and_a_bucket(open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    there = Download(name="Archive", topics=("xrd",), connection="lab", target=tmp_path / "archive")
    put(lab, qtbot, there)
    dialog = open_dialog()
    assert not dialog.same.isVisible()
    dialog.topic.set_topic("xrd")
    assert dialog.same.isVisible() and "Archive" in dialog.same.note.text and dialog.begin.isVisible()
    dialog.same.box.setChecked(True)
    assert not dialog.begin.isVisible() and not dialog.name.isVisible()
    dialog.pane.form.bucket.setCurrentText("lab-data")
    press(dialog, qtbot)
    assert lab.store.settings.downloads == (there.model_copy(update={"sinks": ("lab-data",)}),)
    assert kind_of("download").route(lab.store.settings, lab.store.settings.downloads[0]) == (
        "xrd", str(tmp_path / "archive"), "lab-data",
    )  # fmt: skip


def test_a_locked_keyring_changes_nothing(open_dialog: Open, lab: Desktop, qtbot: QtBot, keyring: Memory) -> None:
    dialog = open_dialog()
    dialog.topic.set_topic("xrd")
    form = dialog.pane.form
    form.key_id.setText("LAB")
    form.secret.line.setText("wJalr")
    form.bucket.setCurrentText("lab-data")
    keyring.is_locked = True
    before = lab.store.path.read_bytes()
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.secret_field.is_wrong, timeout=10_000)
    assert "Nothing was saved" in form.secret_field.error.text and lab.store.path.read_bytes() == before


def test_a_refused_change_leaves_no_secret_behind(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, keyring: Memory
) -> None:
    dialog = open_dialog()
    dialog.topic.set_topic("xrd")
    dialog.pane.form.key_id.setText("LAB")
    dialog.pane.form.secret.line.setText("wJalr")
    dialog.pane.form.bucket.setCurrentText("lab-data")
    meanwhile = SettingsFile(lab.store.path)  # with an editor, and the window has not noticed
    meanwhile.put("buckets", STORE.model_copy(update={"access_key_id": "", "credential": ""}))
    meanwhile.put("downloads", Download(name="xrd", topics=("sem",), connection="lab", sinks=("lab-store",)))
    meanwhile.write()
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.name_field.is_wrong, timeout=10_000)
    assert "“xrd” already" in dialog.name_field.error.text
    qtbot.waitUntil(lambda: not keyring.secrets, timeout=10_000)
    assert [b.name for b in lab.store.settings.buckets] == ["lab-store"]


def test_further_places_stay_when_the_first_is_changed(open_dialog: Open, lab: Desktop, qtbot: QtBot) -> None:
    more = STORE.model_copy(update={"name": "more", "bucket": "second"})
    task = Download(name="T", topics=("xrd",), connection="lab", sinks=("lab-store", "more"))
    put(lab, qtbot, STORE, more, task)
    dialog = open_dialog(task)
    assert dialog.also.isVisible() and dialog.task() == task
    dialog.begin.now.setChecked(True)
    press(dialog, qtbot)
    assert lab.store.settings.downloads[0].sinks == ("lab-store", "more") and len(lab.store.settings.buckets) == 2


def test_removed_with_its_bucket_and_its_secret(lab: Desktop, qtbot: QtBot, keyring: Memory) -> None:
    first = Download(name="T", topics=("xrd",), connection="lab", sinks=("lab-store",))
    other = Download(name="U", topics=("sem",), connection="lab", sinks=("lab-store",))
    lab.credentials.store("lab-store", "wJalr")
    put(lab, qtbot, STORE, first, other)
    kind = kind_of("transfer")
    with qtbot.waitSignal(lab.store.changed, timeout=10_000):
        kind.remove(lab, first)
    assert lab.store.settings.buckets == (STORE,) and keyring.secrets
    with qtbot.waitSignal(lab.store.changed, timeout=10_000):
        kind.remove(lab, other)
    left = lab.store.settings
    assert not left.buckets and not left.downloads
    qtbot.waitUntil(lambda: not keyring.secrets, timeout=10_000)


def test_pictures(open_dialog: Open, lab: Desktop, qtbot: QtBot, picture: Picture) -> None:
    task = Download(name="XRD to the archive", topics=("xrd", "sphinx_raw"), connection="lab", sinks=("lab-store",))
    put(lab, qtbot, STORE.model_copy(update={"checksum": "sha256"}), task)
    dialog = open_dialog(task)
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    picture(dialog, "transfer-light")
    lab.look.set_theme(Theme.DARK)
    bar = dialog.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    picture(dialog, "transfer-dark")
