"""Secrets of connections: fetched when they are needed, corrected without a restart."""

from __future__ import annotations

import threading

import pytest
from servers.kafka import Config, Kafka

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connections import ConnectionBroker, Connections
from openmsi_desktop.streaming.kafka.broker import SignInRefused


class Safe:
    """A keyring that can be changed, and counts how often it was asked."""

    def __init__(self, secret: str | None) -> None:
        self.secret = secret
        self.asked = 0

    def __call__(self, name: str) -> str | None:
        self.asked += 1
        if self.secret is None:
            raise NeedsYou(f"There is no secret {name}")
        return self.secret


def connection(kafka: Kafka) -> Connection:
    config = kafka.client("SASL", "alice", mechanism="PLAIN")
    del config["sasl.password"]
    return Connection(name="lab", kafka=config, credential="lab")


@pytest.mark.parametrize("first", ["topic_info", "consumer", "producer"])
def test_a_corrected_password_is_taken_whoever_was_refused(kafka: Kafka, first: str) -> None:
    topic, safe = kafka.create_topic(), Safe("wrong")
    broker = ConnectionBroker(connection(kafka), safe)
    arguments = (topic, 10.0) if first == "topic_info" else ()
    with pytest.raises(SignInRefused):
        getattr(broker, first)(*arguments)
    with pytest.raises(SignInRefused):  # the keyring is asked, but the same password is not tried again
        getattr(broker, first)(*arguments)
    assert safe.asked == 2
    safe.secret = "alice-secret"
    found = getattr(broker, first)(*arguments)
    if first != "topic_info":
        found.close()
    assert broker.topic_info(topic, 10.0).partitions == 4
    assert safe.asked == 3, "as long as it is accepted, nobody is asked"


def test_a_secret_that_is_missing_is_asked_for_again() -> None:
    safe = Safe(None)
    broker = ConnectionBroker(Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}, credential="x"), safe)
    for _ in range(2):
        with pytest.raises(NeedsYou, match="no secret"):
            broker.producer()
    safe.secret = "there it is"
    broker.producer().close()


def test_a_keyring_that_keeps_one_waiting_does_not_hold_up_those_who_need_no_secret() -> None:
    waiting, unlocked = threading.Event(), threading.Event()

    def slow(name: str) -> str:
        waiting.set()
        unlocked.wait(20)
        return "x"

    nowhere: Config = {"bootstrap.servers": "127.0.0.1:1"}
    connections = Connections(slow)
    locked = connections.broker(Connection(name="a", kafka=nowhere, credential="a"))
    asking = threading.Thread(target=lambda: locked.producer().close())
    asking.start()
    assert waiting.wait(5)
    connections.broker(Connection(name="b", kafka=nowhere)).producer().close()
    unlocked.set()
    asking.join()


def test_equal_connections_share_their_broker_and_others_do_not() -> None:
    connections = Connections(lambda name: None)
    one = Connection(name="one", kafka={"bootstrap.servers": "a:1"})
    assert connections.broker(one) is connections.broker(one.model_copy(update={"name": "other"}))
    assert connections.broker(one) is not connections.broker(one.model_copy(update={"credential": "lab"}))
    assert connections.broker(one) is not connections.broker(Connection(name="one", kafka={"bootstrap.servers": "b:1"}))
