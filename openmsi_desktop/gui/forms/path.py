"""A path, typed or chosen in the system's own dialog."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from openmsi_desktop.gui.look import Look


class PathEdit(QWidget):
    """A field and a button "Browse…"."""

    changed = Signal(str)
    """At every key."""
    settled = Signal()
    """Somebody has finished: return, another field, or chosen."""

    def __init__(
        self, look: Look, title: str, *, is_file: bool = False, filters: str = "", parent: QWidget | None = None
    ) -> None:
        """title: of the system's dialog. filters: as QFileDialog has them, for files."""
        super().__init__(parent)
        self._title = title
        self._is_file = is_file
        self._filters = filters
        self.line = QLineEdit(self)
        self.line.setMinimumWidth(220)
        self.line.textChanged.connect(self.changed)
        self.line.editingFinished.connect(self.settled)
        self.button = QPushButton(self.tr("Browse…"), self)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._browse)
        self.button.setAccessibleName(title)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def text(self) -> str:
        """What stands in the field, without blanks around it and the quotes that a file manager copies with a path."""
        text = self.line.text().strip()
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text

    @property
    def path(self) -> Path | None:
        """The path, absolute; None while the field is empty."""
        return Path(os.path.abspath(os.path.expanduser(self.text))) if self.text else None

    def set_path(self, path: Path | str) -> None:
        """Put a path into the field."""
        self.line.setText(os.fspath(path))

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, self._title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile if self._is_file else QFileDialog.FileMode.Directory)
        if self._filters:
            dialog.setNameFilter(self._filters)
        start = self.path
        if start is not None:
            dialog.setDirectory(os.fspath(start if not self._is_file else start.parent))
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    @Slot(str)
    def _chosen(self, file: str) -> None:
        self.line.setText(os.path.normpath(file))
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.settled.emit()
