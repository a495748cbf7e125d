"""Draws the cells of the list of files: the path without some of its folders, the state with its icon and bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.gui import file_words, words
from openmsi_desktop.gui.look import Look, elide_path
from openmsi_desktop.gui.window.files_model import FILE, ROW, STATE

_EDGE = 12
_FIRST_EDGE = 20
_QUIET = (FileState.IGNORED, FileState.REPLACED, FileState.SUPERSEDED)

Index = QModelIndex | QPersistentModelIndex


class FileCells(QStyledItemDelegate):
    """One for the whole table."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._font = look.font()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._look.row_height(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, area = self._look, option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected:
            painter.fillRect(area, look.colour("surface", "highlight_soft"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), look.colour("surface", "line"))
        row = index.data(ROW)
        if isinstance(row, FileRow):
            painter.setFont(self._font)
            left = _FIRST_EDGE if index.column() == FILE else _EDGE
            room = area.adjusted(left, 0, -_EDGE, -1)
            self._draw(painter, option, index, row, room)
        if option.state & QStyle.StateFlag.State_HasFocus:
            self._draw_focus(painter, option)
        painter.restore()

    def _draw(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, row: FileRow, room: QRect) -> None:
        metrics = painter.fontMetrics()
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        text = str(index.data() or "")
        if index.column() == FILE:
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elide_path(text, metrics, room.width()))
        elif index.column() == STATE:
            self._draw_state(painter, option, row, text, room)
        else:
            painter.setPen(option.palette.color(QPalette.ColorRole.Text))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def _draw_state(
        self, painter: QPainter, option: QStyleOptionViewItem, row: FileRow, text: str, room: QRect
    ) -> None:
        look, metrics = self._look, painter.fontMetrics()
        name, token = words.icon(row.state)
        side = 20 if look.is_touch else 16
        look.draw(painter, name, token, QRectF(room.left(), room.center().y() - side / 2 + 0.5, side, side))
        room = room.adjusted(side + 8, 0, 0, 0)
        if row.done is not None and row.state in (FileState.SENDING, FileState.RECEIVING):
            share = words.percent(row.done)
            widest = metrics.horizontalAdvance(words.percent(0.88)) + 4
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, share)
            begin = room.left() + metrics.horizontalAdvance(text) + 12
            end = room.right() - widest - 10
            if end - begin >= 40:
                height = 8 if look.is_touch else 6
                bar = QRectF(begin, room.center().y() - height / 2 + 0.5, end - begin, height)
                look.draw_bar(painter, bar, row.done)
            room.setRight(room.right() - widest)
        if row.state in _QUIET:
            painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        if metrics.horizontalAdvance(text) > room.width():
            text = file_words.short_state_of(row)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_focus(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """A thin frame round the whole row, drawn cell by cell, is not needed: a line at both edges of the cell is enough."""
        if option.state & QStyle.StateFlag.State_KeyboardFocusChange:
            QApplication.style().drawPrimitive(
                QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, option.widget
            )
