"""Disks fill up to the last byte and are emptied again: nothing is damaged or half written, and it goes on by itself (F21, F22)."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka import Producer
from faults.disks import MB, SmallDisk, small_disk
from faults.observer import observed
from faults.oracle import Event, Written, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running

RECOVERY_MOST_S = 30.0
MISTAKE = "made a mistake"
Judged = Callable[..., None]
MakeDisk = Callable[[Path, int], SmallDisk]


@pytest.fixture
def make_disk() -> Iterator[MakeDisk]:
    """``make_disk(path, bytes)``; gone after the test."""
    with ExitStack() as disks:
        yield lambda path, size: disks.enter_context(small_disk(path, size))


@pytest.fixture
def topic(kafka: Kafka) -> str:
    return kafka.create_topic(partitions=2, config={"message.timestamp.type": "LogAppendTime"})


@pytest.fixture
def written(tmp_path: Path) -> Written:
    (tmp_path / "instrument").mkdir()
    return Written(tmp_path / "instrument")


def write(written: Written, path: str, content: bytes) -> str:
    """A finished file appears; returns its hash."""
    written.add(path, content)
    aside = written.root / f".{path}.tmp"
    aside.write_bytes(content)
    aside.replace(written.root / path)
    return written.last[path]


class Keeper:
    """A service manager: keeps a command running, collects what it says."""

    def __init__(self, start: Callable[[], Running]) -> None:
        self._start = start
        self.run = start()
        self.lives: list[Running] = [self.run]

    def look(self) -> None:
        """Start it again if it has ended. It may have ended because a disk is full, but not otherwise."""
        status = self.run.process.poll()
        if status is None:
            return
        assert status == 4 and "full" in self.run.errors(), f"it ended with {status}\n{self.run.tell()}"
        self.start()

    def start(self) -> None:
        self.run = self._start()
        self.lives.append(self.run)

    def kill(self) -> None:
        self.run.kill()

    def end(self) -> None:
        assert self.run.stop() == 143, self.run.tell()

    @property
    def events(self) -> list[Event]:
        return [event for life in self.lives for event in life.events]

    @property
    def waits(self) -> bool:
        """It says that it waits for something."""
        states = [e["state"] for e in self.run.find(event="task")]
        return bool(states) and states[-1] == "waiting"

    def accuse(self) -> None:
        for life in self.lives:
            assert MISTAKE not in life.errors() and life.stray_lines == [], life.tell()


def wait(keepers: list[Keeper], check: Callable[[], bool], *, timeout_s: float, what: str) -> float:
    """Look after the services until something is so; returns the seconds that took."""
    began = time.monotonic()
    while not check():
        for keeper in keepers:
            keeper.look()
        if time.monotonic() > began + timeout_s:
            told = "\n".join(keeper.run.tell() for keeper in keepers)
            raise AssertionError(f"{what}: not within {timeout_s:.0f} s\n{told}")
        time.sleep(0.05)  # the services are looked at in turn
    return time.monotonic() - began


def has(keeper: Keeper, state: str, versions: dict[str, str]) -> bool:
    """Whether it has said this of all these versions."""
    said = {(e["path"], e.get("sha512")) for e in keeper.events if e.get("event") == "file" and e["state"] == state}
    return versions.items() <= said


def intact(data: Path) -> bool:
    """SQLite finds nothing wrong in the journal."""
    with sqlite3.connect(data / "journal.db") as journal:
        found = journal.execute("PRAGMA integrity_check").fetchone()[0]
    journal.close()
    return bool(found == "ok")


def test_the_disk_of_the_journals_is_full(
    kafka: Kafka,
    topic: str,
    program: Program,
    written: Written,
    chance: random.Random,
    make_disk: MakeDisk,
    judged: Judged,
    repeats: Callable[[int, int], int],
    tmp_path: Path,
) -> None:
    disks = [make_disk(program.folder / name, 20 * MB) for name in ("sender", "reader")]
    there, target = ("--bootstrap", kafka.bootstrap()), tmp_path / "received"
    sending = ("watch", written.root, "--topic", topic, "--quiet", "0.2", "--max-wait", "3", *there)
    sender = Keeper(lambda: program.start(*sending, data="sender"))
    reader = Keeper(lambda: program.start("download", topic, "--target", target, *there, data="reader"))
    both, worst, times = [sender, reader], 0.0, repeats(2, 20)
    write(written, "first.dat", b"1")
    wait(both, lambda: has(reader, "delivered", written.last), timeout_s=30, what="the first file")
    with observed(target, written) as observer:
        for number in range(times):
            for disk in disks:
                disk.fill()
            for n in range(30):
                write(written, f"{number} {n}.dat", chance.randbytes(chance.choice([1, 3000, 700_000])))
            write(written, "first.dat", chance.randbytes(1000))
            wait(both, lambda: sender.waits or has(sender, "sent", written.last), timeout_s=30, what="a state")
            if chance.random() < 0.5:
                for keeper in both:
                    keeper.kill()
                    keeper.start()
            for disk in disks:
                disk.clear()
            took = wait(both, lambda: has(reader, "delivered", written.last), timeout_s=60, what="it goes on by itself")
            worst = max(worst, took)
    for keeper in both:
        keeper.end()
        keeper.accuse()
    assert all(intact(disk.path) for disk in disks)
    assert observer.torn == []
    said = sorted([*sender.events, *reader.events], key=lambda e: str(e["time"]))
    verdict = judge(written, read_topic(kafka.client(), topic, written), said=said, target=target)
    judged("F21", "state volume full", times, verdict, recovery_s=worst)
    assert worst <= RECOVERY_MOST_S


def test_the_disk_of_the_log_is_full(
    kafka: Kafka, topic: str, program: Program, written: Written, make_disk: MakeDisk, judged: Judged
) -> None:
    disk = make_disk(program.folder / "sender" / "logs", 1 << 16)
    there = ("--topic", topic, "--bootstrap", kafka.bootstrap())
    disk.fill()
    run = program.start("-vv", "watch", written.root, "--quiet", "0.2", *there, data="sender")
    run.wait_for(event="ready")
    for number in range(20):
        write(written, f"{number}.dat", os.urandom(1000))
    run.wait_until(lambda: len(run.find(event="file", state="sent")) == 20, timeout_s=30, what="all is sent")
    disk.clear()
    assert run.stop() == 143
    assert MISTAKE not in run.errors() and "Traceback" not in run.errors()
    judged("F21", "log volume full", 1, judge(written, read_topic(kafka.client(), topic, written), said=run.events))


def settings_of(program: Program, kafka: Kafka, topic: str, target: Path, *, keep_free: int) -> tuple[str | Path, ...]:
    """The command that downloads, with its settings."""
    file = program.folder / "download.toml"
    file.write_text(
        f'version = 1\n[[connections]]\nname = "c"\nkafka = {{ "bootstrap.servers" = "{kafka.bootstrap()}" }}\n'
        f'[[downloads]]\nname = "here"\ntopics = ["{topic}"]\nconnection = "c"\ntarget = {json.dumps(str(target))}\n'
        f"keep_free = {keep_free}\n"
    )
    return ("run", "--settings", file)


@pytest.mark.parametrize("keep_free", [6 * MB, 0])
def test_the_disk_of_the_target_is_full(
    kafka: Kafka,
    topic: str,
    program: Program,
    written: Written,
    chance: random.Random,
    make_disk: MakeDisk,
    judged: Judged,
    repeats: Callable[[int, int], int],
    tmp_path: Path,
    keep_free: int,
) -> None:
    disk = make_disk(tmp_path / "received", 40 * MB)
    there = ("--topic", topic, "--bootstrap", kafka.bootstrap())
    watching = ("watch", written.root, "--quiet", "0.2", "--max-wait", "3", *there)
    sender = Keeper(lambda: program.start(*watching, data="sender"))
    command = settings_of(program, kafka, topic, disk.path, keep_free=keep_free)
    reader = Keeper(lambda: program.start(*command, data="reader"))
    both, worst, times = [sender, reader], 0.0, repeats(2, 20)
    write(written, "first.dat", b"1")
    wait(both, lambda: has(reader, "delivered", written.last), timeout_s=30, what="the first file")
    with observed(disk.path, written, ("somebody else's file", "target")) as observer:
        for number in range(times):
            disk.fill(leave=keep_free + chance.randrange(1, 3 * MB))
            looked = time.monotonic() + 1.2  # it looks once a second
            wait(both, lambda looked=looked: time.monotonic() > looked, timeout_s=5, what="it has looked at the disk")  # type: ignore[misc]
            write(written, "big.raw", chance.randbytes(7 * MB + number))
            write(written, f"{number % 3}.dat", chance.randbytes(chance.randrange(1000)))
            wait(both, lambda: reader.waits, timeout_s=30, what="it says that the disk is full")
            assert not has(reader, "delivered", written.last)
            title = [e["title"] for e in reader.run.find(event="task", state="waiting")][-1]
            assert "full" in title, title
            if keep_free:
                assert disk.free > 0, "it stopped before the disk was full"
            if chance.random() < 0.3:
                reader.kill()
                reader.start()
            disk.clear()
            worst = max(
                worst, wait(both, lambda: has(reader, "delivered", written.last), timeout_s=60, what="it goes on")
            )
    for keeper in both:
        keeper.end()
        keeper.accuse()
    assert observer.torn == []
    said = sorted([*sender.events, *reader.events], key=lambda e: str(e["time"]))
    verdict = judge(written, read_topic(kafka.client(), topic, written), said=said, target=disk.path)
    what = "download target nearly full" if keep_free else "download target full"
    judged("F22", what, times, verdict, recovery_s=worst, note=f"looked at {observer.looks} times meanwhile")
    assert worst <= RECOVERY_MOST_S


def test_rejected_messages_do_not_fill_the_disk_of_the_journal(
    kafka: Kafka, program: Program, written: Written, make_disk: MakeDisk, fault: Callable[..., None], tmp_path: Path
) -> None:
    from faults.report import Line

    topic = kafka.create_topic(partitions=1)
    disk = make_disk(program.folder / "reader", 8 * MB)
    producer = Producer(kafka.client())
    for number in range(300):
        producer.produce(topic, os.urandom(100_000), key=str(number).encode())
        producer.poll(0)
    assert producer.flush(30) == 0
    write(written, "good.dat", os.urandom(1_000_000))
    there = ("--bootstrap", kafka.bootstrap())
    sent = program.run("send", written.root / "good.dat", "--topic", topic, *there, data="sender")
    assert sent.process.returncode == 0, sent.tell()
    target = tmp_path / "received"
    run = program.start("download", topic, "--target", target, *there, data="reader")
    run.wait_for(event="file", path="good.dat", state="delivered", timeout_s=30)
    assert len(run.find(event="quarantined")) == 300
    assert disk.free > 0 and run.stop() == 143
    assert (target / "good.dat").read_bytes() == written.contents[written.last["good.dat"]]
    fault(Line("F22", "quarantine full", 300))
