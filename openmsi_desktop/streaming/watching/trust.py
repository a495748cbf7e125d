"""How far the operating system's events are trusted, and therefore how often a folder is looked through. Has no thread.

Scans alone would find everything; events only make it quick. They have proved themselves when a scan finds that
something had been announced and nothing had been missed.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import replace
from enum import Flag, auto
from typing import Protocol

from openmsi_desktop.streaming.watching.mounts import Mount
from openmsi_desktop.streaming.watching.sightings import Health

logger = logging.getLogger(__name__)

RESCAN_S = 600.0
"""Seconds between scans where events have proved themselves."""
POLL_S = 30.0
"""Seconds between scans where they have not, or do not exist."""
_DEATHS = 3


class Change(Flag):
    """What an event said about a path."""

    CHANGED = auto()
    CLOSED = auto()
    FOLDER = auto()


class Notifier(Protocol):
    """The operating system's events about one folder; they go to callables it was made with."""

    def watch(self, relative: str, *, anew: bool) -> None:
        """A scan is about to list this folder. Where every folder needs a watch of its own, it gets one.

        anew: another disk lies there than before, a watch it had is worth nothing.
        """

    def trouble(self) -> str:
        """Why not everything is announced, for people; empty as long as all is well."""

    def is_alive(self) -> bool:
        """Events still arrive."""

    def stop(self) -> None:
        """No more events."""


class Trust:
    """Owns the notifier of one watcher. Used by one thread; :attr:`health` may be read by any.

    interval_s: seconds until the next scan.
    """

    def __init__(
        self,
        root: str,
        make: Callable[[], Notifier] | None,
        *,
        rescan_s: float,
        poll_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        """make raises OSError where there are no events; None: do without."""
        self._root = root
        self._make = make
        self._rescan_s = rescan_s
        self._poll_s = poll_s
        self._monotonic = monotonic
        self._again_at = monotonic()
        self._notifier: Notifier | None = None
        self._deaths = 0
        self.interval_s = poll_s
        self.health = Health("polling", "not started yet")

    @property
    def has_events(self) -> bool:
        """Changes are announced, as far as is known."""
        return self.health.mode == "events"

    def start(self, mount: Mount | None) -> None:
        """Begin to listen, now that the root is there."""
        self.stop()
        self.interval_s = self._poll_s
        self._again_at = self._monotonic() + self._rescan_s
        if self._make is None:
            self._be("polling", "the folder is looked through regularly, without waiting for events, as asked for")
        elif mount is not None and mount.is_network:
            self._be("polling", f"a network share ({mount.kind}) does not announce what other computers change")
        elif self._deaths >= _DEATHS:
            self._deaths = 0
            self._be("polling", "events stopped coming several times")
        else:
            try:
                self._notifier = self._make()
            except OSError as error:
                self._be("polling", _why_none(error))
            else:
                self._be("events", "")

    def stop(self) -> None:
        """No more events."""
        if self._notifier:
            self._notifier.stop()
            self._notifier = None

    def watch(self, folder: str, *, anew: bool) -> None:
        """A scan is about to list this folder. anew: as for Notifier."""
        if self._notifier:
            self._notifier.watch(folder, anew=anew)

    def check(self, mount: Mount | None) -> bool:
        """Repair what can be repaired; True: something may have been missed, so a scan is due."""
        if self._notifier and not self._notifier.is_alive():
            self._deaths += 1
            logger.warning("%s: events stopped coming; listening again", self._root)
            self.start(mount)
            return True
        if self.has_events or self._make is None or self._monotonic() < self._again_at:
            return False
        self.start(mount)
        return self._notifier is not None

    def lost(self) -> None:
        """More happened at once than the system keeps."""
        self.interval_s = self._poll_s
        if self.has_events:
            self._be("events", "more happened at once than the system announces: looking through the folder")

    def announced(self, count: int) -> None:
        """That many events were handled."""
        self.health = replace(self.health, events=self.health.events + count)

    def judge(self, *, missed: int, announced: int, counted: bool) -> None:
        """After a scan. announced: changes that events told of since the last one; counted: missed ones were counted."""
        trouble = self._notifier.trouble() if self._notifier else ""
        if trouble:
            self._be("polling", trouble)
        if not self.has_events:
            self.interval_s = self._poll_s
        elif missed:
            self.interval_s = self._poll_s
            self._be("events", f"{missed} changes had not been announced: looking through the folder more often")
        elif counted and (announced or self.health.proved):
            self.interval_s = self._rescan_s
            self._be("events", "", proved=True)
        elif counted:
            # nothing happened, nothing is proved; a quiet folder need not be looked through all the time
            self.interval_s = min(self._rescan_s, 2 * self.interval_s)
            self._be("events", "")

    def _be(self, mode: str, why: str, *, proved: bool = False) -> None:
        if why and why != self.health.why:
            logger.info("%s: %s", self._root, why)
        self.health = replace(self.health, mode=mode, why=why, proved=proved)


def _why_none(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "this computer's limit of watched folders is reached (fs.inotify.max_user_watches)"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "this computer's limit of watching programs is reached (fs.inotify.max_user_instances)"
    return f"the system does not announce changes here ({error.strerror})"
