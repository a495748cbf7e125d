"""Finished files become acknowledged chunks, and Sent means that every one of them is on the topic."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunk import HEADER, Chunk, decode, decode_header, encode
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import FileChanged
from openmsi_desktop.core.events import Event, FileEvent, FileState, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import NOT_SENT, OutgoingFiles, Sighting, unpack_offsets
from openmsi_desktop.settings import Limit
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.kafka.errors import ClockRefused, MessageTooLarge, ProducerBroken
from openmsi_desktop.streaming.kafka.types import Message, Producer, Report, TopicInfo, Trouble
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending import sender as sending
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.readback import CheckJob
from openmsi_desktop.streaming.sending.sender import Sender
from openmsi_desktop.streaming.sending.teller import Teller

CHUNK = 65536


def read_all(broker: KafkaBroker, topic: str) -> list[Message]:
    """Everything that lies on a topic, oldest first in each partition."""
    consumer = broker.consumer()
    out: list[Message] = []
    try:
        for partition in range(broker.topic_info(topic, 10).partitions):
            low, high = consumer.watermarks(topic, partition, 10)
            consumer.assign({(topic, partition): low})
            while low < high:
                for message in consumer.read(500, 1.0):
                    out.append(message)
                    low = message.offset + 1
    finally:
        consumer.close()
    return out


@dataclass
class Bench:
    """A sender on a topic of its own, and what it said."""

    broker: KafkaBroker
    profile: Profile
    journal: Journal
    topic: str
    folder: Path
    events: list[Event] = field(default_factory=list)
    open: list[Sender] = field(default_factory=list)

    def sender(
        self, *, check: bool = False, broker: Any = None, key: str = "watch:1", limit: int = 0, **more: Any
    ) -> Sender:
        sender = Sender(
            name="XRD",
            topic=self.broker.topic_info(self.topic, 10),
            broker=broker or self.broker,
            profile=self.profile,
            files=self.files(key),
            teller=Teller(self.journal, self.events.append, key=key, name="XRD", topic=self.topic),
            chunk_size=CHUNK,
            limit=Limit(bytes_per_s=limit),
            check=check,
            **more,
        )
        self.open.append(sender)
        return sender

    def write(self, name: str, data: bytes) -> Job:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return self.job(name)

    def job(self, name: str) -> Job:
        file = self.folder / name
        return Job(name, str(file), Fingerprint.of(file.stat()))

    def until(self, sender: Sender, done: Callable[[], bool]) -> None:
        for _ in range(3000):
            sender.step(0.02)
            if done():
                return
        raise AssertionError(f"not done: {self.states()}")

    def finish(self, sender: Sender) -> None:
        self.until(sender, lambda: sender.is_idle)

    def files(self, key: str = "watch:1") -> OutgoingFiles:
        return OutgoingFiles(self.journal, key, self.topic)

    def states(self) -> dict[str, int]:
        return self.files().counts()

    def row(self, path: str) -> Any:
        return self.files().known([path])[path]

    def chunks(self) -> list[tuple[Message, Chunk]]:
        return [(m, decode(m.value)) for m in read_all(self.broker, self.topic)]

    def said(self, path: str) -> list[FileState]:
        states = [e.state for e in self.events if isinstance(e, FileEvent) and e.path == path]
        return [s for i, s in enumerate(states) if i == 0 or states[i - 1] is not s]


@pytest.fixture
def bench(broker_config: dict[str, Any], create_topic: Callable[..., str], tmp_path: Path) -> Iterator[Bench]:
    profile = Profile(tmp_path / "data")
    profile.prepare()
    folder = tmp_path / "source"
    folder.mkdir()
    made = Bench(KafkaBroker(broker_config), profile, profile.open_journal(), create_topic(partitions=3), folder)
    yield made
    for sender in made.open:
        sender.close()
    made.journal.close()
    profile.disown()


def test_a_stopped_sender_keeps_no_data_file_open(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunker, "SMALL", 1000)
    sender = bench.sender(limit=CHUNK)
    sender.take_on([bench.write("big.dat", bytes(20 * CHUNK))])
    bench.until(sender, lambda: is_open(bench.folder / "big.dat") and bench.said("big.dat")[-1:] == [FileState.SENDING])
    sender.close()
    assert not is_open(bench.folder / "big.dat")


def is_open(file: Path) -> bool:
    return any(Path(opened.path) == file for opened in psutil.Process().open_files())


def rebuild(chunks: list[tuple[Message, Chunk]], path: str) -> bytes:
    mine = sorted((c for _, c in chunks if c.path == path), key=lambda c: c.index)
    assert [c.index for c in mine] == list(range(1, mine[0].total + 1))
    return b"".join(c.data for c in mine)


def test_sent_means_every_chunk_lies_on_the_topic_in_one_partition(bench: Bench) -> None:
    contents = {
        "a.dat": os.urandom(3 * CHUNK + 5),
        "run/b ü;'.dat": os.urandom(CHUNK),
        "empty": b"",
        "x/y/one": b"1",
    }
    sender = bench.sender()
    sender.take_on(bench.write(name, data) for name, data in contents.items())
    bench.finish(sender)
    assert bench.states() == {"sent": 4}
    chunks = bench.chunks()
    for path, data in contents.items():
        assert rebuild(chunks, path) == data
        partitions = {m.partition for m, c in chunks if c.path == path}
        assert partitions == {zlib.crc32(path.encode()) % 3}
        headers = {m.header(HEADER) for m, c in chunks if c.path == path}
        (header,) = headers
        said = decode_header(header)
        assert said is not None
        assert said.installation == bench.profile.installation_id()
        assert said.version == bench.row(path).version
    assert bench.said("a.dat") == [FileState.SENDING, FileState.SENT]
    offsets = unpack_offsets(bench.row("a.dat").offsets)
    assert [m.offset for m, c in chunks if c.path == "a.dat"] == list(offsets)


def test_a_chunk_that_has_no_room_is_encoded_only_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []

    def counted(chunk: Chunk) -> bytes:
        encoded.append(chunk.index)
        return encode(chunk)

    monkeypatch.setattr(sending, "encode", counted)
    sender = bench.sender()
    sender.take_on([bench.write("scan.dat", os.urandom(70 * CHUNK))])  # more than may be on its way
    bench.finish(sender)
    assert encoded == list(range(1, 71))
    assert sorted(decode(m.value).index for m in read_all(bench.broker, bench.topic)) == encoded


def test_checked_is_said_only_after_reading_back(bench: Bench) -> None:
    sender = bench.sender(check=True)
    sender.take_on([bench.write("a.dat", os.urandom(2 * CHUNK + 1)), bench.write("b.dat", b"b")])
    bench.finish(sender)
    assert bench.states() == {"checked": 2}
    assert bench.said("a.dat") == [FileState.SENDING, FileState.SENT, FileState.CHECKED]


def test_what_was_read_back_and_differs_is_never_called_checked(bench: Bench) -> None:
    sender = bench.sender(check=True)
    job = bench.write("a.dat", b"right")
    sender.take_on([job])
    bench.until(sender, lambda: bench.states() == {"sent": 1})
    check = sender._checking
    assert check is not None
    bench.finish(sender)
    row = bench.row("a.dat")
    check.submit(CheckJob(row.id, row.version, bench.topic, row.partition, "a.dat", b"\0" * 64, [0]))
    bench.finish(sender)
    (returned,) = sender.take_returned()
    assert "Reading back" in returned.error.title
    assert bench.row("a.dat").sent_version is None


def test_an_interrupted_big_file_goes_on_where_it_was_without_a_second_version(bench: Bench) -> None:
    big = os.urandom(1024) * (20 * 1024)
    job = bench.write("big.dat", big)
    first = bench.sender(limit=3_000_000)
    first.take_on([job])
    bench.until(first, lambda: any(o != NOT_SENT for o in unpack_offsets(_offsets(bench, "big.dat"))))
    first.close()
    half = bench.row("big.dat")
    assert half.state is FileState.SENDING
    assert 0 < half.chunks_done < half.chunks_total
    again = bench.sender()
    again.take_on([Job(job.path, job.local, job.fingerprint, row=half)])
    bench.finish(again)
    whole = bench.row("big.dat")
    assert (whole.state, whole.version) == (FileState.SENT, half.version)
    kept = [o for o in unpack_offsets(half.offsets) if o != NOT_SENT]
    assert set(kept) <= set(unpack_offsets(whole.offsets))


def test_what_is_acknowledged_is_recorded_by_its_bytes_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CHECKPOINT_S", 3600)  # as on a computer that sends the whole file before it is time
    monkeypatch.setattr(sending, "CHECKPOINT_BYTES", 8 * CHUNK)
    sender = bench.sender(limit=3_000_000)
    sender.take_on([bench.write("big.dat", os.urandom(1024) * (20 * 1024))])
    bench.until(sender, lambda: bench.said("big.dat") == [FileState.SENDING] and bench.row("big.dat").chunks_done > 0)
    first = bench.row("big.dat").chunks_done
    bench.until(sender, lambda: bench.row("big.dat").chunks_done > first)
    assert bench.row("big.dat").state is FileState.SENDING
    assert bench.row("big.dat").chunks_done - first >= 8, "the journal is not written for every chunk"


def _offsets(bench: Bench, path: str) -> bytes | None:
    row = bench.files().known([path]).get(path)
    return row.offsets if row else None


@pytest.mark.parametrize("change", ["append", "truncate", "same size"])
def test_a_file_that_changes_while_it_is_sent_is_withdrawn(bench: Bench, change: str) -> None:
    job = bench.write("big.dat", os.urandom(1024) * (20 * 1024))
    sender = bench.sender(limit=4_000_000)
    sender.take_on([job])
    bench.until(sender, lambda: any(o != NOT_SENT for o in unpack_offsets(_offsets(bench, "big.dat"))))
    with open(job.local, "r+b") as file:
        if change == "append":
            file.seek(0, 2)
            file.write(b"more")
        elif change == "truncate":
            file.truncate(3_000_000)
        else:
            file.seek(-10, 2)
            file.write(b"other tail")
    sender._limiter.limit = Limit()
    bench.until(sender, lambda: not sender.has("big.dat"))
    (returned,) = sender.take_returned()
    assert isinstance(returned.error, FileChanged)
    row = bench.row("big.dat")
    assert row.state is FileState.WAITING
    assert row.sent_version is None
    assert FileState.SENT not in bench.said("big.dat")


def test_the_next_version_is_on_its_way_only_after_the_withdrawn_one_is_at_rest(bench: Bench) -> None:
    job = bench.write("a.dat", b"A" * 10)
    sender = bench.sender()
    sender.take_on([job])
    bench.finish(sender)
    first = bench.row("a.dat")
    sender.take_on([bench.write("a.dat", b"B" * 10)])
    bench.finish(sender)
    sender.take_on([bench.write("a.dat", b"A" * 10)])
    bench.finish(sender)
    chunks = sorted((m.offset, c.data) for m, c in bench.chunks())
    assert [data for _, data in chunks] == [b"A" * 10, b"B" * 10, b"A" * 10]
    assert bench.row("a.dat").version > first.version


def test_new_times_alone_send_nothing(bench: Bench) -> None:
    sender = bench.sender()
    sender.take_on([bench.write("a.dat", b"same")])
    bench.finish(sender)
    os.utime(bench.folder / "a.dat", (1, 1))
    sender.take_on([bench.job("a.dat")])
    bench.finish(sender)
    assert len(bench.chunks()) == 1
    row = bench.row("a.dat")
    assert row.state is FileState.SENT
    assert row.sent_fingerprint == Fingerprint.of((bench.folder / "a.dat").stat())


def test_a_path_that_another_process_is_sending_waits_for_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = chunker.plan
    job = bench.write("a.dat", b"1")
    other = bench.files("send:1")
    other.record([Sighting("a.dat", job.local, FileState.SENDING, "", job.fingerprint)], owner="somebody")
    bench.profile.is_alive = lambda owner: owner == "somebody"  # type: ignore[method-assign]
    read: list[object] = []

    def count(*args: Any, **more: Any) -> FilePlan:
        read.append(args)
        return plan(*args, **more)

    monkeypatch.setattr(chunker, "plan", count)
    clock = [0.0]
    sender = bench.sender(monotonic=lambda: clock[0])
    sender.take_on([job])
    bench.until(sender, lambda: bool(sender._postponed))
    for _ in range(20):
        clock[0] += 1.0
        sender.step(0.01)
    assert sender.backlog == 1
    assert bench.chunks() == []
    assert len(read) == 1, "it is read again although nothing can come of it"
    other.release("somebody")
    clock[0] += 1.0
    bench.finish(sender)
    assert bench.states() == {"sent": 1}


class Breaking:
    """A broker whose producers fail as only a cluster in trouble does: a fatal error, lost reports, refusals."""

    def __init__(
        self, real: KafkaBroker, *, fatal_after: int = -1, fail_first: int = 0, error: Exception | None = None
    ):
        self.real = real
        self.fatal_after = fatal_after
        self.fail_first = fail_first
        self.error = error
        self.made = 0
        self.sends = 0
        self.single: list[bool] = []

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        return self.real.topic_info(topic, timeout_s)

    def consumer(self, *, group: str = "") -> Any:
        return self.real.consumer(group=group)

    def producer(self, *, chunk_bytes: int = 0, is_single: bool = False) -> Producer:
        self.made += 1
        self.single.append(is_single)
        return _BreakingProducer(self, self.real.producer(is_single=is_single))


class _BreakingProducer:
    def __init__(self, plan: Breaking, real: Producer) -> None:
        self.plan, self.real = plan, real

    def send(self, topic: str, partition: int, **more: Any) -> bool:
        self.plan.sends += 1
        return self.real.send(topic, partition, **more)

    def poll(self, timeout_s: float) -> list[Report]:
        out = []
        for report in self.real.poll(timeout_s):
            if self.plan.fatal_after == 0:
                self.plan.fatal_after = -1
                raise ProducerBroken("A fatal error")
            self.plan.fatal_after -= 1
            if self.plan.fail_first > 0:
                self.plan.fail_first -= 1
                report = Report(report.token, report.partition, -1, self.plan.error)  # type: ignore[arg-type]
            out.append(report)
        return out

    def trouble(self) -> Trouble | None:
        return None

    @property
    def in_flight(self) -> int:
        return self.real.in_flight

    def warm_up(self, topic: str, timeout_s: float) -> None:
        self.real.warm_up(topic, timeout_s)

    def purge(self) -> list[Report]:
        return self.real.purge()

    def flush(self, timeout_s: float) -> list[Report]:
        return self.real.flush(timeout_s)

    def close(self) -> None:
        self.real.close()


def test_a_failed_delivery_is_tried_again_from_the_file(bench: Bench) -> None:
    from openmsi_desktop.streaming.kafka.errors import NoContact

    broken = Breaking(bench.broker, fail_first=2, error=NoContact("timed out"))
    sender = bench.sender(broker=broken)
    sender.take_on([bench.write("a.dat", os.urandom(3 * CHUNK))])
    bench.finish(sender)
    assert bench.states() == {"sent": 1}


def test_a_clock_that_is_refused_costs_few_attempts_and_is_soon_noticed_to_be_right(bench: Bench) -> None:
    broken = Breaking(bench.broker, fail_first=10**6, error=ClockRefused("impossible"))
    clock = [0.0]
    sender = bench.sender(broker=broken, monotonic=lambda: clock[0])
    sender.take_on([bench.write("a.dat", b"a")])

    def wait(seconds: int) -> None:
        for _ in range(seconds):
            clock[0] += 1.0
            bench.until(sender, lambda: all(not attempt.in_flight for attempt in sender._attempts.values()))

    bench.until(sender, lambda: broken.sends == 1)
    wait(600)
    assert 30 <= broken.sends <= 60
    broken.fail_first = 0
    wait(20)
    bench.finish(sender)
    assert bench.states() == {"sent": 1}


def test_a_producer_that_breaks_is_replaced_and_nothing_is_lost(bench: Bench) -> None:
    broken = Breaking(bench.broker, fatal_after=1)
    sender = bench.sender(broker=broken)
    jobs = [bench.write(f"{n}.dat", os.urandom(2 * CHUNK + n)) for n in range(4)]
    sender.take_on(jobs)
    bench.finish(sender)
    assert broken.made == 2
    assert bench.states() == {"sent": 4}
    by_path: dict[str, set[int]] = {}
    for _, chunk in bench.chunks():
        by_path.setdefault(chunk.path, set()).add(chunk.index)
    assert all(indexes == {1, 2, 3} or indexes == {1, 2} for indexes in by_path.values())
    assert len(by_path) == 4


def test_what_the_topic_refuses_together_is_sent_message_by_message(bench: Bench) -> None:
    broken = Breaking(bench.broker, fail_first=1, error=MessageTooLarge("too large"))
    sender = bench.sender(broker=broken)
    sender.take_on([bench.write(f"{n}.dat", os.urandom(10)) for n in range(5)])
    bench.finish(sender)
    assert sender.take_returned() == []
    assert bench.states() == {"sent": 5}
    assert broken.single == [False, True]


def test_a_chunk_that_the_topic_refuses_is_one_problem_and_the_others_go_on(bench: Bench) -> None:
    broken = Breaking(bench.broker, fail_first=2, error=MessageTooLarge("too large"))  # also when it travels alone
    sender = bench.sender(broker=broken)
    sender.take_on([bench.write("big.dat", b"x" * 10)])
    bench.finish(sender)
    sender.take_on([bench.write("small.dat", b"y")])
    bench.finish(sender)
    (returned,) = sender.take_returned()
    assert isinstance(returned.error, MessageTooLarge)
    assert bench.states() == {"problem": 1, "sent": 1}


def test_the_contents_of_before_are_sent_again_when_a_part_of_others_went_out(bench: Bench) -> None:
    sender = bench.sender()
    sender.take_on([bench.write("a.dat", b"A")])
    bench.finish(sender)
    first = bench.row("a.dat").version
    other = bench.write("a.dat", b"B" * CHUNK * 400)
    sender._limiter.limit = Limit(bytes_per_s=3_000_000)
    sender.take_on([other])
    bench.until(sender, lambda: any(a.left < a.plan.total for a in sender._attempts.values()))
    bench.write("a.dat", b"A")
    sender._limiter.limit = Limit()
    bench.until(sender, lambda: not sender.has("a.dat"))
    sender.take_returned()
    sender.take_on([bench.job("a.dat")])
    bench.finish(sender)
    row = bench.row("a.dat")
    assert row.state is FileState.SENT and row.sent_version == row.version > first
    mine = [m.header(HEADER) for m, c in bench.chunks() if c.data == b"A"]
    assert len(set(mine)) == 2


def test_a_withdrawn_version_stays_withdrawn_when_the_producer_breaks(bench: Bench) -> None:
    broken = Breaking(bench.broker, fatal_after=3)
    sender = bench.sender(broker=broken)
    job = bench.write("big.dat", os.urandom(1024) * (20 * 1024))
    sender.take_on([job])
    bench.until(sender, lambda: any(a.in_flight for a in sender._attempts.values()))
    sender.give_back("big.dat")
    bench.until(sender, lambda: not sender.has("big.dat"))
    assert broken.made == 2
    (returned,) = sender.take_returned()
    assert isinstance(returned.error, FileChanged)
    count = len(bench.chunks())
    for _ in range(30):
        sender.step(0.01)
    assert len(bench.chunks()) == count


def test_an_old_version_that_fails_its_check_leaves_the_one_on_its_way_alone(bench: Bench) -> None:
    sender = bench.sender(check=True)
    sender.take_on([bench.write("a.dat", b"old")])
    bench.finish(sender)
    row = bench.row("a.dat")
    check = sender._checking
    assert check is not None
    sender._limiter.limit = Limit(bytes_per_s=3_000_000)
    sender.take_on([bench.write("a.dat", b"new" * CHUNK * 100)])
    bench.until(sender, lambda: bench.row("a.dat").state is FileState.SENDING)
    check.submit(CheckJob(row.id, row.version, bench.topic, row.partition, "a.dat", b"\0" * 64, [0]))
    bench.until(sender, lambda: check.outstanding == 0)
    assert bench.row("a.dat").state is FileState.SENDING
    assert bench.row("a.dat").sha512 is not None
    sender._limiter.limit = Limit()
    bench.until(sender, lambda: not sender.has("a.dat"))
    new = bench.row("a.dat")
    assert new.state is FileState.SENT and new.sent_sha512 is not None


def test_two_watched_folders_never_send_different_files_under_one_name(bench: Bench) -> None:
    sender = bench.sender()
    sender.take_on([bench.write("a.dat", b"first")])
    bench.finish(sender)
    bench.journal.set_task("watch:1", kind="watch", name="XRD", state=TaskState.RUNNING)
    other = bench.folder / "other" / "a.dat"
    other.parent.mkdir()
    other.write_bytes(b"second")
    second = bench.sender(key="watch:2")
    job = Job("a.dat", str(other), Fingerprint.of(other.stat()))
    second.take_on([job])
    bench.finish(second)
    (returned,) = second.take_returned()
    assert "Another watched folder" in returned.error.title
    assert [c.data for _, c in bench.chunks()] == [b"first"]
    bench.journal.set_task("watch:1", kind="watch", name="XRD", state=TaskState.STOPPED)
    second.take_on([job])
    bench.finish(second)
    assert sorted(c.data for _, c in bench.chunks()) == [b"first", b"second"]
