"""Network: a limit for everything that is sent."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.page import Page


class NetworkPage(Page):
    """Every control writes at once."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("NetworkPage", "Network"), parent)
        form = self.block(self.tr("Proxies"))
        form.addRow(
            self.help(
                self.tr(
                    "Kafka does not go through HTTP proxies. The computer must be able to reach the broker's port directly, or "
                    "through a VPN."
                )
            )
        )
        self.column.addStretch(1)
