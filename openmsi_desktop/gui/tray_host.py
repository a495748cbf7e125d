"""Whether this desktop has a place for tray icons. It may come later than the program, and it may restart."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QSystemTrayIcon

_SOON_MS, _SOON_TIMES = 1000, 60
_LATER_MS = 3000


class TrayHost(QObject):
    """Looks now and then. GUI thread."""

    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_there = QSystemTrayIcon.isSystemTrayAvailable()
        """An icon can be shown now."""
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_SOON_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Look now."""
        self._looks += 1
        if self._looks == _SOON_TIMES:  # a desktop that is just starting has had its minute
            self._timer.setInterval(_LATER_MS)
        now = QSystemTrayIcon.isSystemTrayAvailable()
        if now is not self.is_there:
            self.is_there = now
            self.changed.emit(now)
