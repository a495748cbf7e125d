"""The door to Kafka: connections, and the names that others need. The parts lie beside it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from confluent_kafka.admin import AdminClient

from openmsi_desktop.streaming.kafka.client import Ear, Notebook
from openmsi_desktop.streaming.kafka.config import (
    BATCH_BYTES,
    Value,
    admin_properties,
    connection_properties,
    consumer_properties,
    producer_properties,
    shown,
    signs_in,
)
from openmsi_desktop.streaming.kafka.consumer import KafkaConsumer
from openmsi_desktop.streaming.kafka.embedded import EmbeddedBroker
from openmsi_desktop.streaming.kafka.errors import (
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
from openmsi_desktop.streaming.kafka.gate import SignInGate
from openmsi_desktop.streaming.kafka.looks import PortLooks
from openmsi_desktop.streaming.kafka.port import look
from openmsi_desktop.streaming.kafka.producer import KafkaProducer
from openmsi_desktop.streaming.kafka.refusals import Refusals
from openmsi_desktop.streaming.kafka.topic import LookUp
from openmsi_desktop.streaming.kafka.trial import Trial
from openmsi_desktop.streaming.kafka.types import (
    Broker,
    Cluster,
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
    "Cluster",
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
    "Trial",
    "Trouble",
    "Withdrawn",
    "WrongSecurity",
]

_SIGN_IN_S = 10.0
_SERVERS = "bootstrap.servers"

T = TypeVar("T")


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
        notes: Path | None = None,
    ) -> None:
        """notes: a folder where processes tell each other of refused sign-ins."""
        self.name = name or str(config.get("bootstrap.servers", ""))
        self._properties = connection_properties(config, secret=secret)
        self._monotonic = monotonic
        self._refusals = Refusals(notes, self._properties) if notes else None
        self._gate = SignInGate(monotonic=monotonic, notes=self._refusals)
        self._looks = PortLooks(lambda host, port: look(host, port, self._properties), monotonic=monotonic)
        self._notebook = Notebook(self.name, monotonic=monotonic)
        self._batch_bytes = BATCH_BYTES

    def __repr__(self) -> str:
        return f"KafkaBroker({self.name!r}: {shown(self._properties)})"

    @property
    def is_refused(self) -> bool:
        """The last sign-in was refused, by whichever client. Any thread."""
        return self._gate.is_refused

    @property
    def pause_s(self) -> float:
        """Seconds until a sign-in that was refused may be tried again; 0: it may."""
        return self._gate.pause_s

    def forget_refusals(self) -> None:
        """The secret is another one now: it may be tried at once."""
        if self._refusals is not None:
            self._refusals.forget()

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        info = self._ask(lambda look_up: look_up.topic(topic, with_newest=with_newest), timeout_s)
        if info.max_message_bytes is not None:
            self._batch_bytes = min(self._batch_bytes, info.max_message_bytes)
        return info

    def topic_and_rights(self, topic: str, timeout_s: float) -> TopicInfo:
        """The same, with what the account may do with it. Raises as :meth:`topic_info` does."""
        return self._ask(lambda look_up: look_up.topic(topic, with_rights=True), timeout_s)

    @property
    def properties(self) -> Mapping[str, Value]:
        """What every client gets, with the secret in it: never to be shown."""
        return self._properties

    def check_properties(self) -> None:
        """Whether the library takes the properties; nobody is contacted.

        Raises:
            SettingsError: it does not.
        """
        alone = {name: value for name, value in admin_properties(self._properties).items() if name != _SERVERS}
        if alone.get("sasl.oauthbearer.method") == "oidc":  # the library would ask for a token at once
            return
        ear = self._ear()
        ear.make(AdminClient, alone)
        ear.deafen()

    def cluster(self, timeout_s: float) -> Cluster:
        """Sign in, and ask who the brokers are. Raises as topic_info() does."""
        return self._ask(LookUp.cluster, timeout_s)

    def newest(self, topic: str, partitions: Sequence[int], timeout_s: float) -> int | None:
        """The highest time stamp on a topic, milliseconds since 1970; None if there is none or the broker cannot tell."""
        return self._ask(lambda look_up: look_up.newest(topic, partitions), timeout_s)

    def trial(self, timeout_s: float) -> Trial:
        """Questions about rights, for one thread."""
        self._sign_in()
        return Trial(self._properties, ear=self._ear(), monotonic=self._monotonic, timeout_s=timeout_s)

    def producer(self, *, chunk_bytes: int = BATCH_BYTES, is_single: bool = False) -> Producer:
        self._sign_in()
        properties = producer_properties(
            self._properties, batch_bytes=self._batch_bytes, chunk_bytes=chunk_bytes, is_single=is_single
        )
        return KafkaProducer(properties, ear=self._ear())

    def consumer(self, *, group: str = "") -> Consumer:
        self._sign_in()
        group = group or f"openmsi-desktop-{uuid.uuid4().hex}"
        return KafkaConsumer(consumer_properties(self._properties, group=group), ear=self._ear())

    def _sign_in(self) -> None:
        """A client that lives on must not be the one that finds out whether the password is right."""
        if signs_in(self._properties):
            self._gate.check()
            if not self._gate.is_proven:
                self._ask(LookUp.contact, _SIGN_IN_S)

    def _ask(self, question: Callable[[LookUp], T], timeout_s: float) -> T:
        """Put a question on a connection of its own. Its sign-in stands for those of all other clients."""
        is_trial = signs_in(self._properties) and self._gate.enter(timeout_s)
        ear = self._ear(hears_closings=True)
        look_up: LookUp | None = None
        no_contact: NoContact | None = None
        is_let_in = False
        try:
            look_up = LookUp(
                self._properties, ear=ear, looks=self._looks, monotonic=self._monotonic, timeout_s=timeout_s
            )
            answer = question(look_up)
            is_let_in = True
        except (TopicMissing, RightDenied):
            is_let_in = True
            raise
        except NoContact as error:
            no_contact = error
            raise
        finally:
            if look_up is not None:
                look_up.close()
            if is_let_in and not ear.is_refused:
                self._gate.passed()
            elif is_trial:
                self._gate.left(no_contact)
        return answer

    def _ear(self, *, hears_closings: bool = False) -> Ear:
        return Ear(
            self.name,
            gate=self._gate,
            looks=self._looks,
            notebook=self._notebook,
            monotonic=self._monotonic,
            hears_closings=hears_closings,
        )
