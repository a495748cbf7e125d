"""The page Files of a task: every file the journal knows, with its state, as it changes."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import BY_NEWS_AT_MOST, FOUND_AT_MOST
from openmsi_desktop.gui import words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.gui.window.files_filter import FilesFilter
from openmsi_desktop.gui.window.files_model import FilesModel
from openmsi_desktop.gui.window.files_reader import FilesReader, Wanted
from openmsi_desktop.gui.window.files_table import FilesTable
from openmsi_desktop.gui.window.parts import Rule, plain, small

_TYPED_MS = 120
_NARROW = 600


class FilesPage(QWidget):
    """Shows the task it was given last. Told of every Snapshot, only while it can be seen."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        self._reader = FilesReader(desktop.host.profile)
        self._reader.failed.connect(self._show_error, Qt.ConnectionType.QueuedConnection)
        self.model = FilesModel(self._reader, self)
        self.filter = FilesFilter(desktop.look, self)
        self.search = QLineEdit(self)
        self.table = FilesTable(desktop, self.model, self)
        self.note = small(desktop.look, self)
        self.newer = QPushButton(self)
        self._empty = plain(self)
        self._stack = QStackedWidget(self)

        self.search.setPlaceholderText(self.tr("Part of a path, or a hash"))
        self.search.setAccessibleName(self.tr("Find a file of this task by a part of its path, or by a hash"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(220)
        self._search_icon = QAction(self)
        self.search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.newer.setFlat(True)
        self.newer.hide()
        keep = self.newer.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.newer.setSizePolicy(keep)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setForegroundRole(self._empty.foregroundRole())
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

        self._top = top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        top.setContentsMargins(20, 12, 20, 12)
        top.setSpacing(12)
        top.addWidget(self.filter, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(20, 2, 12, 2)
        bottom.addWidget(self.note, 1)
        bottom.addWidget(self.newer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(Rule(self))
        column.addWidget(self._stack, 1)
        column.addWidget(Rule(self))
        column.addLayout(bottom)

        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self._list)
        self.search.textChanged.connect(self._typing)
        self.filter.chosen.connect(self._list)
        self.newer.clicked.connect(self.table.go_to_top)
        self.table.grown_above.connect(self._show_newer)
        self.model.counted.connect(self._count)
        desktop.look.changed.connect(self._dress)
        self.destroyed.connect(self._reader.end)
        self._dress()

    # -- what others ask

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        before, self._task = self._task, task
        self.filter.show_counts(task.counts, kind=task.kind)
        if before is None or before.key != task.key:
            self.search.blockSignals(True)
            self.search.clear()
            self.search.blockSignals(False)
            self.filter.choose(())
            self._list()
        elif self.isVisible():
            self.model.look()
        self._count()

    def filter_by(self, states: Collection[FileState]) -> None:
        """Only files in these states; none given: all."""
        self.filter.choose(states)
        self._list()

    def look_for(self, text: str) -> None:
        """Find files by a part of their path, or by a hash."""
        self.filter.choose(())
        self.search.setText(text)
        self._list()

    def chosen_path(self) -> str:
        """The file that is selected, for who wants it explained; empty if there is none."""
        rows = self.table.selected()
        return (rows[0].file.local or rows[0].file.path) if rows else ""

    # -- details

    def _wanted(self, task: TaskNow) -> Wanted:
        states = self.filter.states
        number = sum(task.counts.get(s, 0) for s in states)
        return Wanted(
            task=task.key,
            is_outgoing=not is_reader(task),
            states=states,
            text=self.search.text().strip().replace("\\", "/"),
            by_news=not is_reader(task) and (not states or number <= BY_NEWS_AT_MOST),
        )

    @Slot()
    def _list(self) -> None:
        self._typed.stop()
        if self._task is None or not self.isVisible():
            return
        wanted = self._wanted(self._task)
        if wanted != self.model.wanted or not self._reader.isRunning():
            self._reader.begin()
            self.model.show(wanted)

    @Slot(str)
    def _typing(self, text: str) -> None:
        self._typed.start()

    @Slot()
    def _count(self) -> None:
        task, shown = self._task, self.model.rowCount()
        if task is None:
            return
        is_all = not self.model.wanted.states and not self.model.wanted.text
        total = max(sum(task.counts.values()), shown if is_all else 0)
        if shown or not self.model.is_complete:
            self._stack.setCurrentWidget(self.table)
        else:
            self._empty.setText(self._why_empty(total))
            self._stack.setCurrentWidget(self._empty)
        self.note.setText(self._how_many(shown, total))

    def _how_many(self, shown: int, total: int) -> str:
        wanted = self.model.wanted
        if not wanted.text and not wanted.states:
            return self.tr("%n file(s), newest first", "", total)
        if wanted.text and not self.model.is_complete:
            return fill(self.tr("Looking through %1 files…"), words.number(total))
        if wanted.text and shown >= FOUND_AT_MOST:
            return fill(self.tr("The first %1 of those that fit"), words.number(shown))
        if not self.model.is_complete:
            return ""
        return fill(self.tr("%1 of %n file(s)", "", total), words.number(shown))

    def _why_empty(self, total: int) -> str:
        if self.model.wanted.text:
            return fill(self.tr("No file of this task has “%1” in its path."), self.search.text().strip())
        if self.model.wanted.states and total:
            return self.tr("No file is in this state.")
        if self._task is not None and is_reader(self._task):
            return self.tr("No files yet. They appear here as soon as the first part of one arrives.")
        return self.tr("No files yet. They appear here as soon as they are found in the folder.")

    @Slot(int)
    def _show_newer(self, number: int) -> None:
        self.newer.setVisible(number > 0)
        if number:
            self.newer.setText(self.tr("%n newer file(s) above", "", number))

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        self.note.setText(str(error))

    @Slot()
    def _dress(self) -> None:
        look = self._desktop.look
        self._search_icon.setIcon(look.icon("action/search", "neutral"))
        self.search.setMinimumHeight(look.row_height(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        self._top.setDirection(directions.TopToBottom if self.width() < _NARROW else directions.LeftToRight)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._list()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._reader.end()
