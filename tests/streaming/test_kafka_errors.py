"""What librdkafka says is turned into sentences, and every code it knows has one."""

from __future__ import annotations

import re

import pytest
from confluent_kafka import KafkaError

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.streaming.kafka import errors
from openmsi_desktop.streaming.kafka.causes import Weight, closing_of, listen_to_log, mapped_codes, understand
from openmsi_desktop.streaming.kafka.texts import BY_TEXT

AT = "127.0.0.1:9093/bootstrap: "
TLS_AT = "ssl://kafka.example.org:9093/bootstrap: "


def library_codes() -> dict[str, int]:
    """Every error code the installed library has a name for."""
    return {
        name: value
        for name in dir(KafkaError)
        if name.strip("_").isupper() and isinstance(value := getattr(KafkaError, name), int)
    }


def test_every_code_of_the_library_is_mapped() -> None:
    unmapped = sorted(name for name, code in library_codes().items() if code not in mapped_codes() and code != 0)
    assert not unmapped, f"put these into the table in codes.py: {' '.join(unmapped)}"


@pytest.mark.parametrize("name", sorted(library_codes()))
def test_every_code_gives_a_sentence_and_advice(name: str) -> None:
    error = understand(library_codes()[name], "Broker: Something", topic="xrd").error
    assert error.title and not error.title.endswith(".")
    assert error.advice.endswith((".", "!", "Something")), error.advice
    assert "{" not in error.title + error.advice
    assert isinstance(error, RetryableError | NeedsYou | SettingsError)


