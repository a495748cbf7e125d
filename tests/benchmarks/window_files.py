"""The window over a journal of a million files: until rows are there, scrolling, searching, and how long it stops for."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import Bench, clear
from benchmarks.journals import fill
from benchmarks.report import Goal, Row
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting

_KEY = "watch:bench"
_LOOKED_FOR = ("scan 0999123", "run 0500/", "nowhere to be found")
_PLACES = (500_000, 999_990, 3, 750_000, 250_000)


def files_page(bench: Bench) -> Row:
    """The page Files with 1,000,000 files: first rows, rows anywhere, a search through all of them."""
    data = bench.folder_for("data")
    rows = _fill(data)
    opened, everything, jumps, searches, stops = [], [], [], [], []
    for _ in range(min(3, bench.options.rounds)):
        looked = _Looked(data, rows)
        try:
            opened.append(looked.until_rows())
            everything.append(looked.until_all())
            jumps += [looked.jump(row) for row in _PLACES]
            searches += [looked.search(text) for text in _LOOKED_FOR]
            stops.append(looked.longest)
        finally:
            looked.close()
        print(
            f"    rows {opened[-1]:.2f} s, all {everything[-1]:.2f} s, searches {[round(s, 2) for s in searches[-3:]]}"
        )
    clear(data)
    row = Row(
        f"the page Files of a task with {rows:,} files",
        {
            "ours": f"rows after {1000 * statistics.median(opened):.0f} ms, the whole list after "
            f"{statistics.median(everything):.1f} s; {1000 * max(jumps):.0f} ms at most until rows anywhere are read; "
            f"{1000 * statistics.median(searches):.0f} ms for a search through all"
        },
    )
    row.goals.append(Goal("until rows are there", statistics.median(opened), 1.0, unit=" s", is_limit=True))
    row.goals.append(Goal("for a search", statistics.median(searches), 0.2, unit=" s", is_limit=True))
    row.goals.append(Goal("processor time the window stops for at most", max(stops), 0.05, unit=" s", is_limit=True))
    return row


def _fill(data: Path) -> int:
    journal = Journal(data / "journal.db")
    journal.set_task(_KEY, kind="watch", name="bench", state=TaskState.RUNNING)
    files = OutgoingFiles(journal, _KEY, "bench")
    files.record([Sighting("first.dat", "/data/first.dat", FileState.SENT, "", Fingerprint(8_400_000, 1, 1, "1"))])
    journal.execute("UPDATE outgoing SET sent_at = updated_at, sent_sha512 = ?, sent_version = 1", os.urandom(64))
    journal.close()
    fill(data)
    journal = Journal(data / "journal.db")
    (count,) = journal.query("SELECT count(*) FROM outgoing")[0]
    journal.checkpoint()
    journal.close()
    return int(count)


class _Looked:
    """A page on no screen."""

    def __init__(self, data: Path, rows: int) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6.QtCore import QObject
        from PySide6.QtWidgets import QApplication, QWidget

        from openmsi_desktop.gui.app import make_desktop
        from openmsi_desktop.gui.snapshot import TaskNow
        from openmsi_desktop.gui.window.files import FilesPage
        from openmsi_desktop.places import find_places

        existing = QApplication.instance()
        self._application = existing if isinstance(existing, QApplication) else QApplication([])
        self._root = QObject()
        places = find_places(settings=data / "settings.toml", data=data, environment={})
        self._desktop = make_desktop(self._application, places, self._root)
        self._window = QWidget()
        self._window.resize(760, 560)
        self._page = FilesPage(self._desktop, self._window)
        self._page.resize(self._window.size())
        self.longest = 0.0
        """Seconds of processor time of the longest thing that happened on the thread of the window."""
        counts = {FileState.SENT: rows}
        self._task = TaskNow(key=_KEY, name="bench", kind="watch", state=TaskState.RUNNING, counts=counts)

    def until_rows(self) -> float:
        self._window.show()
        begun = time.perf_counter()
        self._page.show_task(self._task)
        model = self._page.model
        self._until(lambda: model.rowCount() > 0 and model.row(model.index(0, 0)) is not None)
        return time.perf_counter() - begun

    def until_all(self) -> float:
        return self._until(lambda: self._page.model.is_complete)

    def jump(self, row: int) -> float:
        model = self._page.model
        self._page.table.scrollTo(model.index(row, 0))
        return self._until(lambda: model.row(model.index(row, 0)) is not None)

    def search(self, text: str) -> float:
        self._page.look_for(text)
        return self._until(lambda: self._page.model.is_complete)

    def close(self) -> None:
        self._window.close()
        self._desktop.background.end()
        self._desktop.observer.stop()

    def _until(self, is_over: Callable[[], bool]) -> float:
        begun = time.perf_counter()
        while not is_over():
            before = time.thread_time()
            self._application.processEvents()
            self.longest = max(self.longest, time.thread_time() - before)
            time.sleep(0.001)
        return time.perf_counter() - begun
