"""A tinted band with an icon, one sentence in bold, a second line, and buttons: the verdict before the details."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from openmsi_desktop.gui.forms import Sign
from openmsi_desktop.gui.look import Look

_ICON = 24


class Band(QWidget):
    """GUI thread."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._token, self._icon_name = "neutral", "sign/information"
        self._icon = Sign(look, self._icon_name, self._token, _ICON, self)
        self.title = QLabel(self)
        self.title.setFont(look.font(is_bold=True))
        self.text = QLabel(self)
        for label in (self.title, self.text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        self.setBackgroundRole(QPalette.ColorRole.Window)  # else that of the parent
        self.setAutoFillBackground(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        look.changed.connect(self._paint_anew)
        self.say("neutral", "sign/information", "", "")

    def add_button(self, button: QWidget) -> None:
        """On the right, after those that are there."""
        self._buttons.addWidget(button)

    def say(self, token: str, icon: str, title: str, text: str) -> None:
        """token: a colour by its meaning; icon: such as ``sign/ok``. text may be empty."""
        self._token, self._icon_name = token, icon
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{title}. {text}" if text else title)
        self._paint_anew()

    @Slot()
    def _paint_anew(self) -> None:
        look = self._look
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, look.colour(self._token, "tint"))
        palette.setColor(QPalette.ColorRole.WindowText, look.colour("surface", "text"))
        self.setPalette(palette)
        self._icon.show_icon(self._icon_name, self._token)
