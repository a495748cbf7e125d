"""Downloads: the files of topics are rebuilt in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openmsi_desktop.core.task_kinds import DOWNLOAD
from openmsi_desktop.gui.dialogs import download
from openmsi_desktop.gui.kinds.readers import Reader
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Download

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings_file import Item


class DownloadKind(Reader):
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = DOWNLOAD
    icon = "task/download"

    def section(self) -> str:
        return tr("Downloading")

    def offer(self) -> tuple[str, str]:
        return tr("Download"), tr("Save the files of a topic in a folder on this computer")

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        download.open_dialog(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        download.open_dialog(desktop, parent, item)

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        download.open_dialog(desktop, parent, item, is_copy=True)
