"""The settings file as the window sees it: the settings of now, and one way to change them.

Every change is written at once, and whoever streams takes it over.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

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
        self.has_read = False
        """The settings are those of the file, or were; before, nobody knows what is to be done."""
        self._background = background
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_writing = False

    def read(self) -> None:
        """Read the file now; one that does not exist is empty settings. Called before there is a window."""
        try:
            settings = read_now(self.path)
        except SettingsError as error:
            self.error = error
            self.is_bad.emit(error)
            return
        self._take(settings)

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """The file was read by somebody else of this program, and says this now."""
        if settings != self.settings or self.error is not None:
            self._take(settings)

    def change(
        self,
        change: Change,
        then: Callable[[], None] = lambda: None,
        failed: Callable[[OpenMSIError], None] | None = None,
    ) -> None:
        """Apply change to the file and write it; then() or failed() follow on this thread. One change after the other.

        What a person has written into the file meanwhile is kept, and taken over with it.
        failed: gets a SettingsError when the change does not fit or the file cannot be written; nothing has changed then.
        Without it the error is told by :attr:`is_bad`.
        """
        found: list[Settings] = []

        def write() -> Settings:
            file = SettingsFile(self.path)
            found.append(file.settings)
            change(file)
            return file.write()

        def done(settings: Settings) -> None:
            self._next()
            self._take(settings)
            then()

        def tell(error: Exception) -> None:
            self._next()
            if not isinstance(error, OpenMSIError):
                raise error
            if found:
                self.adopt(found[0])  # what is tried next begins with what the file says
            if failed is not None:
                failed(error)
            elif isinstance(error, SettingsError):
                self.error = error
                self.is_bad.emit(error)

        self._waiting.append(lambda: self._background.run(self, write, done, tell, is_own=True))
        if not self._is_writing:
            self._next()

    def _next(self) -> None:
        self._is_writing = bool(self._waiting)
        if self._waiting:
            self._waiting.popleft()()

    def _take(self, settings: Settings) -> None:
        self.settings, self.error, self.has_read = settings, None, True
        self.changed.emit(settings)


def read_now(path: Path) -> Settings:
    """What the file says; one that does not exist is empty settings. Any thread.

    Raises:
        SettingsError: it has mistakes or cannot be read.
    """
    return read_settings(path) if path.exists() else Settings()
