"""What the window knows of a journal: exact where it matters, cheap with very many rows, and quiet when nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileEvent, FileState, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.looking import Looker, midnight
from openmsi_desktop.gui.progress import Meter, Progress
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.settings import Connection, Download, Settings, WatchedFolder
from openmsi_desktop.streaming.keys import task_key

NOW = time.time()


class Clock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Bench:
    """A journal, filled by hand, and a Looker with clocks of its own."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        self.watched = WatchedFolder(name="XRD", path=folder / "in", connection="lab", topic="xrd")
        self.download = Download(name="results", topics=("results",), target=folder / "out", connection="lab")
        desktop.store.settings = Settings(
            connections=(Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}),),
            watched_folders=(self.watched,),
            downloads=(self.download,),
        )
        self.key = task_key(self.watched)
        desktop.host.profile.prepare()
        self.desktop = desktop
        desktop.host.role = Role.STREAMING
        self.journal = desktop.host.profile.open_journal()
        self.journal.set_task(self.key, kind="watch", name="XRD", state=TaskState.RUNNING)
        self.clock, self.now = Clock(), NOW
        self.progress = Progress(self.clock)
        self.looker = Looker(desktop.host, desktop.store, self.progress, now=lambda: self.now, monotonic=self.clock)

    def look(self, after: float = 0.4) -> Snapshot:
        self.clock.at += after
        return self.looker.look(self.journal)

    def task(self, after: float = 0.4) -> TaskNow:
        return self.look(after).tasks[0]

    def add(self, count: int, state: str, *, begin: int = 0, at: float | None = None, size: int = 1000) -> None:
        """Files in a state, with their last news at a moment."""
        add_files(self.journal, self.key, count, state, begin=begin, at=self.now if at is None else at, size=size)

    def change(self, state: str, where: str) -> None:
        with self.journal.transaction() as connection:
            connection.execute(f"UPDATE outgoing SET state = ?, updated_at = ? WHERE {where}", (state, self.now))


