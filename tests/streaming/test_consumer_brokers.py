"""A reader on real clients of Kafka: the embedded broker and a real one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from servers.chunks import chunks_of, content
from servers.kafka import Kafka
from streaming.reading import KEY, Reader, until

from openmsi_desktop.core.chunk import HEADER, Chunk, Sender, encode, message_key
from openmsi_desktop.streaming.kafka.broker import KafkaBroker, TopicMissing
from openmsi_desktop.streaming.questions import Question, answer
from openmsi_desktop.streaming.receiving import upkeep

ALICE = "a" * 32


def send(broker: KafkaBroker, topic: str, chunks: list[Chunk], *, partition: int = 0, version: int | None = 1) -> None:
    producer = broker.producer()
    headers = [(HEADER, Sender(ALICE, version).encode())] if version else []
    sent = 0
    for chunk in chunks:
        key = message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
        while not producer.send(topic, partition, key=key, value=encode(chunk), headers=headers, token=chunk.index):
            sent += len(producer.poll(0.1))
    sent += len(producer.flush(20))
    assert sent == len(chunks)
    producer.close()


def test_files_come_from_several_partitions_and_the_end_is_noticed(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=3)
    broker = KafkaBroker(broker_config)
    files = {f"d/f{n}": content(150_000 + n, n) for n in range(6)}
    for number, (path, data) in enumerate(files.items()):
        send(broker, topic, chunks_of(path, data, 40_000), partition=number % 3)
    reader = Reader(tmp_path, broker, topics=(topic,))
    with reader.running() as service:
        until(lambda: len(reader.files) == len(files))
        begun = time.monotonic()
        until(lambda: service.idle_for() > 1.0, patience_s=8)
        assert time.monotonic() - begun < 5
        send(broker, topic, chunks_of("later", b"x"))
        until(lambda: "later" in reader.files)
        assert service.no_contact_for() == 0
    assert reader.files == files | {"later": b"x"}
    assert reader.problem_titles == []


def test_it_goes_on_where_it_was_and_from_now_means_now(
    tmp_path: Path, broker_config: Mapping[str, str], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=2)
    broker = KafkaBroker(broker_config)
    send(broker, topic, chunks_of("before", b"1"))
    reader = Reader(tmp_path, broker, topics=(topic,), from_="now")
    reader.read_all()
    send(broker, topic, chunks_of("after", content(1000))[:5], partition=1)
    reader.read_all()
    send(broker, topic, chunks_of("after", content(1000))[5:], partition=1)
    reader.read_all()
    assert reader.files == {"after": content(1000)}


def test_lost_messages_are_told_by_a_real_broker(tmp_path: Path, kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    broker = KafkaBroker({"bootstrap.servers": kafka.bootstrap()})
    reader = Reader(tmp_path, broker, topics=(topic,))
    send(broker, topic, chunks_of("a", b"1"))
    reader.read_all()
    send(broker, topic, chunks_of("lost", content(500)), version=2)
    send(broker, topic, chunks_of("b", b"2"))
    admin = kafka.admin()
    for future in admin.delete_records([TopicPartition(topic, 0, 6)]).values():
        future.result(10)
    reader.read_all()
    assert reader.files == {"a": b"1", "b": b"2"}
    assert reader.problem_titles == [f"5 messages of {topic} were removed before they were read"]


def test_a_topic_made_anew_is_noticed(tmp_path: Path, kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    broker = KafkaBroker({"bootstrap.servers": kafka.bootstrap()})
    reader = Reader(tmp_path, broker, topics=(topic,))
    send(broker, topic, chunks_of("a", content(300)))
    reader.read_all()
    kafka.delete_topic(topic)
    kafka.create_topic(topic, partitions=1)
    send(broker, topic, chunks_of("b", content(900)))
    with pytest.raises(Question, match="not the one it was"):
        reader.read_all()
    with reader.journal() as journal:
        assert answer(journal, KEY, "send")
    reader.read_all()
    assert set(reader.files) == {"a", "b"}


def test_a_topic_made_anew_while_it_is_read_is_noticed(
    tmp_path: Path, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PARTITIONS_S", 1.0)
    topic = kafka.create_topic(partitions=1)
    broker = KafkaBroker({"bootstrap.servers": kafka.bootstrap()})
    reader = Reader(tmp_path, broker, topics=(topic,))
    send(broker, topic, chunks_of("a", content(300)))
    with reader.running():
        until(lambda: set(reader.files) == {"a"})
        kafka.delete_topic(topic)
        kafka.create_topic(topic, partitions=1)
        until(lambda: reader.error is not None, patience_s=30)
    assert isinstance(reader.error, (Question, TopicMissing))
