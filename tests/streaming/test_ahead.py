"""Verification that runs along reads the disk, comes to the same hash, and never trusts what it did not read."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from servers.parts import eventually
from streaming.reading import Reader

from openmsi_desktop.core.chunk import Chunk
from openmsi_desktop.core.part import Part, regular_size
from openmsi_desktop.streaming.receiving import ahead as ahead_module
from openmsi_desktop.streaming.receiving.ahead import Ahead

MB = 1 << 20
SIZE = 9 * MB + 123
NAME = "0" * 32


@pytest.fixture(scope="module")
def data() -> bytes:
    return content(SIZE)


@pytest.fixture(scope="module")
def chunks(data: bytes) -> list[Chunk]:
    return chunks_of("big.raw", data, 512 * 1024)


class Spooled:
    """A part, its file, and the hashing that runs along."""

    def __init__(self, folder: Path, chunks: list[Chunk]) -> None:
        self.file = folder / NAME
        self.file.touch()
        first = chunks[0]
        self.part = Part(
            1, "t", first.path, "", 0, first.file_hash, first.total, regular_size(first), 0, None, None, 0.0
        )
        self.part.spool = NAME
        self.stop = threading.Event()
        self.ahead = Ahead(folder, self.stop.is_set)
        self.ahead.thread.start()

    def write(self, chunk: Chunk) -> None:
        with self.file.open("r+b") as file:
            file.seek(chunk.offset)
            file.write(chunk.data)
        self.part.take(chunk)
        self.ahead.note(self.part)

    def wait_until_hashed(self, size: int) -> None:
        def is_far() -> bool:
            begun = self.ahead._begun.get(NAME)
            return begun is not None and begun.done >= size

        eventually(is_far, timeout_s=20, what=f"{size} bytes are hashed")

    def close(self) -> None:
        self.stop.set()
        self.ahead.stop()
        self.ahead.thread.join(10)


@pytest.fixture
def spooled(tmp_path: Path, chunks: list[Chunk]) -> Iterator[Spooled]:
    made = Spooled(tmp_path, chunks)
    yield made
    made.close()


def test_most_of_a_file_is_hashed_when_its_last_chunk_comes(spooled: Spooled, data: bytes, chunks: list[Chunk]) -> None:
    for chunk in chunks[:-1]:
        spooled.write(chunk)
    spooled.wait_until_hashed(6 * MB)
    spooled.write(chunks[-1])
    assert spooled.ahead.digest(NAME) == hashlib.sha512(data).digest()
    assert not spooled.ahead._begun


def test_chunks_in_any_order_give_the_same_hash(spooled: Spooled, data: bytes, chunks: list[Chunk]) -> None:
    for chunk in [*chunks[::2], *reversed(chunks[1::2])]:
        spooled.write(chunk)
    assert spooled.ahead.digest(NAME) == hashlib.sha512(data).digest()


def test_another_file_under_the_name_is_read_whole(spooled: Spooled, data: bytes, chunks: list[Chunk]) -> None:
    for chunk in chunks:
        spooled.write(chunk)
    spooled.wait_until_hashed(6 * MB)
    other = b"X" * SIZE
    fresh = spooled.file.with_name("fresh")
    fresh.write_bytes(other)
    fresh.replace(spooled.file)
    assert spooled.ahead.digest(NAME) == hashlib.sha512(other).digest()


def test_chunks_of_different_sizes_are_not_trusted(spooled: Spooled, data: bytes, chunks: list[Chunk]) -> None:
    """They may overlap: a later one can change what was hashed."""
    for chunk in chunks[:12]:
        spooled.write(chunk)
    spooled.wait_until_hashed(4 * MB)
    spooled.part.chunk_size = 0
    spooled.write(replace(chunks[12], offset=0))
    expected = bytearray(data[: 6 * MB])
    expected[: len(chunks[12].data)] = chunks[12].data
    assert spooled.ahead.digest(NAME) == hashlib.sha512(expected).digest()


def test_a_file_that_is_shorter_than_it_should_be_keeps_nobody_busy(spooled: Spooled, chunks: list[Chunk]) -> None:
    for chunk in chunks[:8]:
        spooled.write(chunk)
    for chunk in chunks[8:16]:  # never written
        spooled.part.take(chunk)
    spooled.ahead.note(spooled.part)
    eventually(lambda: NAME not in spooled.ahead._begun, timeout_s=20, what="it is let go of")


def test_a_missing_file_has_no_hash(spooled: Spooled) -> None:
    spooled.file.unlink()
    assert spooled.ahead.digest(NAME) is None


def test_only_so_many_files_at_once(tmp_path: Path, spooled: Spooled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead_module, "_MOST", 3)
    for number in range(10):
        spooled.part.spool = f"{number:032}"
        spooled.ahead.note(spooled.part)
    assert list(spooled.ahead._begun) == [f"{number:032}" for number in (7, 8, 9)]


def test_a_reader_that_starts_anew_trusts_nothing_it_hashed_before(
    tmp_path: Path, data: bytes, chunks: list[Chunk]
) -> None:
    broker = MemoryBroker()
    broker.create("t")
    reader = Reader(tmp_path, broker)
    broker.put_chunks("t", chunks[:16])
    reader.read_all()
    (name,) = reader.spooled
    with (reader.target / ".openmsi-parts" / name).open("r+b") as file:
        file.seek(MB)
        file.write(b"damaged")
    broker.put_chunks("t", chunks[16:])
    reader.read_all()
    assert reader.files == {"big.raw": data}
