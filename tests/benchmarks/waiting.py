"""Times in which nothing happens: how soon a new file is on its way after them, and what they cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition
from servers.kafka import Kafka

from benchmarks.bench import Bench, clear, sent_in
from benchmarks.journals import multiply
from benchmarks.measure import Failed, Measured, cpu_of, memory_of, percentile
from benchmarks.report import Goal, Row

_QUIET_S = 1.0
_SENT_BEFORE = 100_000


class Mailbox:
    """Sees messages arrive on a topic, from its end on."""

    def __init__(self, kafka: Kafka, topic: str) -> None:
        self._consumer = Consumer(kafka.client() | {"group.id": f"bench-{time.monotonic_ns()}"})
        partitions = self._consumer.list_topics(topic, timeout=30).topics[topic].partitions
        ends = [self._consumer.get_watermark_offsets(TopicPartition(topic, number))[1] for number in partitions]
        self._consumer.assign([TopicPartition(topic, number, end) for number, end in enumerate(ends)])
        self._consumer.poll(0)

    def next(self, *, within_s: float) -> float | None:
        """When the next message came, on the monotonic clock; None if none does."""
        message = self._consumer.poll(within_s)
        return None if message is None or message.error() else time.monotonic()

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


def new_file(bench: Bench) -> Row:
    """A new file until its message is on the topic, after nothing has happened for a while."""
    idle_s, files = (600.0, 12) if bench.options.long else (5.0, 12)

    def ours(topic: str, folder: Path, data: Path) -> Measured:
        place = ("--topic", topic, "--bootstrap", bench.kafka.bootstrap())
        return bench.ours("watch", folder, *place, "--quiet", str(_QUIET_S), data=data)

    def theirs(topic: str, folder: Path, data: Path) -> Measured:
        return bench.theirs(
            "DataFileUploadDirectory",
            folder,
            topic,
            "--upload_regex",
            "(?s).*",
            "--watchdog_lag_time",
            f"{_QUIET_S:.0f}",
        )

    took = _delays(bench, ours, idle_s=idle_s, files=files, is_watching=_says_so)
    row = Row(
        f"a new file until its message is on the topic, quiet time {_QUIET_S:g} s, after {idle_s:g} s of nothing", {}
    )
    row.cells["ours"] = f"median {percentile(took, 0.5):.2f} s, p95 {percentile(took, 0.95):.2f} s ({files} files)"
    late = percentile(took, 0.95) - _QUIET_S
    row.goals.append(Goal("after the quiet time (p95)", late, 0.5, 0.1, unit=" s", is_limit=True))
    if bench.has_openmsistream:
        few = _delays(bench, theirs, idle_s=idle_s, files=4, is_watching=_had_time)
        row.cells["OpenMSIStream"] = f"median {percentile(few, 0.5):.1f} s, most {max(few):.1f} s ({len(few)} files)"
    return row


def _says_so(running: Measured) -> bool:
    return "Watching" in running.output()


def _had_time(running: Measured) -> bool:
    """For a program that does not say when it has begun to watch."""
    return time.monotonic() - running.begun > 3.0


def _delays(
    bench: Bench,
    start: Callable[[str, Path, Path], Measured],
    *,
    idle_s: float,
    files: int,
    is_watching: Callable[[Measured], bool],
) -> list[float]:
    """Seconds from the end of writing until the message came, for each file."""
    topic, folder, data = bench.topic(), bench.folder_for("instrument"), bench.folder_for("data")
    running = start(topic, folder, data)
    mailbox = Mailbox(bench.kafka, topic)
    took: list[float] = []
    try:
        running.until(lambda: is_watching(running))
        for number in range(files):
            time.sleep(idle_s)  # not a wait for anything: the idle time is what is measured
            path = folder / f"scan {number}.dat"
            path.write_bytes(os.urandom(10_000))
            written = time.monotonic()
            came = mailbox.next(within_s=120.0)
            if came is None:
                raise Failed(f"no message for {path.name}:\n{running.output()[-2000:]}")
            took.append(came - written)
            print(f"    {took[-1]:.3f} s", flush=True)
    finally:
        mailbox.close()
        running.kill()
        bench.drop(topic)
        clear(data)
        clear(folder)
    return took


def idle(bench: Bench) -> Row:
    """A minute in which nothing happens, with 100,000 files that were sent before."""
    others = bench.small_files(_SENT_BEFORE, size=10, folders=200)
    folder, topic, data = bench.folder_for("instrument"), bench.topic(), bench.folder_for("data")
    place = ("--topic", topic, "--bootstrap", bench.kafka.bootstrap(), "--quiet", "0")
    (folder / "first.dat").write_bytes(b"first")
    bench.ours("watch", folder, *place, "--until-idle", "1", data=data).ended()
    if sent_in(data) != 1:
        raise Failed("the file that stands for all was not sent")
    for child in list(others.iterdir()):
        child.rename(folder / child.name)
    others.rmdir()
    multiply(data, folder)
    running = bench.ours("watch", folder, *place, data=data)
    try:
        took = running.until(lambda: _says_so(running))
        time.sleep(10.0)  # what a start leaves to be done is no part of an idle minute
        before = cpu_of(running.pid)
        time.sleep(60.0)
        cpu_s = cpu_of(running.pid) - before
        rss_mb = memory_of(running.pid)
        sent = bench.kafka.message_count(topic) - 1
        running.stop()
        whole = running.ended(wall_s=took)
    finally:
        running.kill()
        bench.drop(topic)
        clear(data)
        clear(folder)
    row = Row(
        f"idle: one minute with {_SENT_BEFORE:,} files sent before",
        {
            "ours": f"CPU {cpu_s:.2f} s, {rss_mb:.0f} MB (peak {whole.rss_mb:.0f} MB); watching {took:.1f} s after the start"
        },
    )
    row.goals.append(Goal("CPU", cpu_s, 0.3, unit=" s", is_limit=True))
    row.goals.append(Goal("RSS", rss_mb, 80, unit=" MB", is_limit=True, digits=0))
    if sent:
        row.notes.append(f"{sent} files were sent again, which is wrong")
    return row
