"""The list of tasks: the only navigation. Rows by kind under small heads; narrow, it shows icons with one word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from openmsi_desktop.gui.dropping.drag import local_paths
from openmsi_desktop.gui.kinds import kinds
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look, Size
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.task_words import Face, face_of, is_reader

_Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
WIDTH = 256
NARROW = 72
NARROW_TOUCH = 84


@dataclass(frozen=True, slots=True)
class Row:
    """A task, or the head of a section (no key)."""

    name: str
    key: str = ""
    face: Face | None = None
    is_first: bool = False
    takes_files: bool = False
    """Files that are dropped on it can be sent by it."""


class TaskModel(QAbstractListModel):
    """Rows of a Snapshot. A row that has not changed is not touched."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show_snapshot(self, snapshot: Snapshot) -> bool:
        """Take over what is new; True if tasks came, went or moved."""
        rows = _rows_of(snapshot)
        if [(r.key, r.name if not r.key else "") for r in rows] != [
            (r.key, r.name if not r.key else "") for r in self._rows
        ]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return True
        old, self._rows = self._rows, rows
        for i, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(i), self.index(i))
        return False

    def row_of(self, key: str) -> QModelIndex:
        """Where a task is; invalid if it is not there."""
        for i, row in enumerate(self._rows):
            if row.key and row.key == key:
                return self.index(i)
        return QModelIndex()

    def keys(self) -> list[str]:
        """The tasks, as they stand."""
        return [r.key for r in self._rows if r.key]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.name if row.face is None else fill(self.tr("%1: %2"), row.name, row.face.line)
        if role == Qt.ItemDataRole.ToolTipRole and row.face is not None:
            return fill(self.tr("%1: %2"), row.name, row.face.line)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self._rows[index.row()].key:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.NoItemFlags


