"""Topics as they come: with holes, more partitions, wrong clocks, several writers; and a reader that has lost its journal."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader, until
from streaming.test_delivery import Shelf

from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.receiving import upkeep
from openmsi_desktop.streaming.sinks import ReceivedFile

ALICE, BOB = "a" * 32, "b" * 32
MS = 1_700_000_000_000
DAY_MS = 86_400_000

pytestmark = pytest.mark.usefixtures("saves_often")


def senders(has_header: bool) -> Callable[[int], Sender | None]:
    return lambda version: Sender(ALICE, version) if has_header else None


# -- rule 3: versions


@pytest.mark.parametrize("has_header", [False, True])
def test_a_restored_file_with_an_old_time_is_the_newest_version(
    reader: Reader, broker: MemoryBroker, has_header: bool
) -> None:
    by = senders(has_header)
    broker.put_chunks("t", chunks_of("f", content(300, 1), mtime=1_600_000_000.0), sender=by(1))
    reader.read_all()
    broker.put_chunks("t", chunks_of("f", content(300, 2), mtime=900_000_000.0), sender=by(2))
    reader.read_all()
    assert reader.files == {"f": content(300, 2)}
    assert (reader.target / "f").stat().st_mtime == 900_000_000.0


@pytest.mark.parametrize("has_header", [False, True])
@pytest.mark.parametrize("off_days", [1, -1, 30, -30])
def test_clocks_that_are_a_day_or_a_month_off_change_no_order(
    reader: Reader, broker: MemoryBroker, has_header: bool, off_days: int
) -> None:
    by = senders(has_header)
    for version in range(1, 5):
        off = off_days * DAY_MS if version % 2 else 0
        for chunk in chunks_of("f", content(300, version)):
            broker.put_chunk("t", chunk, sender=by(version), timestamp_ms=MS + version + off)
        reader.read_all()
        assert reader.files == {"f": content(300, version)}
    assert reader.problems() == []


def test_messages_without_any_time_keep_their_order(reader: Reader, broker: MemoryBroker) -> None:
    for version in (1, 2):
        for chunk in chunks_of("f", content(300, version), mtime=None):
            broker.put_chunk("t", chunk, timestamp_ms=None)  # type: ignore[arg-type]
    reader.read_all()
    assert reader.files == {"f": content(300, 2)}


@pytest.mark.parametrize("has_header", [False, True])
def test_the_same_file_in_other_chunks_while_the_first_is_incomplete(
    reader: Reader, broker: MemoryBroker, has_header: bool
) -> None:
    data, by = content(1000), senders(has_header)
    broker.put_chunks("t", chunks_of("f", data, 100)[:7], sender=by(1))
    reader.read_all()
    broker.put_chunks("t", chunks_of("f", data, 300), sender=by(2))
    service = reader.read_all()
    assert reader.files == {"f": data}
    assert service.left_over() == []
    assert reader.spooled == []


@pytest.mark.parametrize("has_header", [False, True])
def test_the_same_file_in_other_chunks_after_it_was_delivered(
    reader: Reader, broker: MemoryBroker, has_header: bool
) -> None:
    data, by = content(1000), senders(has_header)
    clock = [1_700_000_000.0]
    broker.put_chunks("t", chunks_of("f", data, 100), sender=by(1))
    reader.read_all(now=lambda: clock[0])
    broker.put_chunks("t", chunks_of("f", data, 300)[1:3], sender=by(2))  # a part of it: nothing lacks here
    assert reader.read_all(now=lambda: clock[0]).left_over() == []
    clock[0] += 601
    reader.read_all(now=lambda: clock[0])
    assert [row.state for row in reader.rows()] == [FileState.DELIVERED, FileState.IGNORED]
    assert FileState.INCOMPLETE not in reader.states("f")
    broker.put_chunks("t", chunks_of("f", content(1000, 9), 100), sender=by(3))
    broker.put_chunks("t", chunks_of("f", data, 300), sender=by(4))
    reader.read_all()
    assert reader.files == {"f": data}


def test_two_installations_with_one_path_are_both_kept_and_told_of(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f.dat", content(300, 1)), sender=Sender(ALICE, 5))
    broker.put_chunks("t", chunks_of("f.dat", content(300, 2)), sender=Sender(BOB, 1))
    reader.read_all()
    assert sorted(reader.files.values()) == sorted([content(300, 1), content(300, 2)])
    assert len(reader.problems()) == 1
    broker.put_chunks("t", chunks_of("f.dat", content(300, 3)), sender=Sender(ALICE, 6))
    broker.put_chunks("t", chunks_of("f.dat", content(300, 4)), sender=Sender(BOB, 2))
    reader.read_all()
    assert sorted(reader.files.values()) == sorted([content(300, 3), content(300, 4)])


def test_one_path_on_two_topics_is_a_conflict_not_a_replacement(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.create("u", topic_id="id-2")
    reader = Reader(tmp_path, broker, topics=("t", "u"))
    broker.put_chunks("t", chunks_of("f", content(300, 1)))
    broker.put_chunks("u", chunks_of("f", content(300, 2)))
    reader.read_all()
    assert sorted(reader.files.values()) == sorted([content(300, 1), content(300, 2)])
    assert len(reader.problems()) == 1


# -- rule 1: partitions


def test_partitions_are_added_in_the_middle_of_a_file(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PARTITIONS_S", 0.1)
    data = content(1000)
    chunks = chunks_of("f", data)
    reader = Reader(tmp_path, broker)
    broker.put_chunks("t", chunks[:4])
    with reader.running():
        until(lambda: reader.rows())
        broker.topics["t"].partitions = 3
        for number, chunk in enumerate(chunks[4:]):  # now its writer scatters them over all
            broker.put_chunk("t", chunk, partition=number % 3)
        until(lambda: reader.files == {"f": data})
    assert reader.problems() == []


# -- rule 14: a compacted topic


@pytest.mark.parametrize("has_header", [False, True])
def test_holes_of_compaction_make_incomplete_files_and_never_torn_ones(
    tmp_path: Path, broker: MemoryBroker, has_header: bool
) -> None:
    by, chance = senders(has_header), random.Random(14)
    versions: dict[str, list[list[Chunk]]] = {}
    for number in range(10):
        path = f"f{number}"  # all versions have as many chunks, and so the same keys
        versions[path] = [chunks_of(path, content(1200, 10 * number + v)) for v in range(3)]
    for version in range(3):
        for path in versions:
            broker.put_chunks("t", versions[path][version], sender=by(version + 1))
    log = broker.topics["t"].log[0]
    last = {message.key: message.offset for message in log if message is not None}  # keys repeat between versions
    log[:] = [m if m and last[m.key] == m.offset and chance.random() < 0.95 else None for m in log]
    there = {message.key for message in log if message is not None}
    reader = Reader(tmp_path, broker)
    left = {event.path: event.missing for event in reader.read_all().left_over()}
    expected = {}
    for path, (*_, newest) in versions.items():
        missing = tuple(c.index for c in newest if f"_{path}_chunk_{c.index}_of_{c.total}".encode() not in there)
        if missing:
            expected[path] = missing
    assert left == expected
    assert 0 < len(expected) < 10
    assert reader.files == {path: content(1200, 10 * int(path[1:]) + 2) for path in versions.keys() - expected.keys()}


# -- rule 5: parts under way that are lost or damaged


@pytest.mark.parametrize("damage", ["deleted", "flipped", "truncated"])
def test_an_incomplete_part_that_is_damaged_on_the_disk_is_read_again(
    reader: Reader, broker: MemoryBroker, damage: str
) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    broker.put_chunks("t", chunks[:7])
    reader.read_all()
    (part,) = [file for file in (reader.target / ".openmsi-parts").iterdir() if len(file.name) == 32]
    if damage == "deleted":
        part.unlink()
    elif damage == "truncated":
        os.truncate(part, 150)
    else:
        with part.open("r+b") as file:
            file.write(bytes([data[0] ^ 4]))
    broker.put_chunks("t", chunks[7:])
    reader.read_all()
    assert reader.files == {"f": data}
    assert reader.problems() == []
    assert reader.spooled == []


# -- rule 9: nothing waits for a sink


def test_chunks_are_read_on_while_a_sink_takes_its_time(tmp_path: Path, broker: MemoryBroker) -> None:
    shelf, go_on = Shelf(), threading.Event()

    def wait(file: ReceivedFile) -> None:
        go_on.wait(20)

    shelf.before = wait
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    broker.put_chunks("t", chunks_of("slow", b"x"))
    with reader.running():
        until(lambda: reader.rows())
        for number in range(20):
            broker.put_chunks("t", chunks_of(f"f{number}", content(300, number)))
        until(lambda: len(reader.rows(state=FileState.RECEIVED)) == 21)
        go_on.set()
        until(lambda: len(shelf.files) == 21)


# -- rule 20: the journal is the truth


def test_a_reader_that_nobody_listens_to_does_the_same(tmp_path: Path, broker: MemoryBroker) -> None:
    for number in range(5):
        broker.put_chunks("t", chunks_of(f"f{number}", content(300, number)))
    broker.put_chunks("t", chunks_of("lacking", content(300))[1:])
    deaf = Reader(tmp_path, broker)
    deaf.events = _Nothing()
    deaf.read_all()
    assert len(deaf.files) == 5
    assert {row.path: row.state for row in deaf.rows()}["lacking"] is FileState.RECEIVING
    assert [event.path for event in deaf.service().left_over()] == ["lacking"]


class _Nothing(list):  # type: ignore[type-arg]
    def append(self, item: object) -> None:
        """Nobody hears it."""


def test_a_reader_without_its_journal_reads_all_again_and_harms_nothing(reader: Reader, broker: MemoryBroker) -> None:
    files = {f"f{number}": content(300, number) for number in range(5)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data))
    reader.read_all()
    (reader.target / "f1").write_bytes(b"changed by a person")
    (reader.target / "f2").unlink()
    for file in reader.profile.journal_path.parent.glob("journal.db*"):
        file.unlink()
    reader.read_all()
    found = reader.files
    assert found.pop("f1") == b"changed by a person"
    assert {path: data for path, data in found.items() if path in files} == {
        p: d for p, d in files.items() if p != "f1"
    }
    (beside,) = found.keys() - files.keys()
    assert found[beside] == files["f1"]
    assert {row.state for row in reader.rows()} == {FileState.DELIVERED}
