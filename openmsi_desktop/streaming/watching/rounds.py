"""What a watcher does, one step at a time: look for the root, handle events, scan when it is time. Has no thread."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from openmsi_desktop.core.rules import LOGS, Rules, in_spool
from openmsi_desktop.streaming.watching.comparison import BATCH, Comparison, Tally
from openmsi_desktop.streaming.watching.mounts import Mount, mount_of
from openmsi_desktop.streaming.watching.root import RootGone, RootGuard
from openmsi_desktop.streaming.watching.scan import Kind, Registries, local_of, look_at, seen
from openmsi_desktop.streaming.watching.sightings import (
    Health,
    HealthChanged,
    Ignored,
    RootBack,
    RootFound,
    ScanDone,
    Sighting,
    Unreadable,
    Vanished,
)
from openmsi_desktop.streaming.watching.snapshot import NAME_ONLY, Snapshot, state_of
from openmsi_desktop.streaming.watching.trust import POLL_S, RESCAN_S, Change, Notifier, Trust

LOOK_S = 5.0
"""Seconds between two looks at the root and at the health of the events."""
_AFTER_LOSS_S = 1.0
_GRACE_S = 15.0
"""Seconds that a scan may be late before that is worth a word."""
_SUBTREES = 50
"""More new folders than this at once are left to a scan of everything."""
_REMEMBERED = 10_000


class Rounds:
    """The work of a watcher. Used by one thread; :attr:`health` may be read by any."""

    def __init__(
        self,
        root: str,
        rules: Rules,
        *,
        notifier: Callable[[], Notifier] | None,
        emit: Callable[[list[Sighting]], None],
        changes: Callable[[], Mapping[str, Change] | None],
        is_pending: Callable[[str], bool],
        identity: str | None = None,
        expected: Iterable[str] = (),
        rescan_s: float = RESCAN_S,
        poll_s: float = POLL_S,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """notifier makes one, raising OSError where there are no events; None: poll. emit may block, or raise Stopped.
        changes: takes what was announced since the last call, None if something was lost. is_pending: an event about
        this path waits."""
        self._root = root
        self._rules = rules
        self._emit = emit
        self._changes = changes
        self._is_pending = is_pending
        self._rescan_s = rescan_s
        self._now = now
        self._monotonic = monotonic
        self._guard = RootGuard(root, identity=identity)
        self._trust = Trust(root, notifier, rescan_s=rescan_s, poll_s=poll_s, monotonic=monotonic)
        self._told = self._trust.health
        self._device: int | None = None
        self._snapshot = Snapshot()
        for relative in expected:
            self._snapshot.put(relative, NAME_ONLY)
        self._registries = Registries(root)
        if rules.registries is None:
            rules.registries = self._registries
        self._mount: Mount | None = mount_of(root)
        self._look_at = self._scan_at = monotonic()
        self._is_full = True
        self._lost_events = False
        self._announced = 0
        self._new_folders: set[str] = set()
        self._ignored: dict[str, str] = {}

    @property
    def health(self) -> Health:
        """How the watching goes."""
        return self._trust.health

    @property
    def is_network(self) -> bool:
        """The root lies on a network share."""
        return self._mount is not None and self._mount.is_network

    def scan_soon(self, *, everything: bool = False) -> None:
        """The next step scans."""
        self._scan_at = self._monotonic()
        self._is_full = self._is_full or everything

    def accept_root(self) -> None:
        """Whatever folder is there now is the right one; what is known of the other one is forgotten."""
        self._guard.accept()
        self._snapshot.clear()
        self._look_at = self._monotonic()

    def step(self) -> float:
        """Do what is due; returns the seconds until something else is (an event may come earlier).

        Raises:
            Stopped: from emit.
        """
        try:
            if self._monotonic() >= self._look_at:
                self._look()
            if self._guard.is_there:
                self._handle_changes()
                if self._monotonic() >= self._scan_at:
                    self._scan_everything()
                elif self._new_folders:
                    self._scan_new_folders()
        except RootGone:
            self._look()
        due = min(self._look_at, self._scan_at) if self._guard.is_there else self._look_at
        return max(0.0, due - self._monotonic())

    def close(self) -> None:
        """Stop the events."""
        self._trust.stop()

    def _look(self) -> None:
        self._look_at = self._monotonic() + LOOK_S
        news = self._guard.look(is_untouched=len(self._snapshot) == 0)
        if isinstance(news, RootFound | RootBack):
            self._emit([news])
            self._note_device()
            self._mount = mount_of(self._root)
            self._trust.start(self._mount)
            self.scan_soon(everything=True)
        elif news is not None:
            self._leave(news)
        elif self._guard.is_there and self._trust.check(self._mount):
            self.scan_soon()
        self._trust.health = replace(self._trust.health, free=self._free())
        self._tell_health()

    def _free(self) -> int | None:
        """Bytes free on the disk of the root; None while it is not there."""
        try:
            return shutil.disk_usage(self._root).free if self._guard.is_there else None
        except OSError:
            return None

    def _note_device(self) -> None:
        before, self._device = self._device, self._guard.device
        if before is not None and self._device is not None:
            self._snapshot.rename_device(before, self._device)

    def _leave(self, news: Sighting) -> None:
        self._trust.stop()
        self._new_folders.clear()
        self._emit([news])

    def _tell_health(self) -> None:
        health, told = self._trust.health, self._told
        if (health.mode, health.why) != (told.mode, told.why):
            self._told = health
            self._emit([HealthChanged(health)])

    # -- events

    def _handle_changes(self) -> None:
        changes = self._changes()
        if changes is None:
            self._trust.lost()
            self._lost_events = True
            self._scan_at = min(self._scan_at, self._monotonic() + _AFTER_LOSS_S)
            return
        if not changes:
            return
        self._trust.announced(len(changes))
        sightings: list[Sighting] = []
        gone: list[str] = []
        for relative, change in changes.items():
            if not relative:
                self._look_at = self._monotonic()
            elif not in_spool(relative):
                self._handle(relative, change, sightings, gone)
        if gone:
            self._guard.demand()
            for relative in gone:
                self._say_vanished(relative, sightings)
        self._announced += len(sightings)
        for start in range(0, len(sightings), BATCH):
            self._emit(sightings[start : start + BATCH])

    def _handle(self, relative: str, change: Change, sightings: list[Sighting], gone: list[str]) -> None:
        local = local_of(self._root, relative)
        found = look_at(local)
        if found.kind is Kind.GONE:
            gone.append(relative)
        elif found.kind is Kind.FOLDER:
            if Change.FOLDER in change:
                self._new_folders.add(relative)
        elif found.kind is Kind.UNREADABLE:
            sightings.append(Unreadable(relative, local, found.why))
        elif found.kind is Kind.OTHER or found.stat is None:
            self._snapshot.put(relative, NAME_ONLY)
            self._say_ignored(Ignored(relative, local, found.why), sightings)
        else:
            stat, state = found.stat, state_of(found.stat)
            if f"{LOGS}/" in relative:
                self._registries.clear()
            is_same = self._snapshot.state(relative) == state
            self._snapshot.put(relative, state)
            decision = self._rules.decide(relative, size=stat.st_size, mtime=stat.st_mtime)
            if not decision.taken:
                self._say_ignored(Ignored(relative, local, decision.rule, stat.st_size), sightings)
            elif Change.CLOSED in change or not is_same:
                self._ignored.pop(relative, None)
                sightings.append(seen(relative, local, stat, by_event=True, closed=Change.CLOSED in change))

    def _say_ignored(self, ignored: Ignored, sightings: list[Sighting]) -> None:
        """Once, however often a temporary file changes."""
        if self._ignored.get(ignored.relative) != ignored.rule:
            if len(self._ignored) >= _REMEMBERED:
                self._ignored.clear()
            self._ignored[ignored.relative] = ignored.rule
            sightings.append(ignored)

    def _say_vanished(self, relative: str, sightings: list[Sighting]) -> None:
        names = [relative] if self._snapshot.remove(relative) else []
        if self._snapshot.has_folder(relative):
            for folder in self._snapshot.below(relative):
                names.extend(self._snapshot.drop(folder))
        for name in names:
            self._ignored.pop(name, None)
            sightings.append(Vanished(name, local_of(self._root, name), by_event=True))

    # -- scans

    def _scan_new_folders(self) -> None:
        folders, self._new_folders = self._new_folders, set()
        if len(folders) > _SUBTREES:
            self.scan_soon()
            return
        for folder in sorted(folders):
            if not any(folder.startswith(f"{other}/") for other in folders) and self._is_entered(folder):
                self._comparison(is_full=False, at_start=False, counts_missed=False).run(folder)

    def _is_entered(self, folder: str) -> bool:
        parts = folder.split("/")
        return all(self._rules.enters("/".join(parts[: n + 1])).taken for n in range(len(parts)))

    def _scan_everything(self) -> None:
        is_full = self._is_full
        # after a loss that was noticed, what is found now is no surprise
        counts_missed = self._trust.has_events and not is_full and not self._lost_events
        self._registries.clear()
        self._lost_events = False
        start = self._monotonic()
        self._scan_at = start + self._trust.interval_s  # whatever ends this scan, the next one does not follow at once
        try:
            tally = self._comparison(
                is_full=is_full, at_start=self.health.scans == 0, counts_missed=counts_missed
            ).run()
        except OSError as error:
            news = self._guard.lose(error)
            if news:
                self._leave(news)
            return
        self._guard.demand()
        self._is_full = False
        self._finish_scan(tally, max(0.0, self._monotonic() - start), is_full=is_full, counted=counts_missed)

    def _finish_scan(self, tally: Tally, seconds: float, *, is_full: bool, counted: bool) -> None:
        trust = self._trust
        trust.health = replace(
            trust.health,
            files=tally.files,
            scans=trust.health.scans + 1,
            missed_by_events=trust.health.missed_by_events + tally.missed,
        )
        announced, self._announced = self._announced, 0
        trust.judge(missed=tally.missed, announced=announced, counted=counted)
        rest_s = self._rest_s(seconds)
        self._scan_at = self._monotonic() + rest_s
        due_s = rest_s + max(_GRACE_S, 2 * seconds)
        trust.health = replace(trust.health, last_scan=self._now(), due_s=due_s, missed=tally.missed)
        number = trust.health.scans
        self._emit([ScanDone(number, is_full, tally.is_complete, tally.files, tally.ignored, seconds, tally.missed)])
        self._tell_health()

    def _rest_s(self, seconds: float) -> float:
        """Until the next scan, after one that took so long: a big folder is not to be looked through all the time."""
        if self._lost_events:
            return _AFTER_LOSS_S + 2 * seconds
        if self._trust.has_events:
            return min(self._rescan_s, max(self._trust.interval_s, 200 * seconds))
        return max(self._trust.interval_s, 2 * seconds)

    def _comparison(self, *, is_full: bool, at_start: bool, counts_missed: bool) -> Comparison:
        return Comparison(
            self._root,
            self._rules,
            self._snapshot,
            emit=self._emit,
            breathe=self._handle_changes,
            watch=self._trust.watch,
            demand_root=self._guard.demand,
            is_announced=self._is_announced,
            now=self._now,
            is_full=is_full,
            at_start=at_start,
            counts_missed=counts_missed,
        )

    def _is_announced(self, relative: str) -> bool:
        while relative:
            if relative in self._new_folders or self._is_pending(relative):
                return True
            relative = relative.rpartition("/")[0]
        return False
