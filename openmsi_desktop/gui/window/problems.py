"""The page Problems of a task: what needs a person, grouped by cause."""

from __future__ import annotations

from contextlib import closing

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.core.troubles import troubles
from openmsi_desktop.gui import actions, again, causes, file_actions, words
from openmsi_desktop.gui.causes import Cause
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import explain
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.gui.window.parts import plain, small
from openmsi_desktop.gui.window.problem_card import CauseCard
from openmsi_desktop.gui.window.task_card import TaskCard

_CARDS = 40
"""Causes that get a card; whoever has more looks at the first ones first."""
_IN_NEED = frozenset({FileState.PROBLEM, FileState.HELD, FileState.INCOMPLETE})


class ProblemsPage(QWidget):
    """Shows the task it was given last. Told of every Snapshot, only while it can be seen."""

    show_files = Signal(object)
    """Collection of FileState: a person wants to see the files in them."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        self._asked: object = None
        self._causes: tuple[Cause, ...] = ()
        self._cards: dict[tuple[str, bool], CauseCard] = {}
        self._task_card: TaskCard | None = None
        look = desktop.look
        self.line = small(look, self)
        dress(self.line, look.font(), QPalette.ColorRole.PlaceholderText)
        self.line.setWordWrap(True)
        self.retry_all = QPushButton(self.tr("Retry all"), self)
        self.retry_all.clicked.connect(self._retry_all)
        self.more = plain(self)
        self.calm = QLabel(self)
        self.calm.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.calm.setWordWrap(True)
        dress(self.calm, look.font(Size.HEADING))
        self._body = QWidget(self)
        self._list = QVBoxLayout(self._body)
        self._list.setContentsMargins(20, 0, 20, 16)
        self._list.setSpacing(12)
        self._list.addWidget(self.more)
        self._list.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(self.tr("Problems by their causes"))
        self._area.setWidget(self._body)
        for widget in (self._area.viewport(), self._body):
            widget.setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setContentsMargins(20, 14, 20, 12)
        head.addWidget(self.line, 1)
        head.addWidget(self.retry_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.calm, 1)
        column.addWidget(self._area, 1)
        look.changed.connect(self._dress)
        self._dress()
        self._arrange()

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        before, self._task = self._task, task
        if before is None or before.key != task.key:
            self._causes = ()
            self._asked = None
        asked = (task.key, task.problems, task.counts.get(FileState.HELD, 0))
        if asked != self._asked:
            self._asked = asked
            self._read(task)
        self._arrange()

    # -- finding out

    def _read(self, task: TaskNow) -> None:
        profile, is_outgoing = self._desktop.host.profile, not is_reader(task)

        def work() -> tuple[str, tuple[Cause, ...]]:
            if not profile.journal_path.exists():
                return task.key, ()
            with closing(profile.open_journal()) as journal:
                return task.key, causes.by_cause(troubles(journal, task.key, is_outgoing=is_outgoing))

        self._desktop.background.run(self, work, self._take, self._failed)

    def _take(self, found: tuple[str, tuple[Cause, ...]]) -> None:
        if self._task is not None and found[0] == self._task.key:
            self._causes = found[1]
            self._arrange()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        self.line.setText(str(error))

    # -- showing

    def _arrange(self) -> None:
        task = self._task
        about_task = task is not None and _has_trouble(task)
        if task is not None and about_task:
            if self._task_card is None:
                self._task_card = TaskCard(self._desktop, self._body)
                self._list.insertWidget(0, self._task_card)
            self._task_card.show_task(task)
        elif self._task_card is not None:
            self._list.removeWidget(self._task_card)
            self._task_card.deleteLater()
            self._task_card = None
        shown = {(c.key, c.is_held): c for c in self._causes[:_CARDS]}
        for key in [k for k in self._cards if k not in shown]:
            card = self._cards.pop(key)
            self._list.removeWidget(card)
            card.deleteLater()
        first = 1 if self._task_card is not None else 0
        for at, (key, cause) in enumerate(shown.items(), start=first):
            old = self._cards.get(key)
            if old is None:
                old = self._cards[key] = CauseCard(self._desktop.look, self._body, cause)
                old.asked.connect(self._do)
            elif old.cause != cause:
                old.show_cause(cause)
            if self._list.indexOf(old) != at:
                self._list.insertWidget(at, old)
        self._say(about_task=about_task)

    def _say(self, *, about_task: bool) -> None:
        task, many = self._task, self._causes
        is_calm = not many and not about_task
        self.calm.setVisible(is_calm)
        self._area.setVisible(not is_calm)
        self.retry_all.setVisible(any(not c.is_held for c in many))
        self.line.setVisible(bool(many))
        rest = len(many) - _CARDS
        self.more.setVisible(rest > 0)
        self.more.setText(self.tr("and %n more cause(s)", "", rest))
        if task is None:
            return
        if is_calm:
            self.calm.setText(self.tr("No problems.") + "\n" + _calm(task))
        others = max(0, sum(task.counts.values()) - sum(task.counts.get(s, 0) for s in _IN_NEED))
        self.line.setText(causes.summary(many, others=others, others_text=words.number(others)))

    # -- what people do

    @Slot(str)
    def _do(self, asked: str) -> None:
        card = self.sender()
        if not isinstance(card, CauseCard) or self._task is None:
            return
        if asked == "show":
            self.show_files.emit([FileState.HELD if card.cause.is_held else FileState.PROBLEM])
        elif asked == "explain":
            first = card.cause.troubles[0]
            explain.open_dialog(self._desktop, self.window(), first.local or first.path)
        else:
            kind, _, argument = asked.partition(" ")
            file_actions.ask(self._desktop, kind, self._task.key, card.cause.paths, argument)

    @Slot()
    def _retry_all(self) -> None:
        if self._task is not None:
            actions.try_now(self._desktop, self._task.key)
            if again.has_sinks(self._desktop, self._task.key):
                again.given_up(self._desktop, self._task.key)

    @Slot()
    def _dress(self) -> None:
        self.retry_all.setIcon(self._desktop.look.icon("action/rescan"))


def _calm(task: TaskNow) -> str:
    if task.kind == TRANSFER:
        return tr("Everything that was received is stored, or on its way.")
    if task.kind == PROCESS:
        return tr("Everything that was received is processed, or on its way.")
    if is_reader(task):
        return tr("Everything that was received is saved, or on its way.")
    return tr("Everything that was found is sent, or on its way.")


def _has_trouble(task: TaskNow) -> bool:
    """Something stands in the way of the task as a whole."""
    if task.is_paused:
        return False
    return (
        bool(task.title)
        and task.state in (TaskState.WAITING, TaskState.FAILED)
        or any(not p.path for p in task.problems)
    )
