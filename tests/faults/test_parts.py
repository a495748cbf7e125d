"""Chunks that come twice, in any order, mixed with those of other files, or not at all (F28, F29, F31, F32, F33)."""

from __future__ import annotations

import itertools
import random
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.messages import Sent, judge_received, messages, send
from faults.oracle import Verdict, Written, judge, read_topic
from servers.kafka import Kafka
from servers.memory_broker import MemoryBroker
from servers.program import Program, Running
from streaming.reading import Reader

from openmsi_desktop.core.events import FileEvent, FileState

Repeats = Callable[[int, int], int]
Judged = Callable[..., None]
KiB = 1024

pytestmark = pytest.mark.usefixtures("saves_often")


@pytest.fixture
def broker() -> MemoryBroker:
    made = MemoryBroker()
    made.create("t")
    return made


def put(broker: MemoryBroker, sent: Iterator[Sent] | list[Sent], *, partition: int = 0) -> None:
    for message in sent:
        broker.put("t", message.value, partition=partition, key=message.key, headers=message.headers)


def said(reader: Reader) -> list[tuple[str, str]]:
    """What it told of deliveries."""
    told = [e for e in reader.events if isinstance(e, FileEvent) and e.state is FileState.DELIVERED]
    return [(event.path, event.sha512 or "") for event in told]


def judged_reader(reader: Reader, versions: dict[str, list[bytes]]) -> Verdict:
    verdict = judge_received(reader.target, versions, said=said(reader))
    verdict.lies += [f"{e.path!r} is left over: {e.reason}" for e in reader.service().left_over()]
    verdict.harmed += [f"{name} stays in the spool" for name in reader.spooled]
    return verdict


def content(chance: random.Random, least: int, most: int) -> bytes:
    return chance.randbytes(chance.randint(least, most))