def add_files(
    journal: Journal, key: str, count: int, state: str, *, at: float, begin: int = 0, size: int = 1000
) -> None:
    is_sent = state in ("sent", "checked", "arrived")
    rows = (
        (
            key, "xrd", f"run/{i}.tif", f"/data/run/{i}.tif", state, at, at, size, i, i, str(i),
            at if is_sent else None, size if is_sent else None, at if state == "checked" else None,
        )
        for i in range(begin, begin + count)
    )  # fmt: skip
    with journal.transaction() as connection:
        connection.executemany(
            """INSERT INTO outgoing (task, topic, path, local, state, found_at, updated_at, size, mtime_ns, ctime_ns,
            file_id, sent_at, sent_size, checked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            rows,
        )


@pytest.fixture
def bench(desktop: Desktop, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(desktop, tmp_path)
    with closing(made.journal):
        yield made


def test_tasks_stand_in_the_list_before_anything_is_known_of_them(bench: Bench, desktop: Desktop) -> None:
    unread = Looker(desktop.host, desktop.store, bench.progress).look(None)
    assert [(t.name, t.kind, t.is_known) for t in unread.tasks] == [
        ("XRD", "watch", False),
        ("results", "download", False),
    ]
    assert unread.tasks[0].route == (str(bench.watched.path), "xrd") and unread.tasks[0].connection == "lab"
    assert [t.is_known for t in bench.look().tasks] == [True, False]


def test_a_task_that_was_removed_is_not_shown_but_files_sent_by_hand_are(bench: Bench) -> None:
    bench.journal.set_task("watch:old", kind="watch", name="gone", state=TaskState.STOPPED)
    bench.journal.set_task("send:x", kind="one-off", name="send to x", state=TaskState.RUNNING)
    assert [t.name for t in bench.look().tasks] == ["XRD", "results", "send to x"]


def test_figures_of_today(bench: Bench) -> None:
    yesterday = midnight(NOW) - 60
    bench.add(5, "sent", at=yesterday)
    bench.add(3, "sent", begin=10)
    bench.add(2, "checked", begin=20)
    bench.add(4, "waiting", begin=30)
    bench.add(6, "ignored", begin=40)
    task = bench.task()
    assert dict(task.today) == {FileState.FOUND: 9, FileState.SENT: 5, FileState.CHECKED: 2}
    assert task.counts[FileState.SENT] == 8 and task.pending == 4 and task.bytes_left == 4000


def test_pending_files_are_exact_at_every_look_and_the_rest_soon(bench: Bench) -> None:
    bench.add(1000, "sent")
    bench.add(10, "waiting", begin=1000)
    assert bench.task().pending == 10
    known = bench.looker._known[bench.key]
    known.cost = 2.0  # as if counting all rows had taken so long
    bench.change("sent", "state = 'waiting' AND id % 2")
    task = bench.task()
    assert task.pending == 5, "by an index, at once"
    assert task.counts[FileState.SENT] == 1000 and bench.looker.due is not None, "counted later, but not forgotten"
    task = bench.task(after=60.1)
    assert task.counts[FileState.SENT] == 1005


def test_a_million_rows_are_counted_once_and_not_at_every_look(bench: Bench) -> None:
    """Reading what changed costs as much as in an empty journal: rows that are touched are counted, not seconds."""
    bench.add(200_000, "checked", at=midnight(NOW) - 10)
    bench.add(3, "waiting", begin=300_000)
    bench.task()
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    bench.journal.connection.set_progress_handler(step, 100)
    bench.task()
    bench.task()
    bench.journal.connection.set_progress_handler(None, 0)
    assert steps < 60, f"{100 * steps} steps of SQLite for two looks at which nothing had changed"


def test_a_batch_counts_from_its_beginning(bench: Bench) -> None:
    bench.add(100, "sent")
    assert bench.task().batch == (0, 0)
    bench.add(4, "waiting", begin=200)
    assert bench.task().batch == (0, 4)
    bench.change("sent", "path = 'run/200.tif'")
    assert bench.task(after=60).batch == (1, 4)
    bench.change("sent", "state = 'waiting'")
    assert bench.task(after=60).batch == (0, 0)


def test_a_pause_a_stop_and_a_task_that_is_off(bench: Bench, desktop: Desktop) -> None:
    bench.journal.pause(bench.key, NOW + 100)
    assert (bench.task().is_paused, bench.task().paused_until) == (True, NOW + 100)
    bench.journal.pause(bench.key)
    assert (bench.task().is_paused, bench.task().paused_until) == (True, None)
    bench.journal.resume(bench.key)
    desktop.host.role = Role.STOPPED
    assert (bench.task().is_paused, bench.task().state) == (False, TaskState.STOPPED)
    off = bench.watched.model_copy(update={"paused": True})
    desktop.store.settings = desktop.store.settings.model_copy(update={"watched_folders": (off,)})
    assert bench.task().is_paused


def test_offline_is_told_from_what_needs_a_person(bench: Bench) -> None:
    def waits(*, needs_you: bool) -> TaskNow:
        bench.journal.set_task(
            bench.key, kind="watch", name="XRD", state=TaskState.WAITING, title="why", needs_you=needs_you
        )
        return bench.task()

    quiet, refused = waits(needs_you=False), waits(needs_you=True)
    assert (quiet.is_offline, quiet.needs_you) == (True, False)
    assert (refused.is_offline, refused.needs_you) == (False, True)


def test_waiting_files_are_shown_with_their_reason(bench: Bench) -> None:
    bench.add(8, "waiting")
    with bench.journal.transaction() as connection:
        connection.execute("UPDATE outgoing SET reason = 'still being written'")
    moving = bench.task().moving
    assert len(moving) == 5 and {m.reason for m in moving} == {"still being written"} and moving[0].done is None


# -- events


def event(path: str, done: int, total: int = 10, state: FileState = FileState.SENDING, size: int = 1000) -> FileEvent:
    return FileEvent(task="XRD", path=path, local=path, state=state, size=size, chunks_done=done, chunks_total=total)


def test_progress_and_speed_come_from_events(bench: Bench) -> None:
    bench.add(1, "sending")
    bench.progress.note(event("a", 0))
    bench.progress.note(event("a", 5))
    bench.clock.at += 1
    task = bench.task(after=0)
    assert (task.moving[0].path, task.moving[0].done) == ("a", 0.5)
    assert task.rate == 500 / 5
    bench.progress.note(event("a", 10, state=FileState.SENT))
    bench.clock.at += 1
    assert bench.progress.moving("XRD") == () and bench.task(after=0).rate == 1000 / 5


def test_the_rates_of_ten_minutes() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.add(50)
    clock.at += 5
    meter.add(100)
    clock.at += 5
    assert len(meter.rates()) == 120 and meter.rates()[-2:] == (10.0, 20.0)
    clock.at += 700
    assert meter.rates() == () and meter.rate() == 0


def test_events_are_cheap() -> None:
    """No time is judged here: the events of 20,000 files leave nothing behind but their sum."""
    clock = Clock()
    progress = Progress(clock)
    for i in range(20_000):
        progress.note(event(f"{i}", 0, 1))
        progress.note(event(f"{i}", 1, 1, state=FileState.SENT))
    clock.at += 1
    assert progress.moving("XRD") == () and progress.speed("XRD")[0] == 20_000 * 1000 / 5


# -- the thread


def test_news_are_seen_within_a_second_and_not_more_often_than_they_may(
    bench: Bench, desktop: Desktop, qtbot: QtBot
) -> None:
    seen: list[float] = []
    desktop.observer.changed.connect(lambda snapshot: seen.append(time.monotonic()))
    desktop.observer.start()
    qtbot.waitUntil(lambda: bool(seen), timeout=5000)
    begin = time.monotonic()
    for i in range(2000):
        desktop.host.happened.emit(event(f"{i}", 0, 1))
        desktop.host.happened.emit(TaskEvent(task="other", state=TaskState.RUNNING))
    bench.add(1, "problem")
    qtbot.waitUntil(lambda: desktop.observer.now.tasks[0].counts.get(FileState.PROBLEM) == 1, timeout=5000)
    looks = [at for at in seen if at > begin]
    assert all(b - a > 0.3 for a, b in pairwise(looks)), looks


def test_another_process_is_followed(bench: Bench, desktop: Desktop, qtbot: QtBot) -> None:
    """No events: the journal of the other process is looked at, and its speed is measured there."""
    desktop.host.role = Role.ATTACHED
    bench.journal.set_task("watch:elsewhere", kind="watch", name="elsewhere", state=TaskState.RUNNING)
    assert [t.name for t in bench.look().tasks] == ["XRD", "results", "elsewhere"]
    bench.now += 1
    bench.add(5, "sent", begin=100, at=bench.now, size=1_000_000)
    bench.look(after=1)
    assert bench.task(after=1).rate == 1_000_000
    desktop.observer.start()
    qtbot.waitUntil(lambda: len(desktop.observer.now.tasks) == 3, timeout=5000)
    bench.add(1, "held", begin=500)
    qtbot.waitUntil(lambda: FileState.HELD in desktop.observer.now.tasks[0].counts, timeout=5000)


def test_nobody_is_told_when_nothing_happens(
    bench: Bench, desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.gui.observer._ANYWAY_S", 0.0)  # it looks all the time
    looks: list[object] = []
    look = Looker.look

    def counted(self: Looker, journal: Journal | None) -> Snapshot:
        looks.append(self)
        return look(self, journal)

    monkeypatch.setattr(Looker, "look", counted)
    monkeypatch.setattr("openmsi_desktop.gui.observer._LOOK_S", 0.01)
    monkeypatch.setattr("openmsi_desktop.gui.observer.AT_MOST_EVERY_S", 0.01)
    told: list[Snapshot] = []
    desktop.observer.changed.connect(told.append)
    desktop.observer.set_watched(False)
    desktop.observer.start()
    qtbot.waitUntil(lambda: len(looks) > 20, timeout=10_000)
    assert len(told) == 1, "twenty looks, one of them with news"
