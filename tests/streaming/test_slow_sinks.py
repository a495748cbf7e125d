"""A sink that is slow or away holds up nobody else, and fills no more of the disk than a person wants."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.press import Press
from streaming.reading import Reader, until

from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.received import SinkProgress, sinks_of
from openmsi_desktop.streaming.receiving import delivery, patience
from openmsi_desktop.streaming.receiving.backlog import Backlog
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.05,))
    monkeypatch.setattr(delivery, "_LOOK_S", 0.05)
    monkeypatch.setattr(delivery, "IN_HAND", 20)


class Gate(Press):
    """A sink that begins when the test opens it."""

    def __init__(self, name: str, *, is_away: bool = False) -> None:
        super().__init__(name, jobs=2)
        self.opened = threading.Event()
        self.is_away = is_away
        self.work = self._pass

    def _pass(self, file: ReceivedFile) -> Outcome:
        if self.is_away and not self.opened.is_set():
            return Failed(RetryableError("no contact"), concerns_sink=True)
        while not self.opened.wait(0.05):
            if self.stopped.is_set():
                raise RetryableError("stopped")
        return Delivered(f"s3://b/{file.relative_path}")


def _reader(tmp_path: Path, broker: MemoryBroker, *sinks: Press, **more: Any) -> Reader:
    return Reader(tmp_path, broker, sinks=list(sinks), **{"target": None, **more})


def _put(broker: MemoryBroker, count: int, size: int = 300, first: int = 0) -> dict[str, bytes]:
    files = {f"f{number}": content(size, number) for number in range(first, first + count)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data))
    return files


@pytest.mark.parametrize("is_away", [False, True])
def test_the_others_get_everything_and_the_slow_one_later(tmp_path: Path, broker: MemoryBroker, is_away: bool) -> None:
    quick, slow = Press("quick"), Gate("slow", is_away=is_away)
    reader = _reader(tmp_path, broker, quick, slow, target=tmp_path / "target")
    files = _put(broker, 200)
    with reader.running() as service:
        until(lambda: quick.files == files)
        until(lambda: reader.files == files)
        assert len(slow.files) == 0
        assert sum(1 for row in reader.rows(state=FileState.DELIVERED)) == 0
        number = reader.rows(path="f150")[0].id
        with reader.journal() as journal:
            until(lambda: len(sinks_of(journal, number)) >= 2)
            told = {s.sink: (s.state, s.due_at) for s in sinks_of(journal, number)}
        assert told["quick"] == told["folder"] == (SinkProgress.DELIVERED, None)
        slow.opened.set()
        service.ask("retry")
        until(lambda: slow.files == files)
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED})
        until(lambda: service.idle_for() > 0)
    assert reader.spooled == []
    assert len(slow.seen) <= 200 + (400 if is_away else 0)


def test_a_restart_forgets_nothing_that_waits_for_a_sink(tmp_path: Path, broker: MemoryBroker) -> None:
    quick, slow = Press("quick"), Gate("slow")
    reader = _reader(tmp_path, broker, quick, slow)
    files = _put(broker, 100)
    with reader.running():
        until(lambda: quick.files == files)
    slow.opened.set()
    slow.stopped.clear()
    reader.read_all()
    assert slow.files == files
    assert len(quick.seen) == 100


def test_what_one_sink_fails_with_and_another_has_no_room_for_comes_to_both(
    tmp_path: Path, broker: MemoryBroker
) -> None:
    picky, slow = Press("picky"), Gate("slow")
    picky.work = lambda file: Delivered() if file.tries > 1 else Failed(RetryableError("no luck"))
    reader = _reader(tmp_path, broker, picky, slow)
    files = _put(broker, 60)
    with reader.running():
        until(lambda: picky.files == files)
        assert slow.files == {}
        slow.opened.set()
        until(lambda: slow.files == files)
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED})
    assert len(picky.seen) == 180
    assert len(slow.seen) == 60


def test_too_much_that_waits_for_a_sink_pauses_receiving_and_says_so(tmp_path: Path, broker: MemoryBroker) -> None:
    quick, slow = Press("quick"), Gate("archive")
    reader = _reader(tmp_path, broker, quick, slow, spool_limit=50_000)
    files = _put(broker, 40, size=2000)
    with reader.running() as service:
        until(lambda: "waiting Receiving waits for archive" in reader.task_states)
        until(lambda: len(quick.files) >= 25)
        (problem,) = reader.problems()
        assert (problem.title, problem.path) == ("Receiving waits for archive", "")
        assert "kB of received files wait on this disk for it since 20" in problem.advice
        assert "more than 50 kB are not kept here" in problem.advice
        files |= _put(broker, 40, size=2000, first=40)
        assert service.idle_for() == 0
        assert len(reader.rows()) < 80, "it should have stopped reading"
        slow.opened.set()
        until(lambda: slow.files == quick.files == files)
        until(lambda: not reader.problems())
        until(lambda: reader.task_states[-1] == "running")


def test_the_limit_also_holds_for_what_an_earlier_run_left(tmp_path: Path, broker: MemoryBroker) -> None:
    slow = Gate("archive")
    reader = _reader(tmp_path, broker, slow)
    _put(broker, 40, size=2000)
    with reader.running():
        until(lambda: len(reader.rows(state=FileState.RECEIVED)) == 40)
    reader.settings["spool_limit"] = 50_000
    slow.stopped.clear()
    with reader.running():
        until(lambda: reader.task_states[-1:] == ["waiting Receiving waits for archive"])
        slow.opened.set()
        until(lambda: reader.task_states[-1] == "running")
        until(lambda: len(slow.files) == 40)


def test_a_file_that_was_settled_while_it_was_counted_does_not_hold_up_receiving_for_ever() -> None:
    """Counting reads the journal; what a sink has just taken may not be journalled yet."""
    clock = [0.0]
    backlog = Backlog(10, monotonic=lambda: clock[0])
    waiting = {"press": 100}

    class Counted:
        def bytes_waiting(self) -> dict[str, int]:
            found = dict(waiting)
            if waiting["press"]:
                backlog.add([-100], ["press"])
                waiting["press"] = 0
            return found

        def waits_since(self, sink: str) -> float | None:
            return None

    files = cast(Deliveries, Counted())
    backlog.add([100], ["press"])
    assert backlog.shortage(files, []) is not None
    clock[0] += 60
    assert backlog.shortage(files, []) is None


@pytest.mark.parametrize("is_away", [True, False])
def test_what_was_told_of_a_sink_is_over_when_it_is_taken_out_of_the_settings(
    tmp_path: Path, broker: MemoryBroker, is_away: bool
) -> None:
    fast, slow = Press("fast"), Gate("slow", is_away=is_away)
    reader = _reader(tmp_path, broker, fast, slow, spool_limit=0 if is_away else 500)
    _put(broker, 4)
    with reader.running():
        told = "no contact" if is_away else "Receiving waits for slow"
        until(lambda: [problem.title for problem in reader.problems()] == [told])
    with reader.running(sinks=[fast]):
        until(lambda: not reader.problems())
        until(lambda: len(fast.files) == 4)
