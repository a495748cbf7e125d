"""Preferences of the settings file -> how everything looks and speaks, as soon as they change."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from openmsi_desktop.gui import language
from openmsi_desktop.gui.look import Look, Theme
from openmsi_desktop.gui.store import Store
from openmsi_desktop.settings import Application


class Preferences(QObject):
    """Applies what is in the settings now, and every change of it."""

    language_changed = Signal(str)
    """Windows that are open have to be made anew."""

    def __init__(self, application: QCoreApplication, look: Look, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._look = look
        self._store = store
        self._language: str | None = None
        self._apply(store.settings.application)
        store.changed.connect(self._take_over)

    @Slot(object)
    def _take_over(self, settings: object) -> None:
        self._apply(self._store.settings.application)

    def _apply(self, wanted: Application) -> None:
        self._look.set_theme(Theme(wanted.theme))
        self._look.set_habits(is_touch=wanted.touch, is_calm=wanted.calm_icon)
        if wanted.language != self._language:
            is_first, self._language = self._language is None, wanted.language
            installed = language.install(self._application, wanted.language)
            if not is_first:
                self.language_changed.emit(installed)
