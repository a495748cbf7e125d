"""Journal and settings -> Snapshot. Belongs to the observer's thread.

What is cheap by an index is read at each look; counts over all rows only when something has changed, and then so seldom
that they take a small share of the time, however many rows there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from openmsi_desktop.core import figures, task_health
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal, ProblemRow, TaskRow, for_people
from openmsi_desktop.core.listing import ListedFile, counts_of
from openmsi_desktop.core.task_kinds import READERS
from openmsi_desktop.gui.health import CONTACT_S, lines_of
from openmsi_desktop.gui.host import Host, Role
from openmsi_desktop.gui.kinds import kinds
from openmsi_desktop.gui.progress import Progress
from openmsi_desktop.gui.snapshot import PENDING, Moving, Snapshot, TaskNow
from openmsi_desktop.gui.store import Store
from openmsi_desktop.settings import Settings, WatchedFolder
from openmsi_desktop.settings_file import Item
from openmsi_desktop.streaming.keys import ONE_OFF

_OPEN = (*PENDING, FileState.HELD, FileState.PROBLEM, FileState.INCOMPLETE)
_ALIVE = (TaskState.STARTING, TaskState.RUNNING, TaskState.WAITING, TaskState.STOPPING)
_COST = 30
"""Counting everything may take one part in so many of the time."""
_SHOWN = 5
_PROBLEMS = 500
_CHECK_S = 120.0
_START_S = 30.0


@dataclass(slots=True)
class _Known:
    """What is remembered of a task between two looks. Costs and moments in seconds, on the monotonic clock."""

    stamp: object = None
    at: float = 0.0
    cost: float = 0.0
    counts: dict[FileState, int] = field(default_factory=dict)
    today: dict[FileState, int] = field(default_factory=dict)
    bytes_left: int = 0
    problem_stamp: object = None
    problems: tuple[ProblemRow, ...] = ()
    base: int | None = None
    """Files that were at their end when the present batch began; None between two batches."""
    last_stamp: object = None
    last_file: ListedFile | None = None
    metered: tuple[float, int] | None = None
    """Up to where the journal was metered, while attached."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A task to be shown."""

    key: str
    kind: str
    name: str
    row: TaskRow | None
    item: Item | None = None
    route: tuple[str, ...] = ("", "")


