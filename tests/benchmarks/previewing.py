"""The preview of a folder before it is sent: from the last key press to the first rows, and to the end."""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.report import Goal, Row
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.gui.preview.preview import MakeRules, Preview, Progress

_FILES = 100_000


def preview(bench: Bench) -> Row:
    """A preview of 100,000 files: first rows and end, when it is opened and after a change of the patterns."""
    folder = bench.small_files(_FILES, size=10, folders=200)
    looks, changes = [], []
    for _ in range(bench.options.rounds):
        asker = _Asker(folder)
        looks.append(asker.ask(lambda: Rules(["*.dat"], ["*copy*"])))
        changes.append(asker.ask(lambda: Rules(["*.dat", "*.tif", "*.csv"], ["*copy*", "old/**"])))
        asker.preview.close()
    opened, changed = (tuple(map(statistics.median, zip(*times, strict=True))) for times in (looks, changes))
    row = Row(
        f"preview of {_FILES:,} files",
        {
            "ours": f"opened: first rows after {1000 * opened[0]:.0f} ms, all after {opened[1]:.2f} s; patterns changed: "
            f"{1000 * changed[0]:.0f} ms, {changed[1]:.2f} s"
        },
    )
    row.goals.append(Goal("to the first rows", max(opened[0], changed[0]), 0.3, unit=" s", is_limit=True))
    row.goals.append(Goal("to the end after a change", changed[1], 2.0, unit=" s", is_limit=True))
    return row


class _Asker:
    """Asks, and takes the times of the answers."""

    def __init__(self, folder: Path) -> None:
        self.preview = Preview(self._hear)
        self.preview.look(folder)
        self._times: list[float] = []
        self._ended = threading.Event()

    def ask(self, rules: MakeRules) -> tuple[float, float]:
        """(seconds to the first rows, to the last)."""
        self._times, begun = [], time.perf_counter()
        self._ended.clear()
        self.preview.ask(rules)
        self._ended.wait(120)
        return self._times[0] - begun, self._times[-1] - begun

    def _hear(self, progress: Progress) -> None:
        self._times.append(time.perf_counter())
        if progress.batch is not None and progress.batch.is_last:
            assert progress.batch.counts.all == _FILES
            self._ended.set()
