"""A card at the top of the overview when something is not as usual: what happened, what it means, what comes next."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import files_in_need, is_reader, pause_words
from openmsi_desktop.gui.window.parts import Icon


@dataclass(frozen=True, slots=True)
class Message:
    """What a card says. buttons: (what it does, its text); what: ``retry test problems resume edit``."""

    icon: str
    token: str
    title: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()


class Notice(QWidget):
    """A card with an edge in the colour of the state. Invisible while there is nothing to say."""

    pressed = Signal(str)
    """What a button does."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._message: Message | None = None
        self._made: list[QPushButton] = []
        self._icon = Icon(look, self, size=20)
        self._title, self._text = QLabel(self), QLabel(self)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        dress(self._title, look.font(Size.HEADING, is_bold=True))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        look.changed.connect(self.update)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What it says; None: nothing."""
        return self._message

    def show_message(self, message: Message | None) -> None:
        """Say that, or nothing. Buttons that stay the same keep the focus."""
        before, self._message = self._message, message
        self.setVisible(message is not None)
        if message is None or message == before:
            return
        self._icon.show_icon(message.icon, message.token)
        self._title.setText(message.title)
        self._text.setText(message.text)
        self._text.setVisible(bool(message.text))
        if before is None or before.buttons != message.buttons:
            self._make_buttons(message.buttons)
        self.update()

    def buttons(self) -> list[QPushButton]:
        """What can be pressed, from left to right."""
        return list(self._made)

    def _make_buttons(self, buttons: tuple[tuple[str, str], ...]) -> None:
        while self._buttons.takeAt(0) is not None:
            pass
        for old in self._made:
            old.hide()
            old.deleteLater()
        self._made = []
        for what, text in buttons:
            button = QPushButton(text, self)
            button.setMinimumHeight(self._look.row_height(28))
            button.setObjectName(what)
            button.clicked.connect(self._press)
            self._buttons.addWidget(button)
            self._made.append(button)
        self._buttons.addStretch(1)
        self._buttons.setContentsMargins(0, 6 if buttons else 0, 0, 0)

    def _press(self) -> None:
        self.pressed.emit(self.sender().objectName())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._message is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(QPen(self._look.colour("surface", "line"), 1))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setClipRect(QRectF(0, 0, 4, area.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour(self._message.token))
        painter.drawRoundedRect(QRectF(0, 0, 12, area.height()), 6, 6)


def message_of(task: TaskNow, *, now: float | None = None) -> Message | None:
    """What has to be said of a task beyond its state; None if all is as usual."""
    now = time.time() if now is None else now
    buttons: tuple[tuple[str, str], ...]
    if task.state is TaskState.FAILED:
        buttons = (("retry", tr("Try again")), ("edit", tr("Edit task…")))
        return Message("state/problem", "error", _as_title(task.title), task.advice, buttons)
    if task.is_paused:
        return Message("action/pause", "paused", pause_words(task, now=now), _paused(task), (("resume", tr("Resume")),))
    if task.is_offline:
        return _offline(task, now)
    if task.needs_you:
        buttons = (("retry", tr("Try now")), ("test", tr("Test connection…")), ("edit", tr("Edit task…")))
        return Message("state/problem", "error", _as_title(task.title), task.advice, buttons)
    if number := files_in_need(task):
        return Message(
            "state/problem",
            "error",
            tr("%n file(s) need your attention", "", number),
            tr("The others go on. Nothing is lost; the reason is listed with each file."),
            (("problems", tr("Show problems")),),
        )
    if task.problems:
        first = task.problems[0]
        buttons = (("problems", tr("Show problems")), ("retry", tr("Try again")))
        return Message("state/problem", "error", _as_title(first.title), first.advice, buttons)
    if task.state is TaskState.WAITING:
        buttons = (("retry", tr("Try now")),)
        return Message("sign/warning", "attention", _as_title(task.title), task.advice, buttons)
    return None


def _paused(task: TaskNow) -> str:
    if task.kind == TRANSFER:
        return tr("Nothing is stored meanwhile. What is on the topic stays there and is stored when you resume.")
    if task.kind == PROCESS:
        return tr("Nothing is processed meanwhile. What is on the topic stays there and is processed when you resume.")
    if is_reader(task):
        return tr("Nothing is downloaded meanwhile. What is on the topic stays there and is fetched when you resume.")
    return tr("Nothing is sent meanwhile. Your files are safe where they are; new ones are found when you resume.")


def _offline(task: TaskNow, now: float) -> Message:
    if task.contact_at is not None:
        title = fill(tr("Cannot reach %1 since %2"), task.connection, words.clock(task.contact_at, now=now))
    else:
        title = fill(tr("Cannot reach %1"), task.connection)
    if is_reader(task):
        safe = tr("What is on the topic stays there, and is fetched when the connection is back.")
    elif task.pending:
        safe = tr("Your files are safe on this computer; %n of them are waiting.", "", task.pending)
    else:
        safe = tr("Your files are safe on this computer; none is waiting.")
    text = fill(tr("%1 It is tried again by itself, at least every 20 s."), safe)
    buttons = (("retry", tr("Try now")), ("test", tr("Test connection…")))
    return Message("sign/not-yet", "offline", title, text, buttons)


def _as_title(text: str) -> str:
    return text or tr("Waiting")
