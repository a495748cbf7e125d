"""Files that are sent once, by hand. They are in the journal only, never in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmsi_desktop.gui.dialogs import drop
from openmsi_desktop.gui.language import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.settings_file import Item


class OneOffKind:
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = "one-off"
    icon = "task/one-off"

    def section(self) -> str:
        return tr("Sent by hand")

    def offer(self) -> tuple[str, str]:
        return tr("Drop a file"), tr("Send single files or folders once, by hand")

    def items(self, settings: Settings) -> Sequence[tuple[str, Item]]:
        return []

    def route(self, settings: Settings, item: Item) -> tuple[str, ...]:
        return "", ""

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        drop.open_window(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        """Nothing of it can be changed."""

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        """There is nothing to copy."""

    def remove(self, desktop: Desktop, item: Item) -> None:
        """It ends by itself."""
