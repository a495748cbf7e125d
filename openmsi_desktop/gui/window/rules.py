"""The page Rules of a task: what it sends and what not, in words, and which files of the folder stay where they are."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.gui import actions, rule_words, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms.fold import Fold
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, dress
from openmsi_desktop.gui.preview.delegate import PreviewDelegate
from openmsi_desktop.gui.preview.judging import Verdict
from openmsi_desktop.gui.preview.model import PreviewModel
from openmsi_desktop.gui.preview.preview import Preview, Progress
from openmsi_desktop.gui.sinks.words import sinks_of
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.parts import heading, plain, small
from openmsi_desktop.settings import Download, WatchedFolder
from openmsi_desktop.streaming.rules import rules_of


class RulesPage(QWidget):
    """Shows the task it was given last. Told of every Snapshot, only while it can be seen."""

    _told = Signal(object)

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        self._item: object = None
        look = desktop.look
        self._preview = Preview(self._told.emit)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.model = PreviewModel(self)
        self.model.show_only(Verdict.STAY)
        self._has_new = False

        self.edit_button = QPushButton(self.tr("Edit…"), self)
        self.edit_button.clicked.connect(self._edit)
        self.again_button = QPushButton(self.tr("Look again"), self)
        self.again_button.clicked.connect(self._look)
        self._head = heading(look, self, self.tr("What this task does"))
        self.list = QListView(self)
        self.list.setFrameShape(QFrame.Shape.StyledPanel)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(PreviewDelegate(look, self.list))
        self.list.setModel(self.model)
        self.list.setMinimumHeight(200)
        self.list.setAccessibleName(self.tr("Files that are not sent"))
        self.note = small(look, self)

        self._sentences = QWidget(self)
        self._place = QVBoxLayout(self._sentences)
        self._place.setContentsMargins(0, 0, 0, 0)
        self._left_out = QWidget(self)
        below = QVBoxLayout(self._left_out)
        below.setContentsMargins(0, 8, 0, 0)
        below.setSpacing(8)
        row = QHBoxLayout()
        row.addWidget(heading(look, self, self.tr("Files of the folder that are not sent")), 1)
        row.addWidget(self.again_button)
        below.addLayout(row)
        below.addWidget(self.list, 1)
        below.addWidget(self.note)

        body = QWidget(self)
        body.setAutoFillBackground(False)
        top = QHBoxLayout()
        top.addWidget(self._head, 1)
        top.addWidget(self.edit_button)
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._sentences)
        column.addWidget(self._left_out, 1)
        column.addStretch(0)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(self.tr("Rules of this task"))
        area.setWidget(body)
        area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        look.changed.connect(self._dress)
        self.destroyed.connect(self._preview.close)
        self._dress()

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        self._task = task
        found = actions.find(self._desktop, task.key)
        item = found[1] if found is not None else None
        self.edit_button.setVisible(item is not None)
        if item == self._item and item is not None:
            return
        self._item = item
        self._tell()
        self._look()

    # -- sentences

    def _tell(self) -> None:
        while self._place.count():
            old = self._place.takeAt(0)
            widget = old.widget() if old is not None else None
            if widget is not None:
                widget.deleteLater()
        item, look = self._item, self._desktop.look
        if isinstance(item, WatchedFolder):
            sentences = rule_words.of_watched(item)
        elif isinstance(item, Download):
            sentences = rule_words.of_download(item, sinks_of(self._desktop.store.settings, item))
        else:
            self._place.addWidget(plain(self, self.tr("This task is not in the settings any more.")))
            self._left_out.hide()
            return
        self._place.addWidget(_Pairs(look, self, sentences))
        details = _Pairs(look, self, rule_words.technical(item))
        self._place.addWidget(Fold(self.tr("Technical details"), details, indent=20, parent=self))
        self._left_out.setVisible(isinstance(item, WatchedFolder))

    # -- files that are left out

    @Slot()
    def _look(self) -> None:
        item = self._item
        if not isinstance(item, WatchedFolder) or not self.isVisible():
            return
        self._has_new = False
        self.note.setText(self.tr("Looking through the folder…"))
        self._preview.look(item.path)
        self._preview.ask(lambda: rules_of(item, now=time.time()), subfolder=item.subfolder)

    @Slot(object)
    def _take(self, progress: Progress) -> None:
        if progress.number != self._preview.number:
            return
        if progress.error is not None:
            self.model.clear()
            title = getattr(progress.error, "title", "") or self.tr("The folder cannot be read.")
            self.note.setText(title)
            return
        assert progress.batch is not None
        if not self._has_new:  # what was shown before stays until there is something to show instead
            self._has_new = True
            self.model.clear()
        self.model.add(progress.batch)
        counts = progress.batch.counts
        looked = words.number(counts.all)
        if not progress.batch.is_last:
            self.note.setText(fill(self.tr("%1 files looked at so far…"), looked))
        elif progress.inventory.is_cut:
            self.note.setText(
                fill(self.tr("%1 of the first %2 files are not sent."), words.number(counts.stay), looked)
            )
        elif counts.stay:
            self.note.setText(fill(self.tr("%1 of %2 files are not sent."), words.number(counts.stay), looked))
        else:
            self.note.setText(self.tr("No file is left out."))

    # -- what people do

    @Slot()
    def _edit(self) -> None:
        found = actions.find(self._desktop, self._task.key) if self._task is not None else None
        if found is not None:
            found[0].edit(self._desktop, self.window(), found[1])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._preview.close()

    @Slot()
    def _dress(self) -> None:
        look = self._desktop.look
        self.edit_button.setIcon(look.icon("action/edit"))
        self.again_button.setIcon(look.icon("action/rescan"))


class _Pairs(QWidget):
    """Names on the left, sentences on the right, as long as they need."""

    def __init__(self, look: Look, parent: QWidget, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(pairs):
            first, second = QLabel(name, self), plain(self, text)
            dress(first, look.font(), QPalette.ColorRole.PlaceholderText)
            dress(second, look.font())
            second.setWordWrap(True)
            second.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            second.setAccessibleName(f"{name}: {text}")
            grid.addWidget(first, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(second, row, 1)
