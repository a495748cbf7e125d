"""The dialog Explain: for files in every state, and for files that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui import filled
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.explain import ExplainDialog
from openmsi_desktop.gui.dialogs.explain_view import Band, Ladder
from openmsi_desktop.gui.look import Theme

Picture = Callable[[QWidget, str], Path]


@pytest.fixture
def journal(desktop: Desktop, tmp_path: Path) -> Iterator[Journal]:
    folder = tmp_path / "sphinx"
    folder.mkdir()
    made = filled.journal_in(desktop.places.data, folder)
    yield made
    made.close()


def explained(desktop: Desktop, qtbot: QtBot, path: str) -> ExplainDialog:
    dialog = ExplainDialog(desktop, None)
    qtbot.addWidget(dialog)
    dialog.explain(path)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.findChild(Ladder) is not None)
    return dialog


def texts(dialog: ExplainDialog, part: type[QWidget]) -> str:
    found = dialog.findChildren(part)[-1]
    return "\n".join(label.text() for label in found.findChildren(QLabel))


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_a_checked_file(desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    filled.add(journal, "run_01/Grid 7x3.NMD", FileState.CHECKED)
    dialog = explained(desktop, qtbot, "run_01/Grid 7x3.NMD")
    picture(dialog, f"explain-checked-{theme}")
    ladder = texts(dialog, Ladder)
    assert "read back from the topic, contents equal" in ladder and "every part confirmed" in ladder
    assert dialog.chip.text() == "Checked" and dialog.title.text() == "Grid 7x3.NMD"
    assert "Nothing to do on this computer." in texts(dialog, Band)
    desktop.look.set_theme(Theme.SYSTEM)


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (FileState.WAITING, "still being written (last change 900 s ago)", "still being written (last change 4 s ago)"),
        (FileState.SENDING, "", "61 of 100 parts"),
        (FileState.HELD, "It is empty since this computer lost its power", "It is empty since this computer"),
        (FileState.PROBLEM, "a.dat is in use", "a.dat is in use"),
        (FileState.IGNORED, 'default exclusion "*.tmp"', "rule *.tmp"),
        (FileState.CHANGED, "", "an earlier version"),
    ],
)
def test_each_state_says_where_the_file_is(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture, state: FileState, reason: str, words: str
) -> None:
    filled.add(journal, "run/a.dat", state, reason, ago=4)
    if state is FileState.PROBLEM:
        advice = "Another program holds the file. Nothing of it was sent; it is tried again until the program lets go."
        journal.add_problem(filled.KEY, "a.dat is in use", advice, path="run/a.dat", retry_at=journal.now() + 60)
    dialog = explained(desktop, qtbot, "run/a.dat")
    picture(dialog, f"explain-{state}")
    assert words.replace("4 s", "") in texts(dialog, Ladder).replace("4 s", "").replace("5 s", "").replace("6 s", "")


def test_it_follows_what_happens(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    filled.add(journal, "run/a.dat", FileState.WAITING, "still being written")
    dialog = explained(desktop, qtbot, "run/a.dat")
    assert dialog.chip.text() == "Waiting"
    filled.add(journal, "run/a.dat", FileState.SENT)
    desktop.observer.changed.emit(desktop.observer.now)
    qtbot.waitUntil(lambda: dialog.chip.text() == "Sent")


def test_a_file_that_nobody_knows_is_explained_when_it_is_dropped(
    desktop: Desktop, qtbot: QtBot, journal: Journal, tmp_path: Path, picture: Picture
) -> None:
    dialog = ExplainDialog(desktop, None)
    qtbot.addWidget(dialog)
    dialog.explain("")
    dialog.show()
    picture(dialog, "explain-nothing")
    lost = tmp_path / "lost.dat"
    lost.write_text("measured")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(lost))])
    at, none = QPointF(10, 10), Qt.KeyboardModifier.NoModifier
    dialog.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none))
    qtbot.waitUntil(lambda: dialog.findChild(Band) is not None)
    picture(dialog, "explain-unknown")
    assert "Nobody sends this file." in texts(dialog, Band)


def test_the_rule_that_leaves_a_file_out_is_named(
    desktop: Desktop, qtbot: QtBot, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "sphinx" / "a.tmp").write_text("")
    dialog = explained(desktop, qtbot, str(tmp_path / "sphinx" / "a.tmp"))
    assert "left out: rule *.tmp" in texts(dialog, Ladder)


@pytest.mark.parametrize("path", filled.STRANGE)
def test_strange_names_are_shown_and_copied(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture, path: str
) -> None:
    filled.add(journal, path, FileState.SENT)
    dialog = explained(desktop, qtbot, path)
    assert "\n" not in dialog.title.text() and "\u202e" not in dialog.title.text()
    dialog.copy_button.click()
    assert "SHA-512" in QGuiApplication.clipboard().text()
    picture(dialog, f"explain-strange-{filled.STRANGE.index(path)}")
