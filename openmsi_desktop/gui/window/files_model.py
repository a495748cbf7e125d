"""The list of files as a Qt model: numbers of all rows in hand, the rows themselves only where somebody looks.

A known row keeps its place; news of it repaint it. New rows come on top. While the list rests (:attr:`FilesModel.is_resting`)
rows with news go to the top, and those that no longer belong leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QDate,
    QDateTime,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
    Slot,
)

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.gui import file_words, words
from openmsi_desktop.gui.window.files_reader import Batch, FilesReader, News, Page, Wanted
from openmsi_desktop.gui.window.row_list import Known, RowList

FILE, STATE, SIZE, CHANGED = range(4)
ROW = Qt.ItemDataRole.UserRole
"""Role: the FileRow, or None as long as it is not here."""

_KEPT = 4_000
_AROUND = 60
_LEAVING_AT_MOST = 50
_ENDS = frozenset({FileState.DELIVERED, FileState.SUPERSEDED, FileState.PROBLEM, FileState.IGNORED})

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class FilesModel(QAbstractTableModel):
    """GUI thread; the reader does everything that takes time."""

    counted = Signal()
    """More rows, or fewer, or all of them are here."""
    about_to_grow = Signal(int)
    """So many rows are added on top: whoever looks elsewhere may want to stay there."""

    def __init__(self, reader: FilesReader, parent: QObject) -> None:
        super().__init__(parent)
        self._reader = reader
        self._wanted = Wanted("", True)
        self._ids = RowList(Known())
        self._rows: dict[int, FileRow] = {}
        self._missing: tuple[int, int] | None = None
        self._seen = (0, 40)
        self.is_complete = True
        self.is_resting = True
        """Nobody reads a certain row just now, so rows may move."""
        self._fetch_soon = QTimer(self)
        self._fetch_soon.setSingleShot(True)
        self._fetch_soon.setInterval(0)
        self._fetch_soon.timeout.connect(self._fetch)
        queued = Qt.ConnectionType.QueuedConnection
        reader.batch.connect(self._take_batch, queued)
        reader.page.connect(self._take_page, queued)
        reader.news.connect(self._take_news, queued)

    # -- what is listed

    @property
    def wanted(self) -> Wanted:
        """Which files are listed."""
        return self._wanted

    def show(self, wanted: Wanted) -> None:
        """List these files; the present ones stay until the first of them are here."""
        self._wanted = wanted
        self.is_complete = False
        self._reader.show(wanted)

    def look(self) -> None:
        """Something may be new."""
        if self._wanted.task:
            unfinished = () if self._wanted.is_outgoing else self._unfinished()
            self._reader.look(unfinished)

    def look_at(self, first: int, last: int) -> None:
        """These rows are on the screen."""
        self._seen = (first, last)

    def row(self, index: Index) -> FileRow | None:
        """The file of an index, if it is here."""
        return self._rows.get(self._ids.at(index.row())) if index.isValid() else None

    # -- Qt

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("File"), self.tr("State"), self.tr("Size"), self.tr("Changed"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        number = self._ids.at(index.row())
        row = self._rows.get(number)
        if row is None:
            if role in (Qt.ItemDataRole.DisplayRole, ROW):
                self._miss(index.row())
            return None
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return file_words.sentence(row) if index.column() == FILE else _text(row, index.column())
        return None

    # -- from the reader

    @Slot(object)
    def _take_batch(self, batch: Batch) -> None:
        if batch.wanted != self._wanted:
            return
        if batch.is_first:
            self.beginResetModel()
            self._ids = RowList(batch.known)
            self._rows.clear()
            self._ids.add_below(batch.ids)
            self.endResetModel()
        elif batch.ids:
            count = len(self._ids)
            self.beginInsertRows(QModelIndex(), count, count + len(batch.ids) - 1)
            self._ids.add_below(batch.ids)
            self.endInsertRows()
        self.is_complete = batch.is_last
        self.counted.emit()

    @Slot(object)
    def _take_page(self, page: Page) -> None:
        if page.wanted != self._wanted:
            return
        for row in page.rows:
            self._keep(row)
        self._repaint({row.id for row in page.rows})
        gone = set(page.asked) - {row.id for row in page.rows}
        self._drop([number for number in gone if number in self._ids.known])

    @Slot(object)
    def _take_news(self, news: News) -> None:
        if news.wanted != self._wanted:
            return
        ours = {row.id: row for row in news.rows}  # the latest of each, oldest first
        known = [number for number in ours if number in self._ids.known]
        for number in known:
            self._keep(ours[number])
        fresh = self._ids.known.add([n for n, row in ours.items() if self._belongs(row)])
        if fresh:
            self.about_to_grow.emit(len(fresh))
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._ids.add_above(fresh)
            for number in fresh:
                self._keep(ours[number])
            self.endInsertRows()
            self.counted.emit()
        if self.is_resting:
            self._drop([n for n in known if not self._belongs(ours[n])])
            if self._wanted.by_news and not self._wanted.text:
                self._lift([n for n in reversed(ours) if n in self._ids.known])
        self._repaint(set(known))

    def _belongs(self, row: FileRow) -> bool:
        wanted = self._wanted
        if wanted.states and row.state not in wanted.states:
            return False
        text = wanted.text.lower()
        digest = row.file.sha512.hex() if row.file.sha512 else ""
        return not text or text in row.file.path.lower() or (len(text) >= 6 and digest.startswith(text))

    # -- details

    def _miss(self, row: int) -> None:
        first, last = self._missing or (row, row)
        self._missing = min(first, row), max(last, row)
        if not self._fetch_soon.isActive():
            self._fetch_soon.start()

    @Slot()
    def _fetch(self) -> None:
        if self._missing is None:
            return
        (first, last), self._missing = self._missing, None
        last = min(last, first + 400)
        asked = [n for n in self._ids.between(first - _AROUND, last + _AROUND) if n not in self._rows]
        if asked:
            self._reader.fetch(asked)

    def _keep(self, row: FileRow) -> None:
        self._rows[row.id] = row
        if len(self._rows) > _KEPT:
            on_screen = set(self._ids.between(self._seen[0] - _AROUND, self._seen[1] + _AROUND))
            self._rows = {n: r for n, r in self._rows.items() if n in on_screen or n == row.id}

    def _repaint(self, numbers: set[int]) -> None:
        rows = self._ids.rows_of(numbers, within=(self._seen[0] - 1, self._seen[1] + 1))
        if rows:
            self.dataChanged.emit(self.index(min(rows.values()), FILE), self.index(max(rows.values()), CHANGED))

    def _drop(self, numbers: Sequence[int]) -> None:
        for number in numbers[:_LEAVING_AT_MOST]:
            row = self._ids.row(number)
            if row is not None:
                self.beginRemoveRows(QModelIndex(), row, row)
                self._ids.remove(row)
                self._rows.pop(number, None)
                self.endRemoveRows()
        if numbers:
            self.counted.emit()

    def _lift(self, numbers: Sequence[int]) -> None:
        if not numbers or numbers == self._ids.between(0, len(numbers) - 1):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [(index, self._ids.at(index.row())) for index in before]
        self._ids.lift(numbers)
        after = []
        for index, number in places:
            row = self._ids.row(number)
            after.append(self.index(row, index.column()) if row is not None else QModelIndex())
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _unfinished(self) -> list[int]:
        numbers = self._ids.between(*self._seen)
        return [n for n in numbers if (row := self._rows.get(n)) is not None and row.state not in _ENDS]


def _text(row: FileRow, column: int) -> str:
    file = row.file
    if column == FILE:
        return file_words.shown(file.path)
    if column == STATE:
        return file_words.state_of(row)
    if column == SIZE:
        return words.size(file.size)
    return _changed(file.modified) if file.modified else ""


def _changed(at: float) -> str:
    """Seconds matter only today."""
    return words.moment(at) if QDateTime.fromSecsSinceEpoch(int(at)).date() == QDate.currentDate() else words.clock(at)


def _tip(row: FileRow, column: int) -> str | None:
    if column == FILE:
        return file_words.shown(row.file.local or row.file.path)
    if column == STATE and row.file.reason:
        return file_words.state_of(row) + "\n" + file_words.shown(row.file.reason)
    return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in (SIZE, CHANGED) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
