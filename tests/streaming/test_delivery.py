"""Complete files reach every sink: in order, again after failures, and whatever one sink does to itself."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader, until

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.profile import InUse, target_lock
from openmsi_desktop.streaming.receiving import consumer, patience
from openmsi_desktop.streaming.sinks import (
    BatchSink,
    Delivered,
    Failed,
    Outcome,
    ReceivedFile,
    Sink,
    SpoolMissing,
    Superseded,
)
from openmsi_desktop.streaming.sinks.folder import FolderSink

ALICE = "a" * 32


class Shelf:
    """A sink that keeps contents in memory, and does what the test says before."""

    def __init__(self, name: str = "shelf") -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self.log: list[str] = []
        self.before: Callable[[ReceivedFile], None] = lambda file: None
        self.prepared = 0
        self.is_closed = False
        self.is_hanging = False

    def hang(self, until_set: threading.Event) -> None:
        """Come back when the test says so."""
        self.is_hanging = True
        until_set.wait(20)

    def __call__(self, journal: Journal) -> Sink | BatchSink:
        return self

    def prepare(self) -> None:
        self.prepared += 1

    def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
        return [self._deliver(file) for file in files]

    def close(self) -> None:
        self.is_closed = True

    def _deliver(self, file: ReceivedFile) -> Outcome:
        try:
            self.before(file)
        except RetryableError as error:
            return Failed(error)
        self.files[file.relative_path] = file.path.read_bytes()
        self.log.append(file.relative_path)
        return Delivered(f"memory:{file.relative_path}")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.01, 0.05))
    monkeypatch.setattr(patience, "NEEDS_YOU_S", 0.05)


def fails(times: int, error: Exception | None = None) -> Callable[[ReceivedFile], None]:
    left = [times]

    def before(file: ReceivedFile) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise error or RetryableError("the shelf is away", "It comes back.")

    return before


def test_every_sink_gets_every_file(tmp_path: Path, broker: MemoryBroker) -> None:
    one, other = Shelf("one"), Shelf("other")
    reader = Reader(tmp_path, broker, sinks=[one, other])
    files = {f"d/f{n}": content(300 + n, n) for n in range(30)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data))
    reader.read_all()
    assert (reader.files, one.files, other.files) == (files, files, files)
    assert reader.spooled == []
    assert one.is_closed
    assert reader.states("d/f1")[-1] is FileState.DELIVERED


def test_without_a_target_the_parts_lie_in_the_data_folder(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf = Shelf()
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("f", content(1000)))
    reader.read_all()
    assert shelf.files == {"f": content(1000)}
    assert list(reader.profile.spool.iterdir()) == []
    assert not reader.target.exists()


def test_a_sink_that_fails_is_asked_again_and_the_others_carry_on(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf = Shelf()
    shelf.before = fails(4)
    reader = Reader(tmp_path, broker, sinks=[shelf])
    for name in "abcdef":
        broker.put_chunks("t", chunks_of(name, name.encode()))
    with reader.running():
        until(lambda: len(reader.files) == 6)
        until(lambda: len(shelf.files) == 6)
        until(lambda: all(row.state is FileState.DELIVERED for row in reader.rows()))
    assert reader.problems() == []
    assert "the shelf is away" in reader.problem_titles
    assert reader.spooled == []
    assert all(shelf.log.count(name) == 1 for name in "abcdef")


def test_a_failed_delivery_goes_on_after_a_restart_only_where_it_failed(tmp_path: Path, broker: MemoryBroker) -> None:
    good, bad = Shelf("good"), Shelf("bad")
    bad.before = fails(10**9)
    reader = Reader(tmp_path, broker, sinks=[good, bad])
    broker.put_chunks("t", chunks_of("f", content(500)))
    with reader.running() as service:
        until(lambda: good.files and bad.prepared and reader.problem_titles)
        until(lambda: reader.rows(state=FileState.PROBLEM))
    (event,) = service.left_over()
    assert (event.path, event.state, event.reason) == ("f", FileState.RECEIVED, "the shelf is away")
    bad.before = fails(0)
    reader.read_all()
    assert bad.files == {"f": content(500)}
    assert good.log == ["f"]
    assert reader.spooled == []


def test_a_plugin_may_raise_anything(tmp_path: Path, broker: MemoryBroker) -> None:
    class Bad(Shelf):
        def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
            if not self.log:
                self.log.append("raised")
                raise ZeroDivisionError("plug-in")
            return super().deliver_all(files)

    shelf = Bad()
    reader = Reader(tmp_path, broker, sinks=[shelf])
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running():
        until(lambda: shelf.files == {"f": b"x"})
        until(lambda: not reader.problems())
    assert reader.problem_titles == ["shelf failed with ZeroDivisionError"]
    assert shelf.prepared == 2


def test_a_plugin_that_cannot_be_closed_keeps_nothing_open(
    tmp_path: Path, broker: MemoryBroker, caplog: pytest.LogCaptureFixture
) -> None:
    class Bad(Shelf):
        def __call__(self, journal: Journal) -> Sink | BatchSink:
            self.journal = journal
            return self

        def close(self) -> None:
            raise ZeroDivisionError("plug-in")

    shelf = Bad()
    reader = Reader(tmp_path, broker, sinks=[shelf])
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    assert shelf.files == {"f": b"x"}
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        shelf.journal.connection.execute("SELECT 1")
    assert "the sink shelf cannot be closed" in caplog.text


def test_files_that_a_sink_cannot_take_do_not_stop_the_others(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf = Shelf()

    def before(file: ReceivedFile) -> None:
        if file.relative_path.startswith("bad"):
            raise RetryableError(f"{file.relative_path} does not fit", "Rename it.")

    shelf.before = before
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    for number in range(5):
        broker.put_chunks("t", chunks_of(f"bad{number}", b"x"))
    good = {f"good{number}": content(300, number) for number in range(20)}
    for path, data in good.items():
        broker.put_chunks("t", chunks_of(path, data))
    with reader.running():
        until(lambda: shelf.files == good)


def test_one_file_that_fails_for_ever_never_makes_a_sink_wait(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Picky(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            self.log.append(file.relative_path)
            if file.relative_path == "bad":
                raise ZeroDivisionError
            return super()._deliver(file)

    shelf = Picky()
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("bad", b"x"))
    with reader.running() as service:
        for times in range(1, 6):
            until(lambda times=times: shelf.log.count("bad") >= times)  # type: ignore[misc]
            service.ask("retry", "bad")
        monkeypatch.setattr(patience, "DELAYS_S", (3600.0,))
        broker.put_chunks("t", chunks_of("good", b"y"))
        until(lambda: shelf.files == {"good": b"y"})


@pytest.mark.parametrize("answer", [[], None, ["delivered"], [Delivered(), Delivered()]])
def test_a_plugin_that_returns_nonsense_stops_only_itself(tmp_path: Path, broker: MemoryBroker, answer: object) -> None:
    class Mute(Shelf):
        def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
            if self.prepared < 3:
                return answer  # type: ignore[return-value]
            return super().deliver_all(files)

    shelf, other = Mute(), Shelf("other")
    reader = Reader(tmp_path, broker, sinks=[shelf, other], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running():
        until(lambda: other.files == shelf.files == {"f": b"x"})
        until(lambda: not reader.problems())
    assert reader.problem_titles == ["shelf did not say what became of the files"]
    assert reader.error is None


def test_two_sinks_of_one_name_are_refused(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, sinks=[Shelf("folder")])
    with pytest.raises(SettingsError, match='Two destinations of this download are called "folder"'):
        reader.read_all()


def test_each_delivery_of_a_simple_sink_is_recorded_before_the_next(tmp_path: Path, broker: MemoryBroker) -> None:
    recorded: list[int] = []

    class Simple:
        name = "simple"

        def deliver(self, file: ReceivedFile) -> None:
            recorded.append(len(reader.rows(state=FileState.DELIVERED)))

    reader = Reader(tmp_path, broker, sinks=[lambda journal: Simple()], target=None)
    for number in range(9):
        broker.put_chunks("t", chunks_of(f"f{number}", b"x"))
    reader.read_all()
    assert recorded == list(range(9))


def test_a_sink_that_needs_somebody_is_told_once_and_tried_again(tmp_path: Path, broker: MemoryBroker) -> None:
    class Refused(Shelf):
        def prepare(self) -> None:
            super().prepare()
            if self.prepared < 5:
                raise NeedsYou("The bucket is missing", "Make it.")

    shelf = Refused()
    reader = Reader(tmp_path, broker, sinks=[shelf])
    for name in "abc":
        broker.put_chunks("t", chunks_of(name, b"x"))
    with reader.running():
        until(lambda: len(shelf.files) == 3)
        until(lambda: not reader.problems())
    assert reader.problem_titles == ["The bucket is missing"]
    assert set(reader.files) == {"a", "b", "c"}


def test_a_version_overtaken_while_it_waits_is_superseded(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf = Shelf()
    shelf.before = fails(1)
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("f", b"old"), sender=Sender(ALICE, 1))
    with reader.running():
        until(lambda: reader.problem_titles)
        broker.put_chunks("t", chunks_of("f", b"new"), sender=Sender(ALICE, 2))
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED, FileState.SUPERSEDED})
    assert shelf.files == {"f": b"new"}


def test_versions_of_one_path_are_delivered_in_their_order(tmp_path: Path, broker: MemoryBroker) -> None:
    seen: list[bytes] = []

    class Slow(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            seen.append(file.path.read_bytes())
            return Delivered()

    reader = Reader(tmp_path, broker, sinks=[Slow()], target=None)
    with reader.running():
        for number in range(30):
            data = content(50_000, number) if number % 2 else b"%d" % number
            broker.put_chunks("t", chunks_of("f", data, 1000), sender=Sender(ALICE, number + 1))
        last = content(50_000, 29)
        until(lambda: seen and seen[-1] == last)
    order = [next(n for n in range(30) if data == (content(50_000, n) if n % 2 else b"%d" % n)) for data in seen]
    assert order == sorted(order)


def test_a_part_that_a_sink_misses_is_read_again(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf = Shelf()

    def before(file: ReceivedFile) -> None:
        if not shelf.log:
            shelf.log.append("missed")
            file.path.unlink()
            raise SpoolMissing("gone")

    shelf.before = before
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("f", content(500)))
    reader.read_all()
    assert shelf.files == {"f": content(500)}


def test_a_sink_may_decline_a_version(tmp_path: Path, broker: MemoryBroker) -> None:
    class Picky(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            return Superseded("there is a better one")

    reader = Reader(tmp_path, broker, sinks=[Picky()], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    (row,) = reader.rows()
    assert (row.state, row.reason) == (FileState.SUPERSEDED, "there is a better one")


def test_notes_and_problems_of_a_delivery_are_told(tmp_path: Path, broker: MemoryBroker) -> None:
    class Noting(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            return Delivered("/x/f (2)", "kept beside", OpenMSIError("Two files want one name", "Rename one."))

    reader = Reader(tmp_path, broker, sinks=[Noting()], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    (row,) = reader.rows()
    assert (row.state, row.local, row.reason) == (FileState.DELIVERED, "/x/f (2)", "kept beside")
    assert reader.problem_titles == ["Two files want one name"]
    assert [p.path for p in reader.problems()] == ["f"]


def test_a_sink_that_hangs_does_not_hold_up_the_end_or_the_others(tmp_path: Path, broker: MemoryBroker) -> None:
    go_on = threading.Event()
    shelf = Shelf()

    def hang(file: ReceivedFile) -> None:
        go_on.wait(10)

    shelf.before = hang
    reader = Reader(tmp_path, broker, sinks=[shelf])
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: reader.files == {"f": b"x"})
    assert [thread.name for thread in service.left_behind] == ["sink shelf"]
    go_on.set()
    until(lambda: not any(thread.is_alive() for thread in service.left_behind))
    assert shelf.files == {"f": b"x"}
    until(lambda: reader.rows()[0].state is FileState.DELIVERED)


def test_a_sink_that_never_comes_back_is_replaced_at_the_next_start(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "_LEFT_BEHIND_S", 0.3)
    go_on = threading.Event()
    hanging, fresh = Shelf(), Shelf()
    hanging.before = lambda file: hanging.hang(go_on)
    shelves = [hanging, fresh]
    reader = Reader(tmp_path, broker, sinks=[lambda journal: shelves.pop(0)], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    service = reader.service()
    for number in range(2):
        stop = threading.Event()
        thread = threading.Thread(target=service.run, args=(stop, lambda: None))
        thread.start()
        until(lambda number=number: fresh.files if number else hanging.is_hanging)  # type: ignore[misc]
        stop.set()
        thread.join(3)
        assert not thread.is_alive(), "a sink that hangs held up the end"
        if not number:
            (left,) = service.left_behind
    assert fresh.files == {"f": b"x"}
    until(lambda: reader.rows()[0].state is FileState.DELIVERED)
    go_on.set()
    until(lambda: not left.is_alive())
    assert [row.state for row in reader.rows()] == [FileState.DELIVERED]


def test_a_folder_that_hangs_is_waited_for(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "_LEFT_BEHIND_S", 0.0)
    go_on, begun = threading.Event(), threading.Event()
    real = FolderSink.deliver_all

    def hang(self: FolderSink, files: Sequence[ReceivedFile]) -> list[Outcome]:
        begun.set()
        go_on.wait(10)
        return real(self, files)

    monkeypatch.setattr(FolderSink, "deliver_all", hang)
    reader = Reader(tmp_path, broker)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(begun.is_set)
    (left,) = service.left_behind
    assert not service.leave(left)
    with pytest.raises(InUse):  # it may still write there
        target_lock(reader.target, "t")
    go_on.set()
    until(lambda: not left.is_alive())
    reader.read_all()
    assert reader.files == {"f": b"x"}
    target_lock(reader.target, "t").release()


def test_a_sink_that_can_be_stopped_is_told(tmp_path: Path, broker: MemoryBroker) -> None:
    class Stoppable:
        name = "shelf"

        def __init__(self) -> None:
            self.begun, self.stopped = threading.Event(), threading.Event()

        def deliver(self, file: ReceivedFile) -> None:
            self.begun.set()
            if self.stopped.wait(10):
                raise RetryableError("Stopped", "It goes on at the next start.")

        def stop(self) -> None:
            self.stopped.set()

    sink = Stoppable()
    reader = Reader(tmp_path, broker, sinks=[lambda journal: sink], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(sink.begun.is_set)
    assert service.left_behind == []
    assert reader.rows()[0].state is not FileState.DELIVERED


def test_a_retry_on_demand_does_not_wait(tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (3600.0,))
    shelf = Shelf()
    shelf.before = fails(1)
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: reader.problem_titles)
        service.ask("retry", "f")
        until(lambda: shelf.files == {"f": b"x"})


def test_more_files_than_fit_into_memory_are_delivered_all(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.receiving.delivery.IN_HAND", 20)
    shelf = Shelf()
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    for number in range(200):
        broker.put_chunks("t", chunks_of(f"f{number}", b"%d" % number))
    reader.read_all()
    assert len(shelf.files) == 200


def test_each_sink_is_asked_again_in_its_own_time(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (10.0,))
    monkeypatch.setattr(patience, "NEEDS_YOU_S", 1000.0)
    clock = [1_700_000_000.0]
    asked: list[str] = []

    class Away(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            asked.append(self.name)
            return Failed(NeedsYou("it is locked", "Unlock it.") if self.name == "locked" else RetryableError("away"))

    reader = Reader(tmp_path, broker, sinks=[Away("locked"), Away("away")], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))

    def tries() -> dict[str, int]:
        """As far as their next attempts are settled: whoever moves the clock before, moves those too."""
        with reader.journal() as journal:
            return {row["sink"]: row["tries"] for row in journal.query("SELECT sink, tries FROM deliveries")}

    with reader.running(now=lambda: clock[0]):
        until(lambda: tries() == {"away": 1, "locked": 1})
        for times in (2, 3, 4):
            clock[0] += 20  # more than the one waits, less than the other
            until(lambda times=times: tries()["away"] == times)  # type: ignore[misc]
        assert asked.count("locked") == 1
        clock[0] += 1000
        until(lambda: asked.count("locked") == 2)


def test_what_a_sink_said_outlives_a_restart(tmp_path: Path, broker: MemoryBroker) -> None:
    class Noting(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            return Delivered("/x/f (2)", "kept beside")

    class Picky(Shelf):
        def _deliver(self, file: ReceivedFile) -> Outcome:
            return Superseded("there is a better one")

    away = Shelf("away")
    away.before = fails(1000)
    reader = Reader(tmp_path, broker, sinks=[Noting("noting"), away], target=None)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running():
        until(lambda: reader.problem_titles)
    away.before = fails(0)
    reader.read_all()
    assert [(row.state, row.local, row.reason) for row in reader.rows()] == [
        (FileState.DELIVERED, "/x/f (2)", "kept beside")
    ]
    away.before = fails(1000)
    broker.put_chunks("t", chunks_of("g", b"x"))
    reader.more["sinks"] = [Picky("picky"), away]
    with reader.running():
        until(lambda: reader.rows(path="g", state=FileState.PROBLEM))
    away.before = fails(0)
    reader.read_all()
    assert [(row.state, row.reason) for row in reader.rows(path="g")] == [
        (FileState.SUPERSEDED, "there is a better one")
    ]
