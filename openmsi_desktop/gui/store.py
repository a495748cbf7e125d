"""The settings file as the window sees it: the settings of now, and one way to change them.

Every change is written at once, and whoever streams takes it over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.settings import Settings
from openmsi_desktop.settings_file import SettingsFile, read_settings

log = logging.getLogger(__name__)

Change = Callable[[SettingsFile], None]


class Store(QObject):
    """Settings of this user. GUI thread only."""

    changed = Signal(object)
    """Settings: they were changed here, or by somebody else."""
    is_bad = Signal(object)
    """SettingsError: the file on the disk cannot be used; the settings stay as they were."""

    def __init__(self, path: Path, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.settings = Settings()
        self.error: SettingsError | None = None
        self._background = background

    def read(self) -> None:
        """Read the file now; one that does not exist is empty settings. Called before there is a window."""
        try:
            self.settings = read_settings(self.path) if self.path.exists() else Settings()
            self.error = None
        except SettingsError as error:
            self.error = error
            self.is_bad.emit(error)
            return
        self.changed.emit(self.settings)

    def change(
        self,
        change: Change,
        then: Callable[[], None] = lambda: None,
        failed: Callable[[OpenMSIError], None] | None = None,
    ) -> None:
        """Apply change to the file and write it; then() or failed() follow on this thread.

        failed: gets a SettingsError when the change does not fit or the file cannot be written; nothing has changed then.
        Without it the error is told by :attr:`is_bad`.
        """

        def write() -> Settings:
            file = SettingsFile(self.path)
            change(file)
            return file.write()

        def done(settings: Settings) -> None:
            self.settings, self.error = settings, None
            self.changed.emit(settings)
            then()

        def tell(error: Exception) -> None:
            if not isinstance(error, OpenMSIError):
                raise error
            if failed is not None:
                failed(error)
            elif isinstance(error, SettingsError):
                self.is_bad.emit(error)

        self._background.run(self, write, done, tell)
