"""A file becomes a plan and chunks, and a change underneath withdraws it."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import FileChanged, RetryableError


def big(folder: Path, size: int = 17 * 1024 * 1024) -> Path:
    file = folder / "scan.dat"
    file.write_bytes(os.urandom(1024) * (size // 1024))
    return file


def rebuilt(plan: FilePlan) -> bytes:
    out = bytearray(plan.size)
    for chunk in chunker.chunks(plan):
        assert hashlib.sha512(chunk.data).digest() == chunk.chunk_hash
        out[chunk.offset : chunk.offset + len(chunk.data)] = chunk.data
    return bytes(out)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=2000), chunk_size=st.integers(min_value=1, max_value=700))
def test_chunks_rebuild_the_file_and_carry_its_hashes(tmp_path: Path, data: bytes, chunk_size: int) -> None:
    file = tmp_path / "a.dat"
    file.write_bytes(data)
    plan = chunker.plan(file, "run/a.dat", chunk_size=chunk_size)
    assert plan.sha512 == hashlib.sha512(data).digest()
    assert plan.total == max(1, -(-len(data) // chunk_size))
    assert rebuilt(plan) == data


def test_an_empty_file_is_one_chunk_without_data(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.touch()
    (only,) = chunker.chunks(chunker.plan(file, "empty", chunk_size=10))
    assert (only.data, only.index, only.total) == (b"", 1, 1)


@pytest.mark.parametrize("threads", [0, 2])
def test_a_big_file_is_not_kept_in_memory_and_comes_out_whole(tmp_path: Path, threads: int) -> None:
    file = big(tmp_path)
    pool = ThreadPoolExecutor(threads) if threads else None
    plan = chunker.plan(file, "scan.dat", chunk_size=524288, pool=pool)
    assert plan.data is None
    assert rebuilt(plan) == file.read_bytes()
    if pool is not None:
        pool.shutdown()


def test_a_single_chunk_can_be_read_again(tmp_path: Path) -> None:
    file = big(tmp_path)
    plan = chunker.plan(file, "scan.dat", chunk_size=524288)
    (third,) = chunker.chunks(plan, [3])
    assert third.data == file.read_bytes()[2 * 524288 : 3 * 524288]


def test_a_byte_changed_between_the_two_reads_is_seen_even_if_the_times_lie(tmp_path: Path) -> None:
    file = big(tmp_path)
    plan = chunker.plan(file, "scan.dat", chunk_size=524288)
    before = file.stat()
    with file.open("r+b") as f:
        f.seek(9_000_000)
        f.write(b"\xff" if file.read_bytes()[9_000_000] != 255 else b"\0")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    lying = FilePlan(**{**{n: getattr(plan, n) for n in plan.__slots__}, "fingerprint": Fingerprint.of(file.stat())})
    with pytest.raises(FileChanged):
        rebuilt(lying)


@pytest.mark.parametrize("change", ["append", "truncate", "replace"])
def test_a_file_that_changed_since_it_settled_is_not_planned(tmp_path: Path, change: str) -> None:
    file = tmp_path / "a.dat"
    file.write_bytes(b"x" * 100)
    settled = Fingerprint.of(file.stat())
    if change == "append":
        file.write_bytes(b"x" * 101)
    elif change == "truncate":
        file.write_bytes(b"x" * 99)
    else:
        other = tmp_path / "b"
        other.write_bytes(b"x" * 100)
        os.utime(other, ns=(settled.mtime_ns, settled.mtime_ns))
        other.replace(file)
    with pytest.raises(FileChanged):
        chunker.plan(file, "a.dat", chunk_size=10, expected=settled)


def test_a_growing_file_gives_the_prefix_that_was_asked_for(tmp_path: Path) -> None:
    file = big(tmp_path)
    plan = chunker.plan(file, "log.dat", chunk_size=524288, prefix=16 * 1024 * 1024 + 5)
    with file.open("ab") as f:
        f.write(b"more")
    data = rebuilt(plan)
    assert len(data) == 16 * 1024 * 1024 + 5
    assert hashlib.sha512(data).digest() == plan.sha512


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(RetryableError) as caught:
        chunker.plan(tmp_path / "gone", "gone", chunk_size=10)
    assert "gone" in caught.value.title


def test_the_time_on_the_wire_is_the_one_stat_gives(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch()
    os.utime(file, ns=(0, 1_700_000_000_123_456_789))
    assert Fingerprint.of(file.stat()).mtime == file.stat().st_mtime
