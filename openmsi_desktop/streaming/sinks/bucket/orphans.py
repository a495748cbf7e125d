"""Unfinished uploads of tasks and sinks that are no longer in the settings: nobody else would abort them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.uploads import UploadRow, Uploads
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.connections import SecretOf

log = logging.getLogger(__name__)

_EVERY_S = 600.0
_OLD_S = 2400.0
"""A task that was left out for once, for a single command, may come back until then and go on."""

Owner = tuple[str, str]
"""Key of a task, name of its sink."""


class Orphans:
    """look() belongs to one thread, end() to another."""

    def __init__(
        self,
        open_journal: Callable[[], Journal],
        secret_of: SecretOf,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_journal = open_journal
        self._secret_of = secret_of
        self._now = now
        self._monotonic = monotonic
        self._look_at = float("-inf")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self, journal: Journal, owners: Collection[Owner], buckets: Sequence[Bucket]) -> None:
        """Abort in the background what belongs to none of the owners. Cheap: call it often."""
        is_busy = self._thread is not None and self._thread.is_alive()
        if is_busy or self._stop.is_set() or self._monotonic() < self._look_at:
            return
        self._look_at = self._monotonic() + _EVERY_S
        rows = Uploads(journal)
        found = [row for row in rows.all() if (row.task, row.sink) not in owners]
        found = [row for row in found if self._now() - row.began_at > _OLD_S or not rows.is_needed(row)]
        if found:
            self._thread = threading.Thread(
                target=self._abort_all, args=[found, list(buckets)], name="orphaned uploads", daemon=True
            )
            self._thread.start()

    def end(self, timeout_s: float) -> None:
        """Begin nothing more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _abort_all(self, rows: Sequence[UploadRow], buckets: Sequence[Bucket]) -> None:
        try:
            with closing(self._open_journal()) as journal:
                for row in rows:
                    if not self._stop.is_set():
                        self._abort(Uploads(journal), row, buckets)
        except Exception:  # the top of a thread
            log.exception("unfinished uploads of removed tasks stay for now")

    def _abort(self, rows: Uploads, row: UploadRow, buckets: Sequence[Bucket]) -> None:
        from openmsi_desktop.streaming.sinks.bucket.client import connect
        from openmsi_desktop.streaming.sinks.bucket.multipart import abort_at
        from openmsi_desktop.streaming.sinks.bucket.store import Store

        place = (row.endpoint, row.bucket)
        described = next((b for b in buckets if (b.endpoint_url, b.bucket) == place), None)
        if described is None:
            log.warning("the bucket %s is no longer known: an upload to %s stays unfinished there", row.bucket, row.key)
            rows.end(row.id)
            return
        try:
            secret = self._secret_of(described.credential) if described.credential else None
            with closing(connect(described, secret, notes=rows.journal, jobs=1)) as client:
                known = {other.upload_id for other in rows.all() if other.key == row.key and other.upload_id}
                abort_at(Store(client), row, known)
            rows.end(row.id)
        except OpenMSIError as error:
            log.warning("an upload to %s cannot be aborted yet: %s", row.key, error)
