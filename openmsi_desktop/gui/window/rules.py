"""The page Rules of a task."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.parts import plain


class RulesPage(QWidget):
    """Shows the task it was given last. Told of every Snapshot, only while it can be seen."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._text = plain(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self._text)
        column.addStretch(1)

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        self._text.setText(task.name)
