"""Drop files to send them once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop


def open_window(desktop: Desktop, parent: QWidget | None, paths: Sequence[Path] = (), *, task: str = "") -> None:
    """Open or raise it; paths wait in it to be confirmed. task: key of the task they were dropped on."""
    raise NotImplementedError
