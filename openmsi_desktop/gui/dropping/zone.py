"""The field into which files are dropped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.look import Look, Size
from openmsi_desktop.gui.window.parts import Icon

_HEIGHT, _ICON = 116, 40


class DropZone(QWidget):
    """A dashed field with words and a button; :meth:`set_hot` while something is held over the window."""

    wants_files = Signal()
    wants_folder = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._is_hot = False
        self.setMinimumHeight(_HEIGHT)
        self.setAccessibleName(self.tr("Drop files or folders here"))
        self._title = QLabel(self.tr("Drop files or folders here"), self)
        self._title.setFont(look.font(Size.HEADING, is_bold=True))
        self.button = QPushButton(self.tr("Choose…"), self)
        menu = QMenu(self.button)
        menu.addAction(self.tr("Files…")).triggered.connect(self.wants_files)
        menu.addAction(self.tr("A folder…")).triggered.connect(self.wants_folder)
        self.button.setMenu(menu)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setSpacing(20)
        row.addStretch(1)
        row.addWidget(Icon(look, self, "action/drop", "working", _ICON))
        row.addLayout(words)
        row.addStretch(1)
        look.changed.connect(self.update)

    @Slot(bool)
    def set_hot(self, is_hot: bool) -> None:
        """Something is held over the window."""
        self._is_hot = is_hot
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._look
        pen = QPen(look.colour("working"), 3 if self._is_hot else 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.colour("working", "tint"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 6, 6)
