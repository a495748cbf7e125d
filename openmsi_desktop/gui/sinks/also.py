"""Where else the files of a reader go: each bucket and processor, to be changed or taken out."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Sign
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.sinks.words import Sink, all_sinks, place_of
from openmsi_desktop.settings import Bucket


class AlsoTo(QWidget):
    """A line for each. What is taken out here is so when the dialog is saved; hidden while there is none."""

    changed = Signal()

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._rows: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Of those that are left, as the settings call them."""
        return tuple(self._rows)

    def show_sinks(self, names: tuple[str, ...]) -> None:
        """List these."""
        known = {sink.name: sink for sink in all_sinks(self._desktop.store.settings)}
        for name in names:
            row = self._rows[name] = self._row(name, known.get(name))
            self._column.addWidget(row)
        self.setVisible(bool(self._rows))

    def _row(self, name: str, sink: Sink | None) -> QWidget:
        row = QWidget(self)
        place = place_of(sink) if sink is not None else name
        is_bucket = isinstance(sink, Bucket)
        text = fill(self.tr("also into the bucket %1") if is_bucket else self.tr("also to the program %1"), place)
        label = QLabel(text, row)
        edit, remove = QPushButton(self.tr("Edit…"), row), QPushButton(self.tr("Take out"), row)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Sign(self._desktop.look, "task/s3" if is_bucket else "task/processor", "neutral", parent=row))
        line.addWidget(label, 1)
        for button, slot in ((edit, self._edit), (remove, self._remove)):
            button.setAutoDefault(False)
            button.setProperty("sink", name)
            button.setAccessibleName(fill(self.tr("%1: %2"), button.text(), place))
            button.clicked.connect(slot)
            line.addWidget(button)
        edit.setVisible(sink is not None)
        return row

    @Slot()
    def _edit(self) -> None:
        from openmsi_desktop.gui.dialogs import sink as dialog

        name = str(self.sender().property("sink"))
        for sink in all_sinks(self._desktop.store.settings):
            if sink.name == name:
                dialog.open_dialog(self._desktop, self.window(), sink)

    @Slot()
    def _remove(self) -> None:
        row = self._rows.pop(str(self.sender().property("sink")), None)
        if row is not None:
            row.hide()
            row.deleteLater()
            self.setVisible(bool(self._rows))
            self.changed.emit()
