"""The tray icon and its menu, which is built when it is opened."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.status import Status, status_of


class Tray(QObject):
    """The icon. Tells what a person wants; app.py does it."""

    wants_window = Signal(str, str)
    """(key of a task or empty, page)"""
    wants_quit = Signal()

    def __init__(self, desktop: Desktop, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._menu = QMenu()
        self._menu.aboutToShow.connect(self._build)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._status = status_of(desktop.observer.now)
        desktop.observer.changed.connect(self._repaint)
        desktop.look.changed.connect(self._repaint)
        self._repaint()
        self._icon.show()

    @property
    def status(self) -> Status:
        """What it shows now."""
        return self._status

    @Slot()
    @Slot(object)
    def _repaint(self, snapshot: object = None) -> None:
        self._status = status_of(self._desktop.observer.now)
        application = self._desktop.store.settings.application
        self._icon.setIcon(self._desktop.look.tray_icon(self._status.overall, application.tray_ground))
        self._icon.setToolTip(self._status.line)

    @Slot()
    def _build(self) -> None:
        self._menu.clear()
        self._menu.addAction(self._status.line).triggered.connect(self._open_reason)
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Quit")).triggered.connect(self.wants_quit)

    @Slot()
    def _open_reason(self) -> None:
        self.wants_window.emit(self._status.task, self._status.page)

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.wants_window.emit("", "")
