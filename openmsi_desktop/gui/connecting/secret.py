"""A field for a secret: hidden, shown on demand, and empty when it is to stay what it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from openmsi_desktop.gui.forms.height import CONTROL
from openmsi_desktop.gui.look import Look

_WIDTH = 220


class SecretEdit(QWidget):
    """GUI thread. The text never leaves through accessibility while it is hidden: Qt keeps it to itself."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.line = QLineEdit(self)
        self.line.setFixedWidth(_WIDTH)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhHiddenText)
        self.line.textChanged.connect(self.changed)
        self.button = QToolButton(self)
        self.button.setCheckable(True)
        self.button.setAccessibleName(self.tr("Show what is typed"))
        self.button.setToolTip(self.tr("Show what is typed"))
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setFixedSize(look.row_height(CONTROL), look.row_height(CONTROL))
        self.button.toggled.connect(self._show_text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line)
        row.addWidget(self.button)
        self.setFixedWidth(_WIDTH + row.spacing() + self.button.width())
        self.setFocusProxy(self.line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        look.changed.connect(self._paint_anew)
        self._paint_anew()

    @property
    def typed(self) -> str | None:
        """What was typed; None if nothing was. Blanks at the ends belong to it."""
        return self.line.text() or None

    def set_stored(self, is_stored: bool) -> None:
        """Whether there is one already, which stays if nothing is typed."""
        self.line.setPlaceholderText(self.tr("stored, unchanged") if is_stored else "")

    def clear(self) -> None:
        """Forget what was typed."""
        self.line.clear()

    @Slot(bool)
    def _show_text(self, is_shown: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)

    @Slot()
    def _paint_anew(self) -> None:
        self.button.setIcon(self._look.icon("action/show"))
