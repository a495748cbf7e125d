"""A topic shared by a group: everything arrives somewhere, whoever joins, leaves or dies."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from streaming.reading import Reader, until
from streaming.test_consumer_brokers import send

from openmsi_desktop.core.chunk import encode, message_key
from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.kafka.broker import KafkaBroker

# members that die are noticed after a session: 45 s unless told otherwise
QUICK = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}


@dataclass
class Member:
    """A group_member.py; ``delivered`` and ``received`` are the paths that it has said so of."""

    folder: Path
    process: subprocess.Popen[str]
    delivered: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    is_ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "delivered":
                self.delivered.append(words[1])
            elif words[0] == "received":
                self.received.append(words[1])
            elif words[0] == "ReadyEvent":
                self.is_ready.set()

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(10) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Member]]:
    members: list[Member] = []

    def start(
        name: str, config: Mapping[str, object], topic: str, group: str = "shared", sinks: Sequence[str] = ()
    ) -> Member:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        program = Path(__file__).with_name("group_member.py")
        process = subprocess.Popen(
            [sys.executable, program, folder, json.dumps(dict(config)), topic, group, *sinks],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        members.append(Member(folder, process))
        threading.Thread(target=members[-1].listen, daemon=True).start()
        return members[-1]

    yield start
    for member in members:
        member.kill()
        for pipe in (member.process.stdin, member.process.stdout):
            assert pipe is not None
            pipe.close()


def test_three_readers_of_which_one_dies_one_joins_and_one_leaves_get_every_file(
    tmp_path: Path,
    broker_config: Mapping[str, str],
    create_topic: Callable[..., str],
    start: Callable[..., Member],
) -> None:
    topic = create_topic(partitions=4)
    config = {**broker_config, **QUICK}
    broker = KafkaBroker(broker_config)
    wanted: dict[str, bytes] = {}
    halves: list[tuple[int, str, bytes]] = []

    def more(count: int) -> None:
        """Some whole files and one half of a file in each partition; the other halves of the last time."""
        for partition, path, data in halves:
            send(broker, topic, chunks_of(path, data, 2000)[5:], partition=partition)
        halves.clear()
        for number in range(count):
            path = f"f{len(wanted)}"
            wanted[path] = content(10_000 + number, len(wanted))
            send(broker, topic, chunks_of(path, wanted[path], 2000), partition=number % 4)
        for partition in range(4):
            path = f"f{len(wanted)}"
            wanted[path] = content(20_000, len(wanted))
            send(broker, topic, chunks_of(path, wanted[path], 2000)[:5], partition=partition)
            halves.append((partition, path, wanted[path]))

    first, second = start("first", config, topic), start("second", config, topic)
    more(8)
    until(lambda: first.is_ready.is_set() and second.is_ready.is_set(), patience_s=40)
    members = [first, second]
    until(lambda: sum(len(m.delivered) for m in members) >= 8, patience_s=40)
    first.kill()
    members.append(start("third", config, topic))
    more(8)
    until(members[2].is_ready.is_set, patience_s=40)
    second.leave()
    more(8)
    for partition, path, data in halves:
        send(broker, topic, chunks_of(path, data, 2000)[5:], partition=partition)
    until(lambda: {path for m in members for path in m.delivered} == set(wanted), patience_s=60)
    found = {
        file.name: file.read_bytes() for m in members for file in (m.folder / "target").iterdir() if file.is_file()
    }
    assert found == wanted
    delivered = [path for m in members for path in m.delivered]
    assert len(delivered) - len(set(delivered)) <= 16


@pytest.mark.parametrize("test_broker", ["kafka"], indirect=True)
def test_what_a_member_had_not_handed_to_every_sink_when_it_died_goes_to_another(
    tmp_path: Path,
    broker_config: Mapping[str, str],
    create_topic: Callable[..., str],
    start: Callable[..., Member],
) -> None:
    topic = create_topic(partitions=4)
    config, sinks = {**broker_config, **QUICK}, ("quick", "slow")
    for name in ("first", "second"):
        (tmp_path / name / "slow").mkdir(parents=True)
        (tmp_path / name / "slow" / "closed").touch()
    first, second = (start(name, config, topic, sinks=sinks) for name in ("first", "second"))
    until(lambda: first.is_ready.is_set() and second.is_ready.is_set(), patience_s=40)
    broker = KafkaBroker(broker_config)
    wanted = {f"{'bad' if number % 5 == 4 else 'f'}{number}": content(5000, number) for number in range(40)}
    for number, (path, data) in enumerate(wanted.items()):
        send(broker, topic, chunks_of(path, data, 2000), partition=number % 4)

    def stored(sink: str) -> dict[str, bytes]:
        return {
            file.name: file.read_bytes()
            for name in ("first", "second")
            for file in (tmp_path / name / sink).iterdir()
            if file.name != "closed"
        }

    good = {path: data for path, data in wanted.items() if not path.startswith("bad")}
    until(lambda: stored("quick") == good and first.received and second.received, patience_s=40)
    first.kill()
    (tmp_path / "second" / "slow" / "closed").unlink()
    until(lambda: stored("slow") == good, patience_s=90)
    consumer = broker.consumer(group="shared")
    partitions = [(topic, number) for number in range(4)]

    def is_committed() -> bool:
        reached = consumer.committed(partitions)
        return all(reached.get(where) == consumer.watermarks(*where, 10.0)[1] for where in partitions)

    try:
        until(is_committed, patience_s=40)  # what was given up holds nothing
    finally:
        consumer.close()
    found = Reader(tmp_path / "second", broker, topics=(topic,), target=None).rows(state=FileState.PROBLEM)
    assert {row.path for row in found} == wanted.keys() - good.keys()


@pytest.mark.parametrize("test_broker", ["kafka"], indirect=True)
def test_a_member_that_comes_back_goes_on_where_the_group_stands(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=2)
    broker = KafkaBroker({**broker_config, **QUICK})
    group = f"g-{topic}"
    reader = Reader(tmp_path / "a", broker, topics=(topic,), group=group)
    chunks = chunks_of("f", content(1000))
    send(broker, topic, chunks_of("a", b"1"), partition=1)
    send(broker, topic, chunks[:6])
    send(broker, topic, chunks_of("b", b"2"))
    reader.read_all()
    assert set(reader.files) == {"a", "b"}
    other = Reader(tmp_path / "b", broker, topics=(topic,), group=group)
    other.read_all()
    # the unfinished file holds the floor: what lies behind its first chunk comes once more, what lies before does not
    assert set(other.files) == {"b"}
    send(broker, topic, chunks[6:])
    reader.read_all()
    assert reader.files == {"a": b"1", "b": b"2", "f": content(1000)}
    third = Reader(tmp_path / "c", broker, topics=(topic,), group=group)
    third.read_all()
    assert third.files == {}


@pytest.mark.parametrize("test_broker", ["kafka"], indirect=True)
def test_an_incomplete_file_holds_the_group_for_a_day_at_most(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=1)
    broker = KafkaBroker({**broker_config, **QUICK})
    clock = [1_700_000_000.0]
    group = f"g-{topic}"
    reader = Reader(tmp_path / "a", broker, topics=(topic,), group=group)
    send(broker, topic, chunks_of("f", content(1000))[:6])
    send(broker, topic, chunks_of("b", b"2"))
    reader.read_all(now=lambda: clock[0])
    clock[0] += 86_401
    reader.read_all(now=lambda: clock[0], idle_s=1.5)
    reader.read_all(now=lambda: clock[0], idle_s=1.5)
    assert "f is incomplete" in reader.problem_titles
    other = Reader(tmp_path / "b", broker, topics=(topic,), group=group)
    other.read_all()
    assert other.files == {}


def scattered(broker: KafkaBroker, topic: str, path: str, partitions: int) -> None:
    """As OpenMSIStream's writers do it: the key decides."""
    import zlib

    producer = broker.producer()
    for chunk in chunks_of(path, content(2000), 100):
        key = message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
        producer.send(topic, zlib.crc32(key) % partitions, key=key, value=encode(chunk), headers=(), token=1)
    producer.flush(20)
    producer.close()


