"""Files that were sent by hand, as rows: read from the journal, painted by a delegate."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.outgoing import row_of
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, elide_path
from openmsi_desktop.streaming.keys import ONE_OFF
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.handing import CALLED_OFF

_MOST = 500
_ROW, _ICON, _BAR = 36, 16, 6
ROW = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One file. key and path: of its row in the journal, key empty if it never got there. at: seconds since 1970."""

    key: str
    path: str
    local: str
    state: FileState
    reason: str = ""
    size: int | None = None
    done: float | None = None
    at: float | None = None

    @property
    def can_be_taken_back(self) -> bool:
        """Its sending has not begun."""
        return bool(self.key) and self.state in (FileState.FOUND, FileState.WAITING)

    @property
    def text(self) -> str:
        """Its state in words."""
        match self.state:
            case FileState.SENDING:
                return fill(tr("Sending %1"), words.percent(self.done or 0.0))
            case FileState.SENT if self.at is not None:
                return fill(tr("Sent %1"), words.clock(self.at))
            case FileState.CHECKED if self.at is not None:
                return fill(tr("Checked %1"), words.clock(self.at))
            case FileState.FOUND | FileState.WAITING:
                return tr("Waiting")
            case FileState.IGNORED if self.reason == CALLED_OFF:
                return tr("Taken back")
        return fill(tr("%1 – %2"), words.word(self.state), self.reason) if self.reason else words.word(self.state)


def read(profile: Profile) -> list[Row]:
    """The newest files that were sent by hand, newest first. Any thread but the GUI's.

    Raises:
        NeedsYou, RetryableError: the journal cannot be read.
    """
    if not profile.journal_path.exists():
        return []
    with closing(profile.open_journal()) as journal:
        found = journal.query(
            "SELECT * FROM outgoing WHERE task IN (SELECT key FROM tasks WHERE kind = ?) ORDER BY found_at DESC, id DESC LIMIT ?",
            ONE_OFF,
            _MOST,
        )
        out = []
        for raw in found:
            row = row_of(raw)
            done = None
            if row.state is FileState.SENDING and raw["chunks_total"]:
                done = row.chunks_done / raw["chunks_total"]
            at = row.checked_at if row.state is FileState.CHECKED else row.sent_at
            out.append(Row(raw["task"], row.path, row.local, row.state, row.reason, row.fingerprint.size, done, at))
        return out


class Rows(QAbstractListModel):
    """What lies in the journal, and above it what never got there, with the reason."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._refused: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Take over what the journal says; rows that stay are only painted anew."""
        self._take([*self._refused, *rows])

    def refuse(self, refused: list[Row]) -> None:
        """Add files that were not handed over."""
        kept = [row for row in self._rows if row.key]
        known = {row.local for row in refused}
        self._refused = [*refused, *(row for row in self._refused if row.local not in known)]
        self._take([*self._refused, *kept])

    def move_on(self, local: str, done: float) -> None:
        """A file has come that far (share of 1)."""
        for number, row in enumerate(self._rows):
            if row.local == local and row.key and row.state in (FileState.SENDING, FileState.FOUND, FileState.WAITING):
                self._rows[number] = Row(
                    row.key, row.path, row.local, FileState.SENDING, "", row.size, max(done, row.done or 0.0)
                )
                place = self.index(number, 0)
                self.dataChanged.emit(place, place)
                return

    def row(self, index: _Index) -> Row | None:
        """What stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def _take(self, rows: list[Row]) -> None:
        if [(r.key, r.path, r.local) for r in rows] != [(r.key, r.path, r.local) for r in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows != self._rows:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 0))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.path
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (row.path, words.size(row.size), row.text)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.local}\n{row.text}"
        return row if role == ROW else None


class RowPainter(QStyledItemDelegate):
    """Icon, path, size, state; a cross where a file can be taken back."""

    take_back = Signal(object)
    """Row"""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, self._look.row_height(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW)
        look, box = self._look, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, look.colour("surface", "highlight_soft"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), look.colour("surface", "line"))
        icon, token = words.icon(row.state)
        middle = box.center().y()
        look.draw(painter, icon, token, QRectF(box.left() + 8, middle - _ICON / 2 + 1, _ICON, _ICON))
        painter.setFont(look.font())
        metrics = painter.fontMetrics()
        size_width = metrics.horizontalAdvance(words.size(999_900_000_000))
        state = self._state_rect(box)
        room = QRect(box.left() + 32, box.top(), state.left() - size_width - 24 - box.left() - 32, box.height())
        size = QRect(room.right() + 8, box.top(), size_width, box.height())
        is_over = row.state is FileState.IGNORED
        painter.setPen(look.colour("surface", "secondary" if is_over else "text"))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, left, elide_path(row.path, metrics, room.width()))
        painter.setPen(look.colour("surface", "secondary"))
        if row.state is FileState.PROBLEM:  # why is worth more room than how big
            state = QRect(size.left(), box.top(), box.right() - 8 - size.left(), box.height())
        else:
            painter.drawText(size, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words.size(row.size))
        painter.setPen(look.colour("surface", "secondary" if is_over else "text"))
        if row.state is FileState.SENDING:
            text = words.percent(row.done or 0.0)
            number = metrics.horizontalAdvance(words.percent(1.0)) + 8
            bar = QRectF(state.left(), middle - _BAR / 2 + 1, state.width() - number, _BAR)
            look.draw_bar(painter, bar, row.done or 0.0)
            painter.drawText(state, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        else:
            text = row.reason if row.state is FileState.PROBLEM and row.reason else row.text
            painter.drawText(state, left, metrics.elidedText(text, Qt.TextElideMode.ElideRight, state.width()))
        if row.can_be_taken_back:
            look.draw(painter, "action/close", "neutral", QRectF(self._cross(box)).adjusted(4, 4, -4, -4))

    def _state_rect(self, box: QRect) -> QRect:
        width = min(240, max(150, box.width() // 3))
        return QRect(box.right() - width - 40, box.top(), width, box.height())

    def _cross(self, box: QRect) -> QRect:
        return QRect(box.right() - 32, box.center().y() - 11, 24, 24)

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: _Index) -> bool:
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease:
            row = index.data(ROW)
            if row.can_be_taken_back and self._cross(option.rect).contains(event.position().toPoint()):
                self.take_back.emit(row)
                return True
        return False


def rows_of_refused(refused: list[tuple[str, str, str]]) -> list[Row]:
    """(path on the topic, file, why) of files that are not sent."""
    return [Row("", path or Path(local).name, local, FileState.PROBLEM, why) for path, local, why in refused]
