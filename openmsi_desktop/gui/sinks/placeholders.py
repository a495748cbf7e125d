"""Names in braces that stand for something of the file, to be clicked into a field."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.window.flow import FlowLayout


class Placeholders(QWidget):
    """Small buttons that go on in the next line."""

    chosen = Signal(str)
    """The text to be put in, with its braces."""

    def __init__(self, names: Iterable[tuple[str, str]], parent: QWidget | None = None) -> None:
        """names: (name without braces, what it stands for)."""
        super().__init__(parent)
        layout = FlowLayout(self, gap=6)
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        for name, words in names:
            button = QToolButton(self)
            button.setText(f"{{{name}}}")
            button.setFont(mono)
            button.setToolTip(words)
            button.setAccessibleName(fill(tr("Put in {%1}: %2"), name, words))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("text", f"{{{name}}}")
            button.clicked.connect(self._click)
            layout.addWidget(button)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())

    @Slot()
    def _click(self) -> None:
        self.chosen.emit(str(self.sender().property("text")))
