"""Sub-folders that are finished as a whole: each folder directly in the root is one unit, whatever lies below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from openmsi_desktop.streaming.watching.alarms import Alarms
from openmsi_desktop.streaming.watching.settling_companions import Companions
from openmsi_desktop.streaming.watching.settling_files import LOOK_AGAIN_S, Quiet, SettledBy, WaitingFile, duration


@dataclass(slots=True)
class _Unit:
    since: float
    changed: float
    members: dict[str, WaitingFile] = field(default_factory=dict)
    lacks: str = ""


class Units:
    """The units of one task. Their alarms are the folder's name with a slash at its end. Used by one thread."""

    def __init__(
        self,
        quiet: Quiet,
        alarms: Alarms,
        companions: Companions,
        *,
        confirm: Callable[[WaitingFile, float], bool],
        settled: Callable[[WaitingFile, SettledBy], None],
    ) -> None:
        """confirm: looks at a file again, False if nothing can be seen of it. settled: takes a finished file."""
        self._quiet = quiet
        self._alarms = alarms
        self._companions = companions
        self._confirm = confirm
        self._settled = settled
        self._units: dict[str, _Unit] = {}

    def join(self, file: WaitingFile, now: float) -> None:
        """A file of a unit is there, or has changed."""
        relative = file.seen.relative
        folder = top(relative)
        unit = self._units.get(folder)
        if unit is None:
            unit = self._units[folder] = _Unit(since=now, changed=now)
        if relative not in unit.members or file.changed > unit.changed:
            unit.members[relative] = file
            unit.changed = now
            unit.lacks = ""
        self._alarms.set(f"{folder}/", self._quiet_at(unit))

    def touch(self, relative: str, now: float) -> None:
        """Something else happened in the folder of a unit."""
        unit = self._units.get(top(relative))
        if unit:
            unit.changed = now

    def leave(self, relative: str, now: float) -> None:
        """A file does not belong to its unit any more."""
        self.touch(relative, now)
        unit = self._units.get(top(relative))
        if unit:
            unit.members.pop(relative, None)

    def reason(self, relative: str, now: float) -> str:
        """Why a file waits with its unit; empty if it does not."""
        unit = self._units.get(top(relative))
        if unit is None:
            return ""
        since = duration(now - unit.changed)
        return unit.lacks or f"its folder {top(relative)} is still being written (last change {since} ago)"

    def look_at(self, folder: str, now: float) -> None:
        """The alarm of a unit."""
        unit = self._units.get(folder)
        if unit is None:
            return
        if not unit.members:
            del self._units[folder]
            return
        is_over = self._quiet.has_waited_enough(unit.since, now)
        if not is_over and now < self._quiet_at(unit):
            self._alarms.set(f"{folder}/", self._quiet_at(unit))
            return
        members = [unit.members[name] for name in sorted(unit.members)]
        before = [file.seen for file in members]
        hidden = [file for file in members if not self._confirm(file, now)]
        if is_over:
            self._release(folder, [file for file in members if not file.is_hidden], SettledBy.MAX_WAIT)
            for file in hidden:
                self.join(file, now)
        elif hidden or any(file.seen is not seen for file, seen in zip(members, before, strict=True)):
            unit.changed = now
            self._alarms.set(f"{folder}/", max(self._quiet_at(unit), now + LOOK_AGAIN_S))
        else:
            self._release_if_complete(folder, unit, members, now)

    def _release_if_complete(self, folder: str, unit: _Unit, members: list[WaitingFile], now: float) -> None:
        unit.lacks = self._companions.lacking(f"{folder}/", folder, max(file.seen.mtime_ns for file in members))
        if unit.lacks:
            self._alarms.set(f"{folder}/", self._quiet.at_most(unit.since, now + self._companions.patience_s))
        else:
            self._release(folder, members, SettledBy.QUIET)

    def _release(self, folder: str, members: list[WaitingFile], by: SettledBy) -> None:
        self._companions.forget(f"{folder}/")
        del self._units[folder]
        for file in members:
            self._settled(file, by)

    def _quiet_at(self, unit: _Unit) -> float:
        quiet_s = max((self._quiet.of(file.seen.size) for file in unit.members.values()), default=0.0)
        return self._quiet.at_most(unit.since, unit.changed + quiet_s)


def top(relative: str) -> str:
    """The sub-folder of the root that a file lies in; empty for a file directly in the root."""
    return relative.partition("/")[0] if "/" in relative else ""
