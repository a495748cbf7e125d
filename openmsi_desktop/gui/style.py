"""Fusion, drawn flat: fields and buttons of one height with a border that can be seen, also in the dark.

Only where the system has no style of its own (Linux); Windows and macOS draw their own controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QPlainTextEdit,
    QProxyStyle,
    QPushButton,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QToolButton,
    QWidget,
)

from openmsi_desktop.gui import style_scroll_bar

if TYPE_CHECKING:
    from openmsi_desktop.gui.look import Look

_RADIUS = 4.0
_INDICATOR = 18
_PADDING = 5
_CONTROL = 32
_TOUCH = 44
_DENSE = "dense"
"""A widget with this property may be lower: it stands in a row of a list."""

_Primitive = QStyle.PrimitiveElement
_State = QStyle.StateFlag
_CONTROLS = {
    QStyle.ContentsType.CT_PushButton,
    QStyle.ContentsType.CT_ToolButton,
    QStyle.ContentsType.CT_LineEdit,
    QStyle.ContentsType.CT_ComboBox,
    QStyle.ContentsType.CT_SpinBox,
}


class FlatStyle(QProxyStyle):
    """Draws frames of fields, check boxes, radio buttons, buttons and combo boxes; the rest is Fusion's."""

    def __init__(self, look: Look) -> None:
        super().__init__("fusion")
        self._look = look

    # -- sizes

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        out = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]
        if kind not in _CONTROLS or (widget is not None and widget.property(_DENSE)):
            return out
        if kind is QStyle.ContentsType.CT_ToolButton and not isinstance(widget, QToolButton):
            return out
        height = self._look.row_height(_CONTROL, _TOUCH)
        wider = {QStyle.ContentsType.CT_PushButton: 12, QStyle.ContentsType.CT_ComboBox: 2 * _PADDING}.get(kind, 0)
        return QSize(out.width() + wider, max(out.height(), height))

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric in (
            QStyle.PixelMetric.PM_IndicatorWidth,
            QStyle.PixelMetric.PM_IndicatorHeight,
            QStyle.PixelMetric.PM_ExclusiveIndicatorWidth,
            QStyle.PixelMetric.PM_ExclusiveIndicatorHeight,
        ):
            return self._look.row_height(_INDICATOR, 26)
        if metric is QStyle.PixelMetric.PM_ScrollBarExtent:
            return self._look.row_height(style_scroll_bar.EXTENT, 24)
        if metric in (QStyle.PixelMetric.PM_ButtonShiftHorizontal, QStyle.PixelMetric.PM_ButtonShiftVertical):
            return 0
        return super().pixelMetric(metric, option, widget)

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        rect = super().subElementRect(element, option, widget)  # type: ignore[arg-type]
        if element is QStyle.SubElement.SE_LineEditContents and not _is_part(widget):
            return rect.adjusted(_PADDING, 0, -_PADDING, 0)
        return rect

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            return QStyle.visualRect(option.direction, option.rect, style_scroll_bar.part_rect(option, part))
        rect = super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]
        if control is QStyle.ComplexControl.CC_ComboBox and part is QStyle.SubControl.SC_ComboBoxEditField:
            return rect.adjusted(_PADDING, 0, 0, 0)
        return rect

    # -- drawing

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        if element is _Primitive.PE_FrameLineEdit or (
            element is _Primitive.PE_Frame and isinstance(widget, QPlainTextEdit)
        ):
            self._frame(painter, option, None)
        elif element is _Primitive.PE_IndicatorCheckBox:
            self._check_box(painter, option)
        elif element is _Primitive.PE_IndicatorRadioButton:
            self._radio_button(painter, option)
        elif element is _Primitive.PE_PanelButtonCommand:
            self._button(painter, option, widget)
        elif element is _Primitive.PE_FrameFocusRect and isinstance(widget, QPushButton):
            return  # the border of the button says it
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            style_scroll_bar.draw(self._look, option, painter)
            return
        if (
            control is QStyle.ComplexControl.CC_SpinBox
            and isinstance(option, QStyleOptionSpinBox)
            and widget is not None
        ):
            self._spin_box(painter, option, widget)
            return
        if (
            control is not QStyle.ComplexControl.CC_ComboBox
            or not isinstance(option, QStyleOptionComboBox)
            or not isinstance(widget, QComboBox)
        ):
            super().drawComplexControl(control, option, painter, widget)
            return
        ground = QPalette.ColorRole.Base if option.editable else QPalette.ColorRole.Button
        self._frame(painter, option, option.palette.color(ground))
        arrow = self.subControlRect(control, option, QStyle.SubControl.SC_ComboBoxArrow, widget)
        self._chevron(painter, option, arrow)

    def _frame(self, painter: QPainter, option: QStyleOption, ground: QColor | None) -> None:
        """A border with round corners; thicker in the colour of the accent where the keyboard is."""
        rect = QRectF(option.rect)
        has_focus = bool(option.state & _State.State_HasFocus) and bool(option.state & _State.State_Enabled)
        width = 2.0 if has_focus else 1.0
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("surface", "highlight") if has_focus else self._border(option), width))
        painter.setBrush(ground if ground is not None else Qt.BrushStyle.NoBrush)
        half = width / 2
        painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), _RADIUS, _RADIUS)
        painter.restore()

    def _border(self, option: QStyleOption) -> QColor:
        is_on = bool(option.state & _State.State_Enabled)
        return self._look.colour("surface", "border" if is_on else "control")

    def _check_box(self, painter: QPainter, option: QStyleOption) -> None:
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        is_marked = not option.state & _State.State_Off
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, ink = self._marks(option, is_marked)
        painter.setPen(QPen(ground if is_marked else self._border(option), 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 3, 3)
        painter.setPen(QPen(ink, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x, y, w, h = rect.x(), rect.y(), rect.width(), rect.height()
        if option.state & _State.State_On:
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(x + w * 0.24, y + h * 0.52),
                        QPointF(x + w * 0.43, y + h * 0.71),
                        QPointF(x + w * 0.77, y + h * 0.31),
                    ]
                )
            )
        elif option.state & _State.State_NoChange:
            painter.drawLine(QPointF(x + w * 0.28, y + h / 2), QPointF(x + w * 0.72, y + h / 2))
        painter.restore()

    def _radio_button(self, painter: QPainter, option: QStyleOption) -> None:
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        is_marked = bool(option.state & _State.State_On)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, _ = self._marks(option, is_marked)
        painter.setPen(QPen(ground if is_marked else self._border(option), 2.0 if is_marked else 1.0))
        painter.setBrush(self._look.colour("surface", "base"))
        painter.drawEllipse(rect)
        if is_marked:
            inner = rect.width() * 0.26
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawEllipse(rect.adjusted(inner, inner, -inner, -inner))
        painter.restore()

    def _marks(self, option: QStyleOption, is_marked: bool) -> tuple[QColor, QColor]:
        """(ground, ink) of a box or button that can be marked."""
        if not option.state & _State.State_Enabled:
            return self._look.colour("surface", "control" if is_marked else "window"), self._look.colour(
                "surface", "base"
            )
        if is_marked:
            return self._look.colour("surface", "highlight"), self._look.colour("surface", "highlight_text")
        return self._look.colour("surface", "base"), self._look.colour("surface", "text")

    def _button(self, painter: QPainter, option: QStyleOption, widget: QWidget | None) -> None:
        if not isinstance(option, QStyleOptionButton) or not isinstance(widget, QPushButton):
            super().drawPrimitive(_Primitive.PE_PanelButtonCommand, option, painter, widget)
            return
        is_on = bool(option.state & _State.State_Enabled)
        is_down = bool(option.state & (_State.State_Sunken | _State.State_On))
        is_under_mouse = bool(option.state & _State.State_MouseOver) and is_on
        is_flat = bool(option.features & QStyleOptionButton.ButtonFeature.Flat)
        ground, border = self._look.colour("surface", "button"), self._look.colour("surface", "control")
        if is_primary(widget) and is_on:
            ground = border = self._look.colour("surface", "highlight")
        elif is_flat and not is_down and not is_under_mouse:
            ground = border = QColor(0, 0, 0, 0)
        if is_down or is_under_mouse:
            ground = _nearer(ground, option.palette.buttonText().color(), 0.12 if is_down else 0.06)
        if not is_on and not is_flat:
            ground = self._look.colour("surface", "window")
        has_focus = bool(option.state & _State.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(border, 1.0))
        painter.setBrush(ground)
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        if has_focus:
            ring = self._look.colour("surface", "text" if is_primary(widget) else "highlight")
            painter.setPen(QPen(ring, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.restore()

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if (
            element is QStyle.ControlElement.CE_PushButtonLabel
            and isinstance(widget, QPushButton)
            and is_primary(widget)
            and widget.isEnabled()
        ):
            palette = QPalette(option.palette)
            palette.setColor(QPalette.ColorRole.ButtonText, self._look.colour("surface", "highlight_text"))
            option.palette = palette
        super().drawControl(element, option, painter, widget)

    def _spin_box(self, painter: QPainter, option: QStyleOptionSpinBox, widget: QWidget) -> None:
        self._frame(painter, option, option.palette.color(QPalette.ColorRole.Base))
        if option.buttonSymbols is QAbstractSpinBox.ButtonSymbols.NoButtons:
            return
        steps = (
            (QStyle.SubControl.SC_SpinBoxUp, QAbstractSpinBox.StepEnabledFlag.StepUpEnabled, True),
            (QStyle.SubControl.SC_SpinBoxDown, QAbstractSpinBox.StepEnabledFlag.StepDownEnabled, False),
        )
        for part, step, is_up in steps:
            rect = self.subControlRect(QStyle.ComplexControl.CC_SpinBox, option, part, widget)
            self._chevron(painter, option, rect, is_up=is_up, can=bool(option.stepEnabled & step))

    def _chevron(
        self, painter: QPainter, option: QStyleOption, rect: QRect, *, is_up: bool = False, can: bool = True
    ) -> None:
        is_on = bool(option.state & _State.State_Enabled) and can
        middle = QPointF(rect.center()) + QPointF(0, 1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._look.colour("surface", "secondary" if is_on else "disabled")
        painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        rise = -2 if is_up else 2
        painter.drawPolyline(
            QPolygonF([middle + QPointF(-4, -rise), middle + QPointF(0, rise), middle + QPointF(4, -rise)])
        )
        painter.restore()


def _is_part(widget: QWidget | None) -> bool:
    """A line of text within a bigger control, which has a border of its own."""
    return widget is not None and isinstance(widget.parent(), QAbstractSpinBox | QComboBox)


def is_primary(button: QPushButton) -> bool:
    """The one button of a window that is the likely next step: the default of its dialog, or one that says so."""
    chosen = button.property("primary")
    return button.isDefault() if chosen is None else bool(chosen)


def _nearer(colour: QColor, other: QColor, share: float) -> QColor:
    pairs = ((colour.red(), other.red()), (colour.green(), other.green()), (colour.blue(), other.blue()))
    return QColor(*(round(a * (1 - share) + b * share) for a, b in pairs))
