"""The connection test against a real broker: everything that a person can set wrong, the step at which it is told, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from interop.connecting import OAUTH, at, failure, run
from servers.certificates import Certificates
from servers.kafka import Config, Kafka, free_port

from openmsi_desktop.core.events import Stage
from openmsi_desktop.streaming.connection_test.topics import TopicUse


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong setting. config: what the person wrote; title, advice: words that must be there."""

    what: str
    config: Callable[[Kafka, Certificates], Config]
    stage: Stage
    code: str
    title: str
    advice: str
    fix: dict[str, str] = field(default_factory=dict)


def server(address: str, **more: str) -> Callable[[Kafka, Certificates], Config]:
    properties: Config = {name.replace("_", "."): value for name, value in more.items()}
    return lambda kafka, _: {"bootstrap.servers": address} | properties


def wrong_password(mechanism: str, listener: str = "SASL") -> Case:
    return Case(
        f"wrong password, {mechanism} at {listener}",
        lambda kafka, _: kafka.client(listener, "alice", password="wrong", mechanism=mechanism),
        Stage.SIGN_IN,
        "wrong-password",
        "User name or password is wrong",
        "store the password again",
    )


def unknown_user(mechanism: str) -> Case:
    return Case(
        f"unknown user, {mechanism}",
        lambda kafka, _: kafka.client("SASL", "alice", mechanism=mechanism) | {"sasl.username": "nobody"},
        Stage.SIGN_IN,
        "wrong-password",
        "User name or password is wrong",
        "Check sasl.username",
    )


