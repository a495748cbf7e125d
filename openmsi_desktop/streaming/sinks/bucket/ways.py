"""What one store turned out to be able to do, found out as files go. Any thread."""

from __future__ import annotations

import logging
import threading

from openmsi_desktop.streaming.sinks.bucket.checksums import Algorithm, ladder

log = logging.getLogger(__name__)


class Ways:
    """algorithm: of the checksums that are sent; None: MD5. conditions: whether requests with a condition are heeded; None: not
    known yet, so that one has to look first."""

    def __init__(self, checksum: str) -> None:
        """checksum: that setting of the bucket.

        Raises:
            SettingsError: this computer cannot compute it.
        """
        self._ladder: tuple[Algorithm | None, ...] = (*ladder(checksum), None)
        self._guard = threading.Lock()
        self.conditions: bool | None = None
        self.proving = threading.Lock()
        """Held by whoever finds out about conditions."""

    @property
    def algorithm(self) -> Algorithm | None:
        return self._ladder[0]

    def step(self, tried: Algorithm | None) -> bool:
        """The store does not know this one; False if there is no other."""
        with self._guard:
            if tried is None:
                return False
            if self._ladder[0] is tried:
                self._ladder = self._ladder[1:]
                log.info("the store gives no checksum %s; next is %s", tried.value, self._ladder[0] or "MD5")
            return True
