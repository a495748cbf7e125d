"""Retention is faster than the reader: how much is lost, and from when, is said; nothing is skipped in silence (F41)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from faults.messages import judge_received, messages
from faults.oracle import Verdict
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader

from openmsi_desktop.core.events import FileEvent, FileState

DAY_MS = 86_400_000
MS = 1_700_000_000_000

pytestmark = pytest.mark.usefixtures("saves_often")


def shown(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000):%Y-%m-%d %H:%M}"


def test_a_position_older_than_retention_is_a_problem_with_number_and_time(
    tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    chance, times, verdict, gone = random.Random(41), repeats(4, 20), Verdict(), 0
    for number in range(times):
        broker = MemoryBroker()
        broker.create("t")
        reader = Reader(tmp_path / str(number), broker)
        log: list[tuple[str, int, int]] = []  # path, number of the chunk, time
        sizes: dict[str, bytes] = {}

        def put(
            names: list[str],
            broker: MemoryBroker = broker,
            log: list[tuple[str, int, int]] = log,
            sizes: dict[str, bytes] = sizes,
        ) -> None:
            for name in names:
                sizes[name] = chance.randbytes(chance.randint(1, 3000))
                for message in messages(name, sizes[name], 1000):
                    log.append((name, message.index, MS + len(log) * DAY_MS))
                    broker.put("t", message.value, key=message.key, headers=message.headers, timestamp_ms=log[-1][2])

        put([f"early{n}" for n in range(5)])
        reader.read_all()
        read = len(log)
        put([f"late{n}" for n in range(10)])
        low = chance.randint(read + 1, len(log))
        broker.remove_before("t", 0, low)
        left = {event.path: event for event in reader.read_all().left_over()}
        lost, gone = low - read, gone + low - read
        (problem,) = reader.problems()
        if not problem.title.startswith(f"{lost} message"):
            verdict.lies.append(f"{lost} are lost, but it says {problem.title!r}")
        for moment in [log[read - 1][2], *([log[low][2]] if low < len(log) else [])]:
            if shown(moment) not in problem.advice:
                verdict.lies.append(f"{shown(moment)} is not in {problem.advice!r}")
        cut = {path for path, _, _ in log[read:low]}
        whole = {path: [data] for path, data in sizes.items() if path not in cut}
        said = [(e.path, e.sha512 or "") for e in reader.told(FileEvent) if e.state is FileState.DELIVERED]
        found = judge_received(reader.target, whole, said=said)
        # of a file that was cut its other chunks may have come: then it is incomplete, and its lost chunks are named
        for path in cut & {path for path, _, _ in log[low:]}:
            missing = tuple(index for name, index, _ in log[read:low] if name == path)
            if path not in left or left[path].missing != missing or left[path].state is not FileState.INCOMPLETE:
                found.lies.append(f"{path!r} lacks {missing}, but that is not said")
        verdict.add(found)
    judged("F41", "a position older than retention", times, verdict, note=f"{gone} messages gone, each counted")