class TaskDelegate(QStyledItemDelegate):
    """Draws a row: icon, name, state, and a bar while something moves."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.is_narrow = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: Row = index.data(ROW)
        if row.face is None:
            if self.is_narrow:
                return QSize(0, 0 if row.is_first else 13)
            return QSize(0, QFontMetrics(self._look.font(Size.SMALL, is_bold=True)).height() + 20)
        lines = QFontMetrics(self._look.font()).height() + QFontMetrics(self._look.font(Size.SMALL)).height()
        return QSize(0, max(self._look.row_height(56, 64), lines + 22))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row = index.data(ROW)
        painter.save()
        if row.face is None:
            self._draw_head(painter, option, row)
        else:
            self._draw_ground(painter, option)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw = self._draw_narrow if self.is_narrow else self._draw_wide
            draw(painter, option, row, row.face)
        painter.restore()

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        area = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._look.colour("surface", "highlight_soft"))
            painter.fillRect(area.x(), area.y(), 3, area.height(), option.palette.highlight())
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, option.palette.alternateBase())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.highlight().color())
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _draw_head(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        area = option.rect
        if self.is_narrow:
            if not row.is_first:
                painter.fillRect(
                    area.x() + 12, area.y() + 6, area.width() - 24, 1, self._look.colour("surface", "line")
                )
            return
        font = self._look.font(Size.SMALL, is_bold=True)
        painter.setFont(font)
        painter.setPen(option.palette.placeholderText().color())
        height = QFontMetrics(font).height()
        painter.drawText(QRectF(area.x() + 16, area.bottom() - 3 - height, area.width() - 28, height), _LEFT, row.name)

    def _draw_wide(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, face: Face) -> None:
        area = QRectF(option.rect)
        size = 24 if self._look.is_touch else 20
        self._look.draw(painter, face.icon, face.token, QRectF(area.x() + 16, area.center().y() - size / 2, size, size))
        left = 28 + size
        room = area.adjusted(left, 0, -12, 0)
        name, state = self._look.font(is_bold=True), self._look.font(Size.SMALL)
        high, low = QFontMetrics(name).height(), QFontMetrics(state).height()
        top = area.center().y() - (high + low + 1) / 2
        painter.setFont(name)
        painter.setPen(option.palette.text().color())
        text = QFontMetrics(name).elidedText(row.name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(QRectF(room.x(), top, room.width(), high), _LEFT, text)
        painter.setFont(state)
        is_error = face.token == "error"
        painter.setPen(self._look.colour("error") if is_error else option.palette.placeholderText().color())
        text = QFontMetrics(state).elidedText(face.line, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(QRectF(room.x(), top + high + 1, room.width(), low), _LEFT, text)
        if face.share is not None:
            height = 4 if self._look.is_touch else 3
            bar = QRectF(room.x(), area.bottom() - 3 - height, room.width(), height)
            self._look.draw_bar(painter, bar, face.share)

    def _draw_narrow(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, face: Face) -> None:
        area = QRectF(option.rect)
        size = 24 if self._look.is_touch else 20
        font = self._look.font(Size.SMALL)
        height = QFontMetrics(font).height()
        top = area.center().y() - (size + 3 + height) / 2
        self._look.draw(painter, face.icon, face.token, QRectF(area.center().x() - size / 2, top, size, size))
        painter.setFont(font)
        painter.setPen(option.palette.text().color())
        room = QRectF(area.x() + 4, top + size + 3, area.width() - 8, height)
        text = QFontMetrics(font).elidedText(first_word(row.name), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)


class TaskList(QListView):
    """The list. Tells which task a person chose, and what was dropped on one."""

    chosen = Signal(str)
    """Key of the task that is shown now."""
    wants_menu = Signal(str, object)
    """(key, QPoint on the screen)"""
    dropped = Signal(str, object)
    """(key, list of Path): files were dropped on a task that sends."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._model = TaskModel(self)
        self._delegate = TaskDelegate(look, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Tasks"))
        self.customContextMenuRequested.connect(self._open_menu)
        self.selectionModel().currentChanged.connect(self._tell)
        look.changed.connect(self._relayout)
        self._key = ""

    @property
    def key(self) -> str:
        """Key of the task that is chosen; empty while there is none."""
        return self._key

    @property
    def tasks(self) -> TaskModel:
        """Its model."""
        return self._model

    def set_narrow(self, is_narrow: bool) -> None:
        """Icons with one word, or everything."""
        if is_narrow != self._delegate.is_narrow:
            self._delegate.is_narrow = is_narrow
            self._relayout()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what is new; the chosen task stays chosen, and the first is if it is gone."""
        wanted = self._key
        if not self._model.show_snapshot(snapshot):
            return
        keys = self._model.keys()
        self._key = ""
        if keys:
            self.choose(wanted if wanted in keys else keys[0])
        elif wanted:
            self.chosen.emit("")

    def choose(self, key: str) -> None:
        """Show that task."""
        index = self._model.row_of(key)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        take_copies(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._target(event.position().toPoint()):
            take_copies(event)
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        key = self._target(event.position().toPoint())
        if key and take_copies(event):
            self.dropped.emit(key, local_paths(event.mimeData()))

    def _target(self, position: QPoint) -> str:
        """The task there, if it is one that sends."""
        index = self.indexAt(position)
        row: Row | None = index.data(ROW) if index.isValid() else None
        return row.key if row is not None and row.takes_files else ""

    @Slot(QModelIndex, QModelIndex)
    def _tell(self, now: QModelIndex, before: QModelIndex) -> None:
        row: Row | None = now.data(ROW) if now.isValid() else None
        if row is not None and row.key and row.key != self._key:
            self._key = row.key
            self.chosen.emit(row.key)

    @Slot(QPoint)
    def _open_menu(self, position: QPoint) -> None:
        index = self.indexAt(position)
        row: Row | None = index.data(ROW) if index.isValid() else None
        if row is not None and row.key:
            self.choose(row.key)
            self.wants_menu.emit(row.key, self.viewport().mapToGlobal(position))

    @Slot()
    def _relayout(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


def take_copies(event: QDropEvent) -> bool:
    """Accept files of this computer, always as copies: whoever moves them would delete them afterwards."""
    if not local_paths(event.mimeData()):
        event.ignore()
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True


def first_word(name: str) -> str:
    """What of a name fits below an icon."""
    words = name.split()
    return words[0] if words else name


def _rows_of(snapshot: Snapshot) -> list[Row]:
    rows: list[Row] = []
    for kind in kinds():
        tasks: Sequence[TaskNow] = [t for t in snapshot.tasks if t.kind == kind.id]
        if tasks:
            rows.append(Row(kind.section(), is_first=not rows))
            rows += [Row(t.name, t.key, face_of(t, now=snapshot.at), takes_files=not is_reader(t)) for t in tasks]
    return rows
