"""What a window shows that has no tasks yet: a question, and one large button for each kind."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.kinds import Kind, kinds
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.window.parts import small

_WIDTH = 520


class BigButton(QAbstractButton):
    """A choice with an icon, a heading and one line that explains it."""

    def __init__(self, look: Look, parent: QWidget, icon: str, text: str, explanation: str) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._explanation = explanation
        self.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(explanation)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        lines = QFontMetrics(self._look.font(Size.HEADING, is_bold=True)).height()
        lines += QFontMetrics(self._look.font(Size.SMALL)).height()
        return QSize(_WIDTH, max(76, lines + 30))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, palette = self._look, self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_focused = self.hasFocus()
        width = 2.0 if is_focused else 1.0
        pen = palette.highlight().color() if is_focused else look.colour("surface", "line")
        painter.setPen(QPen(pen, width))
        is_lit = self.isDown() or self.underMouse()
        painter.setBrush(palette.alternateBase() if is_lit else palette.base())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), 6, 6)
        middle = self.height() / 2
        look.draw(painter, self._icon, "working", QRectF(20, middle - 12, 24, 24))
        look.draw(painter, "action/chevron-right", "neutral", QRectF(self.width() - 34, middle - 8, 16, 16))
        head, line = look.font(Size.HEADING, is_bold=True), look.font(Size.SMALL)
        high, low = QFontMetrics(head).height(), QFontMetrics(line).height()
        room = QRectF(60, middle - (high + low + 2) / 2, self.width() - 104, high)
        painter.setFont(head)
        painter.setPen(palette.text().color())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(line)
        painter.setPen(palette.placeholderText().color())
        text = QFontMetrics(line).elidedText(self._explanation, Qt.TextElideMode.ElideRight, int(room.width()))
        room = QRectF(room.x(), room.bottom() + 2, room.width(), low)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class EmptyPage(QWidget):
    """Asks what this computer should do."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        look = desktop.look
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.setAutoFillBackground(True)
        title = QLabel(self.tr("What should this computer do?"), self)
        dress(title, look.font(Size.TITLE, is_bold=True))
        line = QLabel(self.tr("You can add more later. Nothing is sent before you press Start."), self)
        line.setWordWrap(True)
        dress(line, look.font(), self.palette().ColorRole.PlaceholderText)

        column = QVBoxLayout()
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(title)
        column.addWidget(line)
        column.addSpacing(8)
        self.buttons: list[BigButton] = []
        for kind in kinds():
            text, explanation = kind.offer()
            button = BigButton(look, self, kind.icon, text, explanation)
            button.clicked.connect(partial(self._add, kind))
            column.addWidget(button)
            self.buttons.append(button)
        column.addSpacing(8)
        column.addLayout(self._practice_row())
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.addStretch(1)
        row.addLayout(column, 100)
        row.addStretch(1)
        for widget in (title, line, *self.buttons):
            widget.setMaximumWidth(_WIDTH)

    def _practice_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(small(self._desktop.look, self, self.tr("New to this?")))
        self.first_steps = QPushButton(self.tr("First steps…"), self)
        self.first_steps.clicked.connect(self._open_wizard)
        row.addWidget(self.first_steps)
        self.practice = QPushButton(self.tr("Try it without a broker"), self)
        self.practice.clicked.connect(self._open_practice)
        row.addWidget(self.practice)
        row.addStretch(1)
        return row

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.buttons[0].setFocus()

    def _add(self, kind: Kind) -> None:
        kind.add(self._desktop, self.window())

    @Slot()
    def _open_practice(self) -> None:
        from openmsi_desktop.gui.practice import open_practice

        open_practice(self.window())

    @Slot()
    def _open_wizard(self) -> None:
        from openmsi_desktop.gui.dialogs import first_run

        first_run.open_wizard(self._desktop, self.window())
