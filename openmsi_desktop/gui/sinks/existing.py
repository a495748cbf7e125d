"""A bucket or processor that is in the settings already, or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.words import Sink, place_of


class SinkPicker(QComboBox):
    """The first entry is a new one."""

    chosen = Signal()

    def __init__(self, new: str, sinks: Sequence[Sink], parent: QWidget | None = None) -> None:
        """new: what the first entry says."""
        super().__init__(parent)
        self._sinks = tuple(sinks)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.addItem(new)
        for sink in self._sinks:
            place = place_of(sink)
            self.addItem(place if place == sink.name else fill(tr("%1 (%2)"), place, sink.name))
        self.currentIndexChanged.connect(self._turned)

    @property
    def sink(self) -> Sink | None:
        """The one that is chosen; None: a new one."""
        index = self.currentIndex()
        return self._sinks[index - 1] if index > 0 else None

    def choose(self, name: str) -> None:
        """The one of that name."""
        self.setCurrentIndex(next((n for n, s in enumerate(self._sinks, start=1) if s.name == name), 0))

    @Slot()
    def _turned(self) -> None:
        self.chosen.emit()
