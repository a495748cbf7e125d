"""Add or change a connection, and test it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Connection


def open_dialog(
    desktop: Desktop,
    parent: QWidget | None,
    connection: Connection | None = None,
    *,
    saved: Callable[[str], None] = lambda name: None,
) -> None:
    """Open it; it writes into the settings and the keyring. saved: called with the connection's name."""
    raise NotImplementedError