class Looker:
    """Looks into one journal. Not for several threads."""

    def __init__(
        self,
        host: Host,
        store: Store,
        progress: Progress,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._store = store
        self._progress = progress
        self._now = now
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._settings: Settings | None = None
        self._entries: list[_Entry] = []
        self._role_since = (host.role, now())
        self.due: float | None = None
        """When another look is worth it although nothing happens (monotonic clock); None: no need."""

    def look(self, journal: Journal | None) -> Snapshot:
        """Everything now. journal: None as long as there is none.

        Raises:
            RetryableError, NeedsYou: the journal cannot be read now.
        """
        self.due = None
        now, role, error = self._now(), self._host.role, self._host.error
        if role is not self._role_since[0]:
            self._role_since = (role, now)
        rows = {} if journal is None else {row.key: row for row in journal.tasks()}
        tasks = [self._task(journal, entry, role, now) for entry in self._shown(rows, role, now)]
        return Snapshot(
            at=now,
            role=role,
            tasks=tuple(tasks),
            other=self._host.other,
            is_late=role is Role.STARTING and now - self._role_since[1] > _START_S,
            error_title=error.title if error is not None else "",
            error_advice=error.advice if error is not None else "",
        )

    # -- which tasks

    def _shown(self, rows: dict[str, TaskRow], role: Role, now: float) -> Iterator[_Entry]:
        """Those in the settings; files sent by hand; and what another process does besides."""
        settings = self._store.settings
        if settings is not self._settings:
            self._settings = settings
            self._entries = [
                _Entry(key, kind.id, getattr(item, "title", ""), None, item, kind.route(settings, item))
                for kind in kinds()
                for key, item in kind.items(settings)
            ]
        seen = set()
        for entry in self._entries:
            seen.add(entry.key)
            yield _Entry(entry.key, entry.kind, entry.name, rows.get(entry.key), entry.item, entry.route)
        known = {kind.id for kind in kinds()}
        for key, row in rows.items():
            if key in seen or row.kind not in known:
                continue
            is_other = role is Role.ATTACHED and row.state in _ALIVE
            if row.kind == ONE_OFF or is_other:
                yield _Entry(key, row.kind, row.name, row)

    # -- one task

    def _task(self, journal: Journal | None, entry: _Entry, role: Role, now: float) -> TaskNow:
        row, item = entry.row, entry.item
        connection = getattr(item, "connection", "")
        is_off = bool(getattr(item, "paused", False))
        if journal is None or row is None:
            return TaskNow(
                entry.key,
                entry.name,
                entry.kind,
                TaskState.IDLE,
                is_paused=is_off,
                route=entry.route,
                connection=connection,
                is_known=False,
            )
        known = self._known.setdefault(entry.key, _Known())
        state = row.state if role in (Role.STREAMING, Role.ATTACHED) or row.state not in _ALIVE else TaskState.STOPPED
        paused = row.paused_until is not None and row.paused_until > now
        counts = self._count(journal, entry.key, known, now, is_reader=entry.kind in READERS)
        pending = sum(counts.get(s, 0) for s in PENDING)
        health = task_health.read(journal, entry.key)
        is_silent = health.contact_at is None or now - health.contact_at > CONTACT_S
        rate, steady, rates = self._speed(journal, entry, known, role, now)
        done, total = _batch(known, counts, pending)
        is_alive = state in _ALIVE
        lines = lines_of(health, kind=entry.kind, now=now) if is_alive and entry.kind != ONE_OFF else ()
        return TaskNow(
            key=entry.key,
            name=entry.name or row.name,
            kind=entry.kind,
            state=state,
            title=row.title,
            advice=row.advice,
            needs_you=row.needs_you and state is TaskState.WAITING,
            is_paused=paused or (is_off and not is_alive),
            paused_until=row.paused_until if paused and row.paused_until != UNTIL_RESUMED else None,
            counts=counts,
            today=known.today,
            moving=self._moving(journal, entry, state, counts, role) if is_alive else (),
            pending=pending,
            batch=(done, total),
            checking=self._checking(journal, entry, counts, now),
            seconds_left=_seconds_left(known.bytes_left, rate, steady),
            bytes_left=known.bytes_left if pending else 0,
            problem_count=_problems(journal, entry.key, known),
            problems=known.problems,
            last_file=known.last_file,
            rate=rate,
            rates=rates,
            health=lines,
            contact_at=health.contact_at,
            is_offline=state is TaskState.WAITING and not row.needs_you and is_silent,
            is_late=state is TaskState.STARTING and now - row.updated_at > _START_S,
            route=entry.route,
            connection=connection,
        )

    def _count(self, journal: Journal, key: str, known: _Known, now: float, *, is_reader: bool) -> dict[FileState, int]:
        at_once = figures.counts_in(journal, key, _OPEN)
        begin = midnight(now)
        changed = figures.stamp(journal, key)[1 if is_reader else 0]
        stamp = (changed, tuple(at_once.items()), begin)
        if changed != known.last_stamp:
            known.last_stamp, known.last_file = changed, figures.last_done(journal, key)
        monotonic = self._monotonic()
        if stamp != known.stamp:
            due = known.at + known.cost * _COST
            if known.stamp is None or monotonic >= due:
                known.counts = counts_of(journal, key)
                today = figures.today(journal, key, begin, PENDING)
                known.today, known.bytes_left = today.states, today.bytes_left
                known.stamp, known.at = stamp, self._monotonic()
                known.cost = known.at - monotonic
            else:
                self._again_at(due)
        settled = {state: count for state, count in known.counts.items() if state not in _OPEN}
        return settled | at_once

    def _again_at(self, due: float) -> None:
        self.due = due if self.due is None else min(self.due, due)

    def _moving(
        self, journal: Journal, entry: _Entry, state: TaskState, counts: dict[FileState, int], role: Role
    ) -> tuple[Moving, ...]:
        moving: tuple[Moving, ...] = ()
        if role is Role.STREAMING:
            moving = self._progress.moving(entry.row.name if entry.row is not None else entry.name)
        if not moving and (counts.get(FileState.SENDING) or counts.get(FileState.RECEIVING)):
            moving = tuple(_as_moving(f) for f in figures.under_way(journal, entry.key, _SHOWN))
        if state is not TaskState.RUNNING:
            moving = ()  # nothing gets on; what had begun goes on later
        room = _SHOWN - min(len(moving), _SHOWN - 2)
        here = {m.path for m in moving}
        if counts.get(FileState.WAITING) or counts.get(FileState.CHANGED):
            waiting = [
                _as_moving(f) for f in figures.waiting(journal, entry.key, room + len(here)) if f.path not in here
            ]
            return (*moving[: _SHOWN - min(len(waiting), 2)], *waiting[:room])
        return moving

    def _checking(self, journal: Journal, entry: _Entry, counts: dict[FileState, int], now: float) -> int:
        is_checked = isinstance(entry.item, WatchedFolder) and entry.item.check
        if not is_checked or not counts.get(FileState.SENT):
            return 0
        count = figures.unchecked_since(journal, entry.key, now - _CHECK_S)
        if count:
            self._again_at(self._monotonic() + 5.0)
        return count

    def _speed(
        self, journal: Journal, entry: _Entry, known: _Known, role: Role, now: float
    ) -> tuple[float, float, tuple[float, ...]]:
        name = entry.row.name if entry.row is not None else for_people(entry.name)
        if role is Role.ATTACHED:
            received = figures.stamp(journal, entry.key)[1]
            if known.metered is not None:
                self._progress.add(name, figures.bytes_since(journal, entry.key, *known.metered))
            known.metered = (now, received)
        else:
            known.metered = None
        return self._progress.speed(name)


def midnight(now: float) -> float:
    """Seconds since 1970 of the last midnight, local time."""
    return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _problems(journal: Journal, key: str, known: _Known) -> int:
    stamp = figures.problem_stamp(journal, key)
    if stamp != known.problem_stamp:
        known.problem_stamp = stamp
        known.problems = tuple(journal.problems(key)[:_PROBLEMS]) if stamp[0] else ()
    return stamp[0]


def _as_moving(file: figures.UnderWay) -> Moving:
    return Moving(file.path, file.state, file.reason, file.size, file.done, file.changed_at)


def _batch(known: _Known, counts: dict[FileState, int], pending: int) -> tuple[int, int]:
    """How many files of what is going on are at their end, of how many. A batch lasts until nothing is pending."""
    done = sum(count for state, count in counts.items() if state not in _OPEN)
    if not pending:
        known.base = None
        return 0, 0
    if known.base is None or done < known.base:
        known.base = done
    return done - known.base, done - known.base + pending


def _seconds_left(bytes_left: int, rate: float, steady: float) -> float | None:
    """How long it will take; None as long as the speed changes too much to say."""
    if not bytes_left or rate <= 0 or steady <= 0 or abs(rate - steady) > 0.3 * steady:
        return None
    return bytes_left / steady
