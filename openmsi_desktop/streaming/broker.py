"""The door to Kafka: connections, and the names that others need. The parts lie in kafka_*.py."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from openmsi_desktop.streaming.broker_errors import (
    BrokerBusy,
    ClockRefused,
    GroupChanged,
    MessageTooLarge,
    NoContact,
    OffsetGone,
    ProducerBroken,
    RightDenied,
    SignInRefused,
    TlsRefused,
    TopicMissing,
    Withdrawn,
    WrongSecurity,
)
from openmsi_desktop.streaming.broker_embedded import EmbeddedBroker
from openmsi_desktop.streaming.kafka_client import Ear, explained, make
from openmsi_desktop.streaming.kafka_config import (
    Value,
    admin_properties,
    connection_properties,
    consumer_properties,
    producer_properties,
    shown,
)
from openmsi_desktop.streaming.kafka_consumer import KafkaConsumer
from openmsi_desktop.streaming.kafka_errors import explain
from openmsi_desktop.streaming.kafka_producer import KafkaProducer
from openmsi_desktop.streaming.kafka_types import (
    Broker,
    Consumer,
    Message,
    Partition,
    Producer,
    Report,
    TopicInfo,
    Trouble,
)

__all__ = [
    "Broker",
    "BrokerBusy",
    "ClockRefused",
    "Consumer",
    "EmbeddedBroker",
    "GroupChanged",
    "KafkaBroker",
    "Message",
    "MessageTooLarge",
    "NoContact",
    "OffsetGone",
    "Partition",
    "Producer",
    "ProducerBroken",
    "Report",
    "RightDenied",
    "SignInRefused",
    "TlsRefused",
    "TopicInfo",
    "TopicMissing",
    "Trouble",
    "Withdrawn",
    "WrongSecurity",
]


class KafkaBroker:
    """A connection to a Kafka cluster. Makes clients; itself it holds no connection open.

    config: librdkafka's properties. secret: the password that belongs to them.

    Raises:
        SettingsError: a property is unsafe, unknown, or does not fit another.
    """

    def __init__(
        self,
        config: Mapping[str, Value],
        *,
        secret: str | None = None,
        name: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name or str(config.get("bootstrap.servers", ""))
        self._properties = connection_properties(config, secret=secret)
        self._monotonic = monotonic

    def __repr__(self) -> str:
        return f"KafkaBroker({self.name!r}: {shown(self._properties)})"

    def topic_info(self, topic: str, timeout_s: float) -> TopicInfo:
        admin = make(AdminClient, admin_properties(self._properties), Ear())
        try:
            answer = admin.list_topics(topic, timeout=timeout_s)
        except KafkaException as error:
            raise explained(error, topic=topic) from error
        found = answer.topics[topic]
        if found.error is not None:
            raise explain(found.error, topic=topic)
        return TopicInfo(topic, answer.cluster_id or "", "", len(found.partitions))

    def producer(self) -> Producer:
        return KafkaProducer(producer_properties(self._properties), ear=self._ear())

    def consumer(self, *, group: str = "") -> Consumer:
        group = group or f"openmsi-desktop-{uuid.uuid4().hex}"
        return KafkaConsumer(consumer_properties(self._properties, group=group), ear=self._ear())

    def _ear(self) -> Ear:
        return Ear(monotonic=self._monotonic)
