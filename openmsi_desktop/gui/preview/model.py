"""The rows of a preview as Qt wants them. They arrive in batches; each verdict is a section of the list."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from openmsi_desktop.gui.preview import words
from openmsi_desktop.gui.preview.judging import Batch, Counts, Decisions, Row, Rows, Verdict

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class PreviewModel(QAbstractListModel):
    """First what has to be looked at, then what goes, then what stays; or only one of these."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sections: Rows = ([], [], [])
        self._decisions = Decisions()
        self._shown: tuple[Verdict, ...] = tuple(Verdict)
        self.counts = Counts()

    def clear(self) -> None:
        """Begin anew."""
        self.beginResetModel()
        self._sections, self.counts = ([], [], []), Counts()
        self.endResetModel()

    def add(self, batch: Batch) -> None:
        """Put new rows where they belong."""
        self.counts, self._decisions = batch.counts, batch.decisions
        for verdict, rows in zip(Verdict, batch.rows, strict=True):
            if not rows:
                continue
            if verdict not in self._shown:
                self._sections[verdict].extend(rows)
                continue
            at = sum(len(self._sections[v]) for v in self._shown if v <= verdict)
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self._sections[verdict].extend(rows)
            self.endInsertRows()

    def show_only(self, verdict: Verdict | None) -> None:
        """None: everything."""
        self.beginResetModel()
        self._shown = tuple(Verdict) if verdict is None else (verdict,)
        self.endResetModel()

    def row(self, index: Index) -> Row:
        """The file of a row."""
        number = index.row()
        for verdict in self._shown:
            section = self._sections[verdict]
            if number < len(section):
                return self._decisions.unpack(verdict, section[number])
            number -= len(section)
        raise IndexError(index.row())

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else sum(len(self._sections[v]) for v in self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.relative
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.relative
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = {
                Verdict.GO: self.tr("will go"),
                Verdict.STAY: self.tr("will not go"),
                Verdict.CHECK: self.tr("please check"),
            }[row.verdict]
            return ", ".join(filter(None, (row.relative, name, words.reason(row))))
        return None
