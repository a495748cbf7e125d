"""A connection's properties: what passes through, what is refused and how it says so, and that no secret is shown."""

from __future__ import annotations

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.kafka.config import (
    BATCH_BYTES,
    Value,
    connection_properties,
    consumer_properties,
    producer_properties,
    servers,
)

HERE: dict[str, Value] = {"bootstrap.servers": "kafka.example.org:9093"}
SASL = HERE | {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "inst"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("acks", 1),
        ("acks", "0"),
        ("request.required.acks", 1),
        ("enable.idempotence", False),
        ("enable.idempotence", "false"),
        ("retries", 0),
        ("message.send.max.retries", "0"),
        ("max.in.flight", 6),
        ("max.in.flight.requests.per.connection", "1000000"),
        ("message.timeout.ms", 0),
        ("auto.offset.reset", "latest"),
        ("enable.auto.commit", True),
        ("enable.auto.offset.store", "true"),
        ("group.id", "g"),
        ("transactional.id", "t"),
        ("allow.auto.create.topics", "1"),
        ("test.mock.num.brokers", 3),
        ("error_cb", "x"),
    ],
)
def test_unsafe_properties_are_refused_and_the_reader_learns_what_to_do(name: str, value: Value) -> None:
    with pytest.raises(SettingsError) as caught:
        KafkaBroker(HERE | {name: value})
    assert caught.value.title == f"{name} may not be {value}"
    assert f"Take the property {name} out" in caught.value.advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("acks", "all"),
        ("acks", -1),
        ("enable.idempotence", "true"),
        ("max.in.flight", 5),
        ("retries", 10),
        ("auto.offset.reset", "error"),
        ("compression.type", "zstd"),
        ("message.timeout.ms", 60_000),
    ],
)
def test_other_properties_pass_through(name: str, value: Value) -> None:
    KafkaBroker(HERE | {name: value})


def test_sending_is_safe_without_asking_for_it() -> None:
    properties = producer_properties(connection_properties(HERE, secret=None))
    assert properties["acks"] == "all"
    assert properties["enable.idempotence"] is True
    assert properties["queue.buffering.max.kbytes"] == 65_536
    assert "message.timeout.ms" not in properties


@pytest.mark.parametrize("chunk_bytes", [1, 65_536, 524_288, 1_000_000, 4_194_304, 10_000_000])
def test_everything_on_its_way_gets_through_a_line_of_1_mbit_s_in_time(chunk_bytes: int) -> None:
    properties = producer_properties(connection_properties(HERE, secret=None), chunk_bytes=chunk_bytes)
    requests = int(properties["max.in.flight.requests.per.connection"])
    needed_s = requests * max(chunk_bytes, BATCH_BYTES) / 125_000
    assert 2 <= requests <= 5
    assert 1000 * needed_s < int(properties["socket.timeout.ms"])


def test_a_frozen_broker_costs_half_a_minute_at_most_with_chunks_of_the_usual_size() -> None:
    properties = producer_properties(connection_properties(HERE, secret=None))
    assert properties["max.in.flight.requests.per.connection"] == 5
    assert int(properties["socket.timeout.ms"]) < 30_000


def test_reading_never_skips_and_never_commits_by_itself() -> None:
    properties = consumer_properties(connection_properties(HERE, secret=None), group="g")
    assert properties["auto.offset.reset"] == "error"
    assert properties["enable.auto.commit"] is False
    assert properties["group.id"] == "g"


def test_the_user_may_override_what_is_only_a_preference() -> None:
    connection = connection_properties(HERE | {"linger.ms": 100, "delivery.timeout.ms": 60_000}, secret=None)
    properties = producer_properties(connection)
    assert properties["linger.ms"] == 100
    assert properties["message.timeout.ms"] == 60_000


@pytest.mark.parametrize(
    "address", ["https://kafka.example.org", "kafka example", "kafka:99999", "kafka:port", ":9092"]
)
def test_what_cannot_be_an_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="is not the address of a broker"):
        KafkaBroker({"bootstrap.servers": address})


