"""A small sign and the words beside it: what was found out about a field."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from openmsi_desktop.gui.look import Look, Size, dress


class Finding(Enum):
    """Kinds of findings: (icon, colour)."""

    OK = ("sign/ok", "ok")
    WARNING = ("sign/warning", "attention")
    FAILED = ("sign/failed", "error")
    INFORMATION = ("sign/information", "working")
    BUSY = ("sign/not-yet", "neutral")


class Sign(QWidget):
    """An icon in the colour of its meaning; it follows the theme by itself."""

    def __init__(self, look: Look, icon: str, token: str, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._token = token
        self.setFixedSize(size, size)

    def show_icon(self, icon: str, token: str) -> None:
        """Show another one."""
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._look.draw(painter, self._icon, self._token, QRectF(self.rect()))


class _Sentence(QLabel):
    """Broken into as many lines as it needs, all of them shown: nested layouts do not always ask for the height."""

    @Slot()
    def fit(self) -> None:
        """The text or the width is another one."""
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class Note(QWidget):
    """A sign and a sentence; hidden while there is none. Long sentences are broken."""

    def __init__(
        self, look: Look, *, icon_size: int = 16, is_small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.kind: Finding | None = None
        self.sign = Sign(look, *Finding.OK.value, size=icon_size, parent=self)
        self.label = _Sentence(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        dress(self.label, look.font(Size.SMALL if is_small else Size.BODY), QPalette.ColorRole.PlaceholderText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        beside = QVBoxLayout()  # the sign stands on the first line, also where there are several
        beside.setContentsMargins(0, max(0, (self.label.fontMetrics().height() - icon_size) // 2), 0, 0)
        beside.addWidget(self.sign)
        beside.addStretch(1)
        layout.addLayout(beside)
        layout.addWidget(self.label, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hide()

    @property
    def text(self) -> str:
        """The words; empty while there are none."""
        return self.label.text()

    def say(self, kind: Finding, text: str) -> None:
        """Show this; an empty text hides it."""
        self.kind = kind if text else None
        self.sign.show_icon(*kind.value)
        self.label.setText(text)
        self.label.setMinimumHeight(0)
        QTimer.singleShot(0, self.label, self.label.fit)  # when it has its width
        role = QPalette.ColorRole.WindowText if kind is Finding.FAILED else QPalette.ColorRole.PlaceholderText
        self.label.setForegroundRole(role)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 120), hint.height())
