"""Processors: a program or a Python class is run on every file of topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openmsi_desktop.core.task_kinds import PROCESS
from openmsi_desktop.gui.dialogs import process
from openmsi_desktop.gui.kinds.readers import Reader
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Download

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings_file import Item


class ProcessKind(Reader):
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = PROCESS
    icon = "task/processor"

    def section(self) -> str:
        return tr("Processing")

    def offer(self) -> tuple[str, str]:
        return tr("Run a program"), tr("Hand every file of a topic to a program or a Python class")

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        process.open_dialog(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        process.open_dialog(desktop, parent, item)

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        process.open_dialog(desktop, parent, item, is_copy=True)
