"""The first run: from nothing to a file that is Checked, in at most twelve clicks; wrong answers; what is left for later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.connections import GOOD, REFUSED, FakeTester
from gui.keyrings import Memory, files_below, with_keyring
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState, Stage, StageEvent
from openmsi_desktop.gui import autostart
from openmsi_desktop.gui.app import App
from openmsi_desktop.gui.connecting.fields import Security
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.first_run import FirstRun
from openmsi_desktop.gui.dialogs.transfer import TransferDialog
from openmsi_desktop.gui.first.pages import Wish
from openmsi_desktop.gui.first.proof import RUNGS, Errand, Proved, Rung
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.places import find_places
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]
PLANTED = "correct horse battery"
SIGNED_IN = (*GOOD, StageEvent(stage=Stage.SIGN_IN, ok=True, seconds=0.1, title="Signed in"))
READS = (
    *SIGNED_IN,
    StageEvent(stage=Stage.READ, ok=True, seconds=0.1, topic="xrd", title="The account may read"),
)


class FakeProver:
    """Climbs the ladder, or refuses."""

    def __init__(self, *, is_good: bool = True) -> None:
        self.is_good = is_good
        self.errands: list[Errand] = []

    def __call__(self, errand: Errand, tell: Callable[[Rung], None], stop: threading.Event) -> Proved:
        self.errands.append(errand)
        for rung in RUNGS if self.is_good else RUNGS[:1]:
            tell(Rung(rung, "openmsi-test-XRD-PC-1403.txt", 0.1))
        return Proved(is_good=self.is_good, title="" if self.is_good else "The account may not write to the topic",
                      advice="" if self.is_good else "Ask the broker's administrators for the right.")  # fmt: skip


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """What was asked of the login; this computer's own is left alone."""
    asked: list[bool] = []
    monkeypatch.setattr(autostart, "set_on", lambda is_on, *, places, is_hidden: asked.append(is_on))
    yield asked


class Wizard:
    """One on the screen, driven by clicks that are counted, and by keys."""

    def __init__(self, desktop: Desktop, qtbot: QtBot, **stand_ins: Any) -> None:
        self.qtbot = qtbot
        self.clicks = 0
        self.window = FirstRun(desktop, **stand_ins)
        qtbot.addWidget(self.window)
        self.window.show()

    def click(self, widget: QWidget) -> None:
        assert widget.isVisible() and widget.isEnabled(), widget.accessibleName()
        self.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def forward(self) -> None:
        self.qtbot.waitUntil(self.window.forward.isEnabled, timeout=20_000)
        self.click(self.window.forward)

    def fill_connection(self, host: str, port: str) -> None:
        form = self.window.connection.pane.form
        QTest.keyClicks(form.name, "lab")
        line = form.servers._lines[0]
        line.host.setText(host)
        line.port.setText(port)

    def test_connection(self) -> None:
        with self.qtbot.waitSignal(self.window.connection.pane.test.ended, timeout=30_000):
            self.click(self.window.connection.pane.test._button)


