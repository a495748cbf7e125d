"""A part of a form that is folded away until somebody wants it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A line with an arrow; below it, when it is open, the content."""

    def __init__(self, title: str, content: QWidget, *, indent: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.button = QToolButton(self)
        self.button.setText(title)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.setMinimumHeight(24)
        self.button.clicked.connect(self._turn)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.button)
        layout.addWidget(content)
        content.setContentsMargins(indent, 0, 0, 0)
        self.open(False)

    @property
    def is_open(self) -> bool:
        """The content is shown."""
        return not self.content.isHidden()

    def open(self, is_open: bool = True) -> None:
        """Show or hide the content."""
        self.button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.button.setAccessibleDescription(self.tr("open") if is_open else self.tr("folded away"))
        self.content.setVisible(is_open)

    @Slot()
    def _turn(self) -> None:
        self.open(not self.is_open)
