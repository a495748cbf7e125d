"""A connection in a form and back: nothing is lost, and what cannot be is told at its line."""

from __future__ import annotations

import confluent_kafka
import pytest
from confluent_kafka import KafkaException

from openmsi_desktop.gui.connecting.checks import of_lines, of_servers
from openmsi_desktop.gui.connecting.fields import (
    Fields,
    Mistake,
    SecretKind,
    Security,
    fields_of,
    parse_lines,
    split_address,
)
from openmsi_desktop.settings import Connection, KafkaValue
from openmsi_desktop.streaming.kafka.property_names import NAMES, what_was_meant

HERE: dict[str, KafkaValue] = {"bootstrap.servers": "a:9092,[::1]:9093"}
KINDS: dict[str, dict[str, KafkaValue]] = {
    "plaintext": {"security.protocol": "PLAINTEXT"},
    "nothing said": {},
    "free properties": {"client.rack": "hall-3", "socket.keepalive.enable": True, "metadata.max.age.ms": 1000},
    "TLS": {"security.protocol": "SSL", "ssl.ca.location": "/ca.pem"},
    "certificate": {
        "security.protocol": "SSL",
        "ssl.certificate.location": "/c.pem",
        "ssl.key.location": "/c.key",
    },
    "scram": {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "xrd"},
    "plain in clear": {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "xrd"},
    "oidc": {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "openmsi",
        "sasl.oauthbearer.token.endpoint.url": "https://login/token",
        "sasl.oauthbearer.scope": "kafka",
    },
    "tokens of Azure": {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.metadata.authentication.type": "azure_imds",
        "sasl.oauthbearer.method": "oidc",
    },
    "kerberos": {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "GSSAPI",
        "sasl.kerberos.principal": "xrd@LAB",
        "sasl.kerberos.keytab": "/xrd.keytab",
        "sasl.kerberos.service.name": "kafka",
    },
    "name and certificate": {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "xrd",
        "ssl.certificate.location": "/c.pem",
    },
    "a kind nobody knows": {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-1", "sasl.username": "x"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_comes_out_of_the_form_as_it_went_in(kind: str) -> None:
    connection = Connection(name="lab", kafka=HERE | KINDS[kind], credential="lab")
    fields = fields_of(connection)
    expected = {"security.protocol": "PLAINTEXT"} | connection.kafka
    assert fields.connection("lab").kafka == expected
    assert fields_of(fields.connection("lab")) == fields


def test_second_names_are_understood() -> None:
    fields = fields_of(
        Connection(
            name="lab", kafka={"metadata.broker.list": "SASL_SSL://a:1, b", "security.protocol": "sasl_ssl",
                               "sasl.mechanisms": "plain", "sasl.username": "u"},
        )
    )  # fmt: skip
    assert fields.servers == (("a", "1"), ("b", "9092"))
    assert (fields.security, fields.mechanism, fields.user) == (Security.NAME_ENCRYPTED, "PLAIN", "u")


def test_a_secret_is_asked_for_where_there_is_one() -> None:
    assert Fields().secret_kind is SecretKind.PASSWORD
    assert Fields(mechanism="OAUTHBEARER").secret_kind is SecretKind.CLIENT_SECRET
    assert Fields(mechanism="GSSAPI").secret_kind is SecretKind.NONE
    assert Fields(security=Security.CERTIFICATE).secret_kind is SecretKind.KEY_PASSWORD
    assert Fields(security=Security.ENCRYPTED).secret_kind is SecretKind.NONE
    plain = Fields(name="lab", servers=(("a", "1"),), security=Security.NONE)
    assert plain.connection("lab").credential == "", "nobody needs it any more"


def test_a_fix_changes_only_what_it_names() -> None:
    scram = Fields(name="lab", servers=(("a", "1"),), security=Security.NAME, user="xrd", more={"client.rack": "h"})
    secured = scram.changed({"security.protocol": "SASL_SSL"})
    assert secured == Fields(
        name="lab", servers=(("a", "1"),), security=Security.NAME_ENCRYPTED, user="xrd", more={"client.rack": "h"}
    )
    assert scram.changed({"sasl.mechanism": "PLAIN"}).mechanism == "PLAIN"
    without = scram.changed({"security.protocol": "PLAINTEXT"})
    assert without.security is Security.NONE
    assert without.more == {"client.rack": "h"}, "what belongs to a user name goes nowhere"
    assert without.changed({"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512"}) == scram


@pytest.mark.parametrize(
    ("line", "mistake", "said"),
    [
        ("client.rack", Mistake.FORM, "write key = value"),
        ("client.rack =", Mistake.FORM, "write key = value"),
        ("client.rak = hall", Mistake.UNKNOWN, 'did you mean "client.rack"?'),
        ("xyzzy = 1", Mistake.UNKNOWN, "no property “xyzzy”."),
        ("sasl.password = planted", Mistake.SECRET, "would be stored readable"),
        ("sasl.oauthbearer.assertion.private.key.passphrase = planted", Mistake.SECRET, "would be stored readable"),
        ("ssl.key.pem = planted", Mistake.SECRET, "would be stored readable"),
        ("enable.idempotence = false", Mistake.UNSAFE, "put chunks into the topic twice"),
        ("delivery.report.only.error = 1\ndelivery.report.only.error = 2", Mistake.TWICE, "Line 2"),
        ("security.protocol = SSL", Mistake.ABOVE, "field of its own"),
    ],
)
def test_a_wrong_line_says_what_to_do(line: str, mistake: Mistake, said: str) -> None:
    properties, bad = parse_lines(line, {})
    assert [b.mistake for b in bad] == [mistake]
    assert said in of_lines(bad) and "planted" not in of_lines(bad)
    assert "planted" not in str(properties)


def test_good_lines_are_taken() -> None:
    text = "# hall 3\nclient.rack = hall=3\n\nsocket.keepalive.enable = true\nmax.in.flight = 3"
    properties, bad = parse_lines(text, {"socket.keepalive.enable": True})
    assert not bad
    assert properties == {
        "client.rack": "hall=3",
        "socket.keepalive.enable": True,
        "max.in.flight.requests.per.connection": "3",
    }


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kafka", ("kafka", "9092")),
        ("kafka:1", ("kafka", "1")),
        ("[::1]:9", ("::1", "9")),
        ("::1", ("::1", "9092")),
        ("ssl://kafka:9", ("kafka", "9")),
    ],
)
def test_addresses(text: str, address: tuple[str, str]) -> None:
    assert split_address(text) == address


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("", "9092", "Type the name or the address"),
        ("https://kafka", "9092", "without https://"),
        ("kaf ka", "9092", "cannot be a server"),
        ("kafka", "", "is not a port"),
        ("kafka", "99999", "is not a port"),
        ("kafka", "abc", "is not a port"),
    ],
)
def test_servers_that_cannot_be(host: str, port: str, said: str) -> None:
    assert said in of_servers([("good", "1"), (host, port)])
    assert of_servers([("good", "1"), ("::1", "9092")]) == ""


def test_the_library_knows_every_name_of_the_list() -> None:
    assert what_was_meant("bootstrap.servers") == ""
    for name in sorted(NAMES):
        try:
            confluent_kafka.Producer({name: "openmsi: no such value", "log_level": 0})
        except (KafkaException, ValueError, TypeError) as error:
            assert "No such configuration property" not in str(error), name
