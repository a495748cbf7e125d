"""Small things that the window draws itself: the chip, the bar, the sparkline, lines, and rows of labels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from openmsi_desktop.gui.look import Look, Size, dress, elide_path


class Chip(QWidget):
    """The state of a task beside its title: icon and words on a tint."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = "state/waiting"
        self._token = "waiting"
        self._text = ""
        self.setFont(look.font(Size.SMALL, is_bold=True))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_state(self, icon: str, token: str, text: str) -> None:
        """Show that; repaints only when it is something else."""
        if (icon, token, text) == (self._icon, self._token, self._text):
            return
        self._icon, self._token, self._text = icon, token, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """What it says."""
        return self._text

    def sizeHint(self) -> QSize:
        return QSize(34 + self.fontMetrics().horizontalAdvance(self._text), max(22, self.fontMetrics().height() + 6))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        is_plain = self._look.is_high_contrast
        painter.setPen(QPen(self.palette().windowText().color(), 1) if is_plain else Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour(self._token, "tint"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5) if is_plain else area, 4, 4)
        self._look.draw(painter, self._icon, self._token, QRectF(6, (area.height() - 14) / 2, 14, 14))
        painter.setPen(self._look.colour(self._token))
        room = area.adjusted(25, 0, -8, 0)
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class Bar(QWidget):
    """How much of something is done."""

    def __init__(self, look: Look, parent: QWidget, *, height: int = 6) -> None:
        super().__init__(parent)
        self._look = look
        self._share = 0.0
        self.setFixedHeight(8 if look.is_touch else height)
        look.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        """0 to 1."""
        if share != self._share:
            self._share = share
            self.update()

    def share(self) -> float:
        """What it shows."""
        return self._share

    def paintEvent(self, event: QPaintEvent) -> None:
        self._look.draw_bar(QPainter(self), QRectF(self.rect()), self._share)


class Sparkline(QWidget):
    """Figures of the last minutes as a line, from zero up to the highest of them."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._values: tuple[float, ...] = ()
        self.setFixedSize(122, 26)
        look.changed.connect(self.update)

    def show_values(self, values: tuple[float, ...]) -> None:
        """Oldest first."""
        if values != self._values:
            self._values = values
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        values, top = self._values, max(self._values, default=0.0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - 2.0
        if len(values) < 2 or top <= 0:
            painter.setPen(QPen(self._look.colour("surface", "line"), 1))
            painter.drawLine(QPointF(1, base), QPointF(self.width() - 1, base))
            return
        step = (self.width() - 2) / (len(values) - 1)
        line = [QPointF(1 + i * step, base - value / top * (base - 2)) for i, value in enumerate(values)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour("working", "tint"))
        painter.drawPolygon(QPolygonF([QPointF(1, base + 1), *line, QPointF(line[-1].x(), base + 1)]))
        painter.setPen(QPen(self._look.colour("working"), 1.5))
        painter.drawPolyline(QPolygonF(line))


class Icon(QWidget):
    """A drawing in the colour of its meaning. Says nothing by itself: a word stands beside it."""

    def __init__(self, look: Look, parent: QWidget, name: str = "", token: str = "neutral", size: int = 16) -> None:
        super().__init__(parent)
        self._look = look
        self._name = name
        self._token = token
        self.setFixedSize(size, size)
        look.changed.connect(self.update)

    def show_icon(self, name: str, token: str) -> None:
        """Another one; an empty name draws nothing."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._name:
            self._look.draw(QPainter(self), self._name, self._token, QRectF(self.rect()))


class Elided(QLabel):
    """A text that is cut at its end when there is little room; in full as the tooltip then."""

    def __init__(self, parent: QWidget, text: str = "", *, is_wide: bool = False, least: int = 60) -> None:
        """is_wide: it takes all the room there is. least: pixels that it keeps."""
        super().__init__(parent)
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy.Policy.Expanding if is_wide else QSizePolicy.Policy.Maximum
        self.setSizePolicy(policy, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self.setToolTip(text)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._least, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class PathLabel(QLabel):
    """A path that loses its folders, not its name, when there is little room."""

    def __init__(self, parent: QWidget, text: str = "", *, is_wide: bool = False, least: int = 60) -> None:
        """is_wide: it takes all the room there is, else only as much as it needs. least: pixels that it keeps."""
        super().__init__(parent)
        self._full = ""
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy.Policy.Expanding if is_wide else QSizePolicy.Policy.Maximum
        self.setSizePolicy(policy, QSizePolicy.Policy.Preferred)
        self.show_path(text)

    def show_path(self, text: str) -> None:
        """In full as the tooltip, and for those who hear it."""
        if text != self._full:
            self._full = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def text(self) -> str:
        return self._full

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._full) + 2, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._least, self.sizeHint().width()), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = elide_path(self._full, self.fontMetrics(), self.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class Link(QPushButton):
    """A button that looks like a link: it leads to another page."""

    def __init__(self, look: Look, parent: QWidget, text: str) -> None:
        super().__init__(text, parent)
        self._look = look
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 8, max(self._look.row_height(24), metrics.height() + 6))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.hasFocus():
            painter.setPen(self.palette().highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        font = self.font()
        font.setUnderline(True)
        painter.setFont(font)
        painter.setPen(self.palette().link().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


def heading(look: Look, parent: QWidget, text: str) -> QLabel:
    """A head over a block of the page."""
    label = QLabel(text, parent)
    dress(label, look.font(Size.HEADING, is_bold=True))
    return label


def small(look: Look, parent: QWidget, text: str = "") -> QLabel:
    """A second line, units, help: small and grey. Plain text: names may hold anything."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    dress(label, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
    return label


def plain(parent: QWidget, text: str = "") -> QLabel:
    """Body text. Plain text: names may hold anything."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


class Rule(QFrame):
    """A line one pixel thick, between two areas."""

    def __init__(self, parent: QWidget, *, is_vertical: bool = False) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        if is_vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Mid))
