"""Sinks that work on several files at once: how many, in which order, what failures cost, and what is kept of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.press import Press
from streaming.reading import Reader, until

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.errors import NeedsYou, NoContact, OpenMSIError, RetryableError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.receiving import delivery, patience
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, PooledSink, ReceivedFile, SpoolMissing

ALICE = "a" * 32


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.01, 0.05))
    monkeypatch.setattr(patience, "NEEDS_YOU_S", 0.05)
    monkeypatch.setattr(delivery, "_LOOK_S", 0.05)


def _reader(tmp_path: Path, broker: MemoryBroker, *sinks: Press) -> Reader:
    return Reader(tmp_path, broker, sinks=list(sinks), target=None)


def test_several_files_are_in_hand_but_no_more_than_the_sink_wants(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press(jobs=3)
    together = threading.Barrier(3, timeout=10)

    def work(file: ReceivedFile) -> Outcome:
        together.wait()
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    files = {f"f{number}": content(200, number) for number in range(30)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data))
    reader.read_all()
    assert press.files == files
    assert press.most == 3
    assert list(reader.profile.spool.iterdir()) == []
    assert {row.state for row in reader.rows()} == {FileState.DELIVERED}


def test_two_versions_of_a_path_are_never_in_hand_together(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press(jobs=4)
    go_on = threading.Event()
    seen: list[bytes] = []

    def work(file: ReceivedFile) -> Outcome:
        if file.relative_path == "f":
            seen.append(file.path.read_bytes())
            go_on.wait(20)
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    with reader.running():
        broker.put_chunks("t", chunks_of("f", b"1"), sender=Sender(ALICE, 1))
        until(lambda: seen)
        for number in (2, 3):
            broker.put_chunks("t", chunks_of("f", b"%d" % number), sender=Sender(ALICE, number))
            broker.put_chunks("t", chunks_of(f"g{number}", b"x"))
            until(lambda number=number: f"g{number}" in press.files)  # type: ignore[misc]
        assert seen == [b"1"]
        go_on.set()
        until(lambda: seen[-1] == b"3")
    assert press.twice == []
    assert seen == sorted(seen)


def test_what_comes_back_together_is_journalled_together(tmp_path: Path, broker: MemoryBroker) -> None:
    commits: set[int] = set()
    recorded: list[str] = []

    class Keeping(Press):
        def settled(self, file: ReceivedFile, outcome: Delivered) -> None:
            assert self.journal.connection.in_transaction
            recorded.append(file.relative_path)
            commits.add(len(self.transactions))

        def __call__(self, journal: Journal) -> PooledSink:
            self.transactions: list[str] = []
            journal.connection.set_trace_callback(
                lambda sql: self.transactions.append(sql) if sql == "COMMIT" else None
            )
            return super().__call__(journal)

    press = Keeping(jobs=4)
    reader = _reader(tmp_path, broker, press)
    for number in range(600):
        broker.put_chunks("t", chunks_of(f"f{number}", b"%d" % number))
    reader.read_all()
    assert sorted(press.files) == sorted(recorded)
    assert len(recorded) == 600
    assert len(commits) <= 60, "each commit waits for the disk"
    with reader.journal() as journal:
        assert journal.query("SELECT count(*) FROM deliveries")[0][0] == 0


def test_a_file_that_fails_is_tried_again_and_knows_how_often(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()

    def work(file: ReceivedFile) -> Outcome:
        if file.relative_path == "bad" and file.tries < 2:
            return Failed(RetryableError("no luck"))
        if file.relative_path == "worse" and file.tries < 2:
            raise ZeroDivisionError("plug-in")
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    for path in ("bad", "good", "worse"):
        broker.put_chunks("t", chunks_of(path, b"x"))
    with reader.running():
        until(lambda: len(press.files) == 3)
        until(lambda: not reader.problems())
    assert press.tries_of("bad") == press.tries_of("worse") == [0, 1, 2]
    assert press.prepared == 1, "that files fail is not the sink's fault"
    assert sorted(reader.problem_titles) == ["no luck", "press failed with ZeroDivisionError"]


def test_no_contact_costs_no_file_a_try(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    is_away = threading.Event()
    is_away.set()

    def work(file: ReceivedFile) -> Outcome:
        return Failed(RetryableError("no contact"), concerns_sink=True) if is_away.is_set() else Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    for number in range(10):
        broker.put_chunks("t", chunks_of(f"f{number}", b"x"))
    with reader.running():
        until(lambda: press.prepared > 3)
        assert [p.title for p in reader.problems()] == ["no contact"]
        assert [p.path for p in reader.problems()] == [""]
        is_away.clear()
        until(lambda: len(press.files) == 10)
        until(lambda: not reader.problems())
    assert {file.tries for file in press.seen} == {0}


def test_how_long_a_sink_has_not_answered_is_known(tmp_path: Path, broker: MemoryBroker) -> None:
    """So that a command can give up after its --timeout. Wrong keys are an answer."""
    press = Press()
    error: list[OpenMSIError | None] = [NoContact("nobody answers")]
    press.work = lambda file: Delivered() if (e := error[0]) is None else Failed(e, concerns_sink=True)
    reader = _reader(tmp_path, broker, press)
    with reader.running() as service:
        until(lambda: service.idle_for() > 0)
        assert service.no_contact_for() == 0, "as long as nothing is to be delivered, nobody asks it"
        broker.put_chunks("t", chunks_of("f", b"x"))
        until(lambda: service.no_contact_for() > 0.3)
        error[0] = NeedsYou("wrong keys")
        until(lambda: service.no_contact_for() == 0)
        assert press.files == {}
        error[0] = NoContact("nobody answers")
        service.ask("retry")
        until(lambda: service.no_contact_for() > 0)
        error[0] = None
        service.ask("retry")
        until(lambda: service.no_contact_for() == 0)
        until(lambda: "f" in press.files)


def test_after_trouble_one_file_tries_whether_the_sink_works_again(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press(jobs=4)
    calls: list[str] = []

    def work(file: ReceivedFile) -> Outcome:
        calls.append(file.relative_path)
        if press.prepared < 3:
            return Failed(RetryableError("no contact"), concerns_sink=True)
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    for number in range(8):
        broker.put_chunks("t", chunks_of(f"f{number}", b"x"))
    with reader.running():
        until(lambda: len(press.files) == 8)
    assert len(calls) <= 8 + 4 + 1, "while it was away only one file at a time should have been tried"


def test_a_sink_that_cannot_get_ready_is_told_once(tmp_path: Path, broker: MemoryBroker) -> None:
    class Refused(Press):
        def prepare(self) -> None:
            super().prepare()
            if self.prepared < 5:
                raise NeedsYou("The bucket is missing", "Make it.")

    press = Refused()
    reader = _reader(tmp_path, broker, press)
    for name in "abc":
        broker.put_chunks("t", chunks_of(name, b"x"))
    with reader.running():
        until(lambda: len(press.files) == 3)
        until(lambda: not reader.problems())
    assert reader.problem_titles == ["The bucket is missing"]


def test_what_a_sink_gives_up_ends_as_a_problem_and_frees_the_disk(tmp_path: Path, broker: MemoryBroker) -> None:
    press, other = Press(), Press("other")

    def work(file: ReceivedFile) -> Outcome:
        if file.tries < 2:
            return Failed(RetryableError("exit status 1"), output="…1")
        return Failed(
            OpenMSIError("The program failed 3 times", "Look at its output."),
            is_final=True,
            output="x" * 20_000 + "end",
        )

    press.work = work
    reader = _reader(tmp_path, broker, press, other)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: reader.rows(state=FileState.PROBLEM) and not list(reader.profile.spool.iterdir()))
    (row,) = reader.rows()
    assert (row.state, row.reason, row.local) == (FileState.PROBLEM, "The program failed 3 times", "s3://b/f")
    assert [(p.path, p.title, p.retry_at) for p in reader.problems()] == [("f", "The program failed 3 times", None)]
    assert [(e.path, e.state, e.reason) for e in service.left_over()] == [
        ("f", FileState.PROBLEM, "The program failed 3 times")
    ]
    assert press.tries_of("f") == [0, 1, 2]
    assert other.files == {"f": b"x"}
    with reader.journal() as journal:
        stories = journal.query("SELECT sink, done, tries, title, output FROM deliveries ORDER BY sink")
    assert [tuple(s)[:4] for s in stories] == [
        ("other", 1, 0, ""),
        ("press", 2, 3, "The program failed 3 times"),
    ]
    assert len(stories[1][4]) == 16 << 10
    assert stories[1][4].endswith("xend")
    press.work = lambda file: Delivered()
    reader.read_all()
    assert press.files == {}, "nobody asked for it"


def test_a_later_version_puts_an_end_to_what_was_given_up(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    press.work = lambda file: (
        Failed(OpenMSIError("no good"), is_final=True) if file.path.read_bytes() == b"old" else Delivered()
    )
    reader = _reader(tmp_path, broker, press)
    broker.put_chunks("t", chunks_of("f", b"old"), sender=Sender(ALICE, 1))
    with reader.running() as service:
        until(lambda: reader.rows(state=FileState.PROBLEM))
        broker.put_chunks("t", chunks_of("f", b"new"), sender=Sender(ALICE, 2))
        until(lambda: reader.rows(state=FileState.DELIVERED))
        until(lambda: not reader.problems())
    assert [row.state for row in reader.rows()] == [FileState.SUPERSEDED, FileState.DELIVERED]
    assert service.left_over() == []


def test_the_output_of_a_delivery_is_kept(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    press.work = lambda file: Delivered(output="3 peaks found")
    reader = _reader(tmp_path, broker, press)
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    with reader.journal() as journal:
        assert journal.query("SELECT output FROM deliveries")[0][0] == "3 peaks found"


def test_a_part_that_the_sink_misses_is_read_again(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()

    def work(file: ReceivedFile) -> Outcome:
        if len(press.seen) == 1:
            file.path.unlink()
            return Failed(SpoolMissing("gone"))
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    broker.put_chunks("t", chunks_of("f", content(500)))
    reader.read_all()
    assert press.files == {"f": content(500)}


def test_a_stop_ends_what_is_in_hand_and_costs_no_try(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press(jobs=2)

    def work(file: ReceivedFile) -> Outcome:
        if not press.stopped.wait(10):
            return Delivered()
        raise RetryableError("Stopped")

    press.work = work
    reader = _reader(tmp_path, broker, press)
    for number in range(8):
        broker.put_chunks("t", chunks_of(f"f{number}", b"x"))
    with reader.running() as service:
        until(lambda: press.in_hand.total() == 2)
    until(lambda: not any(thread.is_alive() for thread in service.left_behind))
    assert press.files == {}
    assert reader.problems() == []
    press.work = lambda file: Delivered()
    reader.read_all()
    assert len(press.files) == 8
    assert {file.tries for file in press.seen} == {0}


def test_what_a_slow_sink_finishes_while_it_is_stopped_counts(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press(jobs=1)
    go_on = threading.Event()

    def work(file: ReceivedFile) -> Outcome:
        go_on.wait(10)
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: press.in_hand)
    assert [thread.name for thread in service.left_behind] == ["sink press"]
    go_on.set()
    until(lambda: not any(thread.is_alive() for thread in service.left_behind))
    assert reader.rows()[0].state is FileState.DELIVERED


def test_nonsense_is_a_failure_of_the_file(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    press.work = cast(Callable[[ReceivedFile], Outcome], lambda file: Delivered() if file.tries else "fine")
    reader = _reader(tmp_path, broker, press)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running():
        until(lambda: press.files)
        until(lambda: not reader.problems())
    assert reader.problem_titles == ["press did not say what became of the file"]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_file_that_always_finds_the_sink_in_trouble_holds_up_no_other(
    tmp_path: Path, broker: MemoryBroker, jobs: int
) -> None:
    """It may be the only one that is meant: too big for the disk, or below a prefix that may not be written."""
    press = Press(jobs=jobs)

    def work(file: ReceivedFile) -> Outcome:
        if file.relative_path == "huge":
            return Failed(RetryableError("the disk is full"), concerns_sink=True)
        return Delivered()

    press.work = work
    reader = _reader(tmp_path, broker, press)
    for path in ("huge", *(f"f{number}" for number in range(10))):
        broker.put_chunks("t", chunks_of(path, b"x"))
    with reader.running():
        until(lambda: len(press.files) == 10)
    assert "huge" not in press.files
