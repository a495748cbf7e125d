"""What the dialog Explain draws: the ladder of steps, the band with what comes next, the technical details."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontDatabase, QPainter, QPaintEvent, QPalette, QPen, QTextCursor
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.gui.account_steps import Step
from openmsi_desktop.gui.accounts import Next
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.window.parts import Icon, plain, small


class Sign(QWidget):
    """The icon of a step, and the line down to the next one."""

    def __init__(self, look: Look, parent: QWidget, step: Step, *, is_last: bool) -> None:
        super().__init__(parent)
        self._look = look
        self._step = step
        self._is_last = is_last
        self.setFixedWidth(24)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(24, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._look.draw(painter, *self._step.sign, QRectF(2, 1, 20, 20))
        if not self._is_last:
            painter.setPen(QPen(self._look.colour("surface", "line"), 2))
            painter.drawLine(12, 28, 12, self.height() - 4)


class Ladder(QWidget):
    """The steps, one below the other."""

    def __init__(self, look: Look, parent: QWidget, steps: Sequence[Step]) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(3, 1)
        for row, step in enumerate(steps):
            name, at, text = plain(self, step.name), plain(self, step.at), plain(self, step.text)
            dress(name, look.font(is_bold=True))
            dress(at, look.font(), QPalette.ColorRole.PlaceholderText)
            dress(text, look.font())
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setAccessibleName(f"{step.name}: {step.at} {step.text}")
            at.setMinimumWidth(at.fontMetrics().horizontalAdvance("88:88:88") + 8)
            name.setMinimumWidth(name.fontMetrics().horizontalAdvance("mmmmmmm"))
            grid.addWidget(Sign(look, self, step, is_last=row == len(steps) - 1), row, 0)
            for column, label in enumerate((name, at, text), start=1):
                label.setContentsMargins(0, 2, 8, 14)
                grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)


class Band(QWidget):
    """What comes next, on the tint of its meaning."""

    def __init__(self, look: Look, parent: QWidget, coming: Next) -> None:
        super().__init__(parent)
        self._look = look
        self._token = coming.sign[1]
        column = QVBoxLayout()
        column.setSpacing(2)
        title, text = plain(self, coming.title), plain(self, coming.text)
        dress(title, look.font(is_bold=True))
        for label in (title, text):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        text.setVisible(bool(coming.text))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(12)
        row.addWidget(Icon(look, self, coming.sign[0], coming.sign[1], 20), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_plain = self._look.is_high_contrast
        painter.setPen(QPen(self.palette().windowText().color(), 1) if is_plain else Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour(self._token, "tint"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class Details(QWidget):
    """Names and values that can be selected and copied."""

    def __init__(self, look: Look, parent: QWidget, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(parent)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(4)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for name, value in pairs:
            label = QLabel(_breakable(value), self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            dress(label, look.font(Size.SMALL))
            label.setWordWrap(True)
            label.setAccessibleName(f"{name}: {value}")
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            form.addRow(small(look, self, name), label)


def _breakable(value: str) -> str:
    """A hash has no place where a line may end: it gets some."""
    if len(value) == 128 and " " not in value:
        return " ".join(value[i : i + 32] for i in range(0, 128, 32))
    return value


class Output(QWidget):
    """What a program printed, as it printed it."""

    def __init__(self, look: Look, parent: QWidget, name: str, text: str) -> None:
        """name: of the program in the settings."""
        super().__init__(parent)
        head = plain(self, fill(tr("What “%1” printed last"), name))
        dress(head, look.font(is_bold=True))
        self.text = output_field(self, text)
        self.text.setAccessibleName(head.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(head)
        column.addWidget(self.text)


def output_field(parent: QWidget, text: str = "") -> QPlainTextEdit:
    """A field for what a program printed: letters of one width, at least five lines, lines as long as they are."""
    field = QPlainTextEdit(text, parent)
    field.setReadOnly(True)
    field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    field.setTabChangesFocus(True)
    lines = min(14, max(5, text.count("\n") + 2))
    field.setFixedHeight(lines * field.fontMetrics().lineSpacing() + 16)
    field.moveCursor(QTextCursor.MoveOperation.End)
    field.moveCursor(QTextCursor.MoveOperation.StartOfLine)
    return field
