"""Which chunks have arrived."""

from __future__ import annotations

import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from openmsi_desktop.core.chunk_set import ChunkSet


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(1, 5000)), st.integers(1, 5000))
def test_it_behaves_like_a_set(numbers: set[int], total: int) -> None:
    chunks = ChunkSet()
    for number in numbers:
        assert chunks.add(number)
        assert not chunks.add(number)
    assert len(chunks) == len(numbers)
    assert list(chunks) == sorted(numbers)
    assert chunks.lowest() == min(numbers, default=0)
    assert set(chunks.missing(total, limit=10_000)) == set(range(1, total + 1)) - numbers
    again = ChunkSet.load(chunks.dump())
    assert list(again) == sorted(numbers)
    assert len(again) == len(numbers)


def test_a_huge_number_costs_no_memory() -> None:
    chunks = ChunkSet()
    chunks.add(50_000_000)
    assert len(chunks.dump()) < 200
    assert sum(sys.getsizeof(page) for page in chunks._pages.values()) < 1000
    assert chunks.missing(50_000_000, limit=3) == (1, 2, 3)


def test_a_full_set_of_a_huge_file_is_small_in_the_journal() -> None:
    chunks = ChunkSet()
    for number in range(1, 400_001):
        chunks.add(number)
    assert len(chunks.dump()) < 20_000
    assert chunks.missing(400_000, limit=5) == ()
