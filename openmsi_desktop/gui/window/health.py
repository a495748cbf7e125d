"""The block "Health": what is known about how well a task works, line by line. What fails stands first."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.snapshot import HealthLine, TaskNow
from openmsi_desktop.gui.window.parts import Elided, Icon, PathLabel, heading


class HealthRow(QWidget):
    """A sign, a sentence, and the measured value."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = Icon(look, self)
        self._text = Elided(self, least=1000)
        self._value = PathLabel(self, least=30)
        dress(self._value, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 3)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text)
        row.addStretch(1)
        row.addWidget(self._value)

    def show_line(self, line: HealthLine) -> None:
        """Show that."""
        icon, token = _SIGNS[line.ok]
        self._icon.show_icon(icon, token)
        self._text.setText(line.text)
        self._value.show_path(line.value)
        self.setAccessibleName(fill(self.tr("%1: %2"), line.text, line.value) if line.value else line.text)


_SIGNS: dict[bool | None, tuple[str, str]] = {
    True: ("sign/ok", "ok"),
    False: ("sign/warning", "attention"),
    None: ("sign/not-yet", "neutral"),
}


class HealthBlock(QWidget):
    """Two columns of lines, or one where there is little room."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: list[HealthRow] = []
        self._columns = 2
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading(look, self, self.tr("Health")))
        column.addLayout(self._grid)

    def show_task(self, task: TaskNow) -> None:
        """Show what is known of it now."""
        lines = sorted(task.health, key=lambda line: line.ok is not False)
        self.setVisible(bool(lines))
        while len(self._rows) < len(lines):
            row = HealthRow(self._look, self)
            self._rows.append(row)
            self._place()
        for i, row in enumerate(self._rows):
            row.setVisible(i < len(lines))
            if i < len(lines):
                row.show_line(lines[i])

    def set_narrow(self, is_narrow: bool) -> None:
        """One column."""
        columns = 1 if is_narrow else 2
        if columns != self._columns:
            self._columns = columns
            self._place()

    def _place(self) -> None:
        for i, row in enumerate(self._rows):
            self._grid.addWidget(row, i // self._columns, i % self._columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
