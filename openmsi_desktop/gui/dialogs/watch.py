"""Add or change a watched folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import WatchedFolder


def open_dialog(desktop: Desktop, parent: QWidget, item: WatchedFolder | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    raise NotImplementedError
