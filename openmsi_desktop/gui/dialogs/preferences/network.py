"""Network: how fast everything together may send."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QTimer, Slot
from PySide6.QtWidgets import QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.page import Page
from openmsi_desktop.gui.forms.timetable import LimitEdit
from openmsi_desktop.settings import Application

_REST_MS = 600
"""A figure that is being typed is not taken for a limit at every digit."""


class NetworkPage(Page):
    """What is set is written when a person rests for a moment."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("NetworkPage", "Network"), parent)
        form = self.block(self.tr("All tasks together"))
        self.limit = LimitEdit(desktop.look)
        self.limit.speed.number.setAccessibleName(self.tr("Send no faster than"))
        form.addRow(self.help(self.tr("Send no faster than this, whatever the tasks may do by themselves.")))
        form.addRow(self.limit)
        proxies = self.block(self.tr("Proxies"))
        proxies.addRow(
            self.help(
                self.tr(
                    "Kafka does not go through HTTP proxies. The computer must be able to reach the broker's port directly, or "
                    "through a VPN."
                )
            )
        )
        self.column.addStretch(1)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._write)
        self.limit.changed.connect(self._rest.start)
        self.refresh()

    def show_preferences(self, application: Application) -> None:
        wanted = self.desktop.store.settings.limit
        if self._rest.isActive() or self.limit.limit == wanted:
            return
        with QSignalBlocker(self.limit):
            self.limit.set_limit(wanted)

    @Slot()
    def _write(self) -> None:
        wanted = self.limit.limit
        if wanted != self.desktop.store.settings.limit:
            self.desktop.store.change(
                lambda file: file.set_limit(wanted), then=lambda: self.trouble.setVisible(False), failed=self.tell
            )
