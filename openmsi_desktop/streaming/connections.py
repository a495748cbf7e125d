"""Connections of the settings -> brokers. Secrets are fetched when they are needed, and again after a refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.kafka.types import USUAL_CHUNK_BYTES, Consumer, Producer, TopicInfo

if TYPE_CHECKING:
    from openmsi_desktop.streaming.kafka.broker import KafkaBroker

SecretOf = Callable[[str], str | None]
"""Name of a credential -> the secret. Raises NeedsYou; may take seconds."""


class ConnectionBroker:
    """The broker of one connection. A password that is corrected in the keyring is taken without a restart.

    May be used from any thread. Besides what a :class:`Broker` raises, fetching the secret may raise NeedsYou.
    """

    def __init__(self, connection: Connection, secret_of: SecretOf, *, notes: Path | None = None) -> None:
        """notes: folder where processes tell each other of refused sign-ins; None: no other is to know."""
        self._notes = notes
        self._connection = connection
        self._secret_of = secret_of
        self._guard = threading.Lock()  # protects _broker and _secret
        self._broker: KafkaBroker | None = None
        self._secret: str | None = None

    @property
    def name(self) -> str:
        """What the settings call the connection."""
        return self._connection.name

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        """See :class:`Broker`."""
        return self._get().topic_info(topic, timeout_s, with_newest=with_newest)

    def producer(self, *, chunk_bytes: int = USUAL_CHUNK_BYTES, is_single: bool = False) -> Producer:
        """See :class:`Broker`."""
        return self._get().producer(chunk_bytes=chunk_bytes, is_single=is_single)

    def consumer(self, *, group: str = "") -> Consumer:
        """See :class:`Broker`."""
        return self._get().consumer(group=group)

    def kafka(self) -> KafkaBroker:
        """The broker itself, for a test of the connection: it shares the gate with all that streams.

        Raises:
            SettingsError: a property is unsafe, or two do not fit together.
            NeedsYou: the secret cannot be had.
        """
        return self._get()

    def _get(self) -> KafkaBroker:
        with self._guard:
            if self._broker is not None and not self._broker.is_refused:
                return self._broker
        # not before it is needed, and then on the thread that asks: files are found and hashed meanwhile
        from openmsi_desktop.streaming.kafka.broker import KafkaBroker

        # without the guard: a keyring that waits for its owner must not stop those who need no secret
        name = self._connection.credential
        secret = self._secret_of(name) if name else None
        with self._guard:
            if self._broker is None or secret != self._secret:
                is_another = self._broker is not None
                self._broker = KafkaBroker(self._connection.kafka, secret=secret, name=self.name, notes=self._notes)
                if is_another:
                    self._broker.forget_refusals()
                self._secret = secret
            return self._broker


class Connections:
    """One broker for each connection, shared by all tasks that use it: so a refused sign-in is tried by one of them.

    May be used from any thread.
    """

    def __init__(self, secret_of: SecretOf, *, notes: Path | None = None) -> None:
        """notes: see :class:`ConnectionBroker`."""
        self._secret_of = secret_of
        self._notes = notes
        self._guard = threading.Lock()  # protects _brokers
        self._brokers: list[tuple[Connection, ConnectionBroker]] = []

    def broker(self, connection: Connection) -> ConnectionBroker:
        """The broker of a connection; the same one for connections that differ in their name only. Nothing is contacted yet."""
        with self._guard:
            for known, broker in self._brokers:
                if (known.kafka, known.credential) == (connection.kafka, connection.credential):
                    return broker
            made = ConnectionBroker(connection, self._secret_of, notes=self._notes)
            self._brokers.append((connection, made))
            return made
