"""Ctrl-C and SIGTERM: the first ends the program in order within 3 s, the second at once. Installed before slow imports."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

_GRACE_S = 2.9


class Signals:
    """What was received. The handler runs on the main thread; :attr:`stop` may be waited for by any."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.status: int | None = None
        """130 or 143 once a signal has come."""
        self._waits = False

    def install(self) -> None:
        """Handle SIGINT, SIGTERM and, on Windows, Ctrl-Break."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._received)

    def wait_for_stop(self) -> threading.Event:
        """From now on the first signal only sets the event, because somebody watches it."""
        self._waits = True
        return self.stop

    def _received(self, number: int, frame: FrameType | None) -> None:
        is_first = self.status is None
        self.status = 128 + (signal.SIGTERM if number == signal.SIGTERM else signal.SIGINT)
        if not is_first:
            leave_now(self.status)
        # whatever the program is doing: it ends in time
        late = threading.Timer(_GRACE_S, leave_now, [self.status])
        late.daemon = True
        late.start()
        # on a thread: the handler interrupts the main thread, which may hold the event's own lock in wait()
        threading.Thread(target=self.stop.set, name="stop", daemon=True).start()
        if not self._waits:
            raise SystemExit(self.status)


def leave_now(status: int) -> None:
    """End the process without waiting for threads or destructors."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(status)


SIGNALS = Signals()
"""The process has one set of handlers."""
