"""Offers to hand the files of a reader that is there to another sink, instead of reading the same topics twice."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from openmsi_desktop.gui.forms import Finding, Note
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.settings import Download, Settings


def reader_of(settings: Settings, connection: str, topics: Collection[str]) -> Download | None:
    """The first reader that reads all these topics over that connection."""
    if not topics:
        return None
    readers = (task for task in settings.downloads if task.connection == connection)
    return next((task for task in readers if set(topics) <= set(task.topics)), None)


class SameReader(QWidget):
    """Hidden while there is no such reader."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: Download | None = None
        self.box = QCheckBox(self)
        self.box.toggled.connect(self._turned)
        self.note = Note(look, is_small=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.box)
        column.addWidget(self.note)
        self.hide()

    @property
    def reader(self) -> Download | None:
        """The one that is to be used; None: a reader of its own."""
        return self._reader if self.box.isChecked() and self._reader is not None else None

    def offer(self, reader: Download | None) -> None:
        """This one is there."""
        if reader == self._reader:
            return
        self._reader = reader
        self.setVisible(reader is not None)
        if reader is None:
            self.box.setChecked(False)
        else:
            self.box.setText(fill(self.tr("Use the reader of “%1”"), reader.title))
            text = self.tr(
                "“%1” reads this topic already. With the same reader every file is received once and goes to all its "
                "places; where to begin and which files are settled there. Files that it has finished with are not "
                "handed on again by themselves."
            )
            self.note.say(Finding.INFORMATION, fill(text, reader.title))
        self.changed.emit()

    @Slot()
    def _turned(self) -> None:
        self.changed.emit()