@pytest.mark.parametrize("config", [{}, {"bootstrap.servers": ""}, {"bootstrap.servers": " , "}])
def test_a_connection_without_address_is_refused(config: dict[str, Value]) -> None:
    with pytest.raises(SettingsError, match="names no broker"):
        KafkaBroker(config)


def test_addresses_may_be_names_numbers_and_lists() -> None:
    text = "kafka.example.org, 10.0.0.1:9093,[fe80::1]:9094,SASL_SSL://b:1"
    assert servers({"bootstrap.servers": text}) == [
        ("kafka.example.org", 9092),
        ("10.0.0.1", 9093),
        ("fe80::1", 9094),
        ("b", 1),
    ]


def test_a_user_name_without_sign_in_is_noticed() -> None:
    with pytest.raises(SettingsError, match="A user name is given, but no sign-in") as caught:
        KafkaBroker(HERE | {"sasl.username": "inst"}, secret="x")
    assert "security.protocol" in caught.value.advice


def test_tokens_without_a_source_are_noticed() -> None:
    with pytest.raises(SettingsError, match="no source of tokens"):
        KafkaBroker(HERE | {"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"})


@pytest.mark.parametrize(
    ("config", "place"),
    [
        (SASL, "sasl.password"),
        (SASL | {"sasl.mechanisms": "PLAIN"}, "sasl.password"),
        (
            HERE
            | {
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "OAUTHBEARER",
                "sasl.oauthbearer.method": "oidc",
            },
            "sasl.oauthbearer.client.secret",
        ),
        (HERE | {"security.protocol": "SSL", "ssl.key.location": "key.pem"}, "ssl.key.password"),
    ],
)
def test_the_secret_goes_where_it_belongs(config: dict[str, Value], place: str) -> None:
    assert connection_properties(config, secret="geheim")[place] == "geheim"


def test_no_secret_is_ever_shown() -> None:
    broker = KafkaBroker(SASL | {"ssl.key.password": "auch-geheim"}, secret="geheim", name="lab")
    assert "geheim" not in repr(broker) + str(broker)
    assert "inst" in repr(broker)


def test_an_error_of_the_library_does_not_show_the_secret() -> None:
    config: dict[str, Value] = HERE | {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "OAUTHBEARER",
        "enable.sasl.oauthbearer.unsecure.jwt": True,
        "sasl.oauthbearer.config": "principal=inst lifeSeconds=geheim",
    }
    with pytest.raises(Exception) as caught:
        KafkaBroker(config).topic_info("xrd", 5)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("config", "title"),
    [
        (HERE | {"no.such.property": 1}, "no.such.property is not a property of a connection"),
        (HERE | {"linger.ms": "soon"}, "The settings of the connection do not work"),
        (
            HERE | {"security.protocol": "SSL", "ssl.ca.location": "/no/such/ca.pem"},
            "The file of ssl.ca.location cannot",
        ),
        pytest.param(
            SASL | {"sasl.mechanism": "GSSAPI"},
            "Sign-in by GSSAPI is not possible",
            marks=not_on_windows(Needs.POSIX_CALLS),  # librdkafka has it on Windows
        ),
        (SASL, "User name or password is missing"),
    ],
)
def test_what_the_library_refuses_is_a_mistake_in_the_settings(config: dict[str, Value], title: str) -> None:
    with pytest.raises(SettingsError, match=title):
        KafkaBroker(config).topic_info("xrd", 5)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("linge.ms", 'Did you mean "linger.ms"? Correct its name, or take it out.'),
        ("zzz", "Correct its name, or take it out."),
    ],
)
def test_a_property_that_is_mistyped_is_told_with_the_one_that_was_meant(name: str, advice: str) -> None:
    with pytest.raises(SettingsError) as caught:
        KafkaBroker(HERE | {name: 1}).topic_info("xrd", 5)
    assert caught.value.advice.startswith(advice)
