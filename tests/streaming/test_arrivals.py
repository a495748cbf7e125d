"""A sink may begin with a big file while its chunks still arrive: what it is told, and when it is told to give it up."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader, until

from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.receiving import arrivals
from openmsi_desktop.streaming.sinks import ArrivingFile, Delivered, Failed, Outcome, PooledSink, ReceivedFile

ALICE = "a" * 32
MB = 1 << 20
SIZE = 9 * MB + 5


class Stream:
    """A sink that remembers what it was told, in order."""

    jobs = 2

    def __init__(self, name: str = "stream") -> None:
        self.name = name
        self.told: list[tuple[ArrivingFile, int]] = []
        self.prefixes: list[bytes] = []
        self.given_up: list[Path] = []
        self.files: dict[Path, bytes] = {}
        self.is_away = threading.Event()

    def __call__(self, journal: Journal) -> PooledSink:
        return self

    def prepare(self) -> None:
        if self.is_away.is_set():
            raise RetryableError("no contact")

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        self.files[file.path] = file.path.read_bytes()
        done.set_result(Delivered() if self.name == "stream" else Failed(RetryableError("later")))
        return done

    def close(self) -> None:
        pass

    def arriving(self, file: ArrivingFile, ready: int) -> None:
        self.told.append((file, ready))
        if file.path.exists():
            with file.path.open("rb") as opened:
                self.prefixes.append(opened.read(ready))

    def abandoned(self, path: Path) -> None:
        self.given_up.append(path)


@pytest.fixture(autouse=True)
def _smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "WORTH_BYTES", 8 * MB)


def _reader(tmp_path: Path, broker: MemoryBroker, *sinks: Stream) -> Reader:
    return Reader(tmp_path, broker, sinks=list(sinks), target=None)


def test_a_sink_hears_of_a_big_file_while_it_arrives(tmp_path: Path, broker: MemoryBroker) -> None:
    stream = Stream()
    reader = _reader(tmp_path, broker, stream)
    data = content(SIZE)
    chunks = chunks_of("d/big.raw", data, MB)
    with reader.running():
        broker.put_chunks("t", [chunks[0], *chunks[3:9]], sender=Sender(ALICE, 7))
        until(lambda: any(row.chunks_done == 7 for row in reader.rows()))
        assert stream.told == [], "its beginning has a gap"
        broker.put_chunks("t", chunks[1:3], sender=Sender(ALICE, 7))
        until(lambda: stream.told and stream.told[-1][1] == 9 * MB)
        assert stream.files == {}
        broker.put_chunks("t", chunks[9:], sender=Sender(ALICE, 7))
        until(lambda: stream.files)
    file, _ = stream.told[0]
    assert (file.relative_path, file.topic, file.version, file.installation) == ("d/big.raw", "t", 7, ALICE)
    assert (file.sha512, file.at_most, file.size) == (chunks[0].file_hash, 10 * MB, None)
    assert [data[:ready] for _, ready in stream.told] == stream.prefixes
    assert stream.files == {file.path: data}
    assert stream.given_up == []


def test_small_files_are_not_worth_it(tmp_path: Path, broker: MemoryBroker) -> None:
    stream = Stream()
    reader = _reader(tmp_path, broker, stream)
    broker.put_chunks("t", chunks_of("f", content(7 * MB), MB))
    reader.read_all()
    assert len(stream.files) == 1
    assert stream.told == []


def test_a_version_that_is_overtaken_is_given_up(tmp_path: Path, broker: MemoryBroker) -> None:
    stream = Stream()
    reader = _reader(tmp_path, broker, stream)
    with reader.running():
        broker.put_chunks("t", chunks_of("f", content(SIZE), MB)[:6], sender=Sender(ALICE, 1))
        until(lambda: stream.told)
        broker.put_chunks("t", chunks_of("f", b"new"), sender=Sender(ALICE, 2))
        until(lambda: stream.given_up)
    assert stream.given_up == [stream.told[0][0].path]


def test_a_spool_file_that_is_lost_is_given_up_and_read_again_without_a_word(
    tmp_path: Path, broker: MemoryBroker
) -> None:
    stream = Stream()
    reader = _reader(tmp_path, broker, stream)
    chunks = chunks_of("f", content(SIZE), MB)
    with reader.running():
        broker.put_chunks("t", chunks[:6])
        until(lambda: stream.told)
        lost = stream.told[0][0].path
        lost.unlink()
        broker.put_chunks("t", chunks[6:])
        until(lambda: stream.files)
    assert stream.given_up == [lost]
    assert list(stream.files.values()) == [content(SIZE)]
    assert {file.path for file, _ in stream.told} == {lost}


def test_chunks_of_different_sizes_end_it(tmp_path: Path, broker: MemoryBroker) -> None:
    stream = Stream()
    reader = _reader(tmp_path, broker, stream)
    data = content(SIZE)
    chunks = chunks_of("f", data, MB)
    cut = 6 * MB + 17
    odd = [_chunk(chunks[5], data, 5 * MB, cut), _chunk(chunks[6], data, cut, 7 * MB)]
    with reader.running():
        broker.put_chunks("t", chunks[:5])
        until(lambda: stream.told)
        broker.put_chunks("t", [*odd, *chunks[7:]])
        until(lambda: stream.files)
    assert list(stream.files.values()) == [data]
    assert stream.given_up == [stream.told[0][0].path]
    assert stream.told[-1][1] < 6 * MB


def _chunk(like: Chunk, data: bytes, begin: int, end: int) -> Chunk:
    piece = data[begin:end]
    return replace(like, data=piece, offset=begin, chunk_hash=hashlib.sha512(piece).digest())


def test_a_sink_out_of_reach_is_not_told(tmp_path: Path, broker: MemoryBroker) -> None:
    stream = Stream()
    stream.is_away.set()
    reader = _reader(tmp_path, broker, stream)
    with reader.running():
        broker.put_chunks("t", chunks_of("small", b"x"))
        until(lambda: reader.problem_titles == ["no contact"])
        broker.put_chunks("t", chunks_of("f", content(SIZE), MB)[:6])
        until(lambda: any(row.path == "f" and row.chunks_done == 6 for row in reader.rows()))
        assert stream.told == []


def test_a_sink_that_raises_gets_the_complete_file_all_the_same(
    tmp_path: Path, broker: MemoryBroker, caplog: pytest.LogCaptureFixture
) -> None:
    class Bad(Stream):
        def arriving(self, file: ArrivingFile, ready: int) -> None:
            super().arriving(file, ready)
            raise ZeroDivisionError("plug-in")

    bad = Bad()
    reader = _reader(tmp_path, broker, bad)
    broker.put_chunks("t", chunks_of("f", content(SIZE), MB))
    reader.read_all()
    assert len(bad.told) == 1
    assert list(bad.files.values()) == [content(SIZE)]
    assert "the sink stream cannot begin with f" in caplog.text
