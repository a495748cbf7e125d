"""Topics disappear, come back, grow, take less than before, or are compacted (F19, F20): it is named, never guessed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from faults.oracle import judge, read_topic
from faults.traffic import Instrument, Traffic
from servers.kafka import Kafka
from servers.program import Program

STAMPED = {"message.timestamp.type": "LogAppendTime"}


def test_a_topic_that_was_deleted_is_named_and_a_new_one_is_a_question(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    traffic = Traffic(kafka, program, tmp_path, listener="PLAINTEXT")
    traffic.start()
    traffic.instrument.stop()
    old = read_topic(kafka.client(), traffic.topic, traffic.instrument.written)
    kafka.delete_topic(traffic.topic)
    traffic.retry()
    traffic.wait_for_task(f'The topic "{traffic.topic}" does not exist', timeout_s=60)
    if repeats(0, 1):  # the library gives a topic that it reads 30 s to come back
        traffic.wait_for_task(f'The topic "{traffic.topic}" does not exist', timeout_s=60, where="reader")
    kafka.create_topic(traffic.topic, partitions=3, config=STAMPED)
    traffic.instrument.one()
    for where in ("sender", "reader"):
        traffic.retry()
        traffic.wait_for_task("is not the one it was", timeout_s=60, where=where)
        assert kafka.message_count(traffic.topic) == 0, "nothing is sent until somebody decides"
    path = traffic.instrument.one()
    for data, place in (("sender", traffic.instrument.written.root), ("reader", traffic.target)):
        assert program.run("decide", place, "--send", data=data).process.returncode == 0
    begun = time.time()
    traffic.retry()
    traffic.sender.wait_for(event="file", path=path, state="sent", sha512=traffic.instrument.written.last[path])
    recovery = time.time() - begun
    kafka.add_partitions(traffic.topic, 8)
    for _ in range(10):
        traffic.instrument.one()
    traffic.retry()
    new, _ = traffic.end()
    said = sorted([*traffic.sender.events, *(traffic.reader.events if traffic.reader else ())], key=_time)
    both = judge(traffic.instrument.written, [*old, *new], said=said, target=traffic.target)
    judged("F19", "deleted, made anew, more partitions", 1, both, recovery_s=recovery)
    last = judge(traffic.instrument.written, new, said=())
    judged("F19", "the new topic by itself", 1, last)


def _time(event: object) -> str:
    assert isinstance(event, dict)
    return str(event["time"])


def test_a_topic_that_takes_less_than_before_is_one_problem_with_advice(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """Small messages that travelled together still arrive; a chunk too large for it does not go round and round."""
    traffic = Traffic(kafka, program, tmp_path, listener="PLAINTEXT", reads=False, partitions=1)
    traffic.start()
    kafka.configure(traffic.topic, max_message_bytes=150_000, compression_type="gzip")
    large = random.Random(20).randbytes(1_000_000)
    traffic.instrument.save("large.tif", large)
    for _ in range(60):
        traffic.instrument.one()
    traffic.sender.wait_for(event="problem", path="large.tif")
    before = kafka.message_count(traffic.topic)
    traffic.instrument.stop()
    small = {item for item in traffic.instrument.written.last.items() if item[0] != "large.tif"}

    def small_ones_are_sent() -> bool:
        sent = {(e["path"], e["sha512"]) for e in traffic.sender.find(event="file", state="sent")}
        return small <= sent

    traffic.sender.wait_until(small_ones_are_sent, timeout_s=30, what="the small files are sent")
    (problem,) = traffic.problems()
    assert problem["title"].startswith("A chunk is larger than the topic")
    assert "chunk_size" in problem["advice"]
    assert kafka.message_count(traffic.topic) - before <= 200
    kafka.configure(traffic.topic, max_message_bytes=1_048_588, compression_type="producer")
    begun = time.time()
    traffic.retry()
    traffic.sender.wait_for(event="file", path="large.tif", state="sent")
    recovery = time.time() - begun
    _, verdict = traffic.end()
    judged("F20", "the topic takes less, and compresses", 1, verdict, recovery_s=recovery)


def test_a_compacted_topic_is_refused(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """From the beginning, and when it becomes one."""
    instrument = Instrument(tmp_path / "run")
    instrument.one()
    topic = kafka.create_topic(config={"cleanup.policy": "compact"})
    sending = program.run("send", instrument.written.root, "--topic", topic, "--bootstrap", kafka.bootstrap())
    assert sending.process.returncode == 3, sending.tell()
    (failed,) = sending.find(event="task", state="failed")
    assert failed["title"] == f"Topic {topic} is compacted"
    assert kafka.message_count(topic) == 0
    traffic = Traffic(kafka, program, tmp_path, listener="PLAINTEXT", reads=False)
    traffic.start()
    kafka.configure(traffic.topic, cleanup_policy="compact")
    traffic.retry()
    traffic.wait_for_task("is compacted", timeout_s=30)
    kafka.configure(traffic.topic, cleanup_policy="delete")
    begun = time.time()
    traffic.retry()
    recovery, verdict = traffic.recover(begun)
    judged("F19", "a topic becomes compacted", 1, verdict, recovery_s=recovery)
