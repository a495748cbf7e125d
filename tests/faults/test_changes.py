"""Files that change, vanish or get another name while they are being sent (F10, F23)."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from faults.oracle import Verdict
from faults.report import is_full
from faults.watched import Watched
from servers.kafka import Kafka
from servers.program import Program

MiB = 1024 * 1024
BIG = 1024 * MiB if is_full() else 17 * MiB
"""Above the size up to which a file is read only once."""
LIMIT = 200_000_000 if is_full() else 12_000_000
"""Bytes per second: there has to be time for a change."""
MOMENTS = (0.05, 0.5, 0.8 if is_full() else 0.6)
PATIENCE_S = 900.0 if is_full() else 60.0
"""For a file to be sent."""

Change = Callable[[Watched, str, random.Random], None]


def append(watched: Watched, path: str, chance: random.Random) -> None:
    with (watched.root / path).open("ab", buffering=0) as file:
        file.write(chance.randbytes(300_000))
    watched.note(path)


def truncate(watched: Watched, path: str, chance: random.Random) -> None:
    os.truncate(watched.root / path, BIG * 6 // 10)
    watched.note(path)


def rewrite(watched: Watched, path: str, chance: random.Random) -> None:
    watched.rewrite(path, some(chance, BIG))


def scribble_ahead(watched: Watched, path: str, chance: random.Random) -> None:
    """The same size, in a part that was not sent yet."""
    watched.rewrite(path, chance.randbytes(5000), at=BIG - 6000)


def scribble_behind(watched: Watched, path: str, chance: random.Random) -> None:
    """The same size and the same time, in the part that was sent first."""
    stat = (watched.root / path).stat()
    watched.rewrite(path, chance.randbytes(5000), at=100)
    os.utime(watched.root / path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replace(watched: Watched, path: str, chance: random.Random) -> None:
    """By another file with a time of long ago, as from a backup."""
    aside = watched.root / f".{path}.tmp"
    aside.write_bytes(some(chance, BIG - MiB))
    os.utime(aside, (1e9, 1e9))
    aside.replace(watched.root / path)
    watched.note(path)


CHANGES: tuple[Change, ...] = (append, truncate, rewrite, scribble_ahead, scribble_behind, replace)


def some(chance: random.Random, size: int) -> bytes:
    """Random bytes that repeat, but never from one chunk to the next."""
    piece = chance.randbytes(MiB - 1)
    return (piece * (size // len(piece) + 1))[:size]


def test_a_file_that_changes_while_it_is_sent_is_withdrawn_and_sent_anew(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    times, total, slowest = repeats(len(CHANGES), 300), Verdict(), 0.0
    # each version of a big file fills the topic: in a long run every change has a topic of its own
    each = 1 if is_full() else times
    for start in range(0, times, each):
        watched = Watched(kafka, program, tmp_path, data=f"sender {start}", name=f"instrument {start}")
        watched.start("--limit", str(LIMIT))
        early = []
        for number in range(start, start + each):
            chance = random.Random(number)
            change, moment = CHANGES[number % len(CHANGES)], MOMENTS[number // len(CHANGES) % 3 - number % 3]
            path = f"big {number}.raw"
            early += [path] if moment == MOMENTS[0] else []
            watched.save(path, some(chance, BIG))
            watched.wait_part(path, moment, timeout_s=PATIENCE_S)
            changed_at = time.time()
            change(watched, path, chance)
            ended_at = time.time()
            withdrawn = watched.wait("changed", path, timeout_s=PATIENCE_S)
            slowest = max(slowest, datetime.fromisoformat(withdrawn["time"]).timestamp() - changed_at)
            watched.wait_sent(path, timeout_s=PATIENCE_S)
            first, *_, last = watched.written.versions[path]
            assert len(watched.run.find(event="file", state="sent", path=path, sha512=last)) == 1, change.__name__
            # a gigabyte that takes the file's place is not written at once: the old one may be whole before
            for sent in watched.run.find(event="file", state="sent", path=path, sha512=first):
                assert datetime.fromisoformat(sent["time"]).timestamp() <= ended_at, change.__name__
                early = [other for other in early if other != path]
        # the task goes on
        watched.save("after.dat", b"after")
        watched.wait_sent("after.dat")
        watched.stop()
        parts = watched.parts()
        total.add(watched.verdict(parts=parts))
        for path in early:
            out = {
                part.index for part in parts if (part.path, part.file_hash) == (path, watched.written.versions[path][0])
            }
            assert len(out) < BIG / 524_288, f"{path}: the old version was sent to its end"
        if is_full():
            kafka.delete_topic(watched.topic)
            shutil.rmtree(watched.root)
    judged("F10", "changed while being sent", times, total, note=f"withdrawn at most {slowest:.1f} s after the change")


HOWS = ("deleted", "renamed", "moved out", "its folder renamed")


def test_a_file_that_is_gone_before_it_was_sent_is_said_and_never_whole(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    watched = Watched(kafka, program, tmp_path)
    watched.start("--limit", str(LIMIT))
    times = repeats(len(HOWS), 20)
    for number in range(times):
        path, other, how = f"run {number}/big.raw", f"run {number}/other.raw", HOWS[number % len(HOWS)]
        watched.save(path, some(random.Random(number), BIG))
        watched.wait_part(path, MOMENTS[number % 3], timeout_s=PATIENCE_S)
        if how == "deleted":
            watched.remove(path)
        elif how == "moved out":
            (watched.root / path).replace(tmp_path / "elsewhere.raw")
            del watched.written.versions[path]
        else:
            if how == "its folder renamed":
                other = f"later {number}/big.raw"
                (watched.root / path).parent.rename(watched.root / f"later {number}")
            else:
                (watched.root / path).rename(watched.root / other)
            watched.written.versions[other] = watched.written.versions.pop(path)
        told = watched.wait("problem", path)
        assert told["reason"] == "It vanished before it was sent"
        if other in watched.written.versions:
            watched.wait_sent(other, timeout_s=PATIENCE_S)
        watched.save("after.dat", str(number).encode())
        watched.wait_sent("after.dat")
        assert not watched.run.find(event="file", state="sent", path=path)
        problem = next(e for e in watched.run.find(event="problem") if e["path"] == path)
        assert "never shown as a whole file" in problem["advice"]
    watched.stop()
    parts = watched.parts()
    sent = {(p.path, p.index) for p in parts}
    assert all((f"run {number}/big.raw", 1) in sent for number in range(times))  # a part of it was out
    judged("F23", "deleted or renamed while being sent", times, watched.verdict(parts=parts))