def test_from_nothing_to_a_checked_file_in_twelve_clicks(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, _embedded: Any, login: list[bool], picture: Picture
) -> None:
    desktop.host.start()
    desktop.observer.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=20_000)
    topic, folder = _embedded.create_topic(), tmp_path / "out"
    folder.mkdir()
    (folder / "scan.dat").write_bytes(b"measured")
    before, settings = set(files_below(tmp_path)), desktop.store.path.read_bytes()
    wizard = Wizard(desktop, qtbot)
    window = wizard.window
    wizard.click(window.welcome.hand)
    host, _, port = str(_embedded.config["bootstrap.servers"]).rpartition(":")
    wizard.fill_connection(host, port)
    security = window.connection.pane.form.security
    security.setFocus()
    wizard.clicks += 2  # opened and chosen with the mouse
    security.setCurrentIndex(security.findData(Security.NONE))
    assert not window.forward.isEnabled()
    wizard.test_connection()
    wizard.forward()
    wizard.click(window.what.buttons[Wish.SEND])
    QTest.keyClicks(window.folder.folder.line, str(folder))
    QTest.keyClicks(window.folder.topic, topic)
    qtbot.waitUntil(lambda: window.folder.load is not None)
    assert "✓ scan.dat" in window.folder.preview.text()
    picture(window, "first-run-folder")
    wizard.forward()
    wizard.forward()
    wizard.click(window.proof.send)
    qtbot.waitUntil(lambda: window.proof.is_proved, timeout=30_000)
    assert window.proof.title.text() == "It works!"
    assert window.proof.ladder.texts()[0].startswith("openmsi-test-")
    assert window.proof.ladder.texts()[1:] == ["confirmed by lab", "read back from the topic, contents equal"]
    assert wizard.clicks <= 12, "to the first Checked file"
    picture(window, "first-run-proof")
    assert desktop.store.path.read_bytes() == settings, "nothing is stored before the end"
    assert {f for f in set(files_below(tmp_path)) - before if "data" not in f.parts} == set()
    wizard.click(window.proof.all)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert wizard.clicks <= 12
    task = desktop.store.settings.watched_folders[0]
    assert (task.path, task.topic, task.connection, task.check) == (folder, topic, "lab", True)
    assert (task.existing, task.paused, task.settle.quiet_s) == ("send", False, 30.0)
    assert login == [True]

    def is_checked() -> bool:
        now = desktop.observer.now.task(task_key(task))
        return now is not None and now.counts.get(FileState.CHECKED) == 1

    (folder / "scan.dat").touch()
    qtbot.waitUntil(is_checked, timeout=60_000)


def test_wrong_answers_are_corrected(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    tester, prover = FakeTester(*REFUSED), FakeProver(is_good=False)
    desktop = with_keyring(desktop, Memory())
    wizard = Wizard(desktop, qtbot, tester=tester, prover=prover)
    window = wizard.window
    wizard.click(window.welcome.hand)
    window.connection.pane.test.start()
    assert window.connection.pane.form.name_field.is_wrong
    wizard.fill_connection("kafka", "9093")
    window.connection.pane.form.user.setText("xrd")
    window.connection.pane.form.secret.line.setText(PLANTED)
    wizard.test_connection()
    assert not window.forward.isEnabled() and "sign-in" in window.hint.text()
    tester.stages = READS
    wizard.test_connection()
    wizard.forward()
    wizard.click(window.what.buttons[Wish.SEND])
    window.folder.folder.line.setText(str(tmp_path / "nothing"))
    window.folder.topic.setText("no topic")
    wizard.forward()
    assert window.step == 3
    assert "no such folder" in window.folder.folder_field.error.text
    assert "letters, digits" in window.folder.topic_field.error.text
    window.folder.folder.line.setText(str(tmp_path))
    window.folder.topic.setText("xrd")
    wizard.forward()
    wizard.forward()
    wizard.click(window.proof.send)
    qtbot.waitUntil(lambda: window.proof.band.title.text() == "The account may not write to the topic")
    assert window.proof.band.isVisible()
    assert prover.errands[0].secret == PLANTED and not window.proof.is_proved
    qtbot.waitUntil(window.proof.only_check.isEnabled)
    wizard.click(window.proof.only_check)
    qtbot.waitUntil(lambda: window.proof.band.title.text() == "Nothing speaks against it")
    assert "weaker" in window.proof.band.text.text() and not window.proof.is_proved
    assert unnamed(window) == []
    assert not any(PLANTED.encode() in content for content in files_below(tmp_path).values())
    qtbot.waitUntil(window.proof.new.isEnabled)
    window.keep.at_login.setChecked(False)
    wizard.click(window.proof.new) if window.proof.new.isVisible() else wizard.click(window.proof.all)
    qtbot.waitUntil(lambda: not window.isVisible())
    task = desktop.store.settings.watched_folders[0]
    assert not task.check, "nothing was read back"
    assert desktop.store.settings.connection("lab").credential == "lab"
    assert not any(PLANTED.encode() in content for content in files_below(tmp_path).values())


def test_passing_on_ends_with_the_dialog_for_the_bucket(desktop: Desktop, qtbot: QtBot, login: list[bool]) -> None:
    desktop = with_keyring(desktop, Memory())
    wizard = Wizard(desktop, qtbot, tester=FakeTester(*READS), prover=FakeProver())
    window = wizard.window
    wizard.click(window.welcome.hand)
    wizard.fill_connection("kafka1.lab.edu", "9093")
    window.connection.pane.form.security.setCurrentIndex(
        window.connection.pane.form.security.findData(Security.ENCRYPTED)
    )
    wizard.test_connection()
    wizard.forward()
    wizard.click(window.what.buttons[Wish.PASS_ON])
    assert window.folder.topic.isVisible() and not window.folder.folder.isVisible()
    QTest.keyClicks(window.folder.topic, "xrd")
    wizard.forward()
    wizard.forward()
    assert not window.proof.send.isVisible()
    wizard.click(window.proof.only_check)
    qtbot.waitUntil(lambda: window.proof.band.title.text() == "It works!", timeout=20_000)
    wizard.click(window.proof.all)
    qtbot.waitUntil(lambda: not window.isVisible())
    (dialog,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, TransferDialog))
    qtbot.addWidget(dialog)
    assert dialog.place.connections.name == "lab" and dialog.many.topics == ("xrd",)
    assert not desktop.store.settings.downloads


