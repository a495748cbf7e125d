"""The list of steps beside the pages of the first run: ticks for done, the current one in bold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.window.parts import Icon

_WIDTH, _LINE = 200, 40


class StepList(QWidget):
    """GUI thread."""

    def __init__(self, look: Look, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._names = list(names)
        self.setMinimumWidth(_WIDTH)
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 20, 20)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(0)
        self._rows: list[tuple[Icon, QLabel, QLabel]] = []
        for line, name in enumerate(names):
            icon, number, label = Icon(look, self, "sign/ok", "ok"), QLabel(str(line + 1), self), QLabel(name, self)
            grid.addWidget(icon, line, 0)
            grid.addWidget(number, line, 0)
            grid.addWidget(label, line, 1)
            grid.setRowMinimumHeight(line, _LINE)
            self._rows.append((icon, number, label))
        grid.setRowStretch(len(names), 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 16)  # nothing moves when a tick takes the place of a number

    def show_step(self, current: int) -> None:
        """The one that is being answered now."""
        for line, (icon, number, label) in enumerate(self._rows):
            is_now = line == current
            icon.setVisible(line < current)
            number.setVisible(line >= current)
            for part in (number, label):
                part.setFont(self._look.font(is_bold=is_now))
                part.setForegroundRole(QPalette.ColorRole.WindowText if is_now else QPalette.ColorRole.PlaceholderText)
        text = fill(self.tr("Step %1 of %2: %3"), str(current + 1), str(len(self._names)), self._names[current])
        self.setAccessibleName(text)
