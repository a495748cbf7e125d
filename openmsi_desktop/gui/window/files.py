"""The page Files of a task."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.parts import plain


class FilesPage(QWidget):
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

    def filter_by(self, states: Collection[FileState]) -> None:
        """Only files in these states; none given: all."""
        self._text.setText(", ".join(states))

    def look_for(self, text: str) -> None:
        """Find files by a part of their path, or by a hash."""
        self._text.setText(text)
