"""Pictures of the connection dialog, for people to look at: every kind of sign-in, tests that go well and badly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gui.connections import BASE, KINDS, REFUSED, WANTS_TLS, WARNED, FakeTester
from gui.keyrings import Memory, with_keyring
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.connection import ConnectionDialog
from openmsi_desktop.gui.look import Theme

Picture = Callable[[QWidget, str], Path]


@pytest.fixture
def desktop(desktop: Desktop) -> Desktop:
    return with_keyring(desktop, Memory())


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_kinds(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    for name, fields in KINDS.items() if theme is Theme.LIGHT else [("oauth", KINDS["oauth"])]:
        dialog = ConnectionDialog(desktop, None, tester=FakeTester())
        qtbot.addWidget(dialog)
        dialog.pane.form.set_fields(fields, is_stored=name != "scram")
        dialog.show()
        qtbot.waitUntil(lambda: bool(dialog.pane.form.secret_field.finding.text))  # noqa: B023
        picture(dialog, f"connection-{name}-{theme}")


@pytest.mark.parametrize(
    ("theme", "name", "stages"),
    [
        (Theme.LIGHT, "refused", REFUSED),
        (Theme.LIGHT, "wants-tls", WANTS_TLS),
        (Theme.LIGHT, "warned", WARNED),
        (Theme.DARK, "warned", WARNED),
    ],
)
def test_verdicts(
    desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme, name: str, stages: tuple[StageEvent, ...]
) -> None:
    desktop.look.set_theme(theme)
    dialog = ConnectionDialog(desktop, None, tester=FakeTester(*stages))
    qtbot.addWidget(dialog)
    dialog.pane.form.set_fields(BASE, is_stored=False)
    dialog.pane.form.secret.line.setText("wrong horse")
    if name == "warned":
        dialog.pane.test.topic.setText("xrd")
    dialog.show()
    with qtbot.waitSignal(dialog.pane.test.ended):
        dialog.pane.test.start()
    picture(dialog, f"connection-{name}-{theme}")