@pytest.mark.parametrize("test_broker", ["embedded"], indirect=True)
def test_a_topic_with_scattered_chunks_is_refused_at_the_start(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=4)
    broker = KafkaBroker({**broker_config, **QUICK})
    scattered(broker, topic, "f", 4)
    reader = Reader(tmp_path / "a", broker, topics=(topic,), group="g")
    with pytest.raises(SettingsError, match="cannot be shared"):
        reader.read_all()
    alone = Reader(tmp_path / "b", broker, topics=(topic,))
    alone.read_all()
    assert alone.files == {"f": content(2000)}


@pytest.mark.parametrize("test_broker", ["embedded"], indirect=True)
def test_scattered_chunks_that_come_later_stop_the_reader_and_nothing_is_committed_past_them(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=4)
    broker = KafkaBroker({**broker_config, **QUICK})
    reader = Reader(tmp_path / "a", broker, topics=(topic,), group="g")
    service = reader.service()
    stop, ready = threading.Event(), threading.Event()
    errors: list[Exception] = []

    def run() -> None:
        try:
            service.run(stop, ready.set)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(ready.is_set, patience_s=40)
    scattered(broker, topic, "f", 4)
    until(lambda: errors)
    thread.join()
    assert "cannot be shared" in str(errors[0])
    assert not isinstance(errors[0], SettingsError)
    assert reader.files == {}
    with pytest.raises(type(errors[0])):
        service.run(threading.Event(), lambda: None)


@pytest.mark.parametrize("test_broker", ["embedded"], indirect=True)
def test_files_of_our_own_senders_never_look_scattered(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=2)
    broker = KafkaBroker({**broker_config, **QUICK})
    for number in range(10):
        send(broker, topic, chunks_of(f"f{number}", content(900, number)), partition=number % 2)
    reader = Reader(tmp_path, broker, topics=(topic,), group=f"g-{topic}")
    reader.read_all()
    assert len(reader.files) == 10
    assert {row.state for row in reader.rows()} == {FileState.DELIVERED}
