"""What a person reads when a real broker does not do what the connection asks: one sentence with the true cause, soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from servers.certificates import Certificates
from servers.kafka import Config, Kafka, free_port
from servers.parts import eventually

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.streaming.kafka.broker import (
    Consumer,
    KafkaBroker,
    Message,
    MessageTooLarge,
    NoContact,
    OffsetGone,
    Producer,
    Report,
    RightDenied,
    SignInRefused,
    TlsRefused,
    TopicMissing,
    WrongSecurity,
)

SOON_S = 5.0
"""Far less than the time limit of the look-ups here: the cause is told when it is known."""

Case = tuple[str, Callable[[Kafka, Certificates], Config], type[OpenMSIError], str, str]


def at(listener: str, **more: str) -> Callable[[Kafka, Certificates], Config]:
    """A connection that knows nothing but the address."""
    properties: Config = {name.replace("_", "."): value for name, value in more.items()}
    return lambda kafka, _: {"bootstrap.servers": kafka.bootstrap(listener)} | properties


CASES: list[Case] = [
    (
        "wrong password",
        lambda kafka, _: kafka.client("SASL", "alice", password="wrong"),
        SignInRefused,
        "User name or password is wrong",
        "store the password again",
    ),
    (
        "wrong password, PLAIN over TLS",
        lambda kafka, _: kafka.client("SASLSSL", "alice", password="wrong", mechanism="PLAIN"),
        SignInRefused,
        "User name or password is wrong",
        "store the password again",
    ),
    (
        "mechanism not offered",
        lambda kafka, _: kafka.client("SCRAMONLY", "alice", mechanism="PLAIN"),
        SignInRefused,
        "does not offer this kind of sign-in",
        "It offers: SCRAM-SHA-512.",
    ),
    (
        "no sign-in where one is wanted",
        at("SASL"),
        WrongSecurity,
        "wants a sign-in",
        "(PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)",
    ),
    (
        "TLS but no sign-in where one is wanted",
        lambda kafka, _: kafka.client("SSL") | {"bootstrap.servers": kafka.bootstrap("SASLSSL")},
        WrongSecurity,
        "wants a sign-in",
        "SASL_SSL",
    ),
    (
        "sign-in where none is taken",
        lambda kafka, _: kafka.client("SASL", "alice") | {"bootstrap.servers": kafka.bootstrap("PLAINTEXT")},
        WrongSecurity,
        "wants no sign-in",
        "PLAINTEXT or SSL",
    ),
    ("no TLS on a TLS port", at("SSL"), WrongSecurity, "wants TLS", "Set security.protocol to SSL"),
    (
        "sign-in without TLS on a TLS port",
        lambda kafka, _: kafka.client("SASL", "alice") | {"bootstrap.servers": kafka.bootstrap("SASLSSL")},
        WrongSecurity,
        "wants TLS",
        "SASL_SSL",
    ),
    (
        "TLS on a plain port",
        lambda kafka, _: kafka.client("SSL") | {"bootstrap.servers": kafka.bootstrap("PLAINTEXT")},
        WrongSecurity,
        "does not speak TLS",
        "security.protocol to PLAINTEXT",
    ),
    (
        "unknown authority",
        lambda kafka, certificates: kafka.client("SSL", authority=certificates.other_authority),
        TlsRefused,
        "signed by an unknown authority",
        "ssl.ca.location",
    ),
    (
        "certificate of another name",
        lambda kafka, _: kafka.client("BADNAME"),
        TlsRefused,
        "belongs to another name",
        'not made out to "127.0.0.1"',
    ),
    ("certificate expired", lambda kafka, _: kafka.client("EXPIRED"), TlsRefused, "has expired", "renew"),
    (
        "no client certificate",
        lambda kafka, _: kafka.client("MTLS"),
        TlsRefused,
        "does not accept our certificate",
        "ssl.certificate.location",
    ),
    (
        "client certificate of another authority",
        lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client_of_other_authority),
        TlsRefused,
        "does not accept our certificate",
        "ssl.certificate.location",
    ),
    (
        "client certificate expired",
        lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client_expired),
        TlsRefused,
        "does not accept our certificate",
        "expired",
    ),
    (
        "nobody listens",
        lambda kafka, _: {"bootstrap.servers": f"127.0.0.1:{free_port()}"},
        NoContact,
        "Nothing answers at 127.0.0.1:",
        "tried again by itself",
    ),
    (
        "the name does not exist",
        lambda kafka, _: {"bootstrap.servers": "no-such-host.invalid:9092"},
        NoContact,
        "The name no-such-host.invalid is not known",
        "spelling",
    ),
    (
        "the port of the controller",
        at("CONTROLLER"),
        WrongSecurity,
        "is not for clients",
        "Check the port",
    ),
    (
        "the authority's file is missing",
        lambda kafka, _: kafka.client("SSL", authority=Path("/no/such/ca.pem")),
        SettingsError,
        "The file of ssl.ca.location cannot be used",
        "PEM",
    ),
    (
        "no right to see the topic",
        lambda kafka, _: kafka.client("SASL", "nolist"),
        RightDenied,
        'The account may not see the topic "shown"',
        "Ask the broker's administrators",
    ),
]


@pytest.fixture(scope="module")
def shown(kafka: Kafka) -> str:
    return kafka.create_topic("shown", partitions=2)


@pytest.mark.parametrize(("config", "kind", "title", "advice"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_look_up_tells_the_true_cause(
    kafka: Kafka,
    certificates: Certificates,
    shown: str,
    config: Callable[[Kafka, Certificates], Config],
    kind: type[OpenMSIError],
    title: str,
    advice: str,
) -> None:
    begun = time.monotonic()
    with pytest.raises(OpenMSIError) as caught:
        KafkaBroker(config(kafka, certificates)).topic_info(shown, 20)
    assert time.monotonic() - begun < SOON_S
    assert type(caught.value) is kind
    assert title in caught.value.title
    assert advice in caught.value.advice


GOOD: list[tuple[str, Callable[[Kafka, Certificates], Config]]] = [
    ("plain", lambda kafka, _: kafka.client("PLAINTEXT")),
    ("TLS", lambda kafka, _: kafka.client("SSL")),
    ("client certificate", lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client)),
    ("TLS with a wrong name, not checked", lambda kafka, _: kafka.client("BADNAME") | UNCHECKED),
    ("password over TLS", lambda kafka, _: kafka.client("SASLSSL", "alice")),
    ("one address of two", lambda kafka, _: {"bootstrap.servers": f"127.0.0.1:1,{kafka.bootstrap()}"}),
]
UNCHECKED: Config = {"ssl.endpoint.identification.algorithm": "none"}


@pytest.mark.parametrize("config", [c[1] for c in GOOD], ids=[c[0] for c in GOOD])
def test_the_right_connection_is_let_in(
    kafka: Kafka, certificates: Certificates, shown: str, config: Callable[[Kafka, Certificates], Config]
) -> None:
    kafka.allow("carol", "DESCRIBE", topic=shown)
    info = KafkaBroker(config(kafka, certificates)).topic_info(shown, 20)
    assert info.partitions == 2
    assert len(info.topic_id) == 22


def connect(kafka: Kafka, user: str = "", **more: str | int) -> KafkaBroker:
    properties: Config = {name.replace("_", "."): value for name, value in more.items()}
    return KafkaBroker((kafka.client("SASL", user) if user else kafka.client()) | properties, name=user or "lab")


def send(producer: Producer, topic: str, *values: bytes) -> list[Report]:
    """Send, and wait for the reports."""
    for value in values:
        assert producer.send(topic, 0, key=b"key", value=value, headers=(), token=value)
    return reports(producer, len(values))


def reports(producer: Producer, count: int) -> list[Report]:
    found: list[Report] = []

    def all_there() -> bool:
        found.extend(producer.poll(0.1))
        return len(found) >= count

    eventually(all_there, timeout_s=20, what="reports", every_s=0)
    return found


def read(consumer: Consumer, count: int) -> list[Message]:
    found: list[Message] = []

    def all_there() -> bool:
        found.extend(consumer.read(100, 0.1))
        return len(found) >= count

    eventually(all_there, timeout_s=20, what="messages", every_s=0)
    return found


@pytest.fixture
def producer(kafka: Kafka) -> Iterator[Producer]:
    producer = connect(kafka).producer()
    yield producer
    producer.close()


def test_a_topic_tells_how_it_keeps_messages(kafka: Kafka) -> None:
    settings = {
        "cleanup.policy": "compact,delete",
        "retention.ms": "3600000",
        "retention.bytes": "1000000",
        "max.message.bytes": "200000",
        "message.timestamp.type": "LogAppendTime",
    }
    info = connect(kafka).topic_info(kafka.create_topic(partitions=1, config=settings), 10)
    assert info.is_compacted is True
    assert (info.retention_ms, info.retention_bytes) == (3_600_000, 1_000_000)
    assert info.max_message_bytes == 200_000
    assert info.min_insync_replicas == 1
    assert info.stamps_append_time is True


def test_without_the_right_the_settings_are_unknown_not_an_error(kafka: Kafka, shown: str) -> None:
    info = connect(kafka, "alice").topic_info(shown, 10)
    assert info.partitions == 2
    assert info.settings == {}
    assert info.is_compacted is None
    assert info.retention_ms is None


def test_a_topic_made_anew_has_another_id(kafka: Kafka) -> None:
    broker = connect(kafka)
    topic = kafka.create_topic(partitions=1)
    before = broker.topic_info(topic, 10)
    kafka.delete_topic(topic)
    with pytest.raises(TopicMissing, match=f'"{topic}" does not exist'):
        broker.topic_info(topic, 10)
    kafka.create_topic(topic, partitions=1)
    after = broker.topic_info(topic, 10)
    assert before.topic_id != after.topic_id
    assert before.cluster_id == after.cluster_id


def test_who_may_not_write_anywhere_is_told_which_right_is_missing(kafka: Kafka, shown: str) -> None:
    producer = connect(kafka, "bob").producer()
    producer.send(shown, 0, key=b"", value=b"v", headers=(), token=1)
    with pytest.raises(RightDenied, match="may not send safely"):
        eventually(lambda: not producer.poll(0.1) and False, timeout_s=20, what="refusal", every_s=0)
    producer.close()


def test_who_may_not_write_to_this_topic_is_told_so(kafka: Kafka) -> None:
    mine, other = kafka.create_topic(partitions=1), kafka.create_topic(partitions=1)
    kafka.allow("nolist", "WRITE", "DESCRIBE", topic=mine)
    producer = connect(kafka, "nolist").producer()
    assert send(producer, mine, b"v")[0].error is None
    (report,) = send(producer, other, b"v")
    assert isinstance(report.error, RightDenied)
    assert report.error.title == f'The account may not write to the topic "{other}"'
    producer.close()


def test_who_may_not_read_is_told_so(kafka: Kafka, shown: str) -> None:
    consumer = connect(kafka, "alice").consumer()
    consumer.assign({(shown, 0): 0})
    with pytest.raises(RightDenied, match=f'may not read the topic "{shown}"'):
        read(consumer, 1)
    consumer.close()


def test_reading_without_a_group_needs_no_right_on_groups(kafka: Kafka, producer: Producer) -> None:
    topic = kafka.create_topic(partitions=1)
    kafka.allow("alice", "READ", topic=topic)
    send(producer, topic, b"v")
    consumer = connect(kafka, "alice").consumer()
    consumer.assign({(topic, 0): 0})
    assert [message.value for message in read(consumer, 1)] == [b"v"]
    consumer.close()


def test_a_group_without_the_right_is_refused(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    kafka.allow("alice", "READ", topic=topic)
    consumer = connect(kafka, "alice").consumer(group="not-ours")
    consumer.subscribe([topic], on_assigned=lambda partitions: None, on_revoked=lambda partitions, lost: None)
    with pytest.raises(RightDenied, match="may not use this consumer group"):
        read(consumer, 1)
    consumer.close()


def test_a_chunk_larger_than_the_topic_allows_is_named(kafka: Kafka, producer: Producer) -> None:
    topic = kafka.create_topic(partitions=1, config={"max.message.bytes": "20000"})
    (report,) = send(producer, topic, bytes(30_000))
    assert isinstance(report.error, MessageTooLarge)
    assert report.error.title == f'A chunk is larger than the topic "{topic}" allows'
    assert "chunk-size" in report.error.advice


def test_chunks_that_fit_are_not_bundled_beyond_what_the_topic_allows(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1, config={"max.message.bytes": "20000"})
    broker = connect(kafka, linger_ms=200)
    broker.topic_info(topic, 10)
    producer = broker.producer()
    assert {report.error for report in send(producer, topic, *[b"%05d" % n * 1000 for n in range(60)])} == {None}
    producer.close()


def test_messages_removed_by_retention_are_noticed(kafka: Kafka, producer: Producer) -> None:
    topic = kafka.create_topic(partitions=1)
    send(producer, topic, b"a", b"b", b"c")
    removed = kafka.admin().delete_records([TopicPartition(topic, 0, 2)])
    for future in removed.values():
        future.result(10)
    consumer = connect(kafka).consumer()
    consumer.assign({(topic, 0): 0})
    with pytest.raises(OffsetGone) as caught:
        read(consumer, 1)
    assert caught.value.position == 0
    low, high = consumer.watermarks(topic, 0, 10)
    assert (low, high) == (2, 3)
    consumer.seek(topic, 0, low)
    assert [message.value for message in read(consumer, 1)] == [b"c"]
    consumer.close()


def refused_sign_ins(kafka: Kafka) -> int:
    return (kafka.folder / "broker1.log").read_text(errors="replace").count("Failed authentication with")


def test_a_wrong_password_is_tried_once_in_thirty_seconds_by_all_tasks_together(kafka: Kafka, shown: str) -> None:
    later = [0.0]
    broker = KafkaBroker(kafka.client("SASL", "alice", password="wrong"), monotonic=lambda: time.monotonic() + later[0])
    before = refused_sign_ins(kafka)

    def everybody_tries() -> list[str]:
        outcomes: list[str] = []

        def task() -> None:
            for use in (lambda: broker.topic_info(shown, 10), broker.producer, broker.consumer):
                try:
                    use()
                except SignInRefused as error:
                    outcomes.append(error.title)

        threads = [threading.Thread(target=task) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return outcomes

    assert everybody_tries() == ["User name or password is wrong"] * 12
    later[0] += 20
    everybody_tries()
    eventually(lambda: refused_sign_ins(kafka) > before, timeout_s=5, what="the first attempt")
    later[0] += 11
    everybody_tries()
    eventually(lambda: refused_sign_ins(kafka) > before + 1, timeout_s=5, what="the second attempt")
    assert refused_sign_ins(kafka) == before + 2


def test_a_frozen_broker_is_noticed_and_holds_nobody_up(private_kafka: Kafka) -> None:
    topic = private_kafka.create_topic(partitions=1)
    broker = connect(private_kafka, socket_timeout_ms=1500)
    producer = broker.producer()
    assert send(producer, topic, b"before")[0].error is None
    member = broker.consumer(group="g")
    revoked: list[object] = []
    member.subscribe(
        [topic],
        on_assigned=lambda partitions: dict.fromkeys(partitions, 0),
        on_revoked=lambda partitions, is_lost: revoked.append(partitions),
    )
    assert read(member, 1)
    private_kafka.freeze()
    producer.send(topic, 0, key=b"", value=b"during", headers=(), token=b"during")

    def is_noticed() -> bool:
        assert producer.poll(0.05) == []
        trouble = producer.trouble()
        return (
            trouble is not None and isinstance(trouble.error, NoContact) and "stopped answering" in str(trouble.error)
        )

    eventually(is_noticed, timeout_s=20, what="the frozen broker is noticed", every_s=0)
    with pytest.raises(NoContact):
        broker.topic_info(topic, 1)
    begun = time.monotonic()
    member.close()
    assert revoked == [[(topic, 0)]]
    private_kafka.thaw()
    assert time.monotonic() - begun < 1.5
    (report,) = reports(producer, 1)
    assert (report.token, report.error) == (b"during", None)
    producer.close()
