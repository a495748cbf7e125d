"""Ctrl-C and SIGTERM reach a program that sits in the loop of Qt: Python acts on signals only while it runs itself."""

from __future__ import annotations

import signal
import socket
import threading

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

from openmsi_desktop.signals import SIGNALS


class SignalWatch(QObject):
    """Tells of the first signal. GUI thread, which has to be the main thread."""

    asked_to_end = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heard, self._told = socket.socketpair()
        self._heard.setblocking(False)
        self._told.setblocking(False)
        self._notifier = QSocketNotifier(self._heard.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        assert threading.current_thread() is threading.main_thread()
        self._before = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        SIGNALS.wait_for_stop()

    def close(self) -> None:
        """Hear nothing any more."""
        signal.set_wakeup_fd(self._before)
        self._notifier.setEnabled(False)
        self._heard.close()
        self._told.close()

    @Slot()
    def _wake(self) -> None:
        try:
            self._heard.recv(64)
        except BlockingIOError:
            return
        if SIGNALS.status is not None:
            self.asked_to_end.emit()
