"""Transfers: the files of topics go into a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openmsi_desktop.core.task_kinds import TRANSFER
from openmsi_desktop.gui.dialogs import transfer
from openmsi_desktop.gui.kinds.readers import Reader
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Download

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings_file import Item


class TransferKind(Reader):
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = TRANSFER
    icon = "task/s3"

    def section(self) -> str:
        return tr("Sending on to S3")

    def offer(self) -> tuple[str, str]:
        return tr("Send on to S3"), tr("Store the files of a topic in a bucket")

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        transfer.open_dialog(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        transfer.open_dialog(desktop, parent, item)

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        transfer.open_dialog(desktop, parent, item, is_copy=True)
