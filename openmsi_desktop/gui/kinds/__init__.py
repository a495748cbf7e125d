"""Kinds of tasks. To add one: a module here with a class that satisfies :class:`Kind`, and its instance in :data:`KINDS`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.settings_file import Item


class Kind(Protocol):
    """What the list of tasks, the Add menu and the detail pane ask of a kind of task. GUI thread."""

    id: str
    """What the journal calls it (core/task_kinds.py)."""
    icon: str
    """Name of its icon, such as ``task/watch``."""

    def section(self) -> str:
        """Head over its tasks in the list, such as "Sending"."""

    def offer(self) -> tuple[str, str]:
        """Its entry in the Add menu and the big button of an empty window: (verb, one line that explains it)."""

    def items(self, settings: Settings) -> Sequence[tuple[str, Item]]:
        """(key in the journal, item) of every task of this kind in the settings."""

    def route(self, settings: Settings, item: Item) -> tuple[str, ...]:
        """Where its files come from and go to, for the header of the detail pane; behind that, where else they go."""

    def add(self, desktop: Desktop, parent: QWidget) -> None:
        """Open what makes a new one."""

    def edit(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        """Open what changes one."""

    def duplicate(self, desktop: Desktop, parent: QWidget, item: Item) -> None:
        """Open what makes a new one that is filled in like this one."""

    def remove(self, desktop: Desktop, item: Item) -> None:
        """Take it out of the settings; its files stay where they are."""


def kinds() -> Sequence[Kind]:
    """All kinds, in the order of the list."""
    from openmsi_desktop.gui.kinds.download import DownloadKind
    from openmsi_desktop.gui.kinds.one_off import OneOffKind
    from openmsi_desktop.gui.kinds.process import ProcessKind
    from openmsi_desktop.gui.kinds.transfer import TransferKind
    from openmsi_desktop.gui.kinds.watch import WatchKind

    return (WatchKind(), DownloadKind(), TransferKind(), ProcessKind(), OneOffKind())


def kind_of(identity: str) -> Kind:
    """The kind the journal calls that.

    Raises:
        KeyError: there is none.
    """
    for kind in kinds():
        if kind.id == identity:
            return kind
    raise KeyError(identity)
