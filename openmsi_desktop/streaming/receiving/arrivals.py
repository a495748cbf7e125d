"""Tells sinks of big files whose chunks still arrive, so that they can begin before the last one is there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from openmsi_desktop.core.part import Part
from openmsi_desktop.streaming.sinks import ArrivingFile, StreamingSink

log = logging.getLogger(__name__)

WORTH_BYTES = 16 << 20
"""Files that are certainly smaller are not worth it."""


class Arrivals:
    """Who was told of which spool file. note() belongs to the reader's thread, the others to any."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._sinks: dict[str, tuple[StreamingSink, Callable[[], float]]] = {}
        self._silent: set[str] = set()
        """Sinks that are told no more, because they cannot bear it."""
        self._guard = threading.Lock()  # protects _told
        self._told: dict[str, set[str]] = {}
        """Spool file -> names of the sinks that were told of it, and neither got it nor were told that nothing comes of it."""

    def add(self, sink: StreamingSink, held_for: Callable[[], float]) -> None:
        """From now on this sink is told, except while held_for says that it does not work. Before the first file."""
        self._sinks[sink.name] = (sink, held_for)

    def note(self, part: Part, ready: int) -> None:
        """The first ``ready`` bytes of this part have been written."""
        at_most = part.chunk_size * part.total
        if not self._sinks or at_most < WORTH_BYTES or part.is_being_read_again:
            return  # of one that is read again, some sinks have the whole file
        file = ArrivingFile(
            path=self._spool / part.spool,
            relative_path=part.path,
            topic=part.topic,
            sha512=part.sha512,
            at_most=at_most,
            size=part.known_size(),
            modified=part.mtime,
            installation=part.installation,
            version=part.version,
        )
        for name, (sink, held_for) in self._sinks.items():
            if name in self._silent or held_for():
                continue
            with self._guard:
                self._told.setdefault(part.spool, set()).add(name)
            try:
                sink.arriving(file, ready)
            except Exception:  # a plug-in may raise anything; it gets the complete file in any case
                log.exception("the sink %s cannot begin with %s", name, part.path)
                self._silent.add(name)

    def handed(self, name: str, sink: str) -> None:
        """This sink gets the complete file now."""
        with self._guard:
            self._told.get(name, set()).discard(sink)

    def gone(self, name: str) -> None:
        """Nothing more comes of this spool file: those that do not have the complete file are told."""
        with self._guard:
            told = self._told.pop(name, None)
        for sink in told or ():
            try:
                self._sinks[sink][0].abandoned(self._spool / name)
            except Exception:  # a plug-in may raise anything
                log.exception("the sink %s cannot give up %s", sink, name)
