"""Uploads under way: of files that still arrive, and of those that wait for another attempt."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.sinks import ArrivingFile
from openmsi_desktop.streaming.sinks.bucket.multipart import PART_BYTES, Means, Upload, abort

log = logging.getLogger(__name__)

_AT_ONCE = 2
"""Files that are uploaded while they arrive."""
_STALE_S = 60.0
"""One that has not grown for so long leaves its turn to another."""
_YOUNG_S = 600.0


class Arriving:
    """Any thread."""

    def __init__(self, means: Means, make: Callable[[ArrivingFile], Upload | None], *, worth_bytes: int) -> None:
        """make: an upload that is not begun yet, on a thread that may wait; None: not this file. worth_bytes: files that may be
        smaller are left alone."""
        self._means = means
        self._make = make
        self._worth = worth_bytes
        self._guard = threading.Lock()  # protects all below
        self._uploads: dict[Path, Upload | None] = {}
        self._ready: dict[Path, int] = {}
        """Of files whose upload is being made."""
        self._live: set[Upload] = set()

    def arriving(self, file: ArrivingFile, ready: int) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.StreamingSink`."""
        if file.at_most <= self._worth or ready < PART_BYTES:
            return
        with self._guard:
            if file.path not in self._uploads:
                if self._active() >= _AT_ONCE:
                    return
                self._uploads[file.path] = None
                self._ready[file.path] = ready
                if not self._means.workers.submit(lambda: self._start(file)):
                    del self._uploads[file.path], self._ready[file.path]
                return
            upload = self._uploads[file.path]
            if file.path in self._ready:
                self._ready[file.path] = ready
        if upload is not None:
            upload.grow(ready)

    def abandoned(self, path: Path) -> None:
        """See :class:`~openmsi_desktop.streaming.sinks.StreamingSink`."""
        if (upload := self.take(path)) is not None:
            upload.abandon()
            self.forget(upload)

    def take(self, path: Path) -> Upload | None:
        """What was begun of a spool file; it is the caller's from now on."""
        with self._guard:
            self._ready.pop(path, None)
            upload = self._uploads.pop(path, None)
            if upload is not None:
                self._live.add(upload)
            return upload

    def keep(self, path: Path, upload: Upload) -> None:
        """For the next attempt, if there is one: until then nobody works on it, and what the journal says of its file counts."""
        with self._guard:
            self._uploads[path] = upload
            self._live.discard(upload)

    def remember(self, upload: Upload) -> None:
        """Somebody works on it: it is no orphan."""
        with self._guard:
            self._live.add(upload)

    def forget(self, upload: Upload) -> None:
        """Nobody works on it any more."""
        with self._guard:
            self._live.discard(upload)

    def sweep(self, *, before: int) -> None:
        """Abort uploads of ours that nobody will complete. before: rows up to this number are of an earlier process."""
        now = self._means.now()
        for row in self._means.records.all():
            with self._guard:
                is_live = row.id in {upload.row.id for upload in self._live}
            if is_live or (row.id > before and now - row.began_at < _YOUNG_S):
                continue
            if row.upload_id and self._means.records.is_needed(row):
                continue
            with self._guard:
                self._uploads = {
                    at: kept for at, kept in self._uploads.items() if kept is None or kept.row.id != row.id
                }
            try:
                abort(self._means, row)
            except OpenMSIError as error:
                log.warning("an upload to %s cannot be aborted yet: %s", row.key, error)

    def _active(self) -> int:
        now = self._means.monotonic()
        return len(self._ready) + sum(
            upload is not None and not upload.is_over and now - upload.grew_at < _STALE_S
            for upload in self._uploads.values()
        )

    def _start(self, file: ArrivingFile) -> None:
        """A job: find out whether it is worth it."""
        upload: Upload | None = None
        try:
            upload = self._make(file)
        except OpenMSIError as error:
            log.info("%s is uploaded when it is complete: %s", file.relative_path, error)
        with self._guard:
            ready = self._ready.pop(file.path, None)
            if upload is None or ready is None:  # not worth it, or it is complete or abandoned already
                return
            self._uploads[file.path] = upload
            self._live.add(upload)
        upload.grow(ready)
