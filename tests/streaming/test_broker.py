"""Producer, consumer and look-up: the same tests on the embedded broker and on a real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from servers.kafka import Kafka
from servers.parts import eventually

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.streaming.kafka.broker import (
    ClockRefused,
    Consumer,
    EmbeddedBroker,
    KafkaBroker,
    Message,
    MessageTooLarge,
    NoContact,
    OffsetGone,
    Producer,
    ProducerBroken,
    Report,
    RightDenied,
    TopicMissing,
    Withdrawn,
)
from openmsi_desktop.streaming.kafka.config import Value

T = TypeVar("T")
CreateTopic = Callable[..., str]
PRODUCE, INIT_PRODUCER_ID = 0, 22  # Kafka's API keys


@pytest.fixture
def broker(broker_config: dict[str, Value]) -> KafkaBroker:
    return KafkaBroker(broker_config, name="lab")


@pytest.fixture
def producer(broker: KafkaBroker) -> Iterator[Producer]:
    producer = broker.producer()
    yield producer
    producer.close()


@pytest.fixture
def consumer(broker: KafkaBroker) -> Iterator[Consumer]:
    consumer = broker.consumer()
    yield consumer
    consumer.close()


def gather(more: Callable[[], list[T]], count: int) -> list[T]:
    """Call ``more`` until it has given that many."""
    found: list[T] = []

    def is_enough() -> bool:
        found.extend(more())
        return len(found) >= count

    eventually(is_enough, timeout_s=20, what=f"{count} of them", every_s=0)
    return found


def reports(producer: Producer, count: int) -> list[Report]:
    return gather(lambda: producer.poll(0.1), count)


def messages(consumer: Consumer, count: int) -> list[Message]:
    return gather(lambda: consumer.read(100, 0.1), count)


def send(producer: Producer, topic: str, *values: bytes, partition: int = 0) -> list[Report]:
    for value in values:
        assert producer.send(topic, partition, key=b"key", value=value, headers=(), token=value)
    return reports(producer, len(values))


def test_a_message_comes_back_as_it_was_sent(producer: Producer, consumer: Consumer, create_topic: CreateTopic) -> None:
    topic = create_topic(partitions=3)
    assert producer.send(
        topic, 2, key=b"k\x00", value=b"v\xff", headers=[("openmsi", b"1"), ("openmsi", b"2")], token=7
    )
    assert producer.in_flight == 1
    assert reports(producer, 1) == [Report(token=7, partition=2, offset=0)]
    assert producer.in_flight == 0
    consumer.assign({(topic, 2): 0})
    (message,) = messages(consumer, 1)
    assert (message.topic, message.partition, message.offset) == (topic, 2, 0)
    assert (message.key, message.value) == (b"k\x00", b"v\xff")
    assert message.headers == (("openmsi", b"1"), ("openmsi", b"2"))
    assert message.header("openmsi") == b"2"
    assert message.header("other") is None
    assert message.timestamp_ms is not None and message.timestamp_ms > 1_600_000_000_000


def test_many_messages_stay_in_order_and_each_has_its_report(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic
) -> None:
    topic = create_topic(partitions=1)
    values = [b"%d" % number for number in range(2000)]
    found = send(producer, topic, *values)
    assert [report.token for report in found] == values
    assert [report.offset for report in found] == list(range(2000))
    consumer.assign({(topic, 0): 500})
    assert [message.value for message in messages(consumer, 1500)] == values[500:]


def test_reading_does_not_wait_for_a_full_batch(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic
) -> None:
    topic = create_topic(partitions=1)
    send(producer, topic, b"one")
    consumer.assign({(topic, 0): 0})
    arrived = threading.Event()

    def read() -> None:
        if consumer.read(100, 60):
            arrived.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert arrived.wait(20)
    reader.join(5)


def test_several_partitions_are_read_from_their_own_positions(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic
) -> None:
    topic = create_topic(partitions=2)
    send(producer, topic, b"a0", b"a1", partition=0)
    send(producer, topic, b"b0", b"b1", partition=1)
    consumer.assign({(topic, 0): 1, (topic, 1): 0})
    assert {message.value for message in messages(consumer, 3)} == {b"a1", b"b0", b"b1"}


@pytest.mark.parametrize("position", [99, 5_000_000_000])
def test_a_position_that_does_not_exist_is_an_error_and_reading_can_go_on(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic, position: int
) -> None:
    topic = create_topic(partitions=2)
    send(producer, topic, b"a0", b"a1", partition=0)
    send(producer, topic, b"b0", partition=1)
    consumer.assign({(topic, 0): position, (topic, 1): 1})
    with pytest.raises(OffsetGone) as caught:
        messages(consumer, 1)
    assert (caught.value.topic, caught.value.partition, caught.value.position) == (topic, 0, position)
    consumer.seek(topic, 0, 1)
    assert [message.value for message in messages(consumer, 1)] == [b"a1"]
    send(producer, topic, b"b1", partition=1)
    assert [message.value for message in messages(consumer, 1)] == [b"b1"]


def test_seek_reads_again(producer: Producer, consumer: Consumer, create_topic: CreateTopic) -> None:
    topic = create_topic(partitions=1)
    send(producer, topic, b"a", b"b", b"c")
    consumer.assign({(topic, 0): 0})
    messages(consumer, 3)
    consumer.seek(topic, 0, 1)
    assert [message.value for message in messages(consumer, 2)] == [b"b", b"c"]


def test_a_paused_partition_is_silent_until_it_is_resumed(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic
) -> None:
    topic = create_topic(partitions=2)
    consumer.assign({(topic, 0): 0, (topic, 1): 0})
    consumer.pause([(topic, 0)])
    send(producer, topic, b"a", partition=0)
    send(producer, topic, b"b", partition=1)
    assert [message.value for message in messages(consumer, 1)] == [b"b"]
    consumer.resume([(topic, 0)])
    assert [message.value for message in messages(consumer, 1)] == [b"a"]


def test_the_ends_of_a_partition_and_offsets_by_time(
    producer: Producer, consumer: Consumer, create_topic: CreateTopic
) -> None:
    topic = create_topic(partitions=2)
    assert consumer.watermarks(topic, 0, 10) == (0, 0)
    send(producer, topic, b"a", b"b", partition=0)
    assert consumer.watermarks(topic, 0, 10) == (0, 2)
    future = 4_102_444_800_000
    assert consumer.offsets_at(topic, future, 10) == {0: 2, 1: 0}


def test_a_topic_is_described(broker: KafkaBroker, create_topic: CreateTopic) -> None:
    topic = create_topic(partitions=3)
    info = broker.topic_info(topic, 10)
    assert (info.name, info.partitions) == (topic, 3)
    assert info.cluster_id
    assert broker.topic_info(topic, 10) == info


def test_a_missing_topic_is_named_and_not_created(broker: KafkaBroker) -> None:
    for _ in range(2):
        with pytest.raises(TopicMissing, match='The topic "mistyped" does not exist'):
            broker.topic_info("mistyped", 10)


# what only the embedded broker can be made to do


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        broker.create("xrd", 2)
        yield broker


def connect(embedded: EmbeddedBroker, **more: Value) -> KafkaBroker:
    config: dict[str, Value] = {"bootstrap.servers": embedded.bootstrap}
    return KafkaBroker(config | {name.replace("_", "."): value for name, value in more.items()}, name="lab")


@pytest.fixture
def lab(embedded: EmbeddedBroker) -> Iterator[Producer]:
    producer = connect(embedded).producer()
    yield producer
    producer.close()


def test_a_full_queue_says_no_and_takes_more_later(embedded: EmbeddedBroker) -> None:
    producer = connect(embedded, queue_buffering_max_messages=3, linger_ms=200).producer()
    answers = [producer.send("xrd", 0, key=b"", value=b"v", headers=(), token=n) for n in range(4)]
    assert answers == [True, True, True, False]
    assert len(reports(producer, 3)) == 3
    assert producer.send("xrd", 0, key=b"", value=b"v", headers=(), token=3)
    producer.close()


@pytest.mark.parametrize(("size", "taken"), [(524_500, 5), (52_400, 50), (1_000_000, 5), (10, 1000)])
def test_no_more_is_queued_than_can_be_on_its_way(
    embedded: EmbeddedBroker, lab: Producer, size: int, taken: int
) -> None:
    embedded.down()

    def send_another() -> bool:
        return lab.send("xrd", 0, key=b"", value=bytes(size), headers=(), token=0)

    accepted = next((n for n in range(taken) if not send_another()), taken)
    assert accepted == taken
    assert send_another() is (size == 10)
    embedded.up()
    assert len(reports(lab, taken)) >= taken
    assert send_another()


def test_an_outage_is_trouble_until_something_arrives(embedded: EmbeddedBroker, lab: Producer) -> None:
    send(lab, "xrd", b"before")
    assert lab.trouble() is None
    embedded.down()
    lab.send("xrd", 0, key=b"", value=b"v", headers=(), token=1)

    def is_in_trouble() -> bool:
        lab.poll(0.05)
        return lab.trouble() is not None and lab.trouble().count > 1  # type: ignore[union-attr]

    eventually(is_in_trouble, timeout_s=20, what="the outage is noticed")
    trouble = lab.trouble()
    assert trouble is not None
    assert isinstance(trouble.error, NoContact)
    embedded.up()
    assert [report.error for report in reports(lab, 1)] == [None]
    assert lab.trouble() is None


def test_what_was_queued_can_be_taken_back(embedded: EmbeddedBroker, lab: Producer) -> None:
    send(lab, "xrd", b"before")
    embedded.down()
    lab.poll(0.2)
    for number in range(5):
        lab.send("xrd", 0, key=b"", value=b"v", headers=(), token=number)
    found = lab.purge()
    embedded.up()
    while lab.in_flight:
        found += lab.poll(0.1)
    assert sorted(report.token for report in found) == list(range(5))
    withdrawn = [report for report in found if isinstance(report.error, Withdrawn)]
    assert withdrawn and all(report.offset == -1 for report in withdrawn)
    assert [report.error for report in send(lab, "xrd", b"after")] == [None]


def test_a_chunk_too_large_for_the_topic_is_reported(embedded: EmbeddedBroker, lab: Producer) -> None:
    embedded.fail_next(PRODUCE, 10)
    (report,) = send(lab, "xrd", b"v")
    assert isinstance(report.error, MessageTooLarge)
    assert report.offset == -1
    assert '"xrd"' in report.error.title


def test_a_chunk_too_large_for_any_topic_is_refused_at_once(lab: Producer) -> None:
    with pytest.raises(MessageTooLarge):
        lab.send("xrd", 0, key=b"", value=bytes(101_000_000), headers=(), token=1)
    assert lab.in_flight == 0


def test_an_impossible_clock_is_reported(embedded: EmbeddedBroker, lab: Producer) -> None:
    embedded.fail_next(PRODUCE, 32)
    (report,) = send(lab, "xrd", b"v")
    assert isinstance(report.error, ClockRefused)


def test_a_short_fault_of_the_broker_is_retried_unseen(embedded: EmbeddedBroker, lab: Producer) -> None:
    embedded.fail_next(PRODUCE, 6, 19, 7)  # not the leader, too few replicas, timed out
    assert [report.error for report in send(lab, "xrd", b"v")] == [None]


def test_a_broken_producer_gives_its_reports_first_and_then_says_so(embedded: EmbeddedBroker, lab: Producer) -> None:
    send(lab, "xrd", b"before")
    embedded.fail_next(PRODUCE, 45)  # out of order: the library must not go on
    lab.send("xrd", 0, key=b"", value=b"v", headers=(), token="lost")
    (report,) = reports(lab, 1)
    assert report.token == "lost"
    assert isinstance(report.error, RetryableError)
    assert lab.in_flight == 0
    with pytest.raises(ProducerBroken):
        lab.poll(0)
    with pytest.raises(ProducerBroken):
        lab.send("xrd", 0, key=b"", value=b"", headers=(), token=3)


def test_without_the_right_to_send_safely_a_person_is_asked(embedded: EmbeddedBroker, lab: Producer) -> None:
    embedded.fail_next(INIT_PRODUCER_ID, 31, 31, 31)  # cluster authorization failed
    producer = connect(embedded).producer()
    producer.send("xrd", 0, key=b"", value=b"v", headers=(), token=1)
    assert isinstance(reports(producer, 1)[0].error, Withdrawn)
    with pytest.raises(RightDenied, match="may not send safely") as caught:
        producer.poll(0)
    assert "IdempotentWrite" in caught.value.advice


def test_a_closed_producer_refuses_work(lab: Producer) -> None:
    lab.close()
    lab.close()
    assert lab.in_flight == 0
    with pytest.raises(ProducerBroken):
        lab.send("xrd", 0, key=b"", value=b"v", headers=(), token=1)
    with pytest.raises(ProducerBroken):
        lab.poll(0)


def test_without_contact_a_look_up_ends_with_the_cause(embedded: EmbeddedBroker) -> None:
    broker = connect(embedded)
    embedded.down()
    with pytest.raises(NoContact) as caught:
        broker.topic_info("xrd", 5)
    assert embedded.bootstrap in caught.value.title
    assert "tried again by itself" in caught.value.advice


def test_one_address_that_answers_is_enough(embedded: EmbeddedBroker) -> None:
    broker = KafkaBroker({"bootstrap.servers": f"127.0.0.1:1,{embedded.bootstrap}"})
    assert broker.topic_info("xrd", 20).partitions == 2


def test_clients_of_several_threads_do_not_disturb_each_other(embedded: EmbeddedBroker) -> None:
    broker = connect(embedded)
    done: list[list[Report]] = []

    def work(partition: int) -> None:
        producer = broker.producer()
        done.append(send(producer, "xrd", *[b"%d" % number for number in range(200)], partition=partition))
        producer.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [len(found) for found in done] == [200, 200]


# what the embedded broker cannot: let go of a member that leaves


def test_a_group_hands_its_position_on(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    broker = KafkaBroker(kafka.client())
    producer = broker.producer()
    send(producer, topic, b"a", b"b", b"c")
    given: list[object] = []
    taken: list[object] = []

    def member() -> Consumer:
        consumer = broker.consumer(group=f"group-of-{topic}")

        def assigned(partitions: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
            given.append(partitions)
            committed = consumer.committed(partitions)
            return {where: committed.get(where, 0) for where in partitions}

        consumer.subscribe([topic], on_assigned=assigned, on_revoked=lambda p, is_lost: taken.append((p, is_lost)))
        return consumer

    producer.close()
    first = member()
    assert [message.value for message in messages(first, 3)] == [b"a", b"b", b"c"]
    first.commit({(topic, 0): 2})
    first.close()
    assert taken == [([(topic, 0)], False)]
    second = member()
    assert [message.value for message in messages(second, 1)] == [b"c"]
    assert second.committed([(topic, 0)]) == {(topic, 0): 2}
    second.close()
    assert given == [[(topic, 0)]] * 2
