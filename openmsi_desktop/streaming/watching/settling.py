"""When is a file finished? Quiet time, marker, partner, whole folder, growing. Pure: clocks and disk are injected.

A file is finished when size, times and file number have not changed for the quiet time, measured with the monotonic
clock and confirmed by one more look at its end: a missed event or a wrong clock can delay a file, never tear it. That a
program closed the file is told to people but shortens nothing: many instruments close and reopen a file between two
writes. Nothing here says that a file vanished: what cannot be seen waits until the watcher tells what became of it.
"""

from __future__ import annotations

import os
import stat as stat_bits
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.streaming.watching.alarms import Alarms
from openmsi_desktop.streaming.watching.settling_companions import Companions
from openmsi_desktop.streaming.watching.settling_files import Quiet, SettledBy, SettleSettings, WaitingFile, duration
from openmsi_desktop.streaming.watching.settling_units import Units, top
from openmsi_desktop.streaming.watching.sightings import Seen

__all__ = ["Settled", "SettledBy", "Settling"]

_HIDDEN_S = 5.0
_SNAPSHOTS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that is to be sent now. prefix: only this many bytes from its beginning (growth is then no change)."""

    seen: Seen
    by: SettledBy
    prefix: int | None = None


class Settling:
    """The files of one task that are not finished yet. Used by one thread."""

    def __init__(
        self,
        settle: SettleSettings,
        *,
        stat: Callable[[str], os.stat_result | None],
        is_network: bool = False,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """stat: of a path below the root, links followed; None if nothing can be seen of it."""
        self._settle = settle
        self._stat = stat
        self._monotonic = monotonic
        self._quiet = Quiet(settle, is_network=is_network, now=now)
        self._files: dict[str, WaitingFile] = {}
        self._alarms = Alarms()
        self._companions = Companions(settle.marker, settle.partner, stat)
        self._units = Units(self._quiet, self._alarms, self._companions, confirm=self._confirm, settled=self._settled)
        self._snapshots: OrderedDict[str, tuple[float, Fingerprint]] = OrderedDict()
        self._ready: list[Settled] = []

    @property
    def is_network(self) -> bool:
        """The quiet time is at least 15 s. May be set later, when the root turns out to be a share."""
        return self._quiet.is_network

    @is_network.setter
    def is_network(self, value: bool) -> None:
        self._quiet.is_network = value

    # -- what happens

    def observe(self, seen: Seen) -> None:
        """A file was seen that has to be sent once it is finished. Known and unchanged files are not to be given."""
        now, relative = self._monotonic(), seen.relative
        file = self._files.get(relative)
        if file is None:
            is_sure = self._quiet.was_over(seen) and not self._is_in_unit(relative)
            file = self._files[relative] = WaitingFile(seen, since=now, changed=now, is_sure=is_sure)
        elif file.seen.fingerprint != seen.fingerprint:
            file.change(seen, now)
        file.is_closed = file.is_closed or seen.closed
        file.is_hidden = False
        self._set_alarm(relative, file, now)
        self._wake_those_who_lack(relative, now)

    def noticed(self, relative: str) -> None:
        """A file that is not sent itself appeared or changed: it may be the marker of others."""
        now = self._monotonic()
        self._wake_those_who_lack(relative, now)
        self._units.touch(relative, now)

    def forget(self, relative: str) -> None:
        """The file vanished, or somebody else takes care of it."""
        if relative in self._files:
            self._drop(relative)
            self._units.leave(relative, self._monotonic())

    # -- what is finished

    def due(self, limit: int = 1000) -> list[Settled]:
        """Files that are finished now, up to ``limit``; they are forgotten here."""
        now = self._monotonic()
        while len(self._ready) < limit and (name := self._alarms.pop(now)) is not None:
            if name.endswith("/"):
                self._units.look_at(name[:-1], now)
            else:
                self._look_at(name, self._files[name], now)
        out, self._ready = self._ready[:limit], self._ready[limit:]
        return out

    def next_due(self) -> float | None:
        """When :meth:`due` should be called next (clock of ``monotonic``); None: nothing waits."""
        return self._monotonic() if self._ready else self._alarms.next

    # -- what waits

    def __len__(self) -> int:
        """How many files wait."""
        return len(self._files) + len(self._ready)

    def waiting(self) -> Iterator[tuple[str, str]]:
        """(relative, reason for people) of every waiting file."""
        for relative, file in self._files.items():
            yield relative, self._reason(relative, file)

    def reason(self, relative: str) -> str | None:
        """The same for one file; None if it does not wait."""
        file = self._files.get(relative)
        return self._reason(relative, file) if file else None

    def _reason(self, relative: str, file: WaitingFile) -> str:
        now = self._monotonic()
        if file.is_hidden:
            return "it cannot be looked at just now"
        with_others = file.lacks or self._units.reason(relative, now)
        if with_others:
            return with_others
        if file.is_sure:
            return "it is finished and waits for its turn"
        if self._settle.unit == "growing":
            return f"it grows: what is there is sent every {duration(self._settle.every_s)}"
        ago = duration(now - file.changed)
        if file.seen.size == 0:
            return f"it is still empty (last change {ago} ago)"
        if file.is_closed:
            return f"closed by its program, has to stay unchanged for {duration(self._quiet.of(file.seen.size))}"
        return f"still being written (last change {ago} ago)"

    # -- one file

    def _look_at(self, relative: str, file: WaitingFile, now: float) -> None:
        """Its alarm. Ends with the file settled, dropped, or with a new alarm."""
        if not self._confirm(file, now):
            self._alarms.set(relative, now + max(_HIDDEN_S, self._quiet.of(file.seen.size)))
        elif self._settle.unit == "growing" and not file.is_sure:
            self._look_at_growing(relative, file, now)
        elif self._quiet.has_waited_enough(file.since, now):
            self._settled(file, SettledBy.MAX_WAIT)
        elif not file.is_sure and now < file.changed + self._quiet.of(file.seen.size):
            self._set_alarm(relative, file, now)
        else:
            file.lacks = self._companions.lacking(relative, relative, file.seen.mtime_ns)
            if file.lacks:
                file.is_sure = False
                self._alarms.set(relative, self._quiet.at_most(file.since, now + self._companions.patience_s))
            else:
                self._settled(file, SettledBy.QUIET)

    def _look_at_growing(self, relative: str, file: WaitingFile, now: float) -> None:
        f = file.seen.fingerprint
        last = self._snapshots[relative][1] if relative in self._snapshots else None
        if f == last:
            self._drop(relative)
        elif f.size and (last is None or (last.size, last.file_id) != (f.size, f.file_id)):
            self._snapshots[relative] = (now, f)
            self._snapshots.move_to_end(relative)
            if len(self._snapshots) > _SNAPSHOTS_KEPT:
                self._snapshots.popitem(last=False)
            self._settled(file, SettledBy.SNAPSHOT)
        elif now >= file.changed + self._quiet.of(f.size):
            self._settled(file, SettledBy.QUIET)  # it stayed empty, or was written over without growing
        else:
            self._alarms.set(relative, file.changed + self._quiet.of(f.size))

    def _set_alarm(self, relative: str, file: WaitingFile, now: float) -> None:
        """When to look at it next, now that something has become known of it."""
        if self._is_in_unit(relative):
            self._units.join(file, now)
        elif file.is_sure:
            self._alarms.set(relative, now)
        elif self._settle.unit == "growing":
            last = self._snapshots.get(relative)
            self._alarms.set(relative, (last[0] if last else file.since) + self._settle.every_s)
        else:
            due = file.changed + self._quiet.of(file.seen.size)
            self._alarms.set(relative, self._quiet.at_most(file.since, due))

    def _is_in_unit(self, relative: str) -> bool:
        return self._settle.unit == "folder" and top(relative) != ""

    def _confirm(self, file: WaitingFile, now: float) -> bool:
        """One more look; False if nothing can be seen of it. A difference is a change that happened now."""
        if file.is_sure:
            return True
        old = file.seen
        stat = self._stat(old.relative)
        file.is_hidden = stat is None or not stat_bits.S_ISREG(stat.st_mode)
        if stat is None or file.is_hidden:
            return False
        f = Fingerprint.of(stat)
        if f != old.fingerprint:
            file.change(Seen(old.relative, old.local, f.size, f.mtime_ns, f.ctime_ns, f.file_id), now)
        return True

    def _settled(self, file: WaitingFile, by: SettledBy) -> None:
        self._drop(file.seen.relative)
        self._ready.append(Settled(file.seen, by, None if by is SettledBy.QUIET else file.seen.size))

    def _drop(self, relative: str) -> None:
        del self._files[relative]
        self._alarms.drop(relative)
        self._companions.forget(relative)

    def _wake_those_who_lack(self, companion: str, now: float) -> None:
        for name in self._companions.waiting_for(companion):
            self._alarms.set(name, now)