WRONG: list[Case] = [
    # the name
    Case("no address", server(""), Stage.NAME, "address-missing", "names no broker", "host:port"),
    Case(
        "the address of a web page",
        server("https://kafka.example.org:9092"),
        Stage.NAME,
        "address-malformed",
        '"https://kafka.example.org:9092" is not the address of a broker',
        "not by https://",
    ),
    Case(
        "the name does not exist",
        server("no-such-host.invalid:9092"),
        Stage.NAME,
        "name-unknown",
        "The name no-such-host.invalid is not known",
        "spelling",
    ),
    Case(
        "a property that does not exist",
        at("PLAINTEXT", no_such_property="1"),
        Stage.NAME,
        "unknown-property",
        "no.such.property is not a property of a connection",
        "librdkafka's",
    ),
    Case(
        "a property that is unsafe", at("PLAINTEXT", acks="1"), Stage.NAME, "property-unsafe", "acks may not be 1", ""
    ),
    Case(
        "a value that cannot be",
        at("PLAINTEXT", security_protocol="TLS"),
        Stage.NAME,
        "settings",
        "The settings of the connection do not work",
        "security.protocol",
    ),
    # the port
    Case(
        "nobody listens",
        lambda kafka, _: {"bootstrap.servers": f"127.0.0.1:{free_port()}"},
        Stage.PORT,
        "port-refused",
        "Nothing answers at 127.0.0.1:",
        "Check the port",
    ),
    Case(
        "the port of the controller",
        at("CONTROLLER"),
        Stage.PORT,
        "controller",
        "is not for clients",
        "perhaps a controller",
    ),
    # TLS
    Case("no TLS", at("SSL"), Stage.TLS, "wants-tls", "wants TLS", "SSL", {"security.protocol": "SSL"}),
    Case(
        "a sign-in without TLS",
        lambda kafka, _: kafka.client("SASL", "alice") | {"bootstrap.servers": kafka.bootstrap("SASLSSL")},
        Stage.TLS,
        "wants-tls",
        "wants TLS",
        "SASL_SSL",
        {"security.protocol": "SASL_SSL"},
    ),
    Case(
        "TLS where there is none",
        lambda kafka, _: kafka.client("SSL") | {"bootstrap.servers": kafka.bootstrap("PLAINTEXT")},
        Stage.TLS,
        "lacks-tls",
        "does not speak TLS",
        "PLAINTEXT",
        {"security.protocol": "PLAINTEXT"},
    ),
    Case(
        "TLS where there is only a sign-in",
        lambda kafka, _: kafka.client("SASLSSL", "alice") | {"bootstrap.servers": kafka.bootstrap("SASL")},
        Stage.TLS,
        "lacks-tls",
        "does not speak TLS",
        "SASL_PLAINTEXT",
        {"security.protocol": "SASL_PLAINTEXT"},
    ),
    Case(
        "no proposal to send a password in clear",
        lambda kafka, _: (
            kafka.client("SASLSSL", "alice", mechanism="PLAIN") | {"bootstrap.servers": kafka.bootstrap("SASL")}
        ),
        Stage.TLS,
        "lacks-tls",
        "does not speak TLS",
        "the broker's TLS port",
    ),
    Case(
        "an unknown authority",
        lambda kafka, certificates: kafka.client("SSL", authority=certificates.other_authority),
        Stage.TLS,
        "authority-unknown",
        "signed by an unknown authority",
        "ssl.ca.location",
    ),
    Case(
        "no authority is named",
        at("SSL", security_protocol="SSL"),
        Stage.TLS,
        "authority-unknown",
        "signed by an unknown authority",
        "ssl.ca.location",
    ),
    Case(
        "a certificate of another name",
        lambda kafka, _: kafka.client("BADNAME"),
        Stage.TLS,
        "certificate-of-another-name",
        "belongs to another name",
        'not made out to "127.0.0.1"',
    ),
    Case(
        "a certificate that has expired",
        lambda kafka, _: kafka.client("EXPIRED"),
        Stage.TLS,
        "certificate-expired",
        "has expired",
        "renew",
    ),
    Case(
        "no client certificate",
        lambda kafka, _: kafka.client("MTLS"),
        Stage.TLS,
        "own-certificate-refused",
        "does not accept our certificate",
        "ssl.certificate.location",
    ),
    Case(
        "a client certificate of another authority",
        lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client_of_other_authority),
        Stage.TLS,
        "own-certificate-refused",
        "does not accept our certificate",
        "an authority signed it that the broker does not know",
    ),
    Case(
        "a client certificate that has expired",
        lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client_expired),
        Stage.TLS,
        "own-certificate-refused",
        "does not accept our certificate",
        "expired",
    ),
    Case(
        "the authority's file is missing",
        lambda kafka, _: kafka.client("SSL", authority=Path("/no/such/ca.pem")),
        Stage.TLS,
        "file-unusable",
        "The file of ssl.ca.location cannot be used",
        "PEM",
    ),
    Case(
        "the authority's file is none",
        lambda kafka, _: kafka.client("SSL", authority=Path(__file__)),
        Stage.TLS,
        "file-unusable",
        "The file of ssl.ca.location cannot be used",
        "PEM",
    ),
    Case(
        "the key's file is none",
        lambda kafka, certificates: (
            kafka.client("MTLS", certificate=certificates.client) | {"ssl.key.location": str(certificates.authority)}
        ),
        Stage.TLS,
        "file-unusable",
        "The file of ssl.key.location cannot be used",
        "PEM",
    ),
    # the sign-in
    wrong_password("PLAIN"),
    wrong_password("SCRAM-SHA-256"),
    wrong_password("SCRAM-SHA-512"),
    wrong_password("PLAIN", "SASLSSL"),
    wrong_password("SCRAM-SHA-512", "SASLSSL"),
    unknown_user("PLAIN"),
    unknown_user("SCRAM-SHA-256"),
    unknown_user("SCRAM-SHA-512"),
    Case(
        "a kind of sign-in that is not offered",
        lambda kafka, _: kafka.client("SCRAMONLY", "alice", mechanism="PLAIN"),
        Stage.SIGN_IN,
        "mechanism-not-offered",
        "does not offer this kind of sign-in",
        "It offers: SCRAM-SHA-512.",
        {"sasl.mechanism": "SCRAM-SHA-512"},
    ),
    Case(
        "a kind of sign-in that nobody knows",
        lambda kafka, _: kafka.client("SASL", "alice", mechanism="SCRAM-SHA-1"),
        Stage.SIGN_IN,
        "mechanism-not-offered",
        "does not offer this kind of sign-in",
        "It offers: PLAIN,",
        {"sasl.mechanism": "SCRAM-SHA-512"},
    ),
    Case(
        "Kerberos",
        lambda kafka, _: kafka.client("SASL", "alice", mechanism="GSSAPI"),
        Stage.SIGN_IN,
        "mechanism-impossible",
        "Sign-in by GSSAPI is not possible",
        "SCRAM-SHA-512",
    ),
    Case(
        "no sign-in where one is wanted",
        at("SASL"),
        Stage.SIGN_IN,
        "wants-sign-in",
        "wants a sign-in",
        "(PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)",
        {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512"},
    ),
    Case(
        "TLS without the sign-in that is wanted",
        lambda kafka, _: kafka.client("SSL") | {"bootstrap.servers": kafka.bootstrap("SASLSSL")},
        Stage.SIGN_IN,
        "wants-sign-in",
        "wants a sign-in",
        "SASL_SSL",
        {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512"},
    ),
    Case(
        "a sign-in where none is taken",
        lambda kafka, _: kafka.client("SASL", "alice") | {"bootstrap.servers": kafka.bootstrap("PLAINTEXT")},
        Stage.SIGN_IN,
        "wants-no-sign-in",
        "wants no sign-in",
        "PLAINTEXT or SSL",
        {"security.protocol": "PLAINTEXT"},
    ),
    Case(
        "a sign-in where only TLS is",
        lambda kafka, _: kafka.client("SASLSSL", "alice") | {"bootstrap.servers": kafka.bootstrap("SSL")},
        Stage.SIGN_IN,
        "wants-no-sign-in",
        "wants no sign-in",
        "PLAINTEXT or SSL",
        {"security.protocol": "SSL"},
    ),
    Case(
        "a user name, and no security.protocol",
        at("SASL", sasl_username="alice", sasl_mechanism="PLAIN"),
        Stage.SIGN_IN,
        "sign-in-not-chosen",
        "A user name is given, but no sign-in",
        "security.protocol",
    ),
    Case(
        "no user name",
        at("SASL", security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN"),
        Stage.SIGN_IN,
        "password-missing",
        "User name or password is missing",
        "sasl.username",
    ),
    Case(
        "no source of tokens",
        at("OAUTH", **OAUTH),
        Stage.SIGN_IN,
        "token-source-missing",
        "no source of tokens",
        "sasl.oauthbearer.method",
    ),
    Case(
        "a source of tokens that makes no sense",
        at("OAUTH", **OAUTH, sasl_oauthbearer_config="nonsense", enable_sasl_oauthbearer_unsecure_jwt="true"),
        Stage.SIGN_IN,
        "no-token",
        "No token could be had for the sign-in",
        "sasl.oauthbearer",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=[case.what for case in WRONG])
def test_a_wrong_setting_is_told_at_its_step_with_its_cause(
    kafka: Kafka, certificates: Certificates, tested: str, case: Case
) -> None:
    failed = failure(run(case.config(kafka, certificates), TopicUse(tested)))
    assert (failed.stage, failed.code) == (case.stage, case.code)
    assert case.title in failed.title
    assert case.advice in failed.advice
    assert failed.fix == case.fix
