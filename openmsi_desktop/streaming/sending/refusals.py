"""Files that may not be read. Mostly they are many, for one cause: one problem tells of all of them.

Belongs to the thread of the FolderProducer.
"""

from __future__ import annotations

import os

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.open_file import NOT_ALLOWED, NotAllowed
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.streaming.sending.teller import Teller


class Refusals:
    """The files of one task that may not be read."""

    def __init__(self, files: OutgoingFiles, teller: Teller) -> None:
        self._files = files
        self._teller = teller
        self._fresh: list[tuple[Outgoing, NotAllowed, float | None]] = []

    def add(self, row: Outgoing, error: NotAllowed, retry_at: float | None) -> None:
        """This one, too. row: as it was before."""
        self._fresh.append((row, error, retry_at))

    def tell(self) -> None:
        """One of them has the problem, for as long as it may not be read; it says how many others there are."""
        fresh, self._fresh = self._fresh, []
        if not fresh:
            return
        first = self._first(fresh[0][0])
        for row, error, _ in fresh:
            if row.path != first.path and row.tries == 0:
                self._teller.file(row.path, row.local, FileState.PROBLEM, reason=error.title)
        others = self._files.count(FileState.PROBLEM, ending=NOT_ALLOWED) - 1
        more = f" So it is with {others} more file{'s' if others > 1 else ''} of this folder." if others > 0 else ""
        _, error, retry_at = fresh[0]
        title = os.path.basename(first.local) + NOT_ALLOWED
        told = NeedsYou(title, error.advice + more, path=first.local)
        self._teller.problem(first.path, first.local, told, retry_at=retry_at)

    def _first(self, otherwise: Outgoing) -> Outgoing:
        """The file whose problem is told already."""
        told = [p.path for p in self._files.journal.problems(self._files.task) if p.title.endswith(NOT_ALLOWED)]
        for row in self._files.known(told).values():
            if row.state is FileState.PROBLEM and row.reason.endswith(NOT_ALLOWED):
                return row
        return otherwise
