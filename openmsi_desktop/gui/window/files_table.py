"""The table on the page Files: rows that do not jump, columns as wide as their longest words, keys and a menu."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.gui import file_actions, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.window.files_cells import FileCells
from openmsi_desktop.gui.window.files_model import CHANGED, FILE, SIZE, STATE, FilesModel

_NOON = 1_779_192_202.0
_NARROW = 560


class FilesTable(QTableView):
    """Tells the model which rows are seen, and whether rows may move."""

    grown_above = Signal(int)
    """How many rows have come on top since a person left it; 0 when they are back there."""

    def __init__(self, desktop: Desktop, model: FilesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._files = model
        self._above = 0
        self._keep = 0
        self.setModel(model)
        self.setItemDelegate(FileCells(desktop.look, self))
        self.setObjectName("files")
        self.setAccessibleName(self.tr("Files of this task"))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(FILE, QHeaderView.ResizeMode.Stretch)
        header.setFixedHeight(34)

        copy = QAction(self.tr("Copy path"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        self._repaint = QTimer(self)
        self._repaint.setInterval(1000)
        self._repaint.timeout.connect(self.viewport().update)  # "last change 4 s ago" goes on
        self._repaint.start()
        model.about_to_grow.connect(self._before_growth)
        model.rowsInserted.connect(self._after_growth)
        model.modelReset.connect(self._reset)
        model.layoutChanged.connect(self._tell_rows)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.doubleClicked.connect(self._open)
        desktop.look.changed.connect(self._dress)
        self._dress()

    def selected(self) -> list[FileRow]:
        """The rows that are selected, from above; those that are not read yet are left out. A thousand at most."""
        indexes = sorted(self.selectionModel().selectedRows(), key=lambda i: i.row())[:1000]
        return [row for index in indexes if (row := self._files.row(index)) is not None]

    @Slot()
    def go_to_top(self) -> None:
        """Where the newest are."""
        self.verticalScrollBar().setValue(0)

    # -- staying where it is

    def _is_at_rest(self) -> bool:
        is_at_top = self.verticalScrollBar().value() == 0
        return is_at_top and not self.viewport().underMouse() and not self.selectionModel().hasSelection()

    @Slot(int)
    def _before_growth(self, number: int) -> None:
        self._keep = 0 if self._is_at_rest() else number

    @Slot(QModelIndex, int, int)
    def _after_growth(self, parent: QModelIndex, first: int, last: int) -> None:
        if first == 0 and self._keep:
            self._above += self._keep
            bar = self.verticalScrollBar()
            self.updateGeometries()
            bar.setValue(bar.value() + self._keep * self.verticalHeader().defaultSectionSize())
            self._keep = 0
            self.grown_above.emit(self._above if bar.value() else 0)
        self._tell_rows()

    @Slot()
    def _reset(self) -> None:
        self._above = 0
        self.grown_above.emit(0)
        self._tell_rows()

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        if value == 0 and self._above:
            self._above = 0
            self.grown_above.emit(0)
        self._tell_rows()

    @Slot()
    def _tell_rows(self) -> None:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        first = max(first, 0)
        self._files.look_at(first, last if last >= 0 else first + 60)
        self._files.is_resting = self._is_at_rest()

    # -- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()
        self._tell_rows()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._files.is_resting = self._is_at_rest()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif event.key() == Qt.Key.Key_Home:
            self.setCurrentIndex(self._files.index(0, FILE))
        elif event.key() == Qt.Key.Key_End:
            self.setCurrentIndex(self._files.index(self._files.rowCount() - 1, FILE))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft() + QPoint(20, 0))
        rows = self.selected()
        if rows:
            menu = file_actions.FileMenu(self._desktop, rows, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(position)

    @Slot()
    def _open(self) -> None:
        row = self._files.row(self.currentIndex())
        if row is not None:
            file_actions.explain_file(self._desktop, self, row)

    @Slot()
    def _copy(self) -> None:
        rows = self.selected()
        if rows:
            file_actions.copy("\n".join(r.file.local or r.file.path for r in rows))

    @Slot()
    def _dress(self) -> None:
        look = self._desktop.look
        self.setFont(look.font())
        self.verticalHeader().setDefaultSectionSize(look.row_height(32))
        self.verticalHeader().setMinimumSectionSize(look.row_height(32))
        self._share_room()

    def _share_room(self) -> None:
        """Columns as wide as their longest words; the state gets a part of what is left, the path the rest."""
        metrics = self.fontMetrics()
        room = self.viewport().width()
        size = max(metrics.horizontalAdvance("888.8 MB"), metrics.horizontalAdvance(self.tr("Size"))) + 26
        changed = max(metrics.horizontalAdvance(words.clock(_NOON)), metrics.horizontalAdvance("88:88:88")) + 32
        is_narrow = room < _NARROW
        self.setColumnHidden(CHANGED, is_narrow)
        self.setColumnWidth(SIZE, size)
        self.setColumnWidth(CHANGED, changed)
        rest = room - size - (0 if is_narrow else changed)
        self.setColumnWidth(STATE, max(170, min(round(rest * 0.45), metrics.horizontalAdvance("8") * 44)))
