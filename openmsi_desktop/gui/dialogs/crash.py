"""This program has made a mistake: what that means, and a report to copy."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.crashes import Report
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, Size
from openmsi_desktop.gui.opening import show_file

_MOST = 20
"""Reports kept in one window; a mistake that repeats itself needs no more."""


class CrashDialog(QDialog):
    """Shows a report; further ones are put behind it."""

    def __init__(self, look: Look, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("OpenMSI Desktop has made a mistake"))
        self.resize(640, 460)
        self._file = report.file
        self._count = 1
        title = QLabel(self.tr("Something in this program went wrong"), self)
        title.setFont(look.font(Size.TITLE, is_bold=True))
        title.setWordWrap(True)
        meaning = QLabel(
            self.tr(
                "What was sent or received stays as it is, and other tasks go on. If something looks wrong now, quit and "
                "start again: everything goes on from where it is. With this report the mistake can be found."
            ),
            self,
        )
        meaning.setWordWrap(True)
        self.text = QPlainTextEdit(report.text, self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._where = QLabel(fill(self.tr("It is also in the log: %1"), report.file) if report.file else "", self)
        self._where.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.copy_button = QPushButton(self.tr("&Copy report"), self)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self.copy)
        if report.file:
            folder = QPushButton(self.tr("&Open folder of the log"), self)
            buttons.addButton(folder, QDialogButtonBox.ButtonRole.ActionRole)
            folder.clicked.connect(self._open_folder)
        buttons.rejected.connect(self.reject)
        self.copy_button.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        for widget in (title, meaning, self.text, self._where, buttons):
            column.addWidget(widget, 1 if widget is self.text else 0)

    def add(self, report: Report) -> None:
        """It has happened again, or something else."""
        self._count += 1
        if self._count <= _MOST:
            self.text.appendPlainText("\n" + report.text)

    @Slot()
    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy_button.setText(self.tr("Copied"))

    @Slot()
    def _open_folder(self) -> None:
        show_file(Path(self._file))
