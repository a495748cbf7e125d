"""Watched folders: what appears in them is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmsi_desktop.gui.dialogs import watch
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.streaming.keys import task_key

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.settings_file import Item


class WatchKind:
    """See :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id = "watch"
    icon = "task/watch"

    def section(self) -> str:
        return tr("Sending", "group of tasks")

    def offer(self) -> tuple[str, str]:
        return tr("Send a folder"), tr("Watch a folder and send every finished file to a topic")

    def items(self, settings: Settings) -> Sequence[tuple[str, Item]]:
        return [(task_key(task), task) for task in settings.watched_folders]

    def route(self, settings: Settings, item: Item) -> tuple[str, ...]:
        assert isinstance(item, WatchedFolder)
        return str(item.path), item.topic

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        watch.open_dialog(desktop, parent)

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, WatchedFolder)
        watch.open_dialog(desktop, parent, item)

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        assert isinstance(item, WatchedFolder)
        watch.open_dialog(desktop, parent, item, is_copy=True)

    def remove(self, desktop: Desktop, item: Item) -> None:
        assert isinstance(item, WatchedFolder)
        desktop.store.change(lambda file: file.remove("watched_folders", item.title))
