"""A card on the page Problems: one cause, what it means for the data, the files, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from openmsi_desktop.gui import file_words, words
from openmsi_desktop.gui.causes import Cause
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.window.parts import Icon, PathLabel, small

SHOWN = 3
"""Files of a cause that are named on its card."""


class Card(QWidget):
    """Edge, icon, title, text, and a row of buttons. What a button asks for is its object name."""

    asked = Signal(str)
    """Object name of the button that was pressed."""

    def __init__(self, look: Look, parent: QWidget, *, icon: str, token: str) -> None:
        super().__init__(parent)
        self._look = look
        self._token = token
        self.buttons: dict[str, QPushButton] = {}
        self.title = _text(self)
        dress(self.title, look.font(Size.HEADING, is_bold=True))
        self.count = small(look, self)
        self.text = _text(self)
        dress(self.text, look.font())
        self.next = small(look, self)
        self._icon = Icon(look, self, icon, token, 20)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title, 1)
        head.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        self.files = QVBoxLayout()
        self.files.setSpacing(4)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._row.addWidget(self.next)
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(head)
        inner.addWidget(self.text)
        inner.addLayout(self.files)
        inner.addLayout(self._row)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 14, 18, 14)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(inner, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        look.changed.connect(self.update)

    def offer(self, buttons: Sequence[tuple[str, str, str]]) -> None:
        """(what it asks for, text, icon) of each button, the likeliest first. Those that are there already stay."""
        if list(self.buttons) != [asks for asks, _, _ in buttons]:
            for old in self.buttons.values():
                self._row.removeWidget(old)
                old.deleteLater()
            self.buttons = {}
            for at, (asks, _, icon) in enumerate(buttons):
                button = QPushButton(self)
                button.setObjectName(asks)
                button.setFlat(asks == "ignore")
                if icon:
                    button.setIcon(self._look.icon(icon))
                    button.setIconSize(QSize(16, 16))
                button.clicked.connect(self._ask)
                self._row.insertWidget(at, button)
                self.buttons[asks] = button
        for asks, text, _ in buttons:
            self.buttons[asks].setText(text)
            self.buttons[asks].setAccessibleName(fill(self.tr("%1: %2"), text, self.title.text()))

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self.sender().objectName())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, 4, self.height()), self._look.colour(self._token))
        painter.setClipping(False)
        painter.setPen(QPen(self._look.colour("surface", "line"), 1))
        painter.drawPath(shape)


class CauseCard(Card):
    """One cause and its files."""

    def __init__(self, look: Look, parent: QWidget, cause: Cause) -> None:
        icon, token = ("state/held", "attention") if cause.is_held else ("state/problem", "error")
        super().__init__(look, parent, icon=icon, token=token)
        self.cause = cause
        self._lines: list[tuple[PathLabel, QLabel]] = []
        self.more = QPushButton(self)
        self.more.setFlat(True)
        self.more.setObjectName("show")
        self.more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.more.clicked.connect(self._ask)
        for _ in range(SHOWN):
            path, facts = PathLabel(self, is_wide=True), small(look, self)
            facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(path, 1)
            row.addWidget(facts)
            self.files.addLayout(row)
            self._lines.append((path, facts))
        self.files.addWidget(self.more)
        self.show_cause(cause)

    def show_cause(self, cause: Cause) -> None:
        """The same cause, as it is now."""
        self.cause = cause
        number = len(cause.troubles)
        self.title.setText(file_words.shown(cause.title))
        self.text.setText(file_words.shown(cause.text))
        self.text.setVisible(bool(cause.text))
        self.count.setText(self.tr("%n file(s)", "", number))
        for (path, facts), trouble in zip(self._lines, cause.troubles, strict=False):
            path.show_path(file_words.shown(trouble.path))
            facts.setText(_facts(trouble.size, trouble.first_at, trouble.last_at, trouble.tries, is_held=cause.is_held))
        for at, (path, facts) in enumerate(self._lines):
            path.setVisible(at < number)
            facts.setVisible(at < number)
        self.more.setVisible(number > SHOWN)
        self.more.setText(fill(self.tr("and %n more", "", number - SHOWN)))
        self.next.setText(fill(self.tr("Next try %1"), words.clock(cause.retry_at)) if cause.retry_at else "")
        self.offer(_offers(cause))
        self.setAccessibleName(f"{self.title.text()}, {self.count.text()}")


def _offers(cause: Cause) -> list[tuple[str, str, str]]:
    is_one = len(cause.troubles) == 1
    explain = ("explain", tr("Explain"), "action/explain")
    if cause.is_held:
        send = tr("Send it as it is") if is_one else tr("Send them as they are")
        skip = tr("Do not send it") if is_one else tr("Do not send them")
        return [("decide send", send, ""), ("decide skip", skip, ""), explain]
    return [("retry", tr("Retry"), "action/rescan"), explain, ("ignore", tr("Ignore"), "")]


def _facts(size: int | None, first: float, last: float, tries: int, *, is_held: bool) -> str:
    if is_held:
        times = fill(tr("held since %1"), words.clock(first))
    elif tries > 1:
        count = tr("%n tries", "", tries)
        times = fill(tr("first %1 · last %2 · %3"), words.clock(first), words.clock(last), count)
    else:
        times = fill(tr("since %1"), words.clock(first))
    return fill(tr("%1   %2"), words.size(size), times) if size else times


def _text(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
