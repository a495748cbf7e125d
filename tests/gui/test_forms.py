"""The parts of dialogs: checked when left, corrected, folded, in units that people use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import (
    FIELD_WIDTH,
    DurationEdit,
    Field,
    Finding,
    Fold,
    Form,
    FormDialog,
    PathEdit,
    PatternsEdit,
    SizeEdit,
    SpeedEdit,
    heading,
)
from openmsi_desktop.gui.forms.patterns import join, split

Picture = Callable[[QWidget, str], Path]


class Dialog(FormDialog):
    """A dialog with one of everything."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop.look, "Send a folder", "Start sending")
        look = desktop.look
        self.saved = 0
        self.form = Form(look)
        self.line = QLineEdit()
        self.name = self.form.add(
            "Name", self.line, check=self._name, width=FIELD_WIDTH, help="What the task is called."
        )
        self.path = PathEdit(look, "Choose a folder")
        self.folder = self.form.add("Folder", self.path)
        self.folder.tell(Finding.OK, "1,207 files · 38 GB · local disk")
        self.only = self.form.add("Only", PatternsEdit(look), finding_below=True)
        self.only.tell(Finding.WARNING, "No file there matches.")
        inner = Form(look)
        self.most = SizeEdit(none="no limit")
        inner.add("At most", self.most)
        self.speed = inner.add("Speed", SpeedEdit(none="no limit"), check=lambda: "" if self.speed_ok else "Too fast.")
        self.speed_ok = True
        self.fold = Fold("More: size, speed", inner)
        self.form.add_wide(self.fold)
        Form.align([self.form, inner])
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.addWidget(heading(look, "Which files"))
        layout.addWidget(self.form)
        layout.addStretch(1)
        self.watch([*self.form, *inner])

    def _name(self) -> str:
        return "" if self.line.text() else "Give the task a name."

    def save(self) -> None:
        self.saved += 1
        self.accept()


@pytest.fixture
def dialog(desktop: Desktop, qtbot: QtBot) -> Dialog:
    made = Dialog(desktop)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.isVisible)
    made.activateWindow()
    return made


def test_a_field_is_checked_when_it_is_left_and_not_while_somebody_types(dialog: Dialog, qtbot: QtBot) -> None:
    dialog.line.setFocus()
    qtbot.waitUntil(dialog.line.hasFocus)
    QTest.keyClicks(dialog.line, "a")
    QTest.keyClick(dialog.line, Qt.Key.Key_Backspace)
    assert not dialog.name.is_wrong
    dialog.path.line.setFocus()
    qtbot.waitUntil(lambda: dialog.name.is_wrong)
    assert dialog.name.error.isVisible() and dialog.name.error.text == "Give the task a name."
    assert "Give the task a name." in dialog.line.accessibleDescription()
    QTest.keyClicks(dialog.line, "XRD")
    assert not dialog.name.is_wrong and not dialog.name.error.isVisible()


def test_the_verb_works_only_when_everything_is_right(dialog: Dialog, qtbot: QtBot, picture: Picture) -> None:
    dialog.speed_ok = False
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.saved == 0 and dialog.isVisible()
    assert dialog.trouble.text == "2 fields need to be corrected first."
    qtbot.waitUntil(dialog.line.hasFocus)
    picture(dialog, "forms-wrong")
    QTest.keyClicks(dialog.line, "XRD")
    assert not dialog.fold.is_open
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.fold.is_open, "what is wrong was folded away"
    dialog.speed_ok = True
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    assert dialog.saved == 1 and not dialog.isVisible()


def test_pictures(dialog: Dialog, desktop: Desktop, picture: Picture) -> None:
    from openmsi_desktop.gui.look import Theme

    dialog.line.setText("SPHINX exports")
    dialog.fold.open()
    picture(dialog, "forms-light")
    desktop.look.set_theme(Theme.DARK)
    picture(dialog, "forms-dark")


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", ()),
        ("*.NMD  *.tif", ("*.NMD", "*.tif")),
        ('"Grid 7x3*", old/**;*.tif *.tif', ("Grid 7x3*", "old/**", "*.tif")),
        ('*.xy "unfinished bu', ("*.xy", "unfinished bu")),
    ],
)
def test_patterns_in_a_line(text: str, patterns: tuple[str, ...]) -> None:
    assert split(text) == patterns
    assert split(join(patterns)) == patterns


def test_the_plus_offers_what_is_there(desktop: Desktop, qtbot: QtBot) -> None:
    field = PatternsEdit(desktop.look)
    qtbot.addWidget(field)
    field.add_pattern("*.tif")
    field.add_pattern("*.tif")
    with qtbot.waitSignal(field.changed):
        field.add_pattern("a b")
    assert field.text() == '*.tif  "a b"' and field.patterns == ("*.tif", "a b")


@pytest.mark.parametrize("value", [0, 1, 524_288, 1_000_000, 1_234_567, 123_456_789_012, 2_500_000_000])
def test_a_size_comes_out_as_it_went_in(qtbot: QtBot, value: int) -> None:
    for is_binary in (False, True):
        edit = SizeEdit(is_binary=is_binary, none="no limit")
        qtbot.addWidget(edit)
        edit.set_value(value)
        assert edit.bytes == value
    speed = SpeedEdit()
    qtbot.addWidget(speed)
    speed.set_value(value)
    assert speed.bytes_per_s == value


def test_a_size_is_shown_in_a_unit_that_fits(qtbot: QtBot) -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English))
    edit = SizeEdit(is_binary=True)
    qtbot.addWidget(edit)
    edit.set_value(524_288)
    assert (edit.number.text(), edit.unit.currentText()) == ("512", "KiB")
    edit.number.setValue(1.5)
    assert edit.bytes == 1536
    wait = DurationEdit(none="never")
    qtbot.addWidget(wait)
    assert wait.number.text() == "never"
    wait.set_value(5400)
    assert (wait.number.text(), wait.unit.currentText(), wait.seconds) == ("90", "min", 5400)
    wait.set_value(0.5)
    assert (wait.seconds, wait.number.text()) == (0.5, "0.5")


def test_a_path_is_taken_as_a_file_manager_copies_it(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    edit = PathEdit(desktop.look, "Choose a folder")
    qtbot.addWidget(edit)
    assert edit.path is None
    edit.line.setText(f' "{tmp_path}" ')
    assert edit.path == tmp_path
    edit.line.setText("~/data")
    assert edit.path == Path.home() / "data"


def test_every_control_has_a_name(dialog: Dialog) -> None:
    fields: list[Field] = [*dialog.form.fields]
    assert all(field.editor.accessibleName() for field in fields)
    assert dialog.path.line.accessibleName() == "Folder"


def test_what_is_asked_for_after_the_end_is_not_begun(desktop: Desktop) -> None:
    desktop.background.end()
    desktop.background.run(desktop.root, lambda: pytest.fail("it was begun"), lambda nothing: None)
