"""Find a file of any task while typing: a list below the search field of the window; Enter or a click explains the file."""

from __future__ import annotations

from contextlib import closing
from threading import Event

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.file_list import FileRow, find_everywhere
from openmsi_desktop.gui import file_actions, file_words, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, Size, elide_path
from openmsi_desktop.gui.window.files_cells import Index
from openmsi_desktop.gui.window.parts import small

_WAIT_MS = 120
_SHORTEST = 2
_SHOWN = 30
_ROWS = 10
_ROW = Qt.ItemDataRole.UserRole
_STEPS = 100_000


class FileSearch(QObject):
    """Belongs to one line edit. The list comes up by itself, and keeps the focus where it is."""

    found = Signal()
    """A search is over, and what it found is in the list."""

    def __init__(self, desktop: Desktop, edit: QLineEdit) -> None:
        super().__init__(edit)
        self._desktop = desktop
        self._edit = edit
        self._stop = Event()  # of the search that runs
        self._rows: list[FileRow] = []
        self.popup = QFrame(edit, Qt.WindowType.ToolTip)
        self.popup.setFrameShape(QFrame.Shape.StyledPanel)
        self.popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.popup.setAccessibleName(self.tr("Files that fit"))
        self.list = QListWidget(self.popup)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("Files that fit"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Cells(desktop, self.list))
        self.list.setMouseTracking(True)
        self.note = small(desktop.look, self.popup)
        self.note.setContentsMargins(12, 6, 12, 8)
        column = QVBoxLayout(self.popup)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list)
        column.addWidget(self.note)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_WAIT_MS)
        self._typed.timeout.connect(self._search)
        edit.textEdited.connect(self._typing)
        edit.installEventFilter(self)
        self.list.itemClicked.connect(self._open)
        self.popup.hide()

    def rows(self) -> list[FileRow]:
        """What is in the list."""
        return list(self._rows)

    # -- searching

    @Slot(str)
    def _typing(self, text: str) -> None:
        self._stop.set()
        if len(text.strip()) < _SHORTEST:
            self._typed.stop()
            self.popup.hide()
        else:
            self._typed.start()

    @Slot()
    def _search(self) -> None:
        text, profile = self._edit.text().strip().replace("\\", "/"), self._desktop.host.profile
        stop = self._stop = Event()

        def work() -> tuple[str, list[FileRow]]:
            found: list[FileRow] = []
            if profile.journal_path.exists():
                with closing(profile.open_journal()) as journal:
                    journal.connection.set_progress_handler(stop.is_set, _STEPS)
                    for rows in find_everywhere(journal, text, limit=_SHOWN + 1):
                        found += rows
                        if stop.is_set():
                            break
            return text, sorted(found, key=lambda row: -row.file.updated_at)

        self._desktop.background.run(self, work, self._show, self._failed)

    def _failed(self, error: Exception) -> None:
        if self._stop.is_set():
            return  # it was ended because somebody typed on
        if not isinstance(error, OpenMSIError):
            raise error
        self.note.setText(str(error))

    def _show(self, result: tuple[str, list[FileRow]]) -> None:
        text, rows = result
        if text != self._edit.text().strip().replace("\\", "/") or not self._edit.isVisible():
            return
        self._rows = rows[:_SHOWN]
        self.list.clear()
        names = {task.key: task.name for task in self._desktop.observer.now.tasks}
        for row in self._rows:
            item = QListWidgetItem(self.list)
            item.setData(_ROW, row)
            item.setText(names.get(row.file.task, ""))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{file_words.sentence(row)}, {item.text()}")
            item.setToolTip(file_words.shown(row.file.local or row.file.path))
        if len(rows) > _SHOWN:
            self.note.setText(fill(self.tr("The first %1 of those that fit; type more"), words.number(_SHOWN)))
        elif rows:
            self.note.setText(self.tr("%n file(s)", "", len(rows)))
        else:
            self.note.setText(self.tr("No file of any task has this in its path."))
        self._place()
        self.found.emit()

    def _place(self) -> None:
        """Below the field, its right edges in one line."""
        row = self._desktop.look.row_height(40, 52)
        height = row * min(_ROWS, len(self._rows)) + self.note.sizeHint().height() + 4
        self.list.setVisible(bool(self._rows))
        window = self._edit.window()
        width = min(560, max(self._edit.width(), window.width() - 32))
        corner = self._edit.mapToGlobal(QPoint(self._edit.width(), self._edit.height() + 2))
        left = max(corner.x() - width, window.mapToGlobal(QPoint(0, 0)).x() + 8)
        self.popup.setGeometry(left, corner.y(), width, height)
        self.popup.show()
        self.popup.raise_()

    # -- choosing

    @Slot(QListWidgetItem)
    def _open(self, item: QListWidgetItem) -> None:
        row = item.data(_ROW)
        self.popup.hide()
        if isinstance(row, FileRow):
            file_actions.explain_file(self._desktop, self._edit, row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self._stop.set()
            self.popup.hide()
        if isinstance(event, QKeyEvent) and self.popup.isVisible():
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()  # it closes the list, not the window
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._press(event.key())
        return super().eventFilter(watched, event)

    def _press(self, key: int) -> bool:
        count, now = self.list.count(), self.list.currentRow()
        if key == Qt.Key.Key_Escape:
            self.popup.hide()
        elif key == Qt.Key.Key_Down and count:
            self.list.setCurrentRow(min(count - 1, now + 1))
        elif key == Qt.Key.Key_Up and count:
            self.list.setCurrentRow(max(0, now - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and count and (now >= 0 or count == 1):
            self._open(self.list.item(max(0, now)))
        else:
            return False
        return True


class _Cells(QStyledItemDelegate):
    """Path; below it, small, its state and its task."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._look: Look = desktop.look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._look.row_height(40, 52))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(_ROW)
        if not isinstance(row, FileRow):
            return
        look, area = self._look, option.rect
        painter.save()
        marked = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if option.state & marked:
            painter.fillRect(area, look.colour("surface", "highlight_soft"))
        look.draw(painter, *words.icon(row.state), QRectF(area.left() + 12, area.center().y() - 7.5, 16, 16))
        room = area.adjusted(40, 4, -12, -4)
        painter.setFont(look.font())
        painter.setPen(option.palette.text().color())
        path = elide_path(file_words.shown(row.file.path), painter.fontMetrics(), room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, path)
        painter.setFont(look.font(Size.SMALL))
        painter.setPen(option.palette.placeholderText().color())
        second = fill("%1 · %2", index.data() or row.file.topic, file_words.state_of(row))
        second = painter.fontMetrics().elidedText(second, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, second)
        painter.restore()
