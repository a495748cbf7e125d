"""The program with its window, measuring itself: started by :mod:`benchmarks.window`, prints one JSON object and ends.

python -m benchmarks.window_probe start|idle|soak|icon SETTINGS DATA AMOUNT
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from openmsi_desktop.core.events import Event, FileState, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.gui.app import App
from openmsi_desktop.gui.host import Role
from openmsi_desktop.places import find_places

_LOOK_MS = 100
_CHANGES = (TaskState.STOPPED, TaskState.RUNNING, TaskState.WAITING)


class Probed(QApplication):
    """Times everything that is handled on the GUI thread."""

    def __init__(self) -> None:
        super().__init__(sys.argv[:1])
        self.worst: list[tuple[float, float, str]] = []
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self._depth:
            return super().notify(receiver, event)
        self._depth += 1
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            if wall > 0.02:
                self.worst.append((wall, cpu, f"{type(receiver).__name__} {event.type().name}"))


def main() -> None:
    mode, settings, data, amount = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    application = Probed()
    app = App(application, find_places(settings=settings, data=data, environment={}))
    probe = {"start": _Start, "idle": _Idle, "soak": _Soak, "icon": _Icon}[mode](application, app, amount)
    app.start()
    application.exec()
    app.stop()
    print(json.dumps(probe.found), flush=True)
    os._exit(0)


class _Probe(QObject):
    def __init__(self, application: Probed, app: App, amount: int) -> None:
        super().__init__()
        self.application, self.app, self.amount = application, app, amount
        self.found: dict[str, object] = {}
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.look)
        self.timer.start(_LOOK_MS)
        app.desktop.observer.changed.connect(self.seen)

    def look(self) -> None:
        """Now and then."""

    def seen(self, snapshot: object) -> None:
        """After the window has taken a snapshot."""

    def end(self, **found: object) -> None:
        self.timer.stop()
        self.found |= found
        self.application.exit(0)


class _Start(_Probe):
    """Until the window shows its tasks and takes clicks."""

    def seen(self, snapshot: object) -> None:
        if self.app.desktop.observer.now.tasks and "painted" not in self.found:
            self.found["painted"] = True
            self.app.window.repaint()
            QTimer.singleShot(0, self, self._usable)

    def _usable(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.end(wall_s=time.time() - float(os.environ["BENCH_BEGUN"]), cpu_s=usage.ru_utime + usage.ru_stime)


class _Idle(_Probe):
    """Processor time of so many seconds in which nothing happens, after the first 15."""

    def seen(self, snapshot: object) -> None:
        if self.app.desktop.host.role is Role.STREAMING and "begun" not in self.found:
            self.found["begun"] = True
            self.timer.stop()
            QTimer.singleShot(15_000, self, self._begin)

    def _begin(self) -> None:
        self.cpu = time.process_time()
        QTimer.singleShot(self.amount * 1000, self, self._over)

    def _over(self) -> None:
        memory = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmRSS"))
        self.end(cpu_s=time.process_time() - self.cpu, rss_mb=int(memory.split()[1]) / 1024)


class _Soak(_Probe):
    """Until so many files are Sent; a window that is open, showing their task."""

    def look(self) -> None:
        counts = [task.counts for task in self.app.desktop.observer.now.tasks]
        if sum(c.get(FileState.SENT, 0) for c in counts) < self.amount:
            return
        with closing(Journal(self.app.desktop.host.profile.journal_path)) as journal:
            first, last = journal.query("SELECT min(sent_at), max(sent_at) FROM outgoing")[0]
        worst = sorted(self.application.worst, reverse=True)
        self.end(files_per_s=self.amount / (last - first), worst=worst[:8], over_50=sum(w[0] > 0.05 for w in worst))


class _Icon(_Probe):
    """So many changes of the state, from the event to the drawing of the icon."""

    def __init__(self, application: Probed, app: App, amount: int) -> None:
        super().__init__(application, app, amount)
        self.delays: list[float] = []
        self._changed_at: float | None = None
        self._before = ""
        self._is_pausing = False
        app.desktop.host.happened.connect(self._note)

    def _note(self, event: Event) -> None:
        is_change = isinstance(event, TaskEvent) and event.state in _CHANGES
        if is_change and self._changed_at is None and self._before:
            self._changed_at = event.time.timestamp()

    def look(self) -> None:
        self.timer.setInterval(10)
        drawing = self.app.tray.drawing
        if self.app.desktop.host.role is not Role.STREAMING or not self.app.desktop.observer.now.tasks:
            return
        if not self._before:
            self._ask(drawing)
        elif drawing != self._before and self._changed_at is not None:
            self.delays.append(time.time() - self._changed_at)
            if len(self.delays) >= self.amount:
                self.end(delays=self.delays)
            else:
                self._ask(drawing)

    def _ask(self, drawing: str) -> None:
        self._before, self._changed_at = drawing, None
        self._is_pausing = not self._is_pausing
        self.app.desktop.host.ask("pause" if self._is_pausing else "resume")


if __name__ == "__main__":
    main()
