"""Why is my file there, or not there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop


def open_dialog(desktop: Desktop, parent: QWidget | None, path: str) -> None:
    """Explain a file by its path here or on a topic; also one that nobody knows."""
    raise NotImplementedError
