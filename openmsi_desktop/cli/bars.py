"""Progress bars on a terminal (rich). Imported only when there is one."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.events import Event, FileEvent, FileState

_MOVING = (FileState.SENDING, FileState.RECEIVING)
_AT_ONCE = 5
_LINES_AT_ONCE = 500
_WORTH_A_BAR = 4
"""Chunks; smaller files are over before a bar can be read."""


class Bars:
    """A bar for each of the first few files on their way. Used under the lock of Output."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            refresh_per_second=8,
        )
        self._lines: list[str] = []
        self._rows: dict[tuple[str, str], TaskID] = {}
        self._progress.start()

    def show(self, event: Event) -> None:
        """Move, add or remove a bar."""
        if not isinstance(event, FileEvent):
            return
        file = (event.task, event.path)
        if event.state in _MOVING and (event.chunks_total or 0) >= _WORTH_A_BAR:
            if file not in self._rows:
                if len(self._rows) >= _AT_ONCE:
                    return
                self._rows[file] = self._progress.add_task(_short(event.path), total=event.chunks_total)
            self._progress.update(self._rows[file], completed=event.chunks_done or 0)
        elif file in self._rows:
            self._progress.remove_task(self._rows.pop(file))

    def print(self, line: str) -> None:
        """A line above the bars. It may wait for :meth:`flush`: every print draws all bars again."""
        self._lines.append(line)
        if len(self._lines) >= _LINES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Show the lines that wait."""
        if self._lines:
            self._console.print("\n".join(self._lines))
            self._lines.clear()

    def close(self) -> None:
        """Take the bars away."""
        self.flush()
        self._progress.stop()


def _short(path: str) -> str:
    path = printable(path)
    return path if len(path) <= 40 else "…" + path[-39:]