@pytest.mark.parametrize("name", sorted(library_codes()))
def test_every_code_has_a_name_that_programs_can_tell_it_by(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", understand(library_codes()[name], "Broker: Something").error.code)


def test_causes_that_only_words_reveal_have_names_of_their_own() -> None:
    names = [cause.code for _, cause in BY_TEXT]
    assert len(set(names)) == len(names)


SITUATIONS: list[tuple[str, str, type[OpenMSIError], str]] = [
    (
        "_RESOLVE",
        (
            "no-such-host.invalid:9092/bootstrap: Failed to resolve 'no-such-host.invalid:9092': Name or service not known "
            "(after 5ms in state CONNECT)"
        ),
        errors.NoContact,
        "The name no-such-host.invalid is not known",
    ),
    (
        "_TRANSPORT",
        AT + "Connect to ipv4#127.0.0.1:9093 failed: Connection refused (after 0ms in state CONNECT)",
        errors.NoContact,
        "Nothing answers at 127.0.0.1:9093",
    ),
    (
        "_TRANSPORT",
        "[::1]:9093/1: Connect to ipv6#[::1]:9093 failed: Connection refused (after 0ms in state CONNECT)",
        errors.NoContact,
        "Nothing answers at [::1]:9093",
    ),
    (
        "_TRANSPORT",
        "GroupCoordinator: 127.0.0.1:9093: Connect to ipv4#127.0.0.1:9093 failed: Connection refused",
        errors.NoContact,
        "Nothing answers at 127.0.0.1:9093",
    ),
    (
        "_BAD_MSG",
        AT + "Receive failed: Invalid response size 1213486160 (0..100000000): increase receive.message.max.bytes",
        errors.WrongSecurity,
        "127.0.0.1:9093 is not a Kafka broker",
    ),
    (
        "_SSL",
        TLS_AT + "SSL handshake failed: error:0A00010B:SSL routines::wrong version number (after 3ms in state X)",
        errors.WrongSecurity,
        "kafka.example.org:9093 is not a Kafka broker",
    ),
    (
        "_TRANSPORT",
        TLS_AT + "SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker "
        "listener? (after 3ms in state SSL_HANDSHAKE)",
        errors.WrongSecurity,
        "kafka.example.org:9093 does not speak TLS",
    ),
    (
        "_AUTHENTICATION",
        "sasl_plaintext://"
        + AT
        + "SASL SCRAM-SHA-512 mechanism handshake failed: Broker: Request not valid in current "
        "SASL state: broker's supported mechanisms:  (after 2ms in state AUTH_HANDSHAKE)",
        errors.WrongSecurity,
        "127.0.0.1:9093 wants no sign-in",
    ),
    (
        "_SSL",
        TLS_AT
        + "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could "
        "not be verified, verify that ssl.ca.location is correctly configured (after 9ms in state SSL_HANDSHAKE)",
        errors.TlsRefused,
        "The certificate of kafka.example.org:9093 cannot be trusted",
    ),
    (
        "_TRANSPORT",
        TLS_AT + "Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number 42",
        errors.TlsRefused,
        "kafka.example.org:9093 does not accept our certificate",
    ),
    (
        "_TRANSPORT",
        TLS_AT + "Receive failed: error:0A000416:SSL routines::ssl/tls alert certificate unknown: SSL alert number 46",
        errors.TlsRefused,
        "kafka.example.org:9093 does not accept our certificate",
    ),
    (
        "_AUTHENTICATION",
        "sasl_ssl://" + AT + "SASL authentication error: Authentication failed: Invalid username or password (after "
        "301ms in state AUTH_REQ)",
        errors.SignInRefused,
        "User name or password is wrong",
    ),
    (
        "_AUTHENTICATION",
        "sasl_ssl://" + AT + "SASL authentication error: Authentication failed during authentication due to invalid "
        "credentials with SASL mechanism SCRAM-SHA-512 (after 5ms in state AUTH_REQ)",
        errors.SignInRefused,
        "User name or password is wrong",
    ),
    (
        "_AUTHENTICATION",
        "Failed to acquire SASL OAUTHBEARER token: Invalid sasl.oauthbearer.config: ...",
        errors.SignInRefused,
        "No token could be had for the sign-in",
    ),
    (
        "_INVALID_ARG",
        (
            "No provider for SASL mechanism GSSAPI: recompile librdkafka with libsasl2 or openssl support. Current build "
            "options: PLAIN SASL_SCRAM OAUTHBEARER"
        ),
        SettingsError,
        "Sign-in by GSSAPI is not possible",
    ),
    (
        "_INVALID_ARG",
        "ssl.ca.location failed: error:05880020:x509 certificate routines::BIO lib",
        SettingsError,
        "The file of ssl.ca.location cannot be used",
    ),
    (
        "_INVALID_ARG",
        "sasl.username and sasl.password must be set",
        SettingsError,
        "User name or password is missing",
    ),
    (
        "_INVALID_ARG",
        'No such configuration property: "no.such.property"',
        SettingsError,
        "no.such.property is not a property of a connection",
    ),
    (
        "CLUSTER_AUTHORIZATION_FAILED",
        "Failed to acquire idempotence PID from broker 127.0.0.1:9093/1: Broker: Cluster authorization failed",
        errors.RightDenied,
        "The account may not send safely",
    ),
    (
        "TOPIC_AUTHORIZATION_FAILED",
        "Broker: Topic authorization failed",
        errors.RightDenied,
        'The account may not write to the topic "xrd"',
    ),
    (
        "GROUP_AUTHORIZATION_FAILED",
        "FindCoordinator response error: Group authorization failed.",
        errors.RightDenied,
        "The account may not use this consumer group",
    ),
    (
        "UNKNOWN_TOPIC_OR_PART",
        "Broker: Unknown topic or partition",
        errors.TopicMissing,
        'The topic "xrd" does not exist',
    ),
    (
        "MSG_SIZE_TOO_LARGE",
        "Broker: Message size too large",
        errors.MessageTooLarge,
        'A chunk is larger than the topic "xrd" allows',
    ),
    (
        "NOT_ENOUGH_REPLICAS",
        "Broker: Not enough in-sync replicas",
        errors.BrokerBusy,
        "The broker is busy",
    ),
    (
        "INVALID_TIMESTAMP",
        "Broker: Invalid timestamp",
        errors.ClockRefused,
        "The broker finds the time of a message impossible",
    ),
    ("_TIMED_OUT", "Failed to get metadata: Local: Timed out", errors.NoContact, "No contact to the broker"),
    (
        "_MSG_TIMED_OUT",
        "Local: Message timed out",
        errors.BrokerBusy,
        "The broker did not confirm a chunk in time",
    ),
]


@pytest.mark.parametrize(("code", "text", "kind", "title"), SITUATIONS, ids=[f"{s[0]} {s[3]}" for s in SITUATIONS])
def test_situations_get_their_own_words(code: str, text: str, kind: type[OpenMSIError], title: str) -> None:
    error = understand(getattr(KafkaError, code), text, topic="xrd", doing="write to").error
    assert type(error) is kind
    assert error.title == title
    assert "in state" not in str(error)


def test_offered_mechanisms_are_told_without_noise() -> None:
    error = understand(
        KafkaError._AUTHENTICATION,
        "sasl_plaintext://127.0.0.1:9093/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL "
        "mechanism: broker's supported mechanisms: SCRAM-SHA-512 (after 346ms in state AUTH_HANDSHAKE)",
    ).error
    assert isinstance(error, errors.SignInRefused)
    assert "It offers: SCRAM-SHA-512. " in error.advice


def test_all_brokers_down_never_explains_anything() -> None:
    assert understand(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down").weight is Weight.FAINT


def test_network_faults_are_lighter_than_what_a_person_must_mend() -> None:
    refused = understand(KafkaError._TRANSPORT, SITUATIONS[1][1])
    sign_in = understand(KafkaError._AUTHENTICATION, SITUATIONS[11][1])
    assert Weight.FAINT < refused.weight < sign_in.weight


HEAD = "FAIL [rdkafka#producer-1] [thrd:127.0.0.1:9093/bootstrap]: "


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (HEAD + AT + "Connection setup timed out in state CONNECT", "127.0.0.1:9093 does not answer"),
        (
            HEAD + AT + "Connection setup timed out in state APIVERSION_QUERY",
            "127.0.0.1:9093 accepts connections but says nothing",
        ),
        (
            HEAD + AT + "Disconnected: connection closed by peer: receive 0 after POLLIN (after 1ms in state "
            "APIVERSION_QUERY)",
            "127.0.0.1:9093 closed the connection",
        ),
        (
            (
                "REQTMOUT [rdkafka#producer-1] [thrd:127.0.0.1:9093/1]: 127.0.0.1:9093/1: Timed out ProduceRequest in flight "
                "(after 30001ms, timeout #0)"
            ),
            "127.0.0.1:9093 has stopped answering",
        ),
    ],
)
def test_causes_that_only_the_log_tells_are_heard(line: str, title: str) -> None:
    finding = listen_to_log(line)
    assert finding is not None
    assert finding.error.title == title
    assert finding.server == "127.0.0.1:9093"


def test_an_idle_connection_that_is_closed_is_no_trouble() -> None:
    line = HEAD + AT + "Disconnected: connection closed by peer: receive 0 after POLLIN (after 599999ms in state UP)"
    assert listen_to_log(line) is None
    finding = closing_of(line)
    assert finding is not None and finding.worth_a_look


@pytest.mark.parametrize(
    "line",
    [
        (
            'CONFWARN [rdkafka#producer-1] [thrd:app]: Configuration property "fetch.max.bytes" is a consumer property and will '
            "be ignored by this producer instance"
        ),
        "",
    ],
)
def test_ordinary_log_lines_are_ignored(line: str) -> None:
    assert listen_to_log(line) is None
    assert closing_of(line) is None