def test_later_means_that_nothing_runs(desktop: Desktop, qtbot: QtBot, login: list[bool]) -> None:
    wizard = Wizard(desktop, qtbot, tester=FakeTester())
    wizard.click(wizard.window.welcome.hand)
    wizard.click(wizard.window.connection.skip)
    assert "Nothing will run yet" in wizard.window.hint.text()
    wizard.click(wizard.window.back)
    wizard.click(wizard.window.connection.skip)
    wizard.window.keep.at_login.setChecked(False)
    wizard.forward()
    qtbot.waitUntil(lambda: not wizard.window.isVisible())
    settings = desktop.store.settings
    assert not settings.connections and not settings.watched_folders and login == [False]


def test_practice_is_another_program(desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr("openmsi_desktop.gui.dialogs.first_run.open_practice", opened.append)
    wizard = Wizard(desktop, qtbot)
    wizard.click(wizard.window.welcome.try_it)
    assert opened and not wizard.window.isVisible()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desktop: Desktop, qtbot: QtBot, picture: Picture, tmp_path: Path, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    desktop = with_keyring(desktop, Memory())
    wizard = Wizard(desktop, qtbot, tester=FakeTester(*SIGNED_IN), prover=FakeProver())
    window = wizard.window
    picture(window, f"first-run-welcome-{theme}")
    window.next()
    wizard.fill_connection("kafka1.lab.edu", "9093")
    picture(window, f"first-run-connection-{theme}")
    window.go_to(2)
    picture(window, f"first-run-wish-{theme}")
    window.go_to(4)
    picture(window, f"first-run-keep-{theme}")
    window.folder.topic.setText("sphinx_raw")
    window.go_to(5)
    window.proof.prove()
    qtbot.waitUntil(lambda: window.proof.is_proved)
    picture(window, f"first-run-proof-{theme}")


@pytest.mark.qt_log_ignore("QSystemTrayIcon", "No such signal QPlatformNativeInterface", extend=True)
@pytest.mark.parametrize("is_first", [True, False])
def test_the_program_opens_it_when_there_are_no_settings(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, is_first: bool
) -> None:
    settings = tmp_path / "settings.toml"
    if not is_first:
        settings.write_text("version = 1\n")
    app = App(qapp, find_places(settings=settings, data=tmp_path / "data", environment={}))
    app.start()
    opened = [w for w in QApplication.topLevelWidgets() if isinstance(w, FirstRun) and w.isVisible()]
    assert bool(opened) is is_first
    for window in opened:
        window.close()
    app.window.hide()
    app.stop()
