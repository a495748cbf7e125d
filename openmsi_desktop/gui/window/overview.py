"""The page Overview of a task: what is not as usual, what happens now, what happened today, and how well it works."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSpacerItem, QVBoxLayout, QWidget

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.gui import actions
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import connection
from openmsi_desktop.gui.snapshot import PENDING, TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.gui.window.health import HealthBlock
from openmsi_desktop.gui.window.ladder import READER, SENDER, Ladder
from openmsi_desktop.gui.window.moving import NowBlock
from openmsi_desktop.gui.window.notice import Notice, message_of
from openmsi_desktop.gui.window.parts import heading

_NARROW = 560


class OverviewPage(QScrollArea):
    """Shows the task it was given last."""

    wants_files = Signal(object)
    """Collection of FileState"""
    wants_problems = Signal()

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        look = desktop.look
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(self)
        page.setBackgroundRole(QPalette.ColorRole.Base)
        page.setAutoFillBackground(True)
        self.notice = Notice(look, page)
        self.now = NowBlock(look, page)
        self.ladder = Ladder(look, page)
        self.health = HealthBlock(look, page)
        self._today = heading(look, page, self.tr("Today"))
        self._gap = QSpacerItem(0, 0)  # below the card, while there is one
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addSpacerItem(self._gap)
        column.addWidget(self.now)
        column.addSpacing(16)
        column.addWidget(self._today)
        column.addSpacing(8)
        column.addWidget(self.ladder)
        column.addSpacing(16)
        column.addWidget(self.health)
        column.addStretch(1)
        self._column = column
        self.setWidget(page)
        self.notice.pressed.connect(self._do)
        self.now.wants_queue.connect(self._show_queue)
        self.ladder.pressed.connect(self._show_step)

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        self._task = task
        message = message_of(task)
        self.notice.show_message(message)
        self._gap.changeSize(0, 16 if message is not None else 0)
        self.now.setVisible(task.state is not TaskState.FAILED)
        self.now.show_task(task)
        self.ladder.show_steps(READER if is_reader(task) else SENDER, task.kind)
        for cell in self.ladder.cells:
            cell.show_count(task.today.get(cell.state, 0))
        self.health.show_task(task)
        self._column.invalidate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = event.size().width() < _NARROW
        self.now.set_narrow(is_narrow)
        self.health.set_narrow(is_narrow)

    @Slot()
    def _show_queue(self) -> None:
        self.wants_files.emit(PENDING)

    @Slot(str)
    def _show_step(self, state: str) -> None:
        self.wants_files.emit((FileState(state),))

    @Slot(str)
    def _do(self, what: str) -> None:
        task = self._task
        if task is None:
            return
        if what == "retry":
            actions.try_now(self._desktop, task.key)
        elif what == "resume":
            actions.resume(self._desktop, task.key)
        elif what == "problems":
            self.wants_problems.emit()
        elif what == "edit":
            actions.edit(self._desktop, task.key, self.window())
        elif what == "test":
            self._test_connection(task.connection)

    def _test_connection(self, name: str) -> None:
        for known in self._desktop.store.settings.connections:
            if known.name == name:
                connection.open_dialog(self._desktop, self.window(), known)
