"""The dialog of a connection: filled in wrongly and corrected, tested, saved; the secret in the keyring and nowhere else."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from gui.connections import BASE, GOOD, REFUSED, WANTS_TLS, WARNED, FakeTester
from gui.keyrings import Memory, files_below, with_keyring
from keyring.backends.SecretService import Keyring as SecretService
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot
from servers.keyring_session import KeyringSession

from openmsi_desktop.core.events import Stage, StageEvent
from openmsi_desktop.gui.connecting.fields import Security, fields_of
from openmsi_desktop.gui.connecting.form import ConnectionForm
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.connection import ConnectionDialog
from openmsi_desktop.gui.dialogs.connections import ConnectionsPage
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

PLANTED = "correct horse battery"
LEFT = Qt.MouseButton.LeftButton
WORKS = (*GOOD, StageEvent(stage=Stage.SIGN_IN, ok=True, seconds=0.1, title="Signed in"))


class Opened:
    """A dialog on the screen, and who was told that it was saved."""

    def __init__(
        self, desktop: Desktop, qtbot: QtBot, connection: Connection | None = None, tester: FakeTester | None = None
    ) -> None:
        self.qtbot = qtbot
        self.told: list[str] = []
        self.dialog = ConnectionDialog(
            desktop, None, connection, saved=self.told.append, tester=tester or FakeTester(*WORKS)
        )
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(self.dialog)
        self.dialog.show()

    @property
    def form(self) -> ConnectionForm:
        return self.dialog.pane.form

    def fill(self, password: str | None = PLANTED) -> None:
        self.form.set_fields(BASE)
        if password is not None:
            self.form.secret.line.setText(password)

    def test(self) -> None:
        with self.qtbot.waitSignal(self.dialog.pane.test.ended):
            self.dialog.pane.test.start()

    def save(self) -> None:
        self.qtbot.mouseClick(self.dialog.verb, LEFT)
        self.qtbot.waitUntil(lambda: bool(self.told))

    def save_untested(self) -> None:
        self.qtbot.mouseClick(self.dialog.untested, LEFT)
        self.qtbot.waitUntil(lambda: bool(self.told))


def put(desktop: Desktop, qtbot: QtBot, *connections: Connection, folder: Path | None = None) -> None:
    """Into the settings."""

    def add(file: SettingsFile) -> None:
        for connection in connections:
            file.put("connections", connection)

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    if folder is not None:
        task = WatchedFolder(name="XRD", path=folder, connection=connections[0].name, topic="xrd")
        with qtbot.waitSignal(desktop.store.changed):
            desktop.store.change(lambda file: file.put("watched_folders", task))


def test_filled_in_wrongly_then_corrected_tested_and_saved(desktop: Desktop, qtbot: QtBot) -> None:
    keyring = Memory()
    desktop = with_keyring(desktop, keyring)
    opened = Opened(desktop, qtbot)
    dialog, form = opened.dialog, opened.form
    qtbot.waitUntil(lambda: form.secret_field.finding.text == "Kept in Test Keyring")
    assert not dialog.verb.isEnabled(), "nothing was tested"
    dialog.pane.test.start()
    assert not dialog.pane.test.is_running, "there is nothing to test"
    wrong = {f.label.text(): f.error.text for f in form.shown_fields() if f.is_wrong}
    assert list(wrong) == ["Name", "Servers", "User name", "Password"]
    opened.fill()
    assert not any(f.is_wrong for f in form.shown_fields())
    opened.test()
    assert dialog.pane.test._band.title.text() == "This connection works"
    opened.save()
    saved = desktop.store.settings.connection("AIMD-L broker")
    assert saved.kafka == {
        "bootstrap.servers": "kafka1.lab.edu:9093",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "inst-sphinx",
    }
    assert saved.credential == "AIMD-L broker" and keyring.secrets == {saved.credential: PLANTED}
    assert opened.told == ["AIMD-L broker"] and not dialog.isVisible()


def test_a_secret_is_in_no_file_and_not_in_the_clipboard(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    desktop = with_keyring(desktop, Memory())
    desktop.host.start()
    opened = Opened(desktop, qtbot, tester=FakeTester(*REFUSED))
    opened.fill()
    opened.test()
    opened.dialog.pane.test.copy_details()
    details = QGuiApplication.clipboard().text()
    assert "sasl.username=inst-sphinx" in details and "wrong-password" in details
    assert PLANTED not in details
    opened.save_untested()
    files = files_below(tmp_path)
    assert any(b"inst-sphinx" in content for content in files.values())
    assert [file for file, content in files.items() if PLANTED.encode() in content] == []


def test_what_failed_is_marked_at_its_field_and_forgotten_with_the_next_key(desktop: Desktop, qtbot: QtBot) -> None:
    opened = Opened(with_keyring(desktop, Memory()), qtbot, tester=FakeTester(*REFUSED))
    opened.fill()
    opened.test()
    test = opened.dialog.pane.test
    assert test._band.title.text() == "Step 4 of 8 failed: Sign in"
    assert opened.form.secret_field.error.text == "The broker refused the user name or the password."
    assert not opened.dialog.verb.isEnabled()
    opened.form.user.setText("someone-else")
    assert test._band.title.text() == "Changed since the test" and test.outcome is None


def test_a_fix_is_one_click(desktop: Desktop, qtbot: QtBot) -> None:
    tester = FakeTester(*WANTS_TLS)
    opened = Opened(with_keyring(desktop, Memory()), qtbot, tester=tester)
    opened.fill()
    opened.form.security.setCurrentIndex(opened.form.security.findData(Security.NAME))
    opened.test()
    assert tester.requests[0].connection.kafka["security.protocol"] == "SASL_PLAINTEXT"
    tester.stages = WARNED
    button = opened.dialog.pane.test._fix_button
    assert button.isVisible() and button.text() == "Use “Encrypted, with user name”, and test again"
    with qtbot.waitSignal(opened.dialog.pane.test.ended):
        qtbot.mouseClick(button, LEFT)
    assert tester.requests[1].connection.kafka["security.protocol"] == "SASL_SSL"
    assert tester.requests[1].secret == PLANTED and tester.requests[1].connection.kafka["sasl.username"] == BASE.user
    assert opened.dialog.verb.isEnabled()


def test_a_password_is_changed_kept_or_given_to_a_new_name(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    keyring = Memory()
    desktop = with_keyring(desktop, keyring)
    keyring.secrets["kept"] = "old"
    put(desktop, qtbot, BASE.connection("kept"), folder=tmp_path)
    opened = Opened(desktop, qtbot, desktop.store.settings.connection(BASE.name))
    assert opened.dialog.verb.isEnabled(), "a new name needs no test"
    opened.form.name.setText("New name")
    opened.save()
    assert desktop.store.settings.watched_folders[0].connection == "New name", "its tasks follow"
    assert desktop.store.settings.connection("New name").credential == "kept" and keyring.secrets == {"kept": "old"}
    again = Opened(desktop, qtbot, desktop.store.settings.connection("New name"))
    again.form.secret.line.setText(PLANTED)
    assert not again.dialog.verb.isEnabled()
    again.test()
    again.save()
    assert keyring.secrets == {"kept": PLANTED}
    last = Opened(desktop, qtbot, desktop.store.settings.connection("New name"))
    last.form.security.setCurrentIndex(last.form.security.findData(Security.ENCRYPTED))
    last.save_untested()
    qtbot.waitUntil(lambda: keyring.secrets == {})
    assert desktop.store.settings.connection("New name").credential == ""


def test_a_locked_keyring_is_said_and_nothing_is_written(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    keyring = Memory()
    desktop = with_keyring(desktop, keyring)
    opened = Opened(desktop, qtbot)
    opened.fill()
    opened.test()
    keyring.is_locked = True
    qtbot.mouseClick(opened.dialog.verb, LEFT)
    field = opened.form.secret_field
    qtbot.waitUntil(lambda: field.is_wrong)
    assert "The keyring is locked. Nothing was saved." in field.error.text and "Unlock it" in field.error.text
    assert not desktop.store.settings.connections and opened.dialog.isVisible()
    assert not any(PLANTED.encode() in content for content in files_below(tmp_path).values())
    keyring.is_locked = False
    opened.save()
    assert keyring.secrets == {BASE.name: PLANTED}


def test_without_a_keyring_it_is_explained_and_never_worked_around(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    desktop = with_keyring(desktop)
    opened = Opened(desktop, qtbot)
    field = opened.form.secret_field
    qtbot.waitUntil(lambda: field.finding.text == "It cannot be kept now")
    assert "Passwords are never written to a file" in field.help.text()
    opened.fill()
    opened.test()
    qtbot.mouseClick(opened.dialog.verb, LEFT)
    qtbot.waitUntil(lambda: field.is_wrong)
    assert "This computer has no keyring. Nothing was saved." in field.error.text
    opened.form.secret.clear()
    opened.save_untested()
    assert desktop.store.settings.connection(BASE.name).credential == BASE.name, "for a variable of the environment"
    assert not any(PLANTED.encode() in content for content in files_below(tmp_path).values())


def test_the_eye_shows_and_hides_what_is_typed(desktop: Desktop, qtbot: QtBot) -> None:
    opened = Opened(with_keyring(desktop, Memory()), qtbot)
    secret = opened.form.secret
    secret.line.setText(PLANTED)
    assert secret.line.displayText() != PLANTED
    qtbot.mouseClick(secret.button, LEFT)
    assert secret.line.displayText() == PLANTED
    qtbot.mouseClick(secret.button, LEFT)
    assert secret.line.echoMode() is QLineEdit.EchoMode.Password


def test_pasted_addresses_become_lines(desktop: Desktop, qtbot: QtBot) -> None:
    opened = Opened(with_keyring(desktop, Memory()), qtbot)
    servers = opened.form.servers
    servers._lines[0].host.setText("a:1, b:2,c")
    servers._lines[0].host.editingFinished.emit()
    assert list(servers.servers) == [("a", "1"), ("b", "2"), ("c", "9092")]
    servers.remove(servers._lines[1])
    assert list(servers.servers) == [("a", "1"), ("c", "9092")]


def test_a_free_property_is_corrected(desktop: Desktop, qtbot: QtBot) -> None:
    opened = Opened(with_keyring(desktop, Memory()), qtbot)
    opened.fill()
    opened.form.more.setPlainText("client.rak = hall")
    opened.dialog.pane.test.start()
    assert opened.form.more_field.error.text.endswith('did you mean "client.rack"?')
    assert opened.form.fold.is_open
    opened.form.more.setPlainText("client.rack = hall")
    assert not opened.form.more_field.is_wrong
    opened.test()


def test_the_page_of_connections(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    keyring = Memory()
    desktop = with_keyring(desktop, keyring)
    keyring.secrets["lab"] = PLANTED
    used = Connection(name="lab", kafka={"bootstrap.servers": "lab:9092"}, credential="lab")
    put(desktop, qtbot, used, Connection(name="spare", kafka={"bootstrap.servers": "b:1"}), folder=tmp_path)
    page = ConnectionsPage(desktop)
    qtbot.addWidget(page)
    page.show()
    assert page._model.rowCount() == 2 and page.current is not None and page.current.name == "lab"
    page.remove()
    box = page.findChild(QMessageBox)
    assert box is not None and "“lab” is in use" in box.text() and "• XRD" in box.informativeText()
    box.done(0)
    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(lambda file: file.remove("watched_folders", "XRD"))
    with qtbot.waitSignal(desktop.store.changed):
        page._take_out(used)
    qtbot.waitUntil(lambda: keyring.secrets == {})
    assert [c.name for c in desktop.store.settings.connections] == ["spare"]
    assert page.current is not None and page.current.name == "spare"


@pytest.mark.parametrize("is_tested", [True, False])
def test_the_page_says_whether_it_was_tested(desktop: Desktop, qtbot: QtBot, is_tested: bool) -> None:
    desktop = with_keyring(desktop, Memory())
    desktop.host.profile.prepare()
    opened = Opened(desktop, qtbot)
    opened.fill()
    if is_tested:
        opened.test()
        opened.save()
    else:
        opened.save_untested()
    page = ConnectionsPage(desktop)
    qtbot.addWidget(page)
    assert fields_of(desktop.store.settings.connection(BASE.name)) == BASE

    def said() -> str:
        return str(page._model.data(page._model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole))

    if is_tested:
        qtbot.waitUntil(lambda: ", tested " in said())
    else:
        assert "not tested" in said()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the library leaves its connections to the bus open
def test_a_real_keyring_that_is_locked_is_said(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = KeyringSession(tmp_path / "home", tmp_path / "run")
    (tmp_path / "home").mkdir()
    try:
        session.start()
        for name, value in session.environment.items():
            monkeypatch.setenv(name, value)
        desktop = with_keyring(desktop, SecretService())  # type: ignore[no-untyped-call]
        opened = Opened(desktop, qtbot)
        field = opened.form.secret_field
        qtbot.waitUntil(lambda: field.finding.text == "Kept in GNOME Keyring", timeout=10_000)
        opened.fill()
        opened.save_untested()
        assert desktop.credentials.secret(BASE.name) == PLANTED
        session.lock()
        again = Opened(desktop, qtbot, desktop.store.settings.connection(BASE.name))
        again.form.secret.line.setText("another password")
        QTest.mouseClick(again.dialog.untested, LEFT)
        field = again.form.secret_field
        qtbot.waitUntil(lambda: field.is_wrong, timeout=20_000)
        assert "Nothing was saved." in field.error.text and "nlock" in field.error.text
        session.unlock()
        assert desktop.credentials.secret(BASE.name) == PLANTED
    finally:
        session.close()
        gc.collect()


def test_a_secret_of_another_data_folder_is_not_replaced(desktop: Desktop, qtbot: QtBot) -> None:
    """The keyring is one for all data folders of a person, and a folder knows only the names of its own secrets."""
    keyring = Memory()
    keyring.secrets[BASE.name] = "of another data folder"
    desktop = with_keyring(desktop, keyring)
    opened = Opened(desktop, qtbot)
    opened.fill()
    opened.test()
    opened.save()
    assert keyring.secrets == {BASE.name: "of another data folder", f"{BASE.name}-2": PLANTED}
    assert desktop.store.settings.connections[0].credential == f"{BASE.name}-2"


def test_nothing_saved_means_the_password_too(desktop: Desktop, qtbot: QtBot) -> None:
    """The keyring comes first; where the settings refuse then, the password that works is back in it."""
    keyring = Memory()
    desktop = with_keyring(desktop, keyring)
    first = Opened(desktop, qtbot)
    first.fill()
    first.test()
    first.save()
    again = Opened(desktop, qtbot, desktop.store.settings.connections[0])
    again.form.secret.line.setText("another one")
    again.test()
    desktop.store.path.write_text(desktop.store.path.read_text() + "\nnonsense = 1\n")
    qtbot.mouseClick(again.dialog.verb, LEFT)
    qtbot.waitUntil(lambda: not again.dialog.trouble.isHidden(), timeout=10_000)
    qtbot.waitUntil(lambda: keyring.secrets == {BASE.name: PLANTED})
