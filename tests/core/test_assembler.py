"""Chunks become files: in any order, twice, interleaved, interrupted, contradictory."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from core.assembling import ALICE, BOB, TOPIC, Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers.chunks import chunks_of, content
from servers.systems import Needs, allocated_bytes, not_on_windows

from openmsi_desktop.core.chunk import Chunk, Sender, decode, encode
from openmsi_desktop.core.errors import ChunkError
from openmsi_desktop.core.events import FileState

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_file_of_many_chunks_is_rebuilt(bench: Bench) -> None:
    data = content(1050)
    bench.feed(chunks_of("a/b.dat", data))
    (waiting,) = bench.checkpoint().received
    assert (waiting.path, waiting.size, waiting.mtime) == ("a/b.dat", 1050, 1_600_000_000.0)
    assert waiting.sha512 == hashlib.sha512(data).digest()
    assert bench.deliver(waiting) == data


def test_an_empty_file_is_rebuilt(bench: Bench) -> None:
    bench.feed(chunks_of("empty", b""))
    assert bench.delivered() == [b""]


def test_nothing_is_handed_over_before_the_last_chunk(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(1000))[:-1])
    assert bench.checkpoint().received == []
    assert bench.row().chunks_done == 9
    assert bench.row().missing() == (10,)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 700))
def test_any_order_with_duplicates_and_restarts_gives_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, files: int, size: int
) -> None:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    wanted = {f"f{n}": content(size + n, n) for n in range(files)}
    stream = [chunk for path, data in wanted.items() for chunk in chunks_of(path, data, 50)]
    stream += chance.sample(stream, len(stream) // 3)
    chance.shuffle(stream)
    placed = [(chunk, chance.randrange(4)) for chunk in stream]
    found: dict[str, bytes] = {}
    counters = dict.fromkeys(range(4), 0)
    log = []
    for chunk, partition in placed:
        log.append((chunk, partition, counters[partition]))
        counters[partition] += 1
    at = committed = 0
    while at < len(log):
        chunk, partition, offset = log[at]
        bench.add(chunk, partition=partition, offset=offset)
        at += 1
        if chance.random() < 0.1 or at == len(log):
            for waiting in bench.checkpoint().received:
                found[waiting.path] = bench.deliver(waiting) or found.get(waiting.path, b"")
            committed = at
        elif chance.random() < 0.1:
            bench.restart()
            at = committed
    assert found == wanted
    assert FileState.INCOMPLETE not in bench.states
    bench.close()


def test_a_half_received_file_survives_a_restart(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks[:5])
    bench.checkpoint()
    bench.feed(chunks[5:7])
    bench.restart()
    bench.next[0] = 5
    bench.feed(chunks[5:])
    assert bench.delivered() == [data]


def test_without_a_checkpoint_nothing_counts(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(1000)))
    bench.restart()
    assert bench.states == []
    assert bench.files.positions(TOPIC)[0].position == 0


def test_duplicates_are_counted_and_change_nothing(bench: Bench) -> None:
    data = content(300)
    chunks = chunks_of("f", data)
    bench.feed([chunks[0], chunks[0], chunks[1], chunks[0], chunks[2]])
    assert bench.assembler.duplicates == 2
    assert bench.delivered() == [data]


def test_a_partial_repetition_of_a_delivered_file_is_never_incomplete(bench: Bench) -> None:
    chunks = chunks_of("f", content(1000))
    bench.feed(chunks)
    bench.delivered()
    bench.feed(chunks[2:5])
    bench.checkpoint()
    bench.clock += 10_000
    bench.assembler.note_quiet(bench.clock - 600)
    assert bench.checkpoint().changed == []
    assert bench.states == [FileState.DELIVERED, FileState.IGNORED]


def test_messages_read_twice_are_no_new_sending(bench: Bench) -> None:
    chunks = chunks_of("f", content(300))
    bench.feed(chunks)
    bench.delivered()
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset)
    assert bench.checkpoint().received == []
    assert bench.states == [FileState.DELIVERED]


def test_the_content_of_before_published_again_ends_with_it(bench: Bench) -> None:
    a, b = content(300, 1), content(300, 2)
    for data in (a, b, a):
        bench.feed(chunks_of("f", data))
        assert bench.delivered() == [data]


def test_the_content_of_before_in_one_checkpoint_ends_with_it(bench: Bench) -> None:
    a, b = content(300, 1), content(300, 2)
    for data in (a, b, a):
        bench.feed(chunks_of("f", data))
    received = bench.checkpoint().received
    assert [bench.deliver(waiting) for waiting in received] == [a, None, None]


def test_with_our_header_a_repetition_needs_a_new_version_number(bench: Bench) -> None:
    a = content(300, 1)
    bench.feed(chunks_of("f", a), sender=Sender(ALICE, 10))
    assert bench.delivered() == [a]
    bench.feed(chunks_of("f", a), sender=Sender(ALICE, 10))
    assert bench.delivered() == []
    bench.feed(chunks_of("f", a), sender=Sender(ALICE, 11))
    assert bench.delivered() == [a]


def test_an_older_version_that_completes_later_is_superseded(bench: Bench) -> None:
    old, new = chunks_of("f", content(300, 1)), chunks_of("f", content(300, 2))
    bench.feed(old[:2], sender=Sender(ALICE, 10))
    bench.feed(new, sender=Sender(ALICE, 11))
    (waiting,) = bench.checkpoint().received
    assert bench.deliver(waiting) == content(300, 2)
    bench.feed(old[2:], sender=Sender(ALICE, 10))
    assert bench.checkpoint().received == []
    assert bench.row(version=10).state is FileState.SUPERSEDED
    assert bench.row(version=10).reason
    assert bench.spooled == []


def test_an_older_version_that_completes_in_the_same_checkpoint_is_superseded(bench: Bench) -> None:
    old, new = chunks_of("f", content(300, 1)), chunks_of("f", content(300, 2))
    bench.feed(old[:2], sender=Sender(ALICE, 10))
    bench.feed(new, sender=Sender(ALICE, 11))
    bench.feed(old[2:], sender=Sender(ALICE, 10))
    assert bench.delivered() == [content(300, 2)]
    assert bench.row(version=10).state is FileState.SUPERSEDED


def test_a_version_older_than_the_delivered_one_is_not_even_written(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(300, 2)), sender=Sender(ALICE, 11))
    bench.delivered()
    bench.feed(chunks_of("f", content(300, 1))[:2], sender=Sender(ALICE, 10))
    (part,) = bench.checkpoint().changed
    assert part.state is FileState.SUPERSEDED
    assert bench.spooled == []


def test_the_rest_of_a_superseded_version_is_dropped_but_a_new_sending_is_not(bench: Bench) -> None:
    a, b = content(500, 1), content(300, 2)
    chunks = chunks_of("f", a)
    bench.feed(chunks[:2])
    bench.feed(chunks_of("f", b))
    assert bench.delivered() == [b]
    bench.feed(chunks[2:])
    assert bench.delivered() == []
    bench.restart()
    bench.feed(chunks)
    assert bench.delivered() == [a]


def test_versions_of_two_installations_are_kept_apart(bench: Bench) -> None:
    a, b = content(300, 1), content(300, 2)
    bench.feed(chunks_of("f", a)[:2], sender=Sender(ALICE, 10))
    bench.feed(chunks_of("f", b), sender=Sender(BOB, 99))
    bench.feed(chunks_of("f", a)[2:], sender=Sender(ALICE, 10))
    assert bench.delivered() == [b, a]


def test_the_version_number_counts_more_than_the_offset(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(90, 2)), sender=Sender(ALICE, 11))
    assert bench.delivered() == [content(90, 2)]
    bench.feed(chunks_of("f", content(90, 1)), sender=Sender(ALICE, 10))
    assert bench.delivered() == []


def test_the_offset_counts_more_than_time_stamp_and_mtime(bench: Bench) -> None:
    bench.add(chunks_of("f", b"new", mtime=2_000.0)[0], ms=9000)
    assert bench.delivered() == [b"new"]
    bench.add(chunks_of("f", b"restored from a backup", mtime=1_000.0)[0], ms=8000)
    assert bench.delivered() == [b"restored from a backup"]


def test_on_different_partitions_the_time_stamp_decides(bench: Bench) -> None:
    bench.add(chunks_of("f", b"later", mtime=1_000.0)[0], ms=9000, partition=1)
    assert bench.delivered() == [b"later"]
    bench.add(chunks_of("f", b"earlier", mtime=2_000.0)[0], ms=8000, partition=0)
    assert bench.delivered() == []
    bench.add(chunks_of("f", b"latest", mtime=500.0)[0], ms=9001, partition=0)
    assert bench.delivered() == [b"latest"]


def test_without_time_stamps_the_mtime_decides(bench: Bench) -> None:
    bench.add(chunks_of("f", b"later", mtime=2_000.0)[0], partition=1)
    bench.delivered()
    bench.add(chunks_of("f", b"earlier", mtime=1_000.0)[0], partition=0)
    assert bench.delivered() == []


def test_all_orders_of_two_versions_end_with_the_later_one(tmp_path: Path) -> None:
    old, new = content(4, 1), content(4, 2)
    sent = [(c, Sender(ALICE, 1)) for c in chunks_of("f", old, 1)] + [
        (c, Sender(ALICE, 2)) for c in chunks_of("f", new, 1)
    ]
    orders = list(itertools.permutations(range(8)))
    for number, order in enumerate(random.Random(5).sample(orders, 40)):
        folder = tmp_path / str(number)
        folder.mkdir()
        bench = Bench(folder)
        last = b""
        for index in order:
            bench.add(sent[index][0], sender=sent[index][1])
            for data in bench.delivered():
                last = data
        assert last == new
        assert bench.spooled == []
        bench.close()


def test_old_versions_of_a_rewritten_file_leave_nothing_behind(bench: Bench) -> None:
    for version in range(1, 20):
        chunks = chunks_of("grid.dat", content(300 + 10 * version, version))
        bench.feed(chunks[:2], sender=Sender(ALICE, version))
        bench.checkpoint()
    bench.feed(chunks, sender=Sender(ALICE, version))
    assert len(bench.delivered()) == 1
    assert bench.spooled == []
    assert bench.states.count(FileState.SUPERSEDED) == 18


# -- numbers that cannot be, and chunks that contradict each other


def test_a_claim_of_very_many_chunks_allocates_nothing(bench: Bench) -> None:
    chunk = chunks_of("f", content(10))[0]
    bench.add(replace(chunk, total=50_000_000, index=49_999_999, offset=49_999_998 * 10))
    bench.checkpoint()
    (name,) = bench.spooled
    assert allocated_bytes(bench.folder / "parts" / name) < 100_000
    assert (bench.folder / "journal.db").stat().st_size < 500_000
    assert bench.row().missing(limit=3) == (1, 2, 3)


def test_a_file_larger_than_the_disk_is_a_problem_of_that_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path, capacity=100_000_000)
    chunk = chunks_of("huge", content(200))[0]
    bench.add(replace(chunk, total=5_000_000))
    bench.feed(chunks_of("small", content(300)))
    found = bench.checkpoint()
    assert [w.path for w in found.received] == ["small"]
    assert bench.row(path="huge").state is FileState.PROBLEM
    assert "larger than the disk" in bench.row(path="huge").reason
    bench.close()


def test_an_offset_that_no_file_can_have_is_a_problem_of_that_file(bench: Bench) -> None:
    chunk = chunks_of("f", content(200))[1]
    bench.add(replace(chunk, offset=2**62))
    bench.checkpoint()
    assert bench.row().state is FileState.PROBLEM
    assert bench.spooled == []


def test_the_same_file_in_two_chunk_sizes_is_not_mixed(bench: Bench) -> None:
    data = content(100)
    small, large = chunks_of("f", data, 60), chunks_of("f", data, 70)
    bench.feed([small[0], large[1], large[0]])
    assert bench.delivered() == [data]
    assert bench.spooled == []


@pytest.mark.parametrize("first", [True, False])
def test_a_chunk_with_a_damaged_offset_does_not_spoil_the_file(bench: Bench, first: bool) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bad = replace(chunks[4], offset=417)
    for chunk in [bad, *chunks] if first else [*chunks[:9], bad, chunks[9]]:
        try:
            bench.add(chunk)
        except ChunkError as error:
            assert "Chunk 5" in error.title
    for chunk in chunks:  # what got lost by the damage comes with the next sending
        bench.add(chunk)
    assert data in bench.delivered()


def test_a_damaged_number_of_chunks_is_another_version_that_never_completes(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed([replace(chunks[0], total=11), *chunks])
    assert bench.delivered() == [data]
    assert bench.spooled == []


def test_a_single_chunk_whose_hashes_disagree_is_rejected(bench: Bench) -> None:
    (chunk,) = chunks_of("f", b"abc")
    with pytest.raises(ChunkError, match="not the file"):
        bench.add(replace(chunk, file_hash=hashlib.sha512(b"else").digest()))
    assert bench.spooled == []


def test_chunks_of_different_sizes_are_put_together(bench: Bench) -> None:
    for case in ("09_select_bytes", "03_three_chunks_unicode", "10_filename_append", "14_legacy_nine_fields"):
        description = json.loads((VECTORS / case / "description.json").read_text(encoding="utf-8"))
        messages = [
            json.loads(line) for line in (VECTORS / case / "messages.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        for order in (messages, messages[::-1]):
            for message in order:
                bench.add(decode(b64decode(message["value_b64"])))
        for waiting in bench.checkpoint().received:
            assert waiting.path == description.get("reconstructed_rel_path", waiting.path)
            data = (bench.folder / "parts" / waiting.spool).read_bytes()
            assert hashlib.sha512(data).digest() == waiting.sha512


def test_no_flipped_bit_is_ever_accepted(bench: Bench) -> None:
    chance = random.Random(3)
    data = content(300)
    values = [encode(chunk) for chunk in chunks_of("a/f.dat", data)]
    bench.feed(chunks_of("a/f.dat", data)[:2])
    rejected = 0
    for _ in range(3000):
        value = bytearray(values[2])
        place = chance.randrange(len(value) - 9)  # the last field is the time of the file, which is free to be anything
        value[place] ^= 1 << chance.randrange(8)
        try:
            bench.add(decode(bytes(value)))
        except ChunkError as error:
            rejected += 1
            assert error.title
    for waiting in bench.checkpoint().received:
        # what the chunks claim to be is compared with what they are before anything is delivered
        assert hashlib.sha512((bench.folder / "parts" / waiting.spool).read_bytes()).digest() != waiting.sha512
    assert rejected > 2000
    bench.feed(chunks_of("a/f.dat", data))
    assert data in bench.delivered()


def test_many_contradictions_are_rejected_not_collected(bench: Bench) -> None:
    chunk = chunks_of("f", content(1000))[0]
    rejected = 0
    for size in range(1, 60):
        piece = content(size)
        try:
            bench.add(replace(chunk, data=piece, chunk_hash=hashlib.sha512(piece).digest()))
        except ChunkError:
            rejected += 1
    assert rejected == 51
    assert len(bench.spooled) == 8


def test_three_chunks_that_contradict_each_other_do_not_stop_the_reader(bench: Bench) -> None:
    def made(index: int, offset: int, size: int) -> Chunk:
        piece = bytes([index]) * size
        whole = chunks_of("f", content(600))[0]
        return replace(whole, index=index, offset=offset, data=piece, chunk_hash=hashlib.sha512(piece).digest())

    bench.feed([made(1, 0, 100), made(2, 150, 30)])
    with pytest.raises(ChunkError):
        bench.add(made(3, 200, 7))
    bench.checkpoint()
    bench.feed(chunks_of("good", b"x"))
    assert bench.delivered() == [b"x"]


# -- bounded in memory and handles


def test_handles_and_memory_are_bounded(bench: Bench) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    files = [chunks_of(f"f{n}", content(20, n), 10) for n in range(300)]
    bench.feed([chunks[0] for chunks in files])
    bench.checkpoint()
    if before:
        assert len(os.listdir("/proc/self/fd")) - before <= 70
    bench.feed([chunks[1] for chunks in files])
    assert sorted(bench.delivered()) == sorted(content(20, n) for n in range(300))


def test_versions_forgotten_in_memory_are_found_in_the_journal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmsi_desktop.core.known_parts.KEPT", 3)
    files = [chunks_of(f"f{n}", content(30, n), 10) for n in range(20)]
    for round_ in range(3):
        bench.feed([chunks[round_] for chunks in files])
        received = bench.checkpoint().received
    assert sorted(bench.deliver(waiting) or b"" for waiting in received) == sorted(content(30, n) for n in range(20))


# -- parts that are lost here


@not_on_windows(Needs.REMOVES_OPEN)
def test_a_deleted_part_is_read_again(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks[:6])
    bench.checkpoint()
    for name in bench.spooled:
        (bench.folder / "parts" / name).unlink()
    bench.restart()
    bench.feed(chunks[6:])
    assert bench.checkpoint().received == []
    assert bench.assembler.rereads() == {(TOPIC, 0): 0}
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, replay=True)
    assert bench.delivered() == [data]


def test_reading_again_survives_a_restart(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks)
    (waiting,) = bench.checkpoint().received
    bench.assembler.lose(waiting.id, waiting.spool)
    bench.checkpoint()
    bench.restart()
    assert bench.assembler.rereads() == {(TOPIC, 0): 0}
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, replay=True)
    assert bench.delivered() == [data]


def test_a_part_found_missing_twice_keeps_what_was_read_again(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks)
    (waiting,) = bench.checkpoint().received
    bench.assembler.lose(waiting.id, waiting.spool)
    bench.checkpoint()
    for offset, chunk in enumerate(chunks):
        if offset == 5:
            bench.assembler.lose(waiting.id, waiting.spool, is_wrong=True)
        bench.add(chunk, offset=offset, replay=True)
    bench.assembler.caught_up()
    assert bench.delivered() == [data]


def test_reading_again_touches_no_other_file(bench: Bench) -> None:
    lost, other = chunks_of("lost", content(300, 1)), chunks_of("other", content(300, 2))
    bench.feed([*other, *lost])
    by_path = {w.path: w for w in bench.checkpoint().received}
    bench.deliver(by_path["other"])
    bench.assembler.lose(by_path["lost"].id, by_path["lost"].spool)
    for offset, chunk in enumerate([*other, *lost]):
        bench.add(chunk, offset=offset, replay=True)
    assert bench.delivered() == [content(300, 1)]
    assert bench.states == [FileState.DELIVERED, FileState.DELIVERED]


def test_a_lost_part_that_retention_removed_is_a_problem(bench: Bench) -> None:
    chunks = chunks_of("f", content(1000))
    bench.feed(chunks)
    (waiting,) = bench.checkpoint().received
    bench.assembler.lose(waiting.id, waiting.spool)
    bench.add(chunks[9], offset=9, replay=True)
    bench.assembler.caught_up()
    (part,) = bench.checkpoint().changed
    assert part.state is FileState.PROBLEM
    assert "9 of its chunks" in part.reason
    bench.feed(chunks)  # sent again
    assert len(bench.delivered()) == 1


def test_chunks_that_are_not_the_announced_file_are_read_again_once_then_a_problem(bench: Bench) -> None:
    chunks = [replace(c, file_hash=b"x" * 64) for c in chunks_of("f", content(300))]
    bench.feed(chunks)
    (waiting,) = bench.checkpoint().received
    bench.assembler.lose(waiting.id, waiting.spool, is_wrong=True)
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, replay=True)
    (waiting,) = bench.checkpoint().received
    bench.assembler.lose(waiting.id, waiting.spool, is_wrong=True)
    (part,) = bench.checkpoint().changed
    assert part.state is FileState.PROBLEM
    assert "not the file" in part.reason
    assert bench.assembler.rereads() == {}
    assert bench.spooled == []


def test_a_late_report_of_a_lost_part_costs_nothing(bench: Bench) -> None:
    chunks = chunks_of("f", content(300))
    bench.feed(chunks)
    (first,) = bench.checkpoint().received
    bench.assembler.lose(first.id, first.spool)
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, replay=True)
    (again,) = bench.checkpoint().received
    bench.assembler.lose(first.id, first.spool)
    assert not bench.assembler.has_news
    assert bench.assembler.rereads() == {}
    assert bench.deliver(again) == content(300)


def test_losses_and_wrong_contents_are_counted_apart(bench: Bench) -> None:
    chunks = chunks_of("f", content(300))
    bench.feed(chunks)
    for is_wrong in (False, False, True, False):
        (waiting,) = bench.checkpoint().received
        bench.assembler.lose(waiting.id, waiting.spool, is_wrong=is_wrong)
        for offset, chunk in enumerate(chunks):
            bench.add(chunk, offset=offset, replay=True)
    assert bench.delivered() == [content(300)]


def test_parts_put_away_and_wanted_again_are_no_losses(bench: Bench) -> None:
    chunks = chunks_of("f", content(1000))
    bench.feed(chunks[:4], sender=Sender(ALICE, 7))
    for round_ in range(8):
        bench.checkpoint()
        bench.clock += 31 * 86400
        bench.assembler.expire(bench.clock - 30 * 86400)
        bench.checkpoint()
        bench.feed(chunks[4 : 5 + round_ % 2], sender=Sender(ALICE, 7))
        for offset in range(4):
            bench.add(chunks[offset], offset=offset, sender=Sender(ALICE, 7), replay=True)
        bench.assembler.caught_up()
    bench.feed(chunks, sender=Sender(ALICE, 7))
    assert bench.delivered() == [content(1000)]


def test_a_delivered_file_can_be_read_once_more(bench: Bench) -> None:
    data = content(300)
    chunks = chunks_of("f", data)
    bench.feed(chunks, sender=Sender(ALICE, 7))
    bench.delivered()
    bench.restart()
    bench.assembler.read_again(bench.row().id)
    assert bench.assembler.rereads() == {(TOPIC, 0): 0}
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, sender=Sender(ALICE, 7), replay=True)
    assert bench.delivered() == [data]


# -- quiet, old, begun before


def test_a_quiet_version_is_incomplete_until_another_chunk_comes(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks[:4] + chunks[5:])
    bench.checkpoint()
    bench.clock += 601
    bench.assembler.note_quiet(bench.clock - 600)
    (part,) = bench.checkpoint().changed
    assert (part.state, part.reason) == (FileState.INCOMPLETE, "9 of 10 chunks have arrived")
    assert bench.row().missing() == (5,)
    bench.feed(chunks)
    assert bench.delivered() == [data]


def test_an_active_version_is_not_incomplete(bench: Bench) -> None:
    chunks = chunks_of("f", content(1000))
    bench.feed(chunks[:4])
    bench.checkpoint()
    bench.clock += 601
    bench.feed(chunks[4:5])
    bench.assembler.note_quiet(bench.clock - 600)
    assert bench.checkpoint().changed == []


def test_old_parts_are_removed_and_read_again_when_the_rest_comes(bench: Bench) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    bench.feed(chunks[:4], sender=Sender(ALICE, 7))
    bench.checkpoint()
    bench.clock += 31 * 86400
    bench.assembler.expire(bench.clock - 30 * 86400)
    (part,) = bench.checkpoint().changed
    assert part.state is FileState.PROBLEM
    assert "removed" in part.reason
    assert bench.spooled == []
    bench.restart()
    bench.feed(chunks[4:], sender=Sender(ALICE, 7))
    assert bench.assembler.rereads() == {(TOPIC, 0): 0}
    for offset, chunk in enumerate(chunks):
        bench.add(chunk, offset=offset, sender=Sender(ALICE, 7), replay=True)
    assert bench.delivered() == [data]


def test_a_version_that_began_before_the_reader_is_told_once_and_not_incomplete(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.files.forget_positions(TOPIC)
    bench.restart(starts=50)
    bench.next[0] = 50
    bench.feed(chunks_of("f", content(1000))[4:], sender=Sender(ALICE, 7))
    (part,) = bench.checkpoint().changed
    assert part.state is FileState.IGNORED
    assert "began before" in part.reason
    bench.clock += 10_000
    bench.assembler.note_quiet(bench.clock - 600)
    assert bench.checkpoint().changed == []
    bench.close()


def test_an_ignored_version_gives_its_space_back(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(1000))[:4])
    bench.checkpoint()
    bench.assembler.ignore("f")
    bench.checkpoint()
    assert bench.states == [FileState.IGNORED]
    assert bench.spooled == []


def test_a_topic_made_anew_is_another_source(bench: Bench) -> None:
    a = content(300, 1)
    bench.feed(chunks_of("f", a))
    assert bench.delivered() == [a]
    bench.files.forget_positions(TOPIC)
    bench.restart(stream="cluster/other")
    bench.next[0] = 0
    bench.feed(chunks_of("f", a))
    assert bench.delivered() == [a]


def test_announced_paths_are_asked_for_once_and_told_apart(bench: Bench) -> None:
    """What the journal has of an announced path still counts; what it has not is not asked for again."""
    old, new = chunks_of("old", content(300)), chunks_of("new", content(300, seed=1))
    bench.feed(old[:2])
    bench.checkpoint()
    bench.restart()
    bench.assembler.expect({TOPIC: ["old", "new"]})
    asked: list[str] = []
    bench.journal.connection.set_trace_callback(lambda sql: asked.append(sql) if "FROM incoming" in sql else None)
    bench.feed(new[:2])
    bench.journal.connection.set_trace_callback(None)
    assert asked == []
    bench.feed(old[2:])
    assert bench.delivered() == [content(300)]
    bench.feed(new[2:])
    assert bench.delivered() == [content(300, seed=1)]
