"""Every control gets its height: for hands, and for gloves in touch mode."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

from openmsi_desktop.gui.look import Look

CONTROL = 32


_PADDING = 6
_CONTROLS: tuple[type[QWidget], ...] = (QLineEdit, QComboBox, QAbstractSpinBox, QPushButton)
_SMALL: tuple[type[QWidget], ...] = (QCheckBox, QRadioButton, QToolButton)


def make_tall(widget: QWidget, look: Look) -> None:
    """To be called when everything is in the window, and again for what is added later."""
    for control in widget.findChildren(QWidget):
        if isinstance(control.parentWidget(), QComboBox | QAbstractSpinBox):
            continue
        if isinstance(control, _CONTROLS):
            control.setMinimumHeight(look.row_height(CONTROL))
        elif isinstance(control, _SMALL):
            control.setMinimumHeight(look.row_height(24))
        if isinstance(control, QLineEdit):
            control.setTextMargins(_PADDING, 0, _PADDING, 0)
