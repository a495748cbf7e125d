"""What a real broker tells about the rights to a topic, for the dialogs that let people choose one."""

from __future__ import annotations

import pytest
from servers.kafka import Kafka

from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker, KafkaBroker, RightDenied, TopicMissing


def test_the_rights_of_an_account_are_told(kafka: Kafka) -> None:
    topic = kafka.create_topic()
    kafka.allow("alice", "DESCRIBE", "WRITE", topic=topic)
    kafka.allow("bob", "DESCRIBE", "READ", topic=topic)
    rights = {}
    for user in ("alice", "bob", "admin"):
        info = KafkaBroker(kafka.client("SASL", user=user)).topic_and_rights(topic, 20)
        assert info.rights is not None and info.partitions > 0
        rights[user] = info.rights & {"READ", "WRITE"}
    assert rights == {"alice": {"WRITE"}, "bob": {"READ"}, "admin": {"READ", "WRITE"}}
    anonymous = KafkaBroker(kafka.client("PLAINTEXT"))
    assert anonymous.topic_info(topic, 20).rights is None, "nobody asked"
    with pytest.raises(TopicMissing):
        anonymous.topic_and_rights("nobody-made-this", 20)
    with pytest.raises((RightDenied, TopicMissing)):
        KafkaBroker(kafka.client("SASL", user="nolist")).topic_and_rights(topic, 20)


def test_a_broker_that_does_not_know_of_rights_tells_none() -> None:
    with EmbeddedBroker() as embedded:
        embedded.create("xrd")
        info = KafkaBroker({"bootstrap.servers": embedded.bootstrap}).topic_and_rights("xrd", 20)
        assert info.rights is None and info.partitions > 0
