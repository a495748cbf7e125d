"""Defects that OpenMSIStream 1.8.8 was seen to have, each as a test of what our program does instead."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgpack
import pytest
from confluent_kafka import Producer
from faults.oracle import Written, hash_of, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running
from servers.trees import differences, read_tree, write

CHUNK = 1000


class Bench:
    """Our commands on a topic of one partition, so that the order of messages is that of the test."""

    def __init__(self, kafka: Kafka, program: Program, place: Path) -> None:
        self.kafka = kafka
        self.program = program
        self.topic = kafka.create_topic(partitions=1)
        self.source, self.target = place / "source", place / "target"
        self.source.mkdir()
        self.there = ("--bootstrap", kafka.bootstrap())

    def send(self, *paths: Path) -> Running:
        run = self.program.run("send", *paths, "--topic", self.topic, *self.there, data="sender")
        assert run.process.returncode == 0, run.tell()
        return run

    def watch(self, *more: str) -> Running:
        command = ("watch", str(self.source), "--topic", self.topic, "--quiet", "0.3", *self.there, *more)
        return self.program.start(*command, data="sender")

    def download(self, *, status: int = 0) -> Running:
        """Read everything that is there; a process of its own each time, with the same data folder."""
        run = self.program.run(
            *("download", self.topic, "--target", self.target, "--until-idle", "1", *self.there), data="reader"
        )
        assert run.process.returncode == status, run.tell()
        return run

    @property
    def received(self) -> dict[str, bytes]:
        return read_tree(self.target, ignore=[".openmsi-parts"])

    def put(self, messages: Sequence[bytes]) -> None:
        """Messages as OpenMSIStream writes them (without our header)."""
        producer = Producer(self.kafka.client())
        for number, value in enumerate(messages):
            producer.produce(self.topic, value, key=f"_x_chunk_{number}", partition=0)
        assert producer.flush(20) == 0


def messages_of(
    name: str, data: bytes, *, folder: str = "", mtime: float = 1_600_000_000.0, chunk: int = CHUNK
) -> list[bytes]:
    """All chunks of a file, written by hand."""
    whole = hashlib.sha512(data).digest()
    starts = range(0, max(1, len(data)), chunk)
    out = []
    for index, start in enumerate(starts, start=1):
        piece = data[start : start + chunk]
        digest = hashlib.sha512(piece).digest()
        out.append(msgpack.packb([name, whole, digest, start, index, len(starts), folder, "", piece, mtime]))
    return out


@pytest.fixture
def bench(kafka: Kafka, program: Program, tmp_path: Path) -> Bench:
    return Bench(kafka, program, tmp_path)


def test_u5_good_data_is_not_taken_for_logs_and_junk_is_not_sent(bench: Bench) -> None:
    good = ["analog_ch1.csv", "catalog.csv", "shot_log.csv", "geology/s1.csv", "run/logbook.txt", "log.txt"]
    junk = ["~$book.xlsx", "x.tmp", "Thumbs.db", "data.part"]
    for name in [*good, *junk]:
        write(bench.source / name, name.encode())
    run = bench.send(bench.source)
    assert {e["path"] for e in run.find(event="file", state="sent")} == {f"source/{name}" for name in good}
    ignored = {e["path"]: e["reason"] for e in run.find(event="file", state="ignored")}
    assert ignored.keys() == {f"source/{name}" for name in junk}
    assert all(ignored.values()), "every one has its rule"


def test_u6a_an_empty_file_is_sent_and_arrives(bench: Bench) -> None:
    write(bench.source / "empty.dat", b"")
    run = bench.send(bench.source)
    assert [e["state"] for e in run.find(event="file", path="source/empty.dat")][-1] == "sent"
    bench.download()
    assert bench.received == {"source/empty.dat": b""}


def test_u6b_a_file_changed_while_the_program_was_off_is_sent_again(bench: Bench) -> None:
    write(bench.source / "a.dat", b"first")
    run = bench.watch()
    run.wait_for(event="file", path="a.dat", state="sent")
    assert run.stop() == 143
    write(bench.source / "a.dat", b"edited meanwhile")
    write(bench.source / "new.dat", b"new")
    run = bench.watch()
    for name in ("a.dat", "new.dat"):
        run.wait_for(event="file", path=name, state="sent")
    assert run.stop() == 143
    bench.download()
    assert bench.received == {"a.dat": b"edited meanwhile", "new.dat": b"new"}


def test_u6c_a_file_that_changes_during_its_upload_is_withdrawn_and_then_sent_whole(bench: Bench) -> None:
    written = Written(bench.source)
    first, second = (os.urandom(1024) * (20 * 1024) + tail for tail in (b"1", b"22"))
    file = bench.source / "big.raw"
    write(file, first)
    written.add("big.raw", first)
    run = bench.watch("--limit", "6000000")
    run.wait_until(
        lambda: any(e.get("chunks_done") for e in run.find(event="file", state="sending")),
        timeout_s=60,
        what="a part of it is sent",
    )
    written.add("big.raw", second)
    file.write_bytes(second)
    run.wait_for(event="file", path="big.raw", state="sent", sha512=hash_of(second))
    write(bench.source / "after.dat", b"the task lives")
    written.add("after.dat", b"the task lives")
    run.wait_for(event="file", path="after.dat", state="sent")
    assert run.stop() == 143
    assert run.find(event="file", path="big.raw", state="sent", sha512=hash_of(first)) == []
    parts = read_topic(bench.kafka.client(), bench.topic, written)
    rows = bench.program.run("files", data="sender").events
    assert judge(written, parts, said=run.events, journal=rows).wrong == []
    bench.download()
    assert differences({"big.raw": second, "after.dat": b"the task lives"}, bench.received) == []


@pytest.mark.parametrize("command", ["send", "watch"])
def test_u6d_a_relative_folder_is_sent_like_any_other(bench: Bench, command: str) -> None:
    write(bench.program.folder / "run_01" / "a.dat", b"a")  # the commands run in this folder
    if command == "send":
        bench.send(Path("run_01"))
    else:
        run = bench.program.start("watch", "run_01", "--topic", bench.topic, "--quiet", "0.3", *bench.there)
        run.wait_for(event="file", path="a.dat", state="sent")
        assert run.stop() == 143
    bench.download()
    assert bench.received == {"run_01/a.dat" if command == "send" else "a.dat": b"a"}


def test_u9_one_odd_name_does_not_stop_the_others(bench: Bench) -> None:
    names = ["a;b.csv", "c';\".csv", "d\ne.csv", ";", "größe µm.csv", "z.csv"]
    run = bench.watch()
    run.wait_for(event="ready")
    for name in names:
        write(bench.source / name, name.encode())
    for name in names:
        run.wait_for(event="file", path=name, state="sent")
    assert run.stop() == 143
    bench.download()
    assert differences({name: name.encode() for name in names}, bench.received) == []


def test_u18_a_newer_version_that_overtakes_an_older_one_arrives_whole(bench: Bench) -> None:
    sizes = {"longer.dat": 3 * CHUNK, "as long.dat": 2 * CHUNK, "shorter.dat": CHUNK}
    for name, size in sizes.items():
        old = messages_of(name, b"o" * 2 * CHUNK, mtime=1_600_000_000.0)
        new = messages_of(name, b"n" * size, mtime=1_600_000_100.0)
        bench.put([old[0], *new, old[1]])
    bench.download()
    assert bench.received == {name: b"n" * size for name, size in sizes.items()}


def test_u18_parts_of_a_newer_version_are_kept_while_the_older_one_is_incomplete(bench: Bench) -> None:
    old, new = messages_of("a.dat", b"o" * 2 * CHUNK), messages_of("a.dat", b"n" * 2 * CHUNK, mtime=1_600_000_100.0)
    bench.put([old[0], new[0], new[1]])
    bench.download()
    assert bench.received == {"a.dat": b"n" * 2 * CHUNK}


def test_u19_a_message_cannot_write_outside_the_target(bench: Bench, tmp_path: Path) -> None:
    absolute = str(tmp_path / "elsewhere")
    hostile = [
        ("../..", "evil.txt"), ("", "../../evil.txt"), (absolute, "evil.txt"), ("a/../../..", "evil.txt"), ("", ".."),
        ("", absolute + "/evil.txt"), ("..\\..", "evil.txt"), ("C:", "evil.txt"), (".openmsi-parts", "evil.txt"),
    ]  # fmt: skip
    for folder, name in hostile:
        bench.put(messages_of(name, b"evil", folder=folder))
    bench.put(messages_of("good.dat", b"good"))
    run = bench.download()
    assert bench.received == {"good.dat": b"good"}
    assert list(tmp_path.parent.rglob("*evil.txt")) == []
    quarantined = run.find(event="quarantined")
    assert len(quarantined) == len(hostile) and all(event["reason"] for event in quarantined)


def test_u19_a_file_that_was_there_keeps_every_byte(bench: Bench) -> None:
    mine = b"my own text, longer than what comes"
    write(bench.target / "a.txt", mine)
    bench.put(messages_of("a.txt", b"short"))
    run = bench.download()
    assert bench.received["a.txt"] == mine
    (delivered,) = run.find(event="file", state="delivered")
    assert Path(delivered["local"]).read_bytes() == b"short"
    assert len(bench.received) == 2


def test_u19_a_damaged_part_is_never_written_and_the_file_is_not_delivered(bench: Bench) -> None:
    messages = messages_of("a.dat", b"a" * 2 * CHUNK)
    fields = msgpack.unpackb(messages[1])
    fields[8] = b"?" + fields[8][1:]
    bench.put([messages[0], msgpack.packb(fields)])
    run = bench.download(status=1)
    assert bench.received == {}
    assert len(run.find(event="quarantined")) == 1
    bench.put([messages[1]])
    bench.download()
    assert bench.received == {"a.dat": b"a" * 2 * CHUNK}


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_a_half_received_file_is_completed_after_a_restart(bench: Bench, end: str) -> None:
    messages = messages_of("a.dat", os.urandom(8 * CHUNK), folder="run")
    content = b"".join(msgpack.unpackb(m)[8] for m in messages)
    bench.put(messages[:4])
    if end == "stopped":
        bench.download(status=1)
    else:
        run = bench.program.start("download", bench.topic, "--target", bench.target, *bench.there, data="reader")
        run.wait_for(event="file", state="receiving")
        run.kill()
    bench.put(messages[4:])
    run = bench.download()
    assert bench.received == {"run/a.dat": content}
    assert len(run.find(event="file", state="delivered")) == 1


def test_an_unfinished_file_is_not_visible_under_its_name(bench: Bench) -> None:
    messages = messages_of("a.dat", b"a" * 3 * CHUNK)
    bench.put(messages[:2])
    run = bench.download(status=1)
    assert bench.received == {}
    (left,) = run.find(event="file", state="incomplete")
    assert left["missing"] == [3]