# -- F28: duplicates


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_a_tenth_of_all_messages_comes_twice(
    tmp_path: Path, broker: MemoryBroker, repeats: Repeats, judged: Judged, version: int | None
) -> None:
    chance, times, clock = random.Random(28), repeats(2, 20), [1_700_000_000.0]
    verdict, doubled = Verdict(), 0
    for number in range(times):
        broker.create("t")
        files = {f"d{n % 3}/f{n}": content(chance, 1, 40_000) for n in range(30)}
        sent = [m for path, data in files.items() for m in messages(path, data, 1000, version=version)]
        twice = chance.sample(sent, len(sent) // 10)
        for message in twice:  # some at once, some much later
            sent.insert(chance.randrange(sent.index(message) + 1, len(sent) + 1), message)
        doubled += len(twice)
        put(broker, sent)
        reader = Reader(tmp_path / str(number), broker, now=lambda: clock[0])
        reader.read_all()
        clock[0] += 601
        reader.read_all()
        verdict.add(judged_reader(reader, {path: [data] for path, data in files.items()}))
        # neither incomplete nor delivered twice
        fine = (FileState.DELIVERED, FileState.IGNORED, *([FileState.SUPERSEDED] if version is None else []))
        verdict.lies += [f"{row.path!r} is {row.state}" for row in reader.rows() if row.state not in fine]
        # without header, the only chunk of a file that comes again is a new sending of it: delivered again, or overtaking
        small = sum(m.key.endswith(b"_of_1") for m in twice) if version is None else 0
        if not len(files) <= len(said(reader)) <= len(files) + small:
            verdict.lies.append(f"{len(said(reader))} deliveries of {len(files)} files, {small} sent again")
    what = "a tenth of the messages twice" + (", with header" if version else ", without")
    judged("F28", what, times, verdict, note=f"{doubled} duplicates")


# -- F29: disorder


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_a_hundred_files_come_in_full_disorder(
    tmp_path: Path, broker: MemoryBroker, repeats: Repeats, judged: Judged, version: int | None
) -> None:
    chance, times, verdict = random.Random(29), repeats(1, 20), Verdict()
    for number in range(times):
        broker.create("t", partitions=1 if version else 3)
        files = {f"f{n}": content(chance, 1, 30_000) for n in range(100)}
        sent = [m for path, data in files.items() for m in messages(path, data, 1000, version=version)]
        chance.shuffle(sent)
        for message in sent:  # our sender keeps a file on one partition, OpenMSIStream scatters it
            put(broker, [message], partition=0 if version else chance.randrange(3))
        reader = Reader(tmp_path / str(number), broker)
        reader.read_all()
        verdict.add(judged_reader(reader, {path: [data] for path, data in files.items()}))
    judged("F29", "100 files shuffled into each other" + ("" if version else ", without header"), times, verdict)


# -- F31: something is missing


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_a_file_that_lacks_a_chunk_is_incomplete_until_it_is_sent_again(
    tmp_path: Path, broker: MemoryBroker, repeats: Repeats, judged: Judged, version: int | None
) -> None:
    chance, times, verdict = random.Random(31), repeats(2, 20), Verdict()
    for number in range(times):
        broker.create("t")
        data = content(chance, 159_001, 160_000)
        sent = messages("run.dat", data, 1000, version=version)
        missing = (1, 160, chance.randint(2, 159))[min(number, 2)]
        put(broker, [message for message in sent if message.index != missing])
        clock = [1_700_000_000.0]
        reader = Reader(tmp_path / str(number), broker, now=lambda clock=clock: clock[0])
        reader.read_all()
        clock[0] += 601
        (left,) = reader.read_all().left_over()
        (row,) = reader.rows()
        told = (left.state, left.missing, row.state, row.reason)
        if told != (FileState.INCOMPLETE, (missing,), FileState.INCOMPLETE, "159 of 160 chunks have arrived"):
            verdict.lies.append(f"chunk {missing} lacks, but it says {told}")
        if reader.files:
            verdict.lies.append("a file that lacks a chunk lies in the target")
        again = messages("run.dat", data, 1000, version=version and 2)
        put(broker, again if number % 2 else [m for m in again if m.index == missing or version])
        reader.read_all()
        clock[0] += (
            601  # without header, what followed the chunk that lacked may have been the beginning of another sending
        )
        reader.read_all()
        verdict.add(judged_reader(reader, {"run.dat": [data]}))
    judged("F31", "1 of 160 chunks lacks" + ("" if version else ", without header"), times, verdict)


# -- F32: two versions at once


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_two_versions_come_mixed_in_every_order(
    tmp_path: Path, repeats: Repeats, judged: Judged, version: int | None
) -> None:
    chance = random.Random(32)
    old, new = chance.randbytes(400), chance.randbytes(390)
    orders = list(itertools.permutations(range(8)))
    times = repeats(30, len(orders))
    chosen = orders if times >= len(orders) else chance.sample(orders, times)
    verdict = Verdict()
    # a topic with many files, each with its own order, is one run
    for batch in range(0, len(chosen), 500):
        broker = MemoryBroker()
        broker.create("t")
        versions: dict[str, list[bytes]] = {}
        for number, order in enumerate(chosen[batch : batch + 500]):
            path = f"d/f{number}"
            here = messages(path, old, 100, version=version) + messages(path, new, 100, version=version and 2)
            put(broker, [here[index] for index in order])
            # without a number, the version that began later is the newer one
            versions[path] = [old, new] if version is not None or order[0] < 4 else [new, old]
        reader = Reader(tmp_path / str(batch), broker)
        reader.read_all()
        verdict.add(judged_reader(reader, versions))
    judged("F32", "two versions in each other" + ("" if version else ", without header"), len(chosen), verdict)


# -- F33: nothing in it


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_an_empty_file_is_one_message_and_arrives_empty(
    tmp_path: Path, broker: MemoryBroker, repeats: Repeats, judged: Judged, version: int | None
) -> None:
    times = repeats(3, 20)
    for number in range(times):
        put(broker, messages(f"empty{number}", b"", 1000, version=version))
        put(broker, messages("was full", b"content" if number % 2 else b"", 1000, version=version and number + 1))
    reader = Reader(tmp_path, broker)
    reader.read_all()
    last = [b"", b"content"] if times % 2 == 0 else [b"content", b""]
    verdict = judged_reader(reader, {f"empty{n}": [b""] for n in range(times)} | {"was full": last})
    judged("F33", "empty files" + ("" if version else ", without header"), times, verdict)


# -- on a real topic


def test_duplicates_disorder_and_a_lack_on_a_real_topic(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Repeats, judged: Judged
) -> None:
    chance = random.Random(2829)
    count = repeats(20, 100)
    written = Written(tmp_path / "source")
    written.root.mkdir()
    sent: list[Sent] = []
    for number in range(count):
        data = content(chance, 1, 600 * KiB if number else 1)
        written.add(f"f{number}", data)
        (written.root / f"f{number}").write_bytes(data)
        sent += messages(f"f{number}", data, 16 * KiB)
    data = content(chance, 159 * KiB + 1, 160 * KiB)
    written.add("lacking", data)
    (written.root / "lacking").write_bytes(data)
    lacking = messages("lacking", data, KiB)
    sent += [message for message in lacking if message.index != 77]
    sent += chance.sample(sent, len(sent) // 10)
    chance.shuffle(sent)
    topic = kafka.create_topic(partitions=2)
    client = kafka.client()
    send(client, topic, sent, partition=lambda message: zlib.crc32(message.path.encode()) % 2)
    target = tmp_path / "target"
    command = ("download", topic, "--target", target, "--bootstrap", kafka.bootstrap(), "--until-idle", "2")
    run = program.start(*command)
    peak = _peak_mb(run)
    assert run.wait(timeout_s=300) != 0, run.tell()
    (left,) = run.find(event="file", path="lacking", state="incomplete")
    assert left["missing"] == [77], left
    assert not (target / "lacking").exists()
    send(client, topic, messages("lacking", data, KiB, version=2), partition=lambda message: 1)
    again = program.start(*command)
    peak = max(peak, _peak_mb(again))
    assert again.wait(timeout_s=120) == 0, again.tell()
    parts = read_topic(client, topic, written)
    verdict = judge(written, parts, said=[*run.events, *again.events], target=target)
    assert peak <= 256, f"{peak:.0f} MB"
    note = f"{count} files at once, at most {peak:.0f} MB of memory"
    judged("F28", "a tenth twice, on a real topic", count, verdict, note=note)
    judged("F29", "shuffled into each other, on a real topic", count, verdict, note=note)
    judged("F31", "1 of 160 chunks lacks, on a real topic", 1, verdict)


def _peak_mb(run: Running) -> float:
    """Peak memory of a run, watched until it ends, in 10^6 bytes."""
    peak, pause = 0.0, threading.Event()
    status = Path(f"/proc/{run.process.pid}/status")
    while run.process.poll() is None:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines() if status.exists() else []
        peak = next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")), peak)
        pause.wait(0.05)
    return peak
