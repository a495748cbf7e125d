"""What one store turned out to be able to do, found out as files go. Any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.sinks.bucket.abilities import FOLDER
from openmsi_desktop.streaming.sinks.bucket.checksums import Algorithm, digest, ladder
from openmsi_desktop.streaming.sinks.bucket.errors import PreconditionFailed
from openmsi_desktop.streaming.sinks.bucket.store import Store

log = logging.getLogger(__name__)

IF_NEW: Mapping[str, str] = {"IfNoneMatch": "*"}
"""The condition that nothing has the key."""


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
        self._proving = threading.Lock()  # held by whoever finds out about conditions

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

    def learn(self, put_again: Callable[[], object]) -> None:
        """Find out whether conditions are heeded. put_again: stores, if nothing is there, what has just been stored. At worst that
        is stored twice."""
        if self.conditions is not None or not self._proving.acquire(blocking=False):
            return
        try:
            put_again()
            self.conditions = False
            log.info("the store heeds no conditions: it is asked before each file")
        except PreconditionFailed:
            self.conditions = True
        except OpenMSIError as error:
            log.info("whether the store heeds conditions is not known yet: %s", error)
        finally:
            self._proving.release()

    def prove(self, store: Store) -> None:
        """The same with an object that is there for nothing else; it is taken away again, if we may."""
        if self.conditions is not None:
            return
        own = digest(_PROBE, self.algorithm)
        store.put(PROBE_KEY, _PROBE, own, {}, condition={})
        self.learn(lambda: store.put(PROBE_KEY, _PROBE, own, {}, condition=IF_NEW))
        try:
            store.delete(PROBE_KEY)
        except OpenMSIError as error:
            log.info("%s stays in the bucket: %s", PROBE_KEY, error)


PROBE_KEY = f"{FOLDER}/probe"
_PROBE = b"Put here to find out what this store can do. It may be deleted.\n"
