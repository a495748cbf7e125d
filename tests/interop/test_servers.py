"""The test bench itself: every listener lets the right client in and no other."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from servers.kafka import Config, Kafka


def sees(config: Config, topic: str, *, timeout_s: float = 10) -> bool:
    """Whether a client may see the topic; False also if it cannot come in."""
    try:
        return topic in AdminClient(config | {"log_level": 0}).list_topics(timeout=timeout_s).topics
    except KafkaException:
        return False


@pytest.fixture(scope="module")
def topic(kafka: Kafka) -> str:
    """A topic for looking at."""
    return kafka.create_topic(partitions=3)


@pytest.mark.parametrize("listener", ["PLAINTEXT", "SSL", "SASL", "SCRAMONLY", "SASLSSL"])
def test_every_listener_lets_the_administrator_in(kafka: Kafka, topic: str, listener: str) -> None:
    assert sees(kafka.client(listener), topic)


@pytest.mark.parametrize("listener", ["BADNAME", "EXPIRED"])
def test_broken_server_certificate_keeps_clients_away(kafka: Kafka, topic: str, listener: str) -> None:
    assert not sees(kafka.client(listener), topic, timeout_s=1)


def test_client_certificate_is_demanded_and_names_the_user(kafka: Kafka, topic: str) -> None:
    assert kafka.certificates
    assert not sees(kafka.client("MTLS"), topic, timeout_s=1)
    with_certificate = kafka.client("MTLS", certificate=kafka.certificates.client)
    assert not sees(with_certificate, topic)  # carol comes in, but has no right
    kafka.allow("carol", "DESCRIBE", topic=topic)
    assert sees(with_certificate, topic)


def test_users_see_what_they_may(kafka: Kafka, topic: str) -> None:
    assert sees(kafka.client("SASL", "alice"), topic)
    assert sees(kafka.client("SASLSSL", "bob", mechanism="PLAIN"), topic)
    assert not sees(kafka.client("SASL", "nolist"), topic)
    assert not sees(kafka.client("SASL", "alice", password="wrong"), topic, timeout_s=1)


def test_killed_broker_comes_back_with_its_topics(private_kafka: Kafka) -> None:
    topic = private_kafka.create_topic()
    private_kafka.kill()
    assert not private_kafka.is_running()
    private_kafka.start()
    assert sees(private_kafka.client("PLAINTEXT"), topic)
