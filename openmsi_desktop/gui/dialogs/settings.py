"""Settings of the program: one window, categories on the left, every change at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop


def open_window(desktop: Desktop, parent: QWidget | None, category: str = "") -> None:
    """Open or raise it, on a category: ``general connections network notifications storage help``."""
    raise NotImplementedError
