"""How a row of the preview is painted: sign, path, and on the right its size or the rule that keeps it."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from openmsi_desktop.gui.look import Look, elide_path
from openmsi_desktop.gui.preview import words
from openmsi_desktop.gui.preview.judging import Verdict
from openmsi_desktop.gui.preview.model import PreviewModel

_SIGNS = {
    Verdict.GO: ("sign/ok", "ok"),
    Verdict.STAY: ("state/ignored", "neutral"),
    Verdict.CHECK: ("sign/warning", "attention"),
}
_MARGIN, _ICON, _GAP = 12, 16, 8


class PreviewDelegate(QStyledItemDelegate):
    """One height for all rows."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self._look.row_height(32))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        assert isinstance(model, PreviewModel)
        row = model.row(index)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        look = self._look
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen:
            painter.fillRect(rect, look.colour("surface", "highlight_soft"))
        elif row.verdict is Verdict.CHECK:
            painter.fillRect(rect, look.colour("attention", "tint"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), palette.color(QPalette.ColorRole.Mid))
        top = rect.top() + (rect.height() - _ICON) // 2
        look.draw(painter, *_SIGNS[row.verdict], QRectF(rect.left() + _MARGIN, top, _ICON, _ICON))
        painter.setFont(option.font)
        metrics = painter.fontMetrics()
        right = words.reason(row) or (QLocale().formattedDataSize(row.size, 1, _SI) if row.size is not None else "")
        left = rect.left() + _MARGIN + _ICON + _GAP
        room = rect.right() - _MARGIN - left
        width = min(metrics.horizontalAdvance(right) + 4, int(room * 0.55))
        secondary = palette.color(QPalette.ColorRole.PlaceholderText)
        normal = palette.color(QPalette.ColorRole.Text)
        painter.setPen(secondary if row.verdict is not Verdict.CHECK else normal)
        painter.drawText(
            QRect(rect.right() - _MARGIN - width, rect.top(), width, rect.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            metrics.elidedText(right, Qt.TextElideMode.ElideRight, width),
        )
        painter.setPen(secondary if row.verdict is Verdict.STAY else normal)
        painter.drawText(
            QRect(left, rect.top(), room - width - _GAP, rect.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            elide_path(row.relative, metrics, room - width - _GAP),
        )


_SI = QLocale.DataSizeFormat.DataSizeSIFormat
