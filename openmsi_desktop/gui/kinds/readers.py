"""What all kinds of readers have in common: which of the downloads in the settings are theirs, and how one is removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.keys import kind_of, task_key

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.settings_file import Item


class Reader:
    """A part of a :class:`~openmsi_desktop.gui.kinds.Kind`."""

    id: str

    def items(self, settings: Settings) -> Sequence[tuple[str, Item]]:
        return [(task_key(task), task) for task in settings.downloads if kind_of(task, settings) == self.id]

    def route(self, settings: Settings, item: Item) -> tuple[str, ...]:
        from openmsi_desktop.gui.sinks.words import places_of

        assert isinstance(item, Download)
        return (", ".join(item.topics), *places_of(settings, item))

    def remove(self, desktop: Desktop, item: Item) -> None:
        from openmsi_desktop.gui.sinks import saving

        assert isinstance(item, Download)
        saving.remove_reader(desktop, item)
