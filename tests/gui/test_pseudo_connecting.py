"""The connection dialog, the drop window and the first run, when every text is a third longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.connections import BASE, KINDS, REFUSED, WANTS_TLS, FakeTester
from gui.keyrings import Memory, with_keyring
from gui.pseudo import clipped, speak_pseudo, untranslated
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.connection import ConnectionDialog
from openmsi_desktop.gui.dialogs.drop import DropWindow
from openmsi_desktop.gui.dialogs.first_run import FirstRun
from openmsi_desktop.gui.dropping.rows import Row

Picture = Callable[[QWidget, str], Path]
NAMES = (
    "OpenMSI Desktop", "SCRAM-SHA-512", "SCRAM-SHA-256", "OAUTHBEARER", "GSSAPI", "SASL_PLAINTEXT", "PLAINTEXT",
    "SASL_SSL", "SSL", "PLAIN", "kafka.example.org", "client.rack = hall-3", "https://", "Test Keyring", "GB", "MB",
    "kB", "TB", "&nbsp;", ", and test again",
)  # fmt: skip
"""What is called the same in every language, and the end of a sentence in brackets with another in it."""


@pytest.fixture
def pseudo(desktop: Desktop, qapp: QApplication) -> Iterator[Desktop]:
    translator = speak_pseudo(qapp)
    yield with_keyring(desktop, Memory())
    qapp.removeTranslator(translator)


def engine_said(stages: object) -> list[str]:
    """The engine's own sentences are English in every language."""
    return [text for stage in stages for text in (stage.title, stage.title + ".", stage.advice) if text]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_the_connection_dialog(pseudo: Desktop, qtbot: QtBot, picture: Picture, kind: str) -> None:
    stages = WANTS_TLS if kind == "scram" else REFUSED
    dialog = ConnectionDialog(pseudo, None, tester=FakeTester(*stages))
    qtbot.addWidget(dialog)
    dialog.pane.form.set_fields(KINDS[kind], is_stored=True)
    dialog.pane.form.fold.open()
    dialog.show()
    if kind in ("scram", "plain-in-clear"):
        with qtbot.waitSignal(dialog.pane.test.ended):
            dialog.pane.test.start()
    qtbot.waitUntil(lambda: bool(dialog.pane.form.secret_field.finding.text))
    picture(dialog, f"pseudo-connection-{kind}")
    assert untranslated(dialog, *NAMES, BASE.name, *engine_said(stages)) == []
    assert clipped(dialog) == []


def test_the_drop_window(pseudo: Desktop, qtbot: QtBot, picture: Picture) -> None:
    window = DropWindow(pseudo)
    qtbot.addWidget(window)
    window.files.rows.show_rows([Row("k", "a.dat", "/a.dat", FileState.FOUND, size=1)])
    window.files._show()
    window.take([Path("/nowhere")])
    window.show()
    picture(window, "pseudo-drop")
    assert untranslated(window, *NAMES) == []
    assert clipped(window) == []


@pytest.mark.parametrize("step", range(6))
def test_the_first_run(pseudo: Desktop, qtbot: QtBot, picture: Picture, step: int) -> None:
    window = FirstRun(pseudo, tester=FakeTester())
    qtbot.addWidget(window)
    window.connection.pane.form.set_fields(BASE)
    window.go_to(step)
    window.show()
    picture(window, f"pseudo-first-run-{step}")
    assert untranslated(window, *NAMES, BASE.name) == []
    assert clipped(window) == []
