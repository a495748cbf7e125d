"""Notifications: what the desktop is told besides the icon."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.page import Page
from openmsi_desktop.settings import Application


class NotificationsPage(Page):
    """Every control writes at once."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("NotificationsPage", "Notifications"), parent)
        form = self.block(self.tr("Show a message"))
        self.problems = QCheckBox(self.tr("When something needs me"))
        self.problems.toggled.connect(self._write)
        form.addRow(self.problems)
        form.addRow(self.help(self.tr("At most one for each task in 10 minutes, however much goes wrong.")))
        self.finished = QCheckBox(self.tr("When everything that was found has been sent"))
        self.finished.toggled.connect(self._write)
        form.addRow(self.finished)
        form.addRow(
            self.help(
                self.tr(
                    "Messages are a hint only: the system may swallow them. The icon and the window always show how it is. "
                    "The menu of the icon can snooze them for a while."
                )
            )
        )
        self.column.addStretch(1)
        self.refresh()

    def show_preferences(self, application: Application) -> None:
        wanted = application.notifications
        for tick, is_on in ((self.problems, wanted.problems), (self.finished, wanted.finished)):
            with QSignalBlocker(tick):
                tick.setChecked(is_on)

    @Slot(bool)
    def _write(self, is_on: bool) -> None:
        wanted = self.desktop.store.settings.application.notifications
        changes = {"problems": self.problems.isChecked(), "finished": self.finished.isChecked()}
        self.prefer(notifications=wanted.model_copy(update=changes))
