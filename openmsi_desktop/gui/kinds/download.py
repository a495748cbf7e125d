"""Downloads: the files of topics are rebuilt in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmsi_desktop.gui.dialogs import download
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.keys import task_key

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.settings_file import Item


class DownloadKind:
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = "download"
    icon = "task/download"

    def section(self) -> str:
        return tr("Downloading")

    def offer(self) -> tuple[str, str]:
        return tr("Download"), tr("Save the files of a topic in a folder on this computer")

    def items(self, settings: Settings) -> Sequence[tuple[str, Item]]:
        return [(task_key(task), task) for task in settings.downloads]

    def route(self, item: Item) -> tuple[str, str]:
        assert isinstance(item, Download)
        return ", ".join(item.topics), str(item.target or "")

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        download.open_dialog(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        download.open_dialog(desktop, parent, item)

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, Download)
        download.open_dialog(desktop, parent, item, is_copy=True)

    def remove(self, desktop: Desktop, item: Item) -> None:
        assert isinstance(item, Download)
        desktop.store.change(lambda file: file.remove("downloads", item.title))
