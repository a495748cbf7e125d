"""One scan of a watched folder against what was known of it. Says what differs, and what the events had missed.

A file counts as vanished only when its folder was listed without it, the disk is the one from before, a look at the
file itself finds nothing, and the watched folder is still there after that.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from openmsi_desktop.core.rules import Rules, in_spool
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.watching.scan import (
    Kind,
    in_words,
    join,
    local_of,
    look_at,
    look_at_entry,
    names_below,
    place_of,
    seen,
    stat_of_file,
)
from openmsi_desktop.streaming.watching.sightings import Ignored, Sighting, Unreadable, Vanished
from openmsi_desktop.streaming.watching.snapshot import NAME_ONLY, Snapshot, state_of

BATCH = 256
_FRESH_S = 3.0
"""A change younger than this may have an event that is still under way."""


class Stopped(Exception):
    """The program stops."""


@dataclass(slots=True)
class Tally:
    """Counts of one scan. missed: changes that no event had announced."""

    files: int = 0
    ignored: int = 0
    missed: int = 0
    is_complete: bool = True


class Watch(Protocol):
    """As Notifier.watch."""

    def __call__(self, folder: str, *, anew: bool) -> None: ...


class Comparison:
    """One scan, of everything or of a folder and what is below it. Used once, by one thread."""

    def __init__(
        self,
        root: str,
        rules: Rules,
        snapshot: Snapshot,
        *,
        emit: Callable[[list[Sighting]], None],
        breathe: Callable[[], None],
        watch: Watch,
        demand_root: Callable[[], None],
        is_announced: Callable[[str], bool],
        now: Callable[[], float],
        is_full: bool,
        at_start: bool,
        counts_missed: bool,
    ) -> None:
        """emit may block, and with breathe may raise Stopped; breathe is called every few hundred files; watch is called
        before a folder is listed; demand_root raises RootGone; is_announced: an event about this path waits to be
        handled. is_full: report every file. counts_missed: events should have told what is found here."""
        self._root = root
        self._rules = rules
        self._snapshot = snapshot
        self._emit = emit
        self._breathe = breathe
        self._watch = watch
        self._demand_root = demand_root
        self._is_announced = is_announced
        self._now = now
        self._is_full = is_full
        self._at_start = at_start
        self._counts_missed = counts_missed
        self._batch: list[Sighting] = []
        self._looked = 0
        self._stack: list[str] = []
        self._visited: set[str] = set()
        self._other_disk: list[str] = []
        self.tally = Tally()

    def run(self, top: str = "") -> Tally:
        """Scan.

        Raises:
            RootGone: nothing more can be said; what was not reached counts as neither there nor vanished.
            Stopped: from emit or breathe.
            OSError: the watched folder itself cannot be listed.
        """
        known = set(self._snapshot.below(top))
        self._stack.append(top)
        while self._stack:
            folder = self._stack.pop()
            self._visited.add(folder)
            self._scan_folder(folder)
        for folder in sorted(known - self._visited):
            self._folder_vanished(folder)
        self._flush()
        return self.tally

    def _scan_folder(self, folder: str) -> None:
        local = local_of(self._root, folder)
        try:
            stat = os.stat(reachable(local))
            is_other_disk = self._snapshot.is_other_device(folder, stat.st_dev)
            self._watch(folder, anew=is_other_disk)
            entries = os.scandir(reachable(local))
        except OSError as error:
            self._not_listed(folder, local, error)
            return
        if is_other_disk:
            self._other_disk.append(folder)
        files = self._snapshot.folder(folder)
        present: set[str] = set()
        newest: list[tuple[int, str]] = []
        with entries:
            try:
                for entry in entries:
                    present.add(entry.name)
                    self._entry(folder, entry, files, newest)
            except OSError as error:  # the disk went away while it was being listed
                self._not_listed(folder, local, error)
                return
        for name in [n for n in files if n not in present]:
            self._maybe_vanished(folder, name, files, changed_at=stat.st_mtime)
        self._snapshot.pack(folder)
        self._stack.extend(relative for _, relative in sorted(newest))

    def _entry(
        self, folder: str, entry: os.DirEntry[str], files: dict[str, int], newest: list[tuple[int, str]]
    ) -> None:
        self._looked += 1
        if self._looked % BATCH == 0:
            self._flush()
            self._breathe()
        relative = join(folder, entry.name)
        stat = stat_of_file(entry)
        if stat is not None:
            self._file(relative, entry, stat, files, is_link=False)
            return
        found = look_at_entry(entry)
        if found.kind is Kind.FILE and found.stat is not None:
            self._file(relative, entry, found.stat, files, is_link=found.is_link)
        elif found.kind is Kind.FOLDER and found.stat is not None:
            entering = self._rules.enters(relative)
            if entering.taken:
                newest.append((found.stat.st_mtime_ns, relative))
            elif not in_spool(relative):
                self._visited.add(relative)
                self._name_only(relative, place_of(entry), entering.rule)
        elif found.kind is Kind.OTHER:
            self.tally.ignored += 1
            if self._is_full or files.get(entry.name) != NAME_ONLY:
                self._say(Ignored(relative, place_of(entry), found.why))
            files[entry.name] = NAME_ONLY
        elif found.kind is Kind.UNREADABLE:
            self.tally.is_complete = False
            self._say(Unreadable(relative, place_of(entry), found.why))

    def _file(
        self, relative: str, entry: os.DirEntry[str], stat: os.stat_result, files: dict[str, int], *, is_link: bool
    ) -> None:
        self.tally.files += 1
        state, before = state_of(stat), files.get(entry.name)
        if state == before and not self._is_full:
            return
        files[entry.name] = state
        if state != before and not is_link:
            self._count_missed(relative, max(stat.st_mtime, stat.st_ctime))
        decision = self._rules.decide(relative, size=stat.st_size, mtime=stat.st_mtime)
        if decision.taken:
            self._say(seen(relative, place_of(entry), stat, at_start=self._at_start))
        else:
            self.tally.ignored += 1
            self._say(Ignored(relative, place_of(entry), decision.rule, stat.st_size))

    def _name_only(self, folder: str, local: str, rule: str) -> None:
        """Names directly in a folder that is not entered, so that nothing is left out silently."""
        files = self._snapshot.folder(folder)
        present: set[str] = set()
        for name, path in names_below(local):
            present.add(name)
            if self._is_full or files.get(name) != NAME_ONLY:
                files[name] = NAME_ONLY
                self._say(Ignored(join(folder, name), path, rule))
        self.tally.ignored += len(present)
        for name in [n for n in files if n not in present]:
            del files[name]
        self._snapshot.pack(folder)

    def _not_listed(self, folder: str, local: str, error: OSError) -> None:
        if not folder:
            raise error
        self._demand_root()
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            self._visited.discard(folder)  # it vanished since its own folder was listed
            return
        self.tally.is_complete = False
        self._visited.update(self._snapshot.below(folder))
        self._say(Unreadable(folder, local, in_words(error), is_folder=True))

    def _folder_vanished(self, folder: str) -> None:
        """A folder that was known and not met again."""
        kind = look_at(local_of(self._root, folder)).kind
        if kind is Kind.UNREADABLE:
            return
        self._demand_root()
        is_gone = kind is not Kind.FOLDER and not any(folder.startswith(f"{other}/") for other in self._other_disk)
        for relative in self._snapshot.drop(folder):
            if is_gone:
                self._count_missed(relative, None)
                self._say(Vanished(relative, local_of(self._root, relative)))

    def _maybe_vanished(self, folder: str, name: str, files: dict[str, int], *, changed_at: float) -> None:
        relative = join(folder, name)
        local = local_of(self._root, relative)
        if look_at(local).kind in (Kind.UNREADABLE, Kind.FILE, Kind.OTHER):
            return
        self._demand_root()
        del files[name]
        # what vanishes with a disk is not deleted
        if folder not in self._other_disk:
            self._count_missed(relative, changed_at)
            self._say(Vanished(relative, local))

    def _count_missed(self, relative: str, changed_at: float | None) -> None:
        if not self._counts_missed or self._is_announced(relative):
            return
        if changed_at is None or abs(self._now() - changed_at) > _FRESH_S:
            self.tally.missed += 1

    def _say(self, sighting: Sighting) -> None:
        self._batch.append(sighting)
        if len(self._batch) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            batch, self._batch = self._batch, []
            self._emit(batch)
