"""The connection and the topic of a task, in one line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from openmsi_desktop.gui import topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.settings import Connection, Settings


class ConnectionPicker(QComboBox):
    """The connections of the settings, and a way to make another one."""

    chosen = Signal()

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._last = ""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(14)
        self.setAccessibleName(self.tr("Connection"))
        self.setPlaceholderText(self.tr("no connection yet"))
        self.activated.connect(self._activated)
        desktop.store.changed.connect(self._fill)
        self._fill(desktop.store.settings)

    @property
    def name(self) -> str:
        """Of the connection that is chosen; empty: none is."""
        return self._last

    @property
    def connection(self) -> Connection | None:
        return next((c for c in self._desktop.store.settings.connections if c.name == self._last), None)

    @Slot(str)
    def choose(self, name: str) -> None:
        """Choose the one of that name."""
        self._last = name
        self._fill(self._desktop.store.settings)
        self.chosen.emit()

    @Slot(object)
    def _fill(self, settings: Settings) -> None:
        names = [connection.name for connection in settings.connections]
        if self._last not in names:
            self._last = names[0] if len(names) == 1 else ""
        self.blockSignals(True)
        self.clear()
        self.addItems(names)
        if names:
            self.insertSeparator(self.count())
            self.setItemData(self.count() - 1, "–", Qt.ItemDataRole.AccessibleTextRole)
        self.addItem(self.tr("New connection…"), True)
        self.setCurrentIndex(names.index(self._last) if self._last else -1)
        self.blockSignals(False)

    @Slot(int)
    def _activated(self, number: int) -> None:
        if self.itemData(number) is not True:
            self._last = self.itemText(number)
            self.chosen.emit()
            return
        from openmsi_desktop.gui.dialogs import connection

        self._fill(self._desktop.store.settings)
        connection.open_dialog(self._desktop, self.window(), saved=self.choose)


class PlaceEdit(QWidget):
    """Connection and topics side by side. topic: the widget on the right."""

    def __init__(
        self, desktop: Desktop, topic: QWidget, used_changed: Callable[[Connection | None, list[str]], None]
    ) -> None:
        super().__init__()
        self._desktop = desktop
        self._tell = used_changed
        self.connections = ConnectionPicker(desktop, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.connections, 2)
        layout.addWidget(topic, 3)
        self.connections.chosen.connect(self.show_topics)

    @Slot()
    def show_topics(self) -> None:
        """Ask the broker of the connection for its topics."""
        connection = self.connections.connection
        name = connection.name if connection is not None else ""
        self._tell(connection, topics.used(self._desktop.store.settings, name))
