"""The journal's rows of our uploads, for the threads that upload: a connection of its own, one thread at a time."""

from __future__ import annotations

import threading

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.uploads import UploadRow, Uploads


class Records:
    """Rows of one sink. Any thread; each call may raise what the journal raises (RetryableError, NeedsYou)."""

    def __init__(self, journal: Journal, task: str, sink: str) -> None:
        """journal: of nobody else; closed by close()."""
        self._journal = journal
        self._rows = Uploads(journal)
        self._task = task
        self._sink = sink
        self._using = threading.Lock()

    def begin(self, row: UploadRow) -> int:
        """See :meth:`Uploads.begin`."""
        with self._using:
            return self._rows.begin(row)

    def learn(self, row: UploadRow) -> None:
        """Its id at the store is known."""
        with self._using:
            self._rows.learn(row.id, row.upload_id)

    def end(self, row: UploadRow) -> None:
        """There is no such upload any more."""
        with self._using:
            self._rows.end(row.id)

    def all(self) -> list[UploadRow]:
        """Those of this sink."""
        with self._using:
            return self._rows.of_sink(self._task, self._sink)

    def of(self, topic: str, path: str) -> list[UploadRow]:
        """Those of one file."""
        with self._using:
            return self._rows.of_file(self._task, self._sink, topic, path)

    def last(self) -> int:
        """Number of the newest row, 0 if there is none."""
        return max((row.id for row in self.all()), default=0)

    def ids(self, key: str) -> set[str]:
        """What the store calls those to one key, of whatever task."""
        with self._using:
            return {row.upload_id for row in self._rows.all() if row.key == key and row.upload_id}

    def is_needed(self, row: UploadRow) -> bool:
        """See :meth:`Uploads.is_needed`."""
        with self._using:
            return self._rows.is_needed(row)

    def close(self) -> None:
        """After the last call."""
        with self._using:
            self._journal.close()
