"""The first start: a wizard that ends with the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop


def open_wizard(desktop: Desktop, parent: QWidget | None) -> None:
    """Open or raise it. Nothing is stored before its end, except secrets that a person saved."""
    raise NotImplementedError
