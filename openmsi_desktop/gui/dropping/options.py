"""What is remembered about dropping files: on top, read back, and what counts as very much."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from openmsi_desktop.gui.dropping.intake import Destination, Load
from openmsi_desktop.gui.forms import SizeEdit
from openmsi_desktop.settings import Dropping

_GAP, _WIDE_GAP = 8, 16


class Options(QWidget):
    """GUI thread."""

    wants_on_top = Signal(bool)

    def __init__(self, last: Dropping, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.on_top = QCheckBox(self.tr("Stay on top"), self)
        self.on_top.setChecked(last.stay_on_top)
        self.on_top.toggled.connect(self.wants_on_top)
        self.check = QCheckBox(self.tr("Read back and compare"), self)
        self.check.setChecked(last.check)
        self.ask = QCheckBox(self.tr("Ask before more than"), self)
        self.ask.setChecked(last.ask)
        self.most_bytes = SizeEdit()
        self.most_bytes.set_value(last.ask_bytes)
        for part in (self.most_bytes, self.most_bytes.number):
            part.setAccessibleName(self.tr("Bytes that are very much"))
        self.most_bytes.unit.setAccessibleName(self.tr("Unit"))
        self.most_files = QSpinBox(self)
        self.most_files.setRange(1, 1_000_000)
        self.most_files.setGroupSeparatorShown(True)
        self.most_files.setValue(last.ask_files)
        self.most_files.setAccessibleName(self.tr("Files that are very many"))
        or_, files = QLabel(self.tr("or"), self), QLabel(self.tr("files"), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        column.addLayout(_line(_WIDE_GAP, self.on_top, self.check))
        column.addLayout(_line(_GAP, self.ask, self.most_bytes, or_, self.most_files, files))

    def is_much(self, load: Load) -> bool:
        """A person wants to be asked before so much is sent."""
        return self.ask.isChecked() and (load.size > self.most_bytes.value or load.count > self.most_files.value())

    def chosen(self, where: Destination) -> Dropping:
        """For the settings."""
        return Dropping(
            connection=where.connection,
            topic=where.topic,
            subfolder=where.subfolder,
            check=self.check.isChecked(),
            ask=self.ask.isChecked(),
            ask_bytes=round(self.most_bytes.value),
            ask_files=self.most_files.value(),
            stay_on_top=self.on_top.isChecked(),
        )


def _line(gap: int, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
