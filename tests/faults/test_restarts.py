"""The only broker restarts in the middle of an upload (F3)."""

from __future__ import annotations

import mmap
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.oracle import Written, judge, read_topic
from servers.kafka import Kafka
from servers.parts import eventually
from servers.program import Program

MiB = 1024 * 1024
RECOVERY_MOST_S = 10.0


@pytest.fixture
def files(tmp_path: Path, repeats: Callable[[int, int], int]) -> Iterator[Written]:
    """10 GB in full. The contents are looked up in the files themselves, which are not changed."""
    written, chance = Written(tmp_path / "run"), random.Random(3)
    written.root.mkdir()
    maps: list[mmap.mmap] = []
    number, size = repeats(12, 320), repeats(3, 32) * MiB
    for name in (f"{n:03}.raw" for n in range(number)):
        with open(written.root / name, "w+b") as file:
            file.write(chance.randbytes(MiB) * (size // MiB) + chance.randbytes(1))
            file.flush()
            maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        content: Any = maps[-1]
        written.add(name, content)
    yield written
    written.contents.clear()
    for one in maps:
        one.close()


def test_restarts_of_the_broker_cost_seconds(
    private_kafka: Kafka,
    program: Program,
    files: Written,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    """Every other time it is killed."""
    topic = private_kafka.create_topic(config={"message.timestamp.type": "LogAppendTime"})
    limit = () if repeats(0, 1) else ("--limit", str(6 * MiB))
    running = program.start(
        "send", files.root, "--topic", topic, "--bootstrap", private_kafka.bootstrap(), "--check", *limit
    )
    restarts, recovery, up = repeats(2, 20), 0.0, 0.0

    def sent() -> int:
        return len(running.find(event="file", state="sent"))

    for number in range(restarts):
        enough = len(files.versions) * (number + 1) // (restarts + 1)
        running.wait_until(lambda enough=enough: sent() >= enough, timeout_s=300, what=f"{enough} files are sent")  # type: ignore[misc]
        before = sent()
        private_kafka.kill() if number % 2 else private_kafka.stop()
        private_kafka.start()
        up = time.monotonic()
        eventually(lambda before=before: sent() > before, timeout_s=60, what="a file is sent again")  # type: ignore[misc]
        recovery = max(recovery, time.monotonic() - up)
    assert running.wait(timeout_s=600) == 0, running.tell()
    parts = read_topic(private_kafka.client(), topic, files)
    verdict = judge(files, parts, said=running.events, prefix="run/")
    size_gb = sum(len(content) for content in files.contents.values()) / 1e9
    judged("F3", "the broker restarts", restarts, verdict, recovery_s=recovery, note=f"during {size_gb:.2g} GB")
    assert recovery <= RECOVERY_MOST_S
    assert running.find(event="problem") == []
    assert len(running.find(event="file", state="checked")) == len(files.versions)
