"""The ladder Found → Sent → Checked → Arrived: how far the files of today have come, as a card of cells."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, Size

SENDER = (FileState.FOUND, FileState.SENT, FileState.CHECKED, FileState.ARRIVED)
READER = (FileState.RECEIVED, FileState.DELIVERED)
_ARROW = 20


class Cell(QAbstractButton):
    """A number over an icon and a word."""

    def __init__(self, look: Look, parent: QWidget, state: FileState, kind: str = "") -> None:
        """kind: of the task, which decides what a state is called."""
        super().__init__(parent)
        self._look = look
        self.state = state
        self._kind = kind
        self._count = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """How many files came this far today."""
        self._count = count
        word = words.word(self.state, self._kind)
        self.setText(word)
        self.setAccessibleName(fill(self.tr("%1 today: %2"), word, words.number(count)))
        self.update()

    def count(self) -> int:
        """What it shows."""
        return self._count

    def sizeHint(self) -> QSize:
        number = QFontMetrics(self._look.font(Size.TITLE, is_bold=True)).height()
        word = max(16, QFontMetrics(self._look.font()).height())
        return QSize(96, number + word + 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, palette = self._look, self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.alternateBase())
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        if self.hasFocus():
            painter.setPen(QPen(palette.highlight().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)
        number, word = look.font(Size.TITLE, is_bold=True), look.font()
        high, low = QFontMetrics(number).height(), max(16, QFontMetrics(word).height())
        top = (self.height() - high - low) / 2
        room = QRectF(16, top, self.width() - 30, high)
        painter.setFont(number)
        painter.setPen(palette.text().color())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words.number(self._count))
        icon, token = words.icon(self.state)
        look.draw(
            painter, icon, token if self._count else "neutral", QRectF(16, room.bottom() + (low - 14) / 2, 14, 14)
        )
        painter.setFont(word)
        painter.setPen(palette.placeholderText().color())
        room = QRectF(36, room.bottom(), self.width() - 42, low)
        text = QFontMetrics(word).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class Ladder(QWidget):
    """The card. Tells which cell was pressed."""

    pressed = Signal(str)
    """A FileState"""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._cells: list[Cell] = []
        self._kind = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)
        self.show_steps(SENDER)

    @property
    def cells(self) -> list[Cell]:
        """From left to right."""
        return self._cells

    def show_steps(self, steps: tuple[FileState, ...], kind: str = "") -> None:
        """Which cells there are, for a kind of task."""
        if tuple(c.state for c in self._cells) == steps and kind == self._kind:
            return
        self._kind = kind
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = [Cell(self._look, self, s, kind) for s in steps]
        for cell in self._cells:
            cell.clicked.connect(self._press)
            cell.show()
        self._place()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = self._cells[0].sizeHint()
        return QSize(size.width() * len(self._cells), size.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        width = self.width() / len(self._cells)
        for i, cell in enumerate(self._cells):
            left, right = round(i * width), round((i + 1) * width)
            cell.setGeometry(left, 0, right - left, self.height())

    def _press(self) -> None:
        cell = self.sender()
        if isinstance(cell, Cell):
            self.pressed.emit(cell.state.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self._look.colour("surface", "line")
        painter.setPen(QPen(line, 1))
        painter.setBrush(self.palette().base())
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, 6, 6)
        middle = self.height() / 2
        for cell in self._cells[1:]:
            at = cell.x() + 0.5
            painter.drawLine(QRectF(at, 0, 0, 0).topLeft(), QRectF(at, self.height(), 0, 0).topLeft())
            circle = QRectF(at - _ARROW / 2, middle - _ARROW / 2, _ARROW, _ARROW)
            painter.drawEllipse(circle)
            self._look.draw(painter, "action/chevron-right", "neutral", circle.adjusted(4, 4, -4, -4))
