"""The nine states: which one wins, what it says, where it leads, and that green is only shown when it is true."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from gui import made_up

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.gui.snapshot import HealthLine, Moving, Snapshot, TaskNow
from openmsi_desktop.gui.status import TOOLTIP, Overall, status_of

NOW = made_up.NOW


# -- each state, its words, and the page that shows the reason (G3)

TABLE = [
    ("needs-you", Overall.NEEDS_YOU, "2 file(s) need your attention", "problems"),
    ("needs-you-task", Overall.NEEDS_YOU, "SPHINX exports: User name or password refused", "overview"),
    ("failed", Overall.NEEDS_YOU, "SPHINX exports: The data folder lies inside the watched folder", "overview"),
    ("stopped", Overall.STOPPED, "Not running – nothing is being sent", "stopped"),
    ("offline", Overall.OFFLINE, "Offline since 09:12 – 214 file(s) waiting, safe on this computer", "overview"),
    ("warning", Overall.WARNING, "SPHINX exports: 180 MB free", "overview"),
    ("waiting", Overall.WARNING, "SPHINX exports: The folder is not there", "overview"),
    ("paused", Overall.PAUSED, "Paused", "overview"),
    ("sending", Overall.SENDING, "Sending 3 of 41 · 12.3 MB/s", "overview"),
    ("checking", Overall.CHECKING, "Checking what arrived", "overview"),
]


@pytest.mark.parametrize(("name", "overall", "line", "page"), TABLE, ids=[row[0] for row in TABLE])
def test_every_state_says_why_and_leads_there(name: str, overall: Overall, line: str, page: str) -> None:
    snapshot = made_up.states()[name]
    status = status_of(snapshot)
    assert status.overall is overall
    assert status.line.replace("files", "file(s)").startswith(line)
    assert status.page == page
    if page != "stopped":
        assert status.task == snapshot.tasks[0].key, "the first task is the reason, and the second is fine"


def test_green_and_starting_lead_to_the_window() -> None:
    states = made_up.states()
    done, starting = status_of(states["up-to-date"]), status_of(states["starting"])
    assert (done.overall, done.task, done.line) == (Overall.UP_TO_DATE, "", "Everything sent – last file 13:58")
    assert (starting.overall, starting.line) == (Overall.STARTING, "Starting…")
    assert done.tooltip == "Everything sent – last file 13:58\nToday: 424 sent · 418 checked · 408 arrived"


def test_starting_lasts_30_seconds_at_most() -> None:
    late = replace(made_up.states()["starting"], is_late=True)
    assert status_of(late).overall is Overall.STOPPED
    scanning = made_up.task(state=TaskState.STARTING, is_late=True, health=())
    assert status_of(made_up.snapshot(scanning)).line == "Looking for new files…"


def test_the_worst_state_wins() -> None:
    order = [
        made_up.states()[name].tasks[0]
        for name in ("needs-you", "offline", "warning", "sending", "checking", "up-to-date")
    ]
    for i in range(len(order) - 1):
        rest = order[i:]
        random.Random(i).shuffle(rest)
        assert status_of(made_up.snapshot(*rest)).overall is status_of(made_up.snapshot(order[i])).overall


def test_everything_is_not_said_while_one_is_paused() -> None:
    off = made_up.task("Camera 2", is_paused=True, state=TaskState.STOPPED, health=())
    status = status_of(made_up.snapshot(made_up.task(), made_up.task("b"), made_up.task("c"), made_up.task("d"), off))
    assert status.overall is Overall.UP_TO_DATE
    assert status.line == "Up to date – last file 13:58 (1 of 5 paused)"
    assert "verything" not in status.tooltip


def test_words_fit_what_is_done_with_files() -> None:
    stored, processed = made_up.task("Backup", "transfer"), made_up.task("Peaks", "process")
    details = status_of(made_up.snapshot(made_up.task(), stored, processed)).details
    assert details.endswith("204 arrived · 31 stored · 31 processed"), details
    waiting = [replace(task, pending=2) for task in (stored, processed, made_up.task("Copies", "download"))]
    lines = [status_of(made_up.snapshot(task)).line.replace("files", "file(s)") for task in waiting]
    assert lines == [
        "2 file(s) waiting to be stored",
        "2 file(s) waiting to be processed",
        "2 file(s) are being received",
    ]
    assert status_of(made_up.snapshot(*waiting)).line.replace("files", "file(s)") == "6 file(s) waiting"
    moving = (Moving("a.dat", FileState.RECEIVING, size=5),)
    receives = replace(stored, pending=1, batch=(0, 1), moving=moving)
    assert status_of(made_up.snapshot(receives)).line == "Receiving 1 of 1"
    both = status_of(made_up.snapshot(made_up.busy_task(), receives)).line
    assert both.startswith("Working on 3 of 42"), both


def test_the_tooltip_is_never_longer_than_windows_shows() -> None:
    long = made_up.task("A name that somebody gave to this task and that is longer than most " * 3)
    bad = replace(long, state=TaskState.FAILED, title="Something with a long title has happened here " * 4)
    off = made_up.task("Camera 2", is_paused=True, state=TaskState.STOPPED)
    many = {state: 1_000_000 for state in FileState}
    for tasks in ([bad], [bad, off], [replace(bad, today=many), off]):
        status = status_of(made_up.snapshot(*tasks))
        assert len(status.tooltip) <= TOOLTIP
        assert "Today:" in status.tooltip
        assert "(1 of 2 paused)" in status.tooltip or len(tasks) == 1


# -- green only when it is true (G1): against a rule that is written down anew here


@dataclass
class Model:
    """What really goes on with a task, as events change it."""

    kind: str = "watch"
    is_paused: bool = False
    state: TaskState = TaskState.RUNNING
    needs_you: bool = False
    contact_at: float | None = NOW
    lines: dict[str, bool | None] = field(
        default_factory=lambda: {"watching": True, "rescan": True, "broker": True, "disk": True}
    )
    files: Counter[FileState] = field(default_factory=Counter)
    problems: int = 0
    checking: int = 0

    def seen(self, number: int, now: float) -> TaskNow:
        pending = sum(self.files[s] for s in _PENDING)
        is_silent = self.contact_at is None or now - self.contact_at > 60
        names = list(self.lines) if self.kind == "watch" else ["broker"]
        lines = {**self.lines, "broker": None if self.contact_at is None else not is_silent}
        return TaskNow(
            key=f"{self.kind}:{number}",
            name=f"task {number}",
            kind=self.kind,
            is_paused=self.is_paused,
            state=TaskState.STOPPED if self.is_paused else self.state,
            needs_you=self.needs_you and self.state is TaskState.WAITING,
            title="why",
            counts=dict(self.files),
            pending=pending,
            moving=(Moving("a", FileState.SENDING, "", 1, 0.5),) if self.files[FileState.SENDING] else (),
            batch=(1, 1 + pending),
            problems=(_PROBLEM,) if self.problems else (),
            problem_count=self.problems,
            checking=self.checking,
            contact_at=self.contact_at,
            last_file=_LAST,
            is_offline=self.state is TaskState.WAITING and not self.needs_you and is_silent,
            health=tuple(HealthLine(n, lines[n], n) for n in names) if self.kind != "one-off" else (),
        )


_PENDING = (
    FileState.FOUND,
    FileState.WAITING,
    FileState.SENDING,
    FileState.CHANGED,
    FileState.RECEIVING,
    FileState.RECEIVED,
)
_PROBLEM, _LAST = made_up.problem(), made_up.last_file(NOW)
_OTHERS = (
    FileState.SENT,
    FileState.CHECKED,
    FileState.IGNORED,
    FileState.HELD,
    FileState.PROBLEM,
    FileState.INCOMPLETE,
)


def event(chance: random.Random, tasks: list[Model], now: float) -> float:
    """Let something happen; returns the new time."""
    task = chance.choice(tasks)
    what = chance.random()
    if what < 0.25:
        state = chance.choice((*_PENDING, *_OTHERS))
        task.files[state] = max(0, task.files[state] + chance.choice((1, 1, -1, -1, -1, -5)))
    elif what < 0.35:
        task.files = Counter({FileState.SENT: chance.randrange(1000)})
    elif what < 0.45:
        task.state = chance.choice((*TaskState, TaskState.RUNNING, TaskState.RUNNING, TaskState.RUNNING))
        task.needs_you = chance.random() < 0.3
    elif what < 0.55:
        task.is_paused = not task.is_paused and chance.random() < 0.4
    elif what < 0.65:
        task.problems = chance.choice((0, 0, 0, 1, 3))
    elif what < 0.75:
        task.lines[chance.choice(list(task.lines))] = chance.choice((True, True, False, None))
    elif what < 0.8:
        task.lines = dict.fromkeys(task.lines, True)
    elif what < 0.9:
        task.contact_at = chance.choice((now, now, now, None))
    elif what < 0.95:
        task.checking = chance.choice((0, 0, 2))
    else:
        now += chance.choice((1, 10, 59, 61, 500))
    return now


def may_be_green(tasks: list[Model], now: float, role: str) -> bool:
    """The rule of the design in its own words: all enabled tasks run, the broker answered a minute ago at most, the last
    look at the folder was in time, nothing is pending, nothing failed, the watcher is well."""
    if role not in ("streaming", "attached"):
        return False
    enabled = [t for t in tasks if not t.is_paused]
    if not [t for t in enabled if t.kind != "one-off"] and len(enabled) < len(tasks):
        return False  # all that would go on is paused; files sent by hand are done with
    for task in tasks:
        if any(task.files[s] > 0 for s in (*_PENDING, FileState.HELD, FileState.PROBLEM)) or task.problems > 0:
            return False
    for task in enabled:
        if task.files[FileState.INCOMPLETE] > 0 or task.checking:
            return False
        if task.kind == "one-off":
            if task.state in (TaskState.FAILED, TaskState.WAITING):
                return False
            continue
        if task.state is not TaskState.RUNNING or task.contact_at is None or now - task.contact_at > 60:
            return False
        if task.kind == "watch" and not all(task.lines[n] is True for n in ("watching", "rescan", "disk")):
            return False
    return True


def test_green_is_never_shown_when_it_is_not_true() -> None:
    """10,000 random sequences of events, looked at after each event."""
    seeds = random.Random(20261121)
    seen: Counter[Overall] = Counter()
    for _ in range(10_000):
        chance = random.Random(seeds.random())
        tasks = [
            Model(kind=chance.choice(("watch", "watch", "download", "one-off"))) for _ in range(chance.randint(1, 3))
        ]
        role, now = chance.choice(("streaming", "streaming", "streaming", "attached", "starting", "stopped")), NOW
        for _ in range(chance.randint(1, 5)):
            now = event(chance, tasks, now)
            shown = Snapshot(at=now, role=role, tasks=tuple(t.seen(i, now) for i, t in enumerate(tasks)))
            status = status_of(shown)
            seen[status.overall] += 1
            is_green = status.overall is Overall.UP_TO_DATE
            assert not is_green or may_be_green(tasks, now, role), (status, tasks)
            assert is_green or not may_be_green(tasks, now, role), (status, tasks)
            assert len(status.tooltip) <= TOOLTIP and status.line
            if any(t.is_paused for t in tasks if t.kind != "one-off"):
                assert not (is_green and "verything" in status.line), status
    assert set(seen) == set(Overall), f"not every state came up: {seen}"
    assert seen[Overall.UP_TO_DATE] > 1000, "green must come up often enough to be wrong"
