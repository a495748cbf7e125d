"""Where a download begins: with everything that is there, with what comes from now on, or at a date."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QTime, Slot
from PySide6.QtWidgets import QDateTimeEdit, QGridLayout, QRadioButton, QWidget

from openmsi_desktop.core import moments
from openmsi_desktop.gui.forms import heading
from openmsi_desktop.gui.look import Look
from openmsi_desktop.settings_values import parse_moment


class Begin(QWidget):
    """A block of the dialog. Its value is what the settings call ``from``."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = QRadioButton(self.tr("Everything that is on the topic, from the start"), self)
        self.now = QRadioButton(self.tr("Only what comes from now on"), self)
        self.at = QRadioButton(self.tr("What was sent since"), self)
        self.moment = QDateTimeEdit(self)
        self.moment.setCalendarPopup(True)
        self.moment.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.moment.setAccessibleName(self.at.text())
        self.moment.setDateTime(QDateTime(QDateTime.currentDateTime().date(), QTime(0, 0)))
        self._given = ("start", self.moment.dateTime())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        grid.addWidget(heading(look, self.tr("Where to begin"), self), 0, 0, 1, 3)
        grid.addWidget(self.start, 1, 0, 1, 3)
        grid.addWidget(self.now, 2, 0, 1, 3)
        grid.addWidget(self.at, 3, 0)
        grid.addWidget(self.moment, 3, 1)
        self.at.toggled.connect(self._show_state)
        self.start.setChecked(True)
        self._show_state()

    @property
    def value(self) -> str:
        """For the settings."""
        if self.start.isChecked():
            return "start"
        if self.now.isChecked():
            return "now"
        if self.moment.dateTime() == self._given[1] and self._given[0] not in ("start", "now"):
            return self._given[0]
        return self.moment.dateTime().toString("yyyy-MM-ddTHH:mm")

    def show_value(self, text: str) -> None:
        """Fill it in."""
        if text not in ("start", "now"):
            local = moments.local(parse_moment(text))
            self.moment.setDateTime(QDateTime.fromString(f"{local:%Y-%m-%d %H:%M}", "yyyy-MM-dd HH:mm"))
        self._given = (text, self.moment.dateTime())
        {"start": self.start, "now": self.now}.get(text, self.at).setChecked(True)

    @Slot()
    def _show_state(self) -> None:
        self.moment.setEnabled(self.at.isChecked())
