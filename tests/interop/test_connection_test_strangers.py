"""The connection test where something else than a broker answers, or nothing at all; and how it is ended early."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from interop.connecting import OAUTH, at, connection, failure, run, stage
from servers.certificates import Certificates
from servers.kafka import Kafka, free_port
from servers.parts import eventually
from servers.proxy import Network
from servers.strangers import (
    closes_at_once,
    identity_provider,
    says_nothing,
    stranger,
    swallows_packets,
    web_server,
)

from openmsi_desktop.core.events import CONNECTION_STAGES, Event, Stage, StageEvent
from openmsi_desktop.streaming.connection_test.stages import ConnectionTest
from openmsi_desktop.streaming.connection_test.topics import TopicUse

TLS = {"security.protocol": "SSL"}
Place = Callable[[], AbstractContextManager[str]]


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_SSL"])
@pytest.mark.parametrize(
    ("place", "code", "title"),
    [
        (lambda: stranger(web_server), "not-a-broker", "is not a Kafka broker"),
        (lambda: stranger(closes_at_once), "closed", "closed the connection"),
        (lambda: stranger(says_nothing), "silent", "accepts connections but says nothing"),
        (swallows_packets, "no-answer", "does not answer"),
    ],
    ids=["web server", "closes at once", "says nothing", "swallows packets"],
)
def test_what_is_no_broker_is_told_at_the_port(place: Place, code: str, title: str, protocol: str) -> None:
    with place() as address:
        sign_in = {"sasl.mechanism": "PLAIN", "sasl.username": "inst", "sasl.password": "secret"}
        more = sign_in if protocol.startswith("SASL") else {}
        failed = failure(run({"bootstrap.servers": address, "security.protocol": protocol} | more, stage_s=2))
    assert (failed.stage, failed.code) == (Stage.PORT, code)
    assert failed.title == f"{address} {title}"


def test_an_address_that_the_broker_sends_us_on_to_is_tried_too(kafka: Kafka, tested: str) -> None:
    ((port, door),) = kafka.doors().items()
    failed = failure(run({"bootstrap.servers": f"127.0.0.1:{port}"}, TopicUse(tested)))
    assert (failed.stage, failed.code) == (Stage.TOPICS, "advertised")
    assert failed.title == f"The broker sends us on to 127.0.0.1:{door}, which cannot be reached"
    assert "advertised.listeners" in failed.advice and "Nothing answers at" in failed.advice


def test_without_a_topic_such_an_address_is_told_as_well(kafka: Kafka) -> None:
    assert failure(run({"bootstrap.servers": f"127.0.0.1:{next(iter(kafka.doors()))}"})).code == "advertised"


def test_a_slow_line_is_no_failure(kafka: Kafka, network: Network) -> None:
    network.delay(1.1)
    assert run(kafka.client("PROXIED")).error is None


def test_a_broker_that_falls_silent_on_the_way_is_told(kafka: Kafka, network: Network, tested: str) -> None:
    made, broker = connection(kafka.client("PROXIED"))

    stop = threading.Event()

    def emit(event: Event) -> None:
        assert isinstance(event, StageEvent)
        if event.stage is Stage.WRITE:
            network.swallow()
        if event.stage is Stage.READ:
            stop.set()

    test = ConnectionTest(made, broker, uses=[TopicUse(tested)], emit=emit, stage_s=5)
    told = stage(test.run(stop), Stage.READ)
    assert (told.ok, told.code) == (False, "stopped-answering")


def test_of_several_addresses_one_is_enough_and_the_others_are_named(kafka: Kafka, tested: str) -> None:
    refused = f"127.0.0.1:{free_port()}"
    config = {"bootstrap.servers": f"no-such-host.invalid:9092,{refused},{kafka.bootstrap()}"}
    verdict = run(config, TopicUse(tested))
    assert verdict.error is None
    assert [notice.code for notice in stage(verdict, Stage.NAME).warnings] == ["name-unknown"]
    assert [notice.title for notice in stage(verdict, Stage.PORT).warnings] == [f"Nothing answers at {refused}"]


@pytest.mark.parametrize(
    ("place", "title"),
    [
        (lambda: stranger(identity_provider("401 Unauthorized")), "No token could be had for the sign-in"),
        (lambda: stranger(says_nothing), "No token came for the sign-in"),
    ],
    ids=["refuses", "says nothing"],
)
def test_an_identity_provider_that_gives_no_token(kafka: Kafka, place: Place, title: str) -> None:
    oauth = {name.replace("_", "."): value for name, value in OAUTH.items()}
    with place() as address:
        source = {
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.client.id": "inst",
            "sasl.oauthbearer.client.secret": "wrong",
            "sasl.oauthbearer.token.endpoint.url": f"http://{address}/token",
        }
        failed = failure(run({"bootstrap.servers": kafka.bootstrap("OAUTH")} | oauth | source, stage_s=3))
    assert (failed.stage, failed.code) == (Stage.SIGN_IN, "no-token")
    assert failed.title == title


def test_a_token_that_nobody_supplies_is_not_waited_for_in_vain(kafka: Kafka, certificates: Certificates) -> None:
    config = at("OAUTH", **OAUTH, sasl_oauthbearer_config="principal=admin")(kafka, certificates)
    failed = failure(run(config, stage_s=2))
    assert (failed.stage, failed.code) == (Stage.SIGN_IN, "no-token")


def test_it_stops_at_once_when_told_to() -> None:
    events: list[Event] = []
    stop = threading.Event()
    with stranger(says_nothing) as address:
        made, broker = connection({"bootstrap.servers": address})
        test = ConnectionTest(made, broker, uses=[TopicUse("xrd")], emit=events.append)
        running = threading.Thread(target=test.run, args=(stop,))
        running.start()
        eventually(lambda: len(events) == 1, timeout_s=5, what="the first step is over")
        begun = time.monotonic()
        stop.set()
        running.join(5)
        assert time.monotonic() - begun < 3
    stages = [event for event in events if isinstance(event, StageEvent)]
    assert [event.stage for event in stages] == list(CONNECTION_STAGES)
    assert stages[0].ok is True
    assert {(event.ok, event.code) for event in stages[1:]} == {(None, "stopped")}


def test_the_time_for_all_steps_together_is_kept() -> None:
    begun = time.monotonic()
    with stranger(says_nothing) as address:
        verdict = run({"bootstrap.servers": address}, limit_s=0.5)
    assert time.monotonic() - begun < 2
    assert stage(verdict, Stage.PORT).code == "took-too-long"
    assert {event.code for event in verdict.stages[2:]} == {"no-time"}


def test_a_keyring_that_waits_for_its_owner_holds_nobody_up(kafka: Kafka) -> None:
    opened = threading.Event()

    def secret_of(name: str) -> str:
        opened.wait(30)
        return "never needed"

    from openmsi_desktop.streaming.connections import ConnectionBroker

    made, _ = connection(kafka.client("SASL", "alice"))
    events: list[Event] = []
    test = ConnectionTest(made, ConnectionBroker(made, secret_of), emit=events.append, stage_s=2.5)
    verdict = test.run(threading.Event())
    opened.set()
    assert [event.ok for event in verdict.stages[:4]] == [True, True, None, False]
    assert stage(verdict, Stage.SIGN_IN).code in ("took-too-long", "secret-missing")
