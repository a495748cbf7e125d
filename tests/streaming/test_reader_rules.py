"""The rules that make a reader safe, each with what would break a simpler one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker, MemoryConsumer
from streaming.reading import Reader, until
from streaming.test_delivery import Shelf, fails

from openmsi_desktop.core.chunk import Chunk, Sender, encode, message_key, result_key
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.kafka.errors import OffsetGone
from openmsi_desktop.streaming.kafka.types import Message
from openmsi_desktop.streaming.receiving import patience

ALICE = "a" * 32
MS = 1_700_000_000_000

pytestmark = pytest.mark.usefixtures("saves_often")


def wrong(path: str, size: int = 400) -> list[Chunk]:
    """Chunks that are all there, but not the file whose hash they announce."""
    return [replace(chunk, file_hash=b"?" * 64) for chunk in chunks_of(path, content(size, 99))]


def put_damaged(broker: MemoryBroker, chunk: Chunk, sender: Sender | None = None) -> None:
    """One bit of its data is another one; the key is right."""
    data = bytes([chunk.data[0] ^ 1]) + chunk.data[1:]
    broker.put(
        "t",
        encode(replace(chunk, data=data)),
        key=message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total),
        headers=(("openmsi", sender.encode()),) if sender else (),
    )


# -- rule 3: only a version that was verified replaces another


@pytest.mark.parametrize("number", [None, 2])
def test_a_later_version_that_is_wrong_stops_no_delivery_of_the_one_before(
    tmp_path: Path, broker: MemoryBroker, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.2,))
    shelf = Shelf()
    shelf.before = fails(1)
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    old = Sender(ALICE, 1) if number else None
    broker.put_chunks("t", chunks_of("f", content(400)), sender=old)
    with reader.running():
        until(lambda: reader.problem_titles)  # it waits for the sink
        broker.put_chunks("t", wrong("f"), sender=Sender(ALICE, number) if number else None)
        until(lambda: "f cannot be rebuilt" in reader.problem_titles)
        until(lambda: shelf.files)
        until(lambda: reader.rows(state=FileState.DELIVERED))
    assert shelf.files == {"f": content(400)}
    assert [row.state for row in reader.rows()] == [FileState.DELIVERED, FileState.PROBLEM]


@pytest.mark.parametrize("has_header", [False, True])
def test_a_later_version_that_is_wrong_does_not_end_the_arrival_of_the_one_before(
    reader: Reader, broker: MemoryBroker, has_header: bool
) -> None:
    chunks = chunks_of("f", content(400))
    senders = [Sender(ALICE, 1), Sender(ALICE, 2)] if has_header else [None, None]
    broker.put_chunks("t", chunks[:3], sender=senders[0])
    broker.put_chunks("t", wrong("f"), sender=senders[1])
    reader.read_all()
    broker.put_chunks("t", chunks[3:], sender=senders[0])
    reader.read_all()
    assert reader.files == {"f": content(400)}


def test_a_version_that_is_wrong_is_left_over_until_a_right_one_has_come(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(300)))
    broker.put_chunks("t", wrong("f"))
    (event,) = reader.read_all().left_over()
    assert (event.path, event.state) == ("f", FileState.PROBLEM)
    assert "not the file" in (event.reason or "")
    assert reader.files == {"f": content(300)}
    broker.put_chunks("t", chunks_of("f", content(500)))
    assert reader.read_all().left_over() == []
    assert reader.files == {"f": content(500)}


def test_an_older_version_that_was_under_way_at_a_crash_is_superseded_in_the_next_run(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.put_chunks("t", chunks_of("f", content(400))[:3], sender=Sender(ALICE, 1))
    broker.put_chunks("t", chunks_of("f", content(500)), sender=Sender(ALICE, 2))
    with monkeypatch.context() as nobody_hears:
        nobody_hears.setattr("openmsi_desktop.core.assembler.Assembler.verified", lambda self, number: None)
        service = reader.read_all()
    assert reader.rows()[0].state is FileState.RECEIVING
    assert service.left_over() == []
    reader.read_all()
    assert [row.state for row in reader.rows()] == [FileState.SUPERSEDED, FileState.DELIVERED]
    assert reader.spooled == []


# -- rule 5: began before the start, or damaged?


@pytest.mark.parametrize("has_header", [False, True])
def test_a_damaged_first_chunk_is_not_taken_for_one_before_the_start(
    reader: Reader, broker: MemoryBroker, has_header: bool
) -> None:
    sender = Sender(ALICE, 1) if has_header else None
    broker.put_chunks("t", chunks_of("old", content(500)), sender=sender)
    broker.remove_before("t", 0, 2)  # retention took the first chunks of old
    chunks = chunks_of("f", content(400))
    put_damaged(broker, chunks[0], sender)
    broker.put_chunks("t", chunks[1:], sender=sender)
    clock = [1_700_000_000.0]
    left = reader.read_all(now=lambda: clock[0]).left_over()
    assert [(e.path, e.state, e.missing) for e in left] == [("f", FileState.INCOMPLETE, (1,))]
    clock[0] += 601
    reader.read_all(now=lambda: clock[0])
    assert {row.path: row.state for row in reader.rows()} == {"old": FileState.IGNORED, "f": FileState.INCOMPLETE}
    assert {row.path: row.reason for row in reader.rows()}["f"] == "3 of 4 chunks have arrived"


@pytest.mark.parametrize("begin", ["start", "date"])
def test_what_came_after_the_reader_was_started_did_not_begin_before(
    tmp_path: Path, broker: MemoryBroker, begin: str
) -> None:
    for number in range(10):
        broker.put_chunk("t", chunks_of(f"old{number}", b"x")[0], timestamp_ms=MS + number * 86_400_000)
    broker.remove_before("t", 0, 2)
    reader = Reader(tmp_path, broker, from_="start" if begin == "start" else "2023-11-17")
    reader.read_all()
    broker.put_chunks("t", chunks_of("f", content(400))[1:])  # the first chunk was never sent
    (event,) = reader.read_all().left_over()
    assert (event.path, event.state, event.missing) == ("f", FileState.INCOMPLETE, (1,))


def test_from_now_on_the_rest_of_a_file_began_before_whatever_was_damaged(tmp_path: Path, broker: MemoryBroker) -> None:
    chunks = chunks_of("f", content(400))
    broker.put_chunks("t", chunks[:2], sender=Sender(ALICE, 1))
    reader = Reader(tmp_path, broker, from_="now")
    reader.read_all()
    put_damaged(broker, chunks_of("g", content(300))[0])
    broker.put_chunks("t", chunks[2:], sender=Sender(ALICE, 1))
    assert reader.read_all().left_over() == []
    assert {row.path: row.state for row in reader.rows()} == {"f": FileState.IGNORED}


# -- rule 5: parts that were lost or damaged on the disk


@pytest.mark.parametrize("size", [50, 400])
@pytest.mark.parametrize("damage", ["deleted", "flipped", "truncated", "zeros"])
def test_a_complete_part_that_is_damaged_while_it_waits_is_read_again(
    tmp_path: Path, broker: MemoryBroker, size: int, damage: str
) -> None:
    shelf = Shelf()
    shelf.before = fails(1000)
    reader = Reader(tmp_path, broker, sinks=[shelf], target=None)
    data = content(size)
    broker.put_chunks("t", chunks_of("f", data))
    with reader.running():
        until(lambda: reader.problem_titles)
    (part,) = [file for file in reader.profile.spool.iterdir() if len(file.name) == 32]
    if damage == "deleted":
        part.unlink()
    else:
        spoiled = {"flipped": bytes([data[0] ^ 1]) + data[1:], "truncated": data[:-1], "zeros": bytes(size)}
        part.write_bytes(spoiled[damage])
    shelf.before = fails(0)
    reader.read_all()
    assert shelf.files == {"f": data}
    assert [row.state for row in reader.rows()] == [FileState.DELIVERED]


def test_a_part_read_again_goes_only_to_the_sinks_that_lack_it(tmp_path: Path, broker: MemoryBroker) -> None:
    there, away = Shelf("there"), Shelf("away")
    away.before = fails(1000)
    reader = Reader(tmp_path, broker, sinks=[there, away], target=None)
    broker.put_chunks("t", chunks_of("f", content(400)))
    with reader.running():
        until(lambda: there.log and reader.problem_titles)
    for file in reader.profile.spool.iterdir():
        file.unlink()
    away.before = fails(0)
    reader.read_all()
    assert away.files == {"f": content(400)}
    assert there.log == ["f"]


# -- rule 8: partitions of a shared group come and go


def test_a_gap_in_a_partition_that_was_handed_over_meanwhile_is_no_concern_of_ours(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = MemoryConsumer.read
    gaps = [OffsetGone("gone", topic="t", partition=7, position=100)]

    def late(self: MemoryConsumer, max_messages: int, timeout_s: float) -> list[Message]:
        if gaps:
            raise gaps.pop()
        return read(self, max_messages, timeout_s)

    monkeypatch.setattr(MemoryConsumer, "read", late)
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    assert reader.files == {"f": b"x"}
    assert reader.problems() == []


def test_results_among_files_are_passed_over_and_foreign_messages_are_kept_aside(
    reader: Reader, broker: MemoryBroker
) -> None:
    broker.put("t", b'{"peaks": [1]}', key=result_key("a/scan.xy"))
    broker.put_chunks("t", chunks_of("a/plot.png", content(400)))
    broker.put("t", b'{"peaks": [1]}', key=b"somebody else")
    reader.read_all()
    assert reader.files == {"a/plot.png": content(400)}
    assert [event.offset for event in reader.quarantined] == [5]
