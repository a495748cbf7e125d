"""Connections of the settings -> brokers. Secrets are fetched when they are needed, and again after a refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.broker import KafkaBroker
from openmsi_desktop.streaming.broker_errors import SignInRefused
from openmsi_desktop.streaming.kafka_types import Broker, Consumer, Producer, TopicInfo

SecretOf = Callable[[str], str | None]
"""Name of a credential -> the secret. Raises NeedsYou; may take seconds."""


class ConnectionBroker:
    """The broker of one connection. A password that is corrected in the keyring is taken without a restart.

    May be used from any thread.
    """

    def __init__(self, connection: Connection, secret_of: SecretOf) -> None:
        self._connection = connection
        self._secret_of = secret_of
        self._guard = threading.Lock()  # protects _broker, _secret, _is_refused
        self._broker: KafkaBroker | None = None
        self._secret: str | None = None
        self._is_refused = False

    @property
    def name(self) -> str:
        """What the settings call the connection."""
        return self._connection.name

    def topic_info(self, topic: str, timeout_s: float) -> TopicInfo:
        """See :class:`Broker`. Raises also what fetching the secret raises."""
        try:
            return self._get().topic_info(topic, timeout_s)
        except SignInRefused:
            with self._guard:
                self._is_refused = True
            raise

    def producer(self) -> Producer:
        """See :class:`Broker`."""
        return self._get().producer()

    def consumer(self, *, group: str = "") -> Consumer:
        """See :class:`Broker`."""
        return self._get().consumer(group=group)

    def _get(self) -> KafkaBroker:
        with self._guard:
            if self._broker is None or self._is_refused:
                name = self._connection.credential
                secret = self._secret_of(name) if name else None
                if self._broker is None or secret != self._secret:
                    self._broker = KafkaBroker(self._connection.kafka, secret=secret, name=self.name)
                    self._secret = secret
                self._is_refused = False
            return self._broker


class Connections:
    """One broker for each connection, shared by all tasks that use it."""

    def __init__(self, connections: Iterable[Connection], secret_of: SecretOf) -> None:
        self._connections = {c.name: c for c in connections}
        self._secret_of = secret_of
        self._brokers: dict[str, ConnectionBroker] = {}

    def broker(self, name: str) -> Broker:
        """The broker of the connection ``name``. Nothing is contacted yet.

        Raises:
            KeyError: there is no such connection.
        """
        if name not in self._brokers:
            self._brokers[name] = ConnectionBroker(self._connections[name], self._secret_of)
        return self._brokers[name]
