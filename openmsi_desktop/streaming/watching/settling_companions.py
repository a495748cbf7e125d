"""Who waits for which marker or partner. The disk is injected."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable

from openmsi_desktop.core.companions import companion, matcher

_PATIENCE_S = 5.0
_PATIENCE_AT_MOST_S = 60.0
_LOOKS_PER_S = 1000


class Companions:
    """Markers and partners of the files (or folders, with a slash at the end of their name) that wait.

    False if neither is asked for. Used by one thread.
    """

    def __init__(self, marker: str, partner: str, stat: Callable[[str], os.stat_result | None]) -> None:
        self._marker = marker
        self._partner = partner
        self._is_partner = matcher(partner) if partner else None
        self._stat = stat
        self._by_companion: dict[str, set[str]] = {}
        self._by_name: dict[str, tuple[str, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._marker or self._partner)

    @property
    def patience_s(self) -> float:
        """Seconds until the next look, should nobody tell that the companion has appeared."""
        return min(_PATIENCE_AT_MOST_S, max(_PATIENCE_S, len(self._by_name) / _LOOKS_PER_S))

    def lacking(self, name: str, relative: str, mtime_ns: int) -> str:
        """What is missing, as a reason for people, or empty. ``name`` waits for it from now on, or no longer.

        relative: the file, or the folder that is one unit (its marker lies in it or beside it). A marker that is older
        than the file (mtime_ns) says nothing about it.
        """
        self.forget(name)
        if not self:
            return ""
        is_folder = name.endswith("/")
        lacks = ""
        places: tuple[str, ...] = ()
        if self._marker:
            places = self._places(self._marker, relative, is_folder=is_folder)
            lacks = self._lacking_marker(places, mtime_ns, is_folder=is_folder)
        if not lacks and self._partner and not (self._is_partner and self._is_partner.search(relative)):
            places = self._places(self._partner, relative, is_folder=is_folder)
            if all(self._stat(place) is None for place in places):
                lacks = f"waits for its partner {posixpath.basename(places[0])}"
        if lacks:
            self._by_name[name] = places
            for place in places:
                self._by_companion.setdefault(place, set()).add(name)
        return lacks

    def waiting_for(self, relative: str) -> Iterable[str]:
        """The names that lacked this companion."""
        return tuple(self._by_companion.get(relative, ()))

    def forget(self, name: str) -> None:
        """It does not wait any more."""
        for place in self._by_name.pop(name, ()):
            waiting = self._by_companion[place]
            waiting.discard(name)
            if not waiting:
                del self._by_companion[place]

    def _lacking_marker(self, places: tuple[str, ...], mtime_ns: int, *, is_folder: bool) -> str:
        stats = [stat for stat in map(self._stat, places) if stat is not None]
        if any(stat.st_mtime_ns >= mtime_ns for stat in stats):
            return ""
        name = posixpath.basename(places[0])
        if stats:
            return f"its marker {name} is older than {'a file of its folder' if is_folder else 'the file'}"
        return f"waits for its marker {name}"

    def _places(self, pattern: str, relative: str, *, is_folder: bool) -> tuple[str, ...]:
        beside = companion(pattern, relative)
        return (companion(pattern, f"{relative}/{relative}"), beside) if is_folder else (beside,)
