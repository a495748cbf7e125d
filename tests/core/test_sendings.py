"""Which version of a file is the last one: contents that come back, in parts, twice, and interleaved."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from core.assembling import ALICE, Bench
from core.tape import Tape
from servers.chunks import chunks_of, content

from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.events import FileState

A, B, C = content(400, 1), content(400, 2), content(400, 3)
CHUNKS = {data: chunks_of("f", data) for data in (A, B, C)}


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    made = Tape(tmp_path)
    yield made
    made.bench.close()


def last_sent(log: Sequence[tuple[Chunk, Sender | None]]) -> bytes:
    """The content whose last sending began last; it begins with the first message that all its other chunks follow."""
    begins: dict[bytes, int] = {}
    for data, chunks in CHUNKS.items():
        at = {chunk.index: i for i, (chunk, _) in enumerate(log) if chunk.file_hash == chunks[0].file_hash}
        if len(at) == len(chunks):
            begins[data] = min(at.values())
    return max(begins, key=lambda data: begins[data], default=b"")


@pytest.mark.parametrize("before", [(3, 4), (1, 2), (4, 2), (2, 3, 4), (1, 2, 3, 4), (3, 3, 3)])
@pytest.mark.parametrize("when", ["at once", "after B", "in the middle of the last A", "in the end"])
def test_content_that_comes_back_is_the_last_version_though_parts_of_it_were_repeated_before(
    tape: Tape, before: tuple[int, ...], when: str
) -> None:
    def deliver(now: str) -> None:
        if when in (now, "at once"):
            tape.checkpoint()
            while tape.waiting:
                tape.deliver()

    chunks = CHUNKS[A]
    tape.put(chunks)
    deliver("")
    tape.put(chunks[index - 1] for index in before)
    deliver("")
    tape.put(CHUNKS[B])
    deliver("after B")
    tape.put(chunks[:2])
    deliver("in the middle of the last A")
    tape.put(chunks[2:])
    assert tape.finish() == A
    assert FileState.INCOMPLETE not in tape.bench.states


def test_content_of_which_only_a_part_comes_back_is_not_the_last_version(tape: Tape) -> None:
    tape.put(CHUNKS[A])
    tape.put(CHUNKS[B])
    tape.put(CHUNKS[A][1:])
    tape.checkpoint()
    tape.bench.clock += 601
    tape.bench.assembler.note_quiet(tape.bench.clock - 600)
    assert tape.finish() == B
    assert FileState.INCOMPLETE not in tape.bench.states
    assert tape.bench.spooled == []


def test_a_version_of_which_the_first_sending_lacked_a_part_can_be_sent_again(tape: Tape) -> None:
    tape.put(CHUNKS[A][2:])
    tape.put(CHUNKS[B])
    assert tape.finish() == B
    tape.put(CHUNKS[A])
    assert tape.finish() == A


def test_a_version_that_a_person_did_not_wait_for_can_be_sent_again(tape: Tape) -> None:
    tape.put(CHUNKS[A][2:])
    tape.checkpoint()
    tape.bench.assembler.ignore("f")
    tape.checkpoint()
    tape.put(CHUNKS[A])
    assert tape.finish() == A


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_sent_and_happens_the_version_sent_last_is_published(tmp_path: Path, seed: int) -> None:
    for number in range(5):
        chance = random.Random(seed * 1000 + number)
        tape = Tape(tmp_path / str(number))
        for _ in range(chance.randint(3, 7)):
            sent = list(CHUNKS[chance.choice((A, B, A, C))])
            if chance.random() < 0.4:
                sent = chance.sample(sent, chance.randint(1, 4))
            if chance.random() < 0.2:
                sent += [chance.choice(CHUNKS[chance.choice((A, B))]) for _ in range(3)]
            if chance.random() < 0.3:
                chance.shuffle(sent)
            for chunk in sent:
                tape.put([chunk])
                tape.anything(chance)
        assert tape.finish() == last_sent(tape.log), f"seed {seed}, {number}"
        tape.bench.close()


def test_versions_with_our_header_need_no_such_guess(tape: Tape) -> None:
    tape.put(CHUNKS[A], Sender(ALICE, 1))
    tape.put(CHUNKS[B], Sender(ALICE, 2))
    tape.put(CHUNKS[A], Sender(ALICE, 1))
    assert tape.finish() == B
    tape.put(CHUNKS[A][2:], Sender(ALICE, 3))
    tape.put(CHUNKS[A][:2], Sender(ALICE, 3))
    assert tape.finish() == A


def test_chunks_older_than_the_last_version_make_no_row_each(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for index, chunk in enumerate(CHUNKS[B]):
        bench.add(chunk, partition=index % 2, ms=9000 + index)
    assert bench.delivered() == [B]
    for _ in range(5):
        for index, chunk in enumerate(CHUNKS[A]):
            bench.add(chunk, partition=2 + index % 2, ms=1000 + index)
    assert bench.delivered() == []
    assert bench.states == [FileState.DELIVERED, FileState.SUPERSEDED]
    bench.close()
