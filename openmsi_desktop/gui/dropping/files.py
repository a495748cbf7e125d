"""The files that were sent by hand, live, and taking back those that have not begun."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Event, FileEvent
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dropping import intake
from openmsi_desktop.gui.dropping.rows import Row, RowPainter, Rows, read


class SentByHand(QWidget):
    """GUI thread; the journal is read on another one."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._is_reading = self._is_outdated = False
        self.rows = Rows(self)
        self.list = QListView(self)
        painter = RowPainter(desktop.look, self.list)
        painter.take_back.connect(self._take_back)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(painter)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(self.tr("Files sent by hand"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list, self.take_selected_back)
        self._empty = QLabel(self.tr("What you drop here is sent once, and stays where it is."), self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self._empty, 1)
        desktop.observer.changed.connect(self.refresh)
        desktop.host.happened.connect(self._note)
        self._show()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look into the journal, soon."""
        if self._is_reading:
            self._is_outdated = True
            return
        self._is_reading, self._is_outdated = True, False
        profile = self._desktop.host.profile
        self._desktop.background.run(self, lambda: read(profile), self._take, self._not_read)

    def refuse(self, rows: list[Row]) -> None:
        """Show files that are not sent, with the reason."""
        self.rows.refuse(rows)
        self._show()

    @Slot()
    def take_selected_back(self) -> None:
        """Those of the selected files that have not begun."""
        rows = [self.rows.row(index) for index in self.list.selectionModel().selectedIndexes()]
        self._take_all_back([row for row in rows if row is not None and row.can_be_taken_back])

    @Slot(object)
    def _take_back(self, row: Row) -> None:
        self._take_all_back([row])

    def _take_all_back(self, rows: list[Row]) -> None:
        if rows:
            profile, files = self._desktop.host.profile, [(row.key, row.path) for row in rows]
            self._desktop.background.run(
                self, lambda: intake.take_back(profile, files), lambda count: self.refresh(), self._not_read
            )

    def _take(self, rows: list[Row]) -> None:
        self._is_reading = False
        self.rows.show_rows(rows)
        self._show()
        if self._is_outdated:
            self.refresh()

    def _not_read(self, error: Exception) -> None:
        """The next look may do better."""
        self._is_reading = False
        if not isinstance(error, OpenMSIError):
            raise error

    def _show(self) -> None:
        has_rows = self.rows.rowCount() > 0
        self.list.setVisible(has_rows)
        self._empty.setVisible(not has_rows)

    @Slot(object)
    def _note(self, event: Event) -> None:
        if isinstance(event, FileEvent) and event.chunks_total and event.chunks_done is not None:
            self.rows.move_on(event.local, event.chunks_done / event.chunks_total)
