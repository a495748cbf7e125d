"""The safety rules of senders, each with the case that once broke a program: seen from outside, on a real broker."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import NewPartitions
from faults.watched import Watched
from servers.kafka import Kafka
from servers.program import Program
from servers.trees import read_tree

MiB = 1024 * 1024
BIG = 17 * MiB + 1
"""Above the size up to which a file is read only once."""
LIMIT = ("--limit", "9000000")


def received(program: Program, watched: Watched, target: Path, *more: str) -> dict[str, bytes]:
    """What a reader of ours makes of the topic."""
    there = ("--bootstrap", watched.kafka.bootstrap(), "--until-idle", "1")
    read = program.run("download", watched.topic, "--target", target, *there, *more, data="reader")
    assert read.process.returncode == 0, read.tell()
    return read_tree(target, ignore=[".openmsi-parts"])


def partitions_of(kafka: Kafka, topic: str, path: str) -> set[int]:
    """On which partitions chunks of a file lie, by their keys."""
    reader = Consumer({**kafka.client(), "group.id": "rules", "enable.auto.commit": False})
    found: set[int] = set()
    try:
        for number in reader.list_topics(topic, 10).topics[topic].partitions:
            low, high = reader.get_watermark_offsets(TopicPartition(topic, number), 10)
            reader.assign([TopicPartition(topic, number, low)])
            while low < high:
                for message in reader.consume(100, 0.2):
                    assert message.error() is None
                    low = (message.offset() or 0) + 1
                    if Path(path).stem.encode() in (message.key() or b""):
                        found.add(number)
    finally:
        reader.close()
    return found


def test_a_content_that_comes_back_and_a_restored_file_are_new_versions(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """Compared is with the last version only, and an old time is no reason to leave a file out."""
    watched = Watched(kafka, program, tmp_path)
    watched.start()
    for content in (b"A", b"B", b"A"):
        watched.save("aba.dat", content)
        since = len(watched.run.events)
        watched.run.wait_until(
            lambda s=since: any(
                e.get("path") == "aba.dat" and e.get("state") == "sent" for e in watched.run.events[s:]
            ),  # type: ignore[misc]
            timeout_s=30,
            what=f"content {content!r} is sent",
        )
    watched.save("restored.dat", b"the damaged state of today")
    watched.wait_sent("restored.dat")
    backup = tmp_path / "backup.dat"
    backup.write_bytes(b"from the backup of last year")
    os.utime(backup, (1_700_000_000, 1_700_000_000))
    backup.replace(watched.root / "restored.dat")
    watched.note("restored.dat")
    watched.wait_sent("restored.dat")
    watched.stop()
    parts = watched.parts()
    assert len({part.version for part in parts if part.path == "aba.dat"}) == 3
    assert received(program, watched, tmp_path / "ours") == {
        "aba.dat": b"A",
        "restored.dat": b"from the backup of last year",
    }
    judged("R12", "A, B, A, and a restored file", 2, watched.verdict(parts=parts))


def test_another_chunk_size_and_more_partitions_in_the_middle_of_a_file(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """What was begun goes on as it was begun, on its partition; the next version is as the topic and settings are."""
    watched, chance = Watched(kafka, program, tmp_path, partitions=1), random.Random(10)
    watched.save("run/big.raw", chance.randbytes(BIG))
    watched.start(*LIMIT)
    watched.wait_part("run/big.raw", 0.3)
    watched.kill()
    kafka.admin().create_partitions([NewPartitions(watched.topic, 7)])[watched.topic].result(20)
    watched.start("--chunk-size", "100000")
    watched.wait_sent("run/big.raw")
    assert partitions_of(kafka, watched.topic, "run/big.raw") == {0}
    assert len({(part.version, part.total) for part in watched.parts()}) == 1
    watched.save("run/big.raw", chance.randbytes(300_000))
    watched.wait_sent("run/big.raw")
    watched.stop()
    parts = watched.parts()
    assert {part.total for part in parts} == {35, 3}
    last = watched.written.contents[watched.written.last["run/big.raw"]]
    assert received(program, watched, tmp_path / "ours") == {"run/big.raw": last}
    judged("R10", "more partitions and another chunk size in the middle", 1, watched.verdict(parts=parts))


def test_a_small_file_is_not_mixed_when_the_chunk_size_changes_in_its_middle(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    watched, chance = Watched(kafka, program, tmp_path), random.Random(11)
    watched.save("small.raw", chance.randbytes(4 * MiB))
    watched.start("--limit", "2000000")
    watched.wait_part("small.raw", 0.3)
    watched.kill()
    watched.start("--chunk-size", "200000")
    watched.wait_sent("small.raw")
    watched.stop()
    content = watched.written.contents[watched.written.last["small.raw"]]
    assert received(program, watched, tmp_path / "ours") == {"small.raw": content}
    judged("R13", "another chunk size after a kill", 1, watched.verdict())


def test_files_of_two_installations_under_one_path_lie_beside_each_other(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    one = Watched(kafka, program, tmp_path, name="one", data="one")
    two = Watched(kafka, program, tmp_path, name="two", data="two", topic=one.topic)
    for watched in (one, two):
        watched.save("run/same.dat", f"of {watched.name}".encode())
        watched.start()
        watched.wait_sent()
        watched.stop()
    there = ("--bootstrap", kafka.bootstrap(), "--until-idle", "1")
    read = program.run("download", one.topic, "--target", tmp_path / "ours", *there, data="reader")
    tree = read_tree(tmp_path / "ours", ignore=[".openmsi-parts"])
    assert sorted(tree.values()) == [b"of one", b"of two"] and tree["run/same.dat"] == b"of one"
    problems = " ".join(f"{e['title']} {e['advice']}" for e in read.find(event="problem"))
    assert "subfolder" in problems, read.tell()
    assert {e["sha512"] for e in read.find(event="file", state="delivered")} == {
        one.written.last["run/same.dat"],
        two.written.last["run/same.dat"],
    }
    one.written.contents.update(two.written.contents)
    one.events += two.events
    verdict = one.verdict()
    # the judge knows one writer: the later version of the path is the other one's
    assert verdict.lost == ["'run/same.dat': the last whole version on the topic is not the last one written"]
    verdict.lost.clear()
    judged("R11", "two installations, one path", 1, verdict)
