"""Which version of a file is the last one: contents that come back, in parts, twice, and interleaved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from core.assembling import ALICE, Bench
from core.tape import Tape
from servers.chunks import chunks_of, content

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.events import FileState

A, B, C = content(400, 1), content(400, 2), content(400, 3)
CHUNKS = {data: chunks_of("f", data) for data in (A, B, C)}


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    made = Tape(tmp_path)
    yield made
    made.bench.close()


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


def test_a_version_begun_before_an_update_is_not_later_than_those_that_came_since(tape: Tape) -> None:
    """Journals of format 1000 did not say where each chunk was met."""
    bench = tape.bench
    old, new = chunks_of("f", content(300, 1)), chunks_of("f", content(300, 2))
    bench.feed(old[:-1])
    bench.checkpoint()
    bench.journal.execute("UPDATE incoming SET seen = NULL")
    bench.restart()
    bench.feed(new)
    bench.feed(old[-1:])
    assert bench.delivered() == [content(300, 2)]
