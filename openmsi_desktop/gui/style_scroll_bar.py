"""Scroll bars of :class:`~openmsi_desktop.gui.style.FlatStyle`: a rounded handle on a plain ground, without arrows.

Where the handle is follows Qt's own arithmetic (QCommonStyle::subControlRect), which the mouse relies on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionSlider

if TYPE_CHECKING:
    from openmsi_desktop.gui.look import Look

EXTENT = 12
_SHORTEST = 28
_Part = QStyle.SubControl


def part_rect(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """Where a part of a scroll bar is, in its own coordinates."""
    rect = option.rect
    is_flat = option.orientation is Qt.Orientation.Horizontal
    length = rect.width() if is_flat else rect.height()
    begin, handle = _handle(option, length)
    spans = {
        _Part.SC_ScrollBarGroove: (0, length),
        _Part.SC_ScrollBarSlider: (begin, handle),
        _Part.SC_ScrollBarSubPage: (0, begin),
        _Part.SC_ScrollBarAddPage: (begin + handle, length - begin - handle),
    }
    start, size = spans.get(part, (0, 0))
    across = rect.height() if is_flat else rect.width()
    if is_flat:
        return QRect(rect.x() + start, rect.y(), size, across if size else 0)
    return QRect(rect.x(), rect.y() + start, across if size else 0, size)


def draw(look: Look, option: QStyleOptionSlider, painter: QPainter) -> None:
    """The ground, and the handle where there is something to scroll."""
    painter.save()
    painter.fillRect(option.rect, option.palette.base())
    if option.maximum > option.minimum:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_near = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("surface", "border" if is_near else "control"))
        handle = QRectF(part_rect(option, _Part.SC_ScrollBarSlider)).adjusted(3, 3, -3, -3)
        painter.drawRoundedRect(handle, 3, 3)
    painter.restore()


def _handle(option: QStyleOptionSlider, length: int) -> tuple[int, int]:
    """(start, length) of the handle within the groove."""
    scale = option.maximum - option.minimum
    if scale <= 0:
        return 0, length
    size = max(min(_SHORTEST, length), option.pageStep * length // (scale + option.pageStep))
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, length - size, option.upsideDown
    )
    return start, size
